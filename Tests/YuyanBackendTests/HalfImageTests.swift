#if OneDNN
    import Testing
    import YuyanBackend
    import YuyanKernels

    /// Loops of our own on images of bfloat16 compute as on the same numbers of float32, and round once; relu changes
    /// nothing but the numbers below 0.
    @Suite struct HalfImageTests {
        private func expectRounded(_ found: DeviceBuffer, _ float: DeviceBuffer, _ text: String) {
            expectSame(found, cpu.cast(float, to: .bfloat16), as: BFloat16.self, text)
        }

        /// Calls `body` with random operands of a convolution in bfloat16 and the same in float32.
        private func withOperands(
            _ input: Shape, _ weight: Shape, _ output: Shape, _ body: ([DeviceBuffer], [DeviceBuffer]) -> Void
        ) {
            let halves = [input, weight, [weight[0]], output].enumerated().map { seed, shape in
                randomNarrow(shape, seed: UInt64(seed))
            }
            body(halves, halves.map { cpu.cast($0, to: .float32) })
        }

        @Test(.enabled(if: yuyan_winograd_lanes() > 0, "no loops without AVX2"))
        func winograd() {
            for (size, padding, isChannelsLast) in [(3, 1, false), (3, 0, true), (5, 2, false), (5, 4, true)] {
                let geometry = ConvolutionGeometry(padding: [Int32(padding), Int32(padding)])
                let input: Shape = [2, 32, 9, 11]
                let output: Shape = [2, 48, 10 + 2 * padding - size, 12 + 2 * padding - size]
                withOperands(input, [48, 32, size, size], output) { halves, floats in
                    func image(_ x: DeviceBuffer) -> DeviceBuffer { isChannelsLast ? channelsLast(x) : x }
                    func run(_ of: [DeviceBuffer]) -> [DeviceBuffer] {
                        let (x, g) = (image(of[0]), image(of[3]))
                        let gradients = cpu.winogradWeightGradient(
                            g, x, weightShape: of[1].shape, geometry, includesBias: true)
                        return [
                            cpu.winogradForward(x, of[1], bias: of[2], outputShape: output, geometry, nil),
                            cpu.winogradForward(x, of[1], bias: of[2], outputShape: output, geometry, .relu),
                            cpu.winogradInputGradient(g, of[1], inputShape: input, geometry), gradients.weight,
                            gradients.bias!,
                        ]
                    }
                    let (found, right) = (run(halves), run(floats))
                    for (index, pair) in zip(found, right).enumerated() {
                        expectRounded(pair.0, pair.1, "\(size) × \(size), padding \(padding), result \(index)")
                    }
                    expectSame(right[1], cpu.unary(.relu, right[0]), as: Float.self, "relu, \(size) × \(size)")
                }
            }
        }

        @Test(.enabled(if: yuyan_winograd_lanes() > 0, "no loops without AVX2"))
        func fewChannels() {
            for (size, stride, padding) in [(3, 1, 1), (11, 4, 0), (7, 2, 3)] {
                let geometry = ConvolutionGeometry(
                    stride: [Int32(stride), Int32(stride)], padding: [Int32(padding), Int32(padding)])
                let input: Shape = [3, 2, 19, 23]
                let output: Shape = [
                    3, 48, (19 + 2 * padding - size) / stride + 1, (23 + 2 * padding - size) / stride + 1,
                ]
                withOperands(input, [48, 2, size, size], output) { halves, floats in
                    func run(_ of: [DeviceBuffer]) -> [DeviceBuffer] {
                        let gradients = cpu.fewChannelsWeightGradient(
                            of[3], of[0], weightShape: of[1].shape, geometry, includesBias: true)
                        return [
                            cpu.fewChannelsForward(of[0], of[1], bias: of[2], outputShape: output, geometry, nil),
                            cpu.fewChannelsForward(of[0], of[1], bias: of[2], outputShape: output, geometry, .relu),
                            gradients.weight, gradients.bias!,
                        ]
                    }
                    let (found, right) = (run(halves), run(floats))
                    for (index, pair) in zip(found, right).enumerated() {
                        expectRounded(pair.0, pair.1, "\(size) × \(size), stride \(stride), result \(index)")
                    }
                    expectSame(right[1], cpu.unary(.relu, right[0]), as: Float.self, "relu, \(size) × \(size)")
                }
            }
        }

        /// Convolutions that loops of our own compute keep NaN through relu, in both types, and give what the activation
        /// of their result is.
        @Test(
            .enabled(if: yuyan_winograd_lanes() > 0, "no loops without AVX2"),
            arguments: [
                ([2, 1, 12, 12], [16, 1, 5, 5], "few_channels:"), ([2, 1, 12, 12], [6, 1, 5, 5], "few_channels:"),
                ([2, 32, 6, 7], [16, 32, 1, 1], "pointwise:"), ([8, 64, 24, 24], [64, 64, 3, 3], "winograd_4x3:"),
            ] as [(Shape, Shape, String)])
        func reluAsTheyWrite(_ input: Shape, _ weight: Shape, _ name: String) {
            var numbers = cpu.elements(randomBuffer(input, seed: 1), as: Float.self)
            numbers[100] = .nan
            let (x, w) = (cpu.buffer(numbers, input), randomBuffer(weight, seed: 2))
            let geometry = ConvolutionGeometry(padding: weight[2] == 3 ? [1, 1] : [0, 0])
            let plain = cpu.convolution(x, w, bias: nil, geometry, activation: nil)
            #expect(CPUBackend.lastImplementation.hasPrefix(name))
            let found = cpu.convolution(x, w, bias: nil, geometry, activation: .relu)
            #expect(CPUBackend.lastImplementation.hasPrefix(name))
            let (all, right) = (cpu.elements(found, as: Float.self), cpu.elements(plain, as: Float.self))
            #expect(all.contains { $0.isNaN } && all.contains(0))
            #expect(zip(all, right).allSatisfy { $0 == ($1 <= 0 ? 0 : $1) || $0.isNaN && $1.isNaN })
        }

        @Test func maxPooling() {
            for (shape, window) in CPUPoolingTests.cases where shape.elementCount > 0 {
                for isChannelsLast in [false, true] {
                    let half =
                        isChannelsLast ? channelsLast(randomNarrow(shape, seed: 1)) : randomNarrow(shape, seed: 1)
                    let found = cpu.maxPool(half, window)
                    let right = cpu.maxPool(cpu.cast(half, to: .float32), window)
                    expectRounded(found.output, right.output, "\(shape), \(window)")
                    let g = randomNarrow(found.output.shape, seed: 2)
                    expectRounded(
                        cpu.maxPoolGradient(g, workspace: found.workspace, inputShape: shape, window),
                        cpu.maxPoolGradient(
                            cpu.cast(g, to: .float32), workspace: right.workspace, inputShape: shape, window),
                        "gradient, \(shape), \(window)")
                }
            }
        }
    }
#endif
