import Testing
import Yuyan

@Suite struct GroupNormTests {
    @Test func layerNormByHand() {
        let layer = LayerNorm(normalizedShape: [2])
        #expect(layer.namedParameters().map(\.name) == ["weight", "bias"])
        layer.weight!.value = [2.0, 3.0]
        layer.bias!.value = [10.0, 20.0]
        // Rows 1, 3 and 5, 5.
        let y = layer(Tensor([[1.0, 3], [5, 5]]))
        expectClose(y, Tensor([[10 - 2, 20 + 3], [10, 20]]), 1e-4)
        #expect(layer.details == "LayerNorm(normalizedShape: [2])")
        let plain = LayerNorm(normalizedShape: [3, 4], epsilon: 1e-3, isAffine: false)
        #expect(plain.parameterCount == 0)
        #expect(plain.details == "LayerNorm(normalizedShape: [3, 4], epsilon: 0.001, isAffine: false)")
        let x = Tensor.uniform([2, 5, 3, 4])
        expectClose(plain(x), layerNorm(x, normalizedShape: [3, 4], epsilon: 1e-3), 0)
        #expect(
            LayerNorm(normalizedShape: [4], hasBias: false).namedParameters().map(\.name) == ["weight"])
    }

    /// Groups are rows; training and evaluation are the same.
    @Test func groupNormIsLayerNormOfGroups() {
        let layer = GroupNorm(groups: 3, channels: 6)
        let x = Tensor.uniform([2, 6, 4, 5])
        let expected = layerNorm(x.reshaped([2, 3, 40]), normalizedShape: [40]).reshaped([2, 6, 4, 5])
        expectClose(layer(x), expected, 1e-5)
        layer.eval()
        expectClose(layer(x), expected, 1e-5)
        #expect(layer.namedParameters().map(\.name) == ["weight", "bias"] && layer.namedBuffers().isEmpty)
        #expect(layer.details == "GroupNorm(groups: 3, channels: 6)")
        // One channel a group, over many batches of statistics: each channel of each sample by itself.
        let instance = GroupNorm(groups: 6, channels: 6, isAffine: false)(x)
        expectClose(instance.mean(axes: [2, 3]), .zeros([2, 6]), 1e-5)
    }

    @Test func emptyBatchesViewsAndSingleElements() {
        let layer = LayerNorm(normalizedShape: [4])
        let y = layer(Tensor.zeros([0, 4]))
        #expect(y.shape == [0, 4])
        y.sum().backward()
        expectClose(layer.weight!.gradient!, .zeros([4]), 0)
        let group = GroupNorm(groups: 2, channels: 4)
        #expect(group(Tensor.zeros([0, 4, 3])).shape == [0, 4, 3])
        group.bias!.value = [1.0, 2, 3, 4]
        expectClose(GroupNorm(groups: 4, channels: 4)(Tensor.ones([2, 4])), .zeros([2, 4]), 0)
        let x = Tensor.uniform([5, 4, 3, 2])
        let view = x.permuted([3, 1, 0, 2])
        let plain = Tensor(view.array(of: Float.self), shape: view.shape)
        expectClose(group(view), group(plain), 1e-6)
        expectClose(LayerNorm(normalizedShape: [3])(view), LayerNorm(normalizedShape: [3])(plain), 1e-6)
    }

    @Test func wrongInputsAreRefused() async {
        let axes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = LayerNorm(normalizedShape: [3, 4])(Tensor.zeros([2, 4]))
        }
        expect(axes, "layerNorm: the input's last axes must be the normalized shape", "[2, 4]", "[3, 4]")
        let channels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = GroupNorm(groups: 2, channels: 4)(Tensor.zeros([2, 6]))
        }
        expect(channels, "GroupNorm: the input must be [N, C, …] with C = 4, not [2, 6]")
        let groups = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = GroupNorm(groups: 3, channels: 4)
        }
        expect(groups, "GroupNorm: groups, channels and epsilon must be above 0, and groups divide the channels")
        let scale = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = groupNorm(Tensor.zeros([2, 6]), groups: 2, scale: Tensor.ones([2]))
        }
        expect(scale, "groupNorm: the scale must have one element for each channel", "[2, 6]")
        let function = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = groupNorm(Tensor.zeros([2, 6]), groups: 4)
        }
        expect(function, "groupNorm: groups must divide the channels", "groups = 4")
    }
}
