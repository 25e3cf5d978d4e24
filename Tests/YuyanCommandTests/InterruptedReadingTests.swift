import Foundation
import Synchronization
import Testing

/// Sends a signal to the thread that made it, every half millisecond until `stop()`. Its handler does nothing, but calls
/// such as `read` end early: it does not have them restarted.
private final class SignalSender: Sendable {
    private let isStopped = Atomic(false)
    private let hasEnded = DispatchSemaphore(value: 0)
    private let signals: sigset_t

    init(_ signal: Int32 = SIGUSR1) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigaction(signal, &action, nil)
        // The threads that tests run on block all signals.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, signal)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        self.signals = signals
        let receiver = pthread_self()
        Thread { [self] in
            while !isStopped.load(ordering: .relaxed) {
                pthread_kill(receiver, signal)
                usleep(500)
            }
            hasEnded.signal()
        }.start()
    }

    /// Call it from the thread that is signalled.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        hasEnded.wait()
        var signals = signals
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}

@Suite struct InterruptedReadingTests {
    private let shell = URL(fileURLWithPath: "/bin/sh")
    /// Prints slowly, and more on each side than a pipe holds.
    private let script = """
        line=$(printf '%01000d' 0)
        for number in $(seq 150); do
            echo "$number $line"
            echo "error $number $line" >&2
            sleep 0.002
        done
        """

    @Test func signalsCutNothingOff() throws {
        let sender = SignalSender()
        defer { sender.stop() }
        let child = try Child.run(["-c", script], program: shell)
        #expect(child.status == 0)
        check(child.output.split(separator: "\n"), first: "1 0", last: "150 0")
        check(child.errors.split(separator: "\n"), first: "error 1 0", last: "error 150 0")
    }

    @Test func signalsCutNoLineOff() throws {
        let sender = SignalSender()
        defer { sender.stop() }
        let child = try RunningChild(["-c", script], program: shell)
        var lines: [Substring] = []
        child.readLines { lines.append($0) }
        let result = child.finish()
        #expect(result.status == 0 && result.output == "")
        check(lines, first: "1 0", last: "150 0")
        check(result.errors.split(separator: "\n"), first: "error 1 0", last: "error 150 0")
    }

    private func check(_ lines: [Substring], first: String, last: String) {
        #expect(lines.count == 150)
        #expect(lines.first?.hasPrefix(first) == true && lines.last?.hasPrefix(last) == true)
        #expect(lines.allSatisfy { $0.hasSuffix("0000") })
    }
}
