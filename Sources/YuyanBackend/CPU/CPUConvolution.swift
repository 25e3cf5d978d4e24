#if OneDNN
    import COneDNN
    import YuyanKernels

    // oneDNN computes. Images flow channels-last, or in blocks of channels where there are many; weights stay
    // [O, C/groups, kH, kW].

    extension CPUBackend {
        package func convolution(
            _ input: DeviceBuffer, _ weight: DeviceBuffer, bias: DeviceBuffer?, outputShape: Shape,
            _ geometry: ConvolutionGeometry,
            activation: UnaryOperation?
        ) -> DeviceBuffer {
            guard isMultiplied(input.dtype), input.elementCount > 0, weight.elementCount > 0 else {
                return convolutionElsewhere(
                    input, weight, bias: bias, outputShape: outputShape, geometry, activation: activation)
            }
            let x = asImage(input)
            let w = contiguous(weight)
            let b = bias.map { contiguous($0) }
            // Loops of our own compute relu as they write; others after the convolution, in float32.
            let isOwn = activation == nil || activation == .relu
            let resultType = isOwn ? x.dtype : .float32
            var sizes = yuyan_convolution(x.shape, w.shape, outputShape, geometry, x.dtype, resultType)
            sizes.input_block = x.imageBlock!
            sizes.has_bias = b == nil ? 0 : 1
            if outputShape.elementCount == 0 { return makeImage(outputShape, x.dtype) }
            let computed: DeviceBuffer? = withChosenKernel(.forward, x.shape, w.shape, sizes) { kernel in
                if kernel == .winograd {
                    return winogradForward(x, w, bias: b, outputShape: outputShape, geometry, activation)
                }
                if sizes.isPointwise { return pointwiseForward(x, w, bias: b, outputShape: outputShape, activation) }
                if sizes.hasFewChannels {
                    return fewChannelsForward(x, w, bias: b, outputShape: outputShape, geometry, activation)
                }
                var sizes = sizes
                guard let output = makeResult(YUYAN_FORWARD, &sizes, outputShape, resultType) else { return nil }
                let status = withExtendedLifetime((x, w, b)) {
                    yuyan_onednn_convolution(&sizes, x.pointer, w.pointer, b?.pointer, output.pointer)
                }
                return isComputed(status, "convolution") ? activated(output, activation, x.dtype) : nil
            }
            return computed
                ?? convolutionElsewhere(
                    input, weight, bias: bias, outputShape: outputShape, geometry, activation: activation)
        }

        /// The activation of a convolution.
        ///
        /// Not in place: the convolution writes parts of cache lines, which is fast only into memory that is still in the
        /// cache, such as this buffer, used again at once. In place, LeNet's first layer took 1.20 ms instead of 0.96.
        private func activated(_ output: DeviceBuffer, _ activation: UnaryOperation?, _ dtype: DType) -> DeviceBuffer {
            activation.map { converted(unary($0, output), to: dtype) } ?? output
        }

        package func convolutionInputGradient(
            _ gradient: DeviceBuffer, _ weight: DeviceBuffer, inputShape: Shape, _ geometry: ConvolutionGeometry
        ) -> DeviceBuffer {
            guard isMultiplied(gradient.dtype), gradient.elementCount > 0, inputShape.elementCount > 0 else {
                return convolutionInputGradientElsewhere(gradient, weight, inputShape: inputShape, geometry)
            }
            let g = asImage(gradient)
            let w = contiguous(weight)
            var sizes = yuyan_convolution(inputShape, w.shape, g.shape, geometry, g.dtype, g.dtype)
            sizes.output_block = g.imageBlock!
            let computed: DeviceBuffer? = withChosenKernel(.inputGradient, inputShape, w.shape, sizes) { kernel in
                if kernel == .winograd { return winogradInputGradient(g, w, inputShape: inputShape, geometry) }
                if sizes.isPointwise { return pointwiseInputGradient(g, w, inputShape: inputShape) }
                var sizes = sizes
                guard let result = makeResult(YUYAN_INPUT_GRADIENT, &sizes, inputShape, g.dtype) else { return nil }
                let status = withExtendedLifetime((g, w)) {
                    yuyan_onednn_convolution_input_gradient(&sizes, g.pointer, w.pointer, result.pointer)
                }
                return isComputed(status, "input gradient of a convolution") ? result : nil
            }
            return computed
                ?? convolutionInputGradientElsewhere(gradient, weight, inputShape: inputShape, geometry)
        }

        package func convolutionWeightGradient(
            _ gradient: DeviceBuffer, _ input: DeviceBuffer, weightShape: Shape, _ geometry: ConvolutionGeometry,
            includesBias: Bool
        ) -> (weight: DeviceBuffer, bias: DeviceBuffer?) {
            guard isMultiplied(gradient.dtype), gradient.elementCount > 0, input.elementCount > 0 else {
                return convolutionWeightGradientElsewhere(
                    gradient, input, weightShape: weightShape, geometry, includesBias: includesBias)
            }
            let (g, x) = (asImage(gradient), asImage(input))
            var sizes = yuyan_convolution(x.shape, weightShape, g.shape, geometry, g.dtype, g.dtype)
            sizes.input_block = x.imageBlock!
            sizes.output_block = g.imageBlock!
            sizes.has_bias = includesBias ? 1 : 0
            let computed: (weight: DeviceBuffer, bias: DeviceBuffer?)? = withChosenKernel(
                .weightGradient, x.shape, weightShape, sizes
            ) { kernel in
                if kernel == .winograd {
                    return winogradWeightGradient(
                        g, x, weightShape: weightShape, geometry, includesBias: includesBias)
                }
                if sizes.isPointwise {
                    return pointwiseWeightGradient(g, x, weightShape: weightShape, includesBias: includesBias)
                }
                if sizes.hasFewChannels {
                    return fewChannelsWeightGradient(
                        g, x, weightShape: weightShape, geometry, includesBias: includesBias)
                }
                var sizes = sizes
                sizes.result_type = DType.float32.oneDNNCode
                let weight = makeBuffer(weightShape)
                let bias = includesBias ? makeBuffer([weightShape[0]]) : nil
                let status = withExtendedLifetime((g, x)) {
                    yuyan_onednn_convolution_weight_gradient(&sizes, g.pointer, x.pointer, weight.floats, bias?.floats)
                }
                guard isComputed(status, "weight gradient of a convolution") else { return nil }
                return (converted(weight, to: g.dtype), bias.map { converted($0, to: g.dtype) })
            }
            return computed
                ?? convolutionWeightGradientElsewhere(
                    gradient.strided, input.strided, weightShape: weightShape, geometry, includesBias: includesBias)
        }

        /// `x` if its memory has channels together or is plain, else a copy that lies as convolutions prefer.
        private func asImage(_ x: DeviceBuffer) -> DeviceBuffer {
            if x.imageBlock != nil { return x }
            let result = makeImage(x.shape, block: preferredBlock(x.shape[1]), x.dtype)
            copy(x, into: result)
            return result
        }

        /// The image that a pass writes: channels-last, or as oneDNN likes it if that may be in blocks. nil if oneDNN
        /// refuses these sizes.
        private func makeResult(
            _ pass: yuyan_convolution_pass, _ sizes: inout yuyan_convolution, _ shape: Shape, _ dtype: DType
        ) -> DeviceBuffer? {
            var block = shape[1]
            if sizes.prefers_blocks != 0 {
                let status = yuyan_onednn_convolution_block(pass, &sizes, &block)
                guard isComputed(status, "layout of a convolution") else { return nil }
            } else if pass == YUYAN_FORWARD {
                sizes.output_block = block
            } else {
                sizes.input_block = block
            }
            return makeImage(shape, block: block, dtype)
        }
    }

    extension yuyan_convolution {
        var isHalf: Bool { type == Int(YUYAN_BFLOAT16.rawValue) }

        /// Images in the layouts that oneDNN likes, no bias.
        fileprivate init(
            _ input: Shape, _ weight: Shape, _ output: Shape, _ geometry: ConvolutionGeometry, _ type: DType,
            _ resultType: DType
        ) {
            let (stride, padding, dilation) = (geometry.stride, geometry.padding, geometry.dilation)
            self.init(
                threads: Int(yuyan_prepare_threads()), batch: input[0], groups: Int(geometry.groups),
                input_channels: input[1], output_channels: weight[0], input_height: input[2], input_width: input[3],
                output_height: output[2], output_width: output[3],
                kernel_height: weight[2], kernel_width: weight[3], stride_height: Int(stride.x),
                stride_width: Int(stride.y), padding_height: Int(padding.x), padding_width: Int(padding.y),
                dilation_height: Int(dilation.x), dilation_width: Int(dilation.y), input_block: 0,
                output_block: 0, has_bias: 0, prefers_blocks: 0, type: type.oneDNNCode,
                result_type: resultType.oneDNNCode)
            // With fewer channels blocks would be mostly padding. The first layer of a network has kernels of its own:
            // its weight gradient for 3 to 64 channels of 224 × 224 takes a quarter of the time.
            // An image whose channels fill no blocks lies channels-last, and so does what is made of it: in blocks it would
            // be padded and reordered before and after, and 24 to 64 channels of 6 × 6 by 5 × 5 take half as long again. One
            // that is made of blocks is the smaller of the two to reorder.
            let block = CPUBackend.channelsOfRegister
            let isDeep = min(input_channels, output_channels) >= 16 && input_channels % block == 0
            let isFirst = input_channels <= 4 && output_channels >= 2 * block && output_channels % block == 0
            prefers_blocks = groups == 1 && (isDeep || isFirst) ? 1 : 0
        }
    }
#endif
