extension ReferenceBackend {
    package func reduce(_ operation: ReductionOperation, _ x: DeviceBuffer, axes: AxisSet) -> DeviceBuffer {
        switch x.dtype {
        case .float32: reduceReal(operation, x, axes, as: Float.self)
        case .float64: reduceReal(operation, x, axes, as: Double.self)
        case .int32: reduceNumber(operation, x, axes, as: Int32.self)
        case .int64: reduceNumber(operation, x, axes, as: Int64.self)
        case .uint8: reduceNumber(operation, x, axes, as: UInt8.self)
        case .bfloat16: widened.reduce(operation, x, axes: axes)
        case .bool: unsupported("\(operation)", x.dtype)
        }
    }

    private func reduceReal<T: ReferenceReal>(
        _ operation: ReductionOperation, _ x: DeviceBuffer, _ axes: AxisSet, as type: T.Type
    ) -> DeviceBuffer {
        guard operation == .mean else { return reduceNumber(operation, x, axes, as: type) }
        let count = (0..<x.rank).reduce(1) { axes.contains(axis: $1) ? $0 * x.shape[$1] : $0 }
        return fold(x, axes, as: type, from: 0, { $0 + $1 }, finish: { $0 / Double(count) })
    }

    private func reduceNumber<T: ReferenceNumber>(
        _ operation: ReductionOperation, _ x: DeviceBuffer, _ axes: AxisSet, as type: T.Type
    ) -> DeviceBuffer {
        switch operation {
        case .sum: fold(x, axes, as: type, from: .zero, { T.Wide.add($0, $1) }, finish: { $0 })
        case .product: fold(x, axes, as: type, from: .one, { T.Wide.multiply($0, $1) }, finish: { $0 })
        case .maximum: fold(x, axes, as: type, from: T.lowest.wide, { T.Wide.maximum($0, $1) }, finish: { $0 })
        case .minimum: fold(x, axes, as: type, from: T.highest.wide, { T.Wide.minimum($0, $1) }, finish: { $0 })
        case .mean: unsupported("mean", x.dtype)
        }
    }

    /// Combines the elements along `axes` one after another, in the wide type.
    @inline(__always)
    private func fold<T: ReferenceNumber>(
        _ x: DeviceBuffer, _ axes: AxisSet, as type: T.Type, from initial: T.Wide,
        _ combine: (T.Wide, T.Wide) -> T.Wide,
        finish: (T.Wide) -> T.Wide
    ) -> DeviceBuffer {
        var shape = x.shape
        for axis in 0..<x.rank where axes.contains(axis: axis) { shape[axis] = 1 }
        let result = makeBuffer(shape, x.dtype)
        let input = x.elements(as: T.self)
        let output = result.elements(as: T.self)
        let partial = UnsafeMutablePointer<T.Wide>.allocate(capacity: result.elementCount)
        defer { partial.deallocate() }
        partial.initialize(repeating: initial, count: result.elementCount)
        let loop = StridedLoop(x.shape, result.broadcastStrides, x.strides)
        loop.forEachRow { row in
            if loop.rowStep[0] == 0 {
                var value = partial[row[0]]
                for i in 0..<loop.rowLength { value = combine(value, input[row[1] + i * loop.rowStep[1]].wide) }
                partial[row[0]] = value
            } else {
                for i in 0..<loop.rowLength {
                    let target = row[0] + i * loop.rowStep[0]
                    partial[target] = combine(partial[target], input[row[1] + i * loop.rowStep[1]].wide)
                }
            }
        }
        for i in 0..<result.elementCount { output[i] = finish(partial[i]).narrowed(to: type) }
        return result
    }
}

// MARK: Along one axis

extension ReferenceBackend {
    package func argReduce(_ operation: ArgReductionOperation, _ x: DeviceBuffer, axis: Int) -> DeviceBuffer {
        switch x.dtype {
        case .float32: argReduce(operation, x, axis, as: Float.self)
        case .float64: argReduce(operation, x, axis, as: Double.self)
        case .int32: argReduce(operation, x, axis, as: Int32.self)
        case .int64: argReduce(operation, x, axis, as: Int64.self)
        case .uint8: argReduce(operation, x, axis, as: UInt8.self)
        case .bfloat16: widened.argReduce(operation, x, axis: axis)
        case .bool: unsupported("index of the \(operation) element", x.dtype)
        }
    }

    /// The first NaN wins over all numbers.
    private func argReduce<T: ReferenceNumber>(
        _ operation: ArgReductionOperation, _ x: DeviceBuffer, _ axis: Int, as type: T.Type
    ) -> DeviceBuffer {
        let result = makeBuffer(replacing(x.shape, axis: axis, with: 1), .int64)
        let input = x.elements(as: T.self)
        let output = result.elements(as: Int64.self)
        let step = x.strides[axis, rank: x.rank]
        let loop = StridedLoop(result.shape, result.strides, x.strides)
        loop.forEachElement { at in
            let line = input + at[1]
            var best = 0
            for i in 1..<max(x.shape[axis], 1) {
                let candidate = line[i * step]
                let holder = line[best * step]
                let isBeyond = operation == .largest ? candidate > holder : candidate < holder
                let isBetter = isBeyond || (candidate.isNotANumber && !holder.isNotANumber)
                if isBetter { best = i }
            }
            output[at[0]] = Int64(best)
        }
        return result
    }

    package func scan(_ kind: ScanKind, _ x: DeviceBuffer, axis: Int, isReversed: Bool) -> DeviceBuffer {
        switch x.dtype {
        case .float32: cumulativeSum(x, axis, isReversed, as: Float.self)
        case .float64: cumulativeSum(x, axis, isReversed, as: Double.self)
        case .int32: cumulativeSum(x, axis, isReversed, as: Int32.self)
        case .int64: cumulativeSum(x, axis, isReversed, as: Int64.self)
        case .uint8: cumulativeSum(x, axis, isReversed, as: UInt8.self)
        case .bfloat16: widened.scan(kind, x, axis: axis, isReversed: isReversed)
        case .bool: unsupported("cumulative sum", x.dtype)
        }
    }

    private func cumulativeSum<T: ReferenceNumber>(
        _ x: DeviceBuffer, _ axis: Int, _ isReversed: Bool, as type: T.Type
    ) -> DeviceBuffer {
        let result = makeBuffer(x.shape, x.dtype)
        if result.elementCount == 0 { return result }
        let input = x.elements(as: T.self)
        let output = result.elements(as: T.self)
        let count = x.shape[axis]
        let inputStep = x.strides[axis, rank: x.rank]
        let outputStep = result.strides[axis, rank: x.rank]
        let loop = StridedLoop(replacing(x.shape, axis: axis, with: 1), result.strides, x.strides)
        loop.forEachElement { at in
            var sum = T.Wide.zero
            for position in 0..<count {
                let i = isReversed ? count - 1 - position : position
                sum = T.Wide.add(sum, input[at[1] + i * inputStep].wide)
                output[at[0] + i * outputStep] = sum.narrowed(to: type)
            }
        }
        return result
    }
}
