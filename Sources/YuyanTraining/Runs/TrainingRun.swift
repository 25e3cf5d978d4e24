import Foundation
import YuyanCore
import YuyanData

/// A run that this process trains: its folder with checkpoints, numbers, weights, log and events, or none of them where
/// nothing is to be kept. `yuyan train` is written with it, and a program of your own has the same:
///
///     Interruption.watch()
///     let configuration = RunConfiguration(epochs: 20, patience: 3, hyperparameters: ["learning rate": 0.01])
///     try withSeed(configuration.seed) {
///         let net = …, batches = …
///         let run = try TrainingRun(at: folder, configuration)
///         let trainer = Trainer(net, training: batches, …, callbacks: run.callbacks()) { … }
///         try run.train(trainer)
///         try run.writeReport()
///     }
///
/// The same program goes on where it was interrupted: with the same seed and data, weights and numbers are in the end the
/// same to the bit. `yuyan runs` lists its runs, and `yuyan report` writes their pages.
public final class TrainingRun {
    /// What the run computes; the epochs are those asked for now.
    public let configuration: RunConfiguration
    /// The folder; nil if nothing is kept.
    public let run: Run?
    /// Whether the run had begun before this process.
    public let isResumed: Bool
    /// nil if nothing is kept.
    public let log: RunLog?
    /// What stops the training early; nil without a patience.
    public let stopping: EarlyStopping?
    private var isPrepared: Bool

    private init(_ configuration: RunConfiguration, _ run: Run?, isResumed: Bool) throws(DataError) {
        self.configuration = configuration
        self.run = run
        self.isResumed = isResumed
        isPrepared = !isResumed
        stopping = configuration.patience.map { EarlyStopping(.validationLoss, patience: $0) }
        guard let run else {
            log = nil
            return
        }
        log = try RunLog(run)
        // Whoever holds the log has the folder: another process may have begun in it at the same moment.
        if !isResumed { try run.write(configuration) }
    }

    /// A training of which nothing is kept.
    public convenience init(_ configuration: RunConfiguration) throws(DataError) {
        try self.init(configuration, nil, isResumed: false)
    }

    /// A new run, for which a folder is created; see `Run.create(at:_:)`.
    public convenience init(creating folder: URL, _ configuration: RunConfiguration) throws(DataError) {
        try self.init(configuration, try Run.create(at: folder, configuration), isResumed: false)
    }

    /// A run that goes on. Nothing in its folder is changed before `prepare(_:)`.
    ///
    /// - Parameter configuration: that of the run, perhaps with more epochs or another number of threads.
    public convenience init(resuming run: Run, _ configuration: RunConfiguration) throws(DataError) {
        try self.init(configuration, run, isResumed: true)
    }

    /// The run in a folder, which goes on if it has begun, and is created otherwise.
    ///
    /// - Throws: `DataError` if the folder holds something else, or a run whose settings differ in what it computes.
    public convenience init(at folder: URL, _ configuration: RunConfiguration) throws(DataError) {
        guard let run = try? Run(at: folder), FileManager.default.fileExists(atPath: run.lastCheckpoint.path) else {
            try self.init(creating: folder, configuration)
            return
        }
        let begun = try run.configuration()
        try begun.checkIsTheSame(as: configuration, run.configurationFile)
        var configuration = configuration
        (configuration.startedAt, configuration.yuyanVersion) = (begun.startedAt, begun.yuyanVersion)
        try self.init(resuming: run, configuration)
    }

    /// What a trainer of this run needs: a check for divergence and early stopping, then `shown`, then all that writes files.
    ///
    /// - Parameter shown: what people watch, and whatever else stands between.
    public func callbacks(
        _ shown: [any TrainerCallback] = [ProgressReporter(language: .current), ClosedOutput()]
    ) throws(DataError) -> [any TrainerCallback] {
        var callbacks: [any TrainerCallback] = [DivergenceCheck()]
        if let stopping { callbacks.append(stopping) }
        callbacks += shown
        guard let run, let log else { return callbacks }
        guard let interval = Checkpointer.Interval(configuration.checkpointEvery) else {
            throw DataError(
                path: run.configurationFile.relativePath,
                reason: "checkpoint_every is '\(configuration.checkpointEvery)', not such as 100steps or 1epoch")
        }
        return callbacks + [
            log, MetricsCSV(run.metricsFile), MetricsCSV(run.timingFile, columns: .timing),
            WeightsFile(run.weightsFile), TensorBoardCallback(run.folder),
            Checkpointer(
                last: run.lastCheckpoint, best: run.bestCheckpoint, every: interval, configuration: configuration),
        ]
    }

    /// Puts the trainer where the run's last checkpoint stands; `train` does so unless it has been done. Nothing in the
    /// folder changes unless all fits.
    ///
    /// - Throws: `DataError` if there is no checkpoint, or one of another run, model, optimizer or data, and
    ///   `TooFewEpochsError`.
    public func prepare(_ trainer: Trainer) throws {
        guard !isPrepared, let run else { return }
        let file = run.lastCheckpoint
        func failure(_ reason: String) -> DataError { DataError(path: file.relativePath, reason: reason) }
        guard FileManager.default.fileExists(atPath: file.path) else { throw failure("no such checkpoint") }
        let checkpoint = try Checkpoint(from: file)
        try checkpoint.state.configuration?.checkIsTheSame(as: configuration, file)
        let done = checkpoint.state.trainer.records.count
        guard configuration.epochs >= done else { throw TooFewEpochsError(epochs: configuration.epochs, done: done) }
        do { try checkpoint.restore(trainer) } catch { throw failure("\(error)") }
        run.removeUnfinishedFiles()
        try run.write(configuration)
        isPrepared = true
    }

    /// Whether there is nothing left to train.
    public func isComplete(_ trainer: Trainer) -> Bool {
        stopping?.hasRunOut == true || trainer.records.count >= configuration.epochs
    }

    /// Trains until all epochs have ended, the patience is used up, or somebody asks for an end, such as with Ctrl-C; see
    /// `Interruption`. Then the weights are measured on the test batches: only then, because nothing is chosen by them.
    ///
    /// - Parameters:
    ///   - trainer: one that has `callbacks()`.
    ///   - test: what the weights of a training that has ended are measured on.
    /// - Returns: what the weights achieve on the test batches; nil without them, or if the training has not ended.
    /// - Throws: what `prepare` and `Trainer.fit` throw. The log keeps it, too.
    @discardableResult
    public func train(_ trainer: Trainer, test: (any Batches)? = nil) throws -> TestRecord? {
        try prepare(trainer)
        // Forgets what weights have achieved that are trained on.
        if !isComplete(trainer) { run?.removeTestRecord() }
        do {
            return try Interruption.stopping(trainer.stopRequest) {
                try trainer.fit(epochs: max(configuration.epochs - trainer.records.count, 0))
                guard isComplete(trainer), let test else { return nil }
                return try testRecord(trainer, on: test)
            }
        } catch {
            log?.note("error: \(error)")
            throw error
        }
    }

    /// nil if somebody asked to stop meanwhile.
    private func testRecord(_ trainer: Trainer, on batches: any Batches) throws -> TestRecord? {
        let epoch = stopping?.bestEpoch ?? trainer.records.count
        if let known = try run?.testRecord(), known.epoch == epoch { return known }
        guard let evaluation = try trainer.evaluate(on: batches) else { return nil }
        let record = TestRecord(epoch: epoch, loss: evaluation.loss, metrics: evaluation.metrics)
        for case let callback as TensorBoardCallback in trainer.callbacks { try callback.add(record, trainer) }
        try run?.write(record)
        return record
    }

    /// Writes the run's page and pictures; see `RunReport`. Pictures that cannot be drawn are left out.
    ///
    /// - Throws: `DataError` if the page cannot be written.
    public func writeReport(
        model: ModelSummary? = nil, evaluation: ClassifierEvaluation? = nil, in language: Language = .current
    ) throws {
        guard let run else { return }
        _ = try RunReport(run, model: model, evaluation: evaluation).write(in: run, language)
    }
}

extension RunConfiguration {
    /// Throws if a file belongs to a run that computes something else.
    fileprivate func checkIsTheSame(as other: RunConfiguration, _ file: URL) throws(DataError) {
        guard let difference = difference(from: other) else { return }
        throw DataError(
            path: file.relativePath,
            reason: "belongs to another run: its \(difference.name) is \(difference.value), "
                + "that of this run is \(difference.other)")
    }
}

/// A run is asked to end before the epochs that it has trained.
public struct TooFewEpochsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is asked for.
    public var epochs: Int
    /// What the run has.
    public var done: Int

    public var description: String { "the run has trained \(done) epochs, more than the \(epochs) asked for" }
}
