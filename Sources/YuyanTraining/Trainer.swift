import YuyanCore
import YuyanData
import YuyanNN

/// Trains a module: for each batch forward, loss, backward and step, and after each epoch a validation.
///
///     let trainer = Trainer(
///         net, training: batches, validation: validationBatches, optimizer: SGD(net.parameters(), learningRate: 0.9),
///         loss: { crossEntropy($0, $1) }, metrics: [.accuracy])
///     try trainer.fit(epochs: 10)
///
/// That is the short way for a `Layer` and batches of inputs and targets. Any module is trained on batches of any kind by a
/// closure that computes the loss of a batch; see `StepResult`.
///
/// What is chosen by the numbers of the epochs, such as the best of them, is chosen by the validation batches: keep them
/// apart from a test set (`Dataset.randomSplit`), which `evaluate` reads once, when all has been chosen.
///
/// Everything else, such as showing progress or writing files, is done by callbacks.
public final class Trainer {
    /// What is trained.
    public let module: Module
    /// The batches to train on.
    public let training: any Batches
    /// The batches to validate with; nil for none.
    public let validation: (any Batches)?
    /// What changes the parameters.
    public let optimizer: any Optimizer
    /// What is measured beside the loss, in training and in validation.
    public let metrics: [Metric]
    /// What takes part, in order.
    public let callbacks: [any TrainerCallback]
    /// The number of this process among those that train together, from 0. Only process 0 shows and writes anything.
    public let rank: Int
    /// The number of processes that train together; each reads its part of the data, see `ShardedSampler`.
    public let worldSize: Int
    /// How others ask for an end, from other threads, too.
    public let stopRequest: StopRequest
    /// Calls its argument with the results of an epoch's batches and how long it waited for each, until that returns false.
    private let forEachTrainingResult: ((StepResult, Duration) throws -> Bool) throws -> Void
    /// The evaluation on batches of the same kind; nil if somebody asks for an end.
    private let evaluateBatches: (any Batches) throws -> Evaluation?

    /// The epochs that have ended, of all calls of `fit`.
    public internal(set) var records: [EpochRecord] = []
    /// The number of epochs after which the current or last `fit` ends.
    public private(set) var epochCount = 0
    /// The steps of the current epoch so far.
    public internal(set) var step = 0
    /// The steps of all epochs.
    public internal(set) var totalSteps = 0
    /// The losses of the current epoch so far.
    public internal(set) var losses = RunningMean()
    /// The metrics of the current epoch so far.
    var means: MetricMeans
    /// The length of the current epoch so far, before the last interruption; of its training alone, and with validation.
    var secondsBefore = 0.0
    /// How much of the current epoch so far has been spent waiting for batches to train on.
    var dataSeconds = 0.0
    /// Whether an epoch has begun and not ended, because somebody asked for a stop or the state was restored.
    var isUnderway = false
    /// Where the data stood after the last step, and before the last validation.
    var trainingPosition: BatchPosition?
    var validationPosition: BatchPosition?
    private let clock = ContinuousClock()
    private var epochStart: ContinuousClock.Instant

    /// Trains any module on batches of any kind. Traps unless 0 ≤ `rank` < `worldSize`, and if two metrics share a name.
    ///
    /// - Parameters:
    ///   - metrics: what is measured beside the loss; the step's results must then have outputs and targets.
    ///   - callbacks: called in this order.
    ///   - rank: the number of this process among those that train together.
    ///   - stopRequest: one that others know already.
    ///   - step: runs the module on a batch and computes its loss, in training and in validation.
    public init<Batch>(
        _ module: Module, training: any Batches<Batch>, validation: (any Batches<Batch>)? = nil,
        optimizer: any Optimizer, metrics: [Metric] = [], callbacks: [any TrainerCallback] = [], rank: Int = 0,
        worldSize: Int = 1, stopRequest: StopRequest = StopRequest(), step: @escaping (Batch) throws -> StepResult
    ) {
        guard (0..<max(worldSize, 0)).contains(rank) else {
            failure("Trainer: rank \(rank) is none of \(worldSize) processes")
        }
        guard Set(metrics.map(\.name)).count == metrics.count else {
            failure("Trainer: two metrics share a name: \(metrics.map(\.name))")
        }
        self.module = module
        self.training = training
        self.validation = validation
        self.optimizer = optimizer
        self.metrics = metrics
        self.callbacks = callbacks
        self.rank = rank
        self.worldSize = worldSize
        self.stopRequest = stopRequest
        forEachTrainingResult = { body in try training.forEachBatch { try body(step($0), $1) } }
        evaluateBatches = { batches in
            guard let batches = batches as? any Batches<Batch> else {
                failure(
                    "Trainer.evaluate: the batches are a \(String(reflecting: type(of: batches))), "
                        + "the trainer's step takes a \(String(reflecting: Batch.self))")
            }
            return try YuyanTraining.evaluate(
                module, on: batches, metrics: metrics, isStopped: { stopRequest.isMade }, step: step)
        }
        means = MetricMeans(metrics)
        epochStart = clock.now
    }

    /// Trains a layer on inputs that have a target each. Traps unless 0 ≤ `rank` < `worldSize`, and if two metrics share a
    /// name.
    ///
    /// - Parameters:
    ///   - loss: the mean loss of a batch, from outputs and targets.
    ///   - metrics: what is measured beside the loss.
    ///   - callbacks: called in this order.
    ///   - rank: the number of this process among those that train together.
    ///   - stopRequest: one that others know already.
    public convenience init(
        _ layer: Layer, training: any Batches<(Tensor, Tensor)>, validation: (any Batches<(Tensor, Tensor)>)? = nil,
        optimizer: any Optimizer, loss: @escaping (Tensor, Tensor) -> Tensor, metrics: [Metric] = [],
        callbacks: [any TrainerCallback] = [], rank: Int = 0, worldSize: Int = 1,
        stopRequest: StopRequest = StopRequest()
    ) {
        self.init(
            layer, training: training, validation: validation, optimizer: optimizer, metrics: metrics,
            callbacks: callbacks, rank: rank, worldSize: worldSize, stopRequest: stopRequest,
            step: { StepResult(layer, $0, loss) })
    }

    var resumableTraining: (any ResumableBatches)? { training as? any ResumableBatches }
    var resumableValidation: (any ResumableBatches)? { validation as? any ResumableBatches }

    /// The current epoch, from 1.
    public var epoch: Int { records.count + 1 }
    /// The batches of one epoch.
    public var stepsPerEpoch: Int { training.count }
    /// The mean loss of the current epoch so far.
    public var meanLoss: Double { losses.mean() }
    /// The metrics of the current epoch so far, by name.
    public var meanMetrics: [String: Double] { means.values() }
    /// Whether this process shows and writes things.
    public var isMainProcess: Bool { rank == 0 }
    /// Whether all epochs of the current or last `fit` have ended.
    public var isComplete: Bool { records.count >= epochCount }

    /// Ends the training after the current step. The next `fit` goes on exactly there.
    public func requestStop() { stopRequest.make() }

    /// Trains for this many more epochs; one that was interrupted counts as one.
    ///
    /// The module is in training mode meanwhile, but for parts that were put into evaluation mode, such as frozen ones:
    /// they stay so.
    ///
    /// - Returns: the records of the epochs that have ended.
    /// - Throws: `EmptyDataError` if there is nothing to train on or to validate with, what a callback throws,
    ///   and `SampleError` if a sample cannot be read. The module keeps what it has learned until then, and the next `fit`
    ///   goes on at the batch that could not be read.
    @discardableResult
    public func fit(epochs: Int) throws -> [EpochRecord] {
        guard epochs >= 0 else { failure("Trainer.fit: epochs must be 0 or more, not \(epochs)") }
        if epochs > 0, training.count == 0 { throw EmptyDataError(name: "training") }
        if epochs > 0, let validation, validation.count == 0 { throw EmptyDataError(name: "validation") }
        let first = records.count
        epochCount = first + epochs
        try forEachCallback { try $0.trainingWillBegin(self) }
        while !isComplete, !stopRequest.isMade {
            guard let record = try trainEpoch() else { break }
            records.append(record)
            try forEachCallback { try $0.epochDidEnd(record, self) }
        }
        try forEachCallback { try $0.trainingDidEnd(self) }
        stopRequest.withdraw()
        return Array(records[first...])
    }

    /// The loss and the metrics on other batches of the same kind, such as those of a test set; see
    /// `evaluate(_:on:metrics:step:)`.
    ///
    /// - Returns: nil if somebody has asked for an end meanwhile.
    /// - Throws: what the batches and the step throw. Traps if the batches are of another kind.
    public func evaluate(on batches: any Batches) throws -> Evaluation? { try evaluateBatches(batches) }

    /// Of the current epoch's time so far, the part in which it waited for batches to train on, 0…1.
    public var dataShare: Double { dataSeconds / max(secondsOfEpoch, dataSeconds, .leastNormalMagnitude) }

    /// The length of the current epoch so far.
    var secondsOfEpoch: Double { secondsBefore + (clock.now - epochStart).seconds }

    /// nil if the epoch was interrupted.
    private func trainEpoch() throws -> EpochRecord? {
        if isUnderway {
            if var batches = resumableTraining, let trainingPosition {
                batches.position = trainingPosition
            }
        } else {
            step = 0
            losses = RunningMean()
            means = MetricMeans(metrics)
            secondsBefore = 0
            dataSeconds = 0
            trainingPosition = resumableTraining?.position
        }
        isUnderway = true
        epochStart = clock.now
        // In a module in training mode, parts in evaluation mode are meant to be: frozen ones.
        if !module.isTraining { module.train() }
        try forEachCallback { try $0.epochWillBegin(self) }
        try trainSteps()
        let trainingSeconds = secondsOfEpoch
        var result: Evaluation?
        // With nothing left to do but the validation, a stop request still waits for no more than a batch.
        if step < stepsPerEpoch, stopRequest.isMade { return suspended() }
        if let validation {
            if var batches = resumableValidation {
                if let validationPosition { batches.position = validationPosition }
                validationPosition = batches.position
            }
            result = try evaluate(on: validation)
            guard result != nil else { return suspended() }
            validationPosition = nil
        }
        isUnderway = false
        return EpochRecord(
            epoch: epoch, trainLoss: meanLoss, trainMetrics: meanMetrics, validationLoss: result?.loss,
            validationMetrics: result?.metrics ?? [:],
            samplesPerSecond: Double(losses.sampleCount) / trainingSeconds, seconds: secondsOfEpoch,
            dataShare: dataSeconds / trainingSeconds)
    }

    private func suspended() -> EpochRecord? {
        secondsBefore = secondsOfEpoch
        epochStart = clock.now
        return nil
    }

    private func trainSteps() throws {
        let resumable = resumableTraining
        try forEachTrainingResult { result, waited in
            dataSeconds += waited.seconds
            optimizer.zeroGradients()
            result.loss.backward()
            try forEachCallback { try $0.optimizerWillStep(self) }
            optimizer.step()
            step += 1
            totalSteps += 1
            trainingPosition = resumable?.position
            losses.add(result)
            if !metrics.isEmpty { withoutGradients { means.add(result) } }
            try forEachCallback { try $0.stepDidEnd(self) }
            return !stopRequest.isMade
        }
    }

    private func forEachCallback(_ body: (any TrainerCallback) throws -> Void) throws {
        for callback in callbacks { try body(callback) }
    }
}

/// There are no batches to train on, or to validate with.
public struct EmptyDataError: Error, Sendable, Hashable, CustomStringConvertible {
    /// "training" or "validation".
    public var name: String

    /// An error of this set, such as "training".
    public init(name: String) { self.name = name }

    public var description: String {
        "the \(name) data has no batch: the data set is empty, or dropLast leaves out all of it"
    }
}

extension Duration {
    /// The length in seconds.
    package var seconds: Double { self / .seconds(1) }
}
