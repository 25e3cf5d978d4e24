import Testing
import Yuyan

@Suite struct ModelTests {
    /// CURRICULUM lenet: shapes of every layer and the number of parameters.
    @Test func shapesOfLeNet() {
        var x = Tensor.normal([1, 1, 28, 28])
        var shapes: [String] = []
        for layer in makeLeNet() {
            x = layer(x)
            shapes.append("\(type(of: layer)) \(x.shape)")
        }
        #expect(
            shapes == [
                "Conv2D [1, 6, 28, 28]", "Sigmoid [1, 6, 28, 28]", "AvgPool2D [1, 6, 14, 14]", "Conv2D [1, 16, 10, 10]",
                "Sigmoid [1, 16, 10, 10]", "AvgPool2D [1, 16, 5, 5]", "Flatten [1, 400]", "Linear [1, 120]",
                "Sigmoid [1, 120]", "Linear [1, 84]", "Sigmoid [1, 84]", "Linear [1, 10]",
            ])
    }

    /// Those of the network in the README, and of PyTorch's `nn.Sequential` of the same layers.
    @Test func namesOfLeNetsWeights() {
        #expect(
            makeLeNet().namedParameters().map(\.name) == [
                "0.weight", "0.bias", "3.weight", "3.bias", "7.weight", "7.bias", "9.weight", "9.bias", "11.weight",
                "11.bias",
            ])
    }

    /// Networks of the notes and of Yuyan before 0.2 have a layer in front that only changes the form of the images.
    @Test func weightsOfANetworkWithAReshapeInFront() throws {
        let old = withSeed(1) { Sequential([Reshape([-1, 1, 28, 28])] + Array(makeLeNet())) }
        let new = withSeed(2) { makeLeNet() }
        #expect(throws: StateError.self) { try new.load(old.stateDictionary()) }
        #expect(try new.load(old.stateDictionary(), renaming: .layersShifted(by: -1)).isEmpty)
        let images = withSeed(3) { Tensor.normal([2, 1, 28, 28]) }
        #expect(new(images).array(of: Float.self) == old(images).array(of: Float.self))
        #expect(try old.load(new.stateDictionary(), renaming: .layersShifted(by: 1)).isEmpty)
    }

    /// CURRICULUM dropout-mlp: little is dropped near the input, and nothing in evaluation mode.
    @Test func layersOfTheMLPWithDropout() {
        let net = withSeed(1) { makeDropoutMLP() }
        #expect(
            net.map { "\(type(of: $0))" } == [
                "Flatten", "Linear", "ReLU", "Dropout", "Linear", "ReLU", "Dropout", "Linear",
            ])
        #expect(net.compactMap { ($0 as? Dropout)?.probability } == [0.2, 0.5])
        #expect(
            makeDropoutMLP(firstDropout: 0, secondDropout: 1).compactMap { ($0 as? Dropout)?.probability } == [0, 1])
        let without = Sequential(net.filter { !($0 is Dropout) })
        let images = withSeed(2) { Tensor.normal([3, 1, 28, 28]) }
        let expected = without(images).array(of: Float.self)
        #expect(net.evaluating { net(images) }.array(of: Float.self) == expected)
        #expect(withSeed(3) { net(images) }.array(of: Float.self) != expected)
    }

    @Test func parameterCounts() {
        #expect(makeLeNet().parameterCount == 61_706)
        #expect(makeMLP().parameterCount == 203_530)
        #expect(makeDropoutMLP().parameterCount == 269_322)
        #expect(makeSoftmaxRegression().parameterCount == 7_850)
        #expect(makeLinearRegression().parameterCount == 3)
    }

    /// Sizes by hand: of 32 × 32, convolutions and pooling leave 16 maps of 6 × 6.
    @Test func sizesFollowTheImagesAndTheClasses() {
        let colored = makeLeNet(inputChannels: 3, imageSize: 32, classCount: 4)
        #expect(colored(Tensor.zeros([2, 3, 32, 32])).shape == [2, 4])
        #expect(
            colored.parameterCount
                == (6 * 3 * 25 + 6) + (16 * 6 * 25 + 16) + (576 * 120 + 120) + (120 * 84 + 84) + (84 * 4 + 4))
        #expect(makeLeNet(imageSize: [12, 20], classCount: 2)(Tensor.zeros([1, 1, 12, 20])).shape == [1, 2])
        for model in [
            makeMLP(inputSize: 60, classCount: 3), makeDropoutMLP(inputSize: 60, classCount: 3),
            makeSoftmaxRegression(inputSize: 60, classCount: 3),
        ] {
            #expect(model(Tensor.zeros([2, 3, 4, 5])).shape == [2, 3])
        }
    }
}
