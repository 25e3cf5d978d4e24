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
        /// What is shown of it, without the batch axis; nil if the evaluation was given nothing to show.
        public var input: HostArray?

        /// A sample that was taken for another class.
        public init(
            index: Int, label: Int, prediction: Int, probability: Double, labelProbability: Double,
            input: HostArray? = nil
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

/// Counts what a classifier makes of all batches of any kind, and keeps its worst mistakes.
///
/// Runs without recording and in evaluation mode; afterwards each part of the module is in the mode it was in. The
/// predicted class is that of the largest logit; the first wins a tie.
///
/// - Parameters:
///   - classNames: C names.
///   - mistakeCount: how many mistakes to keep.
///   - shown: what is kept of the samples of a batch to show mistakes, `[N, …]`, such as images.
///   - step: runs the module on a batch and computes its loss. The outputs of its result are logits `[N, C]`, its targets
///     labels `[N]`, integers in 0 ..< C.
/// - Returns: the evaluation. Traps if the logits are not `[N, C]`.
/// - Throws: what the batches and the step throw, such as `SampleError` if a sample cannot be read.
public func evaluateClassifier<Batch>(
    _ module: Module, on batches: some Batches<Batch>, classNames: [String], mistakeCount: Int = 0,
    showing shown: ((Batch) -> Tensor)? = nil, step: (Batch) throws -> StepResult
) throws -> ClassifierEvaluation {
    try module.evaluating {
        try withoutGradients {
            var losses = RunningMean()
            var confusion = ConfusionMatrix(classNames: classNames)
            var mistakes: [ClassifierEvaluation.Mistake] = []
            var position = 0
            try batches.forEachBatch { batch in
                let result = try step(batch)
                guard let logits = result.outputs, let targets = result.targets else {
                    failure("evaluateClassifier: the step's result needs logits as outputs, and labels as targets")
                }
                guard logits.rank == 2, logits.shape[1] == classNames.count else {
                    failure(
                        "evaluateClassifier: logits are \(logits.shape), \(classNames.count) classes need [N, C]")
                }
                losses.add(result)
                let labels = targets.array(of: Int64.self).map { Int($0) }
                let predictions = logits.argmax(axis: 1).array(of: Int64.self).map { Int($0) }
                confusion.add(labels: labels, predictions: predictions)
                if mistakeCount > 0 {
                    mistakes += foundMistakes(logits, labels, predictions, position, limit: mistakeCount) {
                        shown?(batch).hostArray
                    }
                    // A stable order: samples with equal probabilities stay in that of the data set.
                    mistakes.sort { ($0.labelProbability, $0.index) < ($1.labelProbability, $1.index) }
                    mistakes.removeLast(max(mistakes.count - mistakeCount, 0))
                }
                position += labels.count
                return true
            }
            return ClassifierEvaluation(loss: losses.mean(), confusion: confusion, worstMistakes: mistakes)
        }
    }
}

/// Counts what a layer makes of all batches of inputs and labels, and keeps its worst mistakes with their inputs; as in
/// `evaluateClassifier(_:on:classNames:mistakeCount:showing:step:)`.
///
/// - Parameters:
///   - layer: gives logits `[N, C]`.
///   - batches: inputs `[N, …]` and labels `[N]`, integers in 0 ..< C.
///   - loss: the mean loss of a batch, from logits and labels.
public func evaluateClassifier(
    _ layer: Layer, on batches: some Batches<(Tensor, Tensor)>, loss: (Tensor, Tensor) -> Tensor, classNames: [String],
    mistakeCount: Int = 0
) throws -> ClassifierEvaluation {
    try evaluateClassifier(
        layer, on: batches, classNames: classNames, mistakeCount: mistakeCount, showing: { $0.0 },
        step: { StepResult(layer, $0, loss) })
}

/// The worst mistakes of one batch, in any order.
private func foundMistakes(
    _ logits: Tensor, _ labels: [Int], _ predictions: [Int], _ position: Int, limit: Int, inputs: () -> HostArray?
) -> [ClassifierEvaluation.Mistake] {
    let wrong = labels.indices.filter { labels[$0] != predictions[$0] }
    guard !wrong.isEmpty else { return [] }
    let classCount = logits.shape[1]
    let probabilities = logits.softmax(axis: 1).array(of: Double.self)
    func ofLabel(_ row: Int) -> Double { probabilities[row * classCount + labels[row]] }
    let worst = wrong.sorted { (ofLabel($0), $0) < (ofLabel($1), $1) }.prefix(limit)
    let inputs = inputs()
    return worst.map { row in
        ClassifierEvaluation.Mistake(
            index: position + row, label: labels[row], prediction: predictions[row],
            probability: probabilities[row * classCount + predictions[row]], labelProbability: ofLabel(row),
            input: inputs?.row(at: row))
    }
}
