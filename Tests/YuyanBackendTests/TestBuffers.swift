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
        activation: Activation? = nil
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
        maxPool(x, outputShape: pooled(x.shape, window), window)
    }

    func averagePool(_ x: DeviceBuffer, _ window: PoolingGeometry) -> DeviceBuffer {
        averagePool(x, outputShape: pooled(x.shape, window), window)
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
