import ArgumentParser
import Foundation
import Yuyan

/// `yuyan train MODEL`: trains with the book's settings, and keeps the results as a run.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a model with the settings of the book.",
        discussion: """
            \(Recipe.overview)

            EXAMPLES:
              yuyan train lenet
              yuyan train softmax-regression --epochs 3 --limit 1000 --name try
              yuyan train lenet --data pictures --resize 64 --augment flip crop
              yuyan train --resume runs/try

            --data names a folder with Fashion-MNIST's files, with CIFAR-10's in their binary version, or with pictures in a \
            folder for each class, perhaps below train and test or val. Without these, a fifth of each class is kept back \
            to test with.

            A run keeps its settings, numbers, weights and checkpoints in a folder. Ctrl-C ends it after the current \
            step; --resume continues it, also after a crash, to the same bits as without an interruption.
            """)

    @Argument(help: "The model.")
    var model: Recipe?

    @OptionGroup var options: TrainOptions

    func validate() throws {
        if options.resume != nil {
            if let model {
                throw ValidationError("\(model.name) cannot be given with --resume: the run has its model.")
            }
            return
        }
        guard let model else { throw ValidationError("Missing expected argument '<model>'") }
        _ = try options.form.applied(to: model)
        if options.data != nil, !model.readsFiles {
            throw ValidationError("--data: \(model.name) makes its own data.")
        }
    }

    func run() throws {
        Interruption.watch()
        var session = try TrainingSession(model, options)
        let settings = session.configuration
        guard let device = Device(argument: settings.device) else {
            throw DataError(
                path: options.resume ?? "", reason: "the run computes on \(settings.device), which this build lacks")
        }
        // Only what was asked for: where the thread count is the machine's, nothing need be set.
        if settings.threads != ComputeThreads.count { ComputeThreads.count = settings.threads }
        KernelTuning.isEnabled = settings.tunes
        do { try settings.precision.check(on: device) } catch { throw ValidationError("--precision: \(error).") }
        try withDevice(device) {
            try withPrecision(settings.precision) { try withSeed(settings.seed) { try session.train() } }
        }
    }
}

extension TrainOptions {
    /// The recipe of a model for the data and with the network's form that are asked for.
    func recipe(of model: Recipe) throws -> Recipe {
        let recipe = try form.applied(to: model)
        return try pictures.applied(
            to: recipe, folder: data.map { URL(fileURLWithPath: $0, isDirectory: true) },
            resizingTo: form.resize ?? recipe.imageSize)
    }

    /// The settings of a new run of `recipe`.
    func configuration(of recipe: Recipe) -> (RunConfiguration, RecipeSettings) {
        let optimizer = optimizer ?? .sgd
        let settings = RecipeSettings(
            model: recipe.name, widthRatio: recipe.widthRatio == 1 ? nil : recipe.widthRatio,
            imageSize: recipe.imageSize, images: recipe.images,
            dataSet: recipe.dataSet,
            // Absolute, so that the run can be continued from anywhere.
            dataFolder: data.map { URL(fileURLWithPath: $0, isDirectory: true).path }, limit: limit,
            validationFraction: validationFraction?.value ?? TrainOptions.defaultValidationFraction,
            batchSize: batchSize ?? recipe.batchSize, optimizer: optimizer.rawValue,
            learningRate: learningRate?.value ?? optimizer.defaultLearningRate ?? recipe.learningRate,
            momentum: momentum?.value ?? 0, weightDecay: weightDecay?.value ?? optimizer.defaultWeightDecay,
            workers: workers ?? 0)
        let configuration = RunConfiguration(
            recipe: settings, epochs: epochs ?? recipe.epochs, patience: patience, seed: seed ?? 0,
            device: (device ?? .current).description, threads: threads ?? ComputeThreads.count,
            precision: precision ?? .float32, tunes: tune,
            checkpointEvery: (checkpointEvery ?? .epochs(1)).description)
        return (configuration, settings)
    }

    /// Where a new run is to be; nil if nothing is to be written.
    func runFolder(of recipe: Recipe) -> URL? {
        if noSave { return nil }
        if let output { return URL(fileURLWithPath: output, isDirectory: true) }
        let root = URL(fileURLWithPath: root ?? RunsCommand.defaultRoot, isDirectory: true)
        if let name { return root.appendingPathComponent(name, isDirectory: true) }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "yyyy-MM-dd-HHmmss"
        let name = "\(recipe.name)-\(format.string(from: Date()))"
        // Several may start in the same second.
        let names = [name] + (2...99).map { "\(name)-\($0)" }
        let folders = names.map { root.appendingPathComponent($0, isDirectory: true) }
        return folders.first { !FileManager.default.fileExists(atPath: $0.path) } ?? folders[0]
    }
}
