#if OneDNN
    // Movement that leaves images in the layouts in which convolutions want them.

    extension CPUBackend {
        package func duplicated(_ x: DeviceBuffer) -> DeviceBuffer {
            let result = DeviceBuffer(x.shape, x.dtype, on: .cpu, layout: x.isBlock ? x.layout : .contiguous)
            copy(x, into: result)
            return result
        }

        package func reshaped(_ x: DeviceBuffer, _ shape: Shape, layout: Layout) -> DeviceBuffer {
            if case .channelBlocks = x.layout, x.shape == shape { return x }
            let plain = x.reshapedView(shape) ?? copied(x).reshapedView(shape)!
            switch layout {
            case .contiguous: return plain
            case .strided(let strides):
                guard shape.rank == 4, strides.lanes == Strides.channelsLast(shape).lanes else { return plain }
            case .channelBlocks: break
            }
            if plain.hasChannelsTogether { return plain }
            let image = makeBuffer(shape, layout, x.dtype)
            copy(plain, into: image)
            return image
        }

        package func sliced(_ x: DeviceBuffer, _ region: Region) -> DeviceBuffer {
            guard x.hasChannelsTogether, region.shape.elementCount > 0 else { return region.view(of: x.strided) }
            if let block = x.channelBlock {
                if !region.isAligned(to: block) { return sliced(channelsLast(x), region) }
                if let samples = x.samples(region) { return samples }
                let shape = region.shape
                let result = DeviceBuffer(shape, x.dtype, on: .cpu, layout: .image(shape, block: block))
                copyBlocks(x, region, into: result, Region(all: shape))
                return result
            }
            // A view of some channels has gaps, and no convolution takes it.
            let view = region.view(of: x)
            if region.shape[1] == x.shape[1] { return view }
            let layout = Layout.image(region.shape, block: region.shape[1])
            let result = DeviceBuffer(region.shape, x.dtype, on: .cpu, layout: layout)
            copy(view, into: result)
            return result
        }

        package func split(_ x: DeviceBuffer, axis: Int, sizes: [Int]) -> [DeviceBuffer] {
            var x = x
            // Into the layout of the parts at once, where blocks would be cut.
            if let block = x.channelBlock, axis == 1, sizes.contains(where: { $0 % block != 0 }) { x = channelsLast(x) }
            var start = 0
            return sizes.map { size in
                defer { start += size }
                return sliced(x, Region(of: x.shape, axis: axis, from: start, count: size))
            }
        }

        package func concatenated(_ operands: [DeviceBuffer], axis: Int, _ shape: Shape) -> DeviceBuffer {
            let layout = layoutOfAll(operands, axis: axis, shape)
            let result = DeviceBuffer(shape, operands[0].dtype, on: .cpu, layout: layout)
            var start = 0
            for x in operands where x.elementCount > 0 {
                write(x, into: Region(of: shape, axis: axis, from: start, count: x.shape[axis]), of: result)
                start += x.shape[axis]
            }
            return result
        }

        package func replace(_ region: Region, of x: DeviceBuffer, with values: DeviceBuffer) {
            if region.shape.elementCount == 0 { return }
            let values = broadcast(values, to: region.shape)
            guard let block = x.channelBlock, !region.isAligned(to: block) else {
                write(values, into: region, of: x)
                return
            }
            let plain = copied(x)
            write(values, into: region, of: plain)
            copy(plain, into: x)
        }

        package func placed(_ x: DeviceBuffer, in region: Region, of shape: Shape) -> DeviceBuffer {
            var layout = Layout.contiguous
            if let order = x.order, order != 1, region.steps[5] == 1 {
                // One block of channels may be a part of an image in such blocks.
                let isOneBlock = x.shape[1] == CPUBackend.channelsOfRegister
                let block = x.channelBlock ?? (isOneBlock ? x.shape[1] : shape[1])
                let fits = shape[1] % block == 0 && region.starts[5] % block == 0
                layout = .image(shape, block: fits ? block : shape[1])
            }
            let result = DeviceBuffer(shape, x.dtype, on: .cpu, layout: layout)
            fill(result, with: 0)
            replace(region, of: result, with: x)
            return result
        }

        /// Writes `x` over a region of `result` in one pass, in whatever layouts they lie. The region begins and ends
        /// between blocks of `result`.
        private func write(_ x: DeviceBuffer, into region: Region, of result: DeviceBuffer) {
            x.countingReorder(into: result) {
                if x.channelBlock != nil || result.channelBlock != nil {
                    copyBlocks(x, Region(all: x.shape), into: result, region)
                } else {
                    copyStrided(x, into: region.view(of: result))
                }
            }
        }

        /// The layout in which most of the elements of images lie already, if all can lie that way.
        private func layoutOfAll(_ operands: [DeviceBuffer], axis: Int, _ shape: Shape) -> Layout {
            guard shape.rank == 4, operands.contains(where: \.hasChannelsTogether) else { return .contiguous }
            var counts: (blocks: [Int: Int], last: Int, plain: Int) = ([:], 0, 0)
            for x in operands {
                if let block = x.channelBlock {
                    counts.blocks[block, default: 0] += x.elementCount
                } else if x.hasChannelsTogether {
                    counts.last += x.elementCount
                    // One block of channels lies as both do.
                    if x.shape[1] == CPUBackend.channelsOfRegister {
                        counts.blocks[x.shape[1], default: 0] += x.elementCount
                    }
                } else if x.isContiguous && x.shape[2] * x.shape[3] > 1 {
                    counts.plain += x.elementCount
                }
            }
            let isPossible = { (block: Int) in
                shape[1] % block == 0 && (axis != 1 || operands.allSatisfy { $0.shape[1] % block == 0 })
            }
            let best = counts.blocks.filter { isPossible($0.key) }.max { ($0.value, $0.key) < ($1.value, $1.key) }
            if let best, best.value >= max(counts.last, counts.plain) { return .image(shape, block: best.key) }
            return counts.plain > counts.last ? .contiguous : .image(shape, block: shape[1])
        }
    }

    extension DeviceBuffer {
        /// A view of an image in blocks, if the region leaves out nothing but samples at the ends.
        fileprivate func samples(_ region: Region) -> DeviceBuffer? {
            let isWhole = region.shape[1] == shape[1] && region.shape[2] == shape[2] && region.shape[3] == shape[3]
            guard isWhole, region.steps[4] == 1 || region.shape[0] == 1 else { return nil }
            return view(region.shape, layout: layout, offset: region.starts[4] * (elementCount / shape[0]))
        }
    }
#endif
