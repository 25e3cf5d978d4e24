#if OneDNN
    import YuyanKernels

    extension CPUBackend {
        package func gather(_ x: DeviceBuffer, axis: Int, indices: DeviceBuffer) throws(IndexError) -> DeviceBuffer {
            let (source, positions) = (contiguous(x), contiguous(indices))
            let slices = Slices(x.shape, axis: axis)
            let result = DeviceBuffer(replacing(x.shape, axis: axis, with: indices.elementCount), x.dtype, on: .cpu)
            let wrong = withExtendedLifetime((source, positions)) {
                yuyan_gather(
                    source.pointer, result.pointer, positions.elements(as: Int64.self), slices.outer, slices.size,
                    indices.elementCount, slices.inner * x.dtype.byteCount)
            }
            try check(wrong, positions, slices.size)
            return result
        }

        package func scatterAdd(_ values: DeviceBuffer, axis: Int, indices: DeviceBuffer, size: Int)
            throws(IndexError) -> DeviceBuffer
        {
            guard computes(.scatterAdd, values) else {
                return try elsewhere(.scatterAdd, values.dtype).scatterAdd(
                    values, axis: axis, indices: indices, size: size)
            }
            let (source, positions) = (contiguous(values), contiguous(indices))
            let result = makeBuffer(replacing(values.shape, axis: axis, with: size))
            let slices = Slices(result.shape, axis: axis)
            let ends = DeviceBuffer([size], .int64, on: .cpu)
            let order = DeviceBuffer([indices.elementCount], .int64, on: .cpu)
            let wrong = withExtendedLifetime((source, positions, ends, order)) {
                yuyan_scatter_add(
                    source.floats, result.floats, positions.elements(as: Int64.self), ends.elements(as: Int64.self),
                    order.elements(as: Int64.self), slices.outer, size, indices.elementCount, slices.inner)
            }
            try check(wrong, positions, size)
            return result
        }

        package func scatter(_ values: DeviceBuffer, into destination: DeviceBuffer, axis: Int, indices: DeviceBuffer)
            throws(IndexError)
        {
            guard destination.isContiguous else {
                try reference.scatter(values.strided, into: destination, axis: axis, indices: indices)
                return
            }
            let (source, positions) = (contiguous(values), contiguous(indices))
            let slices = Slices(destination.shape, axis: axis)
            let wrong = withExtendedLifetime((source, positions)) {
                yuyan_scatter(
                    source.pointer, destination.pointer, positions.elements(as: Int64.self), slices.outer, slices.size,
                    indices.elementCount, slices.inner * values.dtype.byteCount)
            }
            try check(wrong, positions, slices.size)
        }

        package func oneHot(_ indices: DeviceBuffer, count: Int) throws(IndexError) -> DeviceBuffer {
            let positions = contiguous(indices)
            let result = DeviceBuffer(Shape(Array(indices.shape) + [count]), .int64, on: .cpu)
            let wrong = withExtendedLifetime(positions) {
                yuyan_one_hot(
                    positions.elements(as: Int64.self), result.elements(as: Int64.self), positions.elementCount, count)
            }
            try check(wrong, positions, count)
            return result
        }

        /// Throws if a kernel has found an index that names nothing, at this place.
        func check(_ wrong: Int, _ indices: DeviceBuffer, _ count: Int) throws(IndexError) {
            if wrong >= 0 {
                throw IndexError(index: indices.elements(as: Int64.self)[wrong], place: wrong, count: count)
            }
        }
    }

    /// A row-major shape seen as `[outer, size, inner]`, with `size` that of one axis.
    struct Slices {
        var outer = 1
        var size: Int
        var inner = 1

        init(_ shape: Shape, axis: Int) {
            size = shape[axis]
            for before in 0..<axis { outer *= shape[before] }
            for behind in (axis + 1)..<shape.rank { inner *= shape[behind] }
        }
    }
#endif
