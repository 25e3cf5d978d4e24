/// Why samples cannot be compared or corrected for.
public enum ShiftError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A sample is empty, or smaller than what is estimated from it needs.
    case tooFewSamples(count: Int, needed: Int)
    /// A number is NaN or infinite; both places count from 0.
    case notFinite(row: Int, feature: Int)
    /// The classifier does not tell all classes apart: the columns of its confusion matrix depend on each other, so that
    /// many shares of classes give the same predictions.
    case singularConfusion
    /// There is no sample of the source in this class, so that no weight can stand for it.
    case unseenClass(Int)

    /// One line for people.
    public var description: String {
        switch self {
        case .tooFewSamples(let count, let needed): "a sample of \(count) is too small: at least \(needed) are needed"
        case .notFinite(let row, let feature): "row \(row), feature \(feature): not a finite number"
        case .singularConfusion: "the classifier does not tell all classes apart: its confusion matrix is singular"
        case .unseenClass(let index): "class \(index) does not occur in the source"
        }
    }
}
