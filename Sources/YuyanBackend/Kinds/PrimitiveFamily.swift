/// Primitives that are computed with the same element types.
package enum PrimitiveFamily: Int, Sendable, CaseIterable {
    case unary, unaryGradient, binary, compare, select, accumulate
    case reduce, argReduce, scan
    case product, qr, triangularSolve, convolution
    case pool, normalize, recurrent, softmax, loss
    /// Reading and writing by indices.
    case indexing
    /// Sums by indices.
    case scatterAdd
    case random, dropout, update
}
