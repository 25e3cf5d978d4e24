import Testing
import Yuyan

/// CURRICULUM default-init and xavier-init.
@Suite struct InitializerTests {
    private func statistics(_ x: Tensor) -> (mean: Double, deviation: Double, largest: Double) {
        (x.mean().item(), x.standardDeviation().item(), x.abs().max().item())
    }

    @Test func defaultsArePyTorchs() {
        let linear = withSeed(1) { Linear(inputSize: 400, outputSize: 300) }
        let convolution = withSeed(2) { Conv2D(inputChannels: 16, outputChannels: 200, kernelSize: 5) }
        for weight in [linear.weight.value, convolution.weight.value] {
            let (mean, deviation, largest) = statistics(weight)
            let bound = 0.05  // 1 / √400: both have a fan-in of 400
            #expect(largest <= bound)
            #expect(abs(deviation - bound / 3.0.squareRoot()) < 0.05 * bound)
            #expect(abs(mean) < 0.01 * bound)
        }
        #expect(statistics(linear.bias!.value).largest <= 0.05)
    }

    @Test func variances() {
        func expectVariance(
            _ initializer: Initializer, _ variance: Double, sourceLocation: SourceLocation = #_sourceLocation
        ) {
            let weight = statistics(withSeed(5) { initializer.tensor([300, 400]) })
            let deviation = variance.squareRoot()
            #expect(abs(weight.deviation / deviation - 1) < 0.025, sourceLocation: sourceLocation)
            #expect(abs(weight.mean) < 0.02 * deviation, sourceLocation: sourceLocation)
        }
        expectVariance(.xavierUniform(), 2.0 / 700)
        expectVariance(.xavierNormal(), 2.0 / 700)
        expectVariance(.kaimingUniform(), 2.0 / 400)
        expectVariance(.kaimingNormal(), 2.0 / 400)
        expectVariance(.normal(standardDeviation: 0.01), 1e-4)
        expectVariance(.uniform(-1..<1), 1.0 / 3)
    }

    @Test func fansOfAConvolutionCountTheKernel() {
        let weight = withSeed(6) { Initializer.xavierUniform().tensor([6, 1, 5, 5]) }
        let (largest, bound) = (weight.abs().max().item(), Double(6.0 / 175).squareRoot())
        #expect(largest <= bound)
        #expect(largest > 0.9 * bound)
    }

    @Test func xavierKeepsTheVarianceOverTenLayers() {
        func ratio(_ initializer: Initializer) -> Double {
            withSeed(7) {
                var x = Tensor.normal([128, 100])
                let before = x.variance().item()
                for _ in 0..<10 { x = x.matmul(initializer.tensor([100, 100])) }
                return x.variance().item() / before
            }
        }
        #expect((1.0 / 3...3).contains(ratio(.xavierNormal())))
        #expect(ratio(.normal()) > 1e10)
        #expect(ratio(.normal(standardDeviation: 0.01)) < 1e-10)
    }

    @Test func constantsAndSeeds() {
        let parameter = Parameter(.zeros([2, 2]))
        parameter.initialize(.constant(1.5))
        expectClose(parameter.value, .full([2, 2], 1.5), 0)
        let draws = (0..<2).map { _ in withSeed(9) { Linear(inputSize: 3, outputSize: 3).weight.value } }
        #expect(draws[0].array(of: Float.self) == draws[1].array(of: Float.self))
    }
}
