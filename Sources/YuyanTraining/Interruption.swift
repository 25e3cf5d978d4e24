import Foundation
import Synchronization

/// Ctrl-C, SIGTERM and the loss of the terminal (SIGHUP): the first asks the training to stop after the current step, a
/// later one ends the process at once. A reader that closes the pipe which is written to counts as a signal, too.
///
///     Interruption.watch()
///     …
///     try run.train(trainer)
///     if let signal = Interruption.signal { exit(128 + signal) }
///
/// A thread waits for the signals, and all others block them: vendor kernels use the stack pointer for other things, so
/// that a handler which interrupts one destroys memory (seen with oneDNN 2.6).
public enum Interruption {
    private static let received = Atomic<Int32>(0)
    /// That of the training which can stop; nil where there is none.
    private static let stopRequest = Mutex(StopRequest?.none)
    /// Programs such as `timeout` send the same signal twice in a row.
    private static let repetition = Duration.milliseconds(500)

    /// The signal that arrived, if one did.
    public static var signal: Int32? {
        let number = received.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Starts to wait. Call it first of all: other threads that are there already would not block the signals.
    public static func watch() {
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

    /// Runs `body`, which stops where `request` says so. Outside, a signal ends the process at once.
    public static func stopping<Result>(_ request: StopRequest, _ body: () throws -> Result) rethrows -> Result {
        stopRequest.withLock { $0 = request }
        defer { stopRequest.withLock { $0 = nil } }
        return try body()
    }

    /// Asks a training to stop as that signal would.
    static func stop(_ request: StopRequest, as signal: Int32) {
        _ = received.compareExchange(expected: 0, desired: signal, ordering: .relaxed)
        request.make()
    }

    private static func isIgnored(_ signal: Int32) -> Bool {
        let status = FileManager.default.contents(atPath: "/proc/self/status") ?? Data()
        let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("SigIgn:") }
        let mask = line.flatMap { UInt64($0.dropFirst(7).drop { $0.isWhitespace }, radix: 16) } ?? 0
        return mask >> UInt64(signal - 1) & 1 == 1
    }

    private static func wait(for blocked: sigset_t) {
        var signals = blocked
        var (number, first): (Int32, ContinuousClock.Instant?) = (0, nil)
        while sigwait(&signals, &number) == 0 {
            if let first, ContinuousClock.now - first < repetition { continue }
            // Shells and systems tell of a lost terminal more than once.
            if first != nil, number == SIGHUP { continue }
            guard first == nil, let request = stopRequest.withLock({ $0 }) else { break }
            first = .now
            stop(request, as: number)
        }
        Foundation.signal(number, SIG_DFL)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        raise(number)
    }
}
