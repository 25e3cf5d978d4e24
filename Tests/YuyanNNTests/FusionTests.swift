import Testing
import Yuyan

/// A layer and the activation after it run in one pass; nobody can tell, except by the time.
@Suite struct FusionTests {
    private final class Alone: Layer {
        let inner: Layer
        init(_ inner: Layer) { self.inner = inner }
        override func forward(_ x: Tensor) -> Tensor { inner(x) }
    }

    private static let activations: [@Sendable () -> Layer] = [
        { ReLU() }, { Sigmoid() }, { Tanh() }, { LeakyReLU(slope: 0.1) }, { LeakyReLU(slope: 0) }, { GELU() },
        { GELU(approximation: .tanh) }, { SiLU() }, { Softplus(beta: 2) },
    ]

    @Test(arguments: activations.indices) func givesWhatTheLayersGiveAlone(_ index: Int) {
        let layers = withSeed(3) {
            [
                Conv2D(inputChannels: 2, outputChannels: 6, kernelSize: 3), Self.activations[index](), Flatten(),
                Linear(inputSize: 96, outputSize: 5), Self.activations[index](),
            ]
        }
        let (fused, separate) = (Sequential(layers), Sequential(layers.map(Alone.init)))
        let x = withSeed(4) { Tensor.normal([3, 2, 6, 6]) }
        let weights = fused.parameters()
        func run(_ net: Sequential) -> [[Float]] {
            for weight in weights { weight.gradient = nil }
            let y = net(x)
            y.squared().sum().backward()
            return [y.array(of: Float.self)] + weights.map { $0.gradient!.array(of: Float.self) }
        }
        for (a, b) in zip(run(fused), run(separate)) {
            #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) })
        }
        // Without a backward pass all are computed in the pass of the layer.
        let (y, expected) = withoutGradients { (fused(x), separate(x)) }
        expectClose(y, expected, 1e-6)
    }

    /// What GELU, SiLU and Softplus are given is kept for their gradient, so they are operations of their own while one is recorded.
    @Test func graphsShowWhatIsComputedInOnePass() {
        func operations(_ activation: Layer) -> [String] {
            let net = Sequential(Linear(inputSize: 3, outputSize: 4), activation)
            return net(Tensor.ones([2, 3])).recordedGraph().nodes.filter { $0.kind == .operation }.map(\.name)
        }
        #expect(operations(LeakyReLU()) == ["linear, leakyReLU"])
        #expect(operations(Tanh()) == ["linear, tanh"])
        #expect(operations(GELU()) == ["linear", "gelu"])
        #expect(operations(SiLU()) == ["linear", "silu"])
        #expect(operations(Softplus()) == ["linear", "softplus"])
    }

    @Test func gradientsOfGradientsGoThrough() throws {
        let net = withSeed(5) {
            Sequential(Linear(inputSize: 3, outputSize: 4), Tanh(), Linear(inputSize: 4, outputSize: 1), Sigmoid())
        }
        net.cast(to: .float64)
        let x = withSeed(6) { Tensor.normal([2, 3], dtype: .float64) }
        try checkGradients(of: { net($0[0]) }, at: [x], order: 2)
    }

    /// Layers keep their places, and an activation without a layer before it runs alone.
    @Test func layersStayWhatTheyAre() {
        let net = Sequential(Linear(inputSize: 3, outputSize: 4), ReLU())
        #expect(net.count == 2)
        #expect(net[1] is ReLU)
        #expect(net(Tensor.ones([2, 3])).shape == [2, 4])
        #expect(Sequential(ReLU(), ReLU())(Tensor([-1.0, 2.0] as [Float])).array(of: Float.self) == [0, 2])
        #expect(
            Sequential(Flatten(), Sigmoid())(Tensor.zeros([2, 3])).array(of: Float.self)
                == [Float](repeating: 0.5, count: 6))
    }
}
