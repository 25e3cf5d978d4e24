import YuyanBackend
import YuyanCore

/// A drawn call of an operation.
struct Call {
    /// How a call's results must agree between the devices. Whole numbers and bool always agree exactly, and NaN and
    /// infinities stand in the same places.
    enum Agreement {
        /// To the bit, but for the sign of zeros: what moves, compares and rounds once.
        case exact
        /// As far as `Tolerance` has it for a value.
        case close
        /// The same, relative to the magnitudes of the terms that each element sums up: the call computes them.
        case terms(([Tensor]) -> [Tensor])
    }

    /// As a user would write it.
    let text: String
    let agreement: Agreement
    let isDifferentiable: Bool
    let apply: ([Tensor]) -> [Tensor]

    /// A call with several results, of which the first may have gradients.
    init(
        several text: String, _ agreement: Agreement, isDifferentiable: Bool = true,
        _ apply: @escaping ([Tensor]) -> [Tensor]
    ) {
        self.text = text
        self.agreement = agreement
        self.isDifferentiable = isDifferentiable
        self.apply = apply
    }

    /// A call with one result.
    init(
        _ text: String, _ agreement: Agreement, isDifferentiable: Bool = true, _ apply: @escaping ([Tensor]) -> Tensor
    ) {
        self.init(several: text, agreement, isDifferentiable: isDifferentiable) { [apply($0)] }
    }

    /// A sum of products of the operands: its terms are those of their absolute values.
    static func sumOfProducts(_ text: String, _ apply: @escaping ([Tensor]) -> Tensor) -> Call {
        Call(text, .terms { [apply($0.map { $0.dtype == .bool ? $0 : $0.abs() })] }, apply)
    }
}

/// A row of the table: an operation and how its calls are drawn.
struct RandomOperation: Sendable {
    let name: String
    /// The names of the entries of the catalogue that it calls.
    let entries: [String]
    /// How many times as often as others it is drawn.
    let weight: Int
    /// Draws operands and options; nil if what it began with does not go.
    let draw: @Sendable (inout Draw) -> Call?

    init(
        _ name: String, entries: [String]? = nil, weight: Int = 1, _ draw: @escaping @Sendable (inout Draw) -> Call?
    ) {
        self.name = name
        self.entries = entries ?? [name]
        self.weight = weight
        self.draw = draw
    }

    /// The table.
    static let all: [RandomOperation] =
        unary + binary + reductions + shapes + subscripts + indexing + products + images + imageForms + probabilities + systems
        + creation + updates

    /// Entries of the catalogue with a public spelling that no call is drawn of, with the reason.
    static let left: [String: String] = [
        "to": "moves elements between devices, as every comparison of a drawn call does"
    ]
}

extension DType {
    /// Those that arithmetic takes; bool counts as int64.
    static let computable: [DType] = [.float32, .float64, .int32, .int64, .uint8, .bool]
    static let numbers: [DType] = [.float32, .float64, .int32, .int64, .uint8]
    static let reals: [DType] = [.float32, .float64]
}
