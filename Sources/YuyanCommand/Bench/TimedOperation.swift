import Yuyan

/// A single operation to be timed, as Benchmarks/torch_operations.py writes it for PyTorch: float32 unless its name says
/// otherwise, without gradients, and with a new result each time.
struct TimedOperation: Sendable {
    /// Operands and what is done with them.
    struct Call {
        var operands: [Tensor]
        /// Floating-point operations, a multiply-add counted as two; nil where bytes are what counts.
        var operations: Int?
        var run: () -> Tensor
    }

    var name: String
    var makeCall: @Sendable (OperandSizes) -> Call

    static let all = elementwise + reductions + softmaxes + movements + products + random

    private static let elementwise = [
        pair("add") { $0 + $1 },
        pair("multiply") { $0 * $1 },
        pair("divide") { $0 / $1 },
        pair("maximum") { maximum($0, $1) },
        pair("less") { $0 .< $1 },
        single("add-number") { $0 + 1.5 },
        with("add-row", { .uniform([$0.columns]) }) { $0 + $1 },
        TimedOperation(name: "select") { sizes in
            let (x, y) = (Tensor.uniform(sizes.matrix), Tensor.uniform(sizes.matrix))
            let mask = x .< y
            return Call(operands: [mask, x, y]) { select(mask, x, y) }
        },
        with("select-number", { .bernoulli($0.matrix, probability: 0.5) }) { select($1, $0, 0 as Tensor) },
        single("sqrt") { $0.squareRoot() },
        single("exp", in: -3..<3) { $0.exp() },
        single("log") { $0.log() },
        single("pow") { $0.pow(1.5) },
        single("sin", in: -3..<3) { $0.sin() },
        single("tanh", in: -3..<3) { $0.tanh() },
        single("sigmoid", in: -3..<3) { $0.sigmoid() },
        single("relu", in: -3..<3) { $0.relu() },
        single("gelu", in: -3..<3) { $0.gelu() },
    ]

    private static let reductions = [
        single("sum") { $0.sum() },
        single("sum-of-columns") { $0.sum(axis: 0) },
        single("sum-of-rows") { $0.sum(axis: 1) },
        single("mean-of-rows") { $0.mean(axis: 1) },
        single("variance-of-rows") { $0.variance(axis: 1) },
        single("max") { $0.max() },
        single("max-of-rows") { $0.max(axis: 1) },
        single("argmax-of-columns") { $0.argmax(axis: 0) },
        single("argmax-of-rows") { $0.argmax(axis: 1) },
        single("cumulative-sum-of-rows") { $0.cumulativeSum(axis: 1) },
    ]

    private static let softmaxes = [
        single("softmax") { $0.softmax(axis: 1) },
        single("log-softmax") { $0.logSoftmax(axis: 1) },
        with("cross-entropy", { (Tensor.uniform([$0.rows]) * Double($0.columns)).cast(to: .int64) }) {
            crossEntropy($0, $1)
        },
    ]

    private static let movements = [
        single("transpose") { $0.transposed().reshaped([-1]) },
        TimedOperation(name: "channels-last") { sizes in
            let x = Tensor.uniform(sizes.images)
            return Call(operands: [x]) { x.permuted([0, 2, 3, 1]).reshaped([-1]) }
        },
        pair("concatenate") { concatenate([$0, $1], axis: 1) },
        TimedOperation(name: "slice") { sizes in
            let half = sizes.columns / 2
            let part = Tensor.uniform(sizes.matrix)[.all, 0..<half]
            return Call(operands: [part]) { part.reshaped([-1]) }
        },
        TimedOperation(name: "broadcast") { sizes in
            let row = Tensor.uniform([sizes.columns])
            return Call(operands: [row]) { row.broadcast(to: sizes.matrix).reshaped([-1]) }
        },
        with("gather-rows", { .permutation($0.rows) }) { $0.gathered($1, axis: 0) },
        single("cast-to-float64") { $0.cast(to: .float64) },
        single("cast-to-int64") { $0.cast(to: .int64) },
    ]

    private static let products = [
        TimedOperation(name: "matmul") { sizes in
            let size = sizes.square
            let (a, b) = (Tensor.uniform([size, size]), Tensor.uniform([size, size]))
            return Call(operands: [a, b], operations: 2 * size * size * size) { a.matmul(b) }
        },
        TimedOperation(name: "matrix-vector") { sizes in
            let (a, x) = (Tensor.uniform(sizes.matrix), Tensor.uniform([sizes.columns]))
            return Call(operands: [a, x], operations: 2 * a.elementCount) { a.matmul(x) }
        },
        TimedOperation(name: "batched-matmul") { sizes in
            let (a, b) = (Tensor.uniform(sizes.batch), Tensor.uniform(sizes.batch))
            return Call(operands: [a, b], operations: 2 * a.elementCount * sizes.batch[2]) { a.matmul(b) }
        },
    ]

    private static let random = [
        TimedOperation(name: "uniform") { sizes in Call(operands: []) { .uniform(sizes.matrix) } },
        TimedOperation(name: "normal") { sizes in Call(operands: []) { .normal(sizes.matrix) } },
        single("dropout") { $0.dropout(probability: 0.5) },
    ]

    /// Of one matrix of random numbers.
    private static func single(
        _ name: String, in range: Range<Double> = 0..<1, _ run: @escaping @Sendable (Tensor) -> Tensor
    ) -> TimedOperation {
        TimedOperation(name: name) { sizes in
            let x = Tensor.uniform(sizes.matrix, in: range)
            return Call(operands: [x]) { run(x) }
        }
    }

    /// Of two matrices of numbers in 0 ..< 1.
    private static func pair(
        _ name: String, _ run: @escaping @Sendable (Tensor, Tensor) -> Tensor
    ) -> TimedOperation {
        with(name, { .uniform($0.matrix) }, run)
    }

    /// Of one such matrix and something else.
    private static func with(
        _ name: String, _ other: @escaping @Sendable (OperandSizes) -> Tensor,
        _ run: @escaping @Sendable (Tensor, Tensor) -> Tensor
    ) -> TimedOperation {
        TimedOperation(name: name) { sizes in
            let (x, y) = (Tensor.uniform(sizes.matrix), other(sizes))
            return Call(operands: [x, y]) { run(x, y) }
        }
    }
}
