import ArgumentParser
import Foundation
import Yuyan

/// One training of the command, new or resumed: it is put together, runs, and reports.
struct TrainingSession {
    let recipe: Recipe
    /// What the run computes; the epochs are those asked for now.
    private(set) var configuration: RunConfiguration
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
            recipe = model
            configuration = options.configuration(of: model)
            resumedRun = nil
            return
        }
        let run = try Run(named: path, in: options.root)
        configuration = try run.configuration()
        guard let recipe = Recipe(argument: configuration.model) else {
            throw DataError(
                path: run.configurationFile.relativePath,
                reason: "the run trains '\(configuration.model)', a model that this Yuyan does not have")
        }
        self.recipe = recipe
        if let data = options.data { configuration = try configuration.movedData(to: data, for: recipe) }
        configuration.epochs = options.epochs ?? configuration.epochs
        if let interval = options.checkpointEvery { configuration.checkpointEvery = interval.description }
        if let threads = options.threads, threads != configuration.threads {
            // The reference device always computes on one.
            if configuration.device != Device.reference.rawValue {
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
        let batches = try recipe.makeBatches(.init(configuration), Set(DataSplit.allCases))
        if !options.noSave {
            let checksums = batches.checksums()
            try configuration.check(checksums)
            configuration.dataChecksums = checksums
        }
        let optimizer = SGD(
            network.parameters(), learningRate: configuration.learningRate, momentum: configuration.momentum,
            weightDecay: configuration.weightDecay)
        // After the data, so that nothing is created for data that cannot be read.
        let run = try resumedRun ?? newRun()
        let log = try run.map { try RunLog($0) }
        // Whoever holds the log has the folder: another process may have begun in it at the same moment.
        if resumedRun == nil { try run?.write(configuration) }
        let stopping = configuration.patience.map { EarlyStopping(.validationLoss, patience: $0) }
        let trainer = Trainer(
            network, training: batches[.train], validation: batches.splits[.validation],
            optimizer: optimizer, loss: recipe.loss, metrics: recipe.metrics,
            callbacks: try callbacks(run, log, stopping),
            stopRequest: Interruption.stopRequest)
        if let run, resumedRun != nil { try restore(trainer, run) }
        // A run that is resumed may have nothing left to do.
        let isDone = stopping?.hasRunOut == true || trainer.records.count >= configuration.epochs
        say(introduction(trainer, run, batches.sampleCounts, isDone: isDone), log)
        if !isDone {
            run?.removeTestRecord()
            if let threadsNotice { say(threadsNotice, log) }
            if let notice = BusyCores.trainingNotice { say(notice, log) }
        }
        var record: TestRecord?
        do {
            let epochs = max(configuration.epochs - trainer.records.count, 0)
            try Interruption.stopping {
                try trainer.fit(epochs: epochs)
                guard trainer.isComplete || stopping?.hasRunOut == true else { return }
                record = try testRecord(
                    trainer, on: batches[.test], of: stopping?.bestEpoch ?? trainer.records.count, run)
            }
        } catch {
            log?.note("error: \(error)")
            guard let run, let error = error as? DataError else { throw error }
            // A disk that was full, say: the last checkpoint has not been touched.
            let hasCheckpoint = FileManager.default.fileExists(atPath: run.lastCheckpoint.path)
            let advice =
                hasCheckpoint
                ? "to continue: \(resumption(of: run))"
                : "there is no checkpoint yet: the same command begins the run anew"
            throw DataError(path: error.path, reason: "\(error.reason); \(advice)")
        }
        let result = TrainResult(recipe, trainer, configuration, recipe.findings(network), run, stopping, record)
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

    private func newRun() throws -> Run? {
        try options.runFolder(of: recipe).map { try Run.create(at: $0, configuration) }
    }

    private func callbacks(_ run: Run?, _ log: RunLog?, _ stopping: EarlyStopping?) throws -> [any TrainerCallback] {
        var callbacks: [any TrainerCallback] = [DivergenceCheck()]
        if let stopping { callbacks.append(stopping) }
        if !options.quiet { callbacks += [ProgressReporter(screen, language: .current), ClosedOutput(screen)] }
        if let log { callbacks.append(log) }
        if let run {
            guard let interval = Checkpointer.Interval(configuration.checkpointEvery) else {
                throw DataError(
                    path: run.configurationFile.relativePath,
                    reason: "checkpoint_every is '\(configuration.checkpointEvery)', not such as 100steps or 1epoch")
            }
            callbacks += [
                MetricsCSV(run.metricsFile), MetricsCSV(run.timingFile, columns: .timing),
                WeightsFile(run.weightsFile), TensorBoardCallback(run.folder),
                Checkpointer(
                    last: run.lastCheckpoint, best: configuration.validationFraction > 0 ? run.bestCheckpoint : nil,
                    every: interval, configuration: configuration),
            ]
        }
        return callbacks
    }

    /// Puts the trainer where the last checkpoint stands. Nothing in the folder changes unless all fits.
    private func restore(_ trainer: Trainer, _ run: Run) throws {
        let file = run.lastCheckpoint
        func failure(_ reason: String) -> DataError { DataError(path: file.relativePath, reason: reason) }
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw failure("no such checkpoint\(adviceWithoutCheckpoint(run))")
        }
        let checkpoint = try Checkpoint(from: file)
        if let other = checkpoint.state.configuration,
            let difference = other.difference(from: configuration)
        {
            throw failure(
                "belongs to another run: its \(difference.name) is \(difference.value), "
                    + "that of this run is \(difference.other)")
        }
        let done = checkpoint.state.trainer.records.count
        guard configuration.epochs >= done else {
            throw ValidationError(
                "--epochs must be at least \(done), as many as the run has, not '\(configuration.epochs)'.")
        }
        do {
            try checkpoint.restore(trainer)
        } catch {
            guard let names = recipe.otherNames,
                (try? trainer.module.match(checkpoint.model, renaming: names, allowing: [])) != nil
            else { throw failure("\(error)") }
            throw failure(
                "was written before Yuyan 0.2, which names the weights of \(recipe.name) otherwise: "
                    + "the training cannot go on; evaluate, predict and report read it")
        }
        run.removeUnfinishedFiles()
        try run.write(configuration)
    }

    /// What the weights, those of an epoch, achieve on the test set, which is read here alone: nothing is chosen by it. nil
    /// if somebody asked to stop meanwhile.
    private func testRecord(
        _ trainer: Trainer, on batches: any Batches, of epoch: Int, _ run: Run?
    ) throws -> TestRecord? {
        if let known = try run?.testRecord(), known.epoch == epoch { return known }
        guard let evaluation = try trainer.evaluate(on: batches) else { return nil }
        let record = TestRecord(epoch: epoch, loss: evaluation.loss, metrics: evaluation.metrics)
        for case let callback as TensorBoardCallback in trainer.callbacks { try callback.add(record, trainer) }
        try run?.write(record)
        return record
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
        let (size, rate) = (configuration.batchSize, NumberText.plain(configuration.learningRate))
        let counts = DataSplit.allCases.compactMap { split in
            sampleCounts[split].map { "\(localized(word: "\(split)")) \(NumberText.grouped($0))" }
        }
        let noValidation = localized("; without a validation set no epoch is chosen as the best")
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
