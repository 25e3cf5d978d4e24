import Testing
import YuyanCore

@Suite struct FunctionalGradientTests {
    @Test func gradientOfAFunction() {
        let x = Tensor([1, 2, 3], dtype: .float64)
        expectElements(gradient(of: { $0.squared().sum() }, at: x), [3], [2, 4, 6] as [Double])
        let (value, gradients) = valueWithGradients(of: { ($0[0] * $0[1]).sum() }, at: [x, x + 1])
        #expect(value.item() == 20)
        expectElements(gradients[0], [3], [2, 3, 4] as [Double])
        expectElements(gradients[1], [3], [1, 2, 3] as [Double])
        #expect(!gradients[0].isRecorded)
    }

    @Test func parametersInsideCollectNothing() {
        let w = Parameter(Tensor(3.0))
        #expect(gradient(of: { $0 * w }, at: Tensor(2.0)).item() == 3)
        #expect(w.gradient == nil)
        #expect(gradient(of: { $0 * w }, at: w).item() == 3)
        #expect(w.gradient == nil)
    }

    @Test func inputsWithoutInfluenceHaveGradientZero() {
        let found = gradients(of: { $0[0].sum() }, at: [Tensor([1.0]), Tensor([1.0, 2])])
        expectElements(found[1], [2], [0, 0] as [Float])
        expectElements(gradient(of: { _ in Tensor(1.0) }, at: Tensor(5.0)), [], [0] as [Float])
    }

    @Test func secondDerivatives() {
        let x = Tensor([0.5, -1, 2], dtype: .float64)
        let slope = { (x: Tensor) in gradient(of: { $0.pow(3).sum() }, at: x) }
        expectClose(slope(x), 3 * x.squared())
        expectClose(gradient(of: { slope($0).sum() }, at: x), 6 * x)
        // And the third.
        let curvature = { (x: Tensor) in gradient(of: { slope($0).sum() }, at: x) }
        expectClose(gradient(of: { curvature($0).sum() }, at: x), .full(like: x, 6))
    }

    @Test func gradientsInsideALossReachParameters() {
        // d/dw of (d/dx w x²)² at x = 3 is d/dw (6w)² = 72 w.
        let w = Parameter(Tensor(2.0))
        let slope = gradient(of: { w * $0.squared() }, at: Tensor(3.0), recordGraph: true)
        slope.squared().backward()
        #expect(w.gradient!.item() == 144)
    }

    @Test func workInsideNoGrad() {
        #expect(withoutGradients { gradient(of: { $0.squared() }, at: Tensor(3.0)) }.item() == 6)
    }
}

@Suite struct GradientCheckTests {
    /// x³ with the gradient of x².
    private struct WrongCube: DifferentiableFunction {
        func forward(_ inputs: [Tensor], _ context: FunctionContext) -> Tensor {
            context.save(inputs[0])
            return inputs[0].pow(3)
        }
        func backward(_ gradient: Tensor, _ context: FunctionContext) -> [Tensor?] { [gradient * context.saved[0] * 2] }
    }

    @Test func findsAWrongGradient() throws {
        let error = #expect(throws: GradientCheckError.self) {
            try checkGradients(of: { WrongCube()($0[1]) }, at: [Tensor([1.0]), Tensor([0.0, 2])])
        }
        let found = try #require(error)
        #expect(found.input == 1)
        #expect(found.position == 1)
        // The weight of element 1 is 0.5 + 1/7.
        #expect(abs(found.numeric / (0.5 + 1.0 / 7) - 12) < 1e-6)
        #expect(abs(found.analytic / (0.5 + 1.0 / 7) - 4) < 1e-12)
        #expect("\(found)".hasPrefix("gradient check: input 1, element 1: backward gives 2.57"))
    }

    @Test func findsAGradientThatIsNotANumber() {
        #expect(throws: GradientCheckError.self) {
            try checkGradients(of: { $0[0].log() * Tensor([0.0]) }, at: [Tensor([0.0])])
        }
    }

    @Test func findsAWrongSecondGradient() throws {
        /// x² whose gradient is right but hidden from the second sweep.
        struct Hidden: DifferentiableFunction {
            func forward(_ inputs: [Tensor], _ context: FunctionContext) -> Tensor {
                context.save(inputs[0])
                return inputs[0].squared()
            }
            func backward(_ gradient: Tensor, _ context: FunctionContext) -> [Tensor?] {
                [gradient * context.saved[0].detached() * 2]
            }
        }
        try checkGradients(of: { Hidden()($0[0]) }, at: [Tensor([1.0, 2])])
        #expect(throws: GradientCheckError.self) {
            try checkGradients(of: { Hidden()($0[0]) }, at: [Tensor([1.0, 2])], order: 2)
        }
    }

    @Test func acceptsARightOne() throws {
        try checkGradients(of: { ($0[0].matmul($0[1])).tanh() }, at: [.normal([3, 2]), .normal([2, 4])], order: 2)
    }
}
