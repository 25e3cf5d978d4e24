import ArgumentParser
import Foundation
import Yuyan

/// `yuyan evaluate MODEL|RUN`: what a trained model achieves on the test set.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measure a trained model on the test set.",
        discussion: """
            For a classifier also class by class: how many of its samples are found (recall), how many of those \
            taken for it are right (precision), and the confusion matrix.

            \(Recipe.overview)

            EXAMPLES:
              yuyan evaluate runs/lenet
              yuyan evaluate lenet --weights weights.safetensors --json
            """)

    @Argument(
        help: ArgumentHelp(
            "The folder of a run, or a model with --weights.", valueName: "model|run"),
        completion: .runs(and: Recipe.allValueStrings))
    var subject: String

    @Option(
        help: ArgumentHelp(
            "The model's weights, a safetensors file. (default: those the run ended with)", valueName: "file"),
        completion: .file(extensions: ["safetensors"]))
    var weights: String?

    @Option(
        help: ArgumentHelp(
            "Folder with the data set's files. (default: as in the run, else \(FashionMNIST.systemFolder.path))",
            valueName: "folder"), completion: .directory)
    var data: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Samples computed at once. (default: as in training)", valueName: "n"))
    var batchSize: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Use only the first n samples of the set. (default: as in the run, else all)", valueName: "n"))
    var limit: Int?

    @OptionGroup var compute: ComputeOptions

    @Flag(help: "Print one JSON object instead.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print only the loss and the accuracy.")
    var quiet = false

    func validate() throws {
        for (name, value) in [("batch-size", batchSize), ("limit", limit)] {
            if let value, value < 1 {
                throw ValidationError("--\(name) must be a whole number above 0, not '\(value)'.")
            }
        }
        let isFolder = (try? Run(named: subject)) != nil
        if let recipe = Recipe(argument: subject) {
            if weights == nil, !isFolder { throw ValidationError("--weights: \(recipe.name) needs a file of weights.") }
        } else if !isFolder, !subject.contains("/") {
            let known = Recipe.allValueStrings.joined(separator: ", ")
            throw ValidationError("'\(subject.abbreviated)' is neither the folder of a run nor a model: \(known).")
        }
    }

    func run() throws {
        try compute.apply {
            let trained = try TrainedModel(subject, weights: weights)
            // The seed makes the points of a model that makes its own data.
            try withSeed(trained.configuration?.seed ?? 0) { try evaluate(trained) }
        }
    }

    private func evaluate(_ trained: TrainedModel) throws {
        let (recipe, configuration) = (trained.recipe, trained.configuration)
        if data != nil, !recipe.readsFiles { throw ValidationError("--data: \(recipe.name) makes its own data.") }
        let batches = try recipe.makeValidation(
            Recipe.DataSettings(
                folder: (data ?? configuration?.dataFolder).map { URL(fileURLWithPath: $0, isDirectory: true) },
                batchSize: batchSize ?? configuration?.batchSize ?? recipe.batchSize,
                limit: limit ?? configuration?.limit, workerCount: 0, seed: 0))
        let report = EvaluationReport(trained, on: batches.validation, called: batches.validationName)
        let terminal = Terminal.standardOutput
        if limit == nil, configuration?.limit == report.samples {
            let samples = report.samples == 1 ? "sample" : "\(NumberText.grouped(report.samples)) samples"
            Terminal.standardError.write("note: only the first \(samples), the run's --limit; --limit N takes others\n")
        }
        if json {
            terminal.write(try jsonLine(report))
        } else {
            terminal.write(quiet ? report.result : report.text(terminal))
        }
    }
}
