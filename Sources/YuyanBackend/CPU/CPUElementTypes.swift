#if OneDNN
    import YuyanKernels

    /// Which element types the kernels compute; the only list of them.
    extension PrimitiveFamily {
        /// Types that have loops of their own.
        @inline(__always)
        package var kernelTypes: ElementTypes {
            switch self {
            case .unary, .binary, .accumulate: [.float32, .float64, .bfloat16, .int32, .int64]
            case .compare, .reduce: [.float32, .float64, .int32, .int64]
            case .unaryGradient: [.float32, .float64, .bfloat16]
            case .qr: [.float32, .float64]
            // bfloat16 by oneDNN where the processor multiplies it, and by float32 elsewhere.
            case .product, .convolution: [.float32, .float64, .bfloat16]
            case .select, .indexing: .all
            case .argReduce, .scan, .triangularSolve, .pool, .normalize, .recurrent, .softmax, .loss, .scatterAdd,
                .random, .dropout:
                [.float32]
            // Of the parameter: gradient and shadow may be bfloat16.
            case .update: [.float32]
            }
        }

        /// Whether bfloat16 is computed by the loops of float32.
        package var widensHalves: Bool { kernelTypes.contains(.float32) && !kernelTypes.contains(.bfloat16) }
    }

    /// A set of element types.
    package struct ElementTypes: OptionSet, Sendable {
        package let rawValue: UInt8
        @inline(__always) package init(rawValue: UInt8) { self.rawValue = rawValue }
        @inline(__always) init(_ dtype: DType) { self.init(rawValue: 1 << dtype.rawValue) }

        @inline(__always) package static var float32: ElementTypes { ElementTypes(DType.float32) }
        @inline(__always) package static var float64: ElementTypes { ElementTypes(DType.float64) }
        @inline(__always) package static var bfloat16: ElementTypes { ElementTypes(DType.bfloat16) }
        @inline(__always) package static var int32: ElementTypes { ElementTypes(DType.int32) }
        @inline(__always) package static var int64: ElementTypes { ElementTypes(DType.int64) }
        @inline(__always) package static var all: ElementTypes { ElementTypes(rawValue: 0x7F) }

        @inline(__always) package func contains(_ dtype: DType) -> Bool { contains(ElementTypes(dtype)) }
    }

    extension CPUBackend {
        /// Whether the loops of a family of primitives take the elements of `x`. What they do not take goes to
        /// `elsewhere`.
        @inline(__always)
        func computes(_ family: PrimitiveFamily, _ x: DeviceBuffer) -> Bool { family.kernelTypes.contains(x.dtype) }

        /// What computes what the kernels do not: the float32 kernels for bfloat16, else Reference.
        @inline(never)
        func elsewhere(_ family: PrimitiveFamily, _ dtype: DType) -> any Backend {
            if dtype == .bfloat16 && family.widensHalves {
                return WidenedBackend(base: self) { $0.isBlock ? $0.layout : .contiguous }
            }
            yuyan_count_reference_use()
            return PlainLoops(base: self)
        }

        /// How often the calling thread has asked Reference to compute.
        package static var referenceUseCount: Int { yuyan_reference_uses() }

        /// The loops for what has no fast path here.
        var reference: ReferenceBackend {
            yuyan_count_reference_use()
            return ReferenceBackend(device: .cpu)
        }
    }

    /// The defaults of all primitives: Reference's loops, for operands in any layout.
    private struct PlainLoops: Backend {
        let base: CPUBackend
        var device: Device { base.device }

        func upload(_ bytes: UnsafeRawBufferPointer, _ shape: Shape, _ dtype: DType) -> DeviceBuffer {
            base.upload(bytes, shape, dtype)
        }
        func download(_ x: DeviceBuffer, into bytes: UnsafeMutableRawBufferPointer) { base.download(x, into: bytes) }
        func copy(_ source: DeviceBuffer, into destination: DeviceBuffer) { base.copy(source, into: destination) }
    }
#endif
