import Foundation
import Testing
import YuyanCore
import YuyanData
import YuyanNN
import YuyanTraining

/// Ends the process's part of a training after some steps, as SIGKILL would: by an error that nothing catches.
struct Killed: Error {}

final class Kill: TrainerCallback {
    let step: Int
    let epoch: Int?

    init(afterStep step: Int) { (self.step, epoch) = (step, nil) }
    init(afterEpoch epoch: Int) { (step, self.epoch) = (.max, epoch) }

    func stepDidEnd(_ trainer: Trainer) throws {
        if trainer.totalSteps == step { throw Killed() }
    }

    func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) throws {
        if record.epoch == epoch { throw Killed() }
    }
}

/// A network with dropout, an optimizer with momentum, shuffled and loaded by threads, a schedule and early stopping:
/// all that has a state. Four steps an epoch.
private func richTrainer(
    _ last: URL, best: URL? = nil, every interval: Checkpointer.Interval = .steps(1), hidden: Int = 8, seed: UInt64 = 9,
    killAfterStep: Int? = nil
) -> Trainer {
    let net = Sequential {
        Linear(inputSize: 2, outputSize: hidden)
        ReLU()
        Dropout(probability: 0.3)
        Linear(inputSize: hidden, outputSize: 2)
    }
    var callbacks: [any TrainerCallback] = [
        LearningRateScheduler(CosineSchedule(stepCount: 20, warmUpStepCount: 3), every: .step),
        GradientClipper(.norm(0.5)), EarlyStopping(patience: 20),
    ]
    callbacks.append(Checkpointer(last: last, best: best, every: interval))
    if let killAfterStep { callbacks.append(Kill(afterStep: killAfterStep)) }
    return Trainer(
        net, training: DataLoader(twoClasses(), batchSize: 12, shuffle: true, workerCount: 2, seed: seed),
        validation: DataLoader(twoClasses(), batchSize: 16, shuffle: true, seed: seed),
        optimizer: SGD(
            groups: [ParameterGroup(net[0].parameters()), ParameterGroup(net[3].parameters(), learningRate: 0.2)],
            learningRate: 0.5, momentum: 0.9),
        loss: { crossEntropy($0, $1) }, metrics: [.accuracy, .topKAccuracy(1)], callbacks: callbacks)
}

/// What must be equal to the bit.
private struct Outcome: Equatable {
    var weights: [HostArray]
    var numbers: [[Double?]]

    init(_ trainer: Trainer) {
        weights = trainer.module.parameters().map(\.value.hostArray)
        numbers = trainer.records.map {
            [
                $0.trainLoss, $0.trainAccuracy, $0.validationLoss, $0.validationAccuracy,
                $0.trainMetrics["top1_accuracy"],
            ]
        }
    }
}

@Suite struct CheckpointTests {
    @Test(arguments: [Checkpointer.Interval.steps(1), .steps(3), .epochs(1), .epochs(2)])
    func resumesToTheBitFromAnyStep(interval: Checkpointer.Interval) throws {
        let folder = try TemporaryFolder()
        let last = folder.url.appendingPathComponent("last.safetensors")
        let reference = try withSeed(1) {
            let trainer = richTrainer(last, every: interval)
            try trainer.fit(epochs: 3)
            return Outcome(trainer)
        }
        for step in 1...12 {
            _ = withSeed(1) {
                #expect(throws: Killed.self) {
                    try richTrainer(last, every: interval, killAfterStep: step).fit(epochs: 3)
                }
            }
            // Another process: other weights, another place in the random numbers.
            try withSeed(77) {
                let trainer = richTrainer(last, every: interval)
                try Checkpoint(from: last).restore(trainer)
                try trainer.fit(epochs: 3 - trainer.records.count)
                #expect(Outcome(trainer) == reference, "killed after step \(step)")
            }
        }
    }

    /// Averages of gradients and the number of steps are in the file, too.
    @Test func resumesAdamToTheBit() throws {
        let folder = try TemporaryFolder()
        let last = folder.url.appendingPathComponent("last.safetensors")
        func trainer(killAfterStep: Int? = nil) -> Trainer {
            let net = Sequential { Linear(inputSize: 2, outputSize: 2) }
            var callbacks: [any TrainerCallback] = [Checkpointer(last: last, every: .steps(1))]
            if let killAfterStep { callbacks.append(Kill(afterStep: killAfterStep)) }
            return Trainer(
                net, training: DataLoader(twoClasses(), batchSize: 12, shuffle: true, seed: 9),
                optimizer: Adam(net.parameters(), learningRate: 0.1, weightDecay: 0.01),
                loss: { crossEntropy($0, $1) }, callbacks: callbacks)
        }
        let reference = try withSeed(1) {
            let trainer = trainer()
            try trainer.fit(epochs: 3)
            return Outcome(trainer)
        }
        _ = withSeed(1) { #expect(throws: Killed.self) { try trainer(killAfterStep: 6).fit(epochs: 3) } }
        let checkpoint = try Checkpoint(from: last)
        #expect(
            checkpoint.tensors.keys.filter { $0.hasPrefix("optimizer.") }.sorted() == [
                "optimizer.0.exp_avg", "optimizer.0.exp_avg_sq", "optimizer.1.exp_avg", "optimizer.1.exp_avg_sq",
            ])
        #expect(checkpoint.state.optimizer["1.step"] == 6 && checkpoint.state.optimizerName == "Adam")
        let net = Sequential { Linear(inputSize: 2, outputSize: 2) }
        let other = Trainer(
            net, training: DataLoader(twoClasses(), batchSize: 12, shuffle: true, seed: 9),
            optimizer: AdamW(net.parameters()), loss: { crossEntropy($0, $1) })
        #expect(throws: StateError.self) { try checkpoint.restore(other) }
        try withSeed(77) {
            let trainer = trainer()
            try checkpoint.restore(trainer)
            try trainer.fit(epochs: 3 - trainer.records.count)
            #expect(Outcome(trainer) == reference)
        }
    }

    @Test func holdsTheWholeStateInOneFile() throws {
        let folder = try TemporaryFolder()
        let (last, best) = (folder.url.appendingPathComponent("a"), folder.url.appendingPathComponent("b"))
        let trainer = withSeed(1) { richTrainer(last, best: best) }
        try trainer.fit(epochs: 2)
        #expect(try folder.fileNames == ["a", "b"])
        let checkpoint = try Checkpoint(from: last)
        #expect(
            checkpoint.tensors.keys.sorted().prefix(5) == [
                "callback.early_stopping.0.bias", "callback.early_stopping.0.weight", "callback.early_stopping.3.bias",
                "callback.early_stopping.3.weight", "model.0.bias",
            ])
        #expect(checkpoint.tensors.keys.filter { $0.hasPrefix("optimizer.") }.count == 4)
        #expect(checkpoint.model.keys.sorted() == ["0.bias", "0.weight", "3.bias", "3.weight"])
        #expect(checkpoint.state.trainer.records == trainer.records)
        #expect(checkpoint.state.trainer.totalSteps == 8)
        #expect(checkpoint.state.trainer.trainingPosition == BatchPosition(epoch: 2))
        #expect(checkpoint.state.optimizer["group1.learning_rate"] == 0.2)
        // Other tests choose kernels meanwhile.
        let choices = KernelChoices.current.kernels
        #expect(checkpoint.state.kernelChoices.kernels.allSatisfy { choices[$0.key] == $0.value })
        let bestEpoch = trainer.defaultMonitor?.best(of: trainer.records)?.epoch
        #expect(try Checkpoint(from: best).state.trainer.records.count == bestEpoch)
        // The same state, the same bytes.
        let copy = folder.url.appendingPathComponent("c")
        try checkpoint.write(to: copy)
        #expect(try Data(contentsOf: copy) == Data(contentsOf: last))
    }

    /// Names with capitals and spaces stay what they are.
    @Test func keepsTheChoiceOfKernels() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("file")
        var checkpoint = Checkpoint(classifierTrainer())
        let choices = KernelChoices(kernels: ["inputGradient [16, 64] padding 1x1": .winograd, "forward_pass": .direct])
        checkpoint.state.kernelChoices = choices
        try checkpoint.write(to: file)
        #expect(try Checkpoint(from: file).state.kernelChoices == choices)
    }

    @Test func namesWhatDoesNotFit() throws {
        let folder = try TemporaryFolder()
        let last = folder.url.appendingPathComponent("last.safetensors")
        try withSeed(1) { _ = try richTrainer(last).fit(epochs: 1) }
        let checkpoint = try Checkpoint(from: last)
        func message(_ trainer: Trainer) -> String {
            do { try checkpoint.restore(trainer) } catch { return "\(error)" }
            return "nothing"
        }
        #expect(
            message(richTrainer(last, hidden: 9)).hasPrefix(
                "the state does not fit the model: of another shape: 0.weight is [8, 2], the model's is [9, 2], 0.bias")
        )
        #expect(
            message(richTrainer(last, seed: 10))
                == "the state does not fit the training: its data are shuffled with seed 9, those given with 10")
        #expect(message(classifierTrainer()).hasPrefix("the state does not fit the model: unexpected 3.bias, 3.weight"))
        var moved = checkpoint
        moved.state.trainer.trainingPosition = BatchPosition(epoch: 0, batch: 5)
        #expect(throws: TrainerStateError.self) { try moved.restore(richTrainer(last)) }
        moved.state.trainer.trainingPosition = nil
        moved.state.trainer.isUnderway = true
        moved.state.trainer.step = 2
        #expect(throws: TrainerStateError.self) { try moved.restore(richTrainer(last)) }
    }

    @Test func refusesOtherFilesAndUndefinedNumbers() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("file")
        func message() -> String {
            do { _ = try Checkpoint(from: file) } catch { return error.reason }
            return "nothing"
        }
        #expect(message() == "no such file")
        let weights: [(String, Tensor)] = [("model.w", Tensor([1, .nan] as [Float]))]
        try Safetensors.save(weights, to: file)
        #expect(message() == "is no checkpoint: it holds tensors and no state of a training")
        for (text, reason) in [
            ("hello", "is no checkpoint: it is not JSON"), ("{}", "is no checkpoint: it lacks formatVersion"),
            (#"{"format_version":1}"#, "has format version 1; this Yuyan reads 2"),
            (#"{"format_version":2}"#, "is no checkpoint: it lacks trainer"),
        ] {
            try Safetensors.save(weights, metadata: ["yuyan_checkpoint": text], to: file)
            #expect(message() == reason)
        }
        var checkpoint = Checkpoint(classifierTrainer())
        #expect(checkpoint.nonFiniteTensor == nil)
        for value in [Float.nan, .infinity, -.infinity] {
            checkpoint.tensors["model.0.bias"] = Tensor([0, value])
            #expect(checkpoint.nonFiniteTensor == "model.0.bias")
            try checkpoint.write(to: file)
            #expect(message() == "tensor model.0.bias holds NaN or infinity")
        }
    }

    /// What cannot be continued does not take the place of what can.
    @Test func keepsTheLastGoodStateWhenTrainingDiverges() throws {
        let folder = try TemporaryFolder()
        let last = folder.url.appendingPathComponent("last.safetensors")
        let trainer = classifierTrainer(
            learningRate: 1e8, loss: { outputs, _ in ((outputs - 3) * (outputs - 3)).mean() },
            callbacks: [Checkpointer(last: last, every: .steps(1))])
        do {
            try trainer.fit(epochs: 50)
            Issue.record("it did not diverge")
        } catch is NonFiniteError {} catch is DivergenceError {}
        let checkpoint = try Checkpoint(from: last)
        #expect(checkpoint.state.trainer.totalSteps > 0)
    }

    @Test func intervalsAreReadAndWritten() {
        for (text, interval) in [
            ("1epoch", Checkpointer.Interval.epochs(1)), ("1epochs", .epochs(1)), ("25epochs", .epochs(25)),
            ("1step", .steps(1)), ("100steps", .steps(100)),
        ] {
            #expect(Checkpointer.Interval(text) == interval)
            #expect(Checkpointer.Interval(interval.description) == interval)
        }
        for text in ["", "0steps", "-1steps", "steps", "10", "10 steps", "10batches", "1.5epochs", "٣steps"] {
            #expect(Checkpointer.Interval(text) == nil, "\(text)")
        }
    }
}

@Suite struct RunTests {
    private let configuration = RunConfiguration(
        recipe: RecipeSettings(model: "mlp", dataSet: "digits", batchSize: 7, learningRate: 0.1), epochs: 3,
        seed: .max, device: "cpu", threads: 2)

    @Test func aRunIsWrittenAndRead() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appendingPathComponent("deep/er/run")
        let run = try Run.create(at: url, configuration)
        #expect(run.name == "run")
        #expect(try Run(at: url).configuration() == configuration)
        #expect(try run.records() == [])
        let trainer = classifierTrainer(
            callbacks: [MetricsCSV(run.metricsFile), MetricsCSV(run.timingFile, columns: .timing)])
        try trainer.fit(epochs: 2)
        #expect(try run.records() == trainer.records)
        #expect(try Run.all(in: url.deletingLastPathComponent()) == [run])
        #expect(configuration.difference(from: configuration) == nil)
        var other = configuration
        other.epochs = 9
        other.threads = 9
        #expect(configuration.difference(from: other) == nil)
        other.seed = 1
        #expect(configuration.difference(from: other)?.name == "seed")
    }

    @Test func saysWhatIsWrongWithAFolder() throws {
        let folder = try TemporaryFolder()
        func message(_ body: () throws -> Void) -> String {
            do { try body() } catch { return (error as? DataError)?.reason ?? "\(error)" }
            return "nothing"
        }
        let file = folder.url.appendingPathComponent("file")
        try Data("{}".utf8).write(to: file)
        #expect(message { _ = try Run(at: file) } == "is a file, not the folder of a run")
        #expect(message { _ = try Run(at: folder.url) } == "is not the folder of a run: it has no configuration.json")
        #expect(message { _ = try Run(at: folder.url.appendingPathComponent("no")) } == "no such folder")
        #expect(message { _ = try Run.create(at: file, configuration) } == "is a file, not a folder")
        #expect(message { _ = try Run.create(at: folder.url, configuration) }.hasPrefix("is not empty"))
        #expect(message { _ = try Run.all(in: file) } == "is a file, not a folder of runs")

        let run = try Run.create(at: folder.url.appendingPathComponent("run"), configuration)
        for (text, reason) in [
            ("", "is no configuration of a run: it is not JSON"),
            ("[]", "is no configuration of a run"), ("{}", "is no configuration of a run: it lacks "),
        ] {
            try Data(text.utf8).write(to: run.configurationFile)
            #expect(message { _ = try run.configuration() }.hasPrefix(reason))
        }
        var later = configuration
        later.formatVersion = 3
        try run.write(later)
        #expect(message { _ = try run.configuration() } == "has format version 3; this Yuyan reads 2")
        try Data("epoch,train_loss\n1,many\n".utf8).write(to: run.metricsFile)
        #expect(message { _ = try run.records() } == "train_loss is 'many'")
    }

    /// A run belongs to one process at a time; what was cut off is cleaned up, and nothing else.
    @Test func isLockedAndCleanedUp() throws {
        let folder = try TemporaryFolder()
        let run = try Run.create(at: folder.url.appendingPathComponent("run"), configuration)
        var log: RunLog? = try RunLog(run)
        let error = #expect(throws: DataError.self) { _ = try RunLog(run) }
        #expect(error?.reason == "another process is training this run")
        log?.note("one\ntwo")
        log = nil
        log = try RunLog(run)
        log?.note("three")
        let lines = try String(contentsOf: run.logFile, encoding: .utf8).split(separator: "\n")
        #expect(lines.map { $0.split(separator: " ").last } == ["one", "two", "three"])
        #expect(lines[0].wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ one/) != nil)

        let cutOff = run.checkpointsFolder.appendingPathComponent(".last.safetensors.1a2b.yuyan.tmp")
        let foreign = run.folder.appendingPathComponent(".other.tmp")
        for url in [cutOff, foreign] { try Data().write(to: url) }
        run.removeUnfinishedFiles()
        #expect(!FileManager.default.fileExists(atPath: cutOff.path))
        #expect(FileManager.default.fileExists(atPath: foreign.path))
    }
}
