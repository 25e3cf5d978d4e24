import Foundation
import Testing
import Yuyan

/// `yuyan bench --inference`: what it times, not how fast that is.
@Suite struct InferenceBenchmarkTests {
    private struct Report: Decodable {
        struct Numbers: Decodable {
            var ms: [String: Double]
            var operations: [String: Int]
            var peakBytes: [String: Int]
        }

        var batchSizes: [String: Numbers]
        var instructions: String
        var peakGflops: Double
    }

    private func bench(_ arguments: String..., in environment: [String: String] = [:]) throws -> Child {
        try Child.run(["bench", "--inference", "--seconds", "0.00001"] + arguments, environment: environment)
    }

    /// The second batch has three times the images, and so three times the operations.
    @Test func batchesOfEachSizeHaveRowsAndNumbers() throws {
        let folder = try DataFolder()
        let file = folder.file("inference.json")
        let child = try bench("--workloads", "lenet,mlp", "--batch-size", "2,6", "--json", file.path)
        #expect(child.status == 0, "\(child.errors)")
        let lines = child.output.split(separator: "\n").map(String.init)
        let head = try #require(lines.firstIndex { $0.hasPrefix("workload ") })
        for line in lines[head...].prefix(5) { #expect(DisplayText.width(line) <= 80, "\(line)") }
        let rows = lines[head...].dropFirst().prefix(4).map { $0.split(separator: " ").prefix(2).map(String.init) }
        #expect(rows == [["lenet", "2"], ["lenet", "6"], ["mlp", "2"], ["mlp", "6"]])
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let report = try decoder.decode(Report.self, from: Data(contentsOf: file))
        #expect(Set(report.batchSizes.keys) == ["2", "6"] && report.peakGflops > 0 && !report.instructions.isEmpty)
        let (two, six) = try (#require(report.batchSizes["2"]), #require(report.batchSizes["6"]))
        // Two layers of multiply-adds alone; a step of training has three times as many.
        let products = 2 * 2 * (784 * 256 + 256 * 10)
        for name in ["lenet", "mlp"] {
            #expect(try #require(two.ms[name]) > 0 && #require(two.peakBytes[name]) > 0)
            #expect(try #require(six.operations[name]) == 3 * #require(two.operations[name]))
        }
        #expect((products..<products * 11 / 10).contains(try #require(two.operations["mlp"])))
    }

    @Test func theScriptForPyTorchHasTheSameNames() throws {
        let script = try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("Benchmarks/torch_steps.py"), encoding: .utf8)
        func names(_ table: Regex<Substring>) throws -> [String] {
            let table = try #require(script.firstRange(of: table))
            return script[table].matches(of: /\n    "([a-z0-9-]+)":/).map { String($0.output.1) }
        }
        let steps = try names(/(?s)\nWORKLOADS = \{.*?\n\}/)
        let predictionOnly = try names(/(?s)\nINFERENCE_WORKLOADS = \{.*?\n\}/)
        let all = try bench("--workloads", "x").errors
        let expected = (steps.dropFirst() + predictionOnly).joined(separator: ", ")
        #expect(steps.first == "linear-regression" && all.contains("there are \(expected)."), "\(all)")
        let known = try Child.run(["bench", "--workloads", "x"]).errors
        #expect(known.contains("there are \(steps.joined(separator: ", "))."), "\(known)")
    }

    @Test(arguments: [
        (["--inference", "--steps", "1"], "--inference takes no --operations, --profile or --steps."),
        (["--inference", "--operations"], "--inference takes no --operations, --profile or --steps."),
        (["--inference", "--profile", "lenet"], "--inference takes no --operations, --profile or --steps."),
        (
            ["--inference", "--workloads", "linear-regression"],
            "--workloads: there is no 'linear-regression'; there are "
        ),
        (["--workloads", "densenet"], "--workloads: there is no 'densenet'; there are "),
        (
            ["--steps", "3", "--batch-size", "3"],
            "--batch-size goes with neither --operations nor --steps."
        ),
        (["--batch-size", "3,4", "--json", "x"], "--json and --profile take one --batch-size, but for --inference."),
        (
            ["--inference", "--batch-size", "3,,1"],
            "--batch-size must be whole numbers of 1 to 65536 with commas, not ''."
        ),
        (
            ["--inference", "--batch-size", "0"],
            "--batch-size must be whole numbers of 1 to 65536 with commas, not '0'."
        ),
    ])
    func wrongOptionsAreNamed(arguments: [String], message: String) throws {
        let child = try Child.run(["bench"] + arguments)
        #expect(child.status == 64 && child.errors.hasPrefix("Error: \(message)"), "\(child.errors)")
    }
}
