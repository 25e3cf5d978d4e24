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

    /// Right or wrong, in the order of the data set, from as many batches as it takes.
    @Test func keepsTheFirstSamples() throws {
        // The logits are the pixels.
        let images = Tensor([[3, 1], [0, 3], [1, 0], [0, 5]] as [[Float]]).reshaped([4, 1, 1, 2])
        let labels = Tensor([0, 0, 1, 1] as [Int64])
        let batches = DataLoader(TensorDataset(images, labels), batchSize: 2)
        func examples(_ count: Int) throws -> ClassifierEvaluation {
            try evaluateClassifier(
                Sequential { Flatten() }, on: batches, loss: { crossEntropy($0, $1) }, classNames: ["cat", "dog"],
                exampleCount: count)
        }
        let three = try examples(3)
        #expect(three.examples.map(\.index) == [0, 1, 2] && three.worstMistakes.isEmpty)
        #expect(three.examples.map(\.label) == [0, 0, 1] && three.examples.map(\.prediction) == [0, 1, 0])
        #expect(three.examples.map(\.isRight) == [true, false, false])
        #expect(Tensor(try #require(three.examples[2].input)).array(of: Float.self) == [1, 0])
        let first = three.examples[0]
        #expect(first.probability == first.labelProbability && abs(first.probability - 1 / (1 + exp(-2))) < 1e-6)
        #expect(try examples(9).examples.map(\.index) == [0, 1, 2, 3])
        #expect(try examples(0).examples.isEmpty)
        // The true class over the predicted one.
        let rows = three.exampleFigure().csv.split(separator: "\n").dropFirst()
        #expect(rows.map { $0.prefix { $0 != "," } } == ["cat cat", "cat dog", "dog cat"])
        #expect(try examples(0).exampleFigure().csv.split(separator: "\n").count == 1)
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
