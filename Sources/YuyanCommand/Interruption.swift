import Foundation
import Synchronization
import Yuyan

/// Ctrl-C, SIGTERM and the loss of the terminal (SIGHUP): the first asks the training to stop after the current step, a
/// later one ends the process at once. A reader that closes the pipe which is written to counts as a signal, too.
///
/// A thread waits for the signals, and all others block them: vendor kernels use the stack pointer for other things, so
/// that a handler which interrupts one destroys memory (seen with oneDNN 2.6).
enum Interruption {
    /// What a trainer must be given to hear of the signal.
    static let stopRequest = StopRequest()
    private static let received = Atomic<Int32>(0)
    private static let canStop = Atomic(false)
    /// Programs such as `timeout` send the same signal twice in a row.
    private static let repetition = Duration.milliseconds(500)

    /// The signal that arrived, if one did.
    static var signal: Int32? {
        let number = received.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Starts to wait. Call it before other threads are started, since they inherit what is blocked.
    static func watch() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
        // Under `nohup` it means nothing.
        if !isIgnored(SIGHUP) { sigaddset(&signals, SIGHUP) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        // Writing tells of a closed pipe by its error.
        Foundation.signal(SIGPIPE, SIG_IGN)
        let blocked = signals
        Thread { wait(for: blocked) }.start()
    }

    /// Runs `body`, which stops where `stopRequest` says so. Outside, a signal ends the process at once.
    static func stopping<Result>(_ body: () throws -> Result) rethrows -> Result {
        canStop.store(true, ordering: .relaxed)
        defer { canStop.store(false, ordering: .relaxed) }
        return try body()
    }

    /// Asks the training to stop as that signal would.
    static func stop(as signal: Int32) {
        _ = received.compareExchange(expected: 0, desired: signal, ordering: .relaxed)
        stopRequest.make()
    }

    private static func isIgnored(_ signal: Int32) -> Bool {
        let ignored = ProcFile("/proc/self/status")["SigIgn"].flatMap { UInt64($0, radix: 16) } ?? 0
        return ignored >> UInt64(signal - 1) & 1 == 1
    }

    private static func wait(for blocked: sigset_t) {
        var signals = blocked
        var (number, first): (Int32, ContinuousClock.Instant?) = (0, nil)
        while sigwait(&signals, &number) == 0 {
            if let first, ContinuousClock.now - first < repetition { continue }
            // Shells and systems tell of a lost terminal more than once.
            if first != nil, number == SIGHUP { continue }
            guard first == nil, canStop.load(ordering: .relaxed) else { break }
            first = .now
            stop(as: number)
        }
        Foundation.signal(number, SIG_DFL)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        raise(number)
    }
}
