#if OneDNN
    import YuyanKernels

    // MARK: Unary

    extension CPUBackend {
        package func unary(_ operation: UnaryOperation, _ x: DeviceBuffer) -> DeviceBuffer {
            guard computes(.unary, x) else { return elsewhere(.unary, x.dtype).unary(operation, x.strided) }
            if x.dtype != .float32 { return typedUnary(operation, x) ?? reference.unary(operation, x.strided) }
            let (kind, slope, beta) = (operation.kind.rawValue, Float(operation.slope), Float(operation.beta))
            if x.isBlock {
                let result = makeBuffer(x.shape, x.layout)
                yuyan_unary(kind, slope, beta, x.floats, result.floats, x.elementCount)
                return result
            }
            let result = copied(x)
            yuyan_unary(kind, slope, beta, result.floats, result.floats, x.elementCount)
            return result
        }

        package func unaryGradient(
            _ operation: UnaryOperation, _ gradient: DeviceBuffer, x: DeviceBuffer?, y: DeviceBuffer?
        ) -> DeviceBuffer {
            guard computes(.unaryGradient, gradient) else {
                return elsewhere(.unaryGradient, gradient.dtype).unaryGradient(operation, gradient, x: x, y: y)
            }
            let kept = operation.gradientReads == .input ? x! : y!
            if kept.dtype != .float32 {
                return typedUnaryGradient(operation, gradient, kept)
                    ?? reference.unaryGradient(operation, gradient.strided, x: x?.strided, y: y?.strided)
            }
            let saved = kept.isBlock ? kept : copied(kept)
            let g = gradient.isBlock(like: saved) ? gradient : arranged(gradient, like: saved)
            let result = makeBuffer(saved.shape, saved.layout)
            withExtendedLifetime((g, saved)) {
                yuyan_unary_gradient(
                    operation.kind.rawValue, Float(operation.slope), Float(operation.beta), g.floats, saved.floats,
                    result.floats, saved.elementCount)
            }
            return result
        }
    }

    // MARK: Binary

    extension CPUBackend {
        package func binary(_ operation: BinaryOperation, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
            guard computes(.binary, a) else { return elsewhere(.binary, a.dtype).binary(operation, a, b) }
            if a.dtype != .float32 {
                return typedBinary(operation, a, b) ?? reference.binary(operation, a.strided, b.strided)
            }
            if a.shape == b.shape {
                if a.isBlock(like: b) { return binaryFlat(operation, a, b) }
                // Images with channels together stay so, before all those in blocks.
                if a.channelBlock != nil { return binaryFlat(operation, a, arranged(b, like: a)) }
                if b.channelBlock != nil { return binaryFlat(operation, arranged(a, like: b), b) }
                if a.hasChannelsTogether { return binaryFlat(operation, a, arranged(b, like: a)) }
                if b.hasChannelsTogether { return binaryFlat(operation, arranged(a, like: b), b) }
                // One pass to bring large operands into the same order is cheaper than strided reading.
                if a.elementCount >= 4096 && a.isBlock { return binaryFlat(operation, a, arranged(b, like: a)) }
            } else if b.elementCount == 1 && b.rank <= a.rank && a.isBlock {
                return binaryScalar(operation, a, b.floats.pointee, scalarIsLeft: false)
            } else if a.elementCount == 1 && a.rank <= b.rank && b.isBlock {
                return binaryScalar(operation, b, a.floats.pointee, scalarIsLeft: true)
            }
            if a.channelBlock != nil || b.channelBlock != nil, let blocks = InBlocks([a, b], .float32) {
                binaryStrided(operation, blocks[0], blocks[1], into: blocks.result)
                return blocks.image
            }
            let (a, b) = (a.strided, b.strided)
            let result = makeResult(.float32, a, b)
            binaryStrided(operation, a, b, into: result)
            return result
        }

        package func binary(_ operation: BinaryOperation, _ x: DeviceBuffer, scalar: Double, scalarIsLeft: Bool)
            -> DeviceBuffer
        {
            guard computes(.binary, x) else {
                return elsewhere(.binary, x.dtype).binary(operation, x, scalar: scalar, scalarIsLeft: scalarIsLeft)
            }
            if x.dtype == .bfloat16 { return halfBinary(operation, x, Float(scalar), scalarIsLeft: scalarIsLeft) }
            if x.dtype != .float32 {
                let number = full(.scalar, x.dtype, scalar)
                return scalarIsLeft ? binary(operation, number, x) : binary(operation, x, number)
            }
            if operation == .power && scalar == 2 && !scalarIsLeft { return unary(UnaryOperation(.square), x) }
            let source = x.isBlock ? x : copied(x)
            return binaryScalar(operation, source, Float(scalar), scalarIsLeft: scalarIsLeft)
        }

        @inline(__always)
        private func binaryStrided(
            _ operation: BinaryOperation, _ a: DeviceBuffer, _ b: DeviceBuffer, into result: DeviceBuffer
        ) {
            withLanes(result.shape, result.strides, a.broadcastStrides, b.broadcastStrides) {
                size, to, left, right, _ in
                yuyan_binary_strided(operation.rawValue, size, result.floats, to, a.floats, left, b.floats, right)
            }
            withExtendedLifetime((a, b)) {}
        }

        @inline(__always)
        private func binaryFlat(_ operation: BinaryOperation, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
            let result = makeBuffer(a.shape, a.layout)
            withExtendedLifetime((a, b)) {
                yuyan_binary(operation.rawValue, a.floats, b.floats, result.floats, a.elementCount)
            }
            return result
        }

        @inline(__always)
        private func binaryScalar(
            _ operation: BinaryOperation, _ x: DeviceBuffer, _ scalar: Float, scalarIsLeft: Bool
        ) -> DeviceBuffer {
            let result = makeBuffer(x.shape, x.layout)
            withExtendedLifetime(x) {
                yuyan_binary_scalar(operation.rawValue, x.floats, scalar, scalarIsLeft, result.floats, x.elementCount)
            }
            return result
        }

        /// A copy of `x` whose elements lie in the order of `model`, which has its shape and fills a block.
        func arranged(_ x: DeviceBuffer, like model: DeviceBuffer) -> DeviceBuffer {
            let result = makeBuffer(x.shape, model.layout, x.dtype)
            copy(x, into: result)
            return result
        }

        /// A result of the broadcast shape, in the layout of an operand of that shape if there is one.
        private func makeResult(_ dtype: DType, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
            guard let shape = a.shape.broadcast(with: b.shape) else {
                fatalError("cpu backend: shapes \(a.shape) and \(b.shape) do not broadcast")
            }
            var layout = Layout.contiguous
            if a.shape == shape && a.isBlock && !(b.shape == shape && b.hasChannelsTogether) {
                layout = a.layout
            } else if b.shape == shape && b.isBlock {
                layout = b.layout
            }
            return DeviceBuffer(shape, dtype, on: .cpu, layout: layout)
        }
    }

    // MARK: Comparison, selection, accumulation

    extension CPUBackend {
        package func compare(_ operation: ComparisonOperation, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
            guard computes(.compare, a) else { return elsewhere(.compare, a.dtype).compare(operation, a, b) }
            if a.dtype != .float32 {
                return typedCompare(operation, a, b) ?? reference.compare(operation, a.strided, b.strided)
            }
            if a.shape == b.shape && a.isBlock(like: b) {
                let result = DeviceBuffer(a.shape, .bool, on: .cpu, layout: a.layout)
                let truth = result.elements(as: UInt8.self)
                yuyan_compare(operation.rawValue, a.floats, b.floats, truth, a.elementCount)
                return withExtendedLifetime((a, b)) { result }
            }
            if a.channelBlock != nil || b.channelBlock != nil, let blocks = InBlocks([a, b], .bool) {
                compareStrided(operation, blocks[0], blocks[1], into: blocks.result)
                return blocks.image
            }
            let (a, b) = (a.strided, b.strided)
            let result = makeResult(.bool, a, b)
            compareStrided(operation, a, b, into: result)
            return result
        }

        private func compareStrided(
            _ operation: ComparisonOperation, _ a: DeviceBuffer, _ b: DeviceBuffer, into result: DeviceBuffer
        ) {
            let truth = result.elements(as: UInt8.self)
            withLanes(result.shape, result.strides, a.broadcastStrides, b.broadcastStrides) {
                size, to, left, right, _ in
                yuyan_compare_strided(operation.rawValue, size, truth, to, a.floats, left, b.floats, right)
            }
            withExtendedLifetime((a, b, result)) {}
        }

        package func compare(_ operation: ComparisonOperation, _ x: DeviceBuffer, scalar: Double) -> DeviceBuffer {
            guard computes(.compare, x) else {
                return elsewhere(.compare, x.dtype).compare(operation, x, scalar: scalar)
            }
            if x.dtype != .float32 {
                let number = full(.scalar, x.dtype, scalar)
                // What an integer cannot hold is compared as Double.
                let read = cast(number, to: .float64)
                let isExact = withExtendedLifetime(read) { $0.elements(as: Double.self).pointee == scalar }
                if isExact || x.dtype == .float64 { return compare(operation, x, number) }
                return compare(operation, cast(x, to: .float64), scalar: scalar)
            }
            let source = x.isBlock ? x : copied(x)
            let result = DeviceBuffer(source.shape, .bool, on: .cpu, layout: source.layout)
            let truth = result.elements(as: UInt8.self)
            withExtendedLifetime(source) {
                yuyan_compare_scalar(operation.rawValue, source.floats, Float(scalar), truth, source.elementCount)
            }
            return result
        }

        package func select(_ condition: DeviceBuffer, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
            if a.dtype != .float32 { return typedSelect(condition, a, b) }
            if condition.shape == a.shape && a.shape == b.shape && condition.isBlock(like: a) && a.isBlock(like: b) {
                let result = makeBuffer(a.shape, a.layout)
                let chosen = condition.elements(as: UInt8.self)
                yuyan_select(chosen, a.floats, b.floats, result.floats, a.elementCount)
                return withExtendedLifetime((condition, a, b)) { result }
            }
            if condition.channelBlock != nil || a.channelBlock != nil || b.channelBlock != nil,
                let blocks = InBlocks([condition, a, b], .float32)
            {
                selectStrided(blocks[0], blocks[1], blocks[2], into: blocks.result)
                return blocks.image
            }
            let (condition, a, b) = (condition.strided, a.strided, b.strided)
            guard let values = a.shape.broadcast(with: b.shape), let shape = condition.shape.broadcast(with: values)
            else {
                fatalError("cpu backend: shapes \(condition.shape), \(a.shape) and \(b.shape) do not broadcast")
            }
            let layout = a.shape == shape && a.isBlock ? a.layout : .contiguous
            let result = makeBuffer(shape, layout)
            selectStrided(condition, a, b, into: result)
            return result
        }

        private func selectStrided(
            _ condition: DeviceBuffer, _ a: DeviceBuffer, _ b: DeviceBuffer, into result: DeviceBuffer
        ) {
            let chosen = condition.elements(as: UInt8.self)
            withLanes(
                result.shape, result.strides, condition.broadcastStrides, a.broadcastStrides, b.broadcastStrides
            ) { size, to, mask, left, right in
                yuyan_select_strided(size, result.floats, to, chosen, mask, a.floats, left, b.floats, right)
            }
            withExtendedLifetime((condition, a, b, result)) {}
        }

        package func accumulate(_ source: DeviceBuffer, into destination: DeviceBuffer) {
            guard computes(.accumulate, source) else {
                elsewhere(.accumulate, source.dtype).accumulate(source, into: destination)
                return
            }
            if source.dtype != destination.dtype {
                accumulate(cast(source, to: destination.dtype), into: destination)
                return
            }
            if source.dtype != .float32 {
                if !typedAccumulate(source, into: destination) { reference.accumulate(source, into: destination) }
                return
            }
            let sum = BinaryOperation.add.rawValue
            if destination.isBlock(like: source) {
                yuyan_binary(sum, destination.floats, source.floats, destination.floats, source.elementCount)
                return
            }
            if destination.hasChannelsTogether || source.hasChannelsTogether && destination.isBlock {
                let source = arranged(source, like: destination)
                defer { withExtendedLifetime(source) {} }
                yuyan_binary(sum, destination.floats, source.floats, destination.floats, source.elementCount)
                return
            }
            let source = source.strided
            defer { withExtendedLifetime(source) {} }
            withLanes(source.shape, destination.strides, source.strides) { size, to, from, _, _ in
                yuyan_binary_strided(
                    sum, size, destination.floats, to, destination.floats, to, source.floats, from)
            }
        }
    }
#endif
