extension ReferenceBackend {
    package func gather(_ x: DeviceBuffer, axis: Int, indices: DeviceBuffer) throws(IndexError) -> DeviceBuffer {
        try check(indices, in: -x.shape[axis]..<x.shape[axis])
        let result = makeBuffer(replacing(x.shape, axis: axis, with: indices.shape[0]), x.dtype)
        switch x.dtype.byteCount {
        case 1: gather(x, into: result, axis, indices, as: UInt8.self)
        case 2: gather(x, into: result, axis, indices, as: UInt16.self)
        case 4: gather(x, into: result, axis, indices, as: UInt32.self)
        default: gather(x, into: result, axis, indices, as: UInt64.self)
        }
        return result
    }

    private func gather<T: BitwiseCopyable>(
        _ x: DeviceBuffer, into result: DeviceBuffer, _ axis: Int, _ indices: DeviceBuffer, as type: T.Type
    ) {
        let input = x.elements(as: T.self)
        let output = result.elements(as: T.self)
        forEachPair(result, indexed: x, axis, indices) { to, from in output[to] = input[from] }
    }

    package func scatter(_ values: DeviceBuffer, into destination: DeviceBuffer, axis: Int, indices: DeviceBuffer)
        throws(IndexError)
    {
        try check(indices, in: -destination.shape[axis]..<destination.shape[axis])
        switch values.dtype.byteCount {
        case 1: scatter(values, into: destination, axis, indices, as: UInt8.self)
        case 2: scatter(values, into: destination, axis, indices, as: UInt16.self)
        case 4: scatter(values, into: destination, axis, indices, as: UInt32.self)
        default: scatter(values, into: destination, axis, indices, as: UInt64.self)
        }
    }

    private func scatter<T: BitwiseCopyable>(
        _ values: DeviceBuffer, into destination: DeviceBuffer, _ axis: Int, _ indices: DeviceBuffer, as type: T.Type
    ) {
        let input = values.elements(as: T.self)
        let output = destination.elements(as: T.self)
        forEachPair(values, indexed: destination, axis, indices) { from, to in output[to] = input[from] }
    }

    package func scatterAdd(_ values: DeviceBuffer, axis: Int, indices: DeviceBuffer, size: Int) throws(IndexError)
        -> DeviceBuffer
    {
        try check(indices, in: -size..<size)
        return switch values.dtype {
        case .float32: scatterAdd(values, axis, indices, size, as: Float.self)
        case .float64: scatterAdd(values, axis, indices, size, as: Double.self)
        case .int32: scatterAdd(values, axis, indices, size, as: Int32.self)
        case .int64: scatterAdd(values, axis, indices, size, as: Int64.self)
        case .uint8: scatterAdd(values, axis, indices, size, as: UInt8.self)
        case .bfloat16: try widened.scatterAdd(values, axis: axis, indices: indices, size: size)
        case .bool: unsupported("scatter-add", values.dtype)
        }
    }

    private func scatterAdd<T: ReferenceNumber>(
        _ values: DeviceBuffer, _ axis: Int, _ indices: DeviceBuffer, _ size: Int, as type: T.Type
    ) -> DeviceBuffer {
        let input = values.elements(as: T.self)
        let shape = replacing(values.shape, axis: axis, with: size)
        return summing(into: shape, values.dtype, as: type) { sums in
            forEachPair(values, indexed: shape, shape.contiguousStrides, axis, indices) { from, to in
                sums[to] = T.Wide.add(sums[to], input[from].wide)
            }
        }
    }

    @inline(__always)
    private func forEachPair(
        _ dense: DeviceBuffer, indexed: DeviceBuffer, _ axis: Int, _ indices: DeviceBuffer,
        _ body: (_ dense: Int, _ indexed: Int) -> Void
    ) {
        forEachPair(dense, indexed: indexed.shape, indexed.strides, axis, indices, body)
    }

    /// Calls `body` with the offsets of each element in slice i of `dense` and of its partner in slice `indices[i]` of
    /// the other operand, in the order of i.
    @inline(__always)
    private func forEachPair(
        _ dense: DeviceBuffer, indexed shape: Shape, _ strides: Strides, _ axis: Int, _ indices: DeviceBuffer,
        _ body: (_ dense: Int, _ indexed: Int) -> Void
    ) {
        let indices = contiguous(indices)
        let positions = indices.elements(as: Int64.self)
        let denseStep = dense.strides[axis, rank: dense.rank]
        let indexedStep = strides[axis, rank: dense.rank]
        let loop = StridedLoop(replacing(dense.shape, axis: axis, with: 1), dense.strides, strides)
        for i in 0..<indices.elementCount {
            let index = Int(positions[i])
            // Negative ones count from the end.
            let position = index < 0 ? index + shape[axis] : index
            loop.forEachElement { at in body(at[0] + i * denseStep, at[1] + position * indexedStep) }
        }
    }

    package func oneHot(_ indices: DeviceBuffer, count: Int) throws(IndexError) -> DeviceBuffer {
        try check(indices, in: 0..<count)
        let indices = contiguous(indices)
        let result = full(Shape(Array(indices.shape) + [count]), .int64, 0)
        let (positions, output) = (indices.elements(as: Int64.self), result.elements(as: Int64.self))
        for i in 0..<indices.elementCount { output[i * count + Int(positions[i])] = 1 }
        return result
    }

    package func resolvedIndices(_ indices: DeviceBuffer, count: Int) throws(IndexError) -> DeviceBuffer {
        try check(indices, in: -count..<count)
        let result = copied(indices)
        let positions = result.elements(as: Int64.self)
        for i in 0..<result.elementCount where positions[i] < 0 { positions[i] += Int64(count) }
        return result
    }

    /// Throws unless all indices are in a range that ends with their count.
    private func check(_ indices: DeviceBuffer, in range: Range<Int>) throws(IndexError) {
        let indices = contiguous(indices)
        let positions = indices.elements(as: Int64.self)
        for i in 0..<indices.elementCount where !range.contains(Int(positions[i])) {
            throw IndexError(index: positions[i], place: i, count: range.upperBound)
        }
    }

    package func nonzero(_ mask: DeviceBuffer) -> DeviceBuffer {
        let mask = contiguous(mask)
        let isTrue = mask.elements(as: Bool.self)
        var count = 0
        for i in 0..<mask.elementCount where isTrue[i] { count += 1 }
        let result = makeBuffer([count], .int64)
        var output = result.elements(as: Int64.self)
        for i in 0..<mask.elementCount where isTrue[i] {
            output.pointee = Int64(i)
            output += 1
        }
        return result
    }
}
