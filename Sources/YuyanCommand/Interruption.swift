import Foundation
import Synchronization
import Yuyan

/// Ctrl-C and SIGTERM: the first asks the training to stop after the current step, the second ends the process at once.
enum Interruption {
    /// What a trainer must be given to hear of the signal.
    static let stopRequest = StopRequest()
    private static let received = Atomic<Int32>(0)

    /// The signal that arrived, if one did.
    static var signal: Int32? {
        let number = received.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Runs `body` with the signals caught.
    static func caught<Result>(_ body: () throws -> Result) rethrows -> Result {
        // Both must exist before a handler uses them: it may not create anything.
        _ = (stopRequest, signal)
        func restore() {
            Foundation.signal(SIGINT, SIG_DFL)
            Foundation.signal(SIGTERM, SIG_DFL)
        }
        for number in [SIGINT, SIGTERM] {
            Foundation.signal(number) { number in
                Interruption.received.store(number, ordering: .relaxed)
                Interruption.stopRequest.make()
                Foundation.signal(SIGINT, SIG_DFL)
                Foundation.signal(SIGTERM, SIG_DFL)
            }
        }
        defer { restore() }
        return try body()
    }
}
