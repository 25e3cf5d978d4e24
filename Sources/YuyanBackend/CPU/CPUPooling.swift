#if OneDNN
    import YuyanKernels

    extension CPUBackend {
        /// The workspace holds, for each output, the int32 position h · W + w of the largest element in its plane.
        package func maxPool(_ input: Buffer, _ window: PoolingGeometry) -> (output: Buffer, workspace: Buffer) {
            guard input.dtype == .float32 else { return reference.maxPool(input, window) }
            let x = channelsLast(input)
            var pool = yuyan_pool(x.shape, window)
            let output = makeImage(pool.outputShape)
            let workspace = Buffer(output.shape, .int32, on: .cpu, layout: output.layout)
            withExtendedLifetime(x) {
                yuyan_max_pool(&pool, x.floats, output.floats, workspace.elements(as: Int32.self))
            }
            return (output, workspace)
        }

        package func maxPoolGradient(
            _ gradient: Buffer, workspace: Buffer, inputShape: Shape, _ window: PoolingGeometry
        ) -> Buffer {
            guard gradient.dtype == .float32 else {
                return reference.maxPoolGradient(gradient, workspace: workspace, inputShape: inputShape, window)
            }
            let g = channelsLast(gradient)
            var pool = yuyan_pool(inputShape, window)
            let result = makeImage(inputShape)
            withExtendedLifetime(g) {
                yuyan_max_pool_gradient(&pool, g.floats, workspace.elements(as: Int32.self), result.floats)
            }
            return result
        }

        package func averagePool(_ input: Buffer, _ window: PoolingGeometry) -> Buffer {
            guard input.dtype == .float32 else { return reference.averagePool(input, window) }
            let x = channelsLast(input)
            var pool = yuyan_pool(x.shape, window)
            let output = makeImage(pool.outputShape)
            withExtendedLifetime(x) {
                yuyan_average_pool(&pool, x.floats, output.floats)
            }
            return output
        }

        package func averagePoolGradient(
            _ gradient: Buffer, inputShape: Shape, _ window: PoolingGeometry
        ) -> Buffer {
            guard gradient.dtype == .float32 else {
                return reference.averagePoolGradient(gradient, inputShape: inputShape, window)
            }
            let g = channelsLast(gradient)
            var pool = yuyan_pool(inputShape, window)
            let result = makeImage(inputShape)
            withExtendedLifetime(g) {
                yuyan_average_pool_gradient(&pool, g.floats, result.floats)
            }
            return result
        }
    }

    extension yuyan_pool {
        fileprivate init(_ input: Shape, _ window: PoolingGeometry) {
            let (height, width) = (Int(window.size.x), Int(window.size.y))
            let (strideHeight, strideWidth) = (Int(window.stride.x), Int(window.stride.y))
            let (paddingHeight, paddingWidth) = (Int(window.padding.x), Int(window.padding.y))
            self.init(
                batch: input[0], channels: input[1], height: input[2], width: input[3],
                output_height: (input[2] + 2 * paddingHeight - height) / strideHeight + 1,
                output_width: (input[3] + 2 * paddingWidth - width) / strideWidth + 1,
                window_height: height, window_width: width, stride_height: strideHeight, stride_width: strideWidth,
                padding_height: paddingHeight, padding_width: paddingWidth)
        }

        fileprivate var outputShape: Shape { [batch, channels, output_height, output_width] }
    }
#endif
