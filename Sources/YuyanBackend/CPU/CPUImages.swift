#if OneDNN
    import YuyanKernels

    // Images [N, C, H, W] whose memory is [N, C/block, H, W, block]: plain with blocks of 1, channels-last with one
    // block, and what lies between.

    extension DeviceBuffer {
        /// The number of channels that lie together, if the buffer lies in blocks of channels.
        @inline(__always) var channelBlock: Int? {
            if case .channelBlocks(let block) = layout { return block }
            return nil
        }

        /// The same for any image: 1 for a plain one, all channels for a channels-last one, nil for other strides.
        var imageBlock: Int? {
            if let channelBlock { return channelBlock }
            if isChannelsLast { return shape[1] }
            return isContiguous ? 1 : nil
        }

        /// True for an image whose memory has channels together, and is not plain as well.
        var hasChannelsTogether: Bool {
            switch layout {
            case .contiguous: false
            case .channelBlocks: true
            case .strided: rank == 4 && isChannelsLast && shape[1] * shape[2] * shape[3] > shape[1]
            }
        }

        /// How many channels lie together in an image or a part of one: 1 if it is plain, 0 if it is channels-last. nil where
        /// all orders are the same, for repeated elements, and for what is no image.
        var order: Int? {
            guard rank == 4, shape[1] > 1, shape[2] * shape[3] > 1 else { return nil }
            switch layout {
            case .contiguous: return 1
            case .channelBlocks(let block): return block
            case .strided(let strides):
                if any((strides.lanes .== 0) .& (shape.wideLanes .> 1)) { return nil }
                return strides.lanes[5] == 1 ? 0 : strides.lanes[7] == 1 || shape[3] == 1 ? 1 : nil
            }
        }

        /// Runs a copy, and counts it if this is an image and the copy lies in another layout. `destination` may be a larger
        /// image of which it becomes a part.
        @inline(__always)
        func countingReorder(into destination: DeviceBuffer, _ copy: () -> Void) {
            guard let from = order, let to = destination.order, from != to else { return copy() }
            // One block of channels is channels-last.
            if from == 0 && to == shape[1] || to == 0 && from == destination.shape[1] { return copy() }
            Reorders.count(shape, dtype, from: from, to: to, copy)
        }

        /// A region of an image as `[N, C/coarse, coarse/fine, fine, H, W]`: a view that has strides even if the image has
        /// none. The region begins and ends between blocks, and the image's block is `coarse` or `fine`.
        fileprivate func grouping(_ region: Region, coarse: Int, fine: Int) -> DeviceBuffer {
            var lanes = SIMD8<Int>(repeating: 0)
            var offset = 0
            if let block = channelBlock {
                let group = shape[2] * shape[3] * block
                let image = SIMD4(shape[1] / block * group, group / block, shape[3] * block, block)
                let (starts, steps) = (region.starts.highHalf, region.steps.highHalf)
                offset = (image &* starts).wrappedSum()
                lanes.highHalf = image &* steps
                lanes[2] = lanes[4]
                lanes[3] = coarse / block * group
                lanes[4] = block == fine ? group : fine
                lanes[5] = 1
            } else {
                let old = strides.lanes
                offset = (old &* region.starts).wrappedSum()
                lanes = old &* region.steps
                let channel = lanes[5]
                lanes[2] = lanes[4]
                lanes[3] = channel * coarse
                lanes[4] = channel * fine
            }
            let channels = region.shape[1]
            let shape: Shape = [
                region.shape[0], channels / coarse, coarse / fine, fine, region.shape[2], region.shape[3],
            ]
            return view(shape, Strides(lanes: lanes), offset: offset)
        }

        /// A buffer that broadcasts to an image, as one that broadcasts to `[N, C/block, 1, block, H, W]`; nil if it lies in
        /// other blocks.
        func grouped(by block: Int) -> DeviceBuffer? {
            if let channelBlock {
                return channelBlock == block ? grouping(Region(all: shape), coarse: block, fine: block) : nil
            }
            let old = strides.lanes
            var padded = Shape([1, 1, 1, 1])
            for axis in 0..<rank { padded[4 - rank + axis] = shape[axis] }
            let image = view(padded, Strides(lanes: old))
            if padded[1] != 1 { return image.grouping(Region(all: padded), coarse: block, fine: block) }
            return image.grouping(Region(all: padded), coarse: 1, fine: 1)
        }
    }

    extension Region {
        /// True if it begins and ends between blocks of channels of an image, and skips none.
        func isAligned(to block: Int) -> Bool {
            starts[5] % block == 0 && shape[1] % block == 0 && steps[5] == 1
        }
    }

    extension Layout {
        /// That of an image `[N, C, H, W]` with blocks of channels.
        static func image(_ shape: Shape, block: Int) -> Layout {
            if block == 1 || shape[1] == 1 || shape[2] * shape[3] == 1 { return .contiguous }
            return block == shape[1] ? .strided(.channelsLast(shape)) : .channelBlocks(block)
        }
    }

    /// Operands of an elementwise operation, one of which is an image in blocks with the result's shape, as views with
    /// strides, and a new image for the result, which lies like that one.
    struct InBlocks {
        let image: DeviceBuffer
        /// A view of `image`.
        let result: DeviceBuffer
        private let operands: [DeviceBuffer]

        /// nil if there is no such image, or if another one lies in other blocks.
        init?(_ operands: [DeviceBuffer], _ dtype: DType) {
            guard let model = operands.first(where: { $0.channelBlock != nil }), let block = model.channelBlock else {
                return nil
            }
            var views: [DeviceBuffer] = []
            for operand in operands {
                guard operand.shape.broadcast(with: model.shape) == model.shape, let view = operand.grouped(by: block)
                else { return nil }
                views.append(view)
            }
            self.operands = views
            image = DeviceBuffer(model.shape, dtype, on: .cpu, layout: model.layout)
            result = image.grouped(by: block)!
        }

        subscript(_ index: Int) -> DeviceBuffer { operands[index] }
    }

    extension CPUBackend {
        /// As many channels as a vector register of oneDNN's kernels has numbers.
        static let channelsOfRegister = Processor.instructionsInUse == "AVX-512" ? 16 : 8

        /// The block in which convolutions will want an image with so many channels, as far as that can be known.
        func preferredBlock(_ channels: Int) -> Int {
            channels % CPUBackend.channelsOfRegister == 0 ? max(CPUBackend.channelsOfRegister, 1) : channels
        }

        /// A new image buffer `[N, C, H, W]` with blocks of channels.
        func makeImage(_ shape: Shape, block: Int, _ dtype: DType = .float32) -> DeviceBuffer {
            makeBuffer(shape, .image(shape, block: block), dtype)
        }

        /// `copy` for images of which at least one lies in blocks.
        func copyBlocks(_ source: DeviceBuffer, into destination: DeviceBuffer) {
            let all = Region(all: source.shape)
            source.countingReorder(into: destination) { copyBlocks(source, all, into: destination, all) }
        }

        /// Copies a region of an image into one of another image; both begin and end between blocks.
        func copyBlocks(_ source: DeviceBuffer, _ from: Region, into destination: DeviceBuffer, _ to: Region) {
            let blocks = (source.channelBlock ?? destination.channelBlock ?? 1, destination.channelBlock)
            let (first, second) = (blocks.0, blocks.1 ?? blocks.0)
            let (coarse, fine) = (max(first, second), min(first, second))
            copy(
                source.grouping(from, coarse: coarse, fine: fine),
                into: destination.grouping(to, coarse: coarse, fine: fine))
        }
    }
#endif
