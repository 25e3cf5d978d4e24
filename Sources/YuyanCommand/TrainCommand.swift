import ArgumentParser
import Foundation
import Yuyan

/// `yuyan train MODEL`: trains with the book's settings.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a model with the settings of the book.",
        discussion: """
            \(Recipe.overview)

            EXAMPLES:
              yuyan train lenet
              yuyan train softmax-regression --epochs 3 --limit 1000 --output runs/try
            """)

    @Argument(help: "The model.")
    var model: Recipe

    @OptionGroup var options: TrainOptions

    func validate() throws {
        if options.data != nil, !model.readsFiles {
            throw ValidationError("--data: \(model.name) makes its own data.")
        }
    }

    func run() throws {
        if let threads = options.threads { ComputeThreads.count = threads }
        try withDevice(options.device ?? .current) { try withSeed(options.seed) { try train() } }
    }

    private func train() throws {
        let network = model.initializedModel()
        let batchSize = options.batchSize ?? model.batchSize
        let batches = try model.makeBatches(
            Recipe.DataSettings(
                folder: options.data.map { URL(fileURLWithPath: $0, isDirectory: true) }, batchSize: batchSize,
                limit: options.limit, workerCount: options.workers, seed: options.seed))
        // After the data, so that nothing is created for data that cannot be read.
        let folder = try options.output.map { try OutputFolder(path: $0) }
        let learningRate = options.learningRate ?? model.learningRate
        let optimizer = SGD(
            network.parameters(), learningRate: learningRate, momentum: options.momentum,
            weightDecay: options.weightDecay)

        let screen = options.json ? Terminal.standardError : .standardOutput
        var callbacks: [any TrainerCallback] = [DivergenceCheck()]
        if let folder {
            callbacks += [
                MetricsCSV(folder.metrics), MetricsCSV(folder.timing, columns: .timing), WeightsFile(folder.weights),
            ]
        }
        if !options.quiet { callbacks.append(ProgressReporter(screen)) }
        let trainer = Trainer(
            network, training: batches.training, validation: batches.validation,
            validationName: batches.validationName, optimizer: optimizer, loss: model.loss,
            metrics: model.metrics, callbacks: callbacks)
        if !options.quiet {
            let sizes = "batches of \(batchSize), learning rate \(learningRate), seed \(options.seed)"
            let threads = Device.current == .reference ? "" : ", \(threadText)"
            screen.write("\(model.name) on \(Device.current)\(threads): \(sizes)\n")
        }
        let records = try trainer.fit(epochs: options.epochs ?? model.epochs)
        let findings = model.findings(network)
        if options.json {
            let report = TrainReport(
                model: model.name, device: Device.current.rawValue, threads: ComputeThreads.count, seed: options.seed,
                batchSize: batchSize, learningRate: learningRate, momentum: options.momentum,
                weightDecay: options.weightDecay, epochs: records, findings: findings,
                files: folder.map { .init(weights: $0.weights.path, metrics: $0.metrics.path, timing: $0.timing.path) })
            Terminal.standardOutput.write(try report.text() + "\n")
        } else {
            if options.quiet { writeTable(trainer) }
            writeResults(trainer, findings, folder)
        }
    }

    private var threadText: String {
        let count = ComputeThreads.count
        return count == 1 ? "1 thread" : "\(count) threads"
    }

    /// The table that `ProgressReporter` would have shown line by line.
    private func writeTable(_ trainer: Trainer) {
        let table = EpochTable(trainer)
        let lines = [Terminal.standardOutput.bold(table.header)] + trainer.records.map(table.line)
        Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n")
    }

    private func writeResults(_ trainer: Trainer, _ findings: [Recipe.Finding], _ folder: OutputFolder?) {
        let terminal = Terminal.standardOutput
        for finding in findings {
            let values = finding.values.map { String(format: "%+.6f", $0) }.joined(separator: ", ")
            terminal.write("\(finding.name)  \(values)\n")
        }
        if let accuracy = trainer.records.last?.validationAccuracy {
            let seconds = trainer.records.reduce(0) { $0 + $1.seconds }
            terminal.write(
                "\(trainer.validationName) accuracy \(NumberText.decimal(accuracy)) after \(NumberText.duration(seconds))\n"
            )
        }
        if let folder {
            terminal.write("weights  \(folder.weights.path)\nnumbers  \(folder.metrics.path)\n")
        }
    }
}

/// What `--json` prints. Keys in snake case, as the columns of the CSV files.
struct TrainReport: Encodable {
    struct Files: Encodable {
        var weights: String
        var metrics: String
        var timing: String
    }

    var model: String
    var device: String
    var threads: Int
    var seed: UInt64
    var batchSize: Int
    var learningRate: Double
    var momentum: Double
    var weightDecay: Double
    var epochs: [EpochRecord]
    var findings: [Recipe.Finding]
    var files: Files?

    /// One line.
    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
