import CZlib
import Foundation

/// One run of the built command.
struct Child {
    var status: Int32
    var output: String
    var errors: String

    /// The command lies beside the test binary.
    static let executable = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("yuyan")

    /// That of the tests, but in English whoever runs them.
    static let environment = ProcessInfo.processInfo.environment.merging(["LANGUAGE": "en"]) { $1 }

    /// Runs `yuyan` with arguments, or another program.
    static func run(
        _ arguments: [String], program: URL = executable, environment: [String: String] = [:]
    ) throws -> Child {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = Child.environment.merging(environment) { $1 }
        let (output, errors) = (Pipe(), Pipe())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let errorText = CollectedText(errors)
        let text = remainingText(of: output)
        process.waitUntilExit()
        return Child(status: process.terminationStatus, output: text, errors: errorText.value())
    }

    static func run(_ arguments: String...) throws -> Child { try run(arguments) }
}

/// A folder with a small made-up data set in the form of Fashion-MNIST: images whose rows brighten with the label. It
/// is removed when the test lets go of it.
final class DataFolder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("yuyan-command-\(UUID().uuidString)")

    init(trainCount: Int = 64, testCount: Int = 20) throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for (prefix, count) in [("train", trainCount), ("t10k", testCount)] {
            let pixels = (0..<count * 784).map { UInt8(truncatingIfNeeded: ($0 / 784 % 10) * ($0 % 25)) }
            try write(idx([count, 28, 28], pixels), "\(prefix)-images-idx3-ubyte.gz")
            try write(idx([count], (0..<count).map { UInt8($0 % 10) }), "\(prefix)-labels-idx1-ubyte.gz")
        }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    var path: String { url.path }
    func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    /// Writes a file compressed with gzip.
    func write(_ bytes: [UInt8], _ name: String) throws {
        let handle = gzopen(file(name).path, "wb")
        gzwrite(handle, bytes, UInt32(bytes.count))
        guard gzclose(handle) == Z_OK else { throw CocoaError(.fileWriteUnknown) }
    }

    /// An IDX file of unsigned bytes.
    func idx(_ sizes: [Int], _ elements: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0, 0, 8, UInt8(sizes.count)]
        for size in sizes {
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: size >> shift)) }
        }
        return bytes + elements
    }
}
