import YuyanCore
import YuyanNN

/// What a classifier makes of a data set, class by class.
public struct ClassifierEvaluation: Sendable {
    /// A sample, and what it is taken for.
    public struct Prediction: Sendable {
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

        /// Whether the predicted class is the true one.
        public var isRight: Bool { prediction == label }

        /// A sample and what it was taken for.
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
    public var worstMistakes: [Prediction]
    /// The first samples, in their order, whatever they are taken for.
    public var examples: [Prediction]

    /// The results of all samples.
    public init(
        loss: Double, confusion: ConfusionMatrix, worstMistakes: [Prediction] = [], examples: [Prediction] = []
    ) {
        self.loss = loss
        self.confusion = confusion
        self.worstMistakes = worstMistakes
        self.examples = examples
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
///   - mistakeCount: how many of the worst mistakes to keep.
///   - exampleCount: how many of the first samples to keep.
///   - shown: what is kept of the samples of a batch to show them, `[N, …]`, such as images.
///   - step: runs the module on a batch and computes its loss. The outputs of its result are logits `[N, C]`, its targets
///     labels `[N]`, integers in 0 ..< C.
/// - Returns: the evaluation. Traps if the logits are not `[N, C]`.
/// - Throws: what the batches and the step throw, such as `SampleError` if a sample cannot be read.
public func evaluateClassifier<Batch>(
    _ module: Module, on batches: some Batches<Batch>, classNames: [String], mistakeCount: Int = 0,
    exampleCount: Int = 0, showing shown: ((Batch) -> Tensor)? = nil, step: (Batch) throws -> StepResult
) throws -> ClassifierEvaluation {
    try module.evaluating {
        try withoutGradients {
            var losses = RunningMean()
            var confusion = ConfusionMatrix(classNames: classNames)
            var mistakes: [ClassifierEvaluation.Prediction] = []
            var examples: [ClassifierEvaluation.Prediction] = []
            var position = 0
            try batches.forEachBatch { batch, _ in
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
                let rows = PredictedRows(
                    logits: logits, labels: labels, predictions: predictions, position: position
                ) { shown?(batch).hostArray }
                if examples.count < exampleCount {
                    examples += rows.predictions(of: Array(labels.indices.prefix(exampleCount - examples.count)))
                }
                if mistakeCount > 0 {
                    mistakes += rows.worstMistakes(limit: mistakeCount)
                    // A stable order: samples with equal probabilities stay in that of the data set.
                    mistakes.sort { ($0.labelProbability, $0.index) < ($1.labelProbability, $1.index) }
                    mistakes.removeLast(max(mistakes.count - mistakeCount, 0))
                }
                position += labels.count
                return true
            }
            return ClassifierEvaluation(
                loss: losses.mean(), confusion: confusion, worstMistakes: mistakes, examples: examples)
        }
    }
}

/// Counts what a layer makes of all batches of inputs and labels, and keeps its worst mistakes and the first samples with
/// their inputs; as in `evaluateClassifier(_:on:classNames:mistakeCount:exampleCount:showing:step:)`.
///
/// - Parameters:
///   - layer: gives logits `[N, C]`.
///   - batches: inputs `[N, …]` and labels `[N]`, integers in 0 ..< C.
///   - loss: the mean loss of a batch, from logits and labels.
public func evaluateClassifier(
    _ layer: Layer, on batches: some Batches<(Tensor, Tensor)>, loss: (Tensor, Tensor) -> Tensor, classNames: [String],
    mistakeCount: Int = 0, exampleCount: Int = 0
) throws -> ClassifierEvaluation {
    try evaluateClassifier(
        layer, on: batches, classNames: classNames, mistakeCount: mistakeCount, exampleCount: exampleCount,
        showing: { $0.0 }, step: { StepResult(layer, $0, loss) })
}

/// What is predicted for one batch.
private struct PredictedRows {
    let logits: Tensor
    let labels: [Int]
    let predictions: [Int]
    /// Of the first sample in the data set.
    let position: Int
    let inputs: () -> HostArray?

    func predictions(of rows: [Int]) -> [ClassifierEvaluation.Prediction] { predictions(of: rows, probabilities()) }

    /// The worst first.
    func worstMistakes(limit: Int) -> [ClassifierEvaluation.Prediction] {
        let wrong = labels.indices.filter { labels[$0] != predictions[$0] }
        guard !wrong.isEmpty else { return [] }
        let probabilities = probabilities()
        let ofLabel = { (row: Int) in probabilities[row * logits.shape[1] + labels[row]] }
        let worst = wrong.sorted { (ofLabel($0), $0) < (ofLabel($1), $1) }.prefix(limit)
        return predictions(of: Array(worst), probabilities)
    }

    private func probabilities() -> [Double] { logits.softmax(axis: 1).array(of: Double.self) }

    private func predictions(of rows: [Int], _ probabilities: [Double]) -> [ClassifierEvaluation.Prediction] {
        let inputs = inputs()
        return rows.map { row in
            let first = row * logits.shape[1]
            return ClassifierEvaluation.Prediction(
                index: position + row, label: labels[row], prediction: predictions[row],
                probability: probabilities[first + predictions[row]],
                labelProbability: probabilities[first + labels[row]], input: inputs?.row(at: row))
        }
    }
}
