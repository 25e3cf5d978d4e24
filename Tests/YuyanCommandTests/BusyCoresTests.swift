import Foundation
import Testing

/// What is said where the cores are too few for the threads. More threads than cores are so on every machine.
@Suite struct BusyCoresTests {
    private let isReference = ProcessInfo.processInfo.environment["YUYAN_DEVICE"] == "reference"
    private let cores = ProcessInfo.processInfo.activeProcessorCount

    private var reason: String { "\(cores + 1) threads share \(cores) core\(cores == 1 ? "" : "s"): " }
    private var advice: String { reason + "--threads \(cores) may be faster" }

    private func log(_ output: URL) throws -> String {
        try String(contentsOf: output.appendingPathComponent("log.txt"), encoding: .utf8)
    }

    @Test func trainingSaysItInAPipeAndInTheLog() throws {
        let folder = try DataFolder()
        let output = folder.file("out")
        let arguments = ["train", "mlp", "--data", folder.path, "--epochs", "1", "--threads", "\(cores + 1)"]
        let child = try Child.run(arguments + ["--output", output.path])
        #expect(child.status == 0, "\(child.errors)")
        #expect(child.output.contains("\n\(advice)\n") == !isReference)
        #expect(try log(output).contains(" \(advice)\n") == !isReference)
    }

    @Test func aQuietTrainingSaysItInTheLogAlone() throws {
        let folder = try DataFolder()
        let output = folder.file("out")
        let arguments = ["train", "mlp", "--data", folder.path, "--epochs", "1", "--threads", "\(cores + 1)"]
        let child = try Child.run(arguments + ["--quiet", "--output", output.path])
        #expect(child.status == 0 && child.errors == "")
        #expect(!child.output.contains("threads share"))
        #expect(try log(output).contains(" \(advice)\n") == !isReference)
    }

    @Test func benchSaysItUnderTheHeader() throws {
        let arguments = ["bench", "--workloads", "linear-regression", "--seconds", "0.01"]
        let child = try Child.run(arguments + ["--threads", "\(cores + 1)"])
        #expect(child.status == 0, "\(child.errors)")
        let notice = "\n\(reason)the figures say little about the machine\n\nworkload "
        #expect(child.output.contains(notice) == !isReference, "\(child.output)")
        #expect(child.output.components(separatedBy: "threads share").count == (isReference ? 1 : 2))
        #expect(try !Child.run(arguments + ["--threads", "1"]).output.contains("the figures say little"))
    }

    /// On the screen and in the log.
    @Test func busyProgramsAreNoticed() throws {
        let hogs = try (0..<2 * cores).map { _ in
            try RunningChild(["-c", "ulimit -t 20; while :; do :; done"], program: URL(fileURLWithPath: "/bin/sh"))
        }
        defer { for hog in hogs { hog.send(SIGKILL) } }
        let folder = try DataFolder()
        let output = folder.file("out")
        let child = try Child.run(
            "train", "mlp", "--data", folder.path, "--epochs", "1", "--output", output.path)
        #expect(child.status == 0, "\(child.errors)")
        let line = "other programs keep the cores busy: training is slower than on a quiet machine"
        let isNoticed = !isReference && cores > 1
        #expect(child.output.contains("\n\(line)\n") == isNoticed, "\(child.output)")
        #expect(try log(output).contains(" \(line)\n") == isNoticed)
    }
}
