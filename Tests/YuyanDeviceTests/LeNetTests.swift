import Testing
import Yuyan
import YuyanBackend

/// LeNet trains on a device that has nothing of its own but memory.
@Suite struct LeNetTests {
    private static func train(on device: Device, steps: Int) -> (weights: [HostArray], losses: [Double]) {
        withDevice(device) {
            withSeed(1) {
                let net = makeLeNet()
                let optimizer = SGD(net.parameters(), learningRate: 0.9)
                let images = Tensor.uniform([4, 1, 28, 28])
                let labels = Tensor([3, 1, 4, 1])
                let losses = (0..<steps).map { _ in step(net, optimizer, images, labels).item() }
                return (net.parameters().map { $0.value.hostArray }, losses)
            }
        }
    }

    private static func step(_ net: Sequential, _ optimizer: SGD, _ images: Tensor, _ labels: Tensor) -> Tensor {
        let loss = crossEntropy(net(images), labels)
        optimizer.zeroGradients()
        loss.backward()
        optimizer.step()
        return loss
    }

    @Test func trainsAsOnReference() {
        let expected = LeNetTests.train(on: .reference, steps: 3)
        let found = LeNetTests.train(on: CountingDevice.device, steps: 3)
        #expect(found.losses == expected.losses)
        #expect(found.weights == expected.weights)
        #expect(Set(expected.losses).count == 3)
    }

    /// How often a step copies a buffer to the host and back: once for each operand and each result of a primitive.
    ///
    ///                                                        to the host     from the host
    ///     forward    2 convolutions, 2 poolings, 3 products  2·3 + 2 + 3·3   2 + 2 + 3
    ///                loss, with the probabilities            2               2
    ///     backward   loss                                    4               1
    ///                3 products for weights, 3 for inputs    6·2             6
    ///                3 biases                                3               3
    ///                2 poolings                              2               2
    ///                4 activations                           4·2             4
    ///                2 weights and biases, 1 image           2·2 + 2         2·2 + 1
    ///     update     10 parameters with their gradients      10·2            10
    @Test func hostCopiesOfAStep() {
        withDevice(CountingDevice.device) {
            let net = makeLeNet()
            let optimizer = SGD(net.parameters(), learningRate: 0.9)
            let (images, labels) = (Tensor.uniform([4, 1, 28, 28]), Tensor([3, 1, 4, 1]))
            _ = LeNetTests.step(net, optimizer, images, labels)
            let counts = CountingDevice.shared.count { _ = LeNetTests.step(net, optimizer, images, labels) }
            #expect(counts.downloads == 17 + 2 + 4 + 12 + 3 + 2 + 8 + 6 + 20)
            #expect(counts.uploads == 7 + 2 + 1 + 6 + 3 + 2 + 4 + 5 + 10)
            // The parameters are written in place; the first gradient is a 1.
            #expect(counts.copies == 10)
            #expect(counts.fills == 1)
        }
    }
}
