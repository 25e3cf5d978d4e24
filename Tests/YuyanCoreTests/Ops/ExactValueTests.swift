import Testing
import YuyanBackend
import YuyanCore

/// Values that follow from the definitions, as the book and its study notes give them.
@Suite struct ExactValueTests {
    @Test func norms() {
        let u = Tensor([3, -4] as [Float])
        #expect(u.norm().item() == 5)
        #expect(u.norm(1).item() == 7)
        #expect(Tensor.ones([4, 9]).norm().item() == 6)
    }

    /// How much of a normal distribution lies within one, two and three deviations of its mean.
    @Test func errorFunction() {
        let deviations = Tensor([1.0, 2, 3], dtype: .float64)
        let shares = (deviations / 2.0.squareRoot()).erf()
        expectClose(shares, Tensor([0.682689492, 0.954499736, 0.997300204], dtype: .float64), tolerance: 1e-9)
        let edges = Tensor([-.infinity, -0.0, 0, .infinity, .nan] as [Float])
        expectClose(edges.erf(), Tensor([-1, 0, 0, 1, .nan] as [Float]), tolerance: 0)
        let x = Parameter(Tensor([0.0, 30, .infinity] as [Float]))
        x.tensor.erf().sum().backward()
        expectClose(x.gradient!, Tensor([1.128379167, 0, 0] as [Float]))
    }

    @Test func squaredLoss() {
        let (predictions, targets) = (Tensor([1, 2, 3] as [Float]), Tensor([1, 0, 0] as [Float]))
        let losses = (predictions - targets).squared() / 2
        expectElements(losses, [3], [0, 2, 4.5] as [Float])
        #expect(abs(losses.mean().item() - 2.1667) < 1e-4)
        #expect(abs(meanSquaredError(predictions, targets).item() - 13.0 / 3) < 1e-5)
    }

    @Test(arguments: [(0.05, 3.486784), (0.2, 0.060466), (1.1, 61.917364)])
    func gradientDescentOnAParabola(_ learningRate: Double, _ expected: Double) {
        let x = Parameter(Tensor(10.0, dtype: .float64))
        for _ in 0..<10 {
            x.gradient = nil
            x.tensor.squared().backward()
            x.value -= learningRate * x.gradient!
        }
        #expect(abs(x.value.item() - expected) < 1e-6)
    }

    @Test func softmaxOfThreeLogits() {
        let logits = Tensor([-1, 0, 1] as [Float])
        let expected = Tensor([0.09003, 0.24473, 0.66524] as [Float])
        expectClose(logits.softmax(axis: 0), expected, tolerance: 1e-5)
        let byHand = logits.exp() / logits.exp().sum(axes: [0], keepDimensions: true)
        expectClose(logits.softmax(axis: 0), byHand)
        expectClose(logits.logSoftmax(axis: 0).exp(), byHand)
    }

    @Test func crossEntropyOfClassIndices() {
        let logits: [Tensor] = [[[2, 1, 0.1]], [[-1.0, 0.0, 1.0]]]
        #expect(abs(crossEntropy(logits[0], Tensor([0])).item() - 0.41703) < 1e-5)
        #expect(abs(crossEntropy(logits[1], Tensor([2])).item() - 0.40761) < 1e-5)
        let probabilities: Tensor = [[0.1, 0.3, 0.6], [0.3, 0.2, 0.5]]
        let targets = Tensor([0, 2])
        let picked = probabilities[Tensor([0, 1]), targets]
        expectElements(picked, [2], [0.1, 0.5] as [Float])
        expectClose(-picked.log(), Tensor([2.3026, 0.6931] as [Float]), tolerance: 1e-4)
        // Logarithms of probabilities are logits.
        expectClose(
            crossEntropy(probabilities.log(), targets, reduction: .none), -picked.log(), tolerance: 1e-6)
        let hits = (probabilities.argmax(axis: 1) .== targets).mean()
        #expect(hits.item() == 0.5)
    }

    @Test func crossEntropyIsFiniteForHugeLogits() {
        let x: Tensor = [[1000, -1000, 0], [-1000, 1000, 1000]]
        let loss = crossEntropy(x.cast(to: .float32), Tensor([1, 2]), reduction: .none)
        expectClose(loss, Tensor([2000, Float(0.6931472)]), tolerance: 1e-6)
    }

    @Test func crossEntropyGradientIsSoftmaxMinusOneHot() {
        let logits = Parameter(Tensor([[2, 1, 0.1], [0, 3, 0]] as [[Float]]))
        let targets = Tensor([0, 2])
        crossEntropy(logits, targets).backward()
        let expected = (logits.value.softmax(axis: 1) - oneHot(targets, classCount: 3)) / 2
        expectClose(logits.gradient!, expected, tolerance: 1e-6)
    }

    @Test func sigmoidGradient() {
        let x = Parameter(.arange(-8.0, 8.0, step: 0.1))
        let y = x.tensor.sigmoid()
        y.backward(.ones(like: y))
        let slope = x.gradient!
        expectClose(slope, y.detached() * (1 - y.detached()))
        #expect(abs(slope.max().item() - 0.25) < 1e-6)
        #expect(abs(slope[0].item() - 3.3524e-4) < 1e-7)
        expectClose(x.value.tanh() + 1, 2 * (2 * x.value).sigmoid(), tolerance: 1e-6)
    }

    @Test func reluIsFlatAtZero() {
        let x = Parameter(Tensor([-1, 0, 2] as [Float]))
        x.tensor.relu().sum().backward()
        expectElements(x.gradient!, [3], [0, 0, 1] as [Float])
    }

    @Test func productsOfRandomMatricesExplode() {
        let product = withSeed(11) {
            (0..<100).reduce(Tensor.normal([4, 4])) { product, _ in product.matmul(Tensor.normal([4, 4])) }
        }
        let largest = product.abs().max().item()
        #expect(largest > 1e18 && largest < 1e32)
    }

    @Test func batchedProducts() {
        expectElements(
            Tensor.ones([2, 1, 3]).matmul(Tensor.ones([2, 3, 2])), [2, 1, 2], [3, 3, 3, 3] as [Float])
        #expect(Tensor.ones([2, 1, 4]).matmul(Tensor.ones([2, 4, 6])).shape == [2, 1, 6])
        let weights = Tensor.full([2, 10], 0.1).expandingShape(at: 1)
        let values = Tensor.arange(20, dtype: .float32).reshaped([2, 10]).expandingShape(at: -1)
        expectClose(weights.matmul(values).squeezed(), Tensor([4.5, 14.5] as [Float]))
    }

    @Test func dropout() {
        let x = Tensor.arange(16, dtype: .float32).reshaped([2, 8])
        #expect(x.dropout(probability: 0).array(of: Float.self) == x.array(of: Float.self))
        #expect(x.dropout(probability: 1).array(of: Float.self) == [Float](repeating: 0, count: 16))
        let half = withSeed(1) { x.dropout(probability: 0.5) }
        #expect(((half .== 0) .| (half .== x * 2)).all())
        let ones = withSeed(2) { Tensor.ones([100_000]).dropout(probability: 0.2) }
        #expect(abs(ones.mean().item() - 1) < 0.02)
        #expect(abs((ones .== 0).mean().item() - 0.2) < 0.01)
    }

    @Test func embeddingIsAProductWithOneHotRows() {
        let table = Parameter(withSeed(3) { Tensor.normal([5, 3]) })
        let words = Tensor([[1, 4], [1, 0]])
        let rows = table[words]
        #expect(rows.shape == [2, 2, 3])
        expectClose(rows, oneHot(words, classCount: 5).cast(to: .float32).matmul(table))
        rows.sum().backward()
        expectElements(table.gradient!.sum(axis: 1), [5], [3, 6, 0, 0, 3] as [Float])
    }

    @Test func bagOfWordsIsTheSumOfOneHotRows() {
        expectElements(oneHot(Tensor([0, 1, 2, 1]), classCount: 4).sum(axis: 0), [4], [1, 2, 1, 0])
    }

    @Test func reductionsOfUnusualTensors() {
        #expect(Tensor.zeros([0]).sum().item() == 0)
        #expect(Tensor.zeros([0]).product().item() == 1)
        #expect(Tensor.zeros([0]).mean().item().isNaN)
        #expect(Tensor([1, .nan, 3] as [Float]).max().item().isNaN)
        #expect(maximum(Tensor([Float.nan]), Tensor([Float(1)])).item().isNaN)
        #expect(Tensor([3, 7, 7, 1]).argmax().item() == 1)
        #expect(Tensor([3, 1, 7, 1]).argmin().item() == 1)
        #expect(Tensor([true, true, false]).sum().dtype == .int64)
        #expect(Tensor([1, 2]).mean().item() == 1.5)
        #expect(Tensor([true, false]).any() && !Tensor([true, false]).all())
    }

    @Test func equalElementsShareTheGradientOfAMaximum() {
        let x = Parameter(Tensor([2, 5, 5] as [Float]))
        x.tensor.max().backward()
        expectElements(x.gradient!, [3], [0, 0.5, 0.5] as [Float])
    }

    @Test func backPropagationByHand() {
        // z = W₁x, h = σ(z), o = W₂h, J = ½|o − y|² + λ/2 (|W₁|² + |W₂|²); a sample is a column.
        let (first, second) = withSeed(4) { (Parameter(Tensor.normal([4, 3])), Parameter(Tensor.normal([2, 4]))) }
        let (x, y) = withSeed(5) { (Tensor.normal([3, 1]), Tensor.normal([2, 1])) }
        let decay = 0.1
        let h = first.tensor.matmul(x).sigmoid()
        let o = second.tensor.matmul(h)
        let loss = (o - y).squared().sum() / 2
        let penalty = (first.tensor.squared().sum() + second.tensor.squared().sum()) * (decay / 2)
        (loss + penalty).backward()

        let outputGradient = o.detached() - y
        let hidden = h.detached()
        expectClose(
            second.gradient!, outputGradient.matmul(hidden.transposed()) + decay * second.value, tolerance: 1e-5)
        let hiddenGradient = second.value.transposed().matmul(outputGradient) * hidden * (1 - hidden)
        expectClose(first.gradient!, hiddenGradient.matmul(x.transposed()) + decay * first.value, tolerance: 1e-5)
    }

    @Test func minibatchGradientsAverageToTheFullOne() {
        let (x, y) = withSeed(6) { (Tensor.normal([20, 3]), Tensor.normal([20, 1])) }
        let w = Tensor.ones([3, 1])
        let slope = { (rows: Range<Int>) in gradient(of: { meanSquaredError(x[rows].matmul($0), y[rows]) }, at: w) }
        let mean =
            stride(from: 0, to: 20, by: 5).map { slope($0..<$0 + 5) }.reduce(Tensor.zeros([3, 1])) { $0 + $1 } / 4
        expectClose(mean, slope(0..<20), tolerance: 1e-5)
    }
}
