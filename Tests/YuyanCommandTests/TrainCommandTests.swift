import Foundation
import Testing
import YuyanData

/// What `--json` printed.
private func decoded<Report: Decodable>(_ type: Report.Type, _ text: String) throws -> Report {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(text.utf8))
}

@Suite struct TrainCommandTests {
    @Test func trainsAndKeepsTheResults() throws {
        let folder = try DataFolder()
        let output = folder.file("runs/lenet")
        let child = try Child.run(
            "train", "lenet", "--data", folder.path, "--epochs", "2", "--batch-size", "16", "--threads", "1",
            "--output",
            output.path)
        #expect(child.status == 0, "\(child.errors)")
        #expect(child.errors == "")
        let lines = child.output.split(separator: "\n")
        #expect(lines.count == 10)
        #expect(lines[0].hasPrefix("lenet on "))
        #expect(lines[0].hasSuffix(": batches of 16, learning rate 0.9, seed 0"))
        #expect(lines[1] == "samples: train 58, validation 6, test 20")
        #expect(lines[2] == "run \(output.path)")
        #expect(lines[3] == "epoch  train loss       acc  validation loss       acc  samples/s       time")
        #expect(lines[4].hasPrefix("    1  ") && lines[5].hasPrefix("    2  "))
        #expect(lines[6].hasPrefix("test accuracy "))
        // Nobody watches: nothing is drawn over.
        #expect(!child.output.contains("\r") && !child.output.contains("\u{1B}"))

        let names = try FileManager.default.contentsOfDirectory(atPath: output.path).sorted()
        #expect(
            names.filter { !$0.hasPrefix("events.out.tfevents.") } == [
                "checkpoints", "configuration.json", "log.txt", "metrics.csv", "test.csv", "timing.csv",
                "weights.safetensors",
            ])
        #expect(names.count == 8)
        // The log holds what was printed, each line with its time.
        let log = try String(contentsOf: output.appendingPathComponent("log.txt"), encoding: .utf8)
        #expect(log.split(separator: "\n").map { $0.drop { $0 != " " }.dropFirst() } == lines)
        let weights = try Safetensors.read(from: output.appendingPathComponent("weights.safetensors"))
        #expect(weights.arrays.reduce(0) { $0 + $1.array.shape.elementCount } == 61_706)
        #expect(weights.arrays.contains { $0.name == "0.weight" && $0.array.shape == [6, 1, 5, 5] })
        let metrics = try String(contentsOf: output.appendingPathComponent("metrics.csv"), encoding: .utf8)
        #expect(metrics.hasPrefix("epoch,train_loss,train_accuracy,validation_loss,validation_accuracy\n1,"))
        #expect(metrics.split(separator: "\n").count == 3)
    }

    @Test func theSameSeedGivesTheSameFiles() throws {
        let folder = try DataFolder()
        func files(_ name: String, _ options: [String]) throws -> [Data] {
            let output = folder.file(name)
            let child = try Child.run(
                [
                    "train", "lenet", "--data", folder.path, "--epochs", "2", "--batch-size", "16", "--limit", "40",
                    "--quiet", "--output", output.path,
                ] + options)
            #expect(child.status == 0, "\(child.errors)")
            return try ["weights.safetensors", "metrics.csv"].map {
                try Data(contentsOf: output.appendingPathComponent($0))
            }
        }
        let first = try files("a", ["--seed", "5"])
        #expect(try files("b", ["--seed", "5"]) == first)
        #expect(try files("c", ["--seed", "5", "--workers", "2"]) == first)
        let other = try files("d", ["--seed", "6"])
        #expect(other[0] != first[0] && other[1] != first[1])
    }

    @Test func printsJSON() throws {
        struct Report: Decodable {
            struct Epoch: Decodable {
                var epoch: Int
                var trainLoss: Double
                var validationMetrics: [String: Double]
            }
            var model: String
            var seed: Int
            var batchSize: Int
            var learningRate: Double
            var momentum: Double
            var epochs: [Epoch]
            var files: [String: String]
        }
        let folder = try DataFolder()
        let child = try Child.run(
            "train", "softmax-regression", "--data", folder.path, "--epochs", "3", "--json", "--momentum", "0.5",
            "--output", folder.file("out").path)
        #expect(child.status == 0)
        let report = try decoded(Report.self, child.output)
        #expect(report.model == "softmax-regression")
        #expect(report.batchSize == 256 && report.learningRate == 0.1 && report.momentum == 0.5)
        #expect(report.epochs.map(\.epoch) == [1, 2, 3])
        #expect(report.epochs[2].trainLoss < report.epochs[0].trainLoss)
        #expect(report.files["weights"] == folder.file("out/weights.safetensors").path)
        #expect(child.errors.contains("epoch  train loss"))
    }

    /// The settings of the book, for every classifier that it trains.
    @Test(arguments: [
        ("lenet", 0.9, 61_706), ("mlp", 0.1, 203_530), ("dropout-mlp", 0.5, 269_322),
        ("softmax-regression", 0.1, 7_850),
    ])
    func settingsAreTheBooks(model: String, learningRate: Double, parameters: Int) throws {
        struct Report: Decodable {
            struct Epoch: Decodable { var epoch: Int }
            var batchSize: Int
            var learningRate: Double
            var epochs: [Epoch]
        }
        let folder = try DataFolder(trainCount: 4, testCount: 2)
        let child = try Child.run(
            "train", model, "--data", folder.path, "--validation-fraction", "0", "--json", "--quiet", "--output",
            folder.file("run").path)
        #expect(child.status == 0, "\(child.errors)")
        let report = try decoded(Report.self, child.output)
        #expect(report.batchSize == 256 && report.learningRate == learningRate && report.epochs.count == 10)
        let weights = try Safetensors.read(from: folder.file("run/weights.safetensors"))
        #expect(weights.arrays.reduce(0) { $0 + $1.array.shape.elementCount } == parameters)
    }

    /// Weights from N(0, 0.01²); with dropout the book leaves the biases as the layer makes them, else they are 0.
    @Test(arguments: [("mlp", ["1", "3"]), ("dropout-mlp", ["1", "4", "7"])])
    func firstWeightsAreTheBooks(model: String, layers: [String]) throws {
        let folder = try DataFolder(trainCount: 4, testCount: 2)
        let child = try Child.run(
            "train", model, "--data", folder.path, "--learning-rate", "1e-30", "--epochs", "1", "--validation-fraction",
            "0", "--quiet", "--output", folder.file("run").path)
        #expect(child.status == 0, "\(child.errors)")
        let weights = try Safetensors.load(from: folder.file("run/weights.safetensors"))
        for layer in layers {
            let weight = try #require(weights["\(layer).weight"]).array(of: Double.self)
            let deviation = (weight.reduce(0) { $0 + $1 * $1 } / Double(weight.count)).squareRoot()
            #expect((0.0095...0.0105).contains(deviation), "\(layer)")
            let bias = try #require(weights["\(layer).bias"]).array(of: Double.self)
            // The layer's own are uniform up to 1/√inputs: 784, then 256.
            let bound = 1 / Double(layer == "1" ? 784 : 256).squareRoot()
            let greatest = bias.map(abs).max() ?? 0
            #expect(model == "mlp" ? greatest < 1e-20 : greatest > bound / 2 && greatest <= bound, "\(layer)")
        }
    }

    /// From training to the page, with the network that has dropout.
    @Test func everyCommandKnowsTheMLPWithDropout() throws {
        let folder = try DataFolder()
        let run = folder.file("run").path
        let samples = folder.file("samples").path
        for (arguments, text) in [
            (["summary", "dropout-mlp"], "269,322 parameters"), (["graph", "dropout-mlp"], "Dropout"),
            (["train", "dropout-mlp", "--data", folder.path, "--epochs", "2", "--output", run], "test accuracy"),
            (["train", "--resume", run, "--epochs", "3"], "    3  "),
            (["evaluate", run], "dropout-mlp, weights "), (["report", run], "report.html"),
            (
                ["data", "export", "fashion-mnist", "--data", folder.path, "--count", "1", "--output", samples],
                "1 picture"
            ), (["predict", "\(samples)/00-t-shirt.png", "--run", run], "28 × 28"),
            (["bench", "--workloads", "dropout-mlp", "--steps", "1"], "dropout-mlp"),
        ] {
            let child = try Child.run(arguments, environment: ["LC_ALL": "C.UTF-8"])
            #expect(child.status == 0 && child.output.contains(text), "\(arguments): \(child.output)\(child.errors)")
        }
    }

    /// With steps that change nothing, the first epoch stays the best.
    @Test func stopsWhenNothingImproves() throws {
        let folder = try DataFolder()
        let output = folder.file("out")
        let arguments = ["train", "mlp", "--data", folder.path, "--learning-rate", "1e-30", "--output", output.path]
        let child = try Child.run(arguments + ["--epochs", "9", "--patience", "2", "--quiet"])
        #expect(child.status == 0, "\(child.errors)")
        #expect(
            child.output.contains(
                "\nstopped early after epoch 3: the validation loss has not fallen for 2 epochs\n"
                    + "the weights are those of epoch 1, which has the smallest validation loss\n"))
        let metrics = try String(contentsOf: output.appendingPathComponent("metrics.csv"), encoding: .utf8)
        #expect(metrics.split(separator: "\n").count == 4)
        // The patience stays used up.
        #expect(try Child.run("train", "--resume", output.path, "--quiet").output == child.output)
        let resumed = try Child.run("train", "--resume", output.path, "--epochs", "20").output
        #expect(resumed.contains("\nnothing to do: \(output.path) has stopped early\nstopped early after epoch 3: "))
        let json = try Child.run("train", "--resume", output.path, "--json", "--quiet").output
        #expect(json.contains(#""is_complete":true"#) && json.contains(#""stopped_early_after":3"#))
    }

    /// Whatever the labels of the test set are, the same epoch is the best, and training stops after the same.
    @Test func nothingIsChosenByTheTestSet() throws {
        let folder = try DataFolder()
        func files(_ name: String) throws -> [Data] {
            let output = folder.file(name)
            let child = try Child.run(
                "train", "mlp", "--data", folder.path, "--epochs", "12", "--batch-size", "4", "--learning-rate", "0.5",
                "--patience", "3", "--quiet", "--output", output.path)
            #expect(child.status == 0, "\(child.errors)")
            return try ["weights.safetensors", "metrics.csv", "test.csv"].map {
                try Data(contentsOf: output.appendingPathComponent($0))
            } + [Data(contentsOf: output.appendingPathComponent("checkpoints/best.safetensors")).suffix(800_000)]
        }
        let first = try files("a")
        try folder.write(folder.idx([20], (0..<20).map { UInt8(($0 + 3) % 10) }), "t10k-labels-idx1-ubyte.gz")
        let second = try files("b")
        #expect(first[0] == second[0] && first[1] == second[1] && first[3] == second[3])
        #expect(first[2] != second[2])
    }

    /// With all samples to train on there is no best epoch.
    @Test func withoutAValidationSetNothingIsChosen() throws {
        let folder = try DataFolder()
        let output = folder.file("runs/all")
        let child = try Child.run(
            "train", "mlp", "--data", folder.path, "--epochs", "2", "--validation-fraction", "0", "--output",
            output.path)
        #expect(child.status == 0, "\(child.errors)")
        let lines = child.output.split(separator: "\n")
        let samples = try #require(lines.first { $0.hasPrefix("samples: ") })
        #expect(samples == "samples: train 64, test 20; no validation set to choose the best epoch")
        // It fits with the numbers of Fashion-MNIST, too.
        #expect(samples.replacing("64", with: "60,000").replacing("20", with: "10,000").count <= 80)
        #expect(lines.contains("epoch  train loss       acc  samples/s       time"))
        let checkpoints = output.appendingPathComponent("checkpoints").path
        #expect(try FileManager.default.contentsOfDirectory(atPath: checkpoints) == ["last.safetensors"])
        let metrics = try String(contentsOf: output.appendingPathComponent("metrics.csv"), encoding: .utf8)
        #expect(metrics.hasSuffix(",,\n"))
        let test = try String(contentsOf: output.appendingPathComponent("test.csv"), encoding: .utf8)
        #expect(test.hasPrefix("epoch,test_loss,test_accuracy\n2,"))
        let show = try Child.run("runs", "show", output.path).output
        #expect(!show.contains("best ") && show.contains("\ntest accuracy 0."))
        #expect(!show.contains("validation loss"))
        let list = try Child.run("runs", "--root", folder.file("runs").path).output
        #expect(!list.contains("validation") && list.contains("  test  "))
        let json = try Child.run("train", "--resume", output.path, "--quiet", "--json").output
        #expect(json.contains(#""test":{"epoch":2,"#) && json.contains(#""validation_fraction":0,"#))
    }

    /// More epochs make the number of the test one of other weights.
    @Test func theTestIsThatOfTheWeights() throws {
        let folder = try DataFolder()
        let output = folder.file("run")
        let file = output.appendingPathComponent("test.csv")
        let arguments = ["train", "mlp", "--data", folder.path, "--epochs", "1", "--quiet", "--output", output.path]
        #expect(try Child.run(arguments).status == 0)
        let first = try String(contentsOf: file, encoding: .utf8)
        try FileManager.default.removeItem(at: file)
        // A process that was killed before it could measure.
        #expect(try Child.run("train", "--resume", output.path, "--quiet").status == 0)
        #expect(try String(contentsOf: file, encoding: .utf8) == first)
        #expect(try Child.run("train", "--resume", output.path, "--quiet", "--epochs", "3").status == 0)
        let second = try String(contentsOf: file, encoding: .utf8)
        #expect(first.hasPrefix("epoch,test_loss,test_accuracy\n1,") && second.contains("\n3,"))
        struct Report: Decodable { var loss: Double }
        let evaluation = try decoded(Report.self, try Child.run("evaluate", output.path, "--json").output)
        #expect(second.contains("\n3,\(evaluation.loss),"))
    }

    @Test func fitsALine() throws {
        struct Report: Decodable {
            struct Finding: Decodable {
                var name: String
                var values: [Double]
            }
            struct Epoch: Decodable { var validationLoss: Double }
            struct Test: Decodable { var loss: Double }
            var test: Test
            var findings: [Finding]
            var epochs: [Epoch]
        }
        let child = try Child.run("train", "linear-regression", "--no-save", "--json", "--quiet")
        #expect(child.errors == "")
        let report = try decoded(Report.self, child.output)
        #expect(report.findings.map(\.name) == ["error of w", "error of b"])
        #expect(report.findings.map(\.values.count) == [2, 1])
        // The book's |Δ| < 0.003, and a loss near the variance of the noise, 1e-4.
        #expect(report.findings.flatMap(\.values).allSatisfy { abs($0) < 0.003 })
        #expect(report.epochs.count == 3)
        #expect((0.00008...0.00013).contains(report.epochs[2].validationLoss))
        #expect((0.00008...0.00013).contains(report.test.loss))
        let text = try Child.run("train", "linear-regression", "--no-save", "--quiet").output
        #expect(text.contains("error of w  ") && !text.contains("accuracy"))
        // There are no classes to mistake.
        let folder = try DataFolder()
        let output = folder.file("out").path
        let saved = try Child.run("train", "linear-regression", "--epochs", "1", "--quiet", "--output", output)
        #expect(saved.output.hasSuffix("\nfor a page with curves: yuyan report \(output)\n"))
    }

    /// In a terminal the bar is drawn and redrawn, in the width there is.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
    func drawsABarInATerminal() throws {
        let folder = try DataFolder()
        let command = "\(Child.executable.path) train mlp --data \(folder.path) --batch-size 16 --epochs 1 --no-save"
        func screen(_ environment: [String: String]) throws -> String {
            let base = ["TERM": "xterm", "COLUMNS": "90", "LC_ALL": "C.UTF-8", "NO_COLOR": ""]
            let child = try Child.run(
                ["-qec", command, "/dev/null"], program: URL(fileURLWithPath: "/usr/bin/script"),
                environment: base.merging(environment) { $1 })
            #expect(child.status == 0)
            return child.output
        }
        let colored = try screen([:])
        #expect(colored.contains("\repoch 1/1  \u{1B}[32m━"))
        #expect(colored.contains(" left"))
        let plain = try screen(["NO_COLOR": "1"])
        #expect(plain.contains("\repoch 1/1  ━"))
        #expect(!plain.contains("\u{1B}[32m") && !plain.contains("\u{1B}[1m"))
        #expect(try !screen(["TERM": "dumb"]).contains("left"))
    }
}
