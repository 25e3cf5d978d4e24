/// How the distribution p(x, y) of a target differs from that of the source, of inputs x and labels y.
public enum ShiftKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// There is no difference.
    case none
    /// The inputs moved, p(x), but the labels of an input did not, p(y | x): photos become drawings.
    case covariate
    /// The shares of the labels moved, p(y), but the inputs of a label did not, p(x | y): an illness becomes frequent.
    case label
    /// The labels of an input moved, p(y | x): a word changes its meaning.
    case concept
}
