import Foundation
import YuyanData

/// What has become of a run.
public enum RunState: String, Sendable, Hashable, Codable, CaseIterable {
    /// A process trains it now.
    case running
    /// All epochs have ended, or the patience was used up.
    case finished
    /// Interrupted or killed: it can go on.
    case stopped
    /// The loss, or a parameter, became infinite or not a number.
    case diverged
    /// An error ended it, which its log names.
    case failed
}

extension Run {
    /// What has become of the run, by its configuration and the epochs that have ended.
    public func state(_ configuration: RunConfiguration, _ records: [EpochRecord]) -> RunState {
        if isLocked { return .running }
        if records.count >= configuration.epochs { return .finished }
        if let patience = configuration.patience, epochsWithoutImprovement(records) >= patience { return .finished }
        guard let note = lastNote, note.hasPrefix("error: ") else { return .stopped }
        return note.hasPrefix("error: training diverged") ? .diverged : .failed
    }

    /// Whether a `RunLog` of some process is open.
    private var isLocked: Bool {
        let descriptor = Files.uninterrupted { open(logFile.path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Files.uninterrupted({ flock(descriptor, LOCK_SH | LOCK_NB) }) != 0 && errno == EWOULDBLOCK
    }

    /// As `EarlyStopping` counts them.
    private func epochsWithoutImprovement(_ records: [EpochRecord]) -> Int {
        guard let best = Monitor.validationLoss.best(of: records) else { return records.count }
        return records.reversed().prefix { $0.epoch != best.epoch }.count
    }

    /// The last line of the log, without its time.
    private var lastNote: Substring? {
        guard let file = try? FileHandle(forReadingFrom: logFile), let end = try? file.seekToEnd() else { return nil }
        let size: UInt64 = 4096
        try? file.seek(toOffset: end > size ? end - size : 0)
        let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
        return text.split(separator: "\n").last?.drop { $0 != " " }.dropFirst()
    }
}
