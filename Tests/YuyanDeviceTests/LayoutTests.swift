#if OneDNN
    import Testing
    import Yuyan
    import YuyanBackend

    /// Images stay in the layouts in which oneDNN's convolutions want them, from layer to layer, forward and backward.
    ///
    /// Every network begins with a convolution of a plain image, and ends with one to whose output a loss in plain layout
    /// is attached. What may be reordered there is the first image, by the first layer, and the gradient that comes from
    /// the loss, by the loss and by the last layer; nothing else.
    @Suite struct LayoutTests {
        /// f(x) + g(x); without g, f(x) + x.
        private final class Residual: Layer {
            let body: Layer
            let shortcut: Layer?
            init(_ body: Layer, shortcut: Layer? = nil) { (self.body, self.shortcut) = (body, shortcut) }
            override func forward(_ x: Tensor) -> Tensor { (body(x) + (shortcut.map { $0(x) } ?? x)).relu() }
        }

        /// Branches of one image, one after the other along the channels.
        private final class Branches: Layer {
            let branches: [Layer]
            init(_ branches: Layer...) { self.branches = branches }
            override func forward(_ x: Tensor) -> Tensor { concatenate(branches.map { $0(x) }, axis: 1) }
        }

        /// x beside f(x) along the channels.
        private final class Growth: Layer {
            let body: Layer
            init(_ body: Layer) { self.body = body }
            override func forward(_ x: Tensor) -> Tensor { concatenate([x, body(x)], axis: 1) }
        }

        /// The first and the last halves of the channels, exchanged.
        private final class Shuffle: Layer {
            override func forward(_ x: Tensor) -> Tensor {
                let half = x.shape[1] / 2
                return concatenate([x[0..., half..<(2 * half)], x[0..., 0..<half]], axis: 1)
            }
        }

        private static func convolution(_ input: Int, _ output: Int, _ size: Int = 3, stride: Int = 1) -> Layer {
            Conv2D(
                inputChannels: input, outputChannels: output, kernelSize: Size2D(size), stride: Size2D(stride),
                padding: Size2D(size / 2))
        }

        private static func normalized(_ input: Int, _ output: Int, _ size: Int = 3, stride: Int = 1) -> [Layer] {
            [convolution(input, output, size, stride: stride), BatchNorm2D(channels: output)]
        }

        /// BN, ReLU, convolution, as in DenseNet.
        private static func dense(_ input: Int, _ growth: Int) -> Layer {
            Growth(Sequential([BatchNorm2D(channels: input), ReLU(), convolution(input, growth)]))
        }

        private struct Network: Sendable, CustomTestStringConvertible {
            let testDescription: String
            /// Of the first image.
            let channels: Int
            let size: Int
            let layers: @Sendable (_ size: Int) -> [Layer]
            init(_ name: String, channels: Int = 3, size: Int = 28, _ layers: @escaping @Sendable (Int) -> [Layer]) {
                (testDescription, self.channels, self.size, self.layers) = (name, channels, size, layers)
            }
        }

        private static let networks = [
            Network("residual") { _ in
                [
                    convolution(3, 64), ReLU(),
                    Residual(Sequential(normalized(64, 64) + [ReLU()] + normalized(64, 64))), convolution(64, 64),
                ]
            },
            Network("residual with stride") { _ in
                [
                    convolution(3, 64), ReLU(),
                    Residual(
                        Sequential(normalized(64, 128, stride: 2) + [ReLU()] + normalized(128, 128)),
                        shortcut: convolution(64, 128, 1, stride: 2)),
                    convolution(128, 64),
                ]
            },
            // The first block of d2l 8.4.
            Network("Inception") { _ in
                [
                    convolution(3, 192), ReLU(),
                    Branches(
                        Sequential(convolution(192, 64, 1), ReLU()),
                        Sequential(convolution(192, 96, 1), ReLU(), convolution(96, 128), ReLU()),
                        Sequential(convolution(192, 16, 1), ReLU(), convolution(16, 32, 5), ReLU()),
                        Sequential(MaxPool2D(kernelSize: 3, stride: 1, padding: 1), convolution(192, 32, 1), ReLU())),
                    convolution(256, 64, 1),
                ]
            },
            // Blocks and a transition of d2l 8.7.
            Network("DenseNet", size: 16) { _ in
                [
                    convolution(3, 64), dense(64, 32), dense(96, 32), BatchNorm2D(channels: 128), ReLU(),
                    convolution(128, 64, 1), AvgPool2D(kernelSize: 2), Dropout(probability: 0.25), dense(64, 32),
                    convolution(96, 64),
                ]
            },
            Network("slices", size: 12) { _ in
                [convolution(3, 64), Shuffle(), ReLU(), Dropout(), convolution(64, 64)]
            },
            Network("global average", size: 12) { size in
                [
                    convolution(3, 32), ReLU(), convolution(32, 64), BatchNorm2D(channels: 64), ReLU(),
                    AvgPool2D(kernelSize: Size2D(size)), Flatten(), Linear(inputSize: 64, outputSize: 5),
                ]
            },
            // As many channels as LeNet's first layers have, and as no block divides.
            Network("few channels", channels: 1) { _ in
                [
                    convolution(1, 8, 5), BatchNorm2D(channels: 8), Sigmoid(), AvgPool2D(kernelSize: 2),
                    Branches(convolution(8, 4), convolution(8, 8)), Residual(convolution(12, 12)), Shuffle(),
                    Dropout(probability: 0.25), convolution(12, 8),
                ]
            },
            Network("20 channels", size: 14) { _ in
                [
                    convolution(3, 20), BatchNorm2D(channels: 20), ReLU(), Residual(convolution(20, 20)),
                    Branches(convolution(20, 20), convolution(20, 6)), convolution(26, 20),
                ]
            },
            // A block of 8 divides these; one of 16 would have to be padded.
            Network("24 channels", size: 14) { _ in
                [
                    convolution(3, 24), BatchNorm2D(channels: 24), ReLU(), Residual(convolution(24, 24)), Dropout(),
                    convolution(24, 24),
                ]
            },
            Network("112 channels", size: 14) { _ in
                [
                    convolution(3, 112), BatchNorm2D(channels: 112), ReLU(), Residual(convolution(112, 112)),
                    Branches(convolution(112, 112, 1), convolution(112, 48)), convolution(160, 64),
                ]
            },
        ]

        /// Runs a network forward and backward; the output, the gradients, and what was reordered between its ends.
        private func run(_ network: Network, size: Int, on device: Device) -> (values: [[Float]], reorders: [String]) {
            withDevice(device) {
                let net = withSeed(3) { Sequential(network.layers(size)) }
                let x = withSeed(4) { Tensor.normal([2, network.channels, size, size]) }
                let parameters = net.parameters()
                let recorder = Recorder.ofModules()
                var output = Tensor.zeros([])
                recorder.listen {
                    recorder.measure(phase: "forward") { withSeed(5) { output = net(x) } }
                    recorder.measure(phase: "backward", scope: "loss") {
                        let weights = withSeed(6) { Tensor.normal(output.shape) }
                        (output * weights).sum().backward()
                    }
                }
                let ends = ["Sequential.0 (Conv2D)", "Sequential.\(net.count - 1) (Conv2D)", "loss"]
                let reorders = recorder.events.filter { event in
                    // Without AVX2 oneDNN's kernels for gradients take plain images alone.
                    event.imageReorderCount > 0 && !ends.contains(event.scope)
                        && (event.phase == "forward" || Processor.instructionsInUse != "baseline")
                }
                .map { "\($0.phase), \($0.scope): \($0.name) of \($0.shapes): \($0.reorders)" }
                let gradients = parameters.map { $0.gradient!.array(of: Float.self) }
                return ([output.array(of: Float.self)] + gradients, reorders)
            }
        }

        @Test(arguments: networks.indices) func noImageIsReorderedBetweenLayers(_ index: Int) {
            let network = LayoutTests.networks[index]
            let found = run(network, size: network.size, on: .cpu)
            #expect(found.reorders == [], "\(network.testDescription) with \(Processor.instructionsInUse)")
        }

        @Test(arguments: networks.indices) func valuesAreThoseOfReference(_ index: Int) {
            let network = LayoutTests.networks[index]
            let size = network.size / 4 * 2
            let (found, expected) = (run(network, size: size, on: .cpu), run(network, size: size, on: .reference))
            for (values, wanted) in zip(found.values, expected.values) {
                // Gradients of biases before a normalisation are 0 but for rounding.
                let scale = wanted.reduce(1) { max($0, abs($1)) }
                #expect(
                    zip(values, wanted).allSatisfy { abs($0 - $1) <= 1e-4 * scale }, "\(network.testDescription)")
            }
        }
    }
#endif
