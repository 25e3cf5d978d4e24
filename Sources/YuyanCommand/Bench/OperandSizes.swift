import Yuyan

/// The shapes of operands that hold about so many elements: those of Benchmarks/torch_operations.py.
struct OperandSizes: Sendable {
    var elements: Int
    /// What is seen as rows and columns: long rows, as a layer's outputs are.
    var matrix: Shape
    /// `[N, C, H, W]`.
    var images: Shape
    /// A square matrix with half of the elements: two of them are multiplied.
    var square: Int
    /// A batch of square matrices with half of the elements.
    var batch: Shape

    static let all = [
        OperandSizes(elements: 100, matrix: [10, 10], images: [1, 4, 5, 5], square: 7, batch: [1, 7, 7]),
        OperandSizes(
            elements: 100_000, matrix: [100, 1000], images: [10, 16, 25, 25], square: 224, batch: [200, 16, 16]),
        OperandSizes(
            elements: 10_000_000, matrix: [10000, 1000], images: [10, 64, 125, 125], square: 2240,
            batch: [1250, 64, 64]),
    ]

    var rows: Int { matrix[0] }
    var columns: Int { matrix[1] }
}
