#if OneDNN
    import Testing
    import YuyanBackend

    /// Products and convolutions of bfloat16, by instructions of the processor or through float32, against sums in Double
    /// of the same numbers.
    @Suite struct CPUBFloat16Tests {
        private static let sizes: [(m: Int, n: Int, k: Int)] = [
            (1, 1, 1), (10, 1, 2), (3, 4, 5), (7, 1, 300), (1, 65, 33), (17, 31, 1), (33, 16, 15), (64, 10, 784),
            (40, 57, 129), (0, 3, 4), (3, 4, 0),
        ]

        @Test(arguments: sizes) func multiplies(_ m: Int, _ n: Int, _ k: Int) {
            let bias = randomNarrow([n], seed: 3)
            for (transposeA, transposeB) in [(false, false), (true, false), (false, true), (true, true)] {
                let a = randomNarrow(transposeA ? [k, m] : [m, k], seed: 1)
                let b = randomNarrow(transposeB ? [n, k] : [k, n], seed: 2)
                for bias in [nil, bias] {
                    let expected = reference.matmul(
                        wide(a), wide(b), transposeA: transposeA, transposeB: transposeB, bias: bias.map(wide))
                    for (name, left) in arrangements(of: a) {
                        for (otherName, right) in arrangements(of: b) {
                            expectRounded(
                                cpu.matmul(left, right, transposeA: transposeA, transposeB: transposeB, bias: bias),
                                expected, absolute: 2e-6 * Double(k),
                                "\(m)×\(n)×\(k), \(transposeA) \(transposeB), \(name) and \(otherName)")
                        }
                    }
                }
            }
        }

        /// The leading axes of both operands.
        private static let batches: [[Shape]] = [
            [[5], [5]], [[5], [1]], [[1], [5]], [[2, 3], [3]], [[2, 1], [1, 3]], [[4, 2, 3], []], [[], [4]],
            [[0], [1]],
        ]

        @Test(arguments: batches) func multipliesBatches(_ leading: [Shape]) {
            for (m, n, k) in [(4, 6, 5), (1, 6, 3), (10, 9, 8)] {
                for (transposeA, transposeB) in [(false, false), (true, false), (false, true), (true, true)] {
                    let a = randomNarrow(Shape(Array(leading[0]) + (transposeA ? [k, m] : [m, k])), seed: 1)
                    let b = randomNarrow(Shape(Array(leading[1]) + (transposeB ? [n, k] : [k, n])), seed: 2)
                    let bias = randomNarrow([n], seed: 3)
                    let expected = reference.matmul(
                        wide(a), wide(b), transposeA: transposeA, transposeB: transposeB, bias: wide(bias))
                    for (name, x) in arrangements(of: a) {
                        for (otherName, y) in arrangements(of: b) {
                            expectRounded(
                                cpu.matmul(x, y, transposeA: transposeA, transposeB: transposeB, bias: bias), expected,
                                absolute: 1e-5,
                                "\(a.shape)·\(b.shape), \(transposeA) \(transposeB), \(name) and \(otherName)")
                        }
                    }
                }
            }
        }

        /// The activation is that of the sum in float32: it is rounded once.
        @Test(arguments: activations) func appliesActivations(_ activation: UnaryOperation) {
            let (a, b) = (randomNarrow([9, 30], seed: 1), randomNarrow([30, 25], seed: 2))
            let bias = randomNarrow([25], seed: 3)
            let product = reference.matmul(
                wide(a), wide(b), transposeA: false, transposeB: false, bias: wide(bias))
            expectRounded(
                cpu.matmul(a, b, transposeA: false, transposeB: false, bias: bias, activation: activation),
                reference.unary(activation, product), absolute: 6e-5, "product, \(activation)")
            for sample in CPUConvolutionTests.cases {
                let (x, w) = (randomNarrow(sample.input, seed: 1), randomNarrow(sample.weight, seed: 2))
                let y = reference.convolution(wide(x), wide(w), bias: nil, sample.geometry)
                expectRounded(
                    cpu.convolution(x, w, bias: nil, sample.geometry, activation: activation),
                    reference.unary(activation, y), absolute: tolerance(sample), "\(sample), \(activation)")
            }
        }

        /// What is not a number stays so: a run that diverges must show it.
        @Test(arguments: activations) func keepsNaN(_ activation: UnaryOperation) {
            for size in [4, 100] {
                let y = cpu.matmul(
                    cpu.full([size, size], .bfloat16, .nan), cpu.full([size, size], .bfloat16, 1), transposeA: false,
                    transposeB: true, bias: nil, activation: activation)
                #expect(cpu.elements(y, as: BFloat16.self).allSatisfy { Float($0).isNaN })
            }
        }

        @Test func multipliesBroadcastViews() {
            let row = randomNarrow([1, 40])
            let repeated = row.view([30, 40], Strides(lanes: [0, 0, 0, 0, 0, 0, 0, 1]))
            let b = randomNarrow([40, 50], seed: 2)
            expectRounded(
                cpu.matmul(repeated, b, transposeA: false, transposeB: false, bias: nil),
                reference.matmul(wide(repeated), wide(b), transposeA: false, transposeB: false, bias: nil),
                absolute: 1e-4, "repeated rows")
        }

        @Test(arguments: CPUConvolutionTests.cases) func convolves(_ sample: ConvolutionCase) {
            let (input, weight) = (randomNarrow(sample.input, seed: 1), randomNarrow(sample.weight, seed: 2))
            let bias = randomNarrow([sample.weight[0]], seed: 3)
            for bias in [nil, bias] {
                let expected = reference.convolution(
                    wide(input), wide(weight), bias: bias.map(wide), sample.geometry)
                for (name, x) in arrangements(of: input) {
                    expectRounded(
                        cpu.convolution(x, weight, bias: bias, sample.geometry), expected, absolute: tolerance(sample),
                        "\(sample), \(name)")
                    expectFast("\(sample)")
                }
            }
        }

        @Test(arguments: CPUConvolutionTests.cases) func convolutionGradients(_ sample: ConvolutionCase) {
            let (input, weight) = (randomNarrow(sample.input, seed: 1), randomNarrow(sample.weight, seed: 2))
            let output = reference.convolution(wide(input), wide(weight), bias: nil, sample.geometry)
            let gradient = randomNarrow(output.shape, seed: 3)
            let expectedInput = reference.convolutionInputGradient(
                wide(gradient), wide(weight), inputShape: sample.input, sample.geometry)
            let expected = reference.convolutionWeightGradient(
                wide(gradient), wide(input), weightShape: sample.weight, sample.geometry, includesBias: true)
            // As a network's passes leave them: the image that a convolution wrote, in blocks or channels-last.
            let computed = cpu.convolution(input, weight, bias: nil, sample.geometry)
            cpu.copy(gradient, into: computed)
            for (name, g) in arrangements(of: gradient) + [("as computed", computed)] {
                expectRounded(
                    cpu.convolutionInputGradient(g, weight, inputShape: sample.input, sample.geometry), expectedInput,
                    absolute: 1e-4, "\(sample), input, \(name)")
                expectFast("\(sample)")
                let found = cpu.convolutionWeightGradient(
                    g, input, weightShape: sample.weight, sample.geometry, includesBias: true)
                expectFast("\(sample)")
                expectRounded(found.weight, expected.weight, absolute: 2e-4, "\(sample), weight, \(name)")
                guard let bias = found.bias, let expectedBias = expected.bias else {
                    Issue.record("\(sample): no bias gradient")
                    continue
                }
                expectRounded(bias, expectedBias, absolute: 2e-4, "\(sample), bias, \(name)")
            }
            let withoutBias = cpu.convolutionWeightGradient(
                gradient, input, weightShape: sample.weight, sample.geometry, includesBias: false)
            #expect(withoutBias.bias == nil)
            expectRounded(withoutBias.weight, expected.weight, absolute: 2e-4, "\(sample), no bias")
        }

        @Test func emptyConvolutions() {
            let y = cpu.convolution(
                cpu.full([0, 3, 5, 5], .bfloat16, 1), cpu.full([4, 3, 3, 3], .bfloat16, 1), bias: nil, .init())
            #expect(y.shape == [0, 4, 3, 3])
            #expect(y.dtype == .bfloat16)
            let found = cpu.convolutionWeightGradient(
                y, cpu.full([0, 3, 5, 5], .bfloat16, 1), weightShape: [4, 3, 3, 3], .init(), includesBias: true)
            #expect(cpu.elements(found.weight, as: BFloat16.self).allSatisfy { Float($0) == 0 })
            #expect(found.bias?.dtype == .bfloat16)
        }

        /// Where the processor multiplies bfloat16, nothing is widened.
        @Test func usesTheProcessorsInstructions() {
            _ = cpu.matmul(
                randomNarrow([40, 30]), randomNarrow([50, 30]), transposeA: false, transposeB: true, bias: nil)
            #expect(CPUBackend.lastImplementation.contains("bf16") == Device.multipliesBFloat16)
            _ = cpu.convolution(randomNarrow([2, 16, 9, 9]), randomNarrow([16, 16, 3, 3]), bias: nil, .init())
            #expect(CPUBackend.lastImplementation.contains("bf16") == Device.multipliesBFloat16)
        }

        /// Winograd's algorithm is for float32, and so is the choice.
        @Test func choosesNoKernels() {
            let (x, w) = (randomNarrow([32, 64, 18, 18]), randomNarrow([64, 64, 3, 3]))
            let before = KernelChoices.current.kernels.keys.filter { $0.contains("[32, 64, 18, 18]") }
            if Device.multipliesBFloat16 { _ = cpu.convolution(x, w, bias: nil, .init()) }
            #expect(before == KernelChoices.current.kernels.keys.filter { $0.contains("[32, 64, 18, 18]") })
        }

        /// Sums of many products of numbers below 4, in float32.
        private func tolerance(_ sample: ConvolutionCase) -> Double {
            2e-6 * Double(sample.weight.elementCount / sample.weight[0])
        }

        /// oneDNN's `ref:any` takes a thousand times as long as its other implementations.
        private func expectFast(_ context: @autoclosure () -> String, sourceLocation: SourceLocation = #_sourceLocation)
        {
            let name = CPUBackend.lastImplementation
            #expect(!name.isEmpty && !name.hasPrefix("ref"), "\(context()): \(name)", sourceLocation: sourceLocation)
        }
    }

    /// Expects sums in float32, which differ by `absolute` from those in Double, rounded to bfloat16: by 2⁻⁸ of their value
    /// at most.
    private func expectRounded(
        _ actual: DeviceBuffer, _ expected: DeviceBuffer, absolute: Double, _ context: @autoclosure () -> String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(actual.dtype == .bfloat16, "\(context())", sourceLocation: sourceLocation)
        guard actual.dtype == .bfloat16 else { return }
        expectClose(
            cpu.cast(actual, to: .float32), expected, relative: 0x1p-8, absolute: absolute, context(),
            sourceLocation: sourceLocation)
    }
#endif
