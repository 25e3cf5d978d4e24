import Foundation
import YuyanData

/// Writes the numbers of a training for TensorBoard: `tensorboard --logdir runs` shows them while it runs.
///
/// - `loss/train`, `loss/test` (or what the validation batches are called) and the same for each metric, after each
///   epoch.
/// - `loss/step`: the mean loss of the samples since the last such number, every so many steps.
/// - `learning rate`: as often.
/// - `samples per second`: after each epoch.
///
/// The steps are those since the beginning of the training. Where an interrupted training goes on, what was written
/// after its checkpoint is replaced.
public final class TensorBoardCallback: TrainerCallback {
    public let folder: URL
    /// The number of steps between two values of `loss/step`.
    public let stepInterval: Int
    private var writer: TensorBoardWriter?
    private var firstStep = 0
    private var lossesBefore = RunningMean().stateNow

    /// Traps unless `stepInterval` is above 0.
    public init(_ folder: URL, every stepInterval: Int = 50) {
        guard stepInterval > 0 else { fatalError("TensorBoardCallback: every must be above 0, not \(stepInterval)") }
        self.folder = folder
        self.stepInterval = stepInterval
    }

    public func trainingWillBegin(_ trainer: Trainer) {
        if writer == nil { firstStep = trainer.totalSteps == 0 ? 0 : trainer.totalSteps + 1 }
    }

    /// The file is created when there is something to write: a training that has nothing to do leaves none. nil in
    /// other processes than the main one.
    private func openWriter(_ trainer: Trainer) throws(DataError) -> TensorBoardWriter? {
        if writer == nil, trainer.isMainProcess {
            writer = try TensorBoardWriter(folder: folder, firstStep: firstStep)
        }
        return writer
    }

    public func epochWillBegin(_ trainer: Trainer) { lossesBefore = trainer.losses.stateNow }

    public func stepDidEnd(_ trainer: Trainer) throws {
        guard trainer.totalSteps % stepInterval == 0, let writer = try openWriter(trainer) else { return }
        let losses = trainer.losses.stateNow
        let count = losses.sampleCount - lossesBefore.sampleCount
        let mean = (losses.sum - lossesBefore.sum) / Double(count)
        lossesBefore = losses
        try writer.add("loss/step", mean, step: trainer.totalSteps)
        try writer.add("learning rate", trainer.optimizer.currentLearningRate, step: trainer.totalSteps)
    }

    public func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) throws {
        guard let writer = try openWriter(trainer) else { return }
        func add(_ name: String, _ value: Double?) throws {
            if let value { try writer.add(name, value, step: trainer.totalSteps) }
        }
        try add("loss/train", record.trainLoss)
        try add("loss/\(trainer.validationName)", record.validationLoss)
        for metric in trainer.metrics {
            try add("\(metric.name)/train", record.trainMetrics[metric.name])
            try add("\(metric.name)/\(trainer.validationName)", record.validationMetrics[metric.name])
        }
        try add("samples per second", record.samplesPerSecond)
    }
}

extension RunningMean {
    /// The state; the receiver keeps what it has not read yet.
    fileprivate var stateNow: State {
        var copy = self
        return copy.state()
    }
}
