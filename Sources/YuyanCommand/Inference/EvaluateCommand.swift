import ArgumentParser
import Foundation
import Yuyan

/// `yuyan evaluate MODEL|RUN`: what a trained model achieves on the test set, or on another.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measure a trained model on the test set.",
        discussion: """
            For a classifier also class by class: how many of its samples are found (recall), how many of those \
            taken for it are right (precision), and the confusion matrix. --output draws the first 18 samples, each with \
            its true class over the predicted one.

            \(Recipe.overview)

            EXAMPLES:
              yuyan evaluate runs/lenet
              yuyan evaluate runs/lenet --split validation
              yuyan evaluate lenet --weights weights.safetensors --json
              yuyan evaluate runs/mlp --output first.png
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
            "Folder with the data set's files, or with a folder of pictures for each class. (default: as in the run, else "
                + "\(FashionMNIST.systemFolder.path))",
            valueName: "folder"), completion: .directory)
    var data: String?

    @Option(
        help: ArgumentHelp(
            "The samples to measure on: those of the test set, or those that a run trained on (train) or kept back "
                + "(validation).", valueName: "set"))
    var split = DataSplit.test

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Samples computed at once. (default: as in training)", valueName: "n"))
    var batchSize: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Use only the first n samples of the test set. (default: as in the run, else all)", valueName: "n"))
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "Picture to write of the first 18 samples, .png or .svg, with the numbers beside it as CSV.",
            valueName: "file"))
    var output: String?

    @OptionGroup var form: NetworkOptions

    @OptionGroup var root: RunsCommand.Root

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
        if limit != nil, split != .test {
            throw ValidationError(
                "--limit cannot be given with --split \(split): the run says which samples these are.")
        }
        try output.map(PictureFile.validate)
        let isFolder = (try? root.run(subject)) != nil
        if let recipe = Recipe(argument: subject) {
            if weights == nil, !isFolder { throw ValidationError("--weights: \(recipe.name) needs a file of weights.") }
        } else if !isFolder, !subject.contains("/") {
            let known = Recipe.allValueStrings.joined(separator: ", ")
            throw ValidationError("'\(subject.abbreviated)' is neither the folder of a run nor a model: \(known).")
        }
    }

    func run() throws {
        try compute.apply { try evaluate(try TrainedModel(subject, form, in: root, weights: weights, data: data)) }
    }

    private func evaluate(_ trained: TrainedModel) throws {
        let (recipe, settings) = (trained.recipe, trained.configuration?.recipe)
        if output != nil, recipe.classNames == nil {
            throw ValidationError("--output: \(recipe.name) does not look at images.")
        }
        if data != nil, !recipe.readsFiles { throw ValidationError("--data: \(recipe.name) makes its own data.") }
        let batches = try recipe.makeBatches(
            Recipe.DataSettings(
                folder: (data ?? settings?.dataFolder).map { URL(fileURLWithPath: $0, isDirectory: true) },
                batchSize: batchSize ?? settings?.batchSize ?? recipe.batchSize, limit: limit ?? settings?.limit,
                imageSize: recipe.imageSize, validationFraction: settings?.validationFraction ?? 0, workerCount: 0,
                seed: trained.configuration?.seed ?? 0), [split])
        guard let samples = batches.splits[split] else {
            throw ValidationError(
                settings == nil
                    ? "--split validation: only a run has a validation set; name one."
                    : "--split validation: the run has none, because of --validation-fraction 0.")
        }
        let report = try EvaluationReport(trained, on: samples, of: split)
        let terminal = Terminal.standardOutput
        if limit == nil, split == .test, settings?.limit == report.samples {
            let count = NumberText.grouped(report.samples)
            let note =
                report.samples == 1
                ? localized("note: only the first sample, the run's --limit; --limit N takes others")
                : localized("note: only the first \(count) samples, the run's --limit; --limit N takes others")
            Terminal.standardError.write(note + "\n")
        }
        if json {
            terminal.write(try jsonLine(report))
        } else {
            terminal.write(quiet ? report.result : report.text(terminal))
        }
        guard let output, let examples = report.examples else { return }
        if json || quiet {
            try PictureFile.write(examples, to: output)
        } else {
            terminal.write("\n")
            try PictureFile.show(examples, output)
        }
    }
}
