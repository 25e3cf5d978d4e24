import Testing
import YuyanCore
import YuyanData

@Suite struct SyntheticLinearDataTests {
    @Test func followsTheModel() {
        let weight = [2, -3.4]
        let bias = 4.2
        let (features, labels) = withSeed(1) {
            syntheticLinearData(weight: Tensor([2, -3.4] as [Float]), bias: bias, count: 1000)
        }
        #expect(features.shape == [1000, 2])
        #expect(labels.shape == [1000, 1])
        #expect(!labels.isRecorded)
        let x = features.array(of: Double.self)
        let y = labels.array(of: Double.self)
        var squares = 0.0
        var sums = [0.0, 0.0]
        for i in 0..<1000 {
            let residual = y[i] - (x[2 * i] * weight[0] + x[2 * i + 1] * weight[1] + bias)
            squares += residual * residual
            sums[0] += x[2 * i]
            sums[1] += x[2 * i + 1]
        }
        // Standard errors: 0.0002 and 0.03.
        #expect(abs((squares / 1000).squareRoot() - 0.01) < 0.001)
        #expect(sums.allSatisfy { abs($0 / 1000) < 0.1 })
    }

    @Test func theSeedDecides() {
        func labels(_ seed: UInt64) -> [Float] {
            withSeed(seed) { syntheticLinearData(weight: Tensor([1] as [Float]), bias: 0, count: 5).labels.array() }
        }
        #expect(labels(1) == labels(1))
        #expect(labels(1) != labels(2))
    }
}
