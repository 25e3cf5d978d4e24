import Foundation
import YuyanData

/// The `log.txt` of a run: lines with the time in front, appended. As long as it exists, no other process can open it:
/// that is how a run is kept from being continued twice at once.
public final class RunLog: TrainerCallback {
    private let file: FileHandle
    private var table: EpochTable?

    /// Opens the log, and creates it if it is missing. Nothing is written yet.
    ///
    /// - Throws: `DataError` if it cannot be written, or another process has it open.
    public init(_ run: Run) throws(DataError) {
        let path = run.logFile.path
        func failure(_ reason: String) -> DataError { DataError(path: path, reason: reason) }
        let descriptor = Files.uninterrupted { open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o666) }
        guard descriptor >= 0 else { throw failure("cannot be written: \(String(cString: strerror(errno)))") }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var attempts = 10
        // Somebody who looks whether the run is being trained holds the lock for a moment.
        while Files.uninterrupted({ flock(descriptor, LOCK_EX | LOCK_NB) }) != 0 {
            attempts -= 1
            if errno == EWOULDBLOCK, attempts > 0 {
                usleep(5000)
                continue
            }
            guard errno == EWOULDBLOCK else { throw failure("cannot be locked: \(String(cString: strerror(errno)))") }
            throw DataError(path: run.folder.relativePath, reason: "another process is training this run")
        }
    }

    /// Appends lines. A full disk is no reason to stop: what matters is checked where it is written.
    public func note(_ text: String) {
        let time = Date().formatted(.iso8601)
        let lines = text.split(separator: "\n").map { "\(time) \($0)\n" }
        try? file.write(contentsOf: Data(lines.joined().utf8))
    }

    public func trainingWillBegin(_ trainer: Trainer) {
        let table = EpochTable(trainer)
        self.table = table
        if !trainer.isComplete, !trainer.stopRequest.isMade { note(table.header) }
    }

    public func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) {
        if let table { note(table.line(record)) }
    }
}
