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

    // MARK: Movement. Views take no time worth a line.

    package func reshaped(_ x: DeviceBuffer, _ shape: Shape, layout: Layout) -> DeviceBuffer {
        recordMovement("reshape", [x]) { base.reshaped(x, shape, layout: layout) }
    }

    package func permuted(_ x: DeviceBuffer, _ axes: [Int]) -> DeviceBuffer {
        recordMovement("permute", [x]) { base.permuted(x, axes) }
    }

    package func broadcast(_ x: DeviceBuffer, to shape: Shape) -> DeviceBuffer {
        recordMovement("broadcast", [x]) { base.broadcast(x, to: shape) }
    }

    package func sliced(_ x: DeviceBuffer, _ region: Region) -> DeviceBuffer {
        recordMovement("slice", [x]) { base.sliced(x, region) }
    }

    package func split(_ x: DeviceBuffer, axis: Int, sizes: [Int]) -> [DeviceBuffer] {
        recorder.value.time("split", [x]) {
            base.split(x, axis: axis, sizes: sizes)
        } outcome: {
            ($0, 0)
        } isWorthIt: {
            $0.contains { $0.owner == nil }
        }
    }

    package func concatenated(_ operands: [DeviceBuffer], axis: Int, _ shape: Shape) -> DeviceBuffer {
        record("concatenate", operands, operations: { _ in 0 }) { base.concatenated(operands, axis: axis, shape) }
    }

    package func replace(_ region: Region, of x: DeviceBuffer, with values: DeviceBuffer) {
        recordInPlace("replace", [values], operations: 0) { base.replace(region, of: x, with: values) }
    }

    package func placed(_ x: DeviceBuffer, in region: Region, of shape: Shape) -> DeviceBuffer {
        record("place", [x], operations: { _ in 0 }) { base.placed(x, in: region, of: shape) }
    }

    package func duplicated(_ x: DeviceBuffer) -> DeviceBuffer {
        record("copy", [x], operations: { _ in 0 }) { base.duplicated(x) }
    }

    private func recordMovement(_ name: String, _ operands: [DeviceBuffer], _ body: () -> DeviceBuffer) -> DeviceBuffer
    {
        recorder.value.time(name, operands, body) {
            ([$0], 0)
        } isWorthIt: { result in
            result.owner == nil && !operands.contains { $0 === result }
        }
    }

    // MARK: Elementwise

    package func unary(_ operation: UnaryOperation, _ x: DeviceBuffer) -> DeviceBuffer {
        record(operation.kind.name, [x]) { base.unary(operation, x) }
    }

    package func unaryGradient(
        _ operation: UnaryOperation, _ gradient: DeviceBuffer, x: DeviceBuffer?, y: DeviceBuffer?
    )
        -> DeviceBuffer
    {
        record("\(operation.kind.name) gradient", [gradient, x ?? y]) {
            base.unaryGradient(operation, gradient, x: x, y: y)
        }
    }

    package func binary(_ operation: BinaryOperation, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
        record(operation.name, [a, b]) { base.binary(operation, a, b) }
    }

    package func binary(_ operation: BinaryOperation, _ x: DeviceBuffer, scalar: Double, scalarIsLeft: Bool)
        -> DeviceBuffer
    {
        record(operation.name, [x]) { base.binary(operation, x, scalar: scalar, scalarIsLeft: scalarIsLeft) }
    }

    package func compare(_ operation: ComparisonOperation, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
        record(operation.name, [a, b]) { base.compare(operation, a, b) }
    }

    package func compare(_ operation: ComparisonOperation, _ x: DeviceBuffer, scalar: Double) -> DeviceBuffer {
        record(operation.name, [x]) { base.compare(operation, x, scalar: scalar) }
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
        record(operation.name, [x], operations: { _ in x.elementCount }) { base.reduce(operation, x, axes: axes) }
    }

    package func argReduce(_ operation: ArgReductionOperation, _ x: DeviceBuffer, axis: Int) -> DeviceBuffer {
        record(operation.name, [x], operations: { _ in x.elementCount }) { base.argReduce(operation, x, axis: axis) }
    }

    package func scan(_ kind: ScanKind, _ x: DeviceBuffer, axis: Int, isReversed: Bool) -> DeviceBuffer {
        record("cumulative sum", [x]) { base.scan(kind, x, axis: axis, isReversed: isReversed) }
    }

    // MARK: Products

    package func matmul(
        _ a: DeviceBuffer, _ b: DeviceBuffer, transposeA: Bool, transposeB: Bool, bias: DeviceBuffer?,
        activation: UnaryOperation?
    ) -> DeviceBuffer {
        let inner = a.shape[a.rank - (transposeA ? 2 : 1)]
        let product = transposeA ? " aᵀ·b" : transposeB ? " a·bᵀ" : ""
        return record(
            "matmul" + product + suffix(activation), [a, b, bias], operations: { 2 * $0.elementCount * inner }
        ) {
            base.matmul(a, b, transposeA: transposeA, transposeB: transposeB, bias: bias, activation: activation)
        }
    }

    // MARK: Linear algebra

    package func prepare(_ kind: LinearAlgebraKind) throws(MissingLibraryError) { try base.prepare(kind) }

    package func linearAlgebra(_ kind: LinearAlgebraKind, _ operands: [DeviceBuffer], _ options: TriangularOptions)
        -> [DeviceBuffer]
    {
        recorder.value.time(kind == .qr ? "qr" : "triangular solve", operands) {
            base.linearAlgebra(kind, operands, options)
        } outcome: {
            ($0, operationCount(kind, operands))
        }
    }

    private func operationCount(_ kind: LinearAlgebraKind, _ operands: [DeviceBuffer]) -> Int {
        let a = operands[0]
        let (rows, columns) = (a.shape[a.rank - 2], a.shape[a.rank - 1])
        switch kind {
        case .qr:
            // Golub and Van Loan, Matrix computations, 5.2: 2k²(m − k/3) for each factor, m being the larger side for R.
            let rank = Swift.min(rows, columns)
            let each = 2 * rank * rank * (rows + Swift.max(rows, columns) - 2 * rank / 3)
            return a.shape.dropLast(2).reduce(each, *)
        case .triangularSolve: return operands[1].elementCount * columns
        }
    }

    // MARK: Convolution and pooling

    package func convolution(
        _ input: DeviceBuffer, _ weight: DeviceBuffer, bias: DeviceBuffer?, outputShape: Shape,
        _ geometry: ConvolutionGeometry,
        activation: UnaryOperation?
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
    private func suffix(_ activation: UnaryOperation?) -> String { activation.map { " + \($0)" } ?? "" }

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

    package func pool(_ kind: PoolKind, _ input: DeviceBuffer, outputShape: Shape, _ window: PoolingGeometry) -> Pooled
    {
        recorder.value.time(name(kind), [input]) {
            base.pool(kind, input, outputShape: outputShape, window)
        } outcome: {
            ([$0.output, $0.workspace], terms($0.output.elementCount, input.elementCount, window))
        }
    }

    package func poolGradient(
        _ kind: PoolKind, _ gradient: DeviceBuffer, workspace: DeviceBuffer?, inputShape: Shape,
        _ window: PoolingGeometry
    ) -> DeviceBuffer {
        let count = gradient.elementCount
        let terms = kind == .maximum ? count : terms(count, inputShape.elementCount, window)
        return record(name(kind) + " gradient", [gradient, workspace], operations: { _ in terms }) {
            base.poolGradient(kind, gradient, workspace: workspace, inputShape: inputShape, window)
        }
    }

    private func name(_ kind: PoolKind) -> String { kind == .maximum ? "max pool" : "average pool" }

    /// How many elements all windows have; those that share the input out have about its own.
    private func terms(_ outputs: Int, _ inputs: Int, _ window: PoolingGeometry) -> Int {
        window.windowCount != nil ? Swift.max(inputs, outputs) : outputs * Int(window.size.x) * Int(window.size.y)
    }

    // MARK: Normalisation

    package func normalize(
        _ kind: NormalizationKind, _ x: DeviceBuffer, scale: DeviceBuffer?, offset: DeviceBuffer?,
        given: ChannelStatistics?, epsilon: Double
    ) -> Normalized {
        recorder.value.time("batch norm", [x, scale, offset, given?.mean, given?.variance]) {
            base.normalize(kind, x, scale: scale, offset: offset, given: given, epsilon: epsilon)
        } outcome: {
            // A sum, a sum of squared differences, and a difference, a product and a sum.
            ([$0.output, $0.mean, $0.variance, $0.saved], (given == nil ? 7 : 3) * x.elementCount)
        }
    }

    package func normalizeGradient(
        _ kind: NormalizationKind, _ gradient: DeviceBuffer, _ x: DeviceBuffer, scale: DeviceBuffer?,
        saved: DeviceBuffer, isOfBatch: Bool, wanted: NormalizationOperands
    ) -> NormalizationGradients {
        recorder.value.time("batch norm gradient", [gradient, x, scale, saved]) {
            base.normalizeGradient(
                kind, gradient, x, scale: scale, saved: saved, isOfBatch: isOfBatch, wanted: wanted)
        } outcome: {
            // Two sums, one of them of products with differences, and a combination of both with gradient and input.
            ([$0.input, $0.scale, $0.offset], (isOfBatch ? 9 : 5) * gradient.elementCount)
        }
    }

    // MARK: Recurrence

    package func recurrent(
        _ kind: RecurrenceKind, _ drive: DeviceBuffer, weight: DeviceBuffer, hidden: DeviceBuffer?, cell: DeviceBuffer?
    ) -> RecurrentSteps {
        recorder.value.time("lstm", [drive, weight, hidden, cell]) {
            base.recurrent(kind, drive, weight: weight, hidden: hidden, cell: cell)
        } outcome: {
            // A product for each gate, the gates, and 5 operations for c and h.
            let size = weight.shape[1]
            return ([$0.hidden, $0.cells, $0.gates], drive.elementCount * (2 * size + 2) + 5 * $0.cells.elementCount)
        }
    }

    package func recurrentGradient(
        _ kind: RecurrenceKind, _ gradients: RecurrentOutputGradients, gates: DeviceBuffer, cells: DeviceBuffer,
        weight: DeviceBuffer, firstCell: DeviceBuffer?
    ) -> RecurrentGradients {
        let operands = [
            gradients.hidden, gradients.lastHidden, gradients.lastCell, gates, cells, weight, firstCell,
        ]
        return recorder.value.time("lstm gradient", operands) {
            base.recurrentGradient(
                kind, gradients, gates: gates, cells: cells, weight: weight, firstCell: firstCell)
        } outcome: {
            // A product for each gate, and 24 operations for the gradients of gates and c.
            let operations = gates.elementCount * 2 * weight.shape[1] + 24 * cells.elementCount
            return ([$0.sums, $0.hidden, $0.cell], operations)
        }
    }

    // MARK: Softmax and losses

    package func softmax(_ kind: SoftmaxKind, _ x: DeviceBuffer) -> DeviceBuffer {
        record(name(kind), [x]) { base.softmax(kind, x) }
    }

    package func softmaxGradient(_ kind: SoftmaxKind, _ gradient: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer {
        record(name(kind) + " gradient", [gradient, output]) { base.softmaxGradient(kind, gradient, output: output) }
    }

    private func name(_ kind: SoftmaxKind) -> String { kind == .softmax ? "softmax" : "log softmax" }

    package func loss(_ kind: LossKind, _ predictions: DeviceBuffer, _ targets: DeviceBuffer, _ options: LossOptions)
        throws(IndexError) -> Loss
    {
        try recorder.value.timeChecking(name(kind), [predictions, targets, options.classWeights]) {
            () throws(IndexError) -> Loss in
            try base.loss(kind, predictions, targets, options)
        } outcome: {
            ([$0.loss, $0.saved], (kind == .squaredError ? 3 : 1) * predictions.elementCount)
        }
    }

    package func lossGradient(
        _ kind: LossKind, _ gradient: DeviceBuffer, _ predictions: DeviceBuffer, _ targets: DeviceBuffer,
        saved: DeviceBuffer?, _ options: LossOptions
    ) -> DeviceBuffer {
        record(
            name(kind) + " gradient", [gradient, saved ?? predictions, targets],
            operations: { (kind == .squaredError ? 2 : 1) * $0.elementCount }
        ) {
            base.lossGradient(kind, gradient, predictions, targets, saved: saved, options)
        }
    }

    private func name(_ kind: LossKind) -> String { kind == .squaredError ? "squared error" : "cross-entropy" }

    // MARK: Indexing

    package func gather(_ x: DeviceBuffer, axis: Int, indices: DeviceBuffer) throws(IndexError) -> DeviceBuffer {
        // Only the slices that are asked for are read.
        try recorder.value.timeChecking("gather", [indices]) { () throws(IndexError) -> DeviceBuffer in
            try base.gather(x, axis: axis, indices: indices)
        } outcome: {
            ([$0], 0)
        }
    }

    package func scatterAdd(_ values: DeviceBuffer, axis: Int, indices: DeviceBuffer, size: Int) throws(IndexError)
        -> DeviceBuffer
    {
        try recorder.value.timeChecking("scatter-add", [values, indices]) { () throws(IndexError) -> DeviceBuffer in
            try base.scatterAdd(values, axis: axis, indices: indices, size: size)
        } outcome: {
            ([$0], values.elementCount)
        }
    }

    package func scatter(_ values: DeviceBuffer, into destination: DeviceBuffer, axis: Int, indices: DeviceBuffer)
        throws(IndexError)
    {
        try recorder.value.timeChecking("scatter", [values, indices]) { () throws(IndexError) in
            try base.scatter(values, into: destination, axis: axis, indices: indices)
        } outcome: {
            _ in
            ([], 0)
        }
    }

    package func oneHot(_ indices: DeviceBuffer, count: Int) throws(IndexError) -> DeviceBuffer {
        try recorder.value.timeChecking("one-hot", [indices]) { () throws(IndexError) -> DeviceBuffer in
            try base.oneHot(indices, count: count)
        } outcome: {
            ([$0], 0)
        }
    }

    package func resolvedIndices(_ indices: DeviceBuffer, count: Int) throws(IndexError) -> DeviceBuffer {
        try recorder.value.timeChecking("indices", [indices]) { () throws(IndexError) -> DeviceBuffer in
            try base.resolvedIndices(indices, count: count)
        } outcome: {
            ([$0], 0)
        }
    }

    package func nonzero(_ mask: DeviceBuffer) -> DeviceBuffer {
        record("nonzero", [mask], operations: { _ in mask.elementCount }) { base.nonzero(mask) }
    }

    // MARK: Random numbers

    package func random(
        _ kind: RandomKind, _ shape: Shape, _ dtype: DType, _ numbers: SIMD2<Double>, _ key: RandomKey
    ) -> DeviceBuffer {
        record(kind.name, [], operations: { kind == .permutation ? 0 : $0.elementCount }) {
            base.random(kind, shape, dtype, numbers, key)
        }
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
            [$0.parameter, $0.gradient, $0.first, $0.second, $0.shadow] as [DeviceBuffer?]
        }
        recordInPlace(kind.optimizer, buffers, operations: operations) { base.update(kind, table, options) }
    }
}

/// A recorder is used by the thread that listens and by no other, as are the backends made for it.
private struct UncheckedRecorder: @unchecked Sendable {
    let value: Recorder
    init(_ value: Recorder) { self.value = value }
}
