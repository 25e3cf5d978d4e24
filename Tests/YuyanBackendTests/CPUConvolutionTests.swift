#if OneDNN
    import Testing
    import YuyanBackend

    struct ConvolutionCase: Sendable, CustomStringConvertible {
        var input: Shape
        var weight: Shape
        var geometry = ConvolutionGeometry()

        var description: String { "\(input) * \(weight), \(geometry)" }
    }

    @Suite struct CPUConvolutionTests {
        static let cases: [ConvolutionCase] = [
            .init(input: [4, 1, 28, 28], weight: [6, 1, 5, 5], geometry: .init(padding: [2, 2])),
            .init(input: [4, 6, 14, 14], weight: [16, 6, 5, 5]),
            .init(input: [1, 1, 1, 1], weight: [1, 1, 1, 1]),
            .init(input: [2, 3, 7, 9], weight: [5, 3, 3, 2], geometry: .init(stride: [2, 1], padding: [1, 0])),
            .init(input: [2, 16, 9, 9], weight: [32, 16, 3, 3], geometry: .init(padding: [1, 1])),
            .init(input: [2, 8, 11, 11], weight: [8, 8, 3, 3], geometry: .init(padding: [2, 2], dilation: [2, 2])),
            .init(input: [2, 8, 9, 7], weight: [12, 2, 3, 3], geometry: .init(padding: [1, 1], groups: 4)),
            .init(input: [2, 32, 9, 7], weight: [32, 1, 3, 3], geometry: .init(padding: [1, 1], groups: 32)),
            .init(input: [3, 64, 6, 6], weight: [32, 64, 1, 1]),
            .init(input: [1, 3, 35, 35], weight: [8, 3, 11, 11], geometry: .init(stride: [4, 4], padding: [1, 1])),
            .init(input: [2, 1, 35, 35], weight: [48, 1, 11, 11], geometry: .init(stride: [4, 4], padding: [1, 1])),
            .init(input: [2, 3, 9, 7], weight: [64, 3, 3, 3], geometry: .init(padding: [1, 1])),
            .init(input: [2, 5, 1, 40], weight: [7, 5, 1, 3]),
            .init(input: [2, 4, 6, 6], weight: [3, 4, 6, 6]),
        ]

        @Test(arguments: cases) func forward(_ sample: ConvolutionCase) {
            let input = randomBuffer(sample.input, seed: 1)
            let weight = randomBuffer(sample.weight, seed: 2)
            let bias = randomBuffer([sample.weight[0]], seed: 3)
            for usesBias in [false, true] {
                let expected = reference.convolution(
                    wide(input), wide(weight), bias: usesBias ? wide(bias) : nil, sample.geometry)
                for (name, x) in arrangements(of: input) {
                    let y = cpu.convolution(x, weight, bias: usesBias ? bias : nil, sample.geometry)
                    expectClose(y, expected, relative: 1e-5, absolute: tolerance(sample), "\(sample), \(name)")
                }
            }
            let w = arrangements(of: weight)[3].buffer
            expectClose(
                cpu.convolution(input, w, bias: nil, sample.geometry),
                reference.convolution(wide(input), wide(weight), bias: nil, sample.geometry), relative: 1e-5,
                absolute: tolerance(sample), "\(sample), transposed weight")
        }

        @Test(arguments: activations) func appliesActivations(_ activation: UnaryOperation) {
            for sample in Self.cases {
                let input = randomBuffer(sample.input, seed: 1)
                let weight = randomBuffer(sample.weight, seed: 2)
                let bias = randomBuffer([sample.weight[0]], seed: 3)
                let y = reference.convolution(wide(input), wide(weight), bias: wide(bias), sample.geometry)
                expectClose(
                    cpu.convolution(input, weight, bias: bias, sample.geometry, activation: activation),
                    reference.unary(activation, y), relative: 1e-5, absolute: tolerance(sample),
                    "\(sample), \(activation)")
            }
            let y = cpu.convolution(
                cpu.full([2, 16, 6, 6], .float32, .nan), randomBuffer([16, 16, 3, 3], seed: 1), bias: nil, .init(),
                activation: activation)
            #expect(cpu.elements(y, as: Float.self).allSatisfy { $0.isNaN })
        }

        @Test(arguments: cases) func gradients(_ sample: ConvolutionCase) {
            let input = randomBuffer(sample.input, seed: 1)
            let weight = randomBuffer(sample.weight, seed: 2)
            let output = reference.convolution(wide(input), wide(weight), bias: nil, sample.geometry)
            let gradient = randomBuffer(output.shape, seed: 3)
            let expectedInput = reference.convolutionInputGradient(
                wide(gradient), wide(weight), inputShape: sample.input, sample.geometry)
            let expected = reference.convolutionWeightGradient(
                wide(gradient), wide(input), weightShape: sample.weight, sample.geometry, includesBias: true)
            for (name, g) in arrangements(of: gradient) {
                expectClose(
                    cpu.convolutionInputGradient(g, weight, inputShape: sample.input, sample.geometry), expectedInput,
                    relative: 1e-5, absolute: 1e-4, "\(sample), input, \(name)")
                for (otherName, x) in arrangements(of: input) {
                    let found = cpu.convolutionWeightGradient(
                        g, x, weightShape: sample.weight, sample.geometry, includesBias: true)
                    let context = "\(sample), weight, \(name) and \(otherName)"
                    expectClose(found.weight, expected.weight, relative: 1e-5, absolute: 2e-4, context)
                    guard let bias = found.bias, let expectedBias = expected.bias else {
                        Issue.record("\(context): no bias gradient")
                        continue
                    }
                    expectClose(bias, expectedBias, relative: 1e-5, absolute: 2e-4, context)
                }
            }
            let withoutBias = cpu.convolutionWeightGradient(
                gradient, input, weightShape: sample.weight, sample.geometry, includesBias: false)
            #expect(withoutBias.bias == nil)
            expectClose(withoutBias.weight, expected.weight, relative: 1e-5, absolute: 2e-4, "\(sample), no bias")
        }

        /// Sums of many products of numbers below 4.
        private func tolerance(_ sample: ConvolutionCase) -> Double {
            2e-6 * Double(sample.weight.elementCount / sample.weight[0])
        }

        @Test func outputLiesChannelsLast() {
            let y = cpu.convolution(randomBuffer([2, 1, 8, 8]), randomBuffer([6, 1, 3, 3]), bias: nil, .init())
            #expect(y.strides == channelsLast(cpu.copied(y)).strides)
        }

        /// oneDNN has no weight gradient of a 1 × 1 convolution over more than 2²⁵ pixels.
        @Test func plainLoopsComputeWhatOneDNNRefuses() {
            let count = 5_800
            var pixels = [Float](repeating: 0, count: count * count)
            pixels[0] = 1
            pixels[pixels.count - 1] = 2
            let gradient = cpu.buffer(pixels, [1, 1, count, count])
            let found = cpu.convolutionWeightGradient(
                gradient, cpu.full([1, 1, count, count], .float32, 5), weightShape: [1, 1, 1, 1], .init(),
                includesBias: true)
            #expect(cpu.elements(found.weight, as: Float.self) == [15])
            #expect(found.bias.map { cpu.elements($0, as: Float.self) } == [3])
        }

        /// oneDNN's `ref:any` takes a thousand times as long as its other implementations.
        @Test func neverUsesTheReferenceLoopsOfOneDNN() {
            var cases = CPUConvolutionTests.cases
            for (inputs, outputs, groups) in [
                (6, 16, 1), (3, 64, 1), (24, 24, 3), (32, 32, 32), (20, 40, 20), (48, 17, 1),
            ] {
                for (kernel, stride, dilation) in [(1, 1, 1), (1, 2, 1), (3, 1, 2), (3, 2, 1), (5, 1, 1), (7, 3, 1)] {
                    let pixels = Int32(kernel / 2)
                    let geometry = ConvolutionGeometry(
                        stride: [Int32(stride), Int32(stride)], padding: [pixels, pixels],
                        dilation: [Int32(dilation), Int32(dilation)], groups: Int32(groups))
                    cases.append(
                        .init(
                            input: [2, inputs, 13, 14], weight: [outputs, inputs / groups, kernel, kernel],
                            geometry: geometry))
                }
            }
            for sample in cases {
                let input = randomBuffer(sample.input)
                let weight = randomBuffer(sample.weight)
                let y = cpu.convolution(input, weight, bias: nil, sample.geometry, activation: nil)
                expectFast("\(sample): forward")
                _ = cpu.convolutionInputGradient(y, weight, inputShape: sample.input, sample.geometry)
                expectFast("\(sample): input gradient")
                for includesBias in [false, true] {
                    _ = cpu.convolutionWeightGradient(
                        y, input, weightShape: sample.weight, sample.geometry, includesBias: includesBias)
                    expectFast("\(sample): weight gradient")
                }
            }
        }

        private func expectFast(_ context: @autoclosure () -> String, sourceLocation: SourceLocation = #_sourceLocation)
        {
            let name = CPUBackend.lastImplementation
            #expect(!name.isEmpty && !name.hasPrefix("ref"), "\(context()): \(name)", sourceLocation: sourceLocation)
        }

        /// Reductions, arithmetic with a channel bias and activations, for which oneDNN has `ref:any` only, are our own.
        @Test func elementwiseWorkAndReductionsAreOurOwn() {
            let image = cpu.convolution(
                randomBuffer([2, 32, 9, 9]), randomBuffer([32, 32, 1, 1]), bias: nil, .init(), activation: nil)
            let bias = randomBuffer([1, 32, 1, 1])
            CPUBackend.forgetImplementation()
            for x in [image, cpu.copied(image), channelsLast(cpu.copied(image))] {
                _ = cpu.binary(.add, x, bias)
                _ = cpu.unary(.sigmoid, x)
                for operation in ReductionOperation.all {
                    _ = cpu.reduce(operation, x, axes: AxisSet(axes: [0, 2, 3]))
                    _ = cpu.reduce(operation, x, axes: .all(rank: 4))
                }
                _ = cpu.averagePool(x, .init(size: [2, 2], stride: [2, 2]))
            }
            #expect(CPUBackend.lastImplementation.isEmpty)
        }
    }
#endif
