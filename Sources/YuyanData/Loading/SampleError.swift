/// A sample of a data set cannot be read, and why.
public struct SampleError: Error, CustomStringConvertible {
    /// The sample's place in the data set that reads it: of a `Subset` or a concatenation, that which it is made of.
    public let index: Int
    /// What the data set's subscript threw, such as the `DataError` of a file.
    public let cause: any Error

    /// An error in reading one sample.
    public init(index: Int, cause: any Error) {
        self.index = index
        self.cause = cause
    }

    public var description: String { "sample \(index) cannot be read: \(cause)" }
}
