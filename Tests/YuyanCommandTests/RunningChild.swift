import Foundation

/// A run of the built command that the test watches and sends signals to.
final class RunningChild {
    private let process = Process()
    private let output = Pipe()
    private let errors: CollectedText

    /// Starts `yuyan`, or another program.
    init(
        _ arguments: [String], program: URL = Child.executable, environment: [String: String] = [:]
    ) throws {
        process.executableURL = program
        process.arguments = arguments
        process.environment = Child.environment.merging(environment) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        // Standard output waits for `readLines` or `finish`: a test may want a child that nobody reads.
        self.errors = CollectedText(errors)
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    var isRunning: Bool { process.isRunning }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// The pages of memory that the process has in use, without those of files: code that has not run yet is read late.
    var privatePages: Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/statm", encoding: .utf8)
        else { return nil }
        let pages = text.split(separator: " ").compactMap { Int($0) }
        return pages.count > 2 ? pages[1] - pages[2] : nil
    }

    /// Calls `body` for each line that the process prints, as soon as it has.
    func readLines(_ body: (Substring) -> Void) {
        var text = ""
        while case let bytes = nextBytes(of: output), !bytes.isEmpty {
            text += String(decoding: bytes, as: UTF8.self)
            while let end = text.firstIndex(of: "\n") {
                body(text[..<end])
                text.removeSubrange(...end)
            }
        }
    }

    /// Waits for the end. The status is that of a shell: 128 + n after signal n.
    func finish() -> Child {
        let text = remainingText(of: output)
        process.waitUntilExit()
        let signaled = process.terminationReason == .uncaughtSignal
        return Child(
            status: process.terminationStatus + (signaled ? 128 : 0), output: text, errors: errors.value())
    }

    /// Whether the process was ended by a signal rather than by itself; after `finish()`.
    var diedFromSignal: Bool { process.terminationReason == .uncaughtSignal }
}

/// Waits until something holds, at most half a minute.
func waitUntil(_ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(30)
    while try !condition() {
        if ContinuousClock.now > deadline { return false }
        usleep(2000)
    }
    return true
}
