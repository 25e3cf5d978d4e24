import Testing
import YuyanBackend
import YuyanCore

@Suite struct BatchNormalizationTests {
    @Test func statisticsAreThoseOfTheBatch() {
        let x = Tensor.normal([6, 3, 4, 5], mean: 2, standardDeviation: 3)
        let (y, mean, variance) = batchNorm(x)
        expectClose(mean, x.mean(axes: [0, 2, 3]))
        let deviations = x - x.mean(axes: [0, 2, 3], keepDimensions: true)
        expectClose(variance, deviations.squared().mean(axes: [0, 2, 3]))
        expectClose(y.mean(axes: [0, 2, 3]), .zeros([3]))
        expectClose(batchNorm(y, epsilon: 1e-9).variance, y.squared().mean(axes: [0, 2, 3]))
        expectClose(batchNorm(x, mean: mean, variance: variance), y)
    }

    @Test func outputAloneHasAGradient() {
        let x = Parameter(.normal([4, 2, 3]))
        let (y, mean, variance) = batchNorm(x)
        #expect(y.isRecorded)
        #expect(!mean.isRecorded && !variance.isRecorded)
        y.squared().sum().backward()
        #expect(x.gradient!.shape == [4, 2, 3])
        let (m, v) = (Parameter(.zeros([2])), Parameter(.ones([2])))
        let given = batchNorm(x, mean: m, variance: v)
        #expect(given.isRecorded)
        given.sum().backward()
        #expect(m.gradient == nil && v.gradient == nil)
    }

    /// Mean 1000 and deviation 1 in float32, against Double: values, and gradients through the kernel and through the
    /// composition whose gradient is recorded.
    @Test func aMeanFarAboveTheDeviation() {
        let x = Tensor.normal([64, 3, 5, 5], mean: 1000, standardDeviation: 1)
        let (weights, scale) = (Tensor.normal([64, 3, 5, 5]), Tensor.normal([3]))
        func wide(_ x: Tensor) -> Tensor { x.cast(to: .float64).to(.reference) }
        func narrow(_ x: Tensor) -> Tensor { x.cast(to: .float32).to(.current) }
        expectClose(batchNorm(x).output, narrow(batchNorm(wide(x)).output))
        expectClose(batchNorm(x).variance, narrow(batchNorm(wide(x)).variance))
        let loss: ([Tensor]) -> Tensor = { (batchNorm($0[0], scale: $0[1]).output * $0[2]).sum() }
        let expected = gradients(of: loss, at: [x, scale, weights].map(wide))
        for records in [false, true] {
            let found = gradients(of: loss, at: [x, scale, weights], recordGraph: records)
            for (gradient, wanted) in zip(found, expected) {
                expectClose(gradient.detached(), narrow(wanted), tolerance: Tolerance.of(.float32).gradient)
            }
        }
    }

    @Test func aConstantChannelGivesItsOffset() {
        // Numbers whose float sums are not exact.
        let values = Tensor([0.1, 1e6 / 3, -7.7])
        let x = Parameter(values.reshaped([1, 3, 1, 1]).broadcast(to: [7, 3, 5, 3]))
        let (y, mean, variance) = batchNorm(x, offset: Tensor([1.0, 2, 3]))
        expectClose(mean, values, tolerance: 0)
        expectClose(variance, .zeros([3]), tolerance: 0)
        expectClose(y, Tensor([1.0, 2, 3]).reshaped([1, 3, 1, 1]).broadcast(to: x.shape), tolerance: 0)
        y.sum().backward()
        // The mean of the gradient is taken off; what is left of rounding is multiplied by 1/√ε.
        expectClose(x.gradient!, .zeros(x.shape), tolerance: Tolerance.of(.float32).gradient)
    }

    @Test func anEmptyBatch() {
        let (x, scale) = (Parameter(.zeros([0, 2, 3])), Parameter(.ones([2])))
        let (y, mean, variance) = batchNorm(x, scale: scale)
        #expect(y.shape == [0, 2, 3])
        #expect((mean.array(of: Float.self) + variance.array(of: Float.self)).allSatisfy { $0.isNaN })
        y.sum().backward()
        #expect(x.gradient!.shape == [0, 2, 3])
        expectClose(scale.gradient!, .zeros([2]))
        #expect(batchNorm(x, mean: Tensor.zeros([2]), variance: Tensor.ones([2])).shape == [0, 2, 3])
        #expect(batchNorm(Tensor.zeros([2, 0, 3])).output.shape == [2, 0, 3])
    }

    @Test func oneValueAChannelTrapsInTraining() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = batchNorm(Tensor.ones([1, 3, 1, 1]))
        }
        expectText(
            result, "batchNorm: the statistics of a batch take more than one value for each channel",
            "[N, C, …] = [1, 3, 1, 1]", "give a larger batch, or the mean and the variance to use",
            "BatchNormalizationTests.swift:")
        let y = batchNorm(Tensor.ones([1, 3, 1, 1]), mean: Tensor.zeros([3]), variance: Tensor.ones([3]))
        #expect(y.shape == [1, 3, 1, 1])
    }

    @Test func whatDoesNotFitTraps() async {
        let rank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = batchNorm(Tensor.ones([4]))
        }
        expectText(rank, "batchNorm: the input must have 2 to 5 axes")
        let size = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = batchNorm(Tensor.ones([4, 3]), mean: Tensor.zeros([3]), variance: Tensor.ones([4]))
        }
        expectText(size, "batchNorm: the variance must have one element for each channel", "[N, C, …] = [4, 3]", "[4]")
        let types = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = batchNorm(Tensor.ones([4, 3]), scale: Tensor.ones([3], dtype: .float64))
        }
        expectText(types, "batchNorm: operands must have one element type of floating point", "scale")
        let epsilon = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = batchNorm(Tensor.ones([4, 3]), epsilon: 0)
        }
        expectText(epsilon, "batchNorm: epsilon must be above 0", "epsilon = 0.0")
    }

    /// After a convolution that leaves its image in blocks of channels, against the same in Double on the reference
    /// device.
    @Test func imagesInBlocksOfChannels() {
        func output(_ parts: [Tensor]) -> Tensor {
            let image = conv2D(parts[0], weight: parts[1], padding: 1)
            return batchNorm(image, scale: parts[2], offset: parts[3]).output.relu()
        }
        func loss(_ parts: [Tensor]) -> Tensor {
            (output(parts).maxPool2D(kernelSize: 2).flattened(from: 1).squared() * 0.1).sum()
        }
        let parts = [
            Tensor.uniform([2, 16, 7, 5], in: -1..<1), .uniform([32, 16, 3, 3], in: -0.5..<0.5), .normal([32]),
            .normal([32]),
        ]
        if Device.current == .cpu {
            #expect({ if case .channelBlocks = output(parts).buffer.layout { true } else { false } }())
        }
        let wide = parts.map { $0.cast(to: .float64).to(.reference) }
        expectClose(
            output(parts), output(wide).cast(to: .float32).to(.current), tolerance: Tolerance.of(.float32).gradient)
        for (found, wanted) in zip(gradients(of: loss, at: parts), gradients(of: loss, at: wide)) {
            expectClose(
                found, wanted.cast(to: .float32).to(.current), tolerance: Tolerance.of(.float32).gradient)
        }
    }
}
