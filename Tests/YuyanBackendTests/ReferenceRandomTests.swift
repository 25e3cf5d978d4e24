import Foundation
import Testing
import YuyanBackend

/// Expected numbers come from an independent program in Python, seed 7, draw 3.
@Suite struct ReferenceRandomTests {
    private let key = RandomKey(seed: 7, draw: 3)

    @Test func drawsUniformFloats() {
        let u = elements(reference.randomUniform([2, 3], .float32, low: 0, high: 1, key), as: Float.self)
        let expected: [Float] = [
            0.5925801992416382, 0.12378287315368652, 0.1627134084701538, 0.5997813940048218, 0.5873945951461792,
            0.45987242460250854,
        ]
        #expect(u == expected)
        let scaled = elements(reference.randomUniform([6], .float32, low: -2, high: 2, key), as: Float.self)
        #expect(scaled == expected.map { -2 + 4 * $0 })
        let words = elements(
            reference.randomUniform([4], .float32, low: 0, high: 1, RandomKey(seed: 0, draw: 0)), as: Float.self)
        #expect(words == [0x0.6627e8p0, 0x0.e169c5p0, 0x0.bc57acp0, 0x0.9b00dbp0])
    }

    @Test func drawsUniformDoubles() {
        let u = elements(reference.randomUniform([3], .float64, low: 0, high: 1, key), as: Double.self)
        #expect(u == [0.12378288865847975, 0.5997813977679967, 0.45987247503069095])
    }

    @Test func drawsNormals() {
        let expected = [
            0.7288840020125981, 0.7178203506639642, -1.5432460395283174, -1.1179985270611676, -0.9989461104244187,
            0.2573391294028666, -2.2759297671504193,
        ]
        let doubles = elements(reference.randomNormal([7], .float64, mean: 0, deviation: 1, key), as: Double.self)
        #expect(zip(doubles, expected).allSatisfy { abs($0 - $1) <= 4 * $1.ulp } && doubles.count == 7)
        let floats = elements(reference.randomNormal([7], .float32, mean: 1, deviation: 0.5, key), as: Float.self)
        #expect(floats == doubles.map { Float(1 + 0.5 * $0) })
    }

    @Test func normalsHaveTheirMoments() {
        let count = 100_000
        let z = elements(reference.randomNormal([count], .float32, mean: 3, deviation: 2, key), as: Float.self)
        let mean = z.reduce(0) { $0 + Double($1) } / Double(count)
        let variance = z.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(count)
        #expect(abs(mean - 3) < 4 * 2 / Double(count).squareRoot())
        #expect(abs(variance - 4) < 4 * 4 * (2 / Double(count)).squareRoot())
    }

    @Test func permutes() {
        #expect(elements(reference.randomPermutation(10, key)) == [0, 6, 9, 5, 2, 3, 8, 7, 4, 1] as [Int64])
        #expect(elements(reference.randomPermutation(1, key)) == [0] as [Int64])
        #expect(elements(reference.randomPermutation(0, key)) == [] as [Int64])
        #expect(elements(reference.randomPermutation(1000, key), as: Int64.self).sorted() == counting(1000))
    }

    @Test func dropsOut() {
        let x = reference.buffer([1, 2, 3, 4, 5, 6] as [Float], [2, 3])
        #expect(elements(reference.dropout(x, probability: 0.5, key)) == [2, 0, 0, 8, 10, 0] as [Float])
        #expect(elements(reference.dropout(x, probability: 0, key)) == [1, 2, 3, 4, 5, 6] as [Float])
        // The draw follows the logical order of elements, whatever the layout.
        let transposed = reference.dropout(x.swappingAxes(0, 1), probability: 0.5, key)
        #expect(elements(transposed) == [2, 0, 0, 10, 6, 0] as [Float])
        let doubles = reference.dropout(reference.buffer([1, 1, 1] as [Double]), probability: 0.5, key)
        #expect(elements(doubles) == [0, 2, 0] as [Double])
    }
}
