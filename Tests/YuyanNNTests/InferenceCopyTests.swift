import Testing
import Yuyan

/// Copies that only predict: they compute what the network computes, with fewer layers.
@Suite struct InferenceCopyTests {
    /// Running statistics and scales far from 0 and 1, so that a copy that forgets one is far off.
    static func unsettle(_ network: Module) {
        withSeed(11) {
            for (_, module) in network.namedModules() {
                guard let norm = module as? BatchNorm else { continue }
                let shape: Shape = [norm.channels]
                norm.weight?.value = .uniform(shape, in: 0.5..<1.5)
                norm.bias?.value = .uniform(shape, in: -1..<1)
                norm.runningMean.value = .uniform(shape, in: 0.5..<2)
                norm.runningVariance.value = .uniform(shape, in: 0.2..<3)
            }
        }
    }

    /// The largest difference relative to the largest number of the network's result.
    static func difference(_ copy: Layer, _ network: Layer, _ x: Tensor) -> Double {
        let (a, b) = network.evaluating { withoutGradients { (copy(x), network(x)) } }
        guard a.shape == b.shape else { return .infinity }
        return (a - b).abs().max().item() / b.abs().max().item()
    }

    private static func folded(_ network: Layer) -> [String] {
        network.namedModules().filter { $0.module.details.contains(", foldedInto: ") }.map(\.name)
    }

    /// Copies the network after its statistics have been unsettled, and expects these normalisations to be folded.
    static func check<Network: Layer>(
        _ shape: [Int], folded names: [String], sourceLocation: SourceLocation = #_sourceLocation,
        _ make: () -> Network
    ) -> (network: Network, copy: Network) {
        let network = withSeed(3, make)
        unsettle(network)
        let (example, x) = withSeed(4) {
            (Tensor.normal(Shape([1] + shape)), Tensor.normal(Shape([3] + shape), mean: 0.5))
        }
        let copy = network.inferenceCopy(example: example, make)
        #expect(folded(copy) == names, sourceLocation: sourceLocation)
        #expect(folded(network).isEmpty && network.isTraining && !copy.isTraining, sourceLocation: sourceLocation)
        let difference = difference(copy, network, x)
        #expect(difference <= 1e-5, sourceLocation: sourceLocation)
        return (network, copy)
    }

    private static func stack() -> Sequential {
        Sequential {
            Conv2D(inputChannels: 2, outputChannels: 6, kernelSize: 3)
            BatchNorm2D(channels: 6, epsilon: 0.1)
            ReLU()
            Conv2D(
                inputChannels: 6, outputChannels: 4, kernelSize: 3, stride: 2, padding: .same, groups: 2, hasBias: false
            )
            BatchNorm2D(channels: 4, isAffine: false)
            Tanh()
            ConvTranspose2D(inputChannels: 4, outputChannels: 6, kernelSize: 2, stride: 2, groups: 2)
            BatchNorm(channels: 6)
            Flatten()
            Linear(inputSize: 6 * 36, outputSize: 5, hasBias: false)
            BatchNorm1D(channels: 5)
            Sigmoid()
            Linear(inputSize: 5, outputSize: 3)
        }
    }

    @Test func layersOfAllKindsTakeTheirNormalisations() {
        let (network, copy) = Self.check([2, 8, 8], folded: ["1", "4", "7", "10"], Self.stack)
        #expect(copy.namedParameters().map(\.name) == [0, 3, 6, 9, 12].flatMap { ["\($0).weight", "\($0).bias"] })
        #expect(copy.namedBuffers().isEmpty)
        #expect(
            copy.parameters().allSatisfy { !$0.requiresGradient } && network.parameters().allSatisfy(\.requiresGradient)
        )
        #expect(copy[3].details.hasSuffix(", groups: 2, folded: 4)"))
        #expect(copy[4].details == "BatchNorm2D(channels: 4, isAffine: false, foldedInto: 3)")
        #expect(copy[10].details == "BatchNorm1D(channels: 5, foldedInto: 9)")
        #expect(network[3].details.hasSuffix(", groups: 2, hasBias: false)"))
    }

    /// weight · s and (bias − μ) · s + offset, s = 6 / √(3.75 + 0.25) = 3: 2 · 3 and (5 − 4) · 3 + 7.
    @Test func numbersByHand() {
        func make() -> Sequential {
            Sequential(Linear(inputSize: 1, outputSize: 1), BatchNorm1D(channels: 1, epsilon: 0.25))
        }
        let network = make()
        let (linear, norm) = (network[0] as! Linear, network[1] as! BatchNorm1D)
        linear.weight.value = [[2.0]]
        linear.bias!.value = [5.0]
        (norm.weight!.value, norm.bias!.value) = ([6.0], [7.0])
        (norm.runningMean.value, norm.runningVariance.value) = ([4.0], [3.75])
        let copy = network.inferenceCopy(example: Tensor([[1.0]]), make)[0] as! Linear
        #expect(copy.weight.value.array(of: Float.self) == [6])
        #expect(copy.bias!.value.array(of: Float.self) == [10])
        #expect(linear.weight.value.array(of: Float.self) == [2])
    }

    @Test func sequencesTakeLayers() {
        _ = Self.check([3, 12], folded: ["1"]) {
            Sequential {
                Conv1D(inputChannels: 3, outputChannels: 4, kernelSize: 3, stride: 2, padding: .same, hasBias: false)
                BatchNorm1D(channels: 4)
                ReLU()
                Flatten()
                Linear(inputSize: 24, outputSize: 2)
            }
        }
    }

    /// Of [N, L, C] the layer's channels are the last axis, the normalisation's the second one.
    @Test func linearOfSequencesStays() async {
        _ = Self.check([4, 3], folded: []) {
            Sequential(Linear(inputSize: 3, outputSize: 4), BatchNorm1D(channels: 4))
        }
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            func make() -> Sequential { Sequential(Linear(inputSize: 3, outputSize: 4), BatchNorm1D(channels: 4)) }
            _ = make().inferenceCopy(example: Tensor.ones([2, 3]), make)(Tensor.ones([2, 4, 3]))
        }
        expect(
            result, "Linear: with a batch normalisation folded into it, the input must be [N, inputSize], not [2, 4, 3]"
        )
    }

    /// In a sequence the activation is computed in the pass of the layer, as if there were no normalisation.
    @Test func activationsAreComputedInTheLayersPass() {
        func operations(_ net: Layer) -> [String] {
            for parameter in net.parameters() { parameter.requiresGradient = true }
            return net(Tensor.ones([2, 2, 8, 8])).recordedGraph().nodes.filter { $0.kind == .operation }.map(\.name)
        }
        let (network, copy) = Self.check([2, 8, 8], folded: ["1", "4", "7", "10"], Self.stack)
        #expect(operations(network.eval()).filter { $0.hasPrefix("batchNorm") }.count == 4)
        let names = operations(copy)
        #expect(names.contains("conv2D, relu") && names.contains("conv2D, tanh") && names.contains("linear, sigmoid"))
        #expect(!names.contains { $0.hasPrefix("batchNorm") })
    }

    /// A hook on a normalisation that is folded still sees it run.
    @Test func hooksAreCalled() {
        let (_, copy) = Self.check([2, 8, 8], folded: ["1", "4", "7", "10"], Self.stack)
        var shapes: [Shape] = []
        copy[1].addForwardHook { _, inputs, outputs in shapes += [inputs[0].shape, outputs[0].shape] }
        _ = copy(Tensor.ones([1, 2, 8, 8]))
        #expect(shapes == [[1, 6, 6, 6], [1, 6, 6, 6]])
    }

    // MARK: What must not be folded

    /// The result of the convolution, its normalisation, and something else of it.
    private final class Twice: Layer {
        let conv = Conv2D(inputChannels: 2, outputChannels: 3, kernelSize: 3)
        let norm = BatchNorm2D(channels: 3)
        let other: (Tensor) -> Tensor
        init(_ other: @escaping (Tensor) -> Tensor) { self.other = other }
        override func forward(_ x: Tensor) -> Tensor {
            let y = conv(x)
            return norm(y) + other(y)
        }
    }

    private static let others: [@Sendable (Tensor) -> Tensor] = [
        { $0 },
        // Nothing of it is seen in an example as small as those here.
        { ($0 - 1e6).relu() },
        { $0 * 1e-12 },
        // Not recorded: only the result tells.
        { ($0 .> 0).cast(to: .float32) },
        { $0.detached() },
    ]

    @Test(arguments: others.indices) func resultsThatAreUsedTwice(_ index: Int) {
        _ = Self.check([2, 5, 5], folded: []) { Twice(Self.others[index]) }
    }

    /// Where one must stay, the others are folded.
    @Test func othersAreFolded() {
        _ = Self.check([2, 7, 7], folded: ["1", "4"]) {
            Sequential {
                Conv2D(inputChannels: 2, outputChannels: 2, kernelSize: 1)
                BatchNorm2D(channels: 2)
                Twice { ($0 .> 0).cast(to: .float32) }
                Conv2D(inputChannels: 3, outputChannels: 2, kernelSize: 1)
                BatchNorm2D(channels: 2)
            }
        }
    }

    @Test func sharedLayersStay() {
        final class Shared: Layer {
            let conv = Conv2D(inputChannels: 2, outputChannels: 2, kernelSize: 1)
            let (first, second) = (BatchNorm2D(channels: 2), BatchNorm2D(channels: 2))
            let last = Conv2D(inputChannels: 2, outputChannels: 2, kernelSize: 1)
            override func forward(_ x: Tensor) -> Tensor { first(last(second(conv(first(conv(x)))))) }
        }
        _ = Self.check([2, 4, 4], folded: [], { Shared() })
        final class Tied: Layer {
            let conv = Conv2D(inputChannels: 2, outputChannels: 2, kernelSize: 1)
            let norm = BatchNorm2D(channels: 2)
            override func forward(_ x: Tensor) -> Tensor {
                conv2D(norm(conv(x)), weight: conv.weight, bias: conv.bias)
            }
        }
        _ = Self.check([2, 4, 4], folded: [], { Tied() })
    }

    @Test func normsThatAreNoConstantStay() {
        _ = Self.check([2, 4, 4], folded: []) {
            Sequential {
                Conv2D(inputChannels: 2, outputChannels: 2, kernelSize: 1)
                BatchNorm2D(channels: 2, tracksRunningStatistics: false)
                ReLU()
                // Not the result of a convolution.
                BatchNorm2D(channels: 2)
            }
        }
    }

    // MARK: Copies and networks

    @Test func nothingIsShared() {
        let (network, copy) = Self.check([2, 8, 8], folded: ["1", "4", "7", "10"], Self.stack)
        let x = withSeed(5) { Tensor.normal([4, 2, 8, 8]) }
        let before = withoutGradients { copy(x) }.array(of: Float.self)
        let own = Set(network.parameters().map(ObjectIdentifier.init))
        #expect(copy.parameters().allSatisfy { !own.contains(ObjectIdentifier($0)) })
        let optimizer = SGD(network.parameters(), learningRate: 0.5)
        network(x).squared().sum().backward()
        optimizer.step()
        #expect(withoutGradients { copy(x) }.array(of: Float.self) == before)
        #expect(Self.difference(copy, network, x) > 0.01)
    }

    @Test func elementTypesAreKept() {
        let network = withSeed(3, Self.stack)
        Self.unsettle(network)
        network.cast(to: .float64)
        let x = withSeed(4) { Tensor.normal([2, 2, 8, 8], dtype: .float64) }
        let copy = network.inferenceCopy(example: x, Self.stack)
        #expect(Self.folded(copy).count == 4 && copy.parameters().allSatisfy { $0.value.dtype == .float64 })
        #expect(Self.difference(copy, network, x) <= 1e-13)
    }

    /// Where nobody can say what is right, nothing is changed.
    @Test func withoutAFiniteResultAllStays() {
        let network = withSeed(3, Self.stack)
        let copy = network.inferenceCopy(example: Tensor.full([1, 2, 8, 8], Float.nan), Self.stack)
        #expect(Self.folded(copy).isEmpty && !copy.isTraining)
        #expect(Self.difference(copy, network, .ones([1, 2, 8, 8])) == 0)
    }

    @Test func randomNumbersOfTheProgramStay() {
        let network = Self.stack()
        let (expected, found) = (
            withSeed(7) { Tensor.uniform([3]).array(of: Float.self) },
            withSeed(7) {
                _ = network.inferenceCopy(example: Tensor.ones([1, 2, 8, 8]), Self.stack)
                return Tensor.uniform([3]).array(of: Float.self)
            }
        )
        #expect(found == expected)
    }

    @Test func takesNoWeights() {
        let (network, copy) = Self.check([2, 8, 8], folded: ["1", "4", "7", "10"], Self.stack)
        let error = #expect(throws: StateError.self) { try copy.load(network.stateDictionary()) }
        #expect(
            "\(error!)"
                == "an inference copy takes no weights, because normalisations are folded into 0, 3, 6, 9: "
                + "load them into the network, and copy it anew")
        #expect(throws: StateError.self) { try copy.load(copy.stateDictionary()) }
        #expect(throws: StateError.self) { try network.load(copy.stateDictionary()) }
    }

    @Test func wrongUsesAreRefused() async {
        let trained = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            func make() -> Sequential { Sequential(Linear(inputSize: 3, outputSize: 4), BatchNorm1D(channels: 4)) }
            make().inferenceCopy(example: Tensor.ones([1, 3]), make).train()
        }
        expect(trained, "train: an inference copy with folded normalisations cannot be trained", "0 is the first")
        let twice = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            func make() -> Sequential { Sequential(Linear(inputSize: 3, outputSize: 4), BatchNorm1D(channels: 4)) }
            let copy = make().inferenceCopy(example: Tensor.ones([1, 3]), make)
            _ = copy.inferenceCopy(example: Tensor.ones([1, 3]), make)
        }
        expect(twice, "inferenceCopy: the network is an inference copy itself; 0 has a normalisation folded into it")
        let same = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let network = Sequential(Linear(inputSize: 3, outputSize: 4))
            _ = network.inferenceCopy(example: Tensor.ones([1, 3])) { Sequential(network[0]) }
        }
        expect(same, "the closure must make a network of its own; it shares 0 with this one")
        let other = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let network = Sequential(Linear(inputSize: 3, outputSize: 4))
            _ = network.inferenceCopy(example: Tensor.ones([1, 3])) { Sequential(Linear(inputSize: 3, outputSize: 5)) }
        }
        expect(other, "inferenceCopy: the closure makes another network", "0.weight is [4, 3], the model's is [5, 3]")
        let behaviour = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let network = Sequential(Linear(inputSize: 3, outputSize: 4), ReLU())
            _ = network.inferenceCopy(example: Tensor.ones([1, 3])) {
                Sequential(Linear(inputSize: 3, outputSize: 4), Sigmoid())
            }
        }
        expect(behaviour, "inferenceCopy: the other network makes something else of the example")
        let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            func make() -> Sequential { Sequential(Linear(inputSize: 3, outputSize: 4)) }
            _ = make().inferenceCopy(example: Tensor.zeros([0, 3]), make)
        }
        expect(empty, "inferenceCopy: of the example the network makes nothing: [0, 3] becomes [0, 4]")
    }
}
