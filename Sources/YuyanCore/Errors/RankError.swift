/// A matrix has columns that depend on one another, so that a system of equations has no single solution.
public struct RankError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was to be computed.
    public var operation: String
    /// The first column that is a combination of those before it, from 0.
    public var column: Int
    /// The sizes of the matrix.
    public var shape: Shape

    /// An error of an operation, for a matrix of this shape.
    public init(operation: String, column: Int, shape: Shape) {
        self.operation = operation
        self.column = column
        self.shape = shape
    }

    public var description: String {
        let cause =
            column == 0
            ? "column 0 of the matrix \(shape) is zero"
            : "column \(column) of the matrix \(shape) depends on those before it"
        return "\(operation): \(cause), so that its rank is below \(shape[1]); leave that column out"
    }
}
