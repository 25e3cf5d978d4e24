import ArgumentParser
import Foundation
import Yuyan

/// One training of the command, new or resumed: it is put together, runs, and reports.
struct TrainingSession {
    let recipe: Recipe
    /// What the run computes; the epochs are those asked for now.
    private(set) var configuration: RunConfiguration
    /// The part of it that concerns the recipe.
    private var settings: RecipeSettings
    private let optimizer: OptimizerChoice
    private let options: TrainOptions
    /// The run that is continued.
    private let resumedRun: Run?
    /// What another number of threads means for a run that is continued.
    private var threadsNotice: String?
    /// What people watch.
    private let screen: Terminal

    init(_ model: Recipe?, _ options: TrainOptions) throws {
        self.options = options
        screen = options.json ? .standardError : .standardOutput
        guard let path = options.resume else {
            guard let model else { throw ValidationError("Missing expected argument '<model>'") }
            recipe = try options.recipe(of: model)
            optimizer = options.optimizer ?? .sgd
            (configuration, settings) = options.configuration(of: recipe)
            resumedRun = nil
            return
        }
        let run = try Run(named: path, in: options.root)
        configuration = try run.configuration()
        (recipe, settings) = try configuration.recipe(of: run)
        guard let optimizer = OptimizerChoice(rawValue: settings.optimizerName) else {
            throw DataError(
                path: run.configurationFile.relativePath,
                reason: "the optimizer is '\(settings.optimizerName)', which this Yuyan does not have")
        }
        self.optimizer = optimizer
        if let data = options.data { try settings.moveData(to: data, for: recipe) }
        configuration.epochs = options.epochs ?? configuration.epochs
        if let interval = options.checkpointEvery { configuration.checkpointEvery = interval.description }
        if let threads = options.threads, threads != configuration.threads {
            // The reference device always computes on one.
            if configuration.device != Device.reference.description {
                let before = configuration.threads
                threadsNotice =
                    threads == 1
                    ? localized(
                        "\(1) thread instead of \(before): the last bits may differ from an uninterrupted run's")
                    : localized(
                        "\(threads) threads instead of \(before): the last bits may differ from an uninterrupted run's")
            }
            configuration.threads = threads
        }
        resumedRun = run
    }

    mutating func train() throws {
        let network = recipe.initializedModel()
        let batches = try recipe.makeBatches(.init(settings, seed: configuration.seed), Set(DataSplit.allCases))
        try checkLastBatch(network, count: batches.sampleCounts[.train] ?? 0)
        // A run that goes on has read all of it before: the checksums tell.
        if resumedRun == nil { try batches.check() }
        if !options.noSave {
            let checksums = try batches.checksums()
            try settings.check(checksums)
            settings.dataChecksums = checksums
        }
        configuration.recipe = settings
        let optimizer = optimizer.makeOptimizer(network.parameters(), settings)
        // After the data, so that nothing is created for data that cannot be read.
        let training = try trainingRun()
        let (run, log) = (training.run, training.log)
        let shown: [any TrainerCallback] =
            options.quiet ? [] : [ProgressReporter(screen, language: .current), ClosedOutput(screen)]
        let trainer = Trainer(
            network, training: batches[.train], validation: batches.splits[.validation],
            optimizer: optimizer, loss: recipe.loss, metrics: recipe.metrics, callbacks: try training.callbacks(shown))
        try prepare(training, trainer)
        // A run that is resumed may have nothing left to do.
        let isDone = training.isComplete(trainer)
        say(introduction(trainer, run, batches.sampleCounts, isDone: isDone), log)
        if !isDone {
            if let threadsNotice { say(threadsNotice, log) }
            if let notice = BusyCores.trainingNotice { say(notice, log) }
        }
        let record: TestRecord?
        do {
            record = try training.train(trainer, test: batches[.test])
        } catch {
            guard let run, let error = error as? DataError else { throw error }
            // A disk that was full, say: the last checkpoint has not been touched.
            let hasCheckpoint = FileManager.default.fileExists(atPath: run.lastCheckpoint.path)
            let advice =
                hasCheckpoint
                ? "to continue: \(resumption(of: run))"
                : "there is no checkpoint yet: the same command begins the run anew"
            throw DataError(path: error.path, reason: "\(error.reason); \(advice)")
        }
        let result = TrainResult(recipe, trainer, training, recipe.findings(network), record)
        if let signal = Interruption.signal, record == nil {
            let farewell = farewell(trainer, run)
            say(farewell, log)
            // How to go on is said in any case.
            if options.quiet || screen.writeError != nil { Terminal.standardError.write(farewell + "\n") }
            if options.json { Terminal.standardOutput.write(try result.json()) }
            throw ExitCode(128 + signal)
        }
        try report(result, log)
    }

    // MARK: - Parts

    /// Throws if the last batch of an epoch would have one sample, of which there is no variance.
    private func checkLastBatch(_ network: Sequential, count: Int) throws {
        guard count % settings.batchSize == 1 || settings.batchSize == 1,
            network.namedModules().contains(where: { $0.module is BatchNorm })
        else { return }
        throw ValidationError(
            """
            --batch-size \(settings.batchSize): of \(count) samples to train on one is left for the last batch, too few \
            for batch normalization; another --batch-size or --limit helps.
            """)
    }

    private func trainingRun() throws -> TrainingRun {
        if let resumedRun { return try TrainingRun(resuming: resumedRun, configuration) }
        guard let folder = options.runFolder(of: recipe) else { return try TrainingRun(configuration) }
        return try TrainingRun(creating: folder, configuration)
    }

    /// Puts the trainer where the last checkpoint of a run that goes on stands, or says what can be done instead.
    private func prepare(_ training: TrainingRun, _ trainer: Trainer) throws {
        guard training.isResumed, let run = training.run else { return }
        let file = run.lastCheckpoint
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw DataError(path: file.relativePath, reason: "no such checkpoint\(adviceWithoutCheckpoint(run))")
        }
        do {
            try training.prepare(trainer)
        } catch let error as TooFewEpochsError {
            throw ValidationError(
                "--epochs must be at least \(error.done), as many as the run has, not '\(error.epochs)'.")
        } catch {
            guard let names = recipe.otherNames, let checkpoint = try? Checkpoint(from: file),
                (try? trainer.module.match(checkpoint.model, renaming: names, allowing: [])) != nil
            else { throw error }
            throw DataError(
                path: file.relativePath,
                reason: "was written before Yuyan 0.2, which names the weights of \(recipe.name) otherwise: "
                    + "the training cannot go on; evaluate, predict and report read it")
        }
    }

    /// What can be done with a run that has no last checkpoint.
    private func adviceWithoutCheckpoint(_ run: Run) -> String {
        func isThere(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
        let evaluation = "yuyan evaluate \(run.folder.relativePath.quotedForShell)"
        if isThere(run.bestCheckpoint) {
            let best = run.bestCheckpoint.relativePath.quotedForShell
            return "; that of the best epoch is there: to go on from it, cp \(best) "
                + "\(run.lastCheckpoint.relativePath.quotedForShell) and resume again; "
                + "to measure it, \(evaluation) --weights \(best)"
        }
        if isThere(run.weightsFile) { return ": the run cannot go on; its weights are there, see \(evaluation)" }
        return ": the run ended before it wrote one; the command that began it begins it anew"
    }

    // MARK: - Words

    private func say(_ text: String, _ log: RunLog?) {
        log?.note(text)
        if !options.quiet { screen.write(text + "\n") }
    }

    private func introduction(
        _ trainer: Trainer, _ run: Run?, _ sampleCounts: [DataSplit: Int], isDone: Bool
    ) -> String {
        let (name, threads) = (configuration.device, configuration.threads)
        let device =
            Device.current == .reference
            ? name : threads == 1 ? localized("\(name), 1 thread") : localized("\(name), \(threads) threads")
        let size = settings.batchSize
        let rate = NumberText.plain(settings.learningRate) + (optimizer == .sgd ? "" : " (\(optimizer.rawValue))")
        let counts = DataSplit.allCases.compactMap { split in
            sampleCounts[split].map { "\(localized(word: "\(split)")) \(NumberText.grouped($0))" }
        }
        let noValidation = localized("; no validation set to choose the best epoch")
        let title =
            localized(
                "\(recipe.name) on \(device): batches of \(size), learning rate \(rate), seed \(configuration.seed)")
            + "\n" + localized("samples: \(counts.joined(separator: localized(", ")))")
            + (trainer.validation == nil ? noValidation : "") + "\n"
        guard let run else { return String(title.dropLast()) }
        let folder = run.folder.relativePath
        guard resumedRun != nil else { return title + localized("run \(folder)") }
        guard isDone else { return title + localized("continuing \(folder) \(place(trainer))") }
        let epochs = configuration.epochs
        guard trainer.records.count >= epochs else {
            return title + localized("nothing to do: \(folder) has stopped early")
        }
        let more = epochs + 1
        return title
            + (epochs == 1
                ? localized("nothing to do: \(folder) has trained its epoch; --epochs \(more) or more goes on")
                : localized(
                    "nothing to do: \(folder) has trained all of its \(epochs) epochs; --epochs \(more) or more goes on"
                ))
    }

    private func farewell(_ trainer: Trainer, _ run: Run?) -> String {
        let state = trainer.state
        let stop =
            state.isUnderway
            ? localized("stopped after step \(state.step) of \(trainer.stepsPerEpoch) in epoch \(trainer.epoch)")
            : trainer.records.isEmpty
                ? localized("stopped at the start") : localized("stopped after epoch \(trainer.records.count)")
        guard let run else { return localized("\(stop); nothing was kept, because of --no-save") }
        return localized("\(stop); to continue: \(resumption(of: run))")
    }

    private func resumption(of run: Run) -> String { "yuyan train --resume \(run.folder.relativePath.quotedForShell)" }

    private func place(_ trainer: Trainer) -> String {
        let state = trainer.state
        if state.isUnderway {
            return localized("after step \(state.step) of \(trainer.stepsPerEpoch) in epoch \(trainer.epoch)")
        }
        return trainer.records.isEmpty ? localized("at the start") : localized("after epoch \(trainer.records.count)")
    }

    private func report(_ result: TrainResult, _ log: RunLog?) throws {
        log?.note(result.summary)
        if options.json {
            Terminal.standardOutput.write(try result.json())
        } else {
            if options.quiet { Terminal.standardOutput.write(result.table) }
            Terminal.standardOutput.write(result.summary)
        }
    }
}
