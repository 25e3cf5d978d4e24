#if OneDNN
    import COneDNN
    import YuyanKernels

    // Convolutions of 1 × 1, in loops of our own (pointwise.c).

    extension CPUBackend {
        private func namePointwise() {
            yuyan_onednn_name_implementation("pointwise:\(Processor.instructionsInUse)")
        }

        package func pointwiseForward(
            _ input: DeviceBuffer, _ weight: DeviceBuffer, bias: DeviceBuffer?, outputShape: Shape,
            _ activation: UnaryOperation?
        ) -> DeviceBuffer {
            let x = inBlocksOfRegisters(input)
            let output = makeImage(outputShape, block: CPUBackend.channelsOfRegister)
            var convolution = yuyan_pointwise(x.shape, outputShape)
            convolution.has_relu = activation == .relu
            let scratch = makeScratch(convolution)
            withExtendedLifetime((x, weight, bias, scratch)) {
                yuyan_pointwise_forward(
                    &convolution, x.floats, weight.floats, bias?.floats, output.floats, scratch.floats)
            }
            namePointwise()
            return convolution.has_relu ? output : activation.map { unary($0, output) } ?? output
        }

        package func pointwiseInputGradient(
            _ gradient: DeviceBuffer, _ weight: DeviceBuffer, inputShape: Shape
        ) -> DeviceBuffer {
            let g = inBlocksOfRegisters(gradient)
            let result = makeImage(inputShape, block: CPUBackend.channelsOfRegister)
            var convolution = yuyan_pointwise(inputShape, g.shape)
            let scratch = makeScratch(convolution)
            withExtendedLifetime((g, weight, scratch)) {
                yuyan_pointwise_input_gradient(&convolution, g.floats, weight.floats, result.floats, scratch.floats)
            }
            namePointwise()
            return result
        }

        package func pointwiseWeightGradient(
            _ gradient: DeviceBuffer, _ input: DeviceBuffer, weightShape: Shape, includesBias: Bool
        ) -> (weight: DeviceBuffer, bias: DeviceBuffer?) {
            let (g, x) = (inBlocksOfRegisters(gradient), inBlocksOfRegisters(input))
            let weight = makeBuffer(weightShape)
            let bias = includesBias ? makeBuffer([weightShape[0]]) : nil
            var convolution = yuyan_pointwise(x.shape, g.shape)
            let scratch = makeScratch(convolution)
            withExtendedLifetime((g, x, scratch)) {
                yuyan_pointwise_weight_gradient(
                    &convolution, g.floats, x.floats, weight.floats, bias?.floats, scratch.floats)
            }
            namePointwise()
            return (weight, bias)
        }

        /// `x`, or a copy whose blocks have as many channels as a register.
        private func inBlocksOfRegisters(_ x: DeviceBuffer) -> DeviceBuffer {
            if x.imageBlock == CPUBackend.channelsOfRegister { return x }
            let result = makeImage(x.shape, block: CPUBackend.channelsOfRegister)
            copy(x, into: result)
            return result
        }

        private func makeScratch(_ convolution: yuyan_pointwise) -> DeviceBuffer {
            var convolution = convolution
            return makeBuffer([yuyan_pointwise_scratch(&convolution)])
        }
    }

    extension yuyan_pointwise {
        fileprivate init(_ input: Shape, _ output: Shape) {
            self.init(
                batch: input[0], pixels: input[2] * input[3], input_channels: input[1], output_channels: output[1],
                has_relu: false)
        }
    }

    extension yuyan_convolution {
        /// Whether the loops for 1 × 1 compute this on this processor. With fewer pixels their sums would wait for each
        /// other.
        var isPointwise: Bool {
            let lanes = yuyan_winograd_lanes()
            guard type == Int(YUYAN_FLOAT32.rawValue), groups == 1, lanes > 0 else { return false }
            return input_channels % lanes == 0 && output_channels % lanes == 0
                && kernel_height == 1 && kernel_width == 1
                && stride_height == 1 && stride_width == 1 && padding_height == 0 && padding_width == 0
                && input_height == output_height && input_width == output_width
                && input_height * input_width >= 4
        }
    }
#endif
