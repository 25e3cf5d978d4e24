import ArgumentParser
import Foundation
import Yuyan

/// `yuyan evaluate MODEL`: what a trained model achieves on the test set.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measure a trained model on the test set.",
        discussion: """
            For a classifier also class by class: how many of its samples are found (recall), how many of those \
            taken for it are right (precision), and the confusion matrix.

            \(Recipe.overview)

            EXAMPLES:
              yuyan evaluate lenet --weights runs/lenet/weights.safetensors
              yuyan evaluate lenet --weights weights.safetensors --json
            """)

    @Argument(help: "The model.")
    var model: Recipe

    @Option(help: ArgumentHelp("The model's weights, a safetensors file.", valueName: "file"))
    var weights: String

    @Option(
        help: ArgumentHelp(
            "Folder with the data set's files. (default: \(FashionMNIST.systemFolder.path))", valueName: "folder"))
    var data: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Samples computed at once. (default: as in training)", valueName: "n"))
    var batchSize: Int?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Use only the first n samples of the set.", valueName: "n"))
    var limit: Int?

    @OptionGroup var options: InferenceOptions

    func validate() throws {
        for (name, value) in [("batch-size", batchSize), ("limit", limit)] {
            if let value, value < 1 {
                throw ValidationError("--\(name) must be a whole number above 0, not '\(value)'.")
            }
        }
        if data != nil, !model.readsFiles { throw ValidationError("--data: \(model.name) makes its own data.") }
    }

    func run() throws {
        try options.apply { try withSeed(0) { try evaluate() } }
    }

    private func evaluate() throws {
        let trained = try TrainedModel(model, weights: URL(fileURLWithPath: weights))
        let batches = try trained.recipe.makeBatches(
            Recipe.DataSettings(
                folder: data.map { URL(fileURLWithPath: $0, isDirectory: true) },
                batchSize: batchSize ?? trained.recipe.batchSize, limit: limit, workerCount: 0, seed: 0))
        let report = EvaluationReport(trained, on: batches.validation, called: batches.validationName)
        let terminal = Terminal.standardOutput
        if options.json {
            terminal.write(try jsonLine(report))
        } else {
            terminal.write(options.quiet ? report.result : report.text(terminal))
        }
    }
}
