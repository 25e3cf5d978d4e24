#if OneDNN
    import COneDNN
    import YuyanKernels

    /// Vectorised loops and oneDNN on all cores.
    ///
    /// Which element types are computed here stands in CPUElementTypes.swift; others, and rare layouts, go to the Reference
    /// loops, which read and write the same host memory. Images that convolutions and poolings return lie channels-last; elementwise operations
    /// keep the layout of their operand.
    package struct CPUBackend: Backend {
        package init() {}

        package var device: Device { .cpu }

        /// The number of threads that all loops and oneDNN use.
        package static var threadCount: Int {
            get { Int(yuyan_thread_count()) }
            set { yuyan_set_thread_count(Int32(newValue)) }
        }

        /// oneDNN's name of the implementation that the calling thread used last.
        package static var lastImplementation: String { String(cString: yuyan_onednn_implementation()) }

        /// How many of oneDNN's primitives are kept, and the bytes that they hold, about.
        package static var primitiveCache: (count: Int, byteCount: Int) {
            let size = yuyan_onednn_cache_size()
            return (size.count, size.bytes)
        }

        /// Such as `3.2.1`.
        static var oneDNNVersion: String {
            let version = Int(yuyan_onednn_version())
            return "\(version / 10000).\(version / 100 % 100).\(version % 100)"
        }

        /// Makes `lastImplementation` empty until oneDNN is used again.
        package static func forgetImplementation() { yuyan_onednn_forget_implementation() }

        @inline(__always)
        func makeBuffer(_ shape: Shape, _ layout: Layout = .contiguous, _ dtype: DType = .float32) -> DeviceBuffer {
            DeviceBuffer(shape, dtype, on: .cpu, layout: layout)
        }

        /// Ends the process if oneDNN failed.
        func check(_ status: Int32, _ primitive: StaticString) {
            if status != 0 { fatalError("cpu backend: \(primitive): \(String(cString: yuyan_onednn_message()))") }
        }

        /// False if oneDNN refuses the problem, which the Reference loops must compute then: some of its kernels take
        /// no images of more than 2²⁵ pixels, for example. Ends the process if it failed for another reason.
        func isComputed(_ status: Int32, _ primitive: StaticString) -> Bool {
            if yuyan_onednn_is_refusal(status) { return false }
            check(status, primitive)
            return true
        }
    }

    // MARK: Layouts

    extension DeviceBuffer {
        @inline(__always) var floats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }

        /// True for the plain layout, without looking at strides.
        @inline(__always) var isPlain: Bool {
            if case .contiguous = layout { return true }
            return false
        }

        /// True if the elements fill one block, in whatever order.
        @inline(__always) var isBlock: Bool {
            switch layout {
            case .contiguous: true
            case .strided(let strides): strides.isBlock(of: shape)
            case .channelBlocks: true
            }
        }

        /// True if the elements of both lie in the same order and fill one block. The shapes are equal.
        @inline(__always) func isBlock(like other: DeviceBuffer) -> Bool {
            switch (layout, other.layout) {
            case (.contiguous, .contiguous): true
            case (.strided(let left), .strided(let right)): left == right && left.isBlock(of: shape)
            case (.channelBlocks(let left), .channelBlocks(let right)): left == right
            default: false
            }
        }

        /// True if an `[N, C, H, W]` buffer lies as `[N, H, W, C]`.
        var isChannelsLast: Bool {
            switch layout {
            case .contiguous: return shape[1] == 1 || shape[2] * shape[3] == 1
            case .channelBlocks: return false
            case .strided(let strides):
                // Strides of axes with one element do not matter.
                let agrees = strides.lanes .== Strides.channelsLast(shape).lanes
                return all(agrees .| (shape.wideLanes .== 1))
            }
        }
    }

    extension Shape {
        /// The sizes as wide as strides.
        @inline(__always) var wideLanes: SIMD8<Int> { SIMD8(truncatingIfNeeded: lanes) }
    }

    extension Strides {
        /// True if a buffer with these strides fills one block without gaps or repeats.
        func isBlock(of shape: Shape) -> Bool {
            var expected = 1
            var remaining = 0
            for lane in 0..<8 where shape.lanes[lane] != 1 {
                if shape.lanes[lane] == 0 { return true }
                remaining |= 1 << lane
            }
            while remaining != 0 {
                var lane = 7
                while lane >= 0 && (remaining & 1 << lane == 0 || lanes[lane] != expected) { lane -= 1 }
                if lane < 0 { return false }
                expected *= Int(shape.lanes[lane])
                remaining &= ~(1 << lane)
            }
            return true
        }

        /// The strides of a shape `[N, C, H, W]` whose memory is `[N, H, W, C]`.
        static func channelsLast(_ shape: Shape) -> Strides {
            let (channels, height, width) = (shape[1], shape[2], shape[3])
            var lanes = SIMD8<Int>(repeating: 0)
            lanes[4] = channels * height * width
            lanes[5] = 1
            lanes[6] = width * channels
            lanes[7] = channels
            return Strides(lanes: lanes)
        }
    }

    extension CPUBackend {
        /// A new image buffer `[N, C, H, W]`, channels-last.
        func makeImage(_ shape: Shape, _ dtype: DType = .float32) -> DeviceBuffer {
            if shape[1] == 1 || shape[2] * shape[3] == 1 { return makeBuffer(shape, .contiguous, dtype) }
            return makeBuffer(shape, .strided(.channelsLast(shape)), dtype)
        }

        /// `x` itself if it lies channels-last, else a copy that does.
        func channelsLast(_ x: DeviceBuffer) -> DeviceBuffer {
            if x.isChannelsLast { return x }
            let result = DeviceBuffer(x.shape, x.dtype, on: .cpu, layout: .image(x.shape, block: x.shape[1]))
            copy(x, into: result)
            return result
        }

        /// Calls a kernel with the lanes of a shape and up to four strides.
        @inline(__always)
        func withLanes(
            _ shape: Shape, _ first: Strides, _ second: Strides, _ third: Strides = Strides(lanes: .zero),
            _ fourth: Strides = Strides(lanes: .zero),
            _ body: (
                UnsafePointer<Int32>, UnsafePointer<Int>, UnsafePointer<Int>, UnsafePointer<Int>, UnsafePointer<Int>
            )
                -> Void
        ) {
            var sizes = shape.lanes
            var strides = (first.lanes, second.lanes, third.lanes, fourth.lanes)
            withUnsafeMutableBytes(of: &sizes) { sizes in
                withUnsafeMutableBytes(of: &strides) { strides in
                    let size = UnsafePointer(sizes.baseAddress!.assumingMemoryBound(to: Int32.self))
                    let stride = UnsafePointer(strides.baseAddress!.assumingMemoryBound(to: Int.self))
                    body(size, stride, stride + 8, stride + 16, stride + 24)
                }
            }
        }
    }
#endif
