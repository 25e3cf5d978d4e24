import Foundation
import YuyanData

/// The folder of a run and the files in it.
///
///     runs/lenet/
///       configuration.json         all that is needed to repeat the run
///       metrics.csv                losses and metrics of each epoch
///       timing.csv                 seconds and samples a second of each epoch, and the share of waiting for data
///       test.csv                   what the weights achieve on the test set, once the training has ended
///       weights.safetensors        the model after the last epoch, PyTorch's names and layouts
///       checkpoints/last.safetensors, best.safetensors
///       events.out.tfevents.*      the numbers of each epoch, and of steps between, for TensorBoard
///       report.html, pictures/     if `yuyan report` was asked for them: the page, and its figures as SVG and CSV
///       log.txt                    what happened when
public struct Run: Sendable, Hashable {
    /// Where all its files are.
    public let folder: URL

    /// The folder's own name.
    public var name: String { folder.lastPathComponent }
    /// What the run was told, as JSON.
    public var configurationFile: URL { file("configuration.json") }
    /// The losses and metrics of each epoch, as CSV.
    public var metricsFile: URL { file("metrics.csv") }
    /// The times of each epoch, as CSV.
    public var timingFile: URL { file("timing.csv") }
    /// The numbers on the test set, as CSV.
    public var testFile: URL { file("test.csv") }
    /// The weights it ended with, as safetensors.
    public var weightsFile: URL { file("weights.safetensors") }
    /// The page that `yuyan report` writes.
    public var reportFile: URL { file("report.html") }
    /// The pictures of the report.
    public var picturesFolder: URL { folder.appendingPathComponent("pictures", isDirectory: true) }
    /// What was said while it trained.
    public var logFile: URL { file("log.txt") }
    /// Where its checkpoints are.
    public var checkpointsFolder: URL { folder.appendingPathComponent("checkpoints", isDirectory: true) }
    /// The checkpoint to go on from.
    public var lastCheckpoint: URL { checkpointsFolder.appendingPathComponent("last.safetensors") }
    /// The checkpoint of the best epoch on the validation set.
    public var bestCheckpoint: URL { checkpointsFolder.appendingPathComponent("best.safetensors") }

    private func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

    private init(folder: URL) { self.folder = folder }

    /// A run that exists. Throws `DataError` unless `url` is a folder with a configuration.
    public init(at url: URL) throws(DataError) {
        self.init(folder: URL(fileURLWithPath: url.relativePath, isDirectory: true))
        switch Run.kind(of: folder) {
        case .missing: throw DataError(path: url.path, reason: "no such folder")
        case .file: throw DataError(path: url.path, reason: "is a file, not the folder of a run")
        case .folder: break
        }
        guard Run.kind(of: configurationFile) == .file else {
            throw DataError(path: url.path, reason: "is not the folder of a run: it has no configuration.json")
        }
    }

    /// Creates the folder of a new run, and those above it, and writes its configuration. The folder of a run that ended
    /// before its first checkpoint, such as on a full disk, is taken over.
    ///
    /// - Throws: `DataError` if there is something already, or nothing can be written there.
    public static func create(at url: URL, _ configuration: RunConfiguration) throws(DataError) -> Run {
        let run = Run(folder: URL(fileURLWithPath: url.relativePath, isDirectory: true))
        func failure(_ reason: String) -> DataError { DataError(path: url.path, reason: reason) }
        switch kind(of: run.folder) {
        case .missing: try createFolder(run.folder)
        case .file: throw failure("is a file, not a folder")
        case .folder:
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: run.folder.path) else {
                throw failure("cannot be read: \(String(cString: strerror(errno)))")
            }
            if names.isEmpty { break }
            guard run.isWithoutResults(names) else {
                throw failure("is not empty; name another folder, or continue the run in it with --resume")
            }
            // Held until the configuration is the new one: another process may be about to begin here.
            let log = try RunLog(run)
            defer { withExtendedLifetime(log) {} }
            run.removeUnfinishedFiles()
            try createFolder(run.checkpointsFolder)
            try run.write(configuration)
            return run
        }
        try createFolder(run.checkpointsFolder)
        try run.write(configuration)
        return run
    }

    /// Whether the folder, which holds `names`, is that of a run that has kept nothing yet.
    private func isWithoutResults(_ names: [String]) -> Bool {
        let own = [configurationFile, logFile, checkpointsFolder].map(\.lastPathComponent)
        guard names.allSatisfy({ own.contains($0) || Files.isTemporary($0) }) else { return false }
        if names.contains(own[0]) {
            guard (try? configuration()) != nil else { return false }
        } else if names.contains(own[1]) || !names.contains(own[2]) {
            return false
        }
        guard names.contains(own[2]) else { return true }
        let checkpoints = try? FileManager.default.contentsOfDirectory(atPath: checkpointsFolder.path)
        return checkpoints?.allSatisfy(Files.isTemporary) ?? false
    }

    /// The runs in a folder, by name. What is no run is left out.
    public static func all(in root: URL) throws(DataError) -> [Run] {
        switch kind(of: root) {
        case .missing: throw DataError(path: root.path, reason: "no such folder")
        case .file: throw DataError(path: root.path, reason: "is a file, not a folder of runs")
        case .folder: break
        }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: root.path).sorted().compactMap {
                try? Run(at: root.appendingPathComponent($0, isDirectory: true))
            }
        } catch {
            throw DataError(path: root.path, reason: "cannot be read: \(String(cString: strerror(errno)))")
        }
    }

    // MARK: - Contents

    /// What the run was told. Throws if the file is missing, damaged or of another version.
    public func configuration() throws(DataError) -> RunConfiguration {
        try JSONText.decoded(
            RunConfiguration.self, try Files.read(configurationFile), version: RunConfiguration.currentFormatVersion,
            path: configurationFile.path, called: "configuration of a run")
    }

    /// Replaces the configuration, such as when more epochs are asked for.
    public func write(_ configuration: RunConfiguration) throws(DataError) {
        try Files.write(configurationFile) { file in
            try file.write(contentsOf: JSONText.encoded(configuration, isPretty: true) + Data("\n".utf8))
        }
    }

    /// Removes what a process that was killed while it wrote has left behind.
    package func removeUnfinishedFiles() {
        for folder in [folder, checkpointsFolder] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            for name in names where Files.isTemporary(name) {
                try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
            }
        }
    }

    // MARK: - Folders

    private enum Kind {
        case missing, file, folder
    }

    private static func kind(of url: URL) -> Kind {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else { return .missing }
        return isFolder.boolValue ? .folder : .file
    }

    /// Creates the folder for pictures, unless there is one.
    public func createPicturesFolder() throws(DataError) {
        if Run.kind(of: picturesFolder) != .folder { try Run.createFolder(picturesFolder) }
    }

    /// Creates a folder and those above it. In steps, because Foundation keeps the system's reason to itself.
    private static func createFolder(_ folder: URL) throws(DataError) {
        let parent = folder.deletingLastPathComponent()
        if kind(of: parent) == .missing, parent.path != folder.path { try createFolder(parent) }
        guard mkdir(folder.path, 0o777) == 0 || errno == EEXIST else {
            throw DataError(path: folder.path, reason: "cannot be created: \(String(cString: strerror(errno)))")
        }
    }
}
