import YuyanBackend

let reference = ReferenceBackend()

extension Backend {
    /// A buffer with the given elements in row-major order; without a shape, a vector.
    func buffer<T: TensorElement>(_ elements: [T], _ shape: Shape? = nil) -> Buffer {
        elements.withUnsafeBytes { upload($0, shape ?? [elements.count], T.dtype) }
    }

    /// The elements in row-major order.
    func elements<T: TensorElement>(_ x: Buffer, as type: T.Type = T.self) -> [T] {
        guard x.dtype == T.dtype else { fatalError("test: a buffer of \(x.dtype) read as \(T.dtype)") }
        return [T](unsafeUninitializedCapacity: x.elementCount) { bytes, count in
            download(x, into: UnsafeMutableRawBufferPointer(bytes))
            count = x.elementCount
        }
    }
}

/// The elements of a result of the Reference backend.
func elements<T: TensorElement>(_ x: Buffer, as type: T.Type = T.self) -> [T] { reference.elements(x) }

extension Buffer {
    /// The same elements with two axes exchanged: a view.
    func swappingAxes(_ first: Int, _ second: Int) -> Buffer {
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
    func matmul(_ a: Buffer, _ b: Buffer, transposeA: Bool, transposeB: Bool, bias: Buffer?) -> Buffer {
        matmul(a, b, transposeA: transposeA, transposeB: transposeB, bias: bias, activation: nil)
    }

    func convolution(_ x: Buffer, _ weight: Buffer, bias: Buffer?, _ geometry: ConvolutionGeometry) -> Buffer {
        convolution(x, weight, bias: bias, geometry, activation: nil)
    }
}
