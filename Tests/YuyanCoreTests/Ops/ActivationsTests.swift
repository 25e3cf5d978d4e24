import Testing
import YuyanBackend
import YuyanCore

/// What the samples of the catalogue do not reach: edges, and the numbers of the papers.
@Suite struct ActivationsTests {
    private static let edges: [Double] = [-.infinity, -1e30, -1000, -0.0, 0, 1000, 1e30, .infinity, .nan]

    private struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let call: @Sendable (Tensor) -> Tensor
        /// At `edges`.
        let slopes: [Double]
        /// y / x at −∞.
        var left = 0.0
    }

    private static let cases = [
        Case(testDescription: "gelu", call: { $0.gelu() }, slopes: [0, 0, 0, 0.5, 0.5, 1, 1, 1, .nan]),
        Case(
            testDescription: "gelu by tanh", call: { $0.gelu(approximation: .tanh) },
            slopes: [0, 0, 0, 0.5, 0.5, 1, 1, 1, .nan]),
        Case(testDescription: "silu", call: { $0.silu() }, slopes: [0, 0, 0, 0.5, 0.5, 1, 1, 1, .nan]),
        Case(
            testDescription: "leakyReLU", call: { $0.leakyReLU(slope: 0.25) },
            slopes: [0.25, 0.25, 0.25, 0.25, 0.25, 1, 1, 1, 0.25], left: 0.25),
    ]

    @Test(arguments: cases, [DType.float32, .float64]) private func edges(_ testCase: Case, _ dtype: DType) {
        let values = ActivationsTests.edges
        let x = Parameter(Tensor(values, dtype: dtype))
        let y = testCase.call(x.tensor)
        y.sum().backward()
        let expected = values.map { $0 < 0 ? (testCase.left == 0 ? -0.0 : $0 * testCase.left) : $0 }
        let (found, slopes) = (y.array(of: Double.self), x.gradient!.array(of: Double.self))
        for (place, x) in values.enumerated() {
            let isSame = { (a: Double, b: Double) in a.isNaN ? b.isNaN : abs(a - b) <= 1e-6 * abs(b) || a == b }
            #expect(isSame(found[place], expected[place]), "\(x) gives \(found[place])")
            #expect(isSame(slopes[place], testCase.slopes[place]), "\(x) has slope \(slopes[place])")
            // The sign of 0 is that of x.
            if found[place] == 0 { #expect(found[place].sign == x.sign, "\(x)") }
        }
    }

    /// Φ(1) = 0.841344746, sigmoid(1) = 0.731058579.
    @Test func valuesAtOne() {
        let x = Tensor([1, -1], dtype: .float64)
        expectClose(x.gelu(), Tensor([0.841344746, 0.841344746 - 1], dtype: .float64), tolerance: 1e-9)
        expectClose(x.silu(), Tensor([0.731058579, 0.731058579 - 1], dtype: .float64), tolerance: 1e-9)
        expectClose(x.leakyReLU(), Tensor([1, -0.01], dtype: .float64), tolerance: 0)
        // The approximation is one.
        let many = Tensor(Array(stride(from: -6.0, through: 6, by: 0.01)), dtype: .float64)
        let apart = (many.gelu() - many.gelu(approximation: .tanh)).abs().max()
        #expect(apart.item() > 1e-4 && apart.item() < 5e-4)
    }

    /// GELU's smallest value is −0.16997 at −0.75179, SiLU's −0.27846 at −1.27846: their slopes there are 0.
    @Test func smallestValues() {
        let x = Parameter(Tensor([-0.7517915], dtype: .float64))
        x.tensor.gelu().sum().backward()
        #expect(abs(x.gradient!.item()) < 1e-6)
        #expect(abs(x.value.gelu().item() + 0.1699712) < 1e-6)
        let z = Parameter(Tensor([-1.2784645], dtype: .float64))
        z.tensor.silu().sum().backward()
        #expect(abs(z.gradient!.item()) < 1e-6)
        #expect(abs(z.value.silu().item() + 0.2784645) < 1e-6)
    }

    /// log(1 + e^βx) / β where it is a limit: 0 and x, in all types.
    @Test(arguments: [DType.float32, .float64, .bfloat16], [1.0, 0.875, 4]) func softplusAtEdges(
        _ dtype: DType, beta: Double
    ) {
        let x = Parameter(Tensor(ActivationsTests.edges, dtype: dtype))
        let y = x.tensor.softplus(beta: beta)
        y.sum().backward()
        let values = x.value.array(of: Double.self)
        let (found, slopes) = (y.array(of: Double.self), x.gradient!.array(of: Double.self))
        for (place, x) in values.enumerated() where !x.isNaN && x != 0 {
            #expect(found[place] == max(x, 0) && found[place].sign == .plus, "\(x) gives \(found[place])")
            #expect(slopes[place] == (x < 0 ? 0 : 1), "\(x) has slope \(slopes[place])")
        }
        let tolerance = dtype == .bfloat16 ? 1.0 / 256 : 1e-7
        #expect(found.last!.isNaN && slopes.last!.isNaN)
        #expect(abs(found[4] * beta / 0.6931471805599453 - 1) < tolerance && slopes[3] == 0.5 && slopes[4] == 0.5)
        // Every other element, and none.
        let view = Tensor(ActivationsTests.edges.flatMap { [$0, 7] }, dtype: dtype).reshaped([9, 2])[.all, 0]
        #expect(view.softplus(beta: beta).array(of: Double.self).dropLast() == found.dropLast())
        #expect(Tensor.zeros([0, 3], dtype: dtype).softplus(beta: beta).shape == [0, 3])
    }

    /// From βx = 20 on the line itself, as PyTorch's, and before it the logarithm; far left e^βx / β, to the last bits.
    @Test func softplusMeetsItsLine() {
        for beta in [1.0, 0.5, 4] {
            let x = Tensor([19.99 / beta, 20.01 / beta, -30 / beta, -700 / beta], dtype: .float64)
            let y = (x.softplus(beta: beta) * beta).array(of: Double.self)
            #expect(abs(y[0] - 19.99 - 2.08187e-9) < 1e-13 && y[1] == 20.01)
            // e⁻³⁰ and e⁻⁷⁰⁰; the next term is half their square.
            #expect(abs(y[2] / 9.357622968840175e-14 - 1) < 1e-12 && abs(y[3] / 9.859676543759770e-305 - 1) < 1e-12)
        }
        let far = Tensor([-30, -80], dtype: .float32).softplus().array(of: Double.self)
        #expect(abs(far[0] / 9.357622968840175e-14 - 1) < 3e-7 && abs(far[1] / 1.8048513878454153e-35 - 1) < 3e-7)
        // The second derivative is 0 on the line.
        let curvature = gradient(
            of: { gradient(of: { $0.softplus(beta: 2).sum() }, at: $0).sum() }, at: Tensor([0, 21], dtype: .float64))
        expectClose(curvature, Tensor([0.5, 0], dtype: .float64), tolerance: 1e-15)
    }

    @Test func betasMustBeNumbersAboveZero() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor([1.0]).softplus(beta: 0)
        }
        expectText(result, "softplus: beta must be above 0, and finite, not 0.0")
    }

    @Test func slopesMustBeNumbersFromZeroOn() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor([1.0]).leakyReLU(slope: -0.1)
        }
        expectText(result, "leakyReLU: the slope must be 0 or more, and finite, not -0.1")
    }

    @Test func integersBecomeReal() {
        expectClose(Tensor([-100, 3]).leakyReLU(), Tensor([-1, 3] as [Float]))
        #expect(Tensor([1]).gelu().dtype == .float32 && Tensor([1]).silu().dtype == .float32)
    }
}
