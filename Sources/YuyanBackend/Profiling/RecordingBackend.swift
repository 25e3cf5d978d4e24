/// Hands every primitive on to another backend and reports it to the thread's `Recorder`.
///
/// Elementwise work counts one operation for each element of the result, reductions one for each of the operand.
package struct RecordingBackend: Backend {
    private let base: any Backend
    private let recorder: UncheckedRecorder

    init(_ base: any Backend, _ recorder: Recorder) {
        self.base = base
        self.recorder = UncheckedRecorder(recorder)
    }

    package var device: Device { base.device }

    /// A primitive with one result.
    private func record(
        _ name: String, _ operands: [DeviceBuffer?], operations: ((DeviceBuffer) -> Int)? = nil,
        _ body: () -> DeviceBuffer
    ) -> DeviceBuffer {
        recorder.value.time(name, operands, body) { ([$0], operations?($0) ?? $0.elementCount) }
    }

    /// A primitive that changes one of its operands.
    private func recordInPlace(_ name: String, _ operands: [DeviceBuffer?], operations: Int, _ body: () -> Void) {
        recorder.value.time(name, operands, body) { _ in ([], operations) }
    }

    // MARK: Storage

    package func upload(_ bytes: UnsafeRawBufferPointer, _ shape: Shape, _ dtype: DType) -> DeviceBuffer {
        record("upload", [], operations: { _ in 0 }) { base.upload(bytes, shape, dtype) }
    }

    package func download(_ x: DeviceBuffer, into bytes: UnsafeMutableRawBufferPointer) {
        recordInPlace("download", [x], operations: 0) { base.download(x, into: bytes) }
    }

    package func fill(_ x: DeviceBuffer, with value: Double) {
        recordInPlace("fill", [x], operations: 0) { base.fill(x, with: value) }
    }

    package func copy(_ source: DeviceBuffer, into destination: DeviceBuffer) {
        recordInPlace("copy", [source, destination], operations: 0) { base.copy(source, into: destination) }
    }

    // MARK: Elementwise

    package func unary(_ operation: UnaryOperation, _ x: DeviceBuffer) -> DeviceBuffer {
        record("\(operation)", [x]) { base.unary(operation, x) }
    }

    package func binary(_ operation: BinaryOperation, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
        record("\(operation)", [a, b]) { base.binary(operation, a, b) }
    }

    package func binary(_ operation: BinaryOperation, _ x: DeviceBuffer, scalar: Double, scalarIsLeft: Bool)
        -> DeviceBuffer
    {
        record("\(operation)", [x]) { base.binary(operation, x, scalar: scalar, scalarIsLeft: scalarIsLeft) }
    }

    package func compare(_ operation: ComparisonOperation, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
        record("\(operation)", [a, b]) { base.compare(operation, a, b) }
    }

    package func compare(_ operation: ComparisonOperation, _ x: DeviceBuffer, scalar: Double) -> DeviceBuffer {
        record("\(operation)", [x]) { base.compare(operation, x, scalar: scalar) }
    }

    package func select(_ condition: DeviceBuffer, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
        record("select", [condition, a, b]) { base.select(condition, a, b) }
    }

    package func accumulate(_ source: DeviceBuffer, into destination: DeviceBuffer) {
        recordInPlace("accumulate", [source, destination], operations: source.elementCount) {
            base.accumulate(source, into: destination)
        }
    }

    // MARK: Reductions

    package func reduce(_ operation: ReductionOperation, _ x: DeviceBuffer, axes: AxisSet) -> DeviceBuffer {
        record("\(operation)", [x], operations: { _ in x.elementCount }) { base.reduce(operation, x, axes: axes) }
    }

    package func argReduce(_ operation: ArgReductionOperation, _ x: DeviceBuffer, axis: Int) -> DeviceBuffer {
        record("\(operation)", [x], operations: { _ in x.elementCount }) { base.argReduce(operation, x, axis: axis) }
    }

    package func cumulativeSum(_ x: DeviceBuffer, axis: Int, isReversed: Bool) -> DeviceBuffer {
        record("cumulative sum", [x]) { base.cumulativeSum(x, axis: axis, isReversed: isReversed) }
    }

    // MARK: Products

    package func matmul(
        _ a: DeviceBuffer, _ b: DeviceBuffer, transposeA: Bool, transposeB: Bool, bias: DeviceBuffer?,
        activation: Activation?
    ) -> DeviceBuffer {
        let inner = a.shape[a.rank - (transposeA ? 2 : 1)]
        return record(
            "matmul" + suffix(activation), [a, b, bias], operations: { 2 * $0.elementCount * inner }
        ) {
            base.matmul(a, b, transposeA: transposeA, transposeB: transposeB, bias: bias, activation: activation)
        }
    }

    // MARK: Linear algebra

    package func prepareForQR() throws(MissingLibraryError) { try base.prepareForQR() }

    package func qr(_ a: DeviceBuffer) -> (q: DeviceBuffer, r: DeviceBuffer) {
        recorder.value.time("qr", [a]) {
            base.qr(a)
        } outcome: {
            // Golub and Van Loan, Matrix computations, 5.2: 2k²(m − k/3) for each factor, m being the larger side for R.
            let (rows, columns) = (a.shape[a.rank - 2], a.shape[a.rank - 1])
            let rank = Swift.min(rows, columns)
            let each = 2 * rank * rank * (rows + Swift.max(rows, columns) - 2 * rank / 3)
            return ([$0.q, $0.r], a.shape.dropLast(2).reduce(each, *))
        }
    }

    package func triangularSolve(_ a: DeviceBuffer, _ b: DeviceBuffer, isUpper: Bool, isTransposed: Bool)
        -> DeviceBuffer
    {
        record("triangular solve", [a, b], operations: { $0.elementCount * a.shape[a.rank - 1] }) {
            base.triangularSolve(a, b, isUpper: isUpper, isTransposed: isTransposed)
        }
    }

    // MARK: Convolution and pooling

    package func convolution(
        _ input: DeviceBuffer, _ weight: DeviceBuffer, bias: DeviceBuffer?, outputShape: Shape,
        _ geometry: ConvolutionGeometry,
        activation: Activation?
    ) -> DeviceBuffer {
        record(
            "convolution" + suffix(activation), [input, weight, bias],
            operations: { products($0.shape, weight.shape) }
        ) {
            base.convolution(
                input, weight, bias: bias, outputShape: outputShape, geometry, activation: activation)
        }
    }

    /// What the name of a fused kernel ends with.
    private func suffix(_ activation: Activation?) -> String { activation.map { " + \($0)" } ?? "" }

    package func convolutionInputGradient(
        _ gradient: DeviceBuffer, _ weight: DeviceBuffer, inputShape: Shape, _ geometry: ConvolutionGeometry
    ) -> DeviceBuffer {
        let operations = products(gradient.shape, weight.shape)
        return record("input gradient", [gradient, weight], operations: { _ in operations }) {
            base.convolutionInputGradient(gradient, weight, inputShape: inputShape, geometry)
        }
    }

    package func convolutionWeightGradient(
        _ gradient: DeviceBuffer, _ input: DeviceBuffer, weightShape: Shape, _ geometry: ConvolutionGeometry,
        includesBias: Bool
    ) -> (weight: DeviceBuffer, bias: DeviceBuffer?) {
        recorder.value.time("weight gradient", [gradient, input]) {
            base.convolutionWeightGradient(
                gradient, input, weightShape: weightShape, geometry, includesBias: includesBias)
        } outcome: {
            ([$0.weight, $0.bias], products(gradient.shape, weightShape))
        }
    }

    /// What a convolution costs: each output element takes one multiply-add for each weight of its channel.
    private func products(_ output: Shape, _ weight: Shape) -> Int {
        2 * output.elementCount * weight.elementCount / Swift.max(weight[0], 1)
    }

    package func maxPool(
        _ input: DeviceBuffer, outputShape: Shape, _ window: PoolingGeometry
    ) -> (output: DeviceBuffer, workspace: DeviceBuffer) {
        recorder.value.time("max pool", [input]) {
            base.maxPool(input, outputShape: outputShape, window)
        } outcome: {
            ([$0.output, $0.workspace], $0.output.elementCount * area(window))
        }
    }

    package func maxPoolGradient(
        _ gradient: DeviceBuffer, workspace: DeviceBuffer, inputShape: Shape, _ window: PoolingGeometry
    ) -> DeviceBuffer {
        record("max pool gradient", [gradient, workspace], operations: { _ in gradient.elementCount }) {
            base.maxPoolGradient(gradient, workspace: workspace, inputShape: inputShape, window)
        }
    }

    package func averagePool(_ input: DeviceBuffer, outputShape: Shape, _ window: PoolingGeometry) -> DeviceBuffer {
        record("average pool", [input], operations: { $0.elementCount * area(window) }) {
            base.averagePool(input, outputShape: outputShape, window)
        }
    }

    package func averagePoolGradient(_ gradient: DeviceBuffer, inputShape: Shape, _ window: PoolingGeometry)
        -> DeviceBuffer
    {
        record("average pool gradient", [gradient], operations: { _ in gradient.elementCount * area(window) }) {
            base.averagePoolGradient(gradient, inputShape: inputShape, window)
        }
    }

    private func area(_ window: PoolingGeometry) -> Int { Int(window.size.x) * Int(window.size.y) }

    // MARK: Normalisation

    package func batchNorm(
        _ x: DeviceBuffer, scale: DeviceBuffer?, offset: DeviceBuffer?, given: ChannelStatistics?, epsilon: Double
    ) -> NormalizedBatch {
        recorder.value.time("batch norm", [x, scale, offset, given?.mean, given?.variance]) {
            base.batchNorm(x, scale: scale, offset: offset, given: given, epsilon: epsilon)
        } outcome: {
            // A sum, a sum of squared differences, and a difference, a product and a sum.
            ([$0.output, $0.mean, $0.variance, $0.saved], (given == nil ? 7 : 3) * x.elementCount)
        }
    }

    package func batchNormGradient(
        _ gradient: DeviceBuffer, _ x: DeviceBuffer, scale: DeviceBuffer?, saved: DeviceBuffer, isOfBatch: Bool,
        wanted: BatchNormOperands
    ) -> BatchNormGradients {
        recorder.value.time("batch norm gradient", [gradient, x, scale, saved]) {
            base.batchNormGradient(
                gradient, x, scale: scale, saved: saved, isOfBatch: isOfBatch, wanted: wanted)
        } outcome: {
            // Two sums, one of them of products with differences, and a combination of both with gradient and input.
            ([$0.input, $0.scale, $0.offset], (isOfBatch ? 9 : 5) * gradient.elementCount)
        }
    }

    // MARK: Recurrence

    package func lstm(_ drive: DeviceBuffer, weight: DeviceBuffer, hidden: DeviceBuffer?, cell: DeviceBuffer?)
        -> LSTMSteps
    {
        recorder.value.time("lstm", [drive, weight, hidden, cell]) {
            base.lstm(drive, weight: weight, hidden: hidden, cell: cell)
        } outcome: {
            // A product for each gate, the gates, and 5 operations for c and h.
            let size = weight.shape[1]
            return ([$0.hidden, $0.cells, $0.gates], drive.elementCount * (2 * size + 2) + 5 * $0.cells.elementCount)
        }
    }

    package func lstmGradient(
        _ gradients: LSTMOutputGradients, gates: DeviceBuffer, cells: DeviceBuffer, weight: DeviceBuffer,
        firstCell: DeviceBuffer?
    ) -> LSTMGradients {
        let operands = [
            gradients.hidden, gradients.lastHidden, gradients.lastCell, gates, cells, weight, firstCell,
        ]
        return recorder.value.time("lstm gradient", operands) {
            base.lstmGradient(gradients, gates: gates, cells: cells, weight: weight, firstCell: firstCell)
        } outcome: {
            // A product for each gate, and 24 operations for the gradients of gates and c.
            let operations = gates.elementCount * 2 * weight.shape[1] + 24 * cells.elementCount
            return ([$0.sums, $0.hidden, $0.cell], operations)
        }
    }

    // MARK: Softmax family

    package func softmax(_ x: DeviceBuffer) -> DeviceBuffer { record("softmax", [x]) { base.softmax(x) } }

    package func softmaxGradient(_ gradient: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer {
        record("softmax gradient", [gradient, output]) { base.softmaxGradient(gradient, output: output) }
    }

    package func logSoftmax(_ x: DeviceBuffer) -> DeviceBuffer { record("log softmax", [x]) { base.logSoftmax(x) } }

    package func logSoftmaxGradient(_ gradient: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer {
        record("log softmax gradient", [gradient, output]) { base.logSoftmaxGradient(gradient, output: output) }
    }

    package func crossEntropy(
        _ logits: DeviceBuffer, _ targets: DeviceBuffer, _ reduction: LossReduction
    ) -> (loss: DeviceBuffer, probabilities: DeviceBuffer) {
        recorder.value.time("cross-entropy", [logits, targets]) {
            base.crossEntropy(logits, targets, reduction)
        } outcome: {
            ([$0.loss, $0.probabilities], logits.elementCount)
        }
    }

    package func crossEntropyGradient(
        _ gradient: DeviceBuffer, probabilities: DeviceBuffer, _ targets: DeviceBuffer, _ reduction: LossReduction
    ) -> DeviceBuffer {
        record("cross-entropy gradient", [gradient, probabilities, targets]) {
            base.crossEntropyGradient(gradient, probabilities: probabilities, targets, reduction)
        }
    }

    // MARK: Losses

    package func squaredError(_ a: DeviceBuffer, _ b: DeviceBuffer, _ reduction: LossReduction) -> DeviceBuffer {
        record("squared error", [a, b], operations: { _ in 3 * a.elementCount }) { base.squaredError(a, b, reduction) }
    }

    package func squaredErrorGradient(
        _ gradient: DeviceBuffer, _ a: DeviceBuffer, _ b: DeviceBuffer, _ reduction: LossReduction
    ) -> DeviceBuffer {
        record("squared error gradient", [gradient, a, b], operations: { 2 * $0.elementCount }) {
            base.squaredErrorGradient(gradient, a, b, reduction)
        }
    }

    // MARK: Indexing

    package func gather(_ x: DeviceBuffer, axis: Int, indices: DeviceBuffer) -> DeviceBuffer {
        // Only the slices that are asked for are read.
        record("gather", [indices], operations: { _ in 0 }) { base.gather(x, axis: axis, indices: indices) }
    }

    package func scatterAdd(_ values: DeviceBuffer, axis: Int, indices: DeviceBuffer, size: Int) -> DeviceBuffer {
        record("scatter-add", [values, indices], operations: { _ in values.elementCount }) {
            base.scatterAdd(values, axis: axis, indices: indices, size: size)
        }
    }

    package func scatter(_ values: DeviceBuffer, into destination: DeviceBuffer, axis: Int, indices: DeviceBuffer) {
        recordInPlace("scatter", [values, indices], operations: 0) {
            base.scatter(values, into: destination, axis: axis, indices: indices)
        }
    }

    package func nonzero(_ mask: DeviceBuffer) -> DeviceBuffer {
        record("nonzero", [mask], operations: { _ in mask.elementCount }) { base.nonzero(mask) }
    }

    // MARK: Random numbers

    package func randomUniform(
        _ shape: Shape, _ dtype: DType, low: Double, high: Double, _ key: RandomKey
    ) -> DeviceBuffer {
        record("uniform", []) { base.randomUniform(shape, dtype, low: low, high: high, key) }
    }

    package func randomNormal(
        _ shape: Shape, _ dtype: DType, mean: Double, deviation: Double, _ key: RandomKey
    ) -> DeviceBuffer {
        record("normal", []) { base.randomNormal(shape, dtype, mean: mean, deviation: deviation, key) }
    }

    package func randomPermutation(_ count: Int, _ key: RandomKey) -> DeviceBuffer {
        record("permutation", [], operations: { _ in 0 }) { base.randomPermutation(count, key) }
    }

    package func dropout(_ x: DeviceBuffer, probability: Double, _ key: RandomKey) -> DeviceBuffer {
        record("dropout", [x]) { base.dropout(x, probability: probability, key) }
    }

    // MARK: Optimizers

    package func update(_ kind: UpdateKind, _ table: [ParameterUpdate], _ options: UpdateOptions) {
        let operations = table.reduce(0) {
            $0 + kind.operationCount(hasState: $1.first != nil) * $1.parameter.elementCount
        }
        let buffers: [DeviceBuffer?] = table.flatMap {
            [$0.parameter, $0.gradient, $0.first, $0.second] as [DeviceBuffer?]
        }
        recordInPlace(kind.name, buffers, operations: operations) { base.update(kind, table, options) }
    }
}

/// A recorder is used by the thread that listens and by no other, as are the backends made for it.
private struct UncheckedRecorder: @unchecked Sendable {
    let value: Recorder
    init(_ value: Recorder) { self.value = value }
}
