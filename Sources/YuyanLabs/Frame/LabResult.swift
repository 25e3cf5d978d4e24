import Foundation
import Yuyan

/// What a lab has written, and what became of its claims.
public struct LabResult: Codable, Sendable {
    public let id: String
    public let seed: UInt64
    public let isQuick: Bool
    /// Where it was computed.
    public let device: String
    /// The processor whose numbers these are.
    public let processor: String
    public let version: String
    public let checks: [Check]
    package let entries: [Notebook.Entry]
    /// Seconds.
    public let duration: Double

    /// Whether no claim failed.
    public var holds: Bool { !checks.contains { $0.verdict == .failed } }

    /// Why figures could not be drawn; empty if all were.
    var pictureFaults: [String] {
        entries.compactMap { if case .figure(let figure) = $0 { figure.fault } else { nil } }
    }

    /// What a run must agree in for its result to stand for another.
    struct Key: Equatable {
        let seed: UInt64
        let isQuick: Bool
        let device, version: String
    }

    var key: Key { Key(seed: seed, isQuick: isQuick, device: device, version: version) }

    init(
        id: String, seed: UInt64, isQuick: Bool, device: String, processor: String, version: String, checks: [Check],
        entries: [Notebook.Entry], duration: Double
    ) {
        self.id = id
        self.seed = seed
        self.isQuick = isQuick
        self.device = device
        self.processor = processor
        self.version = version
        self.checks = checks
        self.entries = entries
        self.duration = duration
    }

    // MARK: Files

    private static let fileName = "result.json"

    /// The result in a lab's folder; nil if there is none that this version can read.
    init?(in folder: URL) {
        let file = folder.appendingPathComponent(LabResult.fileName)
        guard let bytes = try? Files.read(file),
            let result = try? JSONText.decoded(LabResult.self, bytes, path: file.path, called: "result of a lab")
        else { return nil }
        self = result
    }

    func write(in folder: URL) throws {
        let bytes = try JSONText.encoded(self, isPretty: true)
        try Files.write(folder.appendingPathComponent(LabResult.fileName)) { try $0.write(contentsOf: bytes) }
    }

    /// Takes away what stands for a finished run.
    static func remove(in folder: URL) throws {
        let file = folder.appendingPathComponent(fileName)
        if FileManager.default.fileExists(atPath: file.path) { try FileManager.default.removeItem(at: file) }
    }
}
