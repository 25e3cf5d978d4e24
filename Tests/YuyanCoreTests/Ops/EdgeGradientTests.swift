import Testing
import YuyanBackend
import YuyanCore

/// Values and gradients at zeros, ties and infinities, as PyTorch defines them, in both types of real numbers.
@Suite struct EdgeGradientTests {
    static let types = [DType.float32, .float64]

    /// Fails unless `body` and the gradient of its sum have these values at `x`.
    private func expect(
        _ body: (Tensor) -> Tensor, at x: [Double], _ dtype: DType, value: [Double]? = nil, gradient expected: [Double],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let x = Tensor(x, dtype: dtype)
        if let value {
            let y = body(x)
            expectClose(
                y, Tensor(value, shape: y.shape, dtype: dtype), tolerance: Tolerance.of(dtype).value, "value",
                sourceLocation: sourceLocation)
        }
        expectClose(
            gradient(of: { body($0).sum() }, at: x), Tensor(expected, dtype: dtype),
            tolerance: Tolerance.of(dtype).value, "gradient", sourceLocation: sourceLocation)
    }

    /// The matrix of second derivatives of a function to a scalar.
    private func hessian(_ body: @escaping (Tensor) -> Tensor, at x: [Double]) -> [Double] {
        x.indices.flatMap { row in
            gradient(
                of: { x in gradient(of: body, at: x, recordGraph: true)[row] }, at: Tensor(x, dtype: .float64)
            ).array(of: Double.self)
        }
    }

    @Test(arguments: types) func normAtZero(_ dtype: DType) {
        for p in [0.5, 1, 1.5, 2, 3, -1, -2] {
            expect({ $0.norm(p) }, at: [0, 0, 0], dtype, value: [0], gradient: [0, 0, 0])
        }
        // x / ‖x‖ where that is not 0, line by line.
        let x = Tensor([[3.0, 4], [0, 0]], dtype: dtype)
        expectClose(
            gradient(of: { $0.norm(axis: 1).sum() }, at: x), Tensor([[0.6, 0.8], [0, 0]], dtype: dtype))
        // A zero beside other numbers: sign x (|x| / ‖x‖)^(p − 1).
        expect({ $0.norm(0.5) }, at: [4, 0], dtype, value: [4], gradient: [1, 0])
        expect({ $0.norm(3) }, at: [-2, 0], dtype, value: [2], gradient: [-1, 0])
        // 1 / (1/4 + 1/4) = 2; the gradient is (|x| / ‖x‖)⁻² = 1/4.
        expect({ $0.norm(-1) }, at: [4, -4], dtype, value: [2], gradient: [0.25, -0.25])
        expect({ $0.norm(-1) }, at: [4, 0], dtype, value: [0], gradient: [0, 0])
    }

    @Test func secondDerivativesOfANorm() {
        // (1 − x xᵀ / ‖x‖²) / ‖x‖ at (3, 4), and nothing at 0.
        let expected = [16.0, -12, -12, 9].map { $0 / 125 }
        let found = hessian({ $0.norm() }, at: [3, 4])
        for (found, wanted) in zip(found, expected) { #expect(abs(found - wanted) < 1e-12) }
        #expect(hessian({ $0.norm() }, at: [0, 0]) == [0, 0, 0, 0])
        #expect(hessian({ $0.norm(1.5) }, at: [0, 0]) == [0, 0, 0, 0])
        #expect(hessian({ $0.norm(3) }, at: [2, 0]) == [0, 0, 0, 0])
    }

    @Test(arguments: types) func infiniteNorms(_ dtype: DType) {
        expect({ $0.norm(.infinity) }, at: [1, -5, 3], dtype, value: [5], gradient: [0, -1, 0])
        expect({ $0.norm(-.infinity) }, at: [1, -5, 3], dtype, value: [1], gradient: [1, 0, 0])
        // Ties share.
        expect({ $0.norm(.infinity) }, at: [2, -2, 1], dtype, value: [2], gradient: [0.5, -0.5, 0])
        expect({ $0.norm(-.infinity) }, at: [-1, 1, 2], dtype, value: [1], gradient: [-0.5, 0.5, 0])
        expect({ $0.norm(.infinity) }, at: [0, 0], dtype, value: [0], gradient: [0, 0])
        let rows = Tensor([[1.0, -3], [4, 2]], dtype: dtype)
        expectClose(rows.norm(.infinity, axis: 1), Tensor([3.0, 4], dtype: dtype))
        expectClose(rows.norm(-.infinity, axis: 0, keepDimensions: true), Tensor([[1.0, 2]], dtype: dtype))
    }

    @Test(arguments: types) func normThatCounts(_ dtype: DType) {
        expect({ $0.norm(0) }, at: [0, -5, 3, 0], dtype, value: [2], gradient: [0, 0, 0, 0])
        expectClose(Tensor([[0.0, 1], [0, 0]], dtype: dtype).norm(0, axis: 1), Tensor([1.0, 0], dtype: dtype))
    }

    @Test(arguments: types) func normsOfHugeAndTinyNumbers(_ dtype: DType) {
        for scale in dtype == .float32 ? [1e20, 1e-30] : [1e200, 1e-200] {
            let x = Tensor([3 * scale, -4 * scale], dtype: dtype)
            #expect(abs(x.norm().item() / scale - 5) < 1e-5)
            #expect(abs(x.norm(3).item() / scale - 4.497941445275415) < 1e-5)  // 91^(1/3)
            #expect(abs(x.norm(-2).item() / scale - 2.4) < 1e-5)  // (1/9 + 1/16)^(−1/2)
            expectClose(
                gradient(of: { $0.norm() }, at: x), Tensor([0.6, -0.8], dtype: dtype),
                tolerance: Tolerance.of(dtype).value)
        }
        #expect(Tensor([1, Double.infinity], dtype: dtype).norm().item() == .infinity)
        #expect(Tensor([1, Double.nan], dtype: dtype).norm().item().isNaN)
        #expect(Tensor.zeros([0], dtype: dtype).norm().item() == 0)
    }

    @Test(arguments: types) func standardDeviationOfEqualNumbers(_ dtype: DType) {
        expect({ $0.standardDeviation() }, at: [2, 2, 2], dtype, value: [0], gradient: [0, 0, 0])
        // (x − mean) / ((n − 1) deviation)
        let root = 2.0.squareRoot()
        expect({ $0.standardDeviation() }, at: [1, 3], dtype, value: [root], gradient: [-1 / root, 1 / root])
        #expect(Tensor([2.0], dtype: dtype).standardDeviation().item().isNaN)
        #expect(Tensor([2.0], dtype: dtype).variance(correction: 2).item().isNaN)
        #expect(hessian({ $0.standardDeviation() }, at: [2, 2]) == [0, 0, 0, 0])
    }

    @Test(arguments: types) func powersOfZero(_ dtype: DType) {
        for (exponent, value, slope) in [(2.0, 0.0, 0.0), (1, 0, 1), (0, 1, 0), (3, 0, 0)] {
            expect({ $0.pow(exponent) }, at: [0], dtype, value: [value], gradient: [slope])
            let exponents = Tensor([exponent], dtype: dtype)
            expect({ $0.pow(exponents) }, at: [0], dtype, value: [value], gradient: [slope])
            // ∂xᵉ/∂e at x = 0 is 0 for e ≥ 0.
            let zero = Tensor([0.0], dtype: dtype)
            expect({ zero.pow($0) }, at: [exponent], dtype, value: [value], gradient: [0])
            expect(
                { Op.ScalarArithmetic.call(.power, $0, 0.0, scalarIsLeft: true) }, at: [exponent], dtype,
                value: [value],
                gradient: [0])
        }
        // Below, 0⁻¹ = ∞, and the gradient ∞ · ln 0 = −∞.
        let zero = Tensor([0.0], dtype: dtype)
        expect({ zero.pow($0) }, at: [-1], dtype, value: [.infinity], gradient: [-.infinity])
        // x⁰ is constant, also where x⁻¹ is not finite.
        let none = Tensor([0.0], dtype: dtype)
        expect({ $0.pow(none) }, at: [.nan], dtype, gradient: [0])
        expect({ $0.pow(none) }, at: [4], dtype, value: [1], gradient: [0])
    }

    @Test func secondDerivativesOfPowersOfZero() {
        // d²(xʸ) = y (y − 1) xʸ⁻² and so on; none where a logarithm of 0 would enter.
        #expect(hessian({ $0[0].pow($0[1]) }, at: [0, 2]) == [2, 0, 0, 0])
        #expect(hessian({ $0[0].pow($0[1]) }, at: [0, 0]) == [0, 0, 0, 0])
        #expect(hessian({ $0.pow(2).sum() }, at: [0, 0]) == [2, 0, 0, 2])
        // Where x ≠ 0, d²(xʸ)/dx dy at y = 0 is 1 / x, and d²/dy² is ln² x.
        let found = hessian({ $0[0].pow($0[1]) }, at: [1, 0])
        #expect(found == [0, 1, 1, 0])
    }

    @Test(arguments: types) func productsWithZeros(_ dtype: DType) {
        expect({ $0.product() }, at: [2, 3, 4], dtype, value: [24], gradient: [12, 8, 6])
        expect({ $0.product() }, at: [2, 0, 4], dtype, value: [0], gradient: [0, 8, 0])
        expect({ $0.product() }, at: [0, 3, 0], dtype, value: [0], gradient: [0, 0, 0])
        expect({ $0.product() }, at: [5], dtype, value: [5], gradient: [1])
        expect({ $0.product() }, at: [0], dtype, value: [0], gradient: [1])
        let x = Tensor([[2.0, 0, 5], [1, 3, 2]], dtype: dtype)
        expectClose(
            gradient(of: { $0.product(axis: 1).sum() }, at: x), Tensor([[0.0, 10, 0], [6, 2, 3]], dtype: dtype))
        expectClose(
            gradient(of: { $0.product(axis: 0).sum() }, at: x), Tensor([[1.0, 3, 2], [2, 0, 5]], dtype: dtype))
        // Several axes that are no neighbours: 1 · 2 · 3 · 0 and 4 · 5 · 6 · 7.
        let cube = Tensor([1.0, 2, 4, 5, 3, 0, 6, 7], shape: [2, 2, 2], dtype: dtype)
        expectClose(
            gradient(of: { $0.product(axes: [0, 2]).sum() }, at: cube),
            Tensor([0.0, 0, 210, 168, 0, 6, 140, 120], shape: [2, 2, 2], dtype: dtype))
    }

    @Test func secondDerivativesOfProductsWithZeros() {
        #expect(hessian({ $0.product() }, at: [2, 3, 4]) == [0, 4, 3, 4, 0, 2, 3, 2, 0])
        #expect(hessian({ $0.product() }, at: [2, 0, 4]) == [0, 4, 0, 4, 0, 2, 0, 2, 0])
        #expect(hessian({ $0.product() }, at: [0, 0, 4]) == [0, 4, 0, 4, 0, 0, 0, 0, 0])
    }

    @Test(arguments: types) func logSumExpOfInfinities(_ dtype: DType) {
        let (infinity, log2) = (Double.infinity, 0.6931471805599453)
        expect(
            { $0.logSumExp(axis: 0) }, at: [-infinity, -infinity], dtype, value: [-infinity], gradient: [0, 0])
        expect(
            { $0.logSumExp(axis: 0) }, at: [0, -infinity, 0], dtype, value: [log2], gradient: [0.5, 0, 0.5])
        // The limit: what is infinite has all of the gradient.
        expect({ $0.logSumExp(axis: 0) }, at: [infinity, 1], dtype, value: [infinity], gradient: [1, 0])
        expect({ $0.logSumExp(axis: 0) }, at: [infinity, infinity], dtype, value: [infinity], gradient: [0.5, 0.5])
        #expect(Tensor([1, Double.nan], dtype: dtype).logSumExp(axis: 0).item().isNaN)
        let rows = Tensor([[-infinity, -infinity], [0, 0]], dtype: dtype)
        expectClose(rows.logSumExp(axis: 1), Tensor([-infinity, log2], dtype: dtype))
        expectClose(rows.logSumExp(axis: 1, keepDimensions: true), Tensor([[-infinity], [log2]], dtype: dtype))
        expectClose(
            Tensor.zeros([2, 0], dtype: dtype).logSumExp(axis: 1), Tensor([-infinity, -infinity], dtype: dtype))
        // p (1 − p) on the diagonal and −p p beside it; nothing at infinities.
        let curvature = hessian({ $0.logSumExp(axis: 0) }, at: [0, 0])
        for (found, wanted) in zip(curvature, [0.25, -0.25, -0.25, 0.25]) { #expect(abs(found - wanted) < 1e-12) }
        #expect(hessian({ $0.logSumExp(axis: 0) }, at: [-infinity, -infinity]) == [0, 0, 0, 0])
        #expect(hessian({ $0.logSumExp(axis: 0) }, at: [infinity, 0]) == [0, 0, 0, 0])
    }

    @Test(arguments: types) func positionOfTheFirstNaN(_ dtype: DType) {
        let x = Tensor([1, .nan, 0, .nan], dtype: dtype)
        #expect(x.argmin().item() == 1)
        #expect(x.argmax().item() == 1)
        let rows = Tensor([[3, 1, 2], [.nan, 0, 1], [2, 5, .nan]], dtype: dtype)
        expectElements(rows.argmin(axis: 1), [3], [1, 0, 2])
        expectElements(rows.argmax(axis: 1), [3], [0, 0, 2])
        expectElements(rows.argmin(axis: 0), [3], [1, 1, 2])
        expectElements(rows.argmax(axis: 0), [3], [1, 2, 2])
    }

    @Test(arguments: types) func signs(_ dtype: DType) {
        expect(
            { $0.sign() }, at: [.nan, -.infinity, -2, 0, 3], dtype, value: [0, -1, -1, 0, 1],
            gradient: [0, 0, 0, 0, 0])
    }

    @Test(arguments: types) func scalarsAsVectors(_ dtype: DType) {
        let x = Tensor(3.0, dtype: dtype)
        for axis in [0, -1] {
            expectClose(x.softmax(axis: axis), Tensor(1.0, dtype: dtype))
            expectClose(x.logSoftmax(axis: axis), Tensor(0.0, dtype: dtype))
            expectClose(x.cumulativeSum(axis: axis), x)
            expectClose(x.logSumExp(axis: axis), x)
            expectClose(x.sum(axis: axis), x)
            expectClose(x.max(axis: axis), x)
            expectClose(x.norm(axis: axis), x)
            #expect(x.argmax(axis: axis).item() == 0 && x.argmax(axis: axis).shape == [])
            #expect(gradient(of: { $0.softmax(axis: axis) }, at: x).item() == 0)
            #expect(gradient(of: { $0.logSoftmax(axis: axis) }, at: x).item() == 0)
            #expect(gradient(of: { $0.cumulativeSum(axis: axis) }, at: x).item() == 1)
        }
    }

    /// Nothing in, or nothing out: sums of nothing, and their gradients.
    @Test(arguments: types) func emptyLinearMaps(_ dtype: DType) {
        let bias = Tensor([1.0, 2], dtype: dtype)
        let inputs = Tensor.zeros([3, 4, 0], dtype: dtype)
        let ofNothing = gradients(
            of: { linear($0[0], weight: $0[1], bias: $0[2]).sum() },
            at: [inputs, .zeros([2, 0], dtype: dtype), bias])
        #expect(ofNothing[0].shape == [3, 4, 0] && ofNothing[1].shape == [2, 0])
        expectClose(ofNothing[2], Tensor([12.0, 12], dtype: dtype), tolerance: 0)
        let toNothing = gradients(
            of: { linear($0[0], weight: $0[1]).sum() },
            at: [.ones([3, 4, 5], dtype: dtype), .zeros([0, 5], dtype: dtype)])
        expectClose(toNothing[0], .zeros([3, 4, 5], dtype: dtype), tolerance: 0)
        #expect(toNothing[1].shape == [0, 5])
        let classless = Tensor.zeros([0, 0, 3], dtype: dtype)
        #expect(crossEntropy(classless, Tensor.zeros([0, 3], dtype: .int64), reduction: .none).shape == [0, 3])
    }

    @Test(arguments: types) func linearMapOfAVector(_ dtype: DType) {
        let weight = Parameter(Tensor([[1.0, 2], [3, 4], [5, 6]], dtype: dtype))
        let bias = Parameter(Tensor([10.0, 20, 30], dtype: dtype))
        let x = Parameter(Tensor([1.0, -1], dtype: dtype))
        let y = linear(x, weight: weight, bias: bias)
        expectClose(y, Tensor([9.0, 19, 29], dtype: dtype))
        (y * Tensor([1.0, 2, 3], dtype: dtype)).sum().backward()
        expectClose(x.gradient!, Tensor([22.0, 28], dtype: dtype))
        expectClose(weight.gradient!, Tensor([[1.0, -1], [2, -2], [3, -3]], dtype: dtype))
        expectClose(bias.gradient!, Tensor([1.0, 2, 3], dtype: dtype))
        expectClose(linear(x.value, weight: weight, activation: .relu), Tensor([0.0, 0, 0], dtype: dtype))
    }

    @Test func trapsOfEdges() async {
        let norm = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 0]).norm(.infinity, axis: 1)
        }
        expectText(norm, "norm: an empty axis has no norm(inf)", "EdgeGradientTests.swift:")
        let vector = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = linear(Tensor.zeros([3]), weight: Tensor.zeros([2, 4]))
        }
        expectText(vector, "linear: the input's last axis must equal", "= [3]", "EdgeGradientTests.swift:")
    }
}
