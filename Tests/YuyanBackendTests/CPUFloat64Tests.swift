#if OneDNN
    import Testing
    import YuyanBackend

    /// Products and convolutions in float64, by loops of our own, against those of the Reference backend.
    @Suite struct CPUFloat64Tests {
        /// Around the sizes of tiles (up to 8 × 24), of blocks (1008 rows, 96 and 240 columns) and of sums (256 terms).
        private static let sizes: [(m: Int, n: Int, k: Int)] = [
            (1, 1, 1), (10, 1, 2), (3, 4, 5), (7, 1, 300), (1, 65, 33), (17, 31, 1), (9, 25, 257), (8, 24, 256),
            (66, 242, 9), (25, 97, 12), (1013, 3, 2), (3, 1013, 2), (1010, 9, 3), (2, 2, 515), (33, 17, 40), (0, 3, 4),
            (3, 4, 0),
        ]

        @Test(arguments: sizes) func multiplies(_ m: Int, _ n: Int, _ k: Int) {
            let bias = randomDoubles([n], seed: 3)
            for (transposeA, transposeB) in [(false, false), (true, false), (false, true), (true, true)] {
                let a = randomDoubles(transposeA ? [k, m] : [m, k], seed: 1)
                let b = randomDoubles(transposeB ? [n, k] : [k, n], seed: 2)
                for bias in [nil, bias] {
                    let expected = reference.matmul(
                        a, b, transposeA: transposeA, transposeB: transposeB, bias: bias)
                    for (name, left) in arrangements(of: a) {
                        for (otherName, right) in arrangements(of: b) {
                            expectClose64(
                                cpu.matmul(left, right, transposeA: transposeA, transposeB: transposeB, bias: bias),
                                expected, terms: k,
                                "\(m)×\(n)×\(k), \(transposeA) \(transposeB), \(name) and \(otherName)")
                        }
                    }
                }
            }
        }

        /// The leading axes of both operands.
        private static let batches: [[Shape]] = [
            [[5], [5]], [[5], [1]], [[1], [5]], [[2, 3], [2, 3]], [[2, 3], [3]], [[3], [2, 1]], [[2, 1], [1, 3]],
            [[4, 2, 3], []], [[], [4]], [[0], [1]], [[64], [64]],
        ]

        @Test(arguments: batches) func multipliesBatches(_ leading: [Shape]) {
            let (left, right) = (leading[0], leading[1])
            for (m, n, k) in [(4, 6, 5), (1, 6, 3), (10, 9, 8)] {
                for (transposeA, transposeB) in [(false, false), (true, false), (false, true), (true, true)] {
                    let a = randomDoubles(Shape(Array(left) + (transposeA ? [k, m] : [m, k])), seed: 1)
                    let b = randomDoubles(Shape(Array(right) + (transposeB ? [n, k] : [k, n])), seed: 2)
                    let bias = randomDoubles([n], seed: 3)
                    let expected = reference.matmul(a, b, transposeA: transposeA, transposeB: transposeB, bias: bias)
                    for (name, x) in arrangements(of: a) {
                        for (otherName, y) in arrangements(of: b) {
                            expectClose64(
                                cpu.matmul(x, y, transposeA: transposeA, transposeB: transposeB, bias: bias), expected,
                                terms: k, "\(a.shape)·\(b.shape), \(transposeA) \(transposeB), \(name), \(otherName)")
                        }
                    }
                }
            }
        }

        @Test(arguments: activations) func appliesActivations(_ activation: UnaryOperation) {
            let (a, b, bias) = (
                randomDoubles([9, 30], seed: 1), randomDoubles([30, 25], seed: 2), randomDoubles([25], seed: 3)
            )
            let y = cpu.matmul(
                a, b, transposeA: false, transposeB: false, bias: bias, activation: activation)
            let expected = cpu.unary(
                activation, cpu.matmul(a, b, transposeA: false, transposeB: false, bias: bias))
            expectSame(y, expected, as: Double.self, "\(activation)")
        }

        @Test func multipliesBroadcastViews() {
            let row = randomDoubles([1, 40])
            let repeated = row.view([30, 40], Strides(lanes: [0, 0, 0, 0, 0, 0, 0, 1]))
            let b = randomDoubles([40, 50], seed: 2)
            expectClose64(
                cpu.matmul(repeated, b, transposeA: false, transposeB: false, bias: nil),
                reference.matmul(cpu.copied(repeated), b, transposeA: false, transposeB: false, bias: nil), terms: 40,
                "repeated rows")
        }

        /// What is not finite spoils its row of the one operand or its column of the other, and nothing else.
        @Test(arguments: [Double.nan, .infinity]) func keepsWhatIsNotFinite(_ value: Double) {
            let (m, n, k) = (19, 29, 260)
            for (spoilsA, place) in [(true, 18 * 260 + 259), (true, 3 * 260), (false, 259 * 29 + 28), (false, 7)] {
                var (left, right) = ([Double](repeating: 1, count: m * k), [Double](repeating: 1, count: k * n))
                if spoilsA { left[place] = value } else { right[place] = value }
                let y = elements(
                    cpu.matmul(
                        cpu.buffer(left, [m, k]), cpu.buffer(right, [k, n]), transposeA: false, transposeB: false,
                        bias: nil), as: Double.self)
                for i in 0..<m {
                    for j in 0..<n {
                        let isSpoilt = spoilsA ? i == place / k : j == place % n
                        let found = y[i * n + j]
                        #expect(isSpoilt ? (value.isNaN ? found.isNaN : found == value) : found == Double(k))
                    }
                }
            }
        }

        private static let cases =
            CPUConvolutionTests.cases + [
                // More columns than are made at a time, and a step over the edge of the image.
                .init(input: [3, 2, 80, 80], weight: [2, 2, 3, 3], geometry: .init(padding: [1, 1])),
                .init(input: [2, 3, 3, 4], weight: [2, 3, 2, 2], geometry: .init(stride: [3, 5], padding: [4, 6])),
            ]

        @Test(arguments: cases) func convolves(_ sample: ConvolutionCase) {
            let (x, w) = (randomDoubles(sample.input, seed: 1), randomDoubles(sample.weight, seed: 2))
            let bias = randomDoubles([sample.weight[0]], seed: 3)
            let isLarge = sample.input.elementCount > 30_000
            for bias in [nil, bias] where !isLarge || bias != nil {
                let expected = reference.convolution(x, w, bias: bias, sample.geometry)
                for (name, x) in isLarge ? [("plain", x)] : arrangements(of: x) {
                    expectClose64(
                        cpu.convolution(x, w, bias: bias, sample.geometry), expected,
                        terms: sample.weight.elementCount / sample.weight[0], "\(sample), \(name)")
                }
            }
        }

        @Test(arguments: cases) func convolutionGradients(_ sample: ConvolutionCase) {
            let (x, w) = (randomDoubles(sample.input, seed: 1), randomDoubles(sample.weight, seed: 2))
            let g = randomDoubles(cpu.convolution(x, w, bias: nil, sample.geometry).shape, seed: 3)
            let isLarge = sample.input.elementCount > 30_000
            let expectedInput = reference.convolutionInputGradient(
                g, w, inputShape: sample.input, sample.geometry)
            let expected = reference.convolutionWeightGradient(
                g, x, weightShape: sample.weight, sample.geometry, includesBias: true)
            for (name, g) in isLarge ? [("plain", g)] : arrangements(of: g) {
                expectClose64(
                    cpu.convolutionInputGradient(g, w, inputShape: sample.input, sample.geometry), expectedInput,
                    terms: sample.weight.elementCount, "\(sample), input, \(name)")
                let found = cpu.convolutionWeightGradient(
                    g, x, weightShape: sample.weight, sample.geometry, includesBias: true)
                let terms = g.elementCount / sample.weight[0]
                expectClose64(found.weight, expected.weight, terms: terms, "\(sample), weight, \(name)")
                guard let bias = found.bias, let expectedBias = expected.bias else {
                    Issue.record("\(sample): no bias gradient")
                    continue
                }
                expectClose64(bias, expectedBias, terms: terms, "\(sample), bias, \(name)")
            }
        }

        /// However many threads share the work, beside each other or not.
        @Test func anyNumberOfThreadsComputesTheSameBits() async {
            await #expect(processExitsWith: .success) {
                CPUBackend.threadCount = 1
                let expected = resultsOnThreads()
                for threads in [2, 3, 5] {
                    CPUBackend.threadCount = threads
                    guard resultsOnThreads() == expected else { fatalError("other bits on \(threads) threads") }
                }
            }
        }
    }

    /// Products large enough for more than one thread, cut across rows, columns and batches, and a convolution.
    private func resultsOnThreads() -> [[Double]] {
        func product(_ left: Shape, _ right: Shape, transposeB: Bool = false) -> [Double] {
            elements(
                cpu.matmul(
                    randomDoubles(left, seed: 1), randomDoubles(right, seed: 2), transposeA: false,
                    transposeB: transposeB, bias: nil))
        }
        let sample = ConvolutionCase(input: [6, 4, 20, 20], weight: [7, 4, 3, 3], geometry: .init(padding: [1, 1]))
        let (x, w) = (randomDoubles(sample.input, seed: 1), randomDoubles(sample.weight, seed: 2))
        let y = cpu.convolution(x, w, bias: nil, sample.geometry)
        let products = [
            product([9, 300], [300, 130]), product([300, 130], [130, 9]),
            product([130, 300], [9, 300], transposeB: true),
            product([1, 300], [900, 300], transposeB: true), product([3, 70, 40], [3, 40, 40]),
            product([13, 40, 30], [13, 30, 20]),
        ]
        return products + [
            elements(cpu.copied(y)),
            elements(cpu.convolutionInputGradient(y, w, inputShape: sample.input, sample.geometry)),
            elements(
                cpu.convolutionWeightGradient(
                    y, x, weightShape: sample.weight, sample.geometry, includesBias: false
                ).weight),
        ]
    }

    /// Numbers from [-2, 2).
    private func randomDoubles(_ shape: Shape, seed: UInt64 = 1) -> DeviceBuffer {
        let numbers = reference.randomUniform(shape, .float64, low: -2, high: 2, RandomKey(seed: seed, draw: 0))
        return cpu.buffer(elements(numbers, as: Double.self), shape)
    }

    /// Expects sums of `terms` products of numbers below 2 in any order: each of both sums may be off by
    /// `terms` · 2⁻⁵³ · Σ |a b| at most (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1).
    private func expectClose64(
        _ actual: DeviceBuffer, _ expected: DeviceBuffer, terms: Int, _ context: @autoclosure () -> String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(actual.shape == expected.shape, "\(context())", sourceLocation: sourceLocation)
        #expect(actual.dtype == .float64, "\(context())", sourceLocation: sourceLocation)
        #expect(actual.device == .cpu, "\(context())", sourceLocation: sourceLocation)
        guard actual.shape == expected.shape, actual.dtype == .float64 else { return }
        let (found, wanted) = (cpu.elements(actual, as: Double.self), elements(expected, as: Double.self))
        let terms = Double(terms + 1)
        let tolerance = 2 * terms * 0x1p-53 * 4 * terms
        let worst = zip(found, wanted).reduce(0) { max($0, ($1.0 - $1.1).magnitude) }
        #expect(worst <= tolerance, "\(context())", sourceLocation: sourceLocation)
    }
#endif
