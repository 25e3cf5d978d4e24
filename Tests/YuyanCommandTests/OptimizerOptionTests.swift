import Foundation
import Testing

@Suite struct OptimizerOptionTests {
    private struct Report: Decodable {
        struct Epoch: Decodable { var trainLoss: Double }
        var optimizer: String
        var learningRate: Double
        var momentum: Double
        var weightDecay: Double
        var epochs: [Epoch]
    }

    /// Defaults are those of the library, which are PyTorch's, and of yogi the book's; sgd has the model's.
    @Test(arguments: [
        ("sgd", 0.03, 0), ("adam", 0.001, 0), ("adamw", 0.001, 0.01), ("rmsprop", 0.01, 0), ("adagrad", 0.01, 0),
        ("adadelta", 1, 0), ("yogi", 0.01, 0),
    ])
    func trains(optimizer: String, learningRate: Double, weightDecay: Double) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        func train(_ arguments: [String]) throws -> Report {
            let child = try Child.run(
                ["train", "linear-regression", "--no-save", "--epochs", "3", "--json", "--quiet"] + arguments)
            #expect(child.status == 0, "\(child.errors)")
            return try decoder.decode(Report.self, from: Data(child.output.utf8))
        }
        let report = try train(["--optimizer", optimizer])
        #expect(report.optimizer == optimizer && report.momentum == 0)
        #expect(report.learningRate == learningRate && report.weightDecay == weightDecay)
        #expect(report.epochs[2].trainLoss < report.epochs[0].trainLoss)
        let other = try train(["--optimizer", optimizer, "--learning-rate", "0.02", "--weight-decay", "0.1"])
        #expect(other.learningRate == 0.02 && other.weightDecay == 0.1)
        #expect(other.epochs[2].trainLoss != report.epochs[2].trainLoss)
        if optimizer == "sgd" {
            let plain = try train([])
            #expect(plain.epochs.map(\.trainLoss) == report.epochs.map(\.trainLoss))
        }
    }

    @Test func aRunKeepsItsOptimizer() throws {
        let folder = try DataFolder()
        let (whole, cut) = (folder.file("whole"), folder.file("cut"))
        let arguments = ["train", "linear-regression", "--optimizer", "adamw", "--weight-decay", "0.25", "--quiet"]
        #expect(try Child.run(arguments + ["--epochs", "4", "--output", whole.path]).status == 0)
        #expect(try Child.run(arguments + ["--epochs", "2", "--output", cut.path]).status == 0)
        let resumed = try Child.run("train", "--resume", cut.path, "--epochs", "4")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.output.contains("learning rate 0.001 (adamw), seed 0"))
        for name in ["weights.safetensors", "metrics.csv", "test.csv"] {
            let files = [whole, cut].map { $0.appendingPathComponent(name) }
            #expect(try Data(contentsOf: files[0]) == Data(contentsOf: files[1]), "\(name)")
        }
        #expect(try Child.run("runs", "show", cut.path).output.contains("\noptimizer            adamw\n"))
        #expect(try Child.run("report", cut.path).status == 0)
        let page = try String(contentsOf: cut.appendingPathComponent("report.html"), encoding: .utf8)
        #expect(
            page.contains(
                "yuyan train linear-regression --optimizer adamw --epochs 4 --batch-size 10 --learning-rate 0.001 "
                    + "--weight-decay 0.25 --seed 0"))

        // Adam's state is of the same form, and yet another run's.
        let adam = folder.file("adam")
        let child = try Child.run(
            "train", "linear-regression", "--optimizer", "adam", "--weight-decay", "0.25", "--quiet", "--epochs", "2",
            "--output", adam.path)
        #expect(child.status == 0, "\(child.errors)")
        try FileManager.default.removeItem(at: last(adam))
        try FileManager.default.copyItem(at: last(cut), to: last(adam))
        let foreign = try Child.run("train", "--resume", adam.path, "--epochs", "5")
        #expect(foreign.status == 1)
        #expect(
            foreign.errors
                == "Error: \(last(adam).path): belongs to another run: its optimizer is adamw, that of this run is adam\n"
        )
    }

    @Test func isCompletedAndExplained() throws {
        let help = try Child.run("train", "--help").output
        #expect(help.contains("--optimizer <name>"))
        let words = help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("(default: sgd) (values: sgd, adam, adamw, rmsprop, adagrad, adadelta, yogi)"))
        let script = try Child.run("--generate-completion-script", "bash").output
        #expect(script.contains("adadelta"))
    }
}
