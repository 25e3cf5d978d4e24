#if OneDNN
    import Testing
    import YuyanBackend
    import YuyanKernels

    @Suite(.enabled(if: yuyan_winograd_lanes() > 0, "no loops for 1 × 1 without AVX2"))
    struct PointwiseTests {
        /// Batch, channels, outputs and a size of images: fewer pixels than a register holds sums, whole and cut groups of
        /// them, pixels in parts, samples in groups, and odd numbers of vectors of channels.
        private static let cases: [(Int, Int, Int, SIMD2<Int>)] = [
            (1, 16, 16, [1, 4]), (2, 32, 16, [3, 3]), (3, 16, 48, [5, 5]), (2, 48, 32, [13, 11]),
            (70, 16, 32, [2, 2]), (2, 16, 16, [31, 17]), (1, 16, 80, [7, 2]),
        ]

        @Test func agreesWithFloat64() {
            for (batch, channels, outputs, size) in PointwiseTests.cases {
                for isChannelsLast in [false, true] {
                    let name = "\(batch) × \(channels) × \(size) to \(outputs), channels last: \(isChannelsLast)"
                    func image(_ x: DeviceBuffer) -> DeviceBuffer { isChannelsLast ? channelsLast(x) : x }
                    let x = randomBuffer([batch, channels, size.x, size.y], seed: 1)
                    let w = randomBuffer([outputs, channels, 1, 1], seed: 2)
                    let b = randomBuffer([outputs], seed: 3)
                    let g = randomBuffer([batch, outputs, size.x, size.y], seed: 4)
                    expectClose(
                        cpu.pointwiseForward(image(x), w, bias: b, outputShape: g.shape, nil),
                        reference.convolution(wide(x), wide(w), bias: wide(b), .init(), activation: nil),
                        relative: 1e-5, absolute: 1e-4, "forward \(name)")
                    expectClose(
                        cpu.pointwiseInputGradient(image(g), w, inputShape: x.shape),
                        reference.convolutionInputGradient(wide(g), wide(w), inputShape: x.shape, .init()),
                        relative: 1e-5, absolute: 1e-4, "input gradient \(name)")
                    let found = cpu.pointwiseWeightGradient(
                        image(g), image(x), weightShape: w.shape, includesBias: true)
                    let right = reference.convolutionWeightGradient(
                        wide(g), wide(x), weightShape: w.shape, .init(), includesBias: true)
                    expectClose(
                        found.weight, right.weight, relative: 1e-5, absolute: 1e-4, "weight gradient \(name)")
                    expectClose(found.bias!, right.bias!, relative: 1e-5, absolute: 1e-4, "bias gradient \(name)")
                }
            }
        }

        /// Convolutions of 1 × 1 get there, but for the smallest images, with strides, padding or groups.
        @Test(arguments: [
            (size: 2, stride: 1, padding: 0, groups: 1, isPointwise: true),
            (size: 1, stride: 1, padding: 0, groups: 1, isPointwise: false),
            (size: 4, stride: 2, padding: 0, groups: 1, isPointwise: false),
            (size: 4, stride: 1, padding: 1, groups: 1, isPointwise: false),
            (size: 4, stride: 1, padding: 0, groups: 2, isPointwise: false),
        ])
        func whichAreComputedSo(size: Int, stride: Int32, padding: Int32, groups: Int32, isPointwise: Bool) {
            let x = randomBuffer([2, 32, size, size])
            let w = randomBuffer([32, 32 / Int(groups), 1, 1])
            _ = cpu.convolution(
                x, w, bias: nil,
                ConvolutionGeometry(stride: [stride, stride], padding: [padding, padding], groups: groups),
                activation: nil)
            #expect(CPUBackend.lastImplementation.hasPrefix("pointwise:") == isPointwise)
        }

        @Test func threadsDoNotMatter() {
            let x = randomBuffer([5, 48, 17, 16], seed: 1)
            let w = randomBuffer([32, 48, 1, 1], seed: 2)
            let g = randomBuffer([5, 32, 17, 16], seed: 4)
            func run() -> [[Float]] {
                let gradients = cpu.pointwiseWeightGradient(g, x, weightShape: w.shape, includesBias: true)
                return [
                    cpu.pointwiseForward(x, w, bias: nil, outputShape: g.shape, nil),
                    cpu.pointwiseInputGradient(g, w, inputShape: x.shape), gradients.weight, gradients.bias!,
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
