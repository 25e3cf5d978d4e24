#if OneDNN
    import COneDNN
    import YuyanKernels

    // Convolutions of images with few channels, in loops of our own (few_channels.c).

    extension CPUBackend {
        private func nameFewChannels() {
            yuyan_onednn_name_implementation("few_channels:\(Processor.instructionsInUse)")
        }

        package func fewChannelsForward(
            _ input: DeviceBuffer, _ weight: DeviceBuffer, bias: DeviceBuffer?, outputShape: Shape,
            _ geometry: ConvolutionGeometry, _ activation: UnaryOperation?
        ) -> DeviceBuffer {
            let x = contiguous(input)
            let (w, b) = (converted(weight, to: .float32), bias.map { converted($0, to: .float32) })
            let output = makeImage(outputShape, block: preferredBlock(outputShape[1]), x.dtype)
            var convolution = yuyan_few_channels(x, w.shape, outputShape, geometry)
            if let activation {
                convolution.activation = activation.kind.rawValue
                convolution.slope = Float(activation.slope)
                convolution.beta = Float(activation.beta)
            }
            let scratch = makeBuffer([yuyan_few_channels_scratch(&convolution)])
            withExtendedLifetime((x, w, b, scratch)) {
                yuyan_few_channels_forward(
                    &convolution, x.pointer, w.floats, b?.floats, output.pointer, scratch.floats)
            }
            nameFewChannels()
            return output
        }

        package func fewChannelsWeightGradient(
            _ gradient: DeviceBuffer, _ input: DeviceBuffer, weightShape: Shape, _ geometry: ConvolutionGeometry,
            includesBias: Bool
        ) -> (weight: DeviceBuffer, bias: DeviceBuffer?) {
            let x = contiguous(input)
            var g = gradient
            let block = preferredBlock(gradient.shape[1])
            if gradient.imageBlock != block {
                g = makeImage(gradient.shape, block: block, gradient.dtype)
                copy(gradient, into: g)
            }
            let weight = makeBuffer(weightShape)
            let bias = includesBias ? makeBuffer([weightShape[0]]) : nil
            var convolution = yuyan_few_channels(x, weightShape, g.shape, geometry)
            let scratch = makeBuffer([yuyan_few_channels_scratch(&convolution)])
            withExtendedLifetime((g, x, scratch)) {
                yuyan_few_channels_weight_gradient(
                    &convolution, g.pointer, x.pointer, weight.floats, bias?.floats, scratch.floats)
            }
            nameFewChannels()
            return (converted(weight, to: g.dtype), bias.map { converted($0, to: g.dtype) })
        }
    }

    extension yuyan_few_channels {
        fileprivate init(_ x: DeviceBuffer, _ weight: Shape, _ output: Shape, _ geometry: ConvolutionGeometry) {
            self.init(
                batch: x.shape[0], input_channels: x.shape[1], output_channels: output[1], input_height: x.shape[2],
                input_width: x.shape[3], output_height: output[2], output_width: output[3], kernel_size: weight[2],
                stride: Int(geometry.stride.x), padding_height: Int(geometry.padding.x),
                padding_width: Int(geometry.padding.y), is_half: x.dtype == .bfloat16, activation: -1, slope: 0,
                beta: 1)
        }
    }

    extension yuyan_convolution {
        /// Whether the loops for few channels compute this on this processor.
        var hasFewChannels: Bool {
            guard isFloatOrHalf, groups == 1,
                dilation_height == 1, dilation_width == 1, kernel_height == kernel_width,
                stride_height == stride_width
            else { return false }
            var convolution = yuyan_few_channels(
                batch: batch, input_channels: input_channels, output_channels: output_channels,
                input_height: input_height, input_width: input_width, output_height: output_height,
                output_width: output_width, kernel_size: kernel_height, stride: stride_height,
                padding_height: padding_height, padding_width: padding_width, is_half: isHalf, activation: -1, slope: 0,
                beta: 1)
            return yuyan_few_channels_fits(&convolution)
        }
    }
#endif
