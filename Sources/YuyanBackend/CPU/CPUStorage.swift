#if OneDNN
    import YuyanKernels

    extension CPUBackend {
        package func upload(_ bytes: UnsafeRawBufferPointer, _ shape: Shape, _ dtype: DType) -> DeviceBuffer {
            let result = DeviceBuffer(shape, dtype, on: .cpu)
            let byteCount = result.elementCount * dtype.byteCount
            guard bytes.count >= byteCount else {
                fatalError("upload: \(shape) of \(dtype) takes \(byteCount) bytes; \(bytes.count) are given")
            }
            let code = Int32(dtype.rawValue)
            if let base = bytes.baseAddress {
                yuyan_copy_flat(result.pointer, code, base, code, result.elementCount)
            }
            return result
        }

        package func download(_ x: DeviceBuffer, into bytes: UnsafeMutableRawBufferPointer) {
            let byteCount = x.elementCount * x.dtype.byteCount
            guard bytes.count >= byteCount else {
                fatalError(
                    "download: \(x.shape) of \(x.dtype) takes \(byteCount) bytes; there is room for \(bytes.count)")
            }
            let code = Int32(x.dtype.rawValue)
            if let base = bytes.baseAddress {
                let source = contiguous(x)
                withExtendedLifetime(source) {
                    yuyan_copy_flat(base, code, source.pointer, code, x.elementCount)
                }
            }
        }

        package func fill(_ x: DeviceBuffer, with value: Double) {
            guard x.isBlock else {
                reference.fill(x, with: value)
                return
            }
            let pattern: UInt64
            switch x.dtype {
            case .float32: pattern = UInt64(Float(value).bitPattern)
            case .float64: pattern = value.bitPattern
            case .bfloat16: pattern = UInt64(BFloat16(converting: value).bitPattern)
            case .int32: pattern = UInt64(UInt32(bitPattern: Int32(converting: value)))
            case .int64: pattern = UInt64(bitPattern: Int64(converting: value))
            case .uint8: pattern = UInt64(UInt8(converting: value))
            case .bool: pattern = value != 0 ? 1 : 0
            }
            yuyan_fill(x.pointer, Int32(x.dtype.byteCount), pattern, x.elementCount)
        }

        package func copy(_ source: DeviceBuffer, into destination: DeviceBuffer) {
            let from = Int32(source.dtype.rawValue)
            let to = Int32(destination.dtype.rawValue)
            if source.isBlock(like: destination) {
                yuyan_copy_flat(destination.pointer, to, source.pointer, from, source.elementCount)
                return
            }
            if source.channelBlock != nil || destination.channelBlock != nil {
                copyBlocks(source, into: destination)
                return
            }
            source.countingReorder(into: destination) { copyStrided(source, into: destination) }
        }

        /// `copy` for buffers with strides, without counting a reorder.
        func copyStrided(_ source: DeviceBuffer, into destination: DeviceBuffer) {
            let (from, to) = (Int32(source.dtype.rawValue), Int32(destination.dtype.rawValue))
            withLanes(source.shape, destination.strides, source.strides) { size, toStrides, fromStrides, _, _ in
                yuyan_copy(size, destination.pointer, to, toStrides, source.pointer, from, fromStrides)
            }
        }
    }
#endif
