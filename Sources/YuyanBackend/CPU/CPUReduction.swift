#if OneDNN
    import Glibc
    import YuyanKernels

    extension CPUBackend {
        package func reduce(_ operation: ReductionOperation, _ x: DeviceBuffer, axes: AxisSet) -> DeviceBuffer {
            guard computes(.reduce, x), x.elementCount > 0 else {
                return elsewhere(.reduce, x.dtype).reduce(operation, x, axes: axes)
            }
            if x.dtype != .float32 {
                return typedReduce(operation, x, axes) ?? reference.reduce(operation, x.strided, axes: axes)
            }
            let source = x.isBlock ? x : copied(x)
            var shape = x.shape
            for axis in 0..<x.rank where axes.contains(axis: axis) { shape[axis] = 1 }
            let reducedCount = x.elementCount / shape.elementCount
            let scale = operation == .mean ? 1 / Double(reducedCount) : 1
            if shape.elementCount == 1 {
                let result = makeBuffer(shape)
                withExtendedLifetime(source) {
                    yuyan_reduce(operation.rawValue, source.floats, result.floats, 1, x.elementCount, 1, scale)
                }
                return result
            }
            if let block = source.channelBlock { return reduceBlocks(of: block, operation, source, axes) }
            if source.isPlain, let (outer, inner) = sizesAround(axes, of: x.shape, reducedCount) {
                let result = makeBuffer(shape)
                withExtendedLifetime(source) {
                    yuyan_reduce(operation.rawValue, source.floats, result.floats, outer, reducedCount, inner, scale)
                }
                return result
            }
            return reduceRunByRun(operation, source, axes, shape, scale)
        }

        /// Reduces an image in blocks as it lies: `[N, C/block, H, W, block]`.
        private func reduceBlocks(
            of block: Int, _ operation: ReductionOperation, _ x: DeviceBuffer, _ axes: AxisSet
        ) -> DeviceBuffer {
            let groups: Shape = [x.shape[0], x.shape[1] / block, x.shape[2], x.shape[3], block]
            var within = axes
            if axes.contains(axis: 1) { within.insert(axis: 4) }
            let reduced = reduce(operation, x.view(groups, groups.contiguousStrides), axes: within)
            var shape = x.shape
            for axis in 0..<4 where axes.contains(axis: axis) { shape[axis] = 1 }
            // The elements lie in the order of memory in which they lay.
            let result = makeBuffer(shape, .image(shape, block: shape[1] == 1 ? 1 : block))
            withExtendedLifetime(reduced) { _ = memcpy(result.pointer, reduced.pointer, result.elementCount * 4) }
            return result
        }

        /// The products of the sizes before and behind the reduced axes, if these are neighbours.
        func sizesAround(_ axes: AxisSet, of shape: Shape, _ reducedCount: Int) -> (outer: Int, inner: Int)? {
            var outer = 1
            var axis = 0
            while axis < shape.rank && (!axes.contains(axis: axis) || shape[axis] == 1) {
                outer *= shape[axis]
                axis += 1
            }
            var reduced = 1
            while axis < shape.rank && (axes.contains(axis: axis) || shape[axis] == 1) {
                reduced *= shape[axis]
                axis += 1
            }
            guard reduced == reducedCount else { return nil }
            return (outer, shape.elementCount / outer / reduced)
        }

        /// Reduces one run of axes that are neighbours in memory after another, the innermost run first.
        private func reduceRunByRun(
            _ operation: ReductionOperation, _ x: DeviceBuffer, _ axes: AxisSet, _ shape: Shape, _ scale: Double
        ) -> DeviceBuffer {
            let strides = x.strides
            let order = (0..<x.rank).filter { x.shape[$0] != 1 }
                .sorted { strides[$0, rank: x.rank] > strides[$1, rank: x.rank] }
            var runs: [(size: Int, isReduced: Bool)] = []
            for axis in order {
                let isReduced = axes.contains(axis: axis)
                if let last = runs.last, last.isReduced == isReduced {
                    runs[runs.count - 1].size *= x.shape[axis]
                } else {
                    runs.append((x.shape[axis], isReduced))
                }
            }
            // What is kept stays in the order of memory.
            var kept = Strides(lanes: .zero)
            var step = 1
            for axis in order.reversed() where !axes.contains(axis: axis) {
                kept[axis, rank: x.rank] = step
                step *= x.shape[axis]
            }
            if !runs.contains(where: { $0.isReduced }) { return copied(x) }
            var current = x
            while let index = runs.lastIndex(where: { $0.isReduced }) {
                let outer = runs[..<index].reduce(1) { $0 * $1.size }
                let inner = runs[(index + 1)...].reduce(1) { $0 * $1.size }
                let size = runs.remove(at: index).size
                let isLast = !runs.contains { $0.isReduced }
                let next = isLast ? makeBuffer(shape, layout(of: shape, kept)) : makeBuffer([outer * inner])
                withExtendedLifetime(current) {
                    let factor = isLast ? scale : 1
                    yuyan_reduce(operation.rawValue, current.floats, next.floats, outer, size, inner, factor)
                }
                current = next
            }
            return current
        }

        /// The plain layout if these strides are the plain ones.
        private func layout(of shape: Shape, _ strides: Strides) -> Layout {
            let differs = (strides.lanes .!= shape.contiguousStrides.lanes) .& (shape.wideLanes .!= 1)
            return any(differs) ? .strided(strides) : .contiguous
        }

        package func argReduce(_ operation: ArgReductionOperation, _ x: DeviceBuffer, axis: Int) -> DeviceBuffer {
            // The kernel counts rows in 32 bits.
            guard computes(.argReduce, x), x.elementCount > 0, x.shape[axis] <= Int32.max else {
                return elsewhere(.argReduce, x.dtype).argReduce(operation, x.strided, axis: axis)
            }
            let source = contiguous(x)
            let slices = Slices(x.shape, axis: axis)
            let result = DeviceBuffer(replacing(x.shape, axis: axis, with: 1), .int64, on: .cpu)
            withExtendedLifetime(source) {
                yuyan_arg_reduce(
                    operation == .smallest, source.floats, result.elements(as: Int64.self), slices.outer, slices.size,
                    slices.inner)
            }
            return result
        }

        package func scan(_ kind: ScanKind, _ x: DeviceBuffer, axis: Int, isReversed: Bool) -> DeviceBuffer {
            guard computes(.scan, x), x.elementCount > 0 else {
                return elsewhere(.scan, x.dtype).scan(kind, x.strided, axis: axis, isReversed: isReversed)
            }
            let source = contiguous(x)
            let slices = Slices(x.shape, axis: axis)
            let result = makeBuffer(x.shape)
            withExtendedLifetime(source) {
                yuyan_cumulative_sum(
                    source.floats, result.floats, slices.outer, slices.size, slices.inner, isReversed)
            }
            return result
        }
    }
#endif
