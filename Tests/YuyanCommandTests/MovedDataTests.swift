import Foundation
import Testing

/// Runs whose data have been moved or changed since they began.
@Suite struct MovedDataTests {
    private let names = ["train-images", "train-labels", "t10k-images", "t10k-labels"]

    /// The data in a new folder, uncompressed.
    private func move(_ folder: DataFolder) throws -> URL {
        let place = folder.file("moved")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        for name in names {
            let file = name + (name.hasSuffix("images") ? "-idx3-ubyte" : "-idx1-ubyte")
            let child = try Child.run(
                [
                    "-c", #"gzip -dc "$0" > "$1" && rm "$0""#, folder.file(file + ".gz").path,
                    place.appendingPathComponent(file).path,
                ], program: URL(fileURLWithPath: "/bin/sh"))
            #expect(child.status == 0, "\(child.errors)")
        }
        return place
    }

    private func train(_ folder: DataFolder, _ name: String, epochs: Int) throws -> URL {
        let output = folder.file(name)
        let child = try Child.run(
            "train", "mlp", "--data", folder.path, "--epochs", "\(epochs)", "--quiet", "--output", output.path)
        #expect(child.status == 0, "\(child.errors)")
        return output
    }

    @Test func aRunGoesOnWithMovedData() throws {
        let folder = try DataFolder()
        let (output, reference) = (try train(folder, "out", epochs: 1), try train(folder, "reference", epochs: 2))
        let place = try move(folder)
        let lost = try Child.run("train", "--resume", output.path, "--epochs", "2")
        #expect(lost.status == 1)
        #expect(lost.errors.hasSuffix("--data FOLDER reads it from elsewhere\n"))
        #expect(try Child.run("report", output.path).errors == lost.errors.replacing("train-", with: "t10k-"))
        let report = try Child.run("report", output.path, "--data", place.path, "--quiet")
        #expect(report.status == 0, "\(report.errors)")
        let resumed = try Child.run("train", "--resume", output.path, "--epochs", "2", "--data", place.path)
        #expect(resumed.status == 0, "\(resumed.errors)")
        for name in ["weights.safetensors", "metrics.csv"] {
            let files = [output, reference].map { $0.appendingPathComponent(name) }
            #expect(try Data(contentsOf: files[0]) == Data(contentsOf: files[1]), "\(name)")
        }
        // The run remembers the new place.
        #expect(try Child.run("train", "--resume", output.path, "--epochs", "3", "--quiet").status == 0)
        #expect(try Child.run("report", output.path, "--quiet").status == 0)
    }

    @Test func otherDataAreRefused() throws {
        let folder = try DataFolder()
        let output = try train(folder, "out", epochs: 1)
        let checkpoint = try Data(contentsOf: last(output))
        let other = try DataFolder(trainCount: 65, testCount: 20)
        let resumed = try Child.run("train", "--resume", output.path, "--epochs", "2", "--data", other.path)
        #expect(resumed.status == 1 && resumed.output == "")
        #expect(
            resumed.errors == "Error: \(other.path): the train set is another than the run began with; "
                + "--data FOLDER names the place of the same files\n")
        #expect(try Data(contentsOf: last(output)) == checkpoint)
        // A page shows the test set alone, which is the same.
        #expect(try Child.run("report", output.path, "--data", other.path, "--quiet").status == 0)
        let third = try DataFolder(testCount: 21)
        #expect(
            try Child.run("report", output.path, "--data", third.path).errors.hasPrefix(
                "Error: \(third.path): the test set is another than the run began with"))
        // The same at the old place.
        let labels = "train-labels-idx1-ubyte.gz"
        try FileManager.default.removeItem(at: folder.file(labels))
        try folder.write(folder.idx([64], [UInt8](repeating: 3, count: 64)), labels)
        #expect(
            try Child.run("train", "--resume", output.path, "--epochs", "2").errors.hasPrefix(
                "Error: \(folder.path): the train set is another than the run began with"))
    }

    /// A run of a version that kept no checksums.
    @Test func anOldRunIsTakenAtItsWord() throws {
        let folder = try DataFolder()
        let output = try train(folder, "out", epochs: 1)
        let configuration = output.appendingPathComponent("configuration.json")
        let text = try String(contentsOf: configuration, encoding: .utf8)
        let old = text.replacing(/"data_checksums" : \{[^}]*\},/, with: "")
        #expect(old != text)
        try Data(old.utf8).write(to: configuration)
        let place = try move(folder)
        #expect(try Child.run("report", output.path, "--data", place.path, "--quiet").status == 0)
        let resumed = try Child.run("train", "--resume", output.path, "--epochs", "2", "--data", place.path, "--quiet")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(try String(contentsOf: configuration, encoding: .utf8).contains("data_checksums"))
    }

    @Test func dataThatAreMadeCannotBeMoved() throws {
        let folder = try DataFolder()
        let output = folder.file("out").path
        #expect(
            try Child.run("train", "linear-regression", "--epochs", "1", "--quiet", "--output", output).status == 0)
        for arguments in [["train", "--resume", output], ["report", output]] {
            let child = try Child.run(arguments + ["--data", folder.path])
            #expect(child.status == 64)
            #expect(child.errors.hasPrefix("Error: --data: linear-regression makes its own data.\n"))
        }
    }

    @Test func evaluationReadsNothingButTheTestSet() throws {
        let folder = try DataFolder()
        let output = folder.file("out")
        let child = try Child.run(
            "train", "mlp", "--data", folder.path, "--epochs", "1", "--limit", "12", "--quiet", "--output", output.path)
        #expect(child.status == 0, "\(child.errors)")
        for file in ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"] {
            try FileManager.default.removeItem(at: folder.file(file))
        }
        let limited = try Child.run("evaluate", output.path)
        #expect(limited.status == 0)
        #expect(limited.output.contains(" on 12 samples\n"))
        #expect(limited.errors == "note: only the first 12 samples, the run's --limit; --limit N takes others\n")
        #expect(try Child.run("evaluate", output.path, "--quiet").errors == limited.errors)
        let all = try Child.run("evaluate", output.path, "--limit", "1000")
        #expect(all.errors == "" && all.output.contains(" on 20 samples\n"))
        #expect(try Child.run("report", output.path, "--quiet").status == 0)
    }
}
