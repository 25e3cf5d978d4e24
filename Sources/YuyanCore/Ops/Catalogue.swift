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
    package let gradient: Gradient
    package let samples: [Sample]

    package init(_ name: String, _ formula: String, gradient: Gradient = .differentiable, _ samples: [Sample]) {
        self.name = name
        self.formula = formula
        self.gradient = gradient
        self.samples = samples
    }
}

/// One way to call an operation: operands to draw, the call, and the same in Python on `a`, `b`, `c`.
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

/// All operations. A rule that is missing here fails the tests.
package enum Catalogue {
    package static let families: [(name: String, entries: [OperationEntry])] = [
        (
            "Arithmetic",
            [
                Op.Add.entry, Op.Subtract.entry, Op.Multiply.entry, Op.Divide.entry, Op.Power.entry, Op.Maximum.entry,
                Op.Minimum.entry,
                Op.ScalarArithmetic.entry, Op.Cast.entry, Op.Move.entry,
            ]
        ),
        (
            "Elementwise",
            [
                Op.Negate.entry, Op.Absolute.entry, Op.Sign.entry, Op.Square.entry, Op.Reciprocal.entry, Op.Exp.entry,
                Op.Log.entry,
                Op.SquareRoot.entry, Op.Sine.entry, Op.Cosine.entry, Op.Floor.entry,
            ]
        ),
        (
            "Activations",
            [
                Op.ReLU.entry, Op.Sigmoid.entry, Op.Tanh.entry, Op.ReLUGradient.entry,
                Op.SigmoidGradient.entry,
                Op.TanhGradient.entry, Op.Dropout.entry,
            ]
        ),
        ("Comparison", Comparison.entries + [Op.Select.entry]),
        (
            "Reduction",
            [
                Op.Sum.entry, Op.Mean.entry, Op.Product.entry, Op.Largest.entry, Op.Smallest.entry,
                Op.CumulativeSum.entry,
                Op.Norm.entry, Op.LogSumExp.entry,
            ] + Reduction.composedEntries
        ),
        ("MatrixProduct", [Op.MatrixProduct.entry, Op.Linear.entry]),
        (
            "Convolution",
            [Op.Conv2D.entry, Op.Conv2DInputGradient.entry, Op.Conv2DWeightGradient.entry]
        ),
        (
            "Pooling",
            [Op.MaxPool2D.entry, Op.AvgPool2D.entry, Op.AvgPool2DGradient.entry]
        ),
        ("Normalization", [Op.BatchNorm.entry]),
        ("Softmax", [Op.Softmax.entry, Op.LogSoftmax.entry]),
        ("Losses", [Op.CrossEntropy.entry, Op.MeanSquaredError.entry]),
        (
            "Shape",
            [
                Op.Reshape.entry, Op.Permute.entry, Op.Broadcast.entry, Op.SumTo.entry, Op.Concatenate.entry,
                Op.Split.entry, Op.Slice.entry,
                Op.Place.entry,
            ] + ShapeOperations.composedEntries
        ),
        (
            "Indexing",
            [
                Op.Gather.entry, Op.ScatterAdd.entry, Op.AssignSlice.entry, Op.AssignScattered.entry,
                Indexing.oneHotEntry,
            ]
        ),
    ]

    package static var entries: [OperationEntry] { families.flatMap(\.entries) }
}
