import Testing
import YuyanBackend
import YuyanCore

private struct Exponential: DifferentiableFunction {
    func forward(_ inputs: [Tensor], _ context: FunctionContext) -> Tensor {
        let y = inputs[0].exp()
        context.save(y)
        return y
    }
    func backward(_ gradient: Tensor, _ context: FunctionContext) -> [Tensor?] { [gradient * context.saved[0]] }
}

private struct Rectifier: DifferentiableFunction {
    func forward(_ inputs: [Tensor], _ context: FunctionContext) -> Tensor {
        context.save(inputs[0])
        return maximum(inputs[0], 0)
    }
    func backward(_ gradient: Tensor, _ context: FunctionContext) -> [Tensor?] {
        [select(context.saved[0] .> 0, gradient, Tensor.zeros(like: gradient))]
    }
}

/// x · Wᵀ + b times a factor that the function holds across calls.
private struct ScaledLinear: DifferentiableFunction {
    var scale = 1.0

    func forward(_ inputs: [Tensor], _ context: FunctionContext) -> Tensor {
        context.save(inputs[0], inputs[1])
        return (inputs[0].matmul(inputs[1].transposed()) + inputs[2]) * scale
    }
    func backward(_ gradient: Tensor, _ context: FunctionContext) -> [Tensor?] {
        let (x, weight) = (context.saved[0], context.saved[1])
        let g = gradient * scale
        return [
            context.needsGradient[0] ? g.matmul(weight) : nil,
            context.needsGradient[1] ? g.transposed().matmul(x) : nil,
            context.needsGradient[2] ? g.sum(axis: 0) : nil,
        ]
    }
}

@Suite struct CustomFunctionTests {
    private func compare(_ custom: (Parameter) -> Tensor, _ builtIn: (Parameter) -> Tensor) {
        let value = withSeed(1) { Tensor.normal([5, 3]) }
        let (x, y) = (Parameter(value), Parameter(value))
        let (a, b) = (custom(x), builtIn(y))
        expectClose(a, b)
        let weights = Tensor.arange(a.elementCount, dtype: .float32).reshaped(Array(a.shape))
        a.backward(weights)
        b.backward(weights)
        expectClose(x.gradient!, y.gradient!)
    }

    @Test func exponentialAndRectifierMatchTheBuiltInOnes() {
        compare({ Exponential()($0) }, { $0.tensor.exp() })
        compare({ Rectifier()($0) }, { $0.tensor.relu() })
    }

    @Test func linearMatchesTheBuiltInOne() throws {
        let (weight, bias) = withSeed(2) { (Tensor.normal([4, 3]), Tensor.normal([4])) }
        compare({ ScaledLinear()($0, weight, bias) }, { linear($0, weight: weight, bias: bias) })
        try checkGradients(
            of: { ScaledLinear(scale: 3)($0[0], $0[1], $0[2]) }, at: [.normal([2, 3]), weight, bias], order: 2)
    }

    @Test func everyCallHasItsOwnContext() {
        let function = Exponential()
        let x = Parameter(Tensor([0, 1] as [Float]))
        let (first, second) = (function(x), function(x * 2))
        first.sum().backward()
        expectClose(x.gradient!, x.value.exp(), tolerance: Tolerance.of(.float32).gradient)
        x.gradient = nil
        second.sum().backward()
        expectClose(x.gradient!, 2 * (2 * x.value).exp(), tolerance: Tolerance.of(.float32).gradient)
    }

    @Test func aFunctionCanBeUsedTwiceInOneGraph() {
        let x = Parameter(Tensor([0.5] as [Float]))
        Exponential()(Exponential()(x)).sum().backward()
        let e = x.value.exp()
        expectClose(x.gradient!, e.exp() * e, tolerance: Tolerance.of(.float32).gradient)
    }

    @Test func onlyWantedGradientsAreAskedFor() {
        let weight = Parameter(.ones([4, 3]))
        ScaledLinear()(Tensor.ones([2, 3]), weight, Tensor.zeros([4])).sum().backward()
        expectElements(weight.gradient!, [4, 3], [Float](repeating: 2, count: 12))
    }

    @Test func resultsCanBeMarkedAsConstants() {
        struct Rounding: DifferentiableFunction {
            func forward(_ inputs: [Tensor], _ context: FunctionContext) -> Tensor {
                context.markNotDifferentiable()
                return (inputs[0] + 0.5).floor()
            }
            func backward(_ gradient: Tensor, _ context: FunctionContext) -> [Tensor?] { [nil] }
        }
        let y = Rounding()(Parameter(Tensor([1.7] as [Float])))
        expectElements(y, [1], [2] as [Float])
        #expect(!y.isRecorded)
    }

    @Test func gradientsOfAnotherFormEndTheProcess() async {
        let type = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Careless(gradient: .ones([4], dtype: .float64))(Parameter(.zeros([4]))).sum().backward()
        }
        expectText(
            type, "Careless: backward must give each input a gradient of its shape, element type and device",
            "input    = float32 [4]", "gradient = float64 [4]", "called at YuyanCoreTests/CustomFunctionTests.swift:")
        let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Careless(gradient: .ones([1]))(Parameter(.zeros([4]))).sum().backward()
        }
        expectText(shape, "input    = float32 [4]", "gradient = float32 [1]")
        let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Careless(gradient: .ones([4]))(Parameter(.zeros([4])), Parameter(.zeros([4]))).sum().backward()
        }
        expectText(count, "Careless: backward gave 1 gradients for 2 inputs")
    }

    @Test(.enabled(if: Device.cpu.isAvailable)) func gradientsOnAnotherDeviceEndTheProcess() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Careless(gradient: .ones([4], device: .other))(Parameter(.zeros([4]))).sum().backward()
        }
        expectText(result, "Careless: ", "on cpu", "on reference")
    }

    /// A value of another type than the inputs' takes its gradient in that type, and gives it in theirs.
    @Test func valuesOfAnotherType() {
        let x = Parameter([1.5, 2.5])
        let wide = Widened()(x)
        #expect(wide.dtype == .float64 && wide.isRecorded)
        (wide * wide).sum().backward()
        expectElements(x.gradient!, [2], [3, 5] as [Float])
        let whole = Truncated()(x)
        #expect(whole.dtype == .int64 && !whole.isRecorded)
    }
}

/// Gives one and the same gradient, whatever the input is.
private struct Careless: DifferentiableFunction {
    let gradient: Tensor
    func forward(_ inputs: [Tensor], _ context: FunctionContext) -> Tensor { inputs[0] * 2 }
    func backward(_ gradient: Tensor, _ context: FunctionContext) -> [Tensor?] { [self.gradient] }
}

private struct Widened: DifferentiableFunction {
    func forward(_ inputs: [Tensor], _ context: FunctionContext) -> Tensor { inputs[0].cast(to: .float64) }
    func backward(_ gradient: Tensor, _ context: FunctionContext) -> [Tensor?] { [gradient.cast(to: .float32)] }
}

private struct Truncated: DifferentiableFunction {
    func forward(_ inputs: [Tensor], _ context: FunctionContext) -> Tensor { inputs[0].cast(to: .int64) }
    func backward(_ gradient: Tensor, _ context: FunctionContext) -> [Tensor?] { [gradient] }
}
