#if OneDNN
    import YuyanKernels

    // bfloat16, float64, int32 and int64, on operands without gaps. nil where there is no loop: Reference computes, or says why not.

    extension CPUBackend {
        func typedUnary(_ operation: UnaryOperation, _ x: DeviceBuffer) -> DeviceBuffer? {
            let source = x.isBlock ? x : copied(x)
            let result = DeviceBuffer(source.shape, x.dtype, on: .cpu, layout: source.layout)
            let isComputed = withExtendedLifetime(source) {
                yuyan_typed_unary(
                    x.dtype.code, operation.kind.rawValue, operation.slope, operation.beta, source.pointer,
                    result.pointer, x.elementCount)
            }
            return isComputed ? result : nil
        }

        func typedUnaryGradient(_ operation: UnaryOperation, _ gradient: DeviceBuffer, _ saved: DeviceBuffer)
            -> DeviceBuffer?
        {
            let (g, kept) = flattened(gradient, saved)
            let result = DeviceBuffer(kept.shape, kept.dtype, on: .cpu, layout: kept.layout)
            let isComputed = withExtendedLifetime((g, kept)) {
                yuyan_typed_unary_gradient(
                    kept.dtype.code, operation.kind.rawValue, operation.slope, operation.beta, g.pointer, kept.pointer,
                    result.pointer, kept.elementCount)
            }
            return isComputed ? result : nil
        }

        func typedBinary(_ operation: BinaryOperation, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer? {
            typed(a, b, result: a.dtype) {
                yuyan_typed_binary($0.dtype.code, operation.rawValue, $0.pointer, $1, $2.pointer, $3, $4.pointer, $5)
            }
        }

        /// bfloat16 with a number, which is not rounded before.
        func halfBinary(_ operation: BinaryOperation, _ x: DeviceBuffer, _ scalar: Float, scalarIsLeft: Bool)
            -> DeviceBuffer
        {
            let source = x.isBlock ? x : copied(x)
            let result = DeviceBuffer(source.shape, .bfloat16, on: .cpu, layout: source.layout)
            withExtendedLifetime(source) {
                yuyan_half_binary_scalar(
                    operation.rawValue, source.elements(as: UInt16.self), scalar, scalarIsLeft,
                    result.elements(as: UInt16.self), source.elementCount)
            }
            return result
        }

        func typedCompare(_ operation: ComparisonOperation, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer? {
            typed(a, b, result: .bool) {
                yuyan_typed_compare(
                    $0.dtype.code, operation.rawValue, $0.pointer, $1, $2.pointer, $3,
                    $4.pointer.assumingMemoryBound(to: UInt8.self), $5)
            }
        }

        func typedSelect(_ condition: DeviceBuffer, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
            let shape = broadcastShape(condition, shaped: broadcastShape(a, shaped: b.shape))
            let operands = [condition, a, b].map { flat($0, shape) }
            let result = DeviceBuffer(shape, a.dtype, on: .cpu)
            withExtendedLifetime(operands) {
                yuyan_typed_select(
                    Int32(a.dtype.byteCount), operands[0].elements(as: UInt8.self), operands[1].pointer,
                    operands[2].pointer, result.pointer, result.elementCount)
            }
            return result
        }

        /// False if there is no loop.
        func typedAccumulate(_ source: DeviceBuffer, into destination: DeviceBuffer) -> Bool {
            guard destination.isBlock else {
                guard let sum = typedBinary(.add, destination, source) else { return false }
                copy(sum, into: destination)
                return true
            }
            let source = destination.isBlock(like: source) ? source : like(source, destination)
            return withExtendedLifetime(source) {
                yuyan_typed_binary(
                    destination.dtype.code, BinaryOperation.add.rawValue, destination.pointer, 1, source.pointer, 1,
                    destination.pointer, destination.elementCount)
            }
        }

        /// `x` with elements.
        func typedReduce(_ operation: ReductionOperation, _ x: DeviceBuffer, _ axes: AxisSet) -> DeviceBuffer? {
            var shape = x.shape
            var (kept, reduced) = ([Int](), [Int]())
            for axis in 0..<x.rank {
                if axes.contains(axis: axis) {
                    shape[axis] = 1
                    reduced.append(axis)
                } else {
                    kept.append(axis)
                }
            }
            let count = x.elementCount / shape.elementCount
            let result = DeviceBuffer(shape, x.dtype, on: .cpu)
            var source = contiguous(x)
            var (outer, inner) = (shape.elementCount, 1)
            if let sizes = sizesAround(axes, of: x.shape, count) {
                (outer, inner) = sizes
            } else {
                source = copied(permuted(source, kept + reduced))
            }
            let isComputed = withExtendedLifetime(source) {
                yuyan_typed_reduce(
                    x.dtype.code, operation.rawValue, source.pointer, result.pointer, outer, count, inner,
                    operation == .mean ? Double(count) : 1)
            }
            return isComputed ? result : nil
        }

        /// Calls a loop with two operands and their steps, a result of the broadcast shape, and its number of elements.
        private func typed(
            _ a: DeviceBuffer, _ b: DeviceBuffer, result dtype: DType,
            _ loop: (DeviceBuffer, Int, DeviceBuffer, Int, DeviceBuffer, Int) -> Bool
        ) -> DeviceBuffer? {
            var (left, right, steps) = (a, b, (a: 1, b: 1))
            if a.shape == b.shape {
                (left, right) = flattened(a, b)
            } else if b.elementCount == 1 && b.rank <= a.rank {
                (left, steps.b) = (a.isBlock ? a : copied(a), 0)
            } else if a.elementCount == 1 && a.rank <= b.rank {
                (right, steps.a) = (b.isBlock ? b : copied(b), 0)
            } else {
                let shape = broadcastShape(a, shaped: b.shape)
                (left, right) = (flat(a, shape), flat(b, shape))
            }
            let model = steps.a == 1 ? left : right
            let result = DeviceBuffer(model.shape, dtype, on: .cpu, layout: model.layout)
            let isComputed = withExtendedLifetime((left, right)) {
                loop(left, steps.a, right, steps.b, result, result.elementCount)
            }
            return isComputed ? result : nil
        }

        /// Two operands of one shape whose elements lie in one order, without gaps.
        private func flattened(_ a: DeviceBuffer, _ b: DeviceBuffer) -> (DeviceBuffer, DeviceBuffer) {
            if a.isBlock(like: b) { return (a, b) }
            return b.isBlock ? (like(a, b), b) : a.isBlock ? (a, like(b, a)) : (copied(a), copied(b))
        }

        /// A copy of `x` that lies as `model` does.
        private func like(_ x: DeviceBuffer, _ model: DeviceBuffer) -> DeviceBuffer {
            let result = DeviceBuffer(x.shape, x.dtype, on: .cpu, layout: model.layout)
            copy(x, into: result)
            return result
        }

        /// The elements of the broadcast operand in row-major order.
        private func flat(_ x: DeviceBuffer, _ shape: Shape) -> DeviceBuffer { contiguous(broadcast(x, to: shape)) }

        private func broadcastShape(_ a: DeviceBuffer, shaped other: Shape) -> Shape {
            guard let shape = a.shape.broadcast(with: other) else {
                fatalError("cpu backend: shapes \(a.shape) and \(other) do not broadcast")
            }
            return shape
        }
    }
#endif
