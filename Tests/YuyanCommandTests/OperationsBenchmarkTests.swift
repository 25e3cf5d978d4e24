import Foundation
import Testing
import Yuyan

/// `yuyan bench --operations`: what it times, not how fast that is.
@Suite struct OperationsBenchmarkTests {
    private struct Report: Decodable {
        var microseconds: [String: [String: Double]]
        var shapes: [String: [String: [Int]]]
    }

    private func bench(_ arguments: String..., in environment: [String: String] = [:]) throws -> Child {
        try Child.run(["bench", "--operations", "--seconds", "0.00001"] + arguments, environment: environment)
    }

    private func names(_ child: Child) -> [String] {
        let lines = child.output.split(separator: "\n").drop { !$0.hasPrefix("operation ") }.dropFirst()
        return lines.prefix { !$0.hasPrefix("GB/s") }.map { String($0.prefix { $0 != " " }) }
    }

    /// Results of the right shape say that a row computes what its name says.
    @Test func everyOperationRunsAndHasItsShape() throws {
        let folder = try DataFolder()
        let file = folder.file("operations.json")
        let child = try bench("--elements", "100", "--json", file.path)
        #expect(child.status == 0, "\(child.errors)")
        for line in child.output.split(separator: "\n") where !line.contains(folder.path) {
            #expect(DisplayText.width(String(line)) <= 80, "\(line)")
        }
        let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: file))
        let names = names(child)
        #expect(Set(names).count == names.count && Set(names) == Set(report.shapes.keys))
        let others: [String: [Int]] = [
            "sum": [], "max": [], "cross-entropy": [], "sum-of-columns": [10], "sum-of-rows": [10],
            "mean-of-rows": [10], "variance-of-rows": [10], "max-of-rows": [10], "argmax-of-columns": [10],
            "argmax-of-rows": [10], "transpose": [100], "channels-last": [100], "concatenate": [10, 20],
            "slice": [50], "broadcast": [100], "matmul": [7, 7], "matrix-vector": [10], "batched-matmul": [1, 7, 7],
        ]
        #expect(Set(others.keys).isSubset(of: names))
        for (name, shapes) in report.shapes {
            #expect(shapes == ["100": others[name] ?? [10, 10]], "\(name)")
            #expect(try #require(report.microseconds[name]?["100"]) > 0, "\(name)")
        }
    }

    @Test func theScriptForPyTorchHasTheSameNamesAndSizes() throws {
        let script = try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("Benchmarks/torch_operations.py"), encoding: .utf8)
        let table = try #require(script.firstRange(of: /(?s)OPERATIONS = \{.*?\n\}/))
        let torch = script[table].matches(of: /\n    "([a-z0-9-]+)":/).map { String($0.output.1) }
        #expect(names(try bench("--elements", "100")) == torch)
        let sizes = script.matches(of: /\n    ([0-9_]+): \(\(/).map { $0.output.1.replacing("_", with: "") }
        let wrong = try bench("--elements", "0")
        #expect(wrong.errors.contains("there are \(sizes.joined(separator: ", "))."), "\(wrong.errors)")
    }

    @Test func aFilterChooses() throws {
        let child = try bench("--filter", "softmax", "--elements", "100")
        #expect(names(child) == ["softmax", "log-softmax"], "\(child.output)\(child.errors)")
    }

    @Test func itIsShownInChinese() throws {
        let child = try bench(
            "--filter", "matmul", "--elements", "100",
            in: ["LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN.UTF-8", "LANGUAGE": "", "COLUMNS": "80"])
        let lines = child.output.split(separator: "\n").map(String.init)
        let head = try #require(lines.firstIndex { $0.hasPrefix("运算  ") }, "\(child.output)\(child.errors)")
        #expect(lines[head].split(separator: " ") == ["运算", "元素数", "µs", "GB/s", "GFLOP/s"])
        #expect(DisplayText.width(lines[head]) == DisplayText.width(lines[head + 1]))
        for line in lines { #expect(DisplayText.width(line) <= 80, "\(line)") }
    }

    @Test(arguments: [
        (["--operations", "--filter", "x-y"], "--filter: no operation's name holds 'x-y'; there are add, multiply, "),
        (["--operations", "--elements", "7"], "--elements: there is no '7'; there are 100, 100000, 10000000."),
        (["--filter", "add"], "--filter and --elements go with --operations."),
        (["--operations", "--steps", "1"], "--operations takes no --workloads, --profile, --steps or --precision."),
        (
            ["--operations", "--workloads", "mlp"],
            "--operations takes no --workloads, --profile, --steps or --precision."
        ),
        (["--operations", "--seconds", "0"], "--seconds must be a number above 0 and at most 3600, not '0.0'."),
    ])
    func wrongOptionsAreNamed(arguments: [String], message: String) throws {
        let child = try Child.run(["bench"] + arguments)
        #expect(child.status == 64 && child.errors.hasPrefix("Error: \(message)"), "\(child.errors)")
    }
}
