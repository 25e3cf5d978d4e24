#if OneDNN
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

        /// A view of an image as `[N, C/block, block, H, W]`, which has strides even if the image has none.
        fileprivate func groupingChannels(by block: Int) -> DeviceBuffer {
            let (channels, height, width) = (shape[1], shape[2], shape[3])
            let groups = channels / block
            var lanes = SIMD8<Int>(repeating: 0)
            if channelBlock == nil {
                let old = strides.lanes
                lanes[3] = old[4]
                lanes[4] = old[5] * block
                lanes[5] = old[5]
                lanes[6] = old[6]
                lanes[7] = old[7]
            } else {
                lanes[3] = channels * height * width
                lanes[4] = height * width * block
                lanes[5] = 1
                lanes[6] = width * block
                lanes[7] = block
            }
            return view([shape[0], groups, block, height, width], Strides(lanes: lanes))
        }
    }

    extension CPUBackend {
        /// A new image buffer `[N, C, H, W]` with blocks of channels.
        func makeImage(_ shape: Shape, block: Int, _ dtype: DType = .float32) -> DeviceBuffer {
            if block == 1 || shape[2] * shape[3] == 1 { return makeBuffer(shape, .contiguous, dtype) }
            return block == shape[1] ? makeImage(shape, dtype) : makeBuffer(shape, .channelBlocks(block), dtype)
        }

        /// `copy` for images of which at least one lies in blocks of this size.
        func copyBlocks(of block: Int, _ source: DeviceBuffer, into destination: DeviceBuffer) {
            if source.channelBlock != nil && destination.channelBlock != nil {
                let between = copied(source)
                copy(between, into: destination)
                return
            }
            let (from, to) = (source.groupingChannels(by: block), destination.groupingChannels(by: block))
            copy(from, into: to)
        }
    }
#endif
