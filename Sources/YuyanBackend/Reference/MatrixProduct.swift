extension ReferenceBackend {
    package func matmul(
        _ a: DeviceBuffer, _ b: DeviceBuffer, transposeA: Bool, transposeB: Bool, bias: DeviceBuffer?,
        activation: UnaryOperation?
    ) -> DeviceBuffer {
        if a.dtype == .bfloat16 {
            return widened.matmul(
                a, b, transposeA: transposeA, transposeB: transposeB, bias: bias, activation: activation)
        }
        let y = product(a, b, transposeA: transposeA, transposeB: transposeB, bias: bias)
        return activation.map { unary($0, y) } ?? y
    }

    private func product(_ a: DeviceBuffer, _ b: DeviceBuffer, transposeA: Bool, transposeB: Bool, bias: DeviceBuffer?)
        -> DeviceBuffer
    {
        let left = contiguous(transposeA ? matrixTransposed(a) : a)  // […, m, k]
        let right = contiguous(transposeB ? matrixTransposed(b) : b)  // […, k, n]
        let bias = bias.map { contiguous($0) }
        return switch a.dtype {
        case .float32: matmul(left, right, bias, as: Float.self)
        case .float64: matmul(left, right, bias, as: Double.self)
        case .int32: matmul(left, right, bias, as: Int32.self)
        case .int64: matmul(left, right, bias, as: Int64.self)
        case .uint8: matmul(left, right, bias, as: UInt8.self)
        case .bfloat16, .bool: unsupported("matrix product", a.dtype)
        }
    }

    private func matmul<T: ReferenceNumber>(
        _ a: DeviceBuffer, _ b: DeviceBuffer, _ bias: DeviceBuffer?, as type: T.Type
    ) -> DeviceBuffer {
        let m = a.shape[a.rank - 2]
        let k = a.shape[a.rank - 1]
        let n = b.shape[b.rank - 1]
        guard b.shape[b.rank - 2] == k, let leading = leadingAxes(a.shape).broadcast(with: leadingAxes(b.shape)) else {
            fatalError("reference backend: matrix product of \(a.shape) and \(b.shape)")
        }
        let result = makeBuffer(Shape(Array(leading) + [m, n]), a.dtype)
        let leftElements = a.elements(as: T.self)
        let rightElements = b.elements(as: T.self)
        let output = result.elements(as: T.self)
        let biasElements = bias?.elements(as: T.self)
        let sums = UnsafeMutablePointer<T.Wide>.allocate(capacity: n)
        defer { sums.deallocate() }

        // The leading axes enumerate matrices: their strides count elements of the whole operand.
        let loop = StridedLoop(
            leading, matrixStrides(result), matrixStrides(a), matrixStrides(b))
        loop.forEachElement { at in
            for i in 0..<m {
                for j in 0..<n { sums[j] = biasElements?[j].wide ?? .zero }
                for l in 0..<k {
                    let factor = leftElements[at[1] + i * k + l].wide
                    let row = rightElements + at[2] + l * n
                    for j in 0..<n { sums[j] = T.Wide.add(sums[j], T.Wide.multiply(factor, row[j].wide)) }
                }
                for j in 0..<n { output[at[0] + i * n + j] = sums[j].narrowed(to: type) }
            }
        }
        return result
    }

    private func matrixTransposed(_ x: DeviceBuffer) -> DeviceBuffer {
        var shape = x.shape
        var strides = x.strides
        let rank = x.rank
        (shape[rank - 2], shape[rank - 1]) = (shape[rank - 1], shape[rank - 2])
        let rowStride = strides[rank - 2, rank: rank]
        strides[rank - 2, rank: rank] = strides[rank - 1, rank: rank]
        strides[rank - 1, rank: rank] = rowStride
        return x.view(shape, strides)
    }

    private func leadingAxes(_ shape: Shape) -> Shape { Shape(shape.dropLast(2)) }

    /// The strides of the axes before the last two, as a buffer of the leading axes alone would have them.
    private func matrixStrides(_ x: DeviceBuffer) -> Strides {
        let all = x.broadcastStrides
        var result = Strides(lanes: SIMD8(repeating: 0))
        for lane in 2..<8 { result.lanes[lane] = all.lanes[lane - 2] }
        return result
    }
}
