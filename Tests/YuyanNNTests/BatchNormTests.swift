import Foundation
import Testing
import Yuyan

@Suite struct BatchNormTests {
    /// The network of References/batchnorm.py.
    private static func network() -> Sequential {
        Sequential {
            Conv2D(inputChannels: 2, outputChannels: 4, kernelSize: 3)
            BatchNorm2D(channels: 4)
            ReLU()
            Flatten()
            Linear(inputSize: 36, outputSize: 6)
            BatchNorm1D(channels: 6, epsilon: 1e-3, momentum: nil, isAffine: false)
            Sigmoid()
            Linear(inputSize: 6, outputSize: 3)
        }
    }

    private static func references() throws -> [String: Tensor] {
        try Safetensors.load(
            from: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../References/batchnorm.safetensors"))
    }

    /// The stored state whose names begin so.
    private static func state(_ tensors: [String: Tensor], _ beginning: String) -> [String: Tensor] {
        Dictionary(
            uniqueKeysWithValues: tensors.compactMap { name, value in
                name.hasPrefix(beginning) ? (String(name.dropFirst(beginning.count)), value) : nil
            })
    }

    /// Three steps of training, then evaluation, from PyTorch's state by PyTorch's names.
    @Test(arguments: [DType.float32, .float64]) func stepsArePyTorchs(_ dtype: DType) throws {
        let tensors = try BatchNormTests.references()
        let net = BatchNormTests.network()
        net.cast(to: dtype)
        try net.load(BatchNormTests.state(tensors, "start."))
        let optimizer = SGD(net.parameters(), learningRate: 0.5)
        let tolerance = dtype == .float64 ? 1e-12 : 2e-5
        for step in 0..<3 {
            let loss = crossEntropy(net(tensors["images"]![step].cast(to: dtype)), tensors["labels"]![step])
            optimizer.zeroGradients()
            loss.backward()
            optimizer.step()
            expectClose(loss, tensors["\(dtype).losses"]![step], tolerance)
            let buffers = BatchNormTests.state(tensors, "\(dtype).step\(step).")
            #expect(Set(buffers.keys) == Set(net.namedBuffers().map(\.name)))
            for (name, buffer) in net.namedBuffers() {
                #expect(buffer.value.dtype == buffers[name]!.dtype)
                expectClose(buffer.value, buffers[name]!, tolerance)
            }
        }
        let end = BatchNormTests.state(tensors, "\(dtype).end.")
        #expect(Set(end.keys) == Set(net.stateDictionary().keys))
        for (name, value) in net.stateDictionary() { expectClose(value, end[name]!, tolerance) }
        let before = net.stateDictionary()
        let output = net.evaluating { withoutGradients { net(tensors["images"]![3].cast(to: dtype)) } }
        expectClose(output, tensors["\(dtype).output"]!, tolerance)
        // Evaluation leaves the averages alone.
        for (name, value) in net.stateDictionary() {
            #expect(value.array(of: Double.self) == before[name]!.array(of: Double.self), "\(name)")
        }
    }

    @Test func namesAndCounts() {
        let layer = BatchNorm2D(channels: 3)
        #expect(layer.namedParameters().map(\.name) == ["weight", "bias"])
        #expect(layer.namedBuffers().map(\.name) == ["running_mean", "running_var", "num_batches_tracked"])
        #expect(layer.parameterCount == 6)
        #expect(layer.weight!.value.array(of: Float.self) == [1, 1, 1])
        #expect(layer.runningVariance.value.array(of: Float.self) == [1, 1, 1])
        #expect(layer.details == "BatchNorm2D(channels: 3)")
        let plain = BatchNorm1D(channels: 3, epsilon: 1e-3, momentum: nil, isAffine: false)
        #expect(plain.parameterCount == 0 && plain.namedBuffers().count == 3)
        #expect(plain.details == "BatchNorm1D(channels: 3, epsilon: 0.001, momentum: nil, isAffine: false)")
    }

    /// Channel 0 holds 1, 3: mean 2, variance 1 over the batch and 2 as the unbiased estimate.
    @Test func averagesByHand() {
        let layer = BatchNorm1D(channels: 2, momentum: 0.25)
        let y = layer(Tensor([[1, 10], [3, 10]] as [[Float]]))
        expectClose(y, Tensor([[-1, 0], [1, 0]] as [[Float]]), 1e-5)
        expectClose(layer.runningMean.value, Tensor([0.5, 2.5] as [Float]), 1e-6)
        expectClose(layer.runningVariance.value, Tensor([0.75 + 0.5, 0.75] as [Float]), 1e-6)
        #expect(layer.batchCount.value.item() == 1)
        layer.eval()
        let x = Tensor([[0.5, 2.5]] as [[Float]])
        expectClose(layer(x), .zeros([1, 2]), 1e-6)
        #expect(layer.batchCount.value.item() == 1)
        // All batches alike.
        let alike = BatchNorm1D(channels: 1, momentum: nil)
        for value in [2, 4, 12] as [Float] { _ = alike(Tensor([[value], [value]])) }
        expectClose(alike.runningMean.value, Tensor([6] as [Float]), 1e-6)
    }

    @Test func withoutRunningStatistics() {
        let layer = BatchNorm2D(channels: 3, tracksRunningStatistics: false)
        #expect(layer.namedBuffers().isEmpty && layer.namedParameters().count == 2)
        #expect(layer.details == "BatchNorm2D(channels: 3, tracksRunningStatistics: false)")
        let x = Tensor.normal([4, 3, 2, 2], mean: 5, standardDeviation: 3)
        let y = layer(x)
        layer.eval()
        expectClose(layer(x), y, 0)
        expectClose(y.mean(axes: [0, 2, 3]), .zeros([3]), 1e-5)
    }

    /// Frozen in a network that is trained: the averages are used and stand still, and gradients go through.
    @Test func frozenInTraining() {
        let net = Sequential(Linear(inputSize: 4, outputSize: 3), BatchNorm1D(channels: 3))
        let layer = net[1] as! BatchNorm1D
        layer.runningMean.value = [1.0, -1, 2]
        layer.runningVariance.value = [4.0, 1, 0.25]
        net.train()
        layer.eval()
        let x = Tensor.uniform([1, 4])
        let y = net(x)
        expectClose(
            y, (net[0](x) - layer.runningMean.value) / (layer.runningVariance.value + 1e-5).squareRoot(), 1e-5)
        #expect(layer.runningMean.value.array(of: Float.self) == [1, -1, 2])
        #expect(layer.batchCount.value.item() == 0)
        y.sum().backward()
        let slope = 1 / (layer.runningVariance.value + 1e-5).squareRoot()
        expectClose((net[0] as! Linear).bias!.gradient!, slope, 1e-5)
    }

    /// In bfloat16 the statistics stay float32, and as exact as the rounded activations allow.
    @Test func statisticsStayFloat32InBFloat16() {
        func net() -> Sequential {
            withSeed(5) {
                Sequential {
                    Conv2D(inputChannels: 2, outputChannels: 4, kernelSize: 3)
                    BatchNorm2D(channels: 4)
                    ReLU()
                    Flatten()
                    Linear(inputSize: 36, outputSize: 3)
                }
            }
        }
        let x = withSeed(6) { Tensor.normal([16, 2, 5, 5], mean: 3) }
        let (exact, rounded) = (net(), net())
        let layer = rounded[1] as! BatchNorm2D
        layer.weight!.value = Tensor([1.001, 0.999, 1.002, 1.003])
        let labels = Tensor((0..<16).map { Int64($0 % 3) }, shape: [16])
        for step in 1...3 {
            _ = exact(x)
            let loss = withPrecision(.bfloat16) { crossEntropy(rounded(x), labels) }
            loss.backward()
            let (mean, variance) = (layer.runningMean.value, layer.runningVariance.value)
            #expect(mean.dtype == .float32 && variance.dtype == .float32)
            // Means of numbers of 8 bits have more: bfloat16 would lose them.
            #expect(mean.cast(to: .bfloat16).cast(to: .float32).array(of: Float.self) != mean.array(of: Float.self))
            expectClose(mean, (exact[1] as! BatchNorm2D).runningMean.value, 4e-3)  // of a rounded convolution
            #expect(layer.weight!.gradient!.dtype == .float32 && layer.bias!.gradient!.dtype == .float32)
            #expect(layer.batchCount.value.item() == Double(step))
        }
        let output = withPrecision(.bfloat16) { rounded.evaluating { rounded(x) } }
        #expect(output.dtype == .bfloat16)
        // As the first layer, on float32 images.
        let first = BatchNorm2D(channels: 2)
        #expect(withPrecision(.bfloat16) { first(x) }.dtype == .float32)
        #expect(withPrecision(.bfloat16) { LayerNorm(normalizedShape: [5])(x.cast(to: .bfloat16)) }.dtype == .float32)
    }

    @Test func inputsOfOtherShapes() {
        #expect(BatchNorm1D(channels: 3)(Tensor.uniform([4, 3, 5])).shape == [4, 3, 5])
        #expect(BatchNorm(channels: 3)(Tensor.uniform([2, 3, 4, 5, 6])).shape == [2, 3, 4, 5, 6])
        // An empty batch says nothing about the averages.
        let layer = BatchNorm2D(channels: 3)
        #expect(layer(Tensor.zeros([0, 3, 4, 4])).shape == [0, 3, 4, 4])
        #expect(layer.runningMean.value.array(of: Float.self) == [0, 0, 0])
        #expect(layer.batchCount.value.item() == 0)
    }

    @Test func wrongInputsAreRefused() async {
        let rank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = BatchNorm2D(channels: 3)(Tensor.zeros([2, 3]))
        }
        expect(rank, "BatchNorm2D: the input must be [N, C, H, W] with C = 3, not [2, 3]")
        let channels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = BatchNorm1D(channels: 3, isAffine: false)(Tensor.zeros([2, 4]))
        }
        expect(channels, "BatchNorm1D: the input must be [N, C] or [N, C, L] with C = 3, not [2, 4]")
        let one = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = BatchNorm1D(channels: 3)(Tensor.zeros([1, 3]))
        }
        expect(one, "more than one value for each channel")
        let momentum = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = BatchNorm1D(channels: 3, momentum: 2)
        }
        expect(momentum, "BatchNorm1D: channels and epsilon must be above 0, and momentum in 0...1")
    }

    /// A training that is interrupted and goes on from files has the bits of one that was not.
    @Test func savesAndGoesOnToTheBit() throws {
        func train(_ net: Sequential, _ optimizer: SGD, _ steps: Range<Int>) {
            for step in steps {
                let (x, y) = withSeed(UInt64(step)) { (Tensor.normal([6, 2, 5, 5]), Tensor([0, 1, 2, 0, 1, 2])) }
                let loss = crossEntropy(net(x), y)
                optimizer.zeroGradients()
                loss.backward()
                optimizer.step()
            }
        }
        func bits(_ net: Sequential) -> [String: [Double]] {
            net.stateDictionary().mapValues { $0.array(of: Double.self) }
        }
        let whole = withSeed(1) { BatchNormTests.network() }
        train(whole, SGD(whole.parameters(), learningRate: 0.1), 0..<4)

        let first = withSeed(1) { BatchNormTests.network() }
        train(first, SGD(first.parameters(), learningRate: 0.1), 0..<2)
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).safetensors")
        defer { try? FileManager.default.removeItem(at: file) }
        try first.saveWeights(to: file)
        let second = withSeed(2) { BatchNormTests.network() }
        try second.loadWeights(from: file)
        #expect(bits(second) == bits(first))
        train(second, SGD(second.parameters(), learningRate: 0.1), 2..<4)
        #expect(bits(second) == bits(whole))
    }
}
