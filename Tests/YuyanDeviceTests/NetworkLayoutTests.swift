#if OneDNN
    import Testing
    import Yuyan
    import YuyanBackend

    /// A training step of the book's convolution networks, at their own widths and with small images: from the first layer
    /// to the last no image is copied into another layout.
    @Suite struct NetworkLayoutTests {
        private struct Network: Sendable, CustomTestStringConvertible {
            var testDescription: String
            /// Of images: those of the last layers have 3 × 3 pixels then, or 5 × 5 where kernels of 5 × 5 read them. For
            /// kernels larger than the image oneDNN's AVX2 has none but for plain images.
            var size: Int
            var make: @Sendable () -> Sequential
            /// Where blocks of 16 end: a convolution from channels that fill such blocks to channels that do not, and what
            /// puts its branch beside others. oneDNN pads, and copies the smaller image.
            var endsOfBlocks: [String] = []
        }

        private static let networks = [
            Network(testDescription: "ResNet-18", size: 96) { makeResNet18() },
            // From 240 channels to 120.
            Network(testDescription: "DenseNet", size: 96, make: { makeDenseNet() }, endsOfBlocks: ["6.2 (Conv2D)"]),
            // To 24 channels, from 512.
            Network(
                testDescription: "GoogLeNet", size: 160, make: { makeGoogLeNet() },
                endsOfBlocks: [
                    "3.1.p3_1 (Conv2D)", "3.1 (Inception)", "3.2.p3_1 (Conv2D)", "3.2 (Inception)",
                ]),
        ]

        private func events(of network: Network, _ precision: Precision) -> [ProfileEvent] {
            withPrecision(precision) {
                let net = withSeed(3) { network.make() }
                let (x, labels) = withSeed(4) {
                    (Tensor.normal([2, 1, network.size, network.size]), Tensor([3, 1] as [Int64]))
                }
                let optimizer = SGD(net.parameters(), learningRate: 0.01)
                let recorder = Recorder.ofModules()
                recorder.listen {
                    var loss = Tensor.zeros([])
                    recorder.measure(phase: "forward", scope: "loss") { loss = crossEntropy(net(x), labels) }
                    recorder.measure(phase: "backward", scope: "loss") { loss.backward() }
                    recorder.measure(phase: "update", scope: "update") { optimizer.step() }
                }
                return recorder.events.filter { $0.kind == .kernel }
            }
        }

        @Test(arguments: networks.indices, Precision.allCases)
        func noImageIsReorderedInATrainingStep(_ index: Int, precision: Precision) {
            // Elsewhere bfloat16 is computed in float32.
            if precision == .bfloat16 && !Device.multipliesBFloat16 { return }
            let network = NetworkLayoutTests.networks[index]
            let events = withDevice(.cpu) { self.events(of: network, precision) }
            // Without AVX2 oneDNN's kernels for gradients take plain images alone.
            if Processor.instructionsInUse == "baseline" { return }
            let ends =
                Processor.instructionsInUse == "AVX-512" ? network.endsOfBlocks.map { "Sequential." + $0 } : []
            let reorders = events.filter { $0.imageReorderCount > 0 && !ends.contains($0.scope) }
                .map { "\($0.phase), \($0.scope): \($0.name) of \($0.shapes): \($0.reorders)" }
            #expect(reorders == [], "\(network.testDescription), \(precision), with \(Processor.instructionsInUse)")
            // At the ends of blocks only images whose channels fill none: 24 of GoogLeNet's, and the 64 beside them.
            for event in events where ends.contains(event.scope) {
                for reorder in event.reorders where reorder.operand == .image {
                    #expect([24, 64, 120].contains(reorder.shape[1]), "\(event.scope): \(reorder)")
                }
            }
            // Nothing that is plain passes for order: the kernels for blocks ran, and every layer has a fast path.
            let implementations = Set(events.map(\.implementation))
            let kernels = precision == .float32 ? ["winograd_4x3:", "pointwise:"] : ["jit_bf16", "brgconv"]
            #expect(implementations.contains { name in kernels.contains { name.hasPrefix($0) } }, "\(implementations)")
            #expect(events.filter { $0.slowPath != nil }.map(\.scope) == [])
        }
    }
#endif
