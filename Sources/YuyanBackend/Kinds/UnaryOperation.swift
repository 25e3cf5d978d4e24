import YuyanKernels

/// A function of one number: a kind, and the two numbers that some kinds have.
package struct UnaryOperation: Sendable, Hashable {
    package let kind: UnaryKind
    /// Of `leakyReLU`: x where x > 0, else slope · x. 0 or more.
    package let slope: Double
    /// β of `softplus`, log(1 + e^βx) / β. Above 0.
    package let beta: Double

    @inline(__always)
    package init(_ kind: UnaryKind, slope: Double = 0, beta: Double = 1) {
        self.kind = kind
        self.slope = slope
        self.beta = beta
    }
}

extension UnaryOperation {
    /// What a fused gradient is computed from, besides the gradient of the result.
    package enum Reads: Sendable { case input, output }

    /// What `Backend.unaryGradient` reads, by the list of kinds; nil if the gradient is composed.
    package var gradientReads: Reads? {
        switch yuyan_unary_gradient_reads(kind) {
        case .nothing: nil
        case .input: .input
        case .output: .output
        }
    }
}

// Those that a product or a convolution can compute in its pass.
extension UnaryOperation {
    package static var relu: UnaryOperation { UnaryOperation(.relu) }
    package static var sigmoid: UnaryOperation { UnaryOperation(.sigmoid) }
    package static var tanh: UnaryOperation { UnaryOperation(.tanh) }
    package static var gelu: UnaryOperation { UnaryOperation(.gelu) }
    package static var geluTanh: UnaryOperation { UnaryOperation(.geluTanh) }
    package static var silu: UnaryOperation { UnaryOperation(.silu) }
    package static func leakyReLU(slope: Double) -> UnaryOperation { UnaryOperation(.leakyReLU, slope: slope) }
    package static func softplus(beta: Double) -> UnaryOperation { UnaryOperation(.softplus, beta: beta) }
}

extension UnaryOperation: CustomStringConvertible {
    package var description: String { kind.name }
}
