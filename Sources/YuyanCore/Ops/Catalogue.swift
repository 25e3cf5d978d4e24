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
                Add.entry, Subtract.entry, Multiply.entry, Divide.entry, Power.entry, Maximum.entry, Minimum.entry,
                ScalarArithmetic.entry, Cast.entry, MoveDevice.entry,
            ]
        ),
        (
            "Elementwise",
            [
                Negate.entry, Absolute.entry, Sign.entry, Square.entry, Reciprocal.entry, Exp.entry, Log.entry,
                SquareRoot.entry, Sine.entry, Cosine.entry, Floor.entry, ErrorFunction.entry,
            ]
        ),
        (
            "Activations",
            [
                RectifiedLinear.entry, LeakyRectifiedLinear.entry, LogisticSigmoid.entry, HyperbolicTangent.entry,
                GaussianErrorLinear.entry, GaussianErrorLinearByTanh.entry, SigmoidLinear.entry, ReLUGradient.entry,
                SigmoidGradient.entry, TanhGradient.entry, GELUGradient.entry, GELUTanhGradient.entry,
                SiLUGradient.entry, RandomDropout.entry,
            ]
        ),
        ("Comparison", Comparison.entries + [Select.entry]),
        (
            "Reduction",
            [
                Sum.entry, Mean.entry, Product.entry, Largest.entry, Smallest.entry, CumulativeSum.entry,
                Norm.entry, LogSumExp.entry,
            ] + Reduction.composedEntries
        ),
        ("MatrixProduct", [MatrixProduct.entry, LinearMap.entry]),
        (
            "Convolution",
            [Convolution2D.entry, Convolution2DInputGradient.entry, Convolution2DWeightGradient.entry]
        ),
        (
            "Pooling",
            [MaxPooling2D.entry, AveragePooling2D.entry, AveragePooling2DGradient.entry]
        ),
        ("Normalization", [BatchNormalization.entry]),
        ("Softmax", [SoftmaxOfLastAxis.entry, LogSoftmaxOfLastAxis.entry]),
        ("Losses", [CrossEntropyOfIndices.entry, MeanSquaredError.entry]),
        (
            "Shape",
            [
                Reshape.entry, Permute.entry, Broadcast.entry, SumTo.entry, Concatenate.entry, Split.entry, Slice.entry,
                Place.entry,
            ] + ShapeOperations.composedEntries
        ),
        ("Indexing", [Gather.entry, ScatterAdd.entry, AssignSlice.entry, AssignScattered.entry, Indexing.oneHotEntry]),
    ]

    package static var entries: [OperationEntry] { families.flatMap(\.entries) }
}
