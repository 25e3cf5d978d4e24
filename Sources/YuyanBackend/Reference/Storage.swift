import Glibc

extension ReferenceBackend {
    package func upload(_ bytes: UnsafeRawBufferPointer, _ shape: Shape, _ dtype: DType) -> DeviceBuffer {
        let result = makeBuffer(shape, dtype)
        let byteCount = result.elementCount * dtype.byteCount
        guard bytes.count >= byteCount else {
            fatalError("upload: \(shape) of \(dtype) takes \(byteCount) bytes; \(bytes.count) are given")
        }
        if let base = bytes.baseAddress { memcpy(result.pointer, base, byteCount) }
        return result
    }

    package func download(_ x: DeviceBuffer, into bytes: UnsafeMutableRawBufferPointer) {
        let byteCount = x.elementCount * x.dtype.byteCount
        guard bytes.count >= byteCount else {
            fatalError("download: \(x.shape) of \(x.dtype) takes \(byteCount) bytes; there is room for \(bytes.count)")
        }
        // Without a hold on the copy it would be freed as soon as its pointer is known.
        withExtendedLifetime(contiguous(x)) { rows in
            if let base = bytes.baseAddress { memcpy(base, rows.pointer, byteCount) }
        }
    }

    package func fill(_ x: DeviceBuffer, with value: Double) {
        switch x.dtype {
        case .float32: fill(x, Float(converting: value))
        case .float64: fill(x, value)
        case .bfloat16: fill(x, BFloat16(converting: value))
        case .int32: fill(x, Int32(converting: value))
        case .int64: fill(x, Int64(converting: value))
        case .uint8: fill(x, UInt8(converting: value))
        case .bool: fill(x, Bool(converting: value))
        }
    }

    private func fill<T: ReferenceElement>(_ x: DeviceBuffer, _ value: T) {
        let elements = x.elements(as: T.self)
        let loop = StridedLoop(x.shape, x.strides)
        loop.forEachRow { row in
            for i in 0..<loop.rowLength { elements[row[0] + i * loop.rowStep[0]] = value }
        }
    }

    package func copy(_ source: DeviceBuffer, into destination: DeviceBuffer) {
        if source.dtype == destination.dtype {
            move(source, into: destination)
            return
        }
        switch source.dtype {
        case .float32: convert(source, from: Float.self, into: destination)
        case .float64: convert(source, from: Double.self, into: destination)
        case .bfloat16: convert(source, from: BFloat16.self, into: destination)
        case .int32: convert(source, from: Int32.self, into: destination)
        case .int64: convert(source, from: Int64.self, into: destination)
        case .uint8: convert(source, from: UInt8.self, into: destination)
        case .bool: convert(source, from: Bool.self, into: destination)
        }
    }

    private func convert<S: ReferenceElement>(_ source: DeviceBuffer, from: S.Type, into destination: DeviceBuffer) {
        switch destination.dtype {
        case .float32: convert(source, from: S.self, into: destination, to: Float.self)
        case .float64: convert(source, from: S.self, into: destination, to: Double.self)
        case .bfloat16: convert(source, from: S.self, into: destination, to: BFloat16.self)
        case .int32: convert(source, from: S.self, into: destination, to: Int32.self)
        case .int64: convert(source, from: S.self, into: destination, to: Int64.self)
        case .uint8: convert(source, from: S.self, into: destination, to: UInt8.self)
        case .bool: convert(source, from: S.self, into: destination, to: Bool.self)
        }
    }

    private func convert<S: ReferenceElement, D: ReferenceElement>(
        _ source: DeviceBuffer, from: S.Type, into destination: DeviceBuffer, to: D.Type
    ) {
        let input = source.elements(as: S.self)
        let output = destination.elements(as: D.self)
        let loop = StridedLoop(source.shape, destination.strides, source.strides)
        loop.forEachElement { at in output[at[0]] = input[at[1]].wide.narrowed(to: D.self) }
    }

    /// Copies elements of one dtype: only their size matters.
    private func move(_ source: DeviceBuffer, into destination: DeviceBuffer) {
        switch source.dtype.byteCount {
        case 1: move(source, into: destination, as: UInt8.self)
        case 2: move(source, into: destination, as: UInt16.self)
        case 4: move(source, into: destination, as: UInt32.self)
        default: move(source, into: destination, as: UInt64.self)
        }
    }

    private func move<T: BitwiseCopyable>(_ source: DeviceBuffer, into destination: DeviceBuffer, as: T.Type) {
        let input = source.elements(as: T.self)
        let output = destination.elements(as: T.self)
        let loop = StridedLoop(source.shape, destination.strides, source.strides)
        loop.forEachRow { row in
            if loop.rowStep[0] == 1 && loop.rowStep[1] == 1 {
                (output + row[0]).update(from: input + row[1], count: loop.rowLength)
            } else {
                for i in 0..<loop.rowLength {
                    output[row[0] + i * loop.rowStep[0]] = input[row[1] + i * loop.rowStep[1]]
                }
            }
        }
    }
}
