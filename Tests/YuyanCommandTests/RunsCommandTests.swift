import Foundation
import Testing
import YuyanData
import YuyanTraining

@Suite struct RunsCommandTests {
    @Test func runsAreListedShownAndCompared() throws {
        let folder = try DataFolder()
        let root = folder.file("runs").path
        for (name, rate) in [("slow", "0.01"), ("fast", "0.2")] {
            let child = try Child.run(
                "train", "mlp", "--data", folder.path, "--epochs", "2", "--quiet", "--root", root, "--name", name,
                "--learning-rate", rate)
            #expect(child.status == 0, "\(child.errors)")
        }
        // What is no run is not listed.
        try FileManager.default.createDirectory(
            at: folder.file("runs/empty"), withIntermediateDirectories: true)
        let list = try Child.run("runs", "--root", root)
        #expect(list.status == 0)
        let lines = list.output.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.count == 3)
        // Both may have begun in the same second; then the name decides.
        let rows = Set(lines[1...].map { Array($0.prefix(4)) })
        #expect(rows == [["fast", "mlp", "finished", "2/2"], ["slow", "mlp", "finished", "2/2"]])
        #expect(try Child.run("runs", "list", "--root", root).output == list.output)

        let show = try Child.run("runs", "show", "fast", "--root", root).output
        #expect(show.contains("learning rate        0.2\n") && show.contains("validation fraction  0.1\n"))
        #expect(show.contains("\nepoch  train loss       acc  validation loss       acc  samples/s"))
        #expect(show.contains("\nbest validation accuracy 0.") && show.contains("\ntest accuracy 0."))
        #expect(show.hasSuffix(" with the weights of epoch 2\n"))
        #expect(try Child.run("runs", "show", folder.file("runs/fast").path).output == show)

        let compare = try Child.run("runs", "compare", "fast", "slow", "--root", root).output
        let compared = compare.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(compared[0] == "fast slow")
        #expect(compared[1] == "learning rate 0.2 0.01")
        #expect(compared[2] == "epochs done 2 2")
        for name in ["best validation accuracy", "test loss", "test accuracy"] {
            #expect(compared.contains { $0.hasPrefix("\(name) ") }, "\(name)")
        }
    }

    @Test func everyCommandFindsRunsByNameInAnotherRoot() throws {
        let folder = try DataFolder()
        let root = folder.file("others").path
        let train = try Child.run(
            "train", "mlp", "--data", folder.path, "--epochs", "1", "--quiet", "--root", root, "--name", "first")
        #expect(train.status == 0, "\(train.errors)")
        let picture = folder.file("picture.png")
        try Image(width: 28, height: 28, pixels: Array(repeating: 0, count: 28 * 28)).write(to: picture)
        for arguments in [
            ["evaluate", "first"], ["predict", picture.path, "--run", "first"], ["report", "first"],
            ["train", "--resume", "first", "--epochs", "2"], ["runs", "show", "first"],
        ] {
            let child = try Child.run(arguments + ["--root", root])
            #expect(child.status == 0, "\(arguments) \(child.errors)")
            #expect(try Child.run(arguments).status != 0, "\(arguments)")
        }
        #expect(FileManager.default.fileExists(atPath: folder.file("others/first/report.html").path))
    }

    private let utf8 = ["LC_ALL": "C.UTF-8", "COLUMNS": "80"]

    /// A run of the past, in some state.
    @discardableResult
    private func makeRun(
        _ root: URL, _ name: String, startedAt: Date, epochs: Int = 3, done: Int = 0, patience: Int? = nil,
        log: String = ""
    ) throws -> Run {
        let configuration = RunConfiguration(
            recipe: RecipeSettings(
                model: "softmax-regression", dataSet: "Fashion-MNIST", batchSize: 4, learningRate: 0.1),
            epochs: epochs, patience: patience, device: "cpu", threads: 1, startedAt: startedAt)
        let run = try Run.create(at: root.appendingPathComponent(name), configuration)
        let rows = (1...3).prefix(done).map { "\($0),0.5,0.5,0.\(5 + $0),0.5\n" }.joined()
        let header = "epoch,train_loss,train_accuracy,validation_loss,validation_accuracy\n"
        if done > 0 { try Data((header + rows).utf8).write(to: run.metricsFile) }
        try Data(log.utf8).write(to: run.logFile)
        return run
    }

    @Test func theListShowsStatesAndFits() throws {
        let folder = try DataFolder()
        let root = folder.file("runs")
        let noon = Date(timeIntervalSince1970: 1_750_000_000)
        let long = "softmax-regression-2026-11-25-174021"
        try makeRun(root, "old", startedAt: noon - 86_400, done: 3)
        try makeRun(root, "patient", startedAt: noon, epochs: 100, done: 3, patience: 2)
        try makeRun(root, "中文名", startedAt: noon + 60, done: 2, log: "2026-01-01T00:00:00Z stopped after epoch 2\n")
        try makeRun(root, "lost", startedAt: noon + 120, log: "2026-01-01T00:00:00Z error: disk full\n")
        try makeRun(
            root, "wild", startedAt: noon + 180, done: 1,
            log: "2026-01-01T00:00:00Z 1  0.5\n2026-01-01T00:00:01Z error: training diverged: the loss is inf\n")
        let busy = try makeRun(root, long, startedAt: noon + 240, done: 1)
        let descriptor = open(busy.logFile.path, O_RDONLY)
        #expect(flock(descriptor, LOCK_EX) == 0)
        defer { close(descriptor) }
        let list = try Child.run(["runs", "--root", root.path], environment: utf8)
        #expect(list.status == 0 && list.errors == "")
        let lines = list.output.split(separator: "\n").map(String.init)
        // Newest first.
        let words = lines.map { $0.split(separator: " ").prefix(3).joined(separator: " ") }
        #expect(
            words == [
                "run state epochs", "\(long) running 1/3", "wild diverged 1/3", "lost failed 0/3", "中文名 stopped 2/3",
                "patient finished 3/100", "old finished 3/3",
            ])
        // Three characters that take two places each: the line is three characters shorter.
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(lines[4].count == lines[2].count - 3)
        #expect(lines[1].contains("2025-06-1") && lines[0].hasSuffix("  started"))
        let wide = try Child.run(
            ["runs", "--root", root.path], environment: ["LC_ALL": "C.UTF-8", "COLUMNS": "150"]
        ).output
        #expect(
            wide.contains("  model ") && wide.contains("  validation loss\n")
                && wide.contains("  acc 0.5000  2025-06-1"))
        let narrow = try Child.run(["runs", "--root", root.path], environment: ["COLUMNS": "40"]).output
        #expect(narrow.hasPrefix("run                                   state     epochs\n"))
        #expect(try Child.run("runs", "show", "wild", "--root", root.path).output.contains("wild: diverged, started "))
    }

    @Test func everythingIsThereAsJSON() throws {
        struct Overview: Decodable {
            var name: String
            var state: String
            var startedAt: Date
            var epochsDone: Int
            var best: Double?
            var bestEpoch: Int?
        }
        struct List: Decodable {
            struct Fault: Decodable { var folder: String, reason: String }
            var runs: [Overview]
            var broken: [Fault]
        }
        struct Details: Decodable {
            struct Configuration: Decodable { var learningRate: Double }
            struct Epoch: Decodable { var epoch: Int, seconds: Double? }
            var run: Overview
            var configuration: Configuration
            var epochs: [Epoch]
        }
        struct Comparison: Decodable {
            struct Difference: Decodable { var setting: String, values: [String] }
            var runs: [Details]
            var differences: [Difference]
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        func decoded<Value: Decodable>(
            _ type: Value.Type, _ arguments: [String], unknown: Int = 0
        ) throws -> Value {
            let child = try Child.run(arguments + ["--json"])
            let note = "note: \(unknown) numbers are infinite or not a number, and null in the JSON\n"
            #expect(child.status == 0 && child.errors == (unknown == 0 ? "" : note), "\(child.errors)")
            return try decoder.decode(type, from: Data(child.output.utf8))
        }
        let folder = try DataFolder()
        let root = folder.file("runs")
        let noon = Date(timeIntervalSince1970: 1_750_000_000)
        try makeRun(root, "a", startedAt: noon, done: 3)
        try makeRun(root, "b", startedAt: noon + 1, epochs: 9, done: 1)
        let broken = try makeRun(root, "c", startedAt: noon)
        try Data("[]".utf8).write(to: broken.configurationFile)
        let list = try decoded(List.self, ["runs", "--root", root.path])
        #expect(list.runs.map(\.name) == ["b", "a"] && list.runs.map(\.state) == ["stopped", "finished"])
        #expect(list.runs[1].startedAt == noon && list.runs[1].best == 0.5 && list.runs[1].bestEpoch == 1)
        #expect(list.broken.map(\.folder) == [broken.folder.path])
        #expect(list.broken[0].reason.hasPrefix("\(broken.configurationFile.path): is no configuration of a run"))
        // Numbers that were not measured, here two times in each epoch, are no obstacle.
        let details = try decoded(Details.self, ["runs", "show", "a", "--root", root.path], unknown: 6)
        #expect(details.run.epochsDone == 3 && details.configuration.learningRate == 0.1)
        #expect(details.epochs.map(\.epoch) == [1, 2, 3] && details.epochs.allSatisfy { $0.seconds == nil })
        let comparison = try decoded(Comparison.self, ["runs", "compare", "a", "b", "--root", root.path], unknown: 8)
        #expect(comparison.runs.map(\.run.name) == ["a", "b"])
        #expect(comparison.differences.map(\.setting) == ["epochs"] && comparison.differences[0].values == ["3", "9"])

        struct Summary: Decodable {
            struct Layer: Decodable { var layer: String, outputShape: [Int], parameters: Int }
            var model: String
            var layers: [Layer]
            var parameters: Int
        }
        let summary = try decoded(Summary.self, ["summary", "mlp"])
        #expect(summary.parameters == 203_530 && summary.layers.map(\.parameters) == [0, 200_960, 0, 2570])
        #expect(summary.layers[1].outputShape == [1, 256])
        struct DataSets: Decodable {
            struct Entry: Decodable { var name: String, isFound: Bool, samples: [String: Int] }
            var dataSets: [Entry]
        }
        let sets = try decoded(DataSets.self, ["data", "list", "--data", folder.path]).dataSets
        #expect(sets[0].name == "fashion-mnist" && sets[0].isFound && sets[0].samples["test"] == 10_000)
    }

    /// What bash offers after a line that has been begun.
    @Test(arguments: [
        ("train --resume f", ["first", "fourth"]), ("runs show se", ["second"]),
        ("report runs/f", ["runs/first", "runs/fourth"]),
        ("evaluate l", ["lenet", "lenet-batchnorm", "linear-regression"]), ("predict x.png --run s", ["second"]),
        ("runs compare first fo", ["fourth"]), ("runs show --root other x", ["xyz"]),
    ]) func shellsCompleteTheNamesOfRuns(line: String, candidates: [String]) throws {
        let folder = try DataFolder()
        for name in ["first", "second", "fourth"] { try makeRun(folder.file("runs"), name, startedAt: Date()) }
        try makeRun(folder.file("other"), "xyz", startedAt: Date())
        let script = #"""
            cd "$1" && source <("$0" --generate-completion-script bash)
            COMP_WORDS=("$0" $2) COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )) COMP_LINE="$0 $2" COMP_POINT=$(( ${#0} + 1 + ${#2} ))
            _yuyan "$0" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\n' "${COMPREPLY[@]}"
            """#
        let child = try Child.run(
            ["-c", script, Child.executable.path, folder.path, line], program: URL(fileURLWithPath: "/bin/bash"))
        #expect(child.errors == "")
        #expect(child.output.split(separator: "\n").map(String.init).sorted() == candidates, "\(line)")
    }

    @Test func brokenRunsAreNamed() throws {
        let folder = try DataFolder()
        let root = folder.file("runs")
        for name in ["a", "b"] {
            #expect(
                try Child.run(
                    "train", "mlp", "--data", folder.path, "--epochs", "1", "--quiet", "--root", root.path, "--name",
                    name
                ).status == 0)
        }
        let metrics = root.appendingPathComponent("a/metrics.csv")
        try Data("epoch,train_loss\n1,x\n".utf8).write(to: metrics)
        let child = try Child.run("runs", "--root", root.path)
        #expect(child.status == 0)
        #expect(child.output.contains("\nb ") && !child.output.contains("\na "))
        #expect(child.errors == "broken: \(metrics.path): train_loss is 'x'\n")
        let missing = try Child.run("runs", "show", "zebra", "--root", root.path)
        #expect(missing.status == 1)
        #expect(missing.errors == "Error: \(root.path)/zebra: no such folder\n")
        #expect(try Child.run("runs", "--root", "/nowhere").errors == "Error: /nowhere: no such folder\n")
        let empty = try Child.run("runs", "--root", folder.path)
        #expect(empty.status == 0 && empty.errors == "\(folder.path) holds no runs\n")
    }
}
