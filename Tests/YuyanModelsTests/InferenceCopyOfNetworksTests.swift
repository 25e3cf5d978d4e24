import Testing
import Yuyan

/// Inference copies of the library's networks, in narrow forms: which normalisations go, and that the numbers stay.
@Suite struct InferenceCopyOfNetworksTests {
    /// The names of what is folded, in a copy whose results are the network's.
    private func folded<Network: Layer>(
        _ shape: [Int], sourceLocation: SourceLocation = #_sourceLocation, _ make: () -> Network
    ) -> [String] {
        let network = withSeed(3, make)
        withSeed(11) {
            // Far from the 0 and 1 of new networks, so that what is forgotten is seen.
            for case let (_, norm as BatchNorm) in network.namedModules() {
                let shape: Shape = [norm.channels]
                norm.weight!.value = .uniform(shape, in: 0.5..<1.5)
                norm.bias!.value = .uniform(shape, in: -0.5..<0.5)
                norm.runningMean.value = .uniform(shape, in: -0.5..<0.5)
                norm.runningVariance.value = .uniform(shape, in: 0.2..<2)
            }
        }
        let (example, x) = withSeed(4) {
            (Tensor.normal(Shape([1] + shape)), Tensor.normal(Shape([2] + shape), mean: 0.5))
        }
        let copy = network.inferenceCopy(example: example, make)
        let (a, b) = network.evaluating { withoutGradients { (copy(x), network(x)) } }
        #expect(a.shape == b.shape, sourceLocation: sourceLocation)
        // The statistics count: in a network with those of its beginning the numbers are others.
        let untouched = withoutGradients { withSeed(3, make).eval()(x) }
        let size: Double = b.abs().max().item()
        #expect((a - b).abs().max().item() <= 1e-5 * size, sourceLocation: sourceLocation)
        #expect((untouched - b).abs().max().item() > 1e-2 * size, sourceLocation: sourceLocation)
        return copy.namedModules().filter { $0.module.details.contains(", foldedInto: ") }.map(\.name)
    }

    private func norms(_ network: Module) -> [String] {
        network.namedModules().filter { $0.module is BatchNorm }.map(\.name)
    }

    @Test func resNet18() {
        let make = { makeResNet18(widthRatio: 16) }
        let all = norms(make())
        #expect(all.count == 17)
        #expect(folded([1, 32, 32], make) == all)
    }

    /// With normalised shortcuts.
    @Test func torchvisionResNet18() {
        let make = { makeTorchvisionResNet18(classCount: 7, widthRatio: 16) }
        let all = norms(make())
        #expect(all.count == 20)
        #expect(folded([3, 32, 32], make) == all)
    }

    /// Its blocks call their parts by hand, and its convolutions are padded by what the input needs.
    @Test func efficientNetLite0() {
        let make = { EfficientNetLite0(classCount: 7, widthRatio: 8) }
        let all = norms(make())
        #expect(all.count == 49)
        #expect(folded([3, 33, 40], make) == all)
    }

    /// Elsewhere the normalisation comes before the convolution.
    @Test func ofDenseNetOnlyTheStem() {
        let make = { makeDenseNet(widthRatio: 16) }
        #expect(norms(make()).count == 21)
        #expect(folded([1, 32, 32], make) == ["0.1"])
    }

    @Test func batchNormLeNet() {
        #expect(folded([1, 28, 28]) { makeBatchNormLeNet() } == ["1", "5", "10", "13"])
    }

    @Test func summariesSayWhatIsFolded() throws {
        let network = makeResNet18(widthRatio: 16)
        let copy = network.inferenceCopy(example: Tensor.ones([1, 1, 32, 32])) { makeResNet18(widthRatio: 16) }
        let rows = ModelSummary(copy, inputShape: [1, 1, 32, 32]).rows
        let (conv, norm) = try (
            #require(rows.first { $0.name == "1.0.conv2" }), #require(rows.first { $0.name == "1.0.bn2" })
        )
        #expect(conv.settings.hasSuffix(", folded: 1.0.bn2") && conv.parameterCount == 4 * 4 * 9 + 4)
        #expect(norm.settings == "channels: 4, foldedInto: 1.0.conv2" && norm.parameterCount == 0)
        #expect(norm.outputText == "[1, 4, 8, 8]")
    }
}
