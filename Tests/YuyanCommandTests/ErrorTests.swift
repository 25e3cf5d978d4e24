import Foundation
import Testing

/// What the command answers to bad input.
@Suite struct ErrorTests {
    @Test(arguments: [
        (["train", "lenet", "--batch-size", "0"], "--batch-size must be a whole number above 0, not '0'."),
        (["train", "lenet", "--epochs", "0"], "--epochs must be a whole number above 0, not '0'."),
        (["train", "lenet", "--limit", "0"], "--limit must be a whole number above 0, not '0'."),
        (["train", "lenet", "--learning-rate", "nan"], "--learning-rate must be a number above 0, not 'nan'."),
        (["train", "lenet", "--learning-rate", "-0.5"], "--learning-rate must be a number above 0, not '-0.5'."),
        (["train", "lenet", "--learning-rate", "inf"], "--learning-rate must be a number above 0, not 'inf'."),
        (["train", "lenet", "--momentum", "1"], "--momentum must be 0 or more and below 1, not '1'."),
        (
            ["train", "lenet", "--optimizer", "adam", "--momentum", "0.9"],
            "--momentum belongs to --optimizer sgd: adam has none."
        ),
        (["train", "lenet", "--optimizer", "lion"], "The value 'lion' is invalid for '--optimizer"),
        (["train", "--resume", "a", "--optimizer", "adam"], "--optimizer cannot be given with --resume: "),
        (["train", "lenet", "--weight-decay", "-1"], "--weight-decay must be a number, 0 or more, not '-1'."),
        (["train", "lenet", "--threads", "0"], "--threads must be 1 to 1024, not '0'."),
        (["train", "lenet", "--workers", "65"], "--workers must be 0 to 64, not '65'."),
        (["train", "lenet", "--batch-size", "ten"], "The value 'ten' is invalid for '--batch-size <n>'"),
        (["train", "lenet", "--device", "tpu"], "The value 'tpu' is invalid for '--device <device>'."),
        (["train", "lenet", "--frobnicate"], "Unknown option '--frobnicate'"),
        (["train", "resnet"], "The value 'resnet' is invalid for '<model>'."),
        (["summary", "resnet"], "The value 'resnet' is invalid for '<model>'."),
        (["train"], "Missing expected argument '<model>'"),
        (["dance"], "there is no command 'dance'."),
        (["trian", "lenet"], "there is no command 'trian'; did you mean 'train'?"),
        (["runs", "shwo", "a"], "there is no command 'runs shwo'; did you mean 'show'?"),
        (["train", "linear-regression", "--data", "/tmp"], "--data: linear-regression makes its own data."),
        (["train", "mlp", "--checkpoint-every", "0steps"], "The value '0steps' is invalid for '--checkpoint-every"),
        (["train", "mlp", "--patience", "0"], "--patience must be a whole number above 0, not '0'."),
        (
            ["train", "mlp", "--validation-fraction", "1"],
            "--validation-fraction must be 0 or more and below 1, not '1'."
        ),
        (
            ["train", "mlp", "--patience", "2", "--validation-fraction", "0"],
            "--patience needs a validation set, by whose loss it stops: leave out --validation-fraction 0."
        ),
        (
            ["train", "linear-regression", "--limit", "4", "--no-save"],
            "--validation-fraction 0.1 cannot be kept back of 4 samples to train on; 0 trains on all of them."
        ),
        (
            ["train", "--resume", "a", "--validation-fraction", "0.2"],
            "--validation-fraction cannot be given with --resume: the run keeps its settings."
        ),
        (["train", "mlp", "--name", "a/b"], "--name must be a name without '/', not 'a/b'."),
        (["train", "lenet", "--momentum", "1e3"], "--momentum must be 0 or more and below 1, not '1e3'."),
        (["train", "mlp", "--name", "a\nb"], "--name must be a name without control characters, not 'a b'."),
        (["train", "mlp", "--name", "a\u{7}"], "--name must be a name without control characters, not 'a'."),
        (
            ["train", "mlp", "--name", String(repeating: "n", count: 300)],
            "--name must be a name of at most 255 bytes, not '" + String(repeating: "n", count: 50) + "…"
                + String(repeating: "n", count: 20) + "'."
        ),
        (
            ["evaluate", String(repeating: "n", count: 300)],
            "'" + String(repeating: "n", count: 50) + "…" + String(repeating: "n", count: 20) + "' is neither"
        ),
        (["train", "mlp", "--output", "a", "--name", "b"], "--output and --name contradict each other."),
        (["train", "mlp", "--no-save", "--root", "b"], "--root and --no-save contradict each other."),
        (
            ["train", "--resume", "a", "--seed", "1"],
            "--seed cannot be given with --resume: the run keeps its settings."
        ),
        (["train", "mlp", "--resume", "a"], "mlp cannot be given with --resume: the run has its model."),
        (["runs", "compare", "a"], "compare needs at least two runs."),
    ])
    func refusesWrongArguments(arguments: [String], message: String) throws {
        let child = try Child.run(arguments)
        #expect(child.status == 64)
        #expect(child.output == "")
        let line = try #require(child.errors.split(separator: "\n").first)
        #expect(line.hasPrefix("Error: \(message)"), "\(line)")
    }

    @Test func longPathsAreShortened() throws {
        let name = String(repeating: "n", count: 300)
        let child = try Child.run("train", "--resume", "/nowhere/\(name)/run")
        #expect(child.status == 1)
        #expect(child.errors == "Error: /nowhere/\(name.prefix(50))…\(name.suffix(20))/run: no such folder\n")
    }

    @Test func numbersAreShownAsTyped() throws {
        let folder = try DataFolder()
        let arguments = ["train", "mlp", "--data", folder.path, "--epochs", "1", "--learning-rate"]
        let output = folder.file("out").path
        let child = try Child.run(arguments + ["2", "--momentum", "0", "--output", output])
        #expect(child.output.contains(", learning rate 2, seed 0\n"), "\(child.errors)")
        let show = try Child.run("runs", "show", output).output
        #expect(show.contains("\nlearning rate        2\nmomentum             0\nweight decay         0\n"))
    }

    @Test func listsModelsAndDevices() throws {
        #expect(
            try Child.run("train", "resnet").errors.contains(
                "one of the following:\n  - lenet\n  - mlp\n  - dropout-mlp\n  - softmax-regression\n  - linear-regression\n"
            ))
        #expect(try Child.run("train", "lenet", "--device", "tpu").errors.contains("'reference'"))
        let child = try Child.run(["train", "mlp"], environment: ["YUYAN_DEVICE": "tpu"])
        #expect(child.status == 64)
        #expect(child.errors.hasPrefix("Error: YUYAN_DEVICE is 'tpu', this build has the devices cpu, reference"))
    }

    @Test func namesTheFaultyDataFile() throws {
        let images = "train-images-idx3-ubyte.gz"
        let labels = "t10k-labels-idx1-ubyte.gz"
        let cases: [(file: String, reason: String, damage: (DataFolder, URL) throws -> Void)] = [
            (images, "no such file; ", { _, file in try FileManager.default.removeItem(at: file) }),
            (
                images, "gzip data is truncated after ",
                { _, file in try Data(try Data(contentsOf: file).dropLast(20)).write(to: file) }
            ),
            (
                labels, "wrong magic number",
                { folder, file in try folder.write([1, 2, 3, 4, 5], file.lastPathComponent) }
            ),
            (
                labels, "holds 3 labels for 20 images",
                { folder, file in try folder.write(folder.idx([3], [0, 1, 2]), file.lastPathComponent) }
            ),
        ]
        for (name, reason, damage) in cases {
            let folder = try DataFolder()
            try damage(folder, folder.file(name))
            let output = folder.file("out")
            let child = try Child.run("train", "lenet", "--data", folder.path, "--output", output.path)
            #expect(child.status == 1)
            #expect(child.output == "")
            #expect(child.errors.hasPrefix("Error: \(folder.file(name).path): \(reason)"), "\(child.errors)")
            #expect(child.errors.filter { $0 == "\n" }.count == 1)
            #expect(!FileManager.default.fileExists(atPath: output.path))
        }
    }

    @Test func refusesAnEmptyDataSet() throws {
        let folder = try DataFolder(testCount: 0)
        let child = try Child.run("train", "mlp", "--no-save", "--data", folder.path)
        #expect(child.status == 1)
        #expect(child.errors == "Error: \(folder.path): the test set holds no images\n")
    }

    @Test func checksTheOutputFolderBeforeTraining() throws {
        let folder = try DataFolder()
        let file = folder.file("file")
        try Data().write(to: file)
        try FileManager.default.createDirectory(
            at: folder.file("taken/deeper"), withIntermediateDirectories: true)
        for (path, message) in [
            (file.path, "\(file.path): is a file, not a folder"),
            (file.path + "/runs/a", "\(file.path)/runs: cannot be created: Not a directory"),
            ("/proc/yuyan", "/proc/yuyan: cannot be created: No such file or directory"),
            (folder.file("taken").path, "\(folder.file("taken").path): is not empty; name another folder"),
        ] {
            let child = try Child.run("train", "mlp", "--data", folder.path, "--output", path)
            #expect(child.status == 1)
            #expect(child.output == "")
            #expect(child.errors.hasPrefix("Error: \(message)"), "\(child.errors)")
        }
    }

    @Test func saysThatTrainingDiverged() throws {
        let folder = try DataFolder()
        let output = folder.file("out")
        let child = try Child.run(
            "train", "linear-regression", "--learning-rate", "1e10", "--quiet", "--output", output.path)
        #expect(child.status == 1)
        #expect(child.errors.hasPrefix("Error: training diverged: the loss is "))
        // Nothing worthless is kept; the log says why.
        let names = try FileManager.default.contentsOfDirectory(atPath: output.path).sorted()
        #expect(
            names.filter { !$0.hasPrefix("events.out.tfevents.") } == ["checkpoints", "configuration.json", "log.txt"])
        let log = try String(contentsOf: output.appendingPathComponent("log.txt"), encoding: .utf8)
        #expect(log.contains("error: training diverged: the loss is "))
    }
}

@Suite struct HelpTests {
    @Test func summaryPrintsShapesAndCounts() throws {
        let child = try Child.run(["summary", "lenet"], environment: ["COLUMNS": "110"])
        #expect(child.status == 0)
        let words = child.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(words[2] == "name layer output shape parameters settings")
        #expect(
            words[3] == "0 Conv2D [1, 6, 28, 28] 156 inputChannels: 1, outputChannels: 6, kernelSize: 5, padding: 2")
        #expect(words[10] == "7 Linear [1, 120] 48,120 inputSize: 400, outputSize: 120")
        #expect(words.last == "61,706 parameters, 246,824 bytes")
    }

    @Test func helpExplainsEveryOption() throws {
        let root = try Child.run("--help")
        #expect(root.status == 0)
        #expect(root.output.contains("EXAMPLES:") && root.output.contains("yuyan train lenet"))
        let train = try Child.run("train", "--help")
        #expect(train.status == 0)
        for option in [
            "data", "epochs", "batch-size", "optimizer", "learning-rate", "momentum", "weight-decay", "patience",
            "seed", "threads",
            "workers",
            "device", "limit", "precision", "tune", "name", "root", "output", "no-save", "checkpoint-every",
            "resume",
            "json",
            "quiet",
        ] {
            #expect(train.output.contains("--\(option) "))
        }
        let text = train.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            text.contains("(default: 0.9, mlp 0.1, dropout-mlp 0.5, softmax-regression 0.1, linear-regression 0.03, "))
        let version = try Child.run("--version")
        #expect(version.status == 0 && version.output.split(separator: ".").count == 3)
    }
}
