import Foundation
import Synchronization

/// The bytes that a pipe holds, as soon as there are any; none at its end. A signal that arrives meanwhile is no reason
/// to stop: Foundation's own functions for reading end the process then.
func nextBytes(of pipe: Pipe) -> Data {
    let descriptor = pipe.fileHandleForReading.fileDescriptor
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    var count = 0
    repeat { count = read(descriptor, &bytes, bytes.count) } while count < 0 && errno == EINTR
    guard count >= 0 else { fatalError("reading a pipe: \(String(cString: strerror(errno)))") }
    return Data(bytes[..<count])
}

/// All that is still to come out of a pipe.
func remainingText(of pipe: Pipe) -> String {
    var bytes = Data()
    while case let next = nextBytes(of: pipe), !next.isEmpty { bytes += next }
    return String(decoding: bytes, as: UTF8.self)
}

/// Reads a pipe on a thread of its own from the start, so that whoever fills it need not wait.
final class CollectedText: Sendable {
    private let pipe: Pipe
    private let text = Mutex("")
    private let isComplete = DispatchSemaphore(value: 0)

    init(_ pipe: Pipe) {
        self.pipe = pipe
        Thread { [self] in
            let all = remainingText(of: self.pipe)
            text.withLock { $0 = all }
            isComplete.signal()
        }.start()
    }

    /// Waits for the end.
    func value() -> String {
        isComplete.wait()
        defer { isComplete.signal() }
        return text.withLock { $0 }
    }
}
