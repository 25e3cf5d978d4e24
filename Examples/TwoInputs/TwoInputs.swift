import ArgumentParser
import Foundation
import Yuyan

/// Learns rents of flats from a table with numbers and words, by a network with two inputs: `swift run -c release
/// TwoInputs`.
///
/// It splits the table, prepares it with the statistics of the rows to train on alone, trains with early stopping, goes on
/// where it was interrupted, and writes a report.
@main
struct TwoInputs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "TwoInputs", abstract: "Learn the rents of flats from a table with missing values.",
        discussion: "Ctrl-C ends the training after the current step; the same command goes on there.")

    @Option(help: "The table, a CSV file. It is made up and written there if it is missing.")
    var data = "runs/rents.csv"

    @Option(name: .customLong("run"), help: "The folder of the run.")
    var runFolder = "runs/rents"

    @Option(help: "How often to go through the rows to train on, at most.")
    var epochs = 200

    @Option(help: "Stop when the validation loss has not fallen for so many epochs.")
    var patience = 20

    @Option(help: "Seed of the split, the first weights and the order of the rows.")
    var seed: UInt64 = 1

    func validate() throws {
        guard epochs > 0, patience > 0 else { throw ValidationError("--epochs and --patience must be above 0.") }
    }

    func run() throws {
        Interruption.watch()
        try withSeed(seed) { try train() }
    }

    private func train() throws {
        let rents = try Rents(contentsOf: URL(fileURLWithPath: data), seed: seed)
        let (learningRate, batchSize, width) = (0.01, 32, 32)
        let run = try TrainingRun(
            at: URL(fileURLWithPath: runFolder, isDirectory: true),
            RunConfiguration(
                epochs: epochs, patience: patience, seed: seed,
                hyperparameters: [
                    "table": data, "optimizer": "adam", "learning rate": learningRate, "batch size": batchSize,
                    "width": width,
                ]))
        let model = RentModel(numberCount: rents.numberCount, wordCount: rents.wordCount, width: width)
        let trainer = Trainer(
            model, training: DataLoader(rents.training, batchSize: batchSize, shuffle: true),
            validation: DataLoader(rents.validation, batchSize: batchSize),
            optimizer: Adam(model.parameters(), learningRate: learningRate), metrics: [rents.absoluteError],
            callbacks: try run.callbacks()
        ) { numbers, words, rents in
            let outputs = model(numbers, words)
            return StepResult(
                loss: meanSquaredError(outputs, rents), sampleCount: rents.count, outputs: outputs, targets: rents)
        }

        say("\(rents.summary); \(model.parameterCount) parameters")
        try run.prepare(trainer)
        if run.isResumed { say("going on after epoch \(trainer.records.count)") }
        let test = try run.train(trainer, test: DataLoader(rents.test, batchSize: batchSize))
        guard let test, run.isComplete(trainer) else {
            say("stopped in epoch \(trainer.epoch); the same command goes on")
            throw ExitCode(128 + (Interruption.signal ?? 0))
        }
        if let best = run.stopping?.bestEpoch { say("the weights are those of epoch \(best)") }
        say(
            "test: \(test.metrics["absolute_error"]!.formatted(.number.precision(.fractionLength(1)))) off on average")
        show(model, rents)
        let (numbers, words, _) = rents.test.batch(at: [0])
        try run.writeReport(model: ModelSummary(model) { _ = model(numbers, words) })
        say("report: \(runFolder)/report.html")
    }

    /// The first rents of the test set beside what the model says.
    private func show(_ model: RentModel, _ rents: Rents) {
        let (numbers, words, targets) = rents.test.batch(at: [0, 1, 2])
        let outputs = model.evaluating { withoutGradients { model(numbers, words) } }
        for (truth, output) in zip(targets.array(of: Double.self), outputs.array(of: Double.self)) {
            say("  rent \(Int(rents.rent(truth).rounded())), predicted \(Int(rents.rent(output).rounded()))")
        }
    }
}

/// In order with the table of epochs, also where somebody reads both from a pipe.
private func say(_ line: String) { Terminal.standardOutput.write(line + "\n") }

/// A part for the numbers, one for the words, and one for both together.
final class RentModel: Module {
    let numbers: Linear
    let words: Linear
    let hidden: Linear
    let output: Linear

    init(numberCount: Int, wordCount: Int, width: Int) {
        numbers = Linear(inputSize: numberCount, outputSize: width)
        words = Linear(inputSize: wordCount, outputSize: width)
        hidden = Linear(inputSize: width, outputSize: width)
        output = Linear(inputSize: width, outputSize: 1)
    }

    /// `[N, numberCount]` and `[N, wordCount]` to rents `[N, 1]`.
    func callAsFunction(_ numbers: Tensor, _ words: Tensor) -> Tensor {
        scope(inputs: [numbers, words]) { output(hidden((self.numbers(numbers) + self.words(words)).relu()).relu()) }
    }
}
