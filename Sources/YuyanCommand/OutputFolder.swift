import Foundation
import Yuyan

/// Where a run keeps its results.
struct OutputFolder {
    let weights: URL
    let metrics: URL
    let timing: URL

    /// Creates the folder if it is missing, and makes sure that the files can be written: before hours of training
    /// rather than after.
    init(path: String) throws {
        let folder = URL(fileURLWithPath: path, isDirectory: true)
        weights = folder.appendingPathComponent("weights.safetensors")
        metrics = folder.appendingPathComponent("metrics.csv")
        timing = folder.appendingPathComponent("timing.csv")
        func failure(_ reason: String) -> DataError { DataError(path: path, reason: reason) }

        let files = FileManager.default
        var isFolder: ObjCBool = false
        if files.fileExists(atPath: folder.path, isDirectory: &isFolder) {
            guard isFolder.boolValue else { throw failure("--output is a file, not a folder") }
        } else {
            try OutputFolder.create(folder, path)
        }
        let probe = folder.appendingPathComponent(".yuyan-\(UUID().uuidString).tmp")
        guard files.createFile(atPath: probe.path, contents: Data()) else {
            throw failure("--output cannot be written to: \(String(cString: strerror(errno)))")
        }
        try? files.removeItem(at: probe)
        for file in [weights, metrics, timing] {
            if files.fileExists(atPath: file.path, isDirectory: &isFolder), isFolder.boolValue {
                throw DataError(path: file.path, reason: "is a folder where a file would be written")
            }
        }
    }

    /// Creates a folder and those above it. In steps, because Foundation keeps the system's reason to itself.
    private static func create(_ folder: URL, _ path: String) throws {
        let parent = folder.deletingLastPathComponent()
        if !FileManager.default.fileExists(atPath: parent.path), parent.path != folder.path {
            try create(parent, path)
        }
        guard mkdir(folder.path, 0o777) == 0 || errno == EEXIST else {
            throw DataError(path: path, reason: "--output cannot be created: \(String(cString: strerror(errno)))")
        }
    }
}
