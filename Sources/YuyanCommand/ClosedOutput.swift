import Foundation
import Yuyan

/// Stops a training whose table nobody reads any more, such as in `yuyan train lenet | head`.
final class ClosedOutput: TrainerCallback {
    private let screen: Terminal

    init(_ screen: Terminal) { self.screen = screen }

    func trainingWillBegin(_ trainer: Trainer) { check() }
    func stepDidEnd(_ trainer: Trainer) { check() }
    func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) { check() }

    private func check() {
        if screen.writeError == EPIPE { Interruption.stop(as: SIGPIPE) }
    }
}
