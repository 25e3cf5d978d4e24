#if OneDNN
    import Testing
    import YuyanBackend
    import YuyanKernels

    @Suite(.enabled(if: yuyan_winograd_lanes() > 0, "no Winograd kernels without AVX2"))
    struct WinogradTests {
        private struct Case: CustomStringConvertible {
            var batch, channels, outputs, height, width: Int
            var kernel = 3
            var padding: SIMD2<Int32> = [1, 1]
            var isChannelsLast = false

            var input: Shape { [batch, channels, height, width] }
            var weight: Shape { [outputs, channels, kernel, kernel] }
            var geometry: ConvolutionGeometry { ConvolutionGeometry(padding: padding) }
            var description: String { "\(input) * \(weight), padding \(padding), channels last: \(isChannelsLast)" }
        }

        /// Whole tiles, tiles cut at the right and the bottom, fewer tiles than a register holds, more than one job has,
        /// odd numbers of vectors of channels, windows wholly in the padding, and images of one pixel.
        private static let cases = [
            Case(batch: 2, channels: 16, outputs: 16, height: 8, width: 8),
            Case(batch: 1, channels: 32, outputs: 16, height: 7, width: 5),
            Case(batch: 3, channels: 16, outputs: 48, height: 13, width: 11),
            Case(batch: 9, channels: 48, outputs: 32, height: 23, width: 22, isChannelsLast: true),
            Case(batch: 2, channels: 16, outputs: 32, height: 9, width: 10, padding: [0, 0]),
            Case(batch: 2, channels: 16, outputs: 16, height: 5, width: 6, padding: [2, 0]),
            Case(batch: 1, channels: 16, outputs: 16, height: 4, width: 4, padding: [4, 5]),
            Case(batch: 1, channels: 16, outputs: 16, height: 1, width: 1),
            Case(batch: 2, channels: 32, outputs: 48, height: 12, width: 13, kernel: 5, padding: [2, 2]),
            Case(batch: 1, channels: 16, outputs: 16, height: 5, width: 7, kernel: 5, padding: [0, 1]),
            Case(
                batch: 5, channels: 48, outputs: 16, height: 19, width: 16, kernel: 5, padding: [4, 3],
                isChannelsLast: true),
            Case(batch: 1, channels: 16, outputs: 16, height: 1, width: 2, kernel: 5, padding: [2, 2]),
            // So many channels that they are computed in groups, the last a smaller one; with a few tiles over.
            Case(batch: 33, channels: 96, outputs: 80, height: 8, width: 7),
            Case(batch: 3, channels: 80, outputs: 96, height: 5, width: 6, kernel: 5, padding: [2, 2]),
        ]

        private func operands(_ sample: Case) -> (x: DeviceBuffer, w: DeviceBuffer, b: DeviceBuffer) {
            let x = randomBuffer(sample.input, seed: 1)
            let image = sample.isChannelsLast ? channelsLast(x) : x
            return (image, randomBuffer(sample.weight, seed: 2), randomBuffer([sample.outputs], seed: 3))
        }

        /// The largest error and the root mean square of errors, in units of the root mean square of the right values,
        /// which float64 computes. They grow with the root of the number of channels that are summed over. The gradient of
        /// weights multiplies by up to 16 at its end.
        private static func ofImages(_ channels: Int) -> (largest: Double, mean: Double) {
            (largest: 5e-5, mean: 3e-7 * Double(channels).squareRoot())
        }
        private static let ofWeights = (largest: 1e-4, mean: 5e-6)

        private func expectClose(
            _ found: DeviceBuffer, _ expected: DeviceBuffer, _ bounds: (largest: Double, mean: Double), _ text: String
        ) {
            #expect(found.shape == expected.shape, "\(text)")
            let (a, b) = (cpu.elements(found, as: Float.self), reference.elements(expected, as: Double.self))
            var (largest, squares, all) = (0.0, 0.0, 0.0)
            for (x, y) in zip(a, b) {
                largest = max(largest, abs(Double(x) - y))
                squares += (Double(x) - y) * (Double(x) - y)
                all += y * y
            }
            let unit = (all / Double(b.count)).squareRoot()
            #expect(largest <= bounds.largest * unit, "\(text): \(largest / unit)")
            #expect((squares / all).squareRoot() <= bounds.mean, "\(text): \((squares / all).squareRoot())")
        }

        @Test func agreesWithFloat64() {
            for sample in WinogradTests.cases {
                let (x, w, b) = operands(sample)
                let (wideX, wideW) = (wide(x), wide(w))
                let expected = reference.convolution(
                    wideX, wideW, bias: wide(b), sample.geometry, activation: nil)
                let y = cpu.winogradForward(x, w, bias: b, outputShape: expected.shape, sample.geometry, nil)
                expectClose(y, expected, WinogradTests.ofImages(sample.channels), "forward \(sample)")
                let g = randomBuffer(y.shape, seed: 4)
                let gradient = sample.isChannelsLast ? channelsLast(g) : g
                expectClose(
                    cpu.winogradInputGradient(gradient, w, inputShape: x.shape, sample.geometry),
                    reference.convolutionInputGradient(wide(g), wideW, inputShape: x.shape, sample.geometry),
                    WinogradTests.ofImages(sample.outputs), "input gradient \(sample)")
                let found = cpu.winogradWeightGradient(
                    gradient, x, weightShape: w.shape, sample.geometry, includesBias: true)
                let right = reference.convolutionWeightGradient(
                    wide(g), wideX, weightShape: w.shape, sample.geometry, includesBias: true)
                expectClose(found.weight, right.weight, WinogradTests.ofWeights, "weight gradient \(sample)")
                YuyanBackendTests.expectClose(
                    found.bias!, right.bias!, relative: 1e-5, absolute: 1e-4, "bias gradient \(sample)")
            }
        }

        /// Any number of threads gives the same bits.
        @Test func threadsDoNotMatter() {
            let sample = Case(batch: 9, channels: 48, outputs: 32, height: 23, width: 22)
            let (x, w, b) = operands(sample)
            let shape: Shape = [9, 32, 23, 22]
            let g = randomBuffer(shape, seed: 4)
            func run() -> [[Float]] {
                let gradients = cpu.winogradWeightGradient(
                    g, x, weightShape: w.shape, sample.geometry, includesBias: true)
                return [
                    cpu.winogradForward(x, w, bias: b, outputShape: shape, sample.geometry, nil),
                    cpu.winogradInputGradient(g, w, inputShape: x.shape, sample.geometry), gradients.weight,
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
