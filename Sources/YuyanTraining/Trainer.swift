import YuyanCore
import YuyanNN

/// Trains a module: for each batch forward, loss, backward and step, and after each epoch a validation.
///
///     let trainer = Trainer(
///         net, training: batches, validation: testBatches, optimizer: SGD(net.parameters(), learningRate: 0.9),
///         loss: { crossEntropy($0, $1) }, correctCount: correctPredictionCount)
///     try trainer.fit(epochs: 10)
///
/// Everything else, such as showing progress or writing files, is done by callbacks.
public final class Trainer {
    public let module: Module
    public let training: any LabeledBatches
    public let validation: (any LabeledBatches)?
    public let optimizer: any Optimizer
    public let callbacks: [any TrainerCallback]
    private let loss: (Tensor, Tensor) -> Tensor
    private let correctCount: ((Tensor, Tensor) -> Tensor)?

    /// The epochs that have ended, of all calls of `fit`.
    public private(set) var records: [EpochRecord] = []
    /// The number of epochs after which the current or last `fit` ends.
    public private(set) var epochCount = 0
    /// The steps of the current epoch so far.
    public private(set) var step = 0
    /// The losses of the current epoch so far.
    public private(set) var losses = RunningMean()
    /// The accuracy of the current epoch so far; it stays empty where nothing is classified.
    public private(set) var accuracies = RunningMean()

    /// - Parameters:
    ///   - loss: the mean loss of a batch, from outputs and targets.
    ///   - correctCount: counts correct outputs, such as `correctPredictionCount`; nil where nothing is classified.
    ///   - callbacks: called in this order.
    public init(
        _ module: Module, training: any LabeledBatches, validation: (any LabeledBatches)? = nil,
        optimizer: any Optimizer, loss: @escaping (Tensor, Tensor) -> Tensor,
        correctCount: ((Tensor, Tensor) -> Tensor)? = nil, callbacks: [any TrainerCallback] = []
    ) {
        self.module = module
        self.training = training
        self.validation = validation
        self.optimizer = optimizer
        self.loss = loss
        self.correctCount = correctCount
        self.callbacks = callbacks
    }

    /// The current epoch, from 1.
    public var epoch: Int { records.count + 1 }
    public var stepsPerEpoch: Int { training.count }
    public var measuresAccuracy: Bool { correctCount != nil }
    public var meanLoss: Double { losses.mean() }
    public var meanAccuracy: Double? { measuresAccuracy ? accuracies.mean() : nil }

    /// Trains for this many more epochs.
    ///
    /// - Returns: the records of these epochs.
    /// - Throws: what a callback throws. The module keeps what it has learned until then.
    @discardableResult
    public func fit(epochs: Int) throws -> [EpochRecord] {
        guard epochs >= 0 else { fatalError("Trainer.fit: epochs must be 0 or more, not \(epochs)") }
        epochCount = records.count + epochs
        try forEachCallback { try $0.trainingWillBegin(self) }
        for _ in 0..<epochs {
            let record = try trainEpoch()
            records.append(record)
            try forEachCallback { try $0.epochDidEnd(record, self) }
        }
        try forEachCallback { try $0.trainingDidEnd(self) }
        return records.suffix(epochs)
    }

    private func trainEpoch() throws -> EpochRecord {
        step = 0
        losses = RunningMean()
        accuracies = RunningMean()
        let clock = ContinuousClock()
        let start = clock.now
        module.train()
        try forEachCallback { try $0.epochWillBegin(self) }
        try trainSteps(training)
        let (trainLoss, trainAccuracy) = (meanLoss, meanAccuracy)
        let trainingSeconds = (clock.now - start).seconds
        let result = validation.map { evaluate(module, on: $0, loss: loss, correctCount: correctCount) }
        return EpochRecord(
            epoch: epoch, trainLoss: trainLoss, trainAccuracy: trainAccuracy, validationLoss: result?.loss,
            validationAccuracy: result?.accuracy, samplesPerSecond: Double(losses.sampleCount) / trainingSeconds,
            seconds: (clock.now - start).seconds)
    }

    private func trainSteps(_ batches: some LabeledBatches) throws {
        for (inputs, targets) in batches {
            let outputs = module(inputs)
            let loss = self.loss(outputs, targets)
            optimizer.zeroGradients()
            loss.backward()
            optimizer.step()
            step += 1
            losses.add(mean: loss, sampleCount: inputs.count)
            if let correctCount {
                accuracies.add(sum: correctCount(outputs.detached(), targets), sampleCount: inputs.count)
            }
            try forEachCallback { try $0.stepDidEnd(self) }
        }
    }

    private func forEachCallback(_ body: (any TrainerCallback) throws -> Void) throws {
        for callback in callbacks { try body(callback) }
    }
}

extension Duration {
    /// The length in seconds.
    package var seconds: Double { self / .seconds(1) }
}
