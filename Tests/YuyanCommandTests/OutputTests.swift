import Foundation
import Testing

/// Where the command writes to, and that it cannot.
@Suite struct StandardOutputTests {
    /// Runs the command with its standard output on `/dev/full`, where all writing fails.
    private func runWithoutRoom(_ arguments: [String]) throws -> Child {
        try Child.run(
            ["-c", #"exec "$0" "$@" > /dev/full"#, Child.executable.path] + arguments,
            program: URL(fileURLWithPath: "/bin/sh"))
    }

    @Test(arguments: [
        ["summary", "lenet"], ["info"], ["info", "--json"], ["operations"], ["operations", "--json"], ["data", "list"],
        ["graph", "mlp"], ["--help"], ["train", "--help"], ["--version"], ["--generate-completion-script", "bash"],
        ["train", "linear-regression", "--no-save", "--quiet"], ["train", "linear-regression", "--no-save", "--json"],
    ])
    func whatCannotBePrintedIsAFailure(arguments: [String]) throws {
        let child = try runWithoutRoom(arguments)
        #expect(child.status == 1)
        #expect(child.errors.hasSuffix("Error: standard output: cannot be written: No space left on device\n"))
    }

    @Test func commandsOnRunsFailToo() throws {
        let folder = try DataFolder()
        let root = folder.file("runs")
        let output = root.appendingPathComponent("a")
        // The training is done and kept all the same.
        let train = try runWithoutRoom([
            "train", "mlp", "--data", folder.path, "--epochs", "1", "--output", output.path,
        ])
        #expect(train.status == 1)
        #expect(train.errors == "Error: standard output: cannot be written: No space left on device\n")
        for arguments in [
            ["runs", "--root", root.path], ["runs", "show", output.path],
            ["runs", "compare", output.path, output.path], ["evaluate", output.path, "--json"],
            ["report", output.path], ["data", "show", "fashion-mnist", "--data", folder.path],
        ] {
            let child = try runWithoutRoom(arguments)
            #expect(child.status == 1, "\(arguments)")
            #expect(child.errors == train.errors, "\(arguments)")
        }
        #expect(try Child.run("evaluate", output.path).status == 0)
    }

    /// Long settings go on below, in their column.
    @Test func theSummaryFits() throws {
        let lines = try Child.run(["summary", "lenet"], environment: ["COLUMNS": "80"]).output.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 80 })
        let row = try #require(lines.firstIndex { $0.hasPrefix("0     Conv2D ") })
        let indent = String(repeating: " ", count: 46)
        #expect(lines[row].hasSuffix("  inputChannels: 1,"))
        #expect(
            lines[row + 1] == indent + "outputChannels: 6, kernelSize: 5," && lines[row + 2] == indent + "padding: 2")
        let wide = try Child.run(["summary", "lenet"], environment: ["COLUMNS": "110"]).output
        #expect(wide.contains("  inputChannels: 1, outputChannels: 6, kernelSize: 5, padding: 2\n"))
    }

    @Test func helpIsPrintedAsBefore() throws {
        let help = try Child.run("--help")
        #expect(help.status == 0 && help.errors == "")
        #expect(help.output.hasPrefix("OVERVIEW: ") && help.output.hasSuffix("\n") && !help.output.hasSuffix("\n\n\n"))
    }

    @Test func theVersionIsThatOfTheDocuments() throws {
        let version = try Child.run("--version").output.trimmingCharacters(in: .newlines)
        func text(_ name: String) throws -> String {
            let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
            return try String(contentsOf: root.appending(path: name), encoding: .utf8)
        }
        let newest = try text("CHANGELOG.md").firstMatch(of: /\n## ([0-9][^ \n]*)/)
        #expect(newest.map { String($0.1) } == version)
        for name in ["README.md", "README.zh-CN.md"] {
            #expect(try text(name).contains("/Yuyan\", from: \"\(version)\")"), "\(name)")
        }
    }
}
