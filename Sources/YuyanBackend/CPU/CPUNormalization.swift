#if OneDNN
    import Glibc
    import YuyanKernels

    extension CPUBackend {
        package func normalize(
            _ kind: NormalizationKind, _ x: DeviceBuffer, scale: DeviceBuffer?, offset: DeviceBuffer?,
            given: ChannelStatistics?, epsilon: Double
        ) -> Normalized {
            guard computes(.normalize, x), x.elementCount > 0 else {
                return elsewhere(.normalize, x.dtype).normalize(
                    kind, x, scale: scale, offset: offset, given: given, epsilon: epsilon)
            }
            let x = inRunsOfChannels(x)
            var shape = yuyan_channels(x)
            let channels = x.shape[1]
            let (scale, offset) = (scale.map(contiguous), offset.map(contiguous))
            let scratch = makeScratch(&shape)
            let saved = DeviceBuffer([2, channels], .float64, on: .cpu)
            let means = saved.elements(as: Double.self)
            let variances = means + channels
            let statistics: ChannelStatistics
            if let given {
                statistics = given
                copy(given.mean, into: saved.row(0))
                copy(given.variance, into: saved.row(1))
            } else {
                withExtendedLifetime(x) {
                    yuyan_channel_statistics(&shape, x.floats, means, variances, scratch.elements(as: Double.self))
                }
                statistics = ChannelStatistics(
                    mean: cast(saved.row(0), to: .float32), variance: cast(saved.row(1), to: .float32))
            }
            for channel in 0..<channels { variances[channel] = 1 / sqrt(variances[channel] + epsilon) }
            let output = makeBuffer(x.shape, x.layout)
            withExtendedLifetime((x, scale, offset, saved)) {
                yuyan_normalize_channels(
                    &shape, x.floats, means, variances, scale?.floats, offset?.floats, output.floats,
                    scratch.elements(as: Double.self))
            }
            return Normalized(
                output: output, mean: statistics.mean, variance: statistics.variance, saved: saved)
        }

        package func normalizeGradient(
            _ kind: NormalizationKind, _ gradient: DeviceBuffer, _ x: DeviceBuffer, scale: DeviceBuffer?,
            saved: DeviceBuffer, isOfBatch: Bool, wanted: NormalizationOperands
        ) -> NormalizationGradients {
            guard computes(.normalize, x), x.elementCount > 0 else {
                return elsewhere(.normalize, x.dtype).normalizeGradient(
                    kind, gradient, x, scale: scale, saved: saved, isOfBatch: isOfBatch, wanted: wanted)
            }
            let x = inRunsOfChannels(x)
            let g = gradient.isBlock(like: x) ? gradient : arranged(gradient, like: x)
            let scale = scale.map(contiguous)
            var shape = yuyan_channels(x)
            let channels = x.shape[1]
            let scratch = makeScratch(&shape)
            let (means, work) = (saved.elements(as: Double.self), scratch.elements(as: Double.self))
            let inverse = means + channels
            let sums = DeviceBuffer([2, channels], .float64, on: .cpu)
            let (totals, products) = (sums.elements(as: Double.self), sums.elements(as: Double.self) + channels)
            let input = wanted.contains(.input) ? makeBuffer(x.shape, x.layout) : nil
            withExtendedLifetime((x, g, scale, saved, sums, scratch)) {
                if isOfBatch || wanted != .input {
                    yuyan_channel_gradient_sums(&shape, g.floats, x.floats, means, totals, products, work)
                }
                guard let input else { return }
                if isOfBatch {
                    yuyan_channel_input_gradient(
                        &shape, g.floats, x.floats, means, inverse, scale?.floats, totals, products, input.floats, work)
                } else {
                    yuyan_normalize_channels(
                        &shape, g.floats, nil, inverse, scale?.floats, nil, input.floats, work)
                }
            }
            for channel in 0..<channels where wanted.contains(.scale) { products[channel] *= inverse[channel] }
            return NormalizationGradients(
                input: input, scale: wanted.contains(.scale) ? cast(sums.row(1), to: .float32) : nil,
                offset: wanted.contains(.offset) ? cast(sums.row(0), to: .float32) : nil)
        }

        /// `x` if it is plain, or an image that is channels-last or in blocks of channels; else a plain copy.
        private func inRunsOfChannels(_ x: DeviceBuffer) -> DeviceBuffer {
            x.isPlain || x.rank == 4 && x.imageBlock != nil ? x : contiguous(x)
        }

        private func makeScratch(_ shape: inout yuyan_channels) -> DeviceBuffer {
            DeviceBuffer([yuyan_channel_scratch(&shape)], .float64, on: .cpu)
        }
    }

    extension DeviceBuffer {
        /// A row of a contiguous matrix.
        fileprivate func row(_ index: Int) -> DeviceBuffer {
            let row: Shape = [shape[1]]
            return view(row, row.contiguousStrides, offset: index * shape[1])
        }
    }

    extension yuyan_channels {
        /// How a buffer `[N, C, …]` lies that is plain, or an image in blocks of channels.
        fileprivate init(_ x: DeviceBuffer) {
            let (samples, channels) = (x.shape[0], x.shape[1])
            let rows = x.elementCount / (samples * channels)
            var block = x.rank == 4 ? x.imageBlock ?? 1 : 1
            if rows == 1 { block = channels }
            self.init(batch: samples, groups: channels / block, rows: rows, block: block)
        }
    }
#endif
