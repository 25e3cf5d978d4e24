#if OneDNN
    import Testing
    import YuyanBackend
    import YuyanKernels

    @Suite(.enabled(if: yuyan_winograd_lanes() > 0, "no loops for few channels without AVX2"))
    struct FewChannelsTests {
        private struct Case: CustomStringConvertible {
            var batch, channels, outputs, height, width, kernel: Int
            var stride: Int32 = 1
            var padding: SIMD2<Int32> = [0, 0]

            var input: Shape { [batch, channels, height, width] }
            var weight: Shape { [outputs, channels, kernel, kernel] }
            var geometry: ConvolutionGeometry {
                ConvolutionGeometry(stride: [stride, stride], padding: padding)
            }
            var description: String { "\(input) * \(weight), stride \(stride), padding \(padding)" }
        }

        /// All sizes of kernels and strides, one, some and odd numbers of vectors of outputs, fewer outputs than a vector,
        /// rows that no window reaches, one pixel, and more samples than pieces.
        private static let cases = [
            Case(batch: 3, channels: 1, outputs: 6, height: 12, width: 11, kernel: 5, padding: [2, 2]),
            Case(batch: 1, channels: 2, outputs: 1, height: 5, width: 6, kernel: 3),
            Case(batch: 37, channels: 1, outputs: 8, height: 5, width: 5, kernel: 3, padding: [1, 0]),
            Case(batch: 2, channels: 3, outputs: 16, height: 9, width: 20, kernel: 3, padding: [1, 1]),
            Case(batch: 2, channels: 4, outputs: 48, height: 13, width: 15, kernel: 7, stride: 2, padding: [3, 3]),
            Case(batch: 2, channels: 1, outputs: 32, height: 40, width: 37, kernel: 11, stride: 4),
            Case(batch: 1, channels: 1, outputs: 80, height: 12, width: 12, kernel: 11, stride: 4, padding: [1, 2]),
            Case(batch: 2, channels: 2, outputs: 32, height: 8, width: 7, kernel: 5, stride: 2, padding: [4, 0]),
            Case(batch: 1, channels: 3, outputs: 5, height: 3, width: 3, kernel: 3),
        ]

        private func isClose(_ found: DeviceBuffer, _ right: DeviceBuffer, _ text: String) {
            expectClose(found, right, relative: 1e-5, absolute: 2e-4, "\(text)")
        }

        @Test func agreesWithFloat64() {
            for sample in FewChannelsTests.cases {
                let (x, w) = (randomBuffer(sample.input, seed: 1), randomBuffer(sample.weight, seed: 2))
                let b = randomBuffer([sample.outputs], seed: 3)
                let right = reference.convolution(wide(x), wide(w), bias: wide(b), sample.geometry, activation: nil)
                isClose(
                    cpu.fewChannelsForward(x, w, bias: b, outputShape: right.shape, sample.geometry, nil), right,
                    "forward \(sample)")
                let g = randomBuffer(right.shape, seed: 4)
                let found = cpu.fewChannelsWeightGradient(
                    g, x, weightShape: w.shape, sample.geometry, includesBias: true)
                let gradients = reference.convolutionWeightGradient(
                    wide(g), wide(x), weightShape: w.shape, sample.geometry, includesBias: true)
                isClose(found.weight, gradients.weight, "weight gradient \(sample)")
                isClose(found.bias!, gradients.bias!, "bias gradient \(sample)")
            }
        }

        /// The first layers of networks get there; many channels, dilation, groups and other strides do not.
        @Test func whichAreComputedSo() {
            func run(_ x: Shape, _ w: Shape, _ geometry: ConvolutionGeometry = .init()) -> Bool {
                _ = cpu.convolution(randomBuffer(x), randomBuffer(w), bias: nil, geometry, activation: nil)
                return CPUBackend.lastImplementation.hasPrefix("few_channels:")
            }
            #expect(run([2, 1, 28, 28], [6, 1, 5, 5]))
            #expect(run([2, 3, 32, 32], [64, 3, 7, 7], .init(stride: [2, 2], padding: [3, 3])))
            #expect(!run([2, 8, 12, 12], [16, 8, 3, 3]))
            #expect(!run([2, 1, 12, 12], [20, 1, 3, 3]))
            #expect(!run([2, 1, 12, 12], [16, 1, 3, 3], .init(dilation: [2, 2])))
            #expect(!run([2, 2, 12, 12], [16, 1, 3, 3], .init(groups: 2)))
            #expect(!run([2, 1, 12, 12], [16, 1, 3, 3], .init(stride: [3, 3])))
            #expect(!run([2, 1, 12, 12], [16, 1, 3, 3], .init(stride: [1, 2])))
            #expect(!run([2, 1, 12, 12], [16, 1, 2, 2]))
        }

        @Test func threadsDoNotMatter() {
            let sample = Case(batch: 19, channels: 1, outputs: 6, height: 28, width: 28, kernel: 5, padding: [2, 2])
            let (x, w) = (randomBuffer(sample.input, seed: 1), randomBuffer(sample.weight, seed: 2))
            let g = randomBuffer([19, 6, 28, 28], seed: 4)
            func run() -> [[Float]] {
                let gradients = cpu.fewChannelsWeightGradient(
                    g, x, weightShape: w.shape, sample.geometry, includesBias: true)
                return [
                    cpu.fewChannelsForward(x, w, bias: nil, outputShape: g.shape, sample.geometry, nil),
                    gradients.weight,
                    gradients.bias!,
                ].map { cpu.elements($0, as: Float.self) }
            }
            let before = CPUBackend.threadCount
            defer { CPUBackend.threadCount = before }
            CPUBackend.threadCount = 1
            let one = run()
            CPUBackend.threadCount = 3
            #expect(run() == one)
        }
    }
#endif
