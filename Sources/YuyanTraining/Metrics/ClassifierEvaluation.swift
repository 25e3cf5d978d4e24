import YuyanCore
import YuyanNN

/// What a classifier makes of a data set, class by class.
public struct ClassifierEvaluation: Sendable {
    /// A sample that is taken for another class.
    public struct Mistake: Sendable {
        /// The position in the data set.
        public var index: Int
        /// The true class.
        public var label: Int
        /// The most probable class.
        public var prediction: Int
        /// What the model gives the predicted class, 0…1.
        public var probability: Double
        /// What it gives the true class.
        public var labelProbability: Double
        /// The input, without the batch axis.
        public var input: HostArray

        /// A sample that was taken for another class.
        public init(
            index: Int, label: Int, prediction: Int, probability: Double, labelProbability: Double, input: HostArray
        ) {
            self.index = index
            self.label = label
            self.prediction = prediction
            self.probability = probability
            self.labelProbability = labelProbability
            self.input = input
        }
    }

    /// The mean loss of a sample.
    public var loss: Double
    /// What was taken for what.
    public var confusion: ConfusionMatrix
    /// The mistakes with the smallest probability of the true class, worst first.
    public var worstMistakes: [Mistake]

    /// The results of all samples.
    public init(loss: Double, confusion: ConfusionMatrix, worstMistakes: [Mistake] = []) {
        self.loss = loss
        self.confusion = confusion
        self.worstMistakes = worstMistakes
    }

    /// The part of the samples that was classified correctly.
    public var accuracy: Double { confusion.accuracy }
}

/// Counts what a classifier makes of all batches, and keeps its worst mistakes.
///
/// Runs without recording and in evaluation mode; afterwards each part of the module is in the mode it was in. The
/// predicted class is that of the largest logit; the first wins a tie.
///
/// - Parameters:
///   - module: gives logits `[N, C]`.
///   - batches: inputs `[N, …]` and labels `[N]`, integers in 0 ..< C.
///   - loss: the mean loss of a batch, from logits and labels.
///   - classNames: C names.
///   - mistakeCount: how many mistakes to keep.
/// - Returns: the evaluation. Traps if the logits are not `[N, C]`.
/// - Throws: what the batches throw, such as `SampleError` if a sample cannot be read.
public func evaluateClassifier(
    _ module: Layer, on batches: some LabeledBatches, loss: (Tensor, Tensor) -> Tensor, classNames: [String],
    mistakeCount: Int = 0
) throws -> ClassifierEvaluation {
    try module.evaluating {
        try withoutGradients {
            var losses = RunningMean()
            var confusion = ConfusionMatrix(classNames: classNames)
            var mistakes: [ClassifierEvaluation.Mistake] = []
            var position = 0
            var epoch = batches.makeIterator()
            while let (inputs, targets) = try batches.nextBatch(of: &epoch) {
                let logits = module(inputs)
                guard logits.rank == 2, logits.shape[1] == classNames.count else {
                    failure(
                        "evaluateClassifier: logits are \(logits.shape), \(classNames.count) classes need [N, C]")
                }
                losses.add(mean: loss(logits, targets), sampleCount: inputs.count)
                let labels = targets.array(of: Int64.self).map { Int($0) }
                let predictions = logits.argmax(axis: 1).array(of: Int64.self).map { Int($0) }
                confusion.add(labels: labels, predictions: predictions)
                if mistakeCount > 0 {
                    mistakes += foundMistakes(inputs, logits, labels, predictions, position, limit: mistakeCount)
                    // A stable order: samples with equal probabilities stay in that of the data set.
                    mistakes.sort { ($0.labelProbability, $0.index) < ($1.labelProbability, $1.index) }
                    mistakes.removeLast(max(mistakes.count - mistakeCount, 0))
                }
                position += labels.count
            }
            return ClassifierEvaluation(loss: losses.mean(), confusion: confusion, worstMistakes: mistakes)
        }
    }
}

/// The worst mistakes of one batch, in any order.
private func foundMistakes(
    _ inputs: Tensor, _ logits: Tensor, _ labels: [Int], _ predictions: [Int], _ position: Int, limit: Int
) -> [ClassifierEvaluation.Mistake] {
    let wrong = labels.indices.filter { labels[$0] != predictions[$0] }
    guard !wrong.isEmpty else { return [] }
    let classCount = logits.shape[1]
    let probabilities = logits.softmax(axis: 1).array(of: Double.self)
    func ofLabel(_ row: Int) -> Double { probabilities[row * classCount + labels[row]] }
    let worst = wrong.sorted { (ofLabel($0), $0) < (ofLabel($1), $1) }.prefix(limit)
    let pictures = inputs.hostArray
    return worst.map { row in
        ClassifierEvaluation.Mistake(
            index: position + row, label: labels[row], prediction: predictions[row],
            probability: probabilities[row * classCount + predictions[row]], labelProbability: ofLabel(row),
            input: pictures.row(at: row))
    }
}
