#if OneDNN
    import YuyanKernels

    extension CPUBackend {
        package func pool(_ kind: PoolKind, _ input: DeviceBuffer, outputShape: Shape, _ window: PoolingGeometry)
            -> Pooled
        {
            guard computes(kind, input) else {
                return elsewhere(.pool, input.dtype).pool(kind, input, outputShape: outputShape, window)
            }
            let x = poolable(input)
            var pool = yuyan_pool(x.shape, outputShape, window, x.channelBlock, x.dtype)
            let output = makeImage(outputShape, block: x.channelBlock ?? x.shape[1], x.dtype)
            // It lies as the output does, and holds for each output the int32 position h · W + w of the largest element in
            // its plane.
            let workspace =
                kind == .maximum ? DeviceBuffer(output.shape, .int32, on: .cpu, layout: output.layout) : nil
            withExtendedLifetime(x) {
                switch kind {
                case .maximum:
                    yuyan_max_pool(&pool, x.pointer, output.pointer, workspace!.elements(as: Int32.self))
                case .average: yuyan_average_pool(&pool, x.floats, output.floats)
                }
            }
            return Pooled(output: output, workspace: workspace)
        }

        /// Whether there are loops for this type: bfloat16 only for the largest elements.
        private func computes(_ kind: PoolKind, _ x: DeviceBuffer) -> Bool {
            computes(.pool, x) || kind == .maximum && x.dtype == .bfloat16
        }

        package func poolGradient(
            _ kind: PoolKind, _ gradient: DeviceBuffer, workspace: DeviceBuffer?, inputShape: Shape,
            _ window: PoolingGeometry
        ) -> DeviceBuffer {
            guard computes(kind, gradient) else {
                // The float32 kernels take blocks of channels.
                return elsewhere(.pool, gradient.dtype).poolGradient(
                    kind, gradient.dtype == .bfloat16 ? gradient : gradient.strided, workspace: workspace,
                    inputShape: inputShape, window)
            }
            switch kind {
            case .maximum: return maxPoolGradient(gradient, workspace!, inputShape, window)
            case .average: return averagePoolGradient(gradient, inputShape, window)
            }
        }

        private func maxPoolGradient(
            _ gradient: DeviceBuffer, _ workspace: DeviceBuffer, _ inputShape: Shape, _ window: PoolingGeometry
        ) -> DeviceBuffer {
            var g = gradient
            if workspace.channelBlock == nil {
                g = channelsLast(gradient)
            } else if !gradient.isBlock(like: workspace) {
                g = arranged(gradient, like: workspace)
            }
            var pool = yuyan_pool(inputShape, gradient.shape, window, workspace.channelBlock, g.dtype)
            let result = makeImage(inputShape, block: workspace.channelBlock ?? inputShape[1], g.dtype)
            withExtendedLifetime(g) {
                yuyan_max_pool_gradient(&pool, g.pointer, workspace.elements(as: Int32.self), result.pointer)
            }
            return result
        }

        private func averagePoolGradient(
            _ gradient: DeviceBuffer, _ inputShape: Shape, _ window: PoolingGeometry
        ) -> DeviceBuffer {
            // A gradient of one pixel tells no layout: then the one that convolutions prefer.
            let g = poolable(gradient)
            let block = gradient.shape[2] * gradient.shape[3] == 1 ? preferredBlock(inputShape[1]) : g.channelBlock
            var pool = yuyan_pool(inputShape, gradient.shape, window, block, .float32)
            let result = makeImage(inputShape, block: block ?? inputShape[1])
            withExtendedLifetime(g) {
                yuyan_average_pool_gradient(&pool, g.floats, result.floats)
            }
            return result
        }

        /// `x` if it is channels-last or in blocks of channels, else a copy that lies as convolutions prefer.
        private func poolable(_ x: DeviceBuffer) -> DeviceBuffer {
            if x.channelBlock != nil || x.isChannelsLast { return x }
            let result = makeImage(x.shape, block: preferredBlock(x.shape[1]), x.dtype)
            copy(x, into: result)
            return result
        }
    }

    extension yuyan_pool {
        /// Every block of channels counts as a channels-last image of its own.
        fileprivate init(_ input: Shape, _ output: Shape, _ window: PoolingGeometry, _ block: Int?, _ dtype: DType) {
            let block = block ?? input[1]
            self.init(
                batch: block == 0 ? input[0] : input[0] * (input[1] / block), channels: block, height: input[2],
                width: input[3], output_height: output[2], output_width: output[3],
                window_height: Int(window.size.x), window_width: Int(window.size.y),
                stride_height: Int(window.stride.x), stride_width: Int(window.stride.y),
                padding_height: Int(window.padding.x), padding_width: Int(window.padding.y),
                dilation_height: Int(window.dilation.x), dilation_width: Int(window.dilation.y),
                is_adaptive: window.windowCount == nil ? 0 : 1, is_half: dtype == .bfloat16)
        }
    }
#endif
