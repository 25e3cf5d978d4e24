import Testing
import Yuyan
import YuyanCore

/// Fails unless the text with which a process has ended contains all `parts`.
private func expectText(
    _ result: ExitTest.Result?, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation
) {
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    for part in parts { #expect(text.contains(part), "\(part) in: \(text)", sourceLocation: sourceLocation) }
}

/// Layers, optimizers and initializers, where element types or shapes do not fit together.
@Suite struct ElementTypeTests {
    @Test func layersTakeArraysOfDouble() {
        let layer = Linear(inputSize: 2, outputSize: 1)
        layer.weight.value = [[2.0, -1.0]]
        layer.bias!.value = [0.25]
        expectClose(layer(Tensor([[0.5, 1.5]])), [[-0.25]], 0)
        layer.cast(to: .float64)
        expectClose(layer(Tensor([[0.5, 1.5]], dtype: .float64)), [[-0.25]], 0)
    }

    @Test func layersNameBothTypes() async {
        let wide = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Linear(inputSize: 2, outputSize: 1)(Tensor([[0.5, 1.5]], dtype: .float64))
        }
        expectText(
            wide, "linear: ", "input  = float64 [1, 2]", "weight = float32 [1, 2]", "cast(to: .float32)", "in Linear")
        let integers = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Sequential(Linear(inputSize: 2, outputSize: 1), ReLU())(Tensor([[1, 2]]))
        }
        expectText(integers, "input  = int64 [1, 2]", "weight = float32 [1, 2]", "in Sequential.0 (Linear)")
        let halves = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let layer = Linear(inputSize: 4, outputSize: 3)
            layer.cast(to: .bfloat16)
            _ = layer(Tensor.ones([2, 4]))
        }
        expectText(halves, "input  = float32 [2, 4]", "weight = bfloat16 [3, 4]", "cast one with cast(to: .bfloat16)")
        let image = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Conv2D(inputChannels: 1, outputChannels: 1, kernelSize: 2)(Tensor.ones([1, 1, 4, 4], dtype: .float64))
        }
        expectText(image, "conv2D: ", "input  = float64 [1, 1, 4, 4]", "in Conv2D")
    }

    @Test func gradientsOfAnotherFormAreNamedByTheirParameter() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let net = Sequential(Linear(inputSize: 300, outputSize: 300), ReLU())
            let optimizer = SGD(net.parameters(), learningRate: 0.1)
            _ = net[0].parameters()
            net.parameters()[0].gradient = .ones([1])
            optimizer.step()
        }
        expectText(result, "gradient: ", "parameter 0.weight = float32 [300, 300]", "float32 [1]")
    }

    @Test func velocitiesOfTheOldType() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let net = Sequential(Linear(inputSize: 64, outputSize: 64))
            let optimizer = SGD(net.parameters(), learningRate: 0.1, momentum: 0.9)
            net(Tensor.ones([2, 64])).sum().backward()
            optimizer.step()
            net.cast(to: .float64)
            net(Tensor.ones([2, 64], dtype: .float64)).sum().backward()
            optimizer.step()
        }
        expectText(
            result, "step: the optimizer's state must have its parameter's shape, element type and device",
            "parameter 0.weight = float64 [64, 64]", "momentum_buffer    = float32 [64, 64]", "restore(savedState())")
    }

    /// Saved and restored, the velocities are of the new type, and training goes on.
    @Test func velocitiesFollowACastThatIsToldToTheOptimizer() throws {
        let p = Parameter([1.0, 2.0])
        let optimizer = SGD([p], learningRate: 0.5, momentum: 0.5)
        p.sum().backward()
        optimizer.step()
        p.value = p.value.cast(to: .float64)
        optimizer.zeroGradients()
        try optimizer.restore(optimizer.savedState())
        p.sum().backward()
        optimizer.step()
        expectClose(p.value, Tensor([-0.25, 0.75], dtype: .float64), 0)
    }

    @Test func stepsAfterAValueWasReplaced() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let layer = Linear(inputSize: 2, outputSize: 2)
            let optimizer = SGD(layer.parameters(), learningRate: 0.1)
            layer(Tensor.ones([1, 2])).sum().backward()
            layer.weight.value = .zeros([500, 500])
            optimizer.step()
        }
        expectText(result, "step: a gradient must have", "parameter weight = float32 [500, 500]", "float32 [2, 2]")
    }

    @Test func modulesStayOfFloatingPoint() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Linear(inputSize: 2, outputSize: 2).cast(to: .int64)
        }
        expectText(result, "cast: a module's parameters are of floating point; they cannot be int64")
    }

    @Test func initializersGiveWhatTheyAreAskedFor() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Parameter(.zeros([2, 3])).initialize(Initializer { shape, _, _ in .zeros([shape[0]], dtype: .float64) })
        }
        expectText(
            result, "Initializer: it must give what it is asked for", "asked for: float32 [2, 3]",
            "it gave:   float64 [2]")
    }

    @Test func statesAreCastToTheModel() throws {
        let layer = Linear(inputSize: 1, outputSize: 1)
        try layer.load(["weight": Tensor([[2.5]], dtype: .float64), "bias": Tensor([3])])
        expectClose(layer(Tensor([[2.0]])), [[8.0]], 0)
        #expect(layer.weight.dtype == .float32 && layer.bias!.dtype == .float32)
    }

    @Test func pathsAreTheLongestKnown() {
        let net = Sequential(Linear(inputSize: 1, outputSize: 1))
        let layer = net[0] as! Linear
        #expect(layer.weight.title == "parameter")
        _ = layer.parameters()
        #expect(layer.weight.title == "parameter weight")
        _ = net.parameters()
        _ = layer.parameters()
        #expect(layer.weight.title == "parameter 0.weight")
    }
}
