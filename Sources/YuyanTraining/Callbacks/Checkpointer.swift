import Foundation
import YuyanCore
import YuyanData

/// Writes checkpoints of the last and the best state, so that a training can be continued.
///
/// The last state is written every so many epochs or steps, after a step that has timed kernels (`KernelTuning`), and when
/// somebody stops the training. The best is written after each epoch that is the best so far, which without validation
/// batches only a monitor can say. Place it behind the callbacks whose results must not lag behind a checkpoint: what
/// comes before it has been done when the checkpoint says that the epoch has ended.
public final class Checkpointer: TrainerCallback {
    /// How often the last state is written.
    public enum Interval: Sendable, Hashable, CustomStringConvertible {
        /// After so many epochs.
        case epochs(Int)
        /// After so many steps.
        case steps(Int)

        /// From text such as `"1epoch"`, `"2epochs"` or `"100steps"`; nil if it is none, or the number is 0.
        public init?(_ text: String) {
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            guard let count = Int(digits), count > 0 else { return nil }
            switch text.dropFirst(digits.count) {
            case "epoch", "epochs": self = .epochs(count)
            case "step", "steps": self = .steps(count)
            default: return nil
            }
        }

        public var description: String {
            switch self {
            case .epochs(let count): count == 1 ? "1epoch" : "\(count)epochs"
            case .steps(let count): count == 1 ? "1step" : "\(count)steps"
            }
        }
    }

    /// The file of the latest state.
    public let last: URL
    /// The file of the best state; nil for none.
    public let best: URL?
    /// How often the latest state is written.
    public let interval: Interval
    private let configuration: RunConfiguration?
    private let monitor: Monitor?
    /// The epochs and the steps of the last checkpoint that was written or read.
    private var written: (records: Int, totalSteps: Int)?
    /// How many choices of kernels that one holds.
    private var writtenChoices = 0

    /// - Parameters:
    ///   - last: the file of the last state.
    ///   - best: the file of the best; nil to keep none.
    ///   - monitor: what is best; by default `Trainer.defaultMonitor`.
    ///   - configuration: of the run, which the checkpoints then name.
    public init(
        last: URL, best: URL? = nil, every interval: Interval = .epochs(1), monitor: Monitor? = nil,
        configuration: RunConfiguration? = nil
    ) {
        self.last = last
        self.best = best
        self.interval = interval
        self.monitor = monitor
        self.configuration = configuration
    }

    /// A checkpoint of a new training shows early whether checkpoints can be written, and can always be resumed.
    public func trainingWillBegin(_ trainer: Trainer) throws {
        written = (trainer.records.count, trainer.totalSteps)
        writtenChoices = KernelChoices.current.kernels.count
        if trainer.totalSteps == 0 { try write(trainer, to: last) }
    }

    public func stepDidEnd(_ trainer: Trainer) throws {
        let isDue = if case .steps(let count) = interval { trainer.totalSteps % count == 0 } else { false }
        // Kernels that were timed: timed again, after an interruption, others might win.
        let hasNewChoices = KernelTuning.isEnabled && KernelChoices.current.kernels.count > writtenChoices
        if isDue || hasNewChoices { try write(trainer, to: last) }
    }

    public func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) throws {
        if let best, let monitor = monitor ?? trainer.defaultMonitor,
            monitor.best(of: trainer.records)?.epoch == record.epoch
        {
            try write(trainer, to: best)
        }
        // The last epoch always, before anything is done to its weights: the run may be prolonged.
        let isDue = if case .epochs(let count) = interval { record.epoch % count == 0 } else { false }
        if isDue || trainer.isComplete || trainer.stopRequest.isMade { try write(trainer, to: last) }
    }

    public func trainingDidEnd(_ trainer: Trainer) throws {
        if let written, written == (trainer.records.count, trainer.totalSteps) { return }
        try write(trainer, to: last)
    }

    private func write(_ trainer: Trainer, to url: URL) throws {
        guard trainer.isMainProcess else { return }
        let checkpoint = Checkpoint(trainer, configuration: configuration)
        // What cannot be continued must not replace what can.
        let loss = trainer.isUnderway && trainer.step > 0 ? trainer.meanLoss : 0
        guard loss.isFinite else { throw DivergenceError(epoch: trainer.epoch, loss: loss) }
        if let name = checkpoint.nonFiniteTensor { throw NonFiniteError(epoch: trainer.epoch, tensor: name) }
        try checkpoint.write(to: url)
        guard url == last else { return }
        written = (trainer.records.count, trainer.totalSteps)
        writtenChoices = checkpoint.state.kernelChoices.kernels.count
    }
}

/// A parameter or another part of the state is no longer a finite number.
public struct NonFiniteError: Error, Sendable, Hashable, CustomStringConvertible {
    /// From 1.
    public var epoch: Int
    /// The name in the checkpoint, such as `model.0.weight`.
    public var tensor: String

    public var description: String {
        "training diverged: \(tensor) holds NaN or infinity in epoch \(epoch); a smaller learning rate may help"
    }
}
