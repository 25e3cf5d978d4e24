import Foundation
import Testing

/// What is said and printed where a training stops before its end, and how it goes on.
@Suite struct InterruptionTests {
    private static let shell = URL(fileURLWithPath: "/bin/bash")
    private let endless = [
        "train", "softmax-regression", "--batch-size", "8", "--epochs", "1000000", "--checkpoint-every", "99epochs",
    ]

    private func epochs(_ output: URL) throws -> Int {
        let metrics = output.appendingPathComponent("metrics.csv")
        guard FileManager.default.fileExists(atPath: metrics.path) else { return 0 }
        return try String(contentsOf: metrics, encoding: .utf8).split(separator: "\n").count - 1
    }

    /// `yuyan train … | head -1`
    @Test func aClosedPipeSavesAndLeaves() throws {
        let folder = try DataFolder()
        let output = folder.file("out")
        let arguments = endless + ["--data", folder.path, "--output", output.path]
        let child = try Child.run(
            ["-c", #""$0" "$@" | head -1; exit ${PIPESTATUS[0]}"#, Child.executable.path] + arguments,
            program: Self.shell)
        #expect(child.status == 128 + SIGPIPE)
        #expect(child.output.hasPrefix("softmax-regression on "))
        #expect(child.errors.hasPrefix("stopped "))
        #expect(child.errors.hasSuffix("; to continue: yuyan train --resume \(output.path)\n"))
        let done = try epochs(output)
        let resumed = try Child.run("train", "--resume", output.path, "--epochs", "\(done + 1)", "--quiet")
        #expect(resumed.status == 0, "\(resumed.errors)")
        let reference = folder.file("reference")
        var again = arguments
        again[again.count - 1] = reference.path
        again[again.firstIndex(of: "1000000")!] = "\(done + 1)"
        #expect(try Child.run(again + ["--quiet"]).status == 0)
        for name in ["weights.safetensors", "metrics.csv"] {
            let files = [output, reference].map { $0.appendingPathComponent(name) }
            #expect(try Data(contentsOf: files[0]) == Data(contentsOf: files[1]), "\(name)")
        }
    }

    /// Under `nohup` the loss of the terminal means nothing.
    @Test func anIgnoredSignalStaysIgnored() throws {
        let folder = try DataFolder()
        let output = folder.file("out")
        let child = try RunningChild(
            ["-c", #"trap "" HUP; exec "$0" "$@""#, Child.executable.path] + endless
                + ["--data", folder.path, "--output", output.path], program: Self.shell)
        #expect(try waitUntil { try epochs(output) > 0 })
        child.send(SIGHUP)
        let done = try epochs(output)
        #expect(try waitUntil { try epochs(output) > done + 2 })
        child.send(SIGTERM)
        #expect(child.finish().status == 128 + SIGTERM)
    }

    @Test(arguments: [[], ["--quiet"]]) func jsonIsPrintedAfterAnInterruption(options: [String]) throws {
        struct Report: Decodable {
            struct Epoch: Decodable { var epoch: Int }
            var isComplete: Bool
            var epochs: [Epoch]
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let folder = try DataFolder()
        let output = folder.file("out")
        let child = try RunningChild(endless + ["--data", folder.path, "--output", output.path, "--json"] + options)
        #expect(try waitUntil { try epochs(output) > 0 })
        child.send(SIGINT)
        let result = child.finish()
        #expect(result.status == 128 + SIGINT)
        let report = try decoder.decode(Report.self, from: Data(result.output.utf8))
        #expect(try report.epochs.map(\.epoch) == Array(1...epochs(output)))
        #expect(!report.isComplete)
        #expect(result.errors.hasSuffix("; to continue: yuyan train --resume \(output.path)\n"))
        // A run that ends by itself is complete.
        let more = try Child.run(
            "train", "--resume", output.path, "--epochs", "\(report.epochs.count + 1)", "--json", "--quiet")
        #expect(try decoder.decode(Report.self, from: Data(more.output.utf8)).isComplete)
    }

    /// A name that a shell would take apart.
    @Test func hintsCanBePasted() throws {
        let folder = try DataFolder()
        let output = folder.file("it's a run")
        let child = try RunningChild(endless + ["--data", folder.path, "--output", output.path])
        #expect(try waitUntil { try epochs(output) > 0 })
        child.send(SIGINT)
        let line = try #require(child.finish().output.split(separator: "\n").last)
        let command = try #require(line.components(separatedBy: "; to continue: yuyan ").last)
        #expect(command == #"train --resume '\#(folder.path)/it'\''s a run'"#)
        let pasted = #""$0" \#(command) --quiet --epochs \#(try epochs(output) + 1)"#
        let resumed = try Child.run(["-c", pasted, Child.executable.path], program: Self.shell)
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.output.hasSuffix(#"yuyan report '\#(folder.path)/it'\''s a run'"# + "\n"))
    }

    @Test func resumeTakesTheNameOfARun() throws {
        let folder = try DataFolder()
        func run(_ command: String) throws -> Child {
            try Child.run(
                ["-c", #"cd "$1" && exec "$0" \#(command)"#, Child.executable.path, folder.path], program: Self.shell)
        }
        #expect(try run("train mlp --data . --epochs 1 --quiet --name first").status == 0)
        let resumed = try run("train --resume first --epochs 2")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.output.contains("\ncontinuing runs/first after epoch 1\n"))
        #expect(try run("train --resume second").errors == "Error: \(folder.path)/runs/second: no such folder\n")
    }

    /// Only the checkpoint of the best epoch is left.
    @Test func theBestCheckpointIsOffered() throws {
        let folder = try DataFolder()
        let output = folder.file("a run")
        let arguments = ["train", "mlp", "--data", folder.path, "--epochs", "2", "--quiet", "--output", output.path]
        #expect(try Child.run(arguments).status == 0)
        try FileManager.default.removeItem(at: last(output))
        let child = try Child.run("train", "--resume", output.path, "--epochs", "3")
        let folderText = "\(output.path)/checkpoints"
        #expect(child.status == 1)
        #expect(
            child.errors == "Error: \(folderText)/last.safetensors: no such checkpoint; that of the best epoch is "
                + "there: to go on from it, cp '\(folderText)/best.safetensors' '\(folderText)/last.safetensors' and "
                + "resume again; to measure it, yuyan evaluate '\(output.path)' --weights "
                + "'\(folderText)/best.safetensors'\n")
        let copy = try #require(child.errors.split(separator: ",").first { $0.hasPrefix(" cp ") })
            .replacingOccurrences(of: " and resume again; to measure it", with: "")
        #expect(try Child.run(["-c", copy], program: Self.shell).status == 0)
        let resumed = try Child.run("train", "--resume", output.path, "--epochs", "3")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(try epochs(output) == 3)

        try FileManager.default.removeItem(at: output.appendingPathComponent("checkpoints"))
        let none = try Child.run("train", "--resume", output.path, "--epochs", "4")
        #expect(
            none.errors == "Error: \(folderText)/last.safetensors: no such checkpoint: the run cannot go on; its "
                + "weights are there, see yuyan evaluate '\(output.path)'\n")
    }
}
