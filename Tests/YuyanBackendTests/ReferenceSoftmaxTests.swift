import Foundation
import Testing
import YuyanBackend

@Suite struct ReferenceSoftmaxTests {
    private func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-15) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
    }

    @Test func normalizes() {
        let x = reference.buffer([-1, 0, 1, 7, 7, 7] as [Double], [2, 3])
        let y = elements(reference.softmax(x), as: Double.self)
        let third = 1.0 / 3
        let expected: [Double] = [0.09003057317038046, 0.24472847105479764, 0.6652409557748218, third, third, third]
        #expect(isClose(y, expected))
        let logs = elements(reference.logSoftmax(x), as: Double.self)
        #expect(isClose(logs, y.map { log($0) }))
        let columns = reference.buffer([-1, 7, 0, 7, 1, 7] as [Double], [3, 2]).swappingAxes(0, 1)
        #expect(elements(reference.softmax(columns)) == y)
    }

    @Test func survivesLargeNumbers() {
        let x = reference.buffer([1000, 1000, -1000, -.infinity] as [Float])
        #expect(elements(reference.softmax(x)) == [0.5, 0.5, 0, 0] as [Float])
        let logs = elements(reference.logSoftmax(x), as: Float.self)
        #expect(logs == [-Float(log(2.0)), -Float(log(2.0)), Float(-2000 - log(2.0)), -.infinity])
        let notANumber = elements(reference.softmax(reference.buffer([1, Float.nan])), as: Float.self)
        #expect(notANumber.map(\.isNaN) == [true, true])
        #expect(elements(reference.softmax(reference.buffer([3] as [Float], .scalar))) == [1] as [Float])
        #expect(reference.softmax(reference.buffer([] as [Float], [2, 0])).shape == [2, 0])
    }

    @Test func hasExactGradients() {
        let y = reference.buffer([0.5, 0.25, 0.25] as [Double], [1, 3])
        let g = reference.buffer([4, 0, 8] as [Double], [1, 3])
        #expect(elements(reference.softmaxGradient(g, output: y)) == [0, -1, 1] as [Double])
        let logs = reference.unary(.log, y)
        #expect(isClose(elements(reference.logSoftmaxGradient(g, output: logs)), [-2, -3, 5], 1e-14))
    }

    @Test(arguments: [(LossReduction.mean, 0.5), (.sum, 1)])
    func computesCrossEntropy(reduction: LossReduction, factor: Double) {
        let logits = reference.buffer([2, 1, 0.1, -1, 0, 1] as [Double], [2, 3])
        let targets = reference.buffer([0, 2] as [Int64])
        let (loss, probabilities) = reference.crossEntropy(logits, targets, reduction)
        #expect(loss.shape == .scalar)
        #expect(isClose(elements(loss), [(0.4170300162778335 + 0.4076059644443803) * factor]))
        let p = elements(probabilities, as: Double.self)
        #expect(isClose(p, elements(reference.softmax(logits))))
        let g = reference.buffer([3] as [Double], .scalar)
        let gradient = reference.crossEntropyGradient(g, probabilities: probabilities, targets, reduction)
        let slope = 3 * factor
        let expected = [
            (p[0] - 1) * slope, p[1] * slope, p[2] * slope, p[3] * slope, p[4] * slope, (p[5] - 1) * slope,
        ]
        #expect(isClose(elements(gradient), expected))
    }

    @Test func keepsLossesOfSamples() {
        // Picked probabilities 0.1 and 0.5.
        let logits = reference.unary(.log, reference.buffer([0.1, 0.3, 0.6, 0.3, 0.2, 0.5] as [Double], [2, 3]))
        let targets = reference.buffer([0, 2] as [Int64])
        let (loss, probabilities) = reference.crossEntropy(logits, targets, .none)
        #expect(isClose(elements(loss), [2.302585092994046, 0.6931471805599453]))
        let g = reference.buffer([1, 10] as [Double])
        let gradient = reference.crossEntropyGradient(g, probabilities: probabilities, targets, .none)
        #expect(isClose(elements(gradient), [-0.9, 0.3, 0.6, 3, 2, -5], 1e-14))
    }

    @Test func crossEntropySurvivesLargeLogits() {
        let logits = reference.buffer([1000, 0, 0, 1000] as [Float], [2, 2])
        let (loss, _) = reference.crossEntropy(logits, reference.buffer([0, 0] as [Int64]), .none)
        #expect(elements(loss) == [0, 1000] as [Float])
        let empty = reference.crossEntropy(
            reference.buffer([] as [Float], [0, 2]), reference.buffer([] as [Int64]), .mean)
        #expect(elements(empty.loss, as: Float.self)[0].isNaN)
    }
}
