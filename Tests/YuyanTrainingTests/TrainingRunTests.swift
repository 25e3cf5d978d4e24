import Foundation
import Testing
import YuyanCore
import YuyanData
import YuyanNN
import YuyanTraining

/// A program of one's own, as it would be started again and again.
private struct Program {
    var folder: URL?
    var epochs = 3
    var patience: Int? = nil
    var learningRate = 0.05
    var killAfterStep: Int?
    var hasValidation = true

    var configuration: RunConfiguration {
        RunConfiguration(
            program: "two-inputs", epochs: epochs, patience: patience, seed: 3, checkpointEvery: .steps(1),
            hyperparameters: ["learning rate": learningRate, "batch size": 8, "kinds": "three", "bias": true])
    }

    struct Outcome {
        var records: [EpochRecord]
        var totalSteps: Int
        var isResumed: Bool
        var test: TestRecord?
    }

    /// As a process that has ended: nobody holds the folder any more.
    @discardableResult
    func outcome() throws -> Outcome {
        let (run, trainer, test) = try self.run()
        return Outcome(
            records: trainer.records, totalSteps: trainer.totalSteps, isResumed: run.isResumed, test: test)
    }

    func run() throws -> (run: TrainingRun, trainer: Trainer, test: TestRecord?) {
        try withSeed(configuration.seed) {
            let run = try folder.map { try TrainingRun(at: $0, configuration) } ?? TrainingRun(configuration)
            let net = TwoInputs()
            var shown: [any TrainerCallback] = []
            if let killAfterStep { shown.append(Kill(afterStep: killAfterStep)) }
            let trainer = Trainer(
                net, training: DataLoader(Measurements(), batchSize: 8, shuffle: true),
                validation: hasValidation ? DataLoader(Measurements(), batchSize: 9) : nil,
                optimizer: SGD(net.parameters(), learningRate: learningRate, momentum: 0.9), metrics: [absoluteError],
                callbacks: try run.callbacks(shown), step: net.step)
            return (run, trainer, try run.train(trainer, test: DataLoader(Measurements(), batchSize: 7)))
        }
    }
}

/// A configuration as it stands in a file.
private func read(_ url: URL) throws -> String { try String(contentsOf: url, encoding: .utf8) }

@Suite struct TrainingRunTests {
    @Test func keepsARunWithEverything() throws {
        let folder = try TemporaryFolder()
        let result = try Program(folder: folder.url.appendingPathComponent("first")).run()
        let run = try #require(result.run.run)
        #expect(!result.run.isResumed && result.run.isComplete(result.trainer))
        let names = try FileManager.default.contentsOfDirectory(atPath: run.folder.path).sorted()
        #expect(
            names.filter { !$0.hasPrefix("events.") } == [
                "checkpoints", "configuration.json", "log.txt", "metrics.csv", "test.csv", "timing.csv",
                "weights.safetensors",
            ])
        #expect(names.contains { $0.hasPrefix("events.") })
        #expect(FileManager.default.fileExists(atPath: run.bestCheckpoint.path))
        #expect(try run.records() == result.trainer.records)
        let test = try #require(result.test)
        #expect(test.epoch == 3 && test.metrics.keys.sorted() == ["absolute_error"])
        #expect(try run.testRecord() == test)
        #expect(try run.configuration() == result.run.configuration)
        #expect(run.state(try run.configuration(), try run.records()) == .running)

        try result.run.writeReport(in: .english)
        let page = try read(run.reportFile)
        for text in [
            "<p>two-inputs</p>", "<td class=\"t\">learning rate</td><td class=\"t w\">0.05</td>",
            "<td class=\"t\">bias</td><td class=\"t w\">yes</td>", "<span>test absolute_error</span>",
            "<span>validation absolute_error</span>", "<th>train absolute_error</th>",
        ] {
            #expect(page.contains(text), "\(text)")
        }
        for text in ["yuyan train", "<h2>Model</h2>", "<h2>Confusion matrix</h2>", "{{"] {
            #expect(!page.contains(text), "\(text)")
        }
        let pictures = try FileManager.default.contentsOfDirectory(atPath: run.picturesFolder.path)
        #expect(pictures.contains("absolute_error.csv") && pictures.contains("loss.csv"))
    }

    @Test(arguments: [1, 4, 6, 8, 12]) func goesOnToTheBit(step: Int) throws {
        let folder = try TemporaryFolder()
        let (whole, cut) = (folder.url.appendingPathComponent("whole"), folder.url.appendingPathComponent("cut"))
        try Program(folder: whole).outcome()
        #expect(throws: Killed.self) { try Program(folder: cut, killAfterStep: step).outcome() }
        #expect(!FileManager.default.fileExists(atPath: cut.appendingPathComponent("test.csv").path))
        #expect(try read(cut.appendingPathComponent("log.txt")).hasSuffix(" error: Killed()\n"))
        let resumed = try Program(folder: cut).outcome()
        #expect(resumed.isResumed)
        for name in ["weights.safetensors", "metrics.csv", "test.csv"] {
            let files = [whole, cut].map { $0.appendingPathComponent(name) }
            #expect(try Data(contentsOf: files[0]) == Data(contentsOf: files[1]), "\(name)")
        }
        // Nothing is left to do.
        let again = try Program(folder: cut).outcome()
        #expect(again.records.count == 3 && again.totalSteps == 12)
        #expect(again.test == resumed.test)
        // More epochs go on.
        let longer = try Program(folder: cut, epochs: 4).outcome()
        #expect(longer.records.count == 4 && longer.test?.epoch == 4)
        #expect(try Run(at: cut).configuration().epochs == 4)
    }

    @Test func refusesWhatIsAnotherRun() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appendingPathComponent("run")
        try Program(folder: url).outcome()
        let before = try read(url.appendingPathComponent("configuration.json"))
        func message(_ program: Program) -> String {
            do { try program.outcome() } catch { return "\(error)" }
            return "nothing"
        }
        #expect(
            message(Program(folder: url, learningRate: 0.1)).hasSuffix(
                "configuration.json: belongs to another run: its learning rate is 0.05, that of this run is 0.1"))
        #expect(message(Program(folder: url, epochs: 2)) == "the run has trained 3 epochs, more than the 2 asked for")
        #expect(message(Program(folder: folder.url)).contains("is not empty"))
        let other = try TrainingRun(at: url, Program().configuration)
        #expect(message(Program(folder: url)).hasSuffix("another process is training this run"))
        withExtendedLifetime(other) {}
        #expect(try read(url.appendingPathComponent("configuration.json")) == before)
    }

    @Test func stopsEarlyAndMeasuresTheBestEpoch() throws {
        let folder = try TemporaryFolder()
        // Steps that are far too long: the first epoch is hardly the worst.
        let result = try Program(folder: folder.url.appendingPathComponent("a"), epochs: 60, patience: 2).run()
        let stopping = try #require(result.run.stopping)
        #expect(stopping.hasRunOut && result.trainer.records.count < 60)
        #expect(result.test?.epoch == stopping.bestEpoch)
        // The weights are those of the best epoch, whose validation loss was measured on the same samples.
        let best = try #require(result.trainer.records.first { $0.epoch == stopping.bestEpoch }?.validationLoss)
        #expect(abs(try #require(result.test?.loss) - best) < 1e-6)
        let run = try #require(result.run.run)
        #expect(run.state(try run.configuration(), Array(try run.records())) == .running)
    }

    @Test func keepsNothingWhereNothingIsAskedFor() throws {
        let result = try Program().run()
        #expect(result.run.run == nil && result.run.log == nil)
        #expect(result.trainer.records.count == 3 && result.test != nil)
        try result.run.writeReport()
        // Without validation nothing is the best.
        let folder = try TemporaryFolder()
        let unchecked = try Program(folder: folder.url.appendingPathComponent("a"), hasValidation: false).run()
        let run = try #require(unchecked.run.run)
        #expect(FileManager.default.fileExists(atPath: run.lastCheckpoint.path))
        #expect(!FileManager.default.fileExists(atPath: run.bestCheckpoint.path))
    }
}

@Suite struct RunConfigurationTests {
    private let configuration = RunConfiguration(
        program: "mine", epochs: 5, patience: 2, seed: .max,
        hyperparameters: [
            "zeta": 0.1, "alpha": Float(0.3), "layers": 3, "cell": "lstm", "tied": false, "large": Int.max,
        ])

    @Test func hyperparametersKeepTheirOrderAndKind() throws {
        let folder = try TemporaryFolder()
        let run = try Run.create(at: folder.url.appendingPathComponent("run"), configuration)
        #expect(try run.configuration() == configuration)
        let names = configuration.settings.map(\.name)
        #expect(Array(names[..<8]) == ["program", "epochs", "zeta", "alpha", "layers", "cell", "tied", "large"])
        let values = configuration.settings.map(\.value)
        #expect(Array(values[..<8]) == ["mine", "5", "0.1", "0.3", "3", "lstm", "no", "9223372036854775807"])
        let text = try read(run.configurationFile)
        #expect(text.contains("\"value\" : 0.1") && text.contains("\"value\" : false") && !text.contains("\"model\""))
    }

    @Test func differencesGoByTheName() {
        func other(_ hyperparameters: KeyValuePairs<String, any HyperparameterValue>) -> RunConfiguration {
            var other = RunConfiguration(program: "mine", epochs: 9, patience: 2, seed: .max)
            other.hyperparameters = hyperparameters.map { Hyperparameter($0.key, $0.value) }
            return other
        }
        let first = other(["a": 1, "b": "x"])
        #expect(first.difference(from: other(["b": "x", "a": 1.0])) == nil)
        #expect(first.difference(from: other(["a": 1, "b": "y"]))! == ("b", "x", "y"))
        #expect(first.difference(from: other(["a": 1]))! == ("b", "x", "none"))
        #expect(other([:]).difference(from: first)! == ("a", "none", "1"))
    }

    @Test func namesStandOnce() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = RunConfiguration(epochs: 1, hyperparameters: ["seed": 3])
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("a setting stands twice"), "\(text)")
    }
}
