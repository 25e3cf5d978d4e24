import YuyanBackend

let reference = ReferenceBackend()

extension Backend {
    /// A buffer with the given elements in row-major order; without a shape, a vector.
    func buffer<T: TensorElement>(_ elements: [T], _ shape: Shape? = nil) -> DeviceBuffer {
        elements.withUnsafeBytes { upload($0, shape ?? [elements.count], T.dtype) }
    }

    /// The elements in row-major order.
    func elements<T: TensorElement>(_ x: DeviceBuffer, as type: T.Type = T.self) -> [T] {
        guard x.dtype == T.dtype else { fatalError("test: a buffer of \(x.dtype) read as \(T.dtype)") }
        return [T](unsafeUninitializedCapacity: x.elementCount) { bytes, count in
            download(x, into: UnsafeMutableRawBufferPointer(bytes))
            count = x.elementCount
        }
    }
}

/// The elements of a result of the Reference backend.
func elements<T: TensorElement>(_ x: DeviceBuffer, as type: T.Type = T.self) -> [T] { reference.elements(x) }

extension DeviceBuffer {
    /// The same elements with two axes exchanged: a view.
    func swappingAxes(_ first: Int, _ second: Int) -> DeviceBuffer {
        var shape = self.shape
        var strides = self.strides
        (shape[first], shape[second]) = (shape[second], shape[first])
        let firstStride = strides[first, rank: rank]
        strides[first, rank: rank] = strides[second, rank: rank]
        strides[second, rank: rank] = firstStride
        return view(shape, strides)
    }
}

/// 0, 1, 2 … as the given type.
func counting<T: Numeric>(_ count: Int, from first: T = 0) -> [T] {
    var values: [T] = []
    var value = first
    for _ in 0..<count {
        values.append(value)
        value += 1
    }
    return values
}

extension Backend {
    func matmul(_ a: DeviceBuffer, _ b: DeviceBuffer, transposeA: Bool, transposeB: Bool, bias: DeviceBuffer?)
        -> DeviceBuffer
    {
        matmul(a, b, transposeA: transposeA, transposeB: transposeB, bias: bias, activation: nil)
    }

    func convolution(
        _ x: DeviceBuffer, _ weight: DeviceBuffer, bias: DeviceBuffer?, _ geometry: ConvolutionGeometry,
        activation: UnaryOperation? = nil
    ) -> DeviceBuffer {
        let height = windowCount(
            x.shape[2], weight.shape[2], geometry.stride.x, geometry.padding.x, geometry.dilation.x)
        let width = windowCount(
            x.shape[3], weight.shape[3], geometry.stride.y, geometry.padding.y, geometry.dilation.y)
        return convolution(
            x, weight, bias: bias, outputShape: [x.shape[0], weight.shape[0], height, width], geometry,
            activation: activation)
    }

    func maxPool(_ x: DeviceBuffer, _ window: PoolingGeometry) -> (output: DeviceBuffer, workspace: DeviceBuffer) {
        let found = pool(.maximum, x, outputShape: pooled(x.shape, window), window)
        return (found.output, found.workspace!)
    }

    func averagePool(_ x: DeviceBuffer, _ window: PoolingGeometry) -> DeviceBuffer {
        pool(.average, x, outputShape: pooled(x.shape, window), window).output
    }

    private func pooled(_ x: Shape, _ window: PoolingGeometry) -> Shape {
        [
            x[0], x[1], windowCount(x[2], Int(window.size.x), window.stride.x, window.padding.x, 1),
            windowCount(x[3], Int(window.size.y), window.stride.y, window.padding.y, 1),
        ]
    }

    /// In how many places a window fits, one by one.
    private func windowCount(_ size: Int, _ kernel: Int, _ stride: Int32, _ padding: Int32, _ dilation: Int32) -> Int {
        let (first, last) = (-Int(padding), size + Int(padding) - Int(dilation) * (kernel - 1) - 1)
        return Array(Swift.stride(from: first, through: last, by: Int(stride))).count
    }
}

// Short ways to call the primitives that have kinds.
extension Backend {
    func unary(_ kind: UnaryKind, _ x: DeviceBuffer) -> DeviceBuffer { unary(UnaryOperation(kind, slope: 0.25), x) }

    /// `saved` is what the gradient reads, x or f(x).
    func unaryGradient(_ kind: UnaryKind, _ g: DeviceBuffer, _ saved: DeviceBuffer) -> DeviceBuffer {
        unaryGradient(UnaryOperation(kind, slope: 0.25), g, x: saved, y: saved)
    }

    func cumulativeSum(_ x: DeviceBuffer, axis: Int, isReversed: Bool) -> DeviceBuffer {
        scan(.sum, x, axis: axis, isReversed: isReversed)
    }

    func softmax(_ x: DeviceBuffer) -> DeviceBuffer { softmax(.softmax, x) }
    func logSoftmax(_ x: DeviceBuffer) -> DeviceBuffer { softmax(.logSoftmax, x) }
    func softmaxGradient(_ g: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer {
        softmaxGradient(.softmax, g, output: output)
    }
    func logSoftmaxGradient(_ g: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer {
        softmaxGradient(.logSoftmax, g, output: output)
    }

    func crossEntropy(_ logits: DeviceBuffer, _ targets: DeviceBuffer, _ reduction: LossReduction)
        -> (loss: DeviceBuffer, probabilities: DeviceBuffer)
    {
        let found = try! loss(.crossEntropy, logits, targets, LossOptions(reduction))
        return (found.loss, found.saved!)
    }
    func crossEntropyGradient(
        _ g: DeviceBuffer, probabilities: DeviceBuffer, _ targets: DeviceBuffer, _ reduction: LossReduction
    ) -> DeviceBuffer {
        lossGradient(.crossEntropy, g, probabilities, targets, saved: probabilities, LossOptions(reduction))
    }
    func squaredError(_ a: DeviceBuffer, _ b: DeviceBuffer, _ reduction: LossReduction) -> DeviceBuffer {
        try! loss(.squaredError, a, b, LossOptions(reduction)).loss
    }
    func squaredErrorGradient(_ g: DeviceBuffer, _ a: DeviceBuffer, _ b: DeviceBuffer, _ reduction: LossReduction)
        -> DeviceBuffer
    {
        lossGradient(.squaredError, g, a, b, saved: nil, LossOptions(reduction))
    }

    func maxPoolGradient(
        _ g: DeviceBuffer, workspace: DeviceBuffer, inputShape: Shape, _ window: PoolingGeometry
    ) -> DeviceBuffer {
        poolGradient(.maximum, g, workspace: workspace, inputShape: inputShape, window)
    }
    func averagePoolGradient(_ g: DeviceBuffer, inputShape: Shape, _ window: PoolingGeometry) -> DeviceBuffer {
        poolGradient(.average, g, workspace: nil, inputShape: inputShape, window)
    }

    func batchNorm(
        _ x: DeviceBuffer, scale: DeviceBuffer?, offset: DeviceBuffer?, given: ChannelStatistics?, epsilon: Double
    ) -> Normalized {
        normalize(.batch, x, scale: scale, offset: offset, given: given, epsilon: epsilon)
    }
    func batchNormGradient(
        _ g: DeviceBuffer, _ x: DeviceBuffer, scale: DeviceBuffer?, saved: DeviceBuffer, isOfBatch: Bool,
        wanted: NormalizationOperands
    ) -> NormalizationGradients {
        normalizeGradient(.batch, g, x, scale: scale, saved: saved, isOfBatch: isOfBatch, wanted: wanted)
    }

    func lstm(_ drive: DeviceBuffer, weight: DeviceBuffer, hidden: DeviceBuffer?, cell: DeviceBuffer?)
        -> RecurrentSteps
    {
        recurrent(.lstm, drive, weight: weight, hidden: hidden, cell: cell)
    }
    func lstmGradient(
        _ gradients: RecurrentOutputGradients, gates: DeviceBuffer, cells: DeviceBuffer, weight: DeviceBuffer,
        firstCell: DeviceBuffer?
    ) -> RecurrentGradients {
        recurrentGradient(.lstm, gradients, gates: gates, cells: cells, weight: weight, firstCell: firstCell)
    }

    func randomUniform(_ shape: Shape, _ dtype: DType, low: Double, high: Double, _ key: RandomKey) -> DeviceBuffer {
        random(.uniform, shape, dtype, [low, high], key)
    }
    func randomNormal(_ shape: Shape, _ dtype: DType, mean: Double, deviation: Double, _ key: RandomKey)
        -> DeviceBuffer
    {
        random(.normal, shape, dtype, [mean, deviation], key)
    }
    func randomPermutation(_ count: Int, _ key: RandomKey) -> DeviceBuffer {
        random(.permutation, [count], .int64, .zero, key)
    }

    func qr(_ a: DeviceBuffer) -> (q: DeviceBuffer, r: DeviceBuffer) {
        let factors = linearAlgebra(.qr, [a], TriangularOptions())
        return (factors[0], factors[1])
    }
    func triangularSolve(_ a: DeviceBuffer, _ b: DeviceBuffer, isUpper: Bool, isTransposed: Bool) -> DeviceBuffer {
        linearAlgebra(.triangularSolve, [a, b], TriangularOptions(isUpper: isUpper, isTransposed: isTransposed))[0]
    }
}
