import Foundation
import YuyanData
import YuyanNN
import YuyanCore

/// Writes the numbers of a training for TensorBoard: `tensorboard --logdir runs` shows them while it runs.
///
/// - `loss/train`, `loss/validation` and the same for each metric, after each epoch.
/// - `loss/step`: the mean loss since the last such number, every so many steps.
/// - `learning rate`: as often.
/// - `samples per second`: after each epoch.
/// - `loss/test` and the same for each metric, if `add(_:_:)` is called with them.
///
/// The steps are those since the beginning of the training. Where an interrupted training goes on, what was written
/// after its checkpoint is replaced, and the numbers are those of one that was not interrupted. Place it before a
/// `Checkpointer`.
public final class TensorBoardCallback: ResumableCallback {
    /// Where the event files are.
    public let folder: URL
    /// The number of steps between two values of `loss/step`.
    public let stepInterval: Int
    private var writer: TensorBoardWriter?
    private var firstStep = 0
    /// What came after the last `loss/step` in epochs that have ended, and what came before it in the current one.
    private var unwritten = RunningMean.State()
    private var written = RunningMean.State()

    /// Traps unless `stepInterval` is above 0.
    public init(_ folder: URL, every stepInterval: Int = 50) {
        guard stepInterval > 0 else { failure("TensorBoardCallback: every must be above 0, not \(stepInterval)") }
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

    public func stepDidEnd(_ trainer: Trainer) throws {
        guard trainer.totalSteps % stepInterval == 0 else { return }
        let losses = trainer.losses.stateNow
        let all = unwritten + (losses - written)
        (written, unwritten) = (losses, RunningMean.State())
        guard let writer = try openWriter(trainer) else { return }
        try writer.add("loss/step", all.sum / all.weight, step: trainer.totalSteps)
        try writer.add("learning rate", trainer.optimizer.currentLearningRate, step: trainer.totalSteps)
    }

    public func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) throws {
        unwritten = unwritten + (trainer.losses.stateNow - written)
        written = RunningMean.State()
        guard let writer = try openWriter(trainer) else { return }
        func add(_ name: String, _ value: Double?) throws {
            if let value { try writer.add(name, value, step: trainer.totalSteps) }
        }
        try add("loss/train", record.trainLoss)
        try add("loss/validation", record.validationLoss)
        for metric in trainer.metrics {
            try add("\(metric.name)/train", record.trainMetrics[metric.name])
            try add("\(metric.name)/validation", record.validationMetrics[metric.name])
        }
        try add("samples per second", record.samplesPerSecond)
    }

    /// Writes what the weights achieve on the test set, beside the last step.
    ///
    /// - Throws: `DataError` if it cannot be written.
    public func add(_ record: TestRecord, _ trainer: Trainer) throws {
        guard let writer = try openWriter(trainer) else { return }
        try writer.add("loss/test", record.loss, step: trainer.totalSteps)
        for (name, value) in record.metrics.sorted(by: { $0.key < $1.key }) {
            try writer.add("\(name)/test", value, step: trainer.totalSteps)
        }
    }

    // MARK: - State

    public var stateName: String { "tensor_board" }

    /// The losses of the steps since the last number that was written.
    public func savedState() -> SavedState {
        var state = SavedState()
        for (name, mean) in [("unwritten", unwritten), ("written", written)] {
            state.numbers["\(name)_sum"] = mean.sum
            state.numbers["\(name)_count"] = Double(mean.sampleCount)
            state.numbers["\(name)_weight"] = mean.weight
        }
        return state
    }

    public func restore(_ state: SavedState) {
        func mean(_ name: String) -> RunningMean.State {
            let count = state.numbers["\(name)_count"].flatMap(Int.init(exactly:)) ?? 0
            return RunningMean.State(
                sum: state.numbers["\(name)_sum"] ?? 0, sampleCount: count, weight: state.numbers["\(name)_weight"])
        }
        (unwritten, written) = (mean("unwritten"), mean("written"))
    }
}

extension RunningMean {
    /// The state; the receiver keeps what it has not read yet.
    fileprivate var stateNow: State {
        var copy = self
        return copy.state()
    }
}

extension RunningMean.State {
    fileprivate static func + (a: Self, b: Self) -> Self {
        Self(sum: a.sum + b.sum, sampleCount: a.sampleCount + b.sampleCount, weight: a.weight + b.weight)
    }

    fileprivate static func - (a: Self, b: Self) -> Self {
        Self(sum: a.sum - b.sum, sampleCount: a.sampleCount - b.sampleCount, weight: a.weight - b.weight)
    }
}
