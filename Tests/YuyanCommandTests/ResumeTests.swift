import Foundation
import Testing
import YuyanData

/// What a run must come to, however often it was interrupted.
private struct Results: Equatable {
    var weights: Data
    var metrics: Data
    var test: Data

    init(_ folder: URL) throws {
        weights = try Data(contentsOf: folder.appendingPathComponent("weights.safetensors"))
        metrics = try Data(contentsOf: folder.appendingPathComponent("metrics.csv"))
        test = try Data(contentsOf: folder.appendingPathComponent("test.csv"))
    }
}

/// The checkpoint of the last state in the folder of a run.
func last(_ folder: URL) -> URL { folder.appendingPathComponent("checkpoints/last.safetensors") }

@Suite(.serialized) struct ResumeTests {
    /// SIGKILL at 50 random moments, also while files are written; each time the run is resumed.
    @Test func aKilledRunEndsWithTheSameBits() throws {
        let folder = try DataFolder(trainCount: 600)
        let arguments = [
            "train", "softmax-regression", "--data", folder.path, "--batch-size", "10", "--epochs", "8", "--momentum",
            "0.9", "--workers", "1", "--checkpoint-every", "7steps", "--validation-fraction", "0.2", "--patience", "5",
            "--quiet",
        ]
        let reference = folder.file("reference")
        let start = ContinuousClock.now
        #expect(try Child.run(arguments + ["--output", reference.path]).status == 0)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let expected = try Results(reference)

        var (kills, continued) = (0, 0)
        while kills < 50 {
            let output = folder.file("run-\(kills)")
            var isDone = false
            while !isDone {
                let canResume = FileManager.default.fileExists(atPath: last(output).path)
                if !canResume { try? FileManager.default.removeItem(at: output) }
                continued += canResume ? 1 : 0
                let child = try RunningChild(
                    canResume
                        ? ["train", "--resume", output.path, "--quiet"] : arguments + ["--output", output.path])
                if kills < 50 {
                    usleep(UInt32(Double.random(in: 0..<0.6 * seconds) * 1e6))
                    child.send(SIGKILL)
                }
                let result = child.finish()
                if child.diedFromSignal {
                    kills += 1
                } else {
                    #expect(result.status == 0, "\(result.errors)")
                    isDone = true
                }
            }
            #expect(try Results(output) == expected, "after \(kills) kills")
            // Nothing that was cut off stays.
            let names = try FileManager.default.contentsOfDirectory(atPath: output.path + "/checkpoints")
            #expect(names.sorted() == ["best.safetensors", "last.safetensors"])
        }
        #expect(continued >= 10)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func aSignalSavesAndLeaves(signal: Int32) throws {
        let folder = try DataFolder()
        let output = folder.file("out")
        let arguments = [
            "train", "lenet", "--data", folder.path, "--batch-size", "4", "--checkpoint-every", "99epochs",
        ]
        let child = try RunningChild(arguments + ["--epochs", "10000", "--output", output.path])
        let metrics = output.appendingPathComponent("metrics.csv")
        #expect(waitUntil { FileManager.default.fileExists(atPath: metrics.path) })
        // Twice at once, as `timeout` sends it, counts as once.
        child.send(signal)
        child.send(signal)
        let result = child.finish()
        #expect(!child.diedFromSignal)
        #expect(result.status == 128 + signal)
        #expect(result.errors == "")
        let line = try #require(result.output.split(separator: "\n").last)
        #expect(line.hasPrefix("stopped after "), "\(line)")
        #expect(line.hasSuffix("; to continue: yuyan train --resume \(output.path)"))
        let log = try String(contentsOf: output.appendingPathComponent("log.txt"), encoding: .utf8)
        #expect(log.split(separator: "\n").last?.hasSuffix(line) == true)

        // What was trained is kept, though no checkpoint was due.
        let done = try String(contentsOf: metrics, encoding: .utf8).split(separator: "\n").count - 1
        let resumed = try Child.run(["train", "--resume", output.path, "--epochs", "\(done + 2)"])
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.output.contains("\ncontinuing \(output.path) after "))
        let reference = folder.file("reference")
        #expect(try Child.run(arguments + ["--epochs", "\(done + 2)", "--output", reference.path]).status == 0)
        #expect(try Results(output) == Results(reference))
    }

    /// A run that began on more threads than there are cores goes on with one, and stays there.
    @Test func theNumberOfThreadsMayChange() throws {
        let folder = try DataFolder()
        let output = folder.file("out")
        let begun = try Child.run(
            "train", "mlp", "--data", folder.path, "--epochs", "1", "--threads", "64", "--output", output.path)
        #expect(begun.status == 0, "\(begun.errors)")
        let same = try Child.run("train", "--resume", output.path, "--epochs", "2", "--threads", "64")
        #expect(same.status == 0 && !same.output.contains("last bits"), "\(same.errors)")
        let resumed = try Child.run("train", "--resume", output.path, "--epochs", "3", "--threads", "1")
        #expect(resumed.status == 0, "\(resumed.errors)")
        let notice = "\n1 thread instead of 64: the last bits may differ from an uninterrupted run's\n"
        let isReference = ProcessInfo.processInfo.environment["YUYAN_DEVICE"] == "reference"
        #expect(resumed.output.contains(notice) == !isReference)
        let log = try String(contentsOf: output.appendingPathComponent("log.txt"), encoding: .utf8)
        #expect(log.contains(" 1 thread instead of 64: ") == !isReference)
        #expect(try Child.run("runs", "show", output.path).output.contains("\nthreads              1\n"))
        // The configuration and the checkpoint agree again, and nothing is new.
        let quiet = try Child.run("train", "--resume", output.path, "--epochs", "4", "--json", "--quiet")
        #expect(quiet.status == 0 && quiet.errors == "")
        #expect(quiet.output.contains(#""threads":1"#))
        #expect(try lastCheckpoint(of: output, holds: "\"threads\":1,"))
    }

    /// A run whose configuration was changed by a training that wrote no checkpoint.
    @Test func aCheckpointOfAnotherNumberOfThreadsFits() throws {
        let folder = try DataFolder()
        let output = folder.file("out")
        let arguments = ["train", "mlp", "--data", folder.path, "--epochs", "1", "--threads", "2", "--quiet"]
        #expect(try Child.run(arguments + ["--output", output.path]).status == 0)
        let configuration = output.appendingPathComponent("configuration.json")
        let text = try String(contentsOf: configuration, encoding: .utf8)
        let changed = text.replacingOccurrences(of: "\"threads\" : 2", with: "\"threads\" : 1")
        try Data(changed.utf8).write(to: configuration)
        #expect(try lastCheckpoint(of: output, holds: "\"threads\":2,"))
        let child = try Child.run("train", "--resume", output.path, "--epochs", "2", "--quiet")
        #expect(child.status == 0, "\(child.errors)")
        #expect(try lastCheckpoint(of: output, holds: "\"threads\":1,"))
    }

    /// Whether the state in the last checkpoint holds a text.
    private func lastCheckpoint(of output: URL, holds text: String) throws -> Bool {
        try Safetensors.read(from: last(output)).metadata["yuyan_checkpoint"]?.contains(text) == true
    }

    /// A process that cannot finish its step, here because nobody reads what it prints, ends at the second signal.
    @Test func aSecondSignalEndsAtOnce() throws {
        let child = try RunningChild([
            "train", "linear-regression", "--limit", "10", "--epochs", "100000000", "--no-save",
        ])
        usleep(1_000_000)
        child.send(SIGINT)
        usleep(300_000)
        #expect(child.isRunning)
        usleep(400_000)
        child.send(SIGTERM)
        #expect(waitUntil { !child.isRunning })
        #expect(child.finish().status == 128 + SIGTERM)
        #expect(child.diedFromSignal)
    }

    /// Files may not grow beyond 50 kB: weights and numbers can be written, checkpoints with momentum cannot.
    @Test func aFullDiskLeavesTheLastCheckpoint() throws {
        let folder = try DataFolder()
        let (output, reference) = (folder.file("out"), folder.file("reference"))
        let arguments = ["train", "softmax-regression", "--data", folder.path, "--momentum", "0.9"]
        #expect(try Child.run(arguments + ["--epochs", "2", "--output", output.path]).status == 0)
        let before = try Data(contentsOf: last(output))

        let full = try runLimited(["train", "--resume", output.path, "--epochs", "4"])
        #expect(full.status == 1)
        #expect(full.errors.filter { $0 == "\n" }.count == 1)
        #expect(full.errors.hasPrefix("Error: \(output.path)/checkpoints/"))
        #expect(
            full.errors.hasSuffix(
                ".safetensors: cannot be written: File too large; to continue: "
                    + "yuyan train --resume \(output.path)\n"))
        #expect(try Data(contentsOf: last(output)) == before)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: output.path + "/checkpoints").sorted()
                == ["best.safetensors", "last.safetensors"])

        #expect(try Child.run(["train", "--resume", output.path, "--epochs", "4"]).status == 0)
        #expect(try Child.run(arguments + ["--epochs", "4", "--output", reference.path]).status == 0)
        #expect(try Results(output) == Results(reference))
    }

    /// Runs the command where files may not grow beyond so many blocks of 512 bytes.
    private func runLimited(_ arguments: [String], blocks: Int = 100) throws -> Child {
        let script = #"trap "" XFSZ; ulimit -f \#(blocks); exec "$0" "$@""#
        return try Child.run(
            ["-c", script, Child.executable.path] + arguments, program: URL(fileURLWithPath: "/bin/sh"))
    }

    /// Files may not grow beyond 20 kB: not even the first checkpoint can be written.
    @Test func aFullDiskAtTheFirstCheckpointLeavesTheNameFree() throws {
        let folder = try DataFolder()
        let (output, reference) = (folder.file("out"), folder.file("reference"))
        let arguments = ["train", "softmax-regression", "--data", folder.path, "--epochs", "2"]
        let full = try runLimited(arguments + ["--output", output.path], blocks: 40)
        #expect(full.status == 1)
        #expect(
            full.errors == "Error: \(last(output).path): cannot be written: File too large; "
                + "there is no checkpoint yet: the same command begins the run anew\n")
        let resumed = try Child.run(["train", "--resume", output.path])
        #expect(resumed.status == 1)
        #expect(
            resumed.errors == "Error: \(last(output).path): no such checkpoint: the run ended before it wrote one; "
                + "the command that began it begins it anew\n")
        // A folder with somebody's own file in it is not taken.
        let own = output.appendingPathComponent("notes.txt")
        try Data("mine".utf8).write(to: own)
        #expect(try Child.run(arguments + ["--output", output.path]).errors.contains(": is not empty; name another"))
        try FileManager.default.removeItem(at: own)

        let anew = try Child.run(arguments + ["--seed", "3", "--output", output.path])
        #expect(anew.status == 0, "\(anew.errors)")
        #expect(try Child.run(arguments + ["--seed", "3", "--output", reference.path]).status == 0)
        #expect(try Results(output) == Results(reference))
        // Now there is something to lose.
        #expect(try Child.run(arguments + ["--output", output.path]).errors.contains(": is not empty; name another"))
        #expect(try Child.run(["train", "--resume", output.path, "--epochs", "3", "--quiet"]).status == 0)
    }

    /// A run that another process has just begun is not taken over.
    @Test func aRunThatIsBeginningIsNotTaken() throws {
        let folder = try DataFolder()
        let output = folder.file("out")
        let arguments = ["train", "softmax-regression", "--data", folder.path, "--output", output.path]
        #expect(try runLimited(arguments, blocks: 40).status == 1)
        let log = output.appendingPathComponent("log.txt").path
        let descriptor = open(log, O_RDONLY)
        #expect(flock(descriptor, LOCK_EX) == 0)
        let refused = try Child.run(arguments)
        #expect(refused.errors == "Error: \(output.path): another process is training this run\n")
        close(descriptor)
        #expect(try Child.run(arguments + ["--epochs", "1", "--quiet"]).status == 0)
    }

    /// A model whose weights already lie in memory as they will: ten thousand more steps need nothing.
    @Test(arguments: ["softmax-regression", "lenet"])
    func memoryStaysFlat(model: String) throws {
        // Plain loops would take a minute over LeNet.
        guard model != "lenet" || ProcessInfo.processInfo.environment["YUYAN_DEVICE"] != "reference" else { return }
        let folder = try DataFolder(trainCount: 500)
        // A checkpoint's bytes are handed back to the system each time. From the heap they would take a new place now
        // and then, by the timing of threads, and hide a leak of as many pages.
        let child = try RunningChild(
            [
                "train", model, "--data", folder.path, "--batch-size", "1", "--learning-rate", "0.01", "--epochs", "24",
                "--output", folder.file("out").path,
            ], environment: ["GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=65536"])
        var pages: [Int] = []
        child.readLines { line in
            guard line.split(separator: " ").first.flatMap({ Int($0) }) != nil else { return }
            pages.append(child.privatePages ?? 0)
        }
        #expect(child.finish().status == 0)
        #expect(pages.count == 24)
        // After 1,000 and after at least 10,000 steps, in pages of 4 KiB: the least, for a checkpoint may be on its way.
        let growth = (pages[19...].min() ?? 0) - pages[1]
        #expect(pages[1] > 0 && growth < 64, "\(pages)")
    }
}
