import Foundation
import Testing
import YuyanCore
import YuyanData
import YuyanModels
import YuyanNN
import YuyanTraining

@Suite struct ConfusionMatrixTests {
    @Test func countsAndRates() {
        var matrix = ConfusionMatrix(classNames: ["a", "b", "c", "d"])
        matrix.add(labels: [0, 0, 0, 1], predictions: [0, 1, 1, 1])
        matrix.add(labels: [2, 2], predictions: [0, 1])
        #expect(matrix.counts == [[1, 2, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]])
        #expect(matrix.sampleCount == 6 && matrix.sampleCount(of: 0) == 3)
        #expect(matrix.accuracy == 2.0 / 6)
        #expect(matrix.recall(of: 0) == 1.0 / 3 && matrix.recall(of: 1) == 1 && matrix.recall(of: 3) == nil)
        #expect(matrix.precision(of: 0) == 0.5 && matrix.precision(of: 1) == 0.25 && matrix.precision(of: 2) == nil)
        #expect(matrix.mostFrequentMistake(of: 0)! == (1, 2))
        #expect(matrix.mostFrequentMistake(of: 1) == nil)
        #expect(matrix.mostFrequentMistake(of: 2)! == (0, 1))
        #expect(ConfusionMatrix(classNames: ["a"]).accuracy.isNaN)
    }

    @Test func keepsTheWorstMistakes() throws {
        // The logits are the inputs.
        let rows: [[Float]] = [[2, 0], [0, 3], [0, 1], [5, 0], [0, 0.5]]
        let inputs = Tensor(rows)
        let labels = Tensor([0, 0, 0, 1, 1] as [Int64])
        let model = Sequential { Flatten() }
        model.train()
        let batches = DataLoader(TensorDataset(inputs, labels), batchSize: 2)
        let result = try evaluateClassifier(
            model, on: batches, loss: { crossEntropy($0, $1) }, classNames: ["a", "b"], mistakeCount: 2)
        #expect(result.accuracy == 0.4)
        #expect(result.confusion.counts == [[1, 2], [1, 1]])
        #expect(result.worstMistakes.map(\.index) == [3, 1])
        #expect(result.worstMistakes.map(\.label) == [1, 0])
        #expect(result.worstMistakes.map(\.prediction) == [0, 1])
        #expect(Tensor(try #require(result.worstMistakes[0].input)).array(of: Float.self) == [5, 0])
        for (mistake, gap) in zip(result.worstMistakes, [5.0, 3.0]) {
            #expect(abs(mistake.probability + mistake.labelProbability - 1) < 1e-6)
            #expect(abs(mistake.probability / mistake.labelProbability / exp(gap) - 1) < 1e-4)
        }
        let plain = try evaluate(model, on: batches, loss: { crossEntropy($0, $1) })
        #expect(result.loss == plain.loss)
        #expect(model.isTraining)
    }
}
