import Foundation

/// Stops a training whose table nobody reads any more, such as in `yuyan train lenet | head`, as a signal would; see
/// `Interruption`.
public final class ClosedOutput: TrainerCallback {
    private let terminal: Terminal

    /// Watches a terminal, by default standard output.
    public init(_ terminal: Terminal = .standardOutput) { self.terminal = terminal }

    public func trainingWillBegin(_ trainer: Trainer) { check(trainer) }
    public func stepDidEnd(_ trainer: Trainer) { check(trainer) }
    public func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) { check(trainer) }

    private func check(_ trainer: Trainer) {
        if terminal.writeError == EPIPE { Interruption.stop(trainer.stopRequest, as: SIGPIPE) }
    }
}
