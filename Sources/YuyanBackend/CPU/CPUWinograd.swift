#if OneDNN
    import COneDNN
    import YuyanKernels

    // Convolutions by Winograd's algorithm, in loops of our own (winograd.c).

    extension CPUBackend {
        /// The name of these kernels where oneDNN's are named, such as `winograd_4x3:AVX2`.
        private func nameWinograd(_ convolution: yuyan_winograd) {
            let size = convolution.kernel_size
            yuyan_onednn_name_implementation("winograd_\(7 - size)x\(size):\(Processor.instructionsInUse)")
        }

        package func winogradForward(
            _ input: DeviceBuffer, _ weight: DeviceBuffer, bias: DeviceBuffer?, outputShape: Shape,
            _ geometry: ConvolutionGeometry, _ activation: UnaryOperation?
        ) -> DeviceBuffer {
            let x = inBlocks(input)
            let (w, b) = (converted(weight, to: .float32), bias.map { converted($0, to: .float32) })
            let output = makeImage(outputShape, block: CPUBackend.channelsOfRegister, x.dtype)
            var convolution = yuyan_winograd(x, output, w.shape, geometry)
            convolution.has_relu = activation == .relu
            let scratch = makeScratch(convolution)
            withExtendedLifetime((x, w, b, scratch)) {
                yuyan_winograd_forward(
                    &convolution, x.pointer, w.floats, b?.floats, output.pointer, scratch.floats)
            }
            nameWinograd(convolution)
            return convolution.has_relu ? output : activation.map { unary($0, output) } ?? output
        }

        package func winogradInputGradient(
            _ gradient: DeviceBuffer, _ weight: DeviceBuffer, inputShape: Shape, _ geometry: ConvolutionGeometry
        ) -> DeviceBuffer {
            let g = inBlocks(gradient)
            let w = converted(weight, to: .float32)
            let result = makeImage(inputShape, block: CPUBackend.channelsOfRegister, g.dtype)
            var convolution = yuyan_winograd(result, g, w.shape, geometry)
            let scratch = makeScratch(convolution)
            withExtendedLifetime((g, w, scratch)) {
                yuyan_winograd_input_gradient(&convolution, g.pointer, w.floats, result.pointer, scratch.floats)
            }
            nameWinograd(convolution)
            return result
        }

        package func winogradWeightGradient(
            _ gradient: DeviceBuffer, _ input: DeviceBuffer, weightShape: Shape, _ geometry: ConvolutionGeometry,
            includesBias: Bool
        ) -> (weight: DeviceBuffer, bias: DeviceBuffer?) {
            let (g, x) = (inBlocks(gradient), inBlocks(input))
            let weight = makeBuffer(weightShape)
            let bias = includesBias ? makeBuffer([weightShape[0]]) : nil
            var convolution = yuyan_winograd(x, g, weightShape, geometry)
            let scratch = makeScratch(convolution)
            withExtendedLifetime((g, x, scratch)) {
                yuyan_winograd_weight_gradient(
                    &convolution, g.pointer, x.pointer, weight.floats, bias?.floats, scratch.floats)
            }
            nameWinograd(convolution)
            return (converted(weight, to: g.dtype), bias.map { converted($0, to: g.dtype) })
        }

        /// `x`, or a copy that has as many channels together as a register.
        private func inBlocks(_ x: DeviceBuffer) -> DeviceBuffer {
            if let block = x.imageBlock, block % CPUBackend.channelsOfRegister == 0 { return x }
            let result = makeImage(x.shape, block: CPUBackend.channelsOfRegister, x.dtype)
            copy(x, into: result)
            return result
        }

        private func makeScratch(_ convolution: yuyan_winograd) -> DeviceBuffer {
            var convolution = convolution
            return makeBuffer([yuyan_winograd_scratch(&convolution)])
        }
    }

    extension yuyan_winograd {
        fileprivate init(
            _ input: DeviceBuffer, _ output: DeviceBuffer, _ weight: Shape, _ geometry: ConvolutionGeometry
        ) {
            self.init(
                batch: input.shape[0], input_channels: input.shape[1], output_channels: output.shape[1],
                input_height: input.shape[2], input_width: input.shape[3], output_height: output.shape[2],
                output_width: output.shape[3], kernel_size: weight[2], padding_height: Int(geometry.padding.x),
                padding_width: Int(geometry.padding.y), input_block: input.imageBlock!,
                output_block: output.imageBlock!, is_half: input.dtype == .bfloat16, has_relu: false)
        }
    }

    extension yuyan_convolution {
        /// Whether images are what loops of our own read and write.
        var isFloatOrHalf: Bool { result_type == type && (type == Int(YUYAN_FLOAT32.rawValue) || isHalf) }

        /// Whether Winograd's algorithm can compute this on this processor.
        var hasWinogradKernel: Bool {
            let lanes = yuyan_winograd_lanes()
            guard isFloatOrHalf, groups == 1, lanes > 0 else { return false }
            return input_channels % lanes == 0 && output_channels % lanes == 0
                && kernel_height == kernel_width && (kernel_height == 3 || kernel_height == 5)
                && stride_height == 1 && stride_width == 1
                && dilation_height == 1 && dilation_width == 1
        }

        /// Whether Winograd's algorithm takes less time than the direct one, by the multiplications of both.
        ///
        /// Its products run at the speed of the direct one. The transformations of a number of the image that is read, of
        /// one that is written, and of a weight take as long as so many multiplications, measured on two kinds of
        /// processors: 12 to 26, 9 to 13 and 20 to 40.
        func isFasterByWinograd(_ pass: TunedConvolution.Pass) -> Bool {
            guard multiplications >= yuyan_convolution.fewMultiplications else { return false }
            let tile = 7 - kernel_height
            let (height, width) =
                pass == .inputGradient ? (input_height, input_width) : (output_height, output_width)
            let tiles = batch * ((height + tile - 1) / tile) * ((width + tile - 1) / tile)
            let (inner, outer) =
                pass == .inputGradient ? (output_channels, input_channels) : (input_channels, output_channels)
            let transformations = tiles * (20 * inner + 11 * outer) + 30 * inner * outer
            // The direct one multiplies bfloat16 about twice as fast, Winograd's float32 in any case.
            let cost = 36 * (tiles * inner * outer + transformations)
            return (isHalf ? 2 * cost : cost) < multiplications
        }

        /// The multiplications of the direct algorithm.
        private var multiplications: Int {
            batch * output_channels * output_height * output_width * input_channels * kernel_height * kernel_width
        }

        /// Below this, some 60 µs, all that happens once costs what Winograd's algorithm saves.
        private static var fewMultiplications: Int { 1 << 24 }
    }
#endif
