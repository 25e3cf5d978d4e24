import Testing
import Yuyan

/// Layers of images and sequences: what they hold, what they are called, and that they compute what their functions do.
@Suite struct ImageLayerTests {
    private func expectSame(_ x: Tensor, _ y: Tensor, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(x.shape == y.shape, sourceLocation: sourceLocation)
        #expect(x.array(of: Float.self) == y.array(of: Float.self), sourceLocation: sourceLocation)
    }

    @Test func convolutionsAsLargeAsTheirInput() {
        let layer = Conv2D(
            inputChannels: 4, outputChannels: 6, kernelSize: [4, 3], padding: .same, groups: 2, hasBias: false)
        #expect(layer.namedParameters().map(\.name) == ["weight"])
        #expect(layer.weight.shape == [6, 2, 4, 3])
        let x = Tensor.uniform([2, 4, 7, 8])
        expectSame(layer(x), conv2D(x, weight: layer.weight, padding: .same, groups: 2))
        #expect(
            layer.details
                == "Conv2D(inputChannels: 4, outputChannels: 6, kernelSize: [4, 3], padding: .same, groups: 2, hasBias: false)"
        )
        // In one pass with the activation.
        expectClose(Sequential(layer, ReLU())(x), layer(x).relu(), 1e-6)

        // With a stride the zeros are those that each input needs.
        let halving = Conv2D(inputChannels: 4, outputChannels: 4, kernelSize: 3, stride: 2, padding: .same, groups: 4)
        for size in [7, 8] {
            let image = Tensor.uniform([2, 4, size, 8])
            #expect(halving(image).shape == [2, 4, 4, 4])
            expectSame(
                halving(image),
                conv2D(image, weight: halving.weight, bias: halving.bias, stride: 2, padding: .same, groups: 4))
            expectClose(Sequential(halving, ReLU())(image), halving(image).relu(), 1e-6)
        }
        #expect(
            halving.details
                == "Conv2D(inputChannels: 4, outputChannels: 4, kernelSize: 3, stride: 2, padding: .same, groups: 4)")
    }

    @Test func convolutionsOfSequences() {
        let layer = Conv1D(
            inputChannels: 4, outputChannels: 6, kernelSize: 3, stride: 2, padding: 1, dilation: 2, groups: 2)
        #expect(layer.namedParameters().map(\.name) == ["weight", "bias"])
        #expect(layer.weight.shape == [6, 2, 3] && layer.bias!.shape == [6])
        let x = Tensor.uniform([2, 4, 9])
        #expect(layer(x).shape == [2, 6, 4])
        expectSame(
            layer(x),
            conv1D(x, weight: layer.weight, bias: layer.bias, stride: 2, padding: 1, dilation: 2, groups: 2))
        #expect(
            layer.details
                == "Conv1D(inputChannels: 4, outputChannels: 6, kernelSize: 3, stride: 2, padding: 1, dilation: 2, groups: 2)"
        )
        let same = Conv1D(inputChannels: 4, outputChannels: 3, kernelSize: 4, padding: .same, hasBias: false)
        #expect(same(x).shape == [2, 3, 9])
        #expect(
            same.details == "Conv1D(inputChannels: 4, outputChannels: 3, kernelSize: 4, padding: .same, hasBias: false)"
        )
        let thinning = Conv1D(inputChannels: 4, outputChannels: 3, kernelSize: 4, stride: 3, padding: .same)
        #expect(thinning(x).shape == [2, 3, 3] && thinning(x[.all, .all, 1...]).shape == [2, 3, 3])
        expectSame(thinning(x), conv1D(x, weight: thinning.weight, bias: thinning.bias, stride: 3, padding: .same))
        let bound = 1 / (2.0 * 3).squareRoot()
        #expect(layer.weight.value.abs().max().item() <= bound)
    }

    @Test func transposedConvolutions() {
        let layer = ConvTranspose2D(
            inputChannels: 4, outputChannels: 6, kernelSize: 4, stride: 2, padding: 1, outputPadding: [0, 1], groups: 2)
        #expect(layer.weight.shape == [4, 3, 4, 4] && layer.bias!.shape == [6])
        let x = Tensor.uniform([2, 4, 5, 3])
        #expect(layer(x).shape == [2, 6, 10, 7])
        expectSame(
            layer(x),
            convTranspose2D(
                x, weight: layer.weight, bias: layer.bias, stride: 2, padding: 1, outputPadding: [0, 1], groups: 2))
        #expect(
            layer.details
                == "ConvTranspose2D(inputChannels: 4, outputChannels: 6, kernelSize: 4, stride: 2, padding: 1, "
                + "outputPadding: [0, 1], groups: 2)")
        layer(x).sum().backward()
        #expect(layer.weight.gradient!.shape == [4, 3, 4, 4])
    }

    @Test func poolings() {
        let x = Tensor.uniform([2, 3, 7, 9])
        let largest = MaxPool2D(kernelSize: 3, stride: 2, padding: 1, dilation: 2, roundsUp: true)
        expectSame(largest(x), x.maxPool2D(kernelSize: 3, stride: 2, padding: 1, dilation: 2, roundsUp: true))
        #expect(largest.details == "MaxPool2D(kernelSize: 3, stride: 2, padding: 1, dilation: 2, roundsUp: true)")
        let mean = AvgPool2D(kernelSize: 2, padding: 1, roundsUp: true, countsPadding: false)
        expectSame(mean(x), x.avgPool2D(kernelSize: 2, padding: 1, roundsUp: true, countsPadding: false))
        #expect(mean.details == "AvgPool2D(kernelSize: 2, padding: 1, roundsUp: true, countsPadding: false)")
        #expect(MaxPool2D(kernelSize: 2).details == "MaxPool2D(kernelSize: 2)")
        #expect(AvgPool2D(kernelSize: [2, 3]).details == "AvgPool2D(kernelSize: [2, 3])")
        expectSame(AdaptiveMaxPool2D(outputSize: [2, 4])(x), x.adaptiveMaxPool2D(outputSize: [2, 4]))
        expectSame(AdaptiveAvgPool2D(outputSize: [2, 4])(x), x.adaptiveAvgPool2D(outputSize: [2, 4]))
        #expect(AdaptiveAvgPool2D(outputSize: [2, 4]).details == "AdaptiveAvgPool2D(outputSize: [2, 4])")
        #expect(AdaptiveMaxPool2D(outputSize: 1).details == "AdaptiveMaxPool2D(outputSize: 1)")
        expectClose(GlobalAvgPool2D()(x), x.mean(axes: [2, 3], keepDimensions: true), 1e-6)
    }

    @Test func upsampling() {
        let x: Tensor = [[[[1.0, 2], [3, 4]]]]
        expectClose(
            Upsample(scale: [1, 2])(x), [[[[1.0, 1, 2, 2], [3, 3, 4, 4]]]], 0)
        expectClose(
            Upsample(size: [2, 3], interpolation: .bilinear(alignsCorners: true))(x), [[[[1, 1.5, 2], [3, 3.5, 4]]]],
            1e-6)
        expectSame(Upsample(scale: 3, interpolation: .bilinear())(x), x.resized(to: 6, by: .bilinear()))
        #expect(Upsample(scale: 2).details == "Upsample(scale: 2)")
        #expect(
            Upsample(size: [2, 3], interpolation: .bilinear(alignsCorners: true)).details
                == "Upsample(size: [2, 3], interpolation: .bilinear(alignsCorners: true))")
        #expect(
            Upsample(scale: 2, interpolation: .bilinear()).details == "Upsample(scale: 2, interpolation: .bilinear())")
        #expect(Upsample(scale: 2)(Tensor.zeros([0, 3, 2, 2])).shape == [0, 3, 4, 4])
    }

    @Test func rectifiers() {
        let x = Tensor([-4.0, -1, 0, 2, 7])
        expectClose(ReLU6()(x), Tensor([0.0, 0, 0, 2, 6]), 0)
        expectClose(HardTanh()(x), Tensor([-1.0, -1, 0, 1, 1]), 0)
        expectClose(HardTanh(-2...3)(x), Tensor([-2.0, -1, 0, 2, 3]), 0)
        expectClose(HardSigmoid()(x), Tensor([0, 1.0 / 3, 0.5, 5.0 / 6, 1]), 1e-6)
        expectClose(HardSwish()(x), Tensor([0, -1.0 / 3, 0, 5.0 / 3, 7]), 1e-6)
        expectClose(ELU(alpha: 2)(Tensor([-1.0, 0, 3])), Tensor([2 * (0.36787944 - 1), 0, 3]), 1e-6)
        expectClose(SELU()(Tensor([1.0])), Tensor([1.05070098]), 1e-6)
        #expect(HardTanh(-2...3).details == "HardTanh(-2.0...3.0)" && ELU().details == "ELU")
        let prelu = PReLU(channels: 2)
        expectClose(prelu(Tensor([[-4.0, -8], [4, 8]])), Tensor([[-1.0, -2], [4, 8]]), 0)
        #expect(prelu.namedParameters().map(\.name) == ["weight"] && prelu.details == "PReLU(channels: 2)")
        // At the bounds there is no slope, as in PyTorch; at 0 a PReLU has its weight.
        let w = Parameter(Tensor([0.0, 6, 3]))
        w.tensor.relu6().sum().backward()
        expectClose(w.gradient!, Tensor([0.0, 0, 1]), 0)
        let v = Parameter(Tensor([[0.0, 0]]))
        prelu(v).sum().backward()
        expectClose(v.gradient!, Tensor([[0.25, 0.25]]), 0)
    }

    @Test func wrongNumbersAreRefused() async {
        let stride = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Conv2D(inputChannels: 1, outputChannels: 1, kernelSize: 3, stride: 0)
        }
        expect(stride, "Conv2D: stride and dilation must be above 0, padding 0 or more", "stride = 0")
        let groups = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Conv1D(inputChannels: 4, outputChannels: 2, kernelSize: 3, groups: 3)
        }
        expect(groups, "Conv1D: channels, kernelSize and groups must be above 0, and groups divide the channels")
        let output = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = ConvTranspose2D(inputChannels: 4, outputChannels: 2, kernelSize: 3, outputPadding: 1)
        }
        expect(output, "ConvTranspose2D: outputPadding must be 0 or more, and below the stride")
        let scale = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Upsample(scale: 0)
        }
        expect(scale, "Upsample: the scale must be above 0, not 0")
        let weight = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = PReLU(channels: 3)(Tensor.zeros([2, 4]))
        }
        expect(weight, "prelu: the weight must have one element, or one for each channel", "[2, 4]")
        let image = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Upsample(scale: 2)(Tensor.zeros([2, 4]))
        }
        expect(image, "resized: the input must have 4 axes, with rows and columns", "[2, 4]")
    }
}
