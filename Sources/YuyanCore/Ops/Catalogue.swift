import YuyanBackend

/// What the catalogue knows of an operation: it drives the tests, the gradient checks, the comparison with PyTorch's
/// stored results and the reference table.
package struct OperationEntry: Sendable {
    package enum Gradient: Sendable, Hashable {
        case differentiable
        /// Why there is none.
        case none(String)
    }

    package let name: String
    /// What it computes, as a formula or one sentence.
    package let formula: String
    /// How a user writes it: the public declarations, without the places of calls; none for what only gradients use.
    package let swift: [String]
    package let gradient: Gradient
    package let samples: [Sample]

    package init(
        _ name: String, _ formula: String, swift: [String] = [], gradient: Gradient = .differentiable,
        _ samples: [Sample]
    ) {
        self.name = name
        self.formula = formula
        self.swift = swift
        self.gradient = gradient
        self.samples = samples
    }
}

/// One way to call an operation: operands to draw, the call, and the same in Python on `a`, `b`, `c` and so on.
package struct Sample: Sendable {
    /// An operand: its shape and the numbers to draw it from.
    package struct Operand: Sendable, Codable {
        package enum Kind: String, Sendable, Codable { case real, integer, boolean }
        package let kind: Kind
        package let shape: [Int]
        package let low: Double
        package let high: Double

        /// Real numbers, evenly from a range.
        package static func real(_ shape: [Int], _ range: ClosedRange<Double> = -2...2) -> Operand {
            Operand(kind: .real, shape: shape, low: range.lowerBound, high: range.upperBound)
        }
        /// int64 from a half-open range.
        package static func integer(_ shape: [Int], _ range: Range<Int>) -> Operand {
            Operand(kind: .integer, shape: shape, low: Double(range.lowerBound), high: Double(range.upperBound))
        }
        package static func boolean(_ shape: [Int]) -> Operand {
            Operand(kind: .boolean, shape: shape, low: 0, high: 2)
        }
    }

    /// What the operands are called in Python and in the stored results.
    package static let letters = ["a", "b", "c", "d", "e", "f", "g"]

    package let operands: [Operand]
    package let torch: String
    /// False where central differences mean nothing: at infinities and on plateaus.
    package let checksGradient: Bool
    package let call: @Sendable ([Tensor]) -> Tensor

    /// - Parameter torch: Python; empty only for random results, which PyTorch cannot repeat.
    package init(
        _ operands: [Operand], torch: String, checksGradient: Bool = true,
        _ call: @escaping @Sendable ([Tensor]) -> Tensor
    ) {
        self.operands = operands
        self.torch = torch
        self.checksGradient = checksGradient
        self.call = call
    }
}

/// Operations that belong together; the file of each family declares it.
package struct OperationFamily: Sendable {
    package let name: String
    package let entries: [OperationEntry]

    package init(_ name: String, _ entries: [OperationEntry]) {
        self.name = name
        self.entries = entries
    }
}

/// All operations. A public one that is missing here fails the tests.
package enum Catalogue {
    package static let families: [OperationFamily] = [
        .arithmetic, .elementwise, .activations, .rectifiers, .comparison, .reduction, .norm, .matrixProduct, .linearAlgebra,
        .convolution, .pooling, .resampling,
        .normalization, .recurrence, .softmax, .losses, .shape, .indexing,
    ]

    package static var entries: [OperationEntry] { families.flatMap(\.entries) }
}
