import Foundation
import Testing
import YuyanCore
import YuyanData

@Suite struct WrongCheckpointTests {
    /// A small run that has ended, in a folder of its own.
    private func run(_ folder: DataFolder, _ name: String, model: String = "softmax-regression") throws -> URL {
        let output = folder.file(name)
        let child = try Child.run(
            "train", model, "--data", folder.path, "--epochs", "1", "--quiet", "--output", output.path)
        #expect(child.status == 0, "\(child.errors)")
        return output
    }

    /// The contents of all files below a folder, but those of the log.
    private func contents(_ folder: URL) throws -> [String: Data] {
        var result: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) where name != "log.txt" {
            result[name] = FileManager.default.contents(atPath: folder.appendingPathComponent(name).path) ?? Data()
        }
        return result
    }

    @Test func eachGetsItsMessageAndChangesNothing() throws {
        let folder = try DataFolder()
        let good = try run(folder, "good")
        let other = try run(folder, "other", model: "mlp")
        let checkpoint = try Safetensors.read(from: last(good))
        let state = try #require(checkpoint.metadata["yuyan_checkpoint"])
        func save(_ change: (inout Safetensors.Contents) -> Void, _ url: URL) throws {
            var contents = checkpoint
            change(&contents)
            try Safetensors.write(contents, to: url)
        }
        let cases: [(name: String, damage: (URL) throws -> Void, reason: String)] = [
            (
                "truncated", { try Data(contentsOf: $0).prefix(20_000).write(to: $0) },
                "tensor model.1.weight has offsets"
            ),
            ("empty", { try Data().write(to: $0) }, "is empty, not a safetensors file"),
            ("text", { try Data("hello, world".utf8).write(to: $0) }, "is not a safetensors file"),
            (
                "weights",
                {
                    try FileManager.default.removeItem(at: $0)
                    try FileManager.default.copyItem(at: good.appendingPathComponent("weights.safetensors"), to: $0)
                }, "is no checkpoint: it holds tensors and no state of a training"
            ),
            (
                "model",
                {
                    try FileManager.default.removeItem(at: $0)
                    try FileManager.default.copyItem(at: last(other), to: $0)
                }, "belongs to another run: its model is mlp, that of this run is softmax-regression"
            ),
            (
                "shape",
                { try save({ $0.arrays[0].array = HostArray([Float](repeating: 0, count: 3), shape: [3]) }, $0) },
                "the state does not fit the model: of another shape: 1.bias is [3], the model's is [10]"
            ),
            (
                "missing", { try save({ $0.arrays.remove(at: 0) }, $0) },
                "the state does not fit the model: missing 1.bias"
            ),
            (
                "nan",
                {
                    try save(
                        {
                            $0.arrays[0].array = HostArray([Float](repeating: 0, count: 9) + [.nan], shape: [10])
                        }, $0)
                }, "tensor model.1.bias holds NaN or infinity"
            ),
            (
                "version",
                {
                    let text = state.replacingOccurrences(
                        of: #""format_version":2,"kernel"#, with: #""format_version":3,"kernel"#)
                    try save({ $0.metadata["yuyan_checkpoint"] = text }, $0)
                }, "has format version 3; this Yuyan reads 2"
            ),
            (
                "position",
                {
                    let text = state.replacingOccurrences(of: #"{"batch":0,"#, with: #"{"batch":77,"#)
                    try save({ $0.metadata["yuyan_checkpoint"] = text }, $0)
                }, "the state does not fit the training: it stands at batch 77 of epoch "
            ),
            (
                "none", { try FileManager.default.removeItem(at: $0) },
                "no such checkpoint; that of the best epoch is there: "
            ),
        ]
        for (name, damage, reason) in cases {
            let copy = folder.file(name)
            try FileManager.default.copyItem(at: good, to: copy)
            try damage(last(copy))
            let before = try contents(copy)
            let child = try Child.run("train", "--resume", copy.path, "--epochs", "3")
            #expect(child.status == 1)
            #expect(child.output == "")
            #expect(child.errors.hasPrefix("Error: \(last(copy).path): \(reason)"), "\(child.errors)")
            #expect(child.errors.filter { $0 == "\n" }.count == 1)
            #expect(try contents(copy) == before, "\(name)")
        }
    }

    /// Runs of Yuyan 0.1, and networks with a layer in front that has no weights, count LeNet's layers from one more.
    @Test func weightsOfALeNetThatIsCountedOtherwise() throws {
        let folder = try DataFolder()
        let output = try run(folder, "lenet", model: "lenet")
        let weights = output.appendingPathComponent("weights.safetensors")
        func measure() throws -> Child { try Child.run("evaluate", output.path, "--data", folder.path, "--json") }
        let before = try measure()
        #expect(before.status == 0, "\(before.errors)")
        for (file, prefix) in [(weights, ""), (last(output), "model.")] {
            var contents = try Safetensors.read(from: file)
            for (index, (name, _)) in contents.arrays.enumerated() where name.hasPrefix(prefix) {
                let parts = name.dropFirst(prefix.count).split(separator: ".")
                let number = try #require(Int(parts[0]))
                contents.arrays[index].name = "\(prefix)\(number + 1).\(parts[1])"
            }
            #expect(contents.arrays.contains { $0.name == "\(prefix)12.weight" })
            try Safetensors.write(contents, to: file)
        }
        #expect(try measure().output == before.output)
        let checkpoint = try Child.run(
            "evaluate", "lenet", "--weights", last(output).path, "--data", folder.path, "--quiet")
        #expect(checkpoint.status == 0, "\(checkpoint.errors)")
        let child = try Child.run("train", "--resume", output.path, "--epochs", "2")
        #expect(child.status == 1)
        #expect(
            child.errors
                == "Error: \(last(output).path): was written before Yuyan 0.2, which names the weights of lenet "
                + "otherwise: the training cannot go on; evaluate, predict and report read it\n")
        try Safetensors.save([("1.weight", .zeros([1]))], to: weights)
        #expect(try measure().errors.contains("missing 0.weight, 0.bias, 3.weight, 3.bias, 7.weight and 5 more; "))
    }

    @Test func wrongFoldersGetTheirMessage() throws {
        let folder = try DataFolder()
        let good = try run(folder, "good")
        let file = good.appendingPathComponent("metrics.csv")
        for (path, message) in [
            ("/nowhere/run", "Error: /nowhere/run: no such folder\n"),
            (file.path, "Error: \(file.path): is a file, not the folder of a run\n"),
            (folder.path, "Error: \(folder.path): is not the folder of a run: it has no configuration.json\n"),
        ] {
            let child = try Child.run("train", "--resume", path)
            #expect(child.status == 1)
            #expect(child.errors == message)
        }
        let configuration = good.appendingPathComponent("configuration.json")
        let text = try String(contentsOf: configuration, encoding: .utf8)
        for (change, reason) in [
            (text.replacingOccurrences(of: "softmax-regression", with: "resnet"), "the run trains 'resnet', a model"),
            (String(text.dropLast(5)), "is no configuration of a run: it is not JSON"),
            (text.replacingOccurrences(of: "1epoch", with: "often"), "checkpoint_every is 'often', not such as"),
        ] {
            try Data(change.utf8).write(to: configuration)
            let child = try Child.run("train", "--resume", good.path)
            #expect(child.status == 1)
            #expect(child.errors.hasPrefix("Error: \(configuration.path): \(reason)"), "\(child.errors)")
        }
    }

    @Test func aRunThatIsDoneHasNothingToDo() throws {
        let folder = try DataFolder()
        let good = try run(folder, "good")
        let before = try contents(good)
        let child = try Child.run("train", "--resume", good.path)
        #expect(child.status == 0)
        let lines = child.output.split(separator: "\n")
        try #require(lines.count > 3)
        #expect(lines[2] == "nothing to do: \(good.path) has trained its epoch; --epochs 2 or more goes on")
        #expect(lines[3].hasPrefix("test accuracy ") && !child.output.contains("epoch  train loss"))
        #expect(try contents(good) == before)
        let again = try Child.run("train", "mlp", "--data", folder.path, "--output", good.path)
        #expect(again.status == 1)
        #expect(
            again.errors
                == "Error: \(good.path): is not empty; name another folder, or continue the run in it with --resume\n")
        let more = try Child.run("train", "--resume", good.path, "--epochs", "2", "--quiet")
        #expect(more.status == 0)
        let fewer = try Child.run("train", "--resume", good.path, "--epochs", "1")
        #expect(fewer.status == 64)
        #expect(fewer.errors.hasPrefix("Error: --epochs must be at least 2, as many as the run has, not '1'."))
        // A command that finds out late is named all the same.
        #expect(fewer.errors.contains("\nUsage: yuyan train "))
        #expect(fewer.errors.hasSuffix("\n  See 'yuyan train --help' for more information.\n"))
    }
}
