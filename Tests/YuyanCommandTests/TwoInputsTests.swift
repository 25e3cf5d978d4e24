import Foundation
import Testing

/// The example program, as somebody runs it.
@Suite struct TwoInputsTests {
    private static let program = Child.executable.deletingLastPathComponent().appendingPathComponent("TwoInputs")

    private func run(_ arguments: [String]) throws -> Child { try Child.run(arguments, program: Self.program) }

    @Test func learnsAndReports() throws {
        let folder = try DataFolder()
        let (table, runFolder) = (folder.file("tables/rents.csv"), folder.file("run"))
        let arguments = ["--data", table.path, "--run", runFolder.path, "--epochs", "60", "--patience", "5"]
        let child = try run(arguments)
        #expect(child.status == 0 && child.errors == "", "\(child.errors)")
        let lines = child.output.split(separator: "\n").map(String.init)
        #expect(lines[0].hasPrefix("600 flats, ") && lines[0].contains("missing; to train on: 420; "))
        let off = try #require(child.output.firstMatch(of: /test: ([0-9.]+) off on average/)?.output.1)
        // Beside what one is off who always says the mean.
        let rents = try String(contentsOf: table, encoding: .utf8).split(separator: "\n").dropFirst()
            .compactMap { $0.split(separator: ",", omittingEmptySubsequences: false).last.flatMap { Double($0) } }
        let mean = rents.reduce(0, +) / Double(rents.count)
        let spread = rents.reduce(0) { $0 + abs($1 - mean) } / Double(rents.count)
        #expect(try #require(Double(off)) < 0.3 * spread, "\(off) of \(spread)")
        #expect(lines.contains { $0.wholeMatch(of: /\ +rent [0-9]+, predicted -?[0-9]+/) != nil })
        #expect(child.output.contains("\nthe weights are those of epoch "))
        let page = try String(contentsOf: runFolder.appendingPathComponent("report.html"), encoding: .utf8)
        #expect(page.contains("<span>test absolute_error</span>"))

        // Nothing is left to do, and the same command says the same.
        let again = try run(arguments)
        #expect(again.status == 0 && again.output.contains("going on after epoch "))
        #expect(again.output.contains("test: \(off) off on average"))
        let list = try Child.run("runs", "show", runFolder.path)
        #expect(list.status == 0, "\(list.errors)")
        #expect(list.output.contains(": finished, started ") && list.output.contains("width             32\n"))
        #expect(list.output.contains("program           TwoInputs\n"))
    }

    @Test func goesOnToTheBitAfterCtrlC() throws {
        let folder = try DataFolder()
        let table = folder.file("rents.csv").path
        func arguments(_ name: String, epochs: Int) -> [String] {
            [
                "--data", table, "--run", folder.file(name).path, "--epochs", "\(epochs)", "--patience", "1000000",
            ]
        }
        let child = try RunningChild(arguments("cut", epochs: 1_000_000), program: Self.program)
        let metrics = folder.file("cut/metrics.csv")
        func epochs() throws -> Int {
            guard FileManager.default.fileExists(atPath: metrics.path) else { return 0 }
            return try String(contentsOf: metrics, encoding: .utf8).split(separator: "\n").count - 1
        }
        #expect(try waitUntil { try epochs() >= 2 })
        child.send(SIGINT)
        let stopped = child.finish()
        #expect(stopped.status == 128 + SIGINT && stopped.errors == "", "\(stopped.errors)")
        #expect(stopped.output.contains("stopped in epoch ") && !stopped.output.contains("test: "))
        let count = try epochs() + 2
        let resumed = try run(arguments("cut", epochs: count))
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(try run(arguments("whole", epochs: count)).status == 0)
        for name in ["weights.safetensors", "metrics.csv", "test.csv"] {
            let files = ["cut", "whole"].map { folder.file($0).appendingPathComponent(name) }
            #expect(try Data(contentsOf: files[0]) == Data(contentsOf: files[1]), "\(name)")
        }
        let other = try run(arguments("cut", epochs: count) + ["--seed", "2"])
        #expect(other.status == 1 && other.errors.contains("belongs to another run: its seed is 1"))
    }
}
