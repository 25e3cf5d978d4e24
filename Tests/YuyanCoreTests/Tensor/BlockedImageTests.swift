import Testing
import YuyanCore

/// What a user does with an image that a convolution has left in a layout without strides. On a device without such a
/// layout the same must hold.
@Suite struct BlockedImageTests {
    private let weight = Tensor.uniform([32, 16, 3, 3], in: -0.5..<0.5)
    private let input = Tensor.uniform([2, 16, 7, 5], in: -1..<1)

    private var image: Tensor { conv2D(input, weight: weight, padding: 1) }
    /// The same elements from an array.
    private var plain: Tensor { Tensor(image.array(of: Float.self), shape: [2, 32, 7, 5]) }

    @Test func isInBlocksOnTheCPU() {
        guard image.device == .cpu else { return }
        #expect({ if case .channelBlocks = image.buffer.layout { true } else { false } }())
    }

    @Test func viewsAndIndices() {
        let (x, y) = (image, plain)
        expectClose(x.permuted([0, 2, 3, 1]), y.permuted([0, 2, 3, 1]), tolerance: 0, "permuted")
        expectClose(x.reshaped([2, -1]), y.reshaped([2, -1]), tolerance: 0, "reshaped")
        expectClose(x.flattened(from: 1), y.flattened(from: 1), tolerance: 0, "flattened")
        expectClose(x[1], y[1], tolerance: 0, "row")
        expectClose(x[0, 3..<20], y[0, 3..<20], tolerance: 0, "range")
        expectClose(x.expandingShape(at: 0), y.expandingShape(at: 0), tolerance: 0, "expanded")
        let shape: Shape = [3, 2, 32, 7, 5]
        expectClose(x.broadcast(to: shape), y.broadcast(to: shape), tolerance: 0, "broadcast")
        expectClose(concatenate([x, y, x], axis: 1), concatenate([y, y, y], axis: 1), tolerance: 0, "concatenated")
        expectClose(stack([x, y]), stack([y, y]), tolerance: 0, "stacked")
        expectClose(x.sum(axis: 1), y.sum(axis: 1), "sum")
        expectClose(x.mean(axes: [0, 2, 3]), y.mean(axes: [0, 2, 3]), "mean")
        expectClose(x.cast(to: .float64), y.cast(to: .float64), tolerance: 0, "cast")
        expectClose(x.max(axis: 1), y.max(axis: 1), tolerance: 0, "maximum")
    }

    @Test func printingAndHostAccess() {
        #expect("\(image)" == "\(plain)")
        #expect(image.array(of: Double.self) == plain.array(of: Double.self))
        #expect(image[1, 17, 6, 4].item() == plain[1, 17, 6, 4].item())
    }

    @Test func mutationLeavesOthersAlone() {
        let original = image
        let before = original.array(of: Float.self)
        var changed = original
        changed[0, 20] = Tensor.zeros([7, 5])
        #expect(original.array(of: Float.self) == before)
        var expected = plain
        expected[0, 20] = Tensor.zeros([7, 5])
        expectClose(changed, expected, tolerance: 0, "assigned")
        var sole = image
        sole[1, 31, 6, 4] = 5
        #expect(sole[1, 31, 6, 4].item() == 5)
        #expect(sole[1, 31, 6, 3].item() == Double(before[before.count - 2]))
        var sum = original
        sum += original
        expectClose(sum, plain * 2, tolerance: 0, "added")
        #expect(original.array(of: Float.self) == before)
    }

    /// A network with a skip, a concatenation and a slice, against the same in Double on the reference device.
    @Test func gradientsFlowThroughMixes() {
        func loss(_ parts: [Tensor]) -> Tensor {
            let x = conv2D(parts[0], weight: parts[1], padding: 1).relu()
            let skipped = x + conv2D(x, weight: parts[2], padding: 1).tanh()
            let joined = concatenate([skipped, x.maxPool2D(kernelSize: 3, stride: 1, padding: 1)], axis: 1)
            let kept = joined[0..., 8..<40]
            let averaged = (kept * x).avgPool2D(kernelSize: 2, stride: 2)
            return (averaged.flattened(from: 1).squared() * 0.1).sum() + x.mean(axes: [0, 2, 3]).squared().sum()
        }
        let second = Tensor.uniform([32, 32, 3, 3], in: -0.1..<0.1)
        let parts = [input, weight, second]
        let found = gradients(of: loss, at: parts)
        let wide = parts.map { $0.cast(to: .float64).to(.reference) }
        let expected = gradients(of: loss, at: wide)
        for (name, (actual, wanted)) in zip(["input", "weight", "second"], zip(found, expected)) {
            let narrow = Tensor(wanted.array(of: Double.self), shape: wanted.shape, dtype: .float32)
            expectClose(actual, narrow, tolerance: Tolerance.of(.float32).gradient, name)
        }
    }
}
