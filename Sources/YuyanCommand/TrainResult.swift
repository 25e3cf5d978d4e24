import Foundation
import Yuyan

/// What a training has come to, as text and as JSON.
struct TrainResult {
    let recipe: Recipe
    let trainer: Trainer
    let training: TrainingRun
    let findings: [Recipe.Finding]
    /// nil if the training was interrupted.
    let test: TestRecord?

    init(
        _ recipe: Recipe, _ trainer: Trainer, _ training: TrainingRun, _ findings: [Recipe.Finding], _ test: TestRecord?
    ) {
        self.recipe = recipe
        self.trainer = trainer
        self.training = training
        self.findings = findings
        self.test = test
    }

    private var stopping: EarlyStopping? { training.stopping }
    private var run: Run? { training.run }

    /// The epoch after which the patience was used up, if it was and not all epochs had been trained.
    private var earlyEnd: Int? {
        guard let stopping, stopping.hasRunOut, trainer.records.count < training.configuration.epochs else {
            return nil
        }
        return trainer.records.count
    }

    /// The table that `ProgressReporter` would have shown line by line.
    var table: String {
        let table = EpochTable(trainer, language: .current)
        let lines = [Terminal.standardOutput.bold(table.header)] + trainer.records.map(table.line)
        return lines.joined(separator: "\n") + "\n"
    }

    var summary: String {
        var text = ""
        for finding in findings {
            let values = finding.values.map { String(format: "%+.6f", $0) }.joined(separator: ", ")
            text += "\(localized("error of \(finding.parameter)"))  \(values)\n"
        }
        if let earlyEnd, let stopping {
            let patience = stopping.patience
            text +=
                patience == 1
                ? localized("stopped early after epoch \(earlyEnd): the validation loss has not fallen for 1 epoch")
                : localized(
                    "stopped early after epoch \(earlyEnd): the validation loss has not fallen for \(patience) epochs")
            text += "\n"
        }
        if let bestEpoch = stopping?.bestEpoch {
            text +=
                localized("the weights are those of epoch \(bestEpoch), which has the smallest validation loss") + "\n"
        }
        if let test {
            let time = NumberText.duration(trainer.records.seconds, in: .current)
            text +=
                test.accuracy.map { localized("test accuracy \(NumberText.decimal($0)) after \(time)") }
                ?? localized("test loss \(NumberText.decimal(test.loss)) after \(time)")
            text += "\n"
        }
        if let waiting { text += waiting + "\n" }
        if let run {
            text += "\(localized("weights"))  \(run.weightsFile.relativePath)\n"
            text += "\(localized("numbers"))  \(run.metricsFile.relativePath)\n"
            let report = "yuyan report \(run.folder.relativePath.quotedForShell)"
            text +=
                recipe.classNames == nil
                ? localized("for a page with curves: \(report)")
                : localized("for a page with curves and mistakes: \(report)")
            text += "\n"
        }
        return text
    }

    /// What to say where data came too slowly in a training long enough to care.
    private var waiting: String? {
        guard let share = trainer.records.dataShare, share >= 0.05, trainer.records.seconds >= 2 else { return nil }
        let percent = Int((100 * share).rounded())
        return training.configuration.recipe?.workers == 0
            ? localized("\(percent) % of the time was spent waiting for data; --workers 1 loads it meanwhile")
            : localized("\(percent) % of the time was spent waiting for data")
    }

    /// One line. Keys in snake case, as the columns of the CSV files.
    func json() throws -> String {
        let configuration = training.configuration
        guard let settings = configuration.recipe else { fatalError("no run of yuyan train is without a recipe") }
        let report = Report(
            model: settings.model, device: configuration.device, threads: configuration.threads,
            seed: configuration.seed, batchSize: settings.batchSize, optimizer: settings.optimizerName,
            learningRate: settings.learningRate,
            momentum: settings.momentum, weightDecay: settings.weightDecay,
            validationFraction: settings.validationFraction,
            isComplete: test != nil, stoppedEarlyAfter: earlyEnd, epochs: trainer.records, test: test,
            findings: findings,
            files: run.map {
                .init(
                    run: $0.folder.path, weights: $0.weightsFile.path, metrics: $0.metricsFile.path,
                    timing: $0.timingFile.path)
            })
        return try jsonLine(report)
    }

    private struct Report: Encodable {
        struct Files: Encodable {
            var run: String
            var weights: String
            var metrics: String
            var timing: String
        }

        var model: String
        var device: String
        var threads: Int
        var seed: UInt64
        var batchSize: Int
        var optimizer: String
        var learningRate: Double
        var momentum: Double
        var weightDecay: Double
        var validationFraction: Double
        /// Whether there is nothing left to do.
        var isComplete: Bool
        var stoppedEarlyAfter: Int?
        var epochs: [EpochRecord]
        /// What the weights achieve on the test set, if the training has ended.
        var test: TestRecord?
        var findings: [Recipe.Finding]
        var files: Files?
    }
}
