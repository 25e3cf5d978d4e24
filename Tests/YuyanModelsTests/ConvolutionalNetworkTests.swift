import Testing
import Yuyan

/// The book's convolutional networks at their full size: parameters, and shapes layer by layer, as CURRICULUM 4.3 states
/// them. The reference device would take minutes for the largest.
@Suite(.serialized) struct ConvolutionalNetworkTests {
    @Test(.enabled(if: Device.current != .reference)) func parametersOfAlexNet() {
        #expect(makeAlexNet().parameterCount == 29_983_434)
        #expect(makeAlexNet(hiddenLayerCount: 2).parameterCount == 46_764_746)
    }

    @Test(.enabled(if: Device.current != .reference)) func parametersOfVGG() {
        #expect(makeVGG11().parameterCount == 128_806_154)
        #expect(makeVGG11(widthRatio: 4).parameterCount == 43_093_322)
        #expect(makeVGG11(widthRatio: 8, hiddenUnits: 512).parameterCount == 2_018_346)
    }

    @Test func parametersOfTheOthers() {
        #expect(makeNiN().parameterCount == 1_992_166)
        #expect(makeGoogLeNet().parameterCount == 5_977_530)
        // PyTorch's counts of the networks in References/networks.py at their full width.
        #expect(makeBatchNormLeNet().parameterCount == 44_878)
        #expect(makeResNet18().parameterCount == 11_178_378)
        #expect(makeDenseNet().parameterCount == 758_226)
        #expect(makeTorchvisionResNet18().parameterCount == 11_689_512)
        #expect(EfficientNetLite0().parameterCount == 4_652_008)
    }

    /// The shapes behind each layer of a sequence, of one image of zeros.
    private func shapes(_ net: Sequential, _ size: Int) -> [String] {
        var x = Tensor.zeros([1, 1, size, size])
        return withoutGradients {
            net.evaluating {
                net.map { layer in
                    x = layer(x)
                    return x.shape.dropFirst().map { "\($0)" }.joined(separator: "×")
                }
            }
        }
    }

    @Test(.enabled(if: Device.current != .reference)) func shapesOfAlexNet() throws {
        let net = makeAlexNet()
        let conv = try #require(net["conv"] as? Sequential)
        #expect(
            shapes(conv, 224) == [
                "96×54×54", "96×54×54", "96×26×26", "256×26×26", "256×26×26", "256×12×12", "384×12×12", "384×12×12",
                "384×12×12", "384×12×12", "256×12×12", "256×12×12", "256×5×5",
            ])
        #expect(shapes(net, 224) == ["256×5×5", "6400", "10"])
        // The book's padding of 1 comes to the same.
        #expect(shapes(makeAlexNet(firstPadding: 1, widthRatio: 32), 224) == ["8×5×5", "200", "10"])
    }

    @Test(.enabled(if: Device.current != .reference)) func shapesOfVGG() {
        let net = makeVGG11(hiddenUnits: 16)
        #expect(net.names == ["vgg_block_1", "vgg_block_2", "vgg_block_3", "vgg_block_4", "vgg_block_5", "fc"])
        #expect(shapes(net, 224) == ["64×112×112", "128×56×56", "256×28×28", "512×14×14", "512×7×7", "10"])
    }

    @Test(.enabled(if: Device.current != .reference)) func shapesOfNiN() {
        #expect(
            shapes(makeNiN(), 224) == [
                "96×54×54", "96×26×26", "256×26×26", "256×12×12", "384×12×12", "384×5×5", "384×5×5", "10×5×5",
                "10×1×1", "10",
            ])
    }

    @Test(.enabled(if: Device.current != .reference)) func shapesOfTheOthers() {
        #expect(shapes(makeGoogLeNet(), 96) == ["64×24×24", "192×12×12", "480×6×6", "832×3×3", "1024", "10"])
        #expect(
            shapes(makeResNet18(), 96) == [
                "64×24×24", "64×24×24", "128×12×12", "256×6×6", "512×3×3", "512×1×1", "512", "10",
            ])
        #expect(
            shapes(makeDenseNet(), 96) == [
                "64×24×24", "192×24×24", "96×12×12", "224×12×12", "112×6×6", "240×6×6", "120×3×3", "248×3×3", "248×3×3",
                "248×3×3", "248×1×1", "248", "10",
            ])
    }

    /// A block of VGG as the note builds it: convolutions of 3 × 3, ReLU, and a pooling that halves.
    @Test func layersOfAVGGBlock() {
        let block = vggBlock(convolutionCount: 2, inputChannels: 3, outputChannels: 4)
        #expect(block.map { "\(type(of: $0))" } == ["Conv2D", "ReLU", "Conv2D", "ReLU", "MaxPool2D"])
        #expect(block(Tensor.zeros([2, 3, 6, 8])).shape == [2, 4, 3, 4])
        let net = vgg(architecture: [(1, 1, 2), (2, 2, 3)], fullyConnectedFeatures: 12, hiddenUnits: 5, classCount: 4)
        #expect(net.names == ["vgg_block_1", "vgg_block_2", "fc"])
        #expect(net(Tensor.zeros([2, 1, 8, 8])).shape == [2, 4])
    }

    /// 1 × 1 | 3 × 3 | 5 × 5 | pooled: the channels lie in that order, and sizes stay.
    @Test func branchesOfInception() throws {
        let block = Inception(inputChannels: 3, c1: 1, c2: (2, 2), c3: (2, 3), c4: 4)
        #expect(block(Tensor.normal([2, 3, 5, 6])).shape == [2, 10, 5, 6])
        // Weights of 0 and a bias of its own for each branch show whose channels are whose.
        for parameter in block.parameters() { parameter.value = .zeros(parameter.shape) }
        let state = block.stateDictionary()
        for (value, name) in ["p1_1", "p2_2", "p3_2", "p4_2"].enumerated() {
            let bias = try #require(state["\(name).bias"])
            try block.load(["\(name).bias": .full(bias.shape, Double(value + 1))], allowing: .missing)
        }
        #expect(
            block(Tensor.normal([1, 3, 1, 1])).array(of: Float.self) == [1, 2, 2, 3, 3, 3, 4, 4, 4, 4])
    }

    @Test func imagesOfOtherChannelsAndClasses() {
        let nets = [
            makeAlexNet(inputChannels: 3, imageSize: [67, 80], classCount: 4, widthRatio: 32),
            makeVGG11(inputChannels: 3, imageSize: [67, 80], classCount: 4, widthRatio: 32, hiddenUnits: 8),
            makeNiN(inputChannels: 3, classCount: 4, widthRatio: 32),
            makeGoogLeNet(inputChannels: 3, classCount: 4, widthRatio: 32),
            makeBatchNormLeNet(inputChannels: 3, imageSize: [67, 80], classCount: 4),
            makeResNet18(inputChannels: 3, classCount: 4, widthRatio: 32),
            makeTorchvisionResNet18(inputChannels: 3, classCount: 4, widthRatio: 32),
            makeDenseNet(inputChannels: 3, classCount: 4, widthRatio: 32),
        ]
        for net in nets { #expect(net(Tensor.normal([2, 3, 67, 80])).shape == [2, 4]) }
    }

    /// torchvision's VGG-11 and the book's, one `nn.Sequential`, number the same layers otherwise.
    @Test func renamingsOfVGGAndAlexNet() throws {
        func load(_ names: [String], _ renaming: Renaming, _ make: () -> Sequential) throws {
            let net = withSeed(1) { make() }
            let other = withSeed(2) { make() }
            let own = net.namedParameters().filter { $0.name.hasSuffix("weight") }
            var state: [String: Tensor] = [:]
            for (name, (_, weight)) in zip(names, own) {
                state["\(name).weight"] = weight.value
                state["\(name).bias"] = .zeros([weight.shape[0]])
            }
            #expect(state.count == 2 * own.count)
            #expect(try other.load(state, renaming: renaming).isEmpty)
            for ((_, first), (_, second)) in zip(own, other.namedParameters().filter { $0.name.hasSuffix("weight") }) {
                #expect(first.value.array(of: Float.self) == second.value.array(of: Float.self))
            }
        }
        func vgg() -> Sequential { makeVGG11(inputChannels: 3, imageSize: 32, widthRatio: 32, hiddenUnits: 8) }
        try load(
            [
                "features.0", "features.3", "features.6", "features.8", "features.11", "features.13", "features.16",
                "features.18", "classifier.0", "classifier.3", "classifier.6",
            ], .torchvisionVGG11, vgg)
        try load(["0.0", "1.0", "2.0", "2.2", "3.0", "3.2", "4.0", "4.2", "6", "9", "12"], .bookVGG11, vgg)
        try load(["0", "3", "6", "8", "10", "14", "17", "20"], .bookAlexNet) {
            makeAlexNet(imageSize: 67, hiddenLayerCount: 2, widthRatio: 32)
        }
    }
}
