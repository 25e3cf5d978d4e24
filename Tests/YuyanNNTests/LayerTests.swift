import Testing
import Yuyan

/// Layers against hand-computed values and their definitions.
@Suite struct LayerTests {
    @Test func linearIsRowTimesTransposedWeightPlusBias() {
        let layer = Linear(inputSize: 3, outputSize: 2)
        layer.weight.value = [[1.0, 2, 3], [0, -1, 1]]
        layer.bias!.value = [0.5, -0.5]
        expectClose(layer(Tensor([[1, 1, 1], [2, 0, 1]], dtype: .float32)), [[6.5, -0.5], [5.5, 0.5]], 0)
        #expect(Linear(inputSize: 784, outputSize: 256).parameterCount == 200_960)
        #expect(Linear(inputSize: 4, outputSize: 2, hasBias: false).parameterCount == 8)
    }

    @Test func linearActsOnTheLastAxis() {
        let layer = Linear(inputSize: 4, outputSize: 5)
        let x = Tensor.uniform([2, 3, 4])
        let y = layer(x)
        #expect(y.shape == [2, 3, 5])
        expectClose(y.reshaped([6, 5]), layer(x.reshaped([6, 4])), 1e-6)
    }

    /// CURRICULUM conv2d-layer.
    @Test func convolutionOfTheBook() {
        let layer = Conv2D(inputChannels: 2, outputChannels: 3, kernelSize: [3, 5], padding: [1, 2])
        #expect(layer(Tensor.uniform([4, 2, 3, 5])).shape == [4, 3, 3, 5])
        #expect(layer.weight.shape == [3, 2, 3, 5])
        #expect(layer.bias!.shape == [3])
    }

    /// CURRICULUM conv-output-size, on 8 × 8 images.
    @Test func convolutionOutputSizes() {
        func output(_ kernel: Size2D, padding: Size2D, stride: Size2D = 1) -> Shape {
            let layer = Conv2D(
                inputChannels: 1, outputChannels: 1, kernelSize: kernel, stride: stride, padding: padding)
            return layer(Tensor.uniform([1, 1, 8, 8])).shape
        }
        #expect(output(3, padding: 1) == [1, 1, 8, 8])
        #expect(output([5, 3], padding: [2, 1]) == [1, 1, 8, 8])
        #expect(output(3, padding: 1, stride: 2) == [1, 1, 4, 4])
        #expect(output([3, 5], padding: [0, 1], stride: [3, 4]) == [1, 1, 2, 2])
    }

    /// CURRICULUM pooling, on 0 … 15 as 4 × 4.
    @Test func poolingOfTheBook() {
        let x = Tensor.arange(16, dtype: .float32).reshaped([1, 1, 4, 4])
        expectClose(MaxPool2D(kernelSize: 3)(x), [[[[10.0]]]], 0)
        expectClose(MaxPool2D(kernelSize: 3, stride: 2, padding: 1)(x), [[[[5.0, 7], [13, 15]]]], 0)
        expectClose(
            MaxPool2D(kernelSize: [2, 3], stride: [2, 3], padding: [0, 1])(x), [[[[5.0, 7], [13, 15]]]], 0)
        expectClose(AvgPool2D(kernelSize: 2)(x), [[[[2.5, 4.5], [10.5, 12.5]]]], 0)
    }

    @Test func identityChangesNothing() {
        let w = Parameter(.uniform([2, 3]))
        let layer = Identity()
        #expect(layer(w).array(of: Float.self) == w.value.array(of: Float.self))
        layer(w).sum().backward()
        expectClose(w.gradient!, .ones([2, 3]), 0)
        #expect(layer.parameters().isEmpty)
    }

    @Test func shapesOfFlattenAndReshape() {
        #expect(Flatten()(Tensor.zeros([2, 3, 4, 5])).shape == [2, 60])
        #expect(Reshape([-1, 1, 28, 28])(Tensor.zeros([2, 784])).shape == [2, 1, 28, 28])
    }

    /// log(1 + e^2x) / 2 is 0.3466 at 0 and 1.0635 at 1, by PyTorch.
    @Test func softplusHasItsBeta() async {
        expectClose(Softplus(beta: 2)(Tensor([0.0, 1, 11])), Tensor([0.346573590, 1.063464, 11]), 1e-6)
        #expect(Softplus().details == "Softplus(beta: 1.0)")
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Softplus(beta: -1)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("Softplus: beta must be above 0, and finite, not -1.0"))
    }

    /// CURRICULUM dropout-layer-scratch.
    @Test func dropoutKeepsTheExpectation() {
        let x = Tensor.arange(16, dtype: .float32).reshaped([2, 8])
        expectClose(Dropout(probability: 0)(x), x, 0)
        expectClose(Dropout(probability: 1)(x), .zeros([2, 8]), 0)
        let half = withSeed(3) { Dropout(probability: 0.5)(x) }.array(of: Float.self)
        for (index, value) in half.enumerated() { #expect(value == 0 || value == 2 * Float(index)) }
        let many = withSeed(4) { Dropout(probability: 0.2)(Tensor.ones([100_000])) }
        #expect(abs(many.mean().item() - 1) < 0.02)
        #expect(abs((many .== 0).sum().item() / 100_000 - 0.2) < 0.01)
    }

    @Test func dropoutRestsInEvaluation() {
        let net = Sequential(Linear(inputSize: 4, outputSize: 4), Dropout(probability: 0.9))
        net.eval()
        let x = Tensor.uniform([3, 4])
        #expect(net(x).array(of: Float.self) == net[0](x).array(of: Float.self))
    }

    @Test func dropoutGradientUsesTheMaskOfItsForwardPass() {
        let w = Parameter(.ones([1000]))
        let y = Dropout(probability: 0.3)(w)
        y.sum().backward()
        #expect(w.gradient!.array(of: Float.self) == y.array(of: Float.self))
    }
}
