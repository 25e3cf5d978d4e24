import Foundation
import Testing
import YuyanCore
import YuyanData
import YuyanNN
import YuyanTraining

/// Asks for a stop after some steps or epochs, and writes down learning rates.
private final class Probe: TrainerCallback {
    var stopAfterStep: Int?
    var rates: [Double] = []
    var largestGradient = 0.0

    func optimizerWillStep(_ trainer: Trainer) {
        rates.append(trainer.optimizer.currentLearningRate)
        for parameter in trainer.optimizer.parameters {
            largestGradient = max(largestGradient, parameter.gradient?.abs().max().item() ?? 0)
        }
    }

    func stepDidEnd(_ trainer: Trainer) {
        if trainer.totalSteps == stopAfterStep { trainer.requestStop() }
    }
}

@Suite struct MetricTests {
    @Test func topKCountsLabelsAmongTheLargest() {
        let logits = Tensor([[0.1, 0.3, 0.6], [0.5, 0.2, 0.3], [0.2, 0.2, 0.1]] as [[Float]])
        let labels = Tensor([0, 2, 2] as [Int64])
        #expect((1...3).map { topKCorrectCount(logits, labels, k: $0).item() } == [0, 1, 3])
        // Equal logits: none is larger.
        #expect(topKCorrectCount(logits, Tensor([2, 0, 1] as [Int64]), k: 1).item() == 3)
        let undefined = Tensor([[.nan, 1], [1, .infinity], [0, -.infinity]] as [[Float]])
        #expect(topKCorrectCount(undefined, Tensor([0, 1, 0] as [Int64]), k: 1).item() == 2)
    }

    @Test func metricsAreComposed() throws {
        let logits = Tensor.zeros([6, 4])
        let labels = Tensor([0, 1, 2, 3, 0, 1] as [Int64])
        let batches = DataLoader(TensorDataset(logits, labels), batchSize: 4)
        final class Identity: Layer {
            override func forward(_ input: Tensor) -> Tensor { input }
        }
        let doubled = Metric.accuracy.mapped("doubled") { 2 * $0 }
        let result = try evaluate(
            Identity(), on: batches, loss: { crossEntropy($0, $1) },
            metrics: [.accuracy, .topKAccuracy(4), .perplexity, doubled, .loss { crossEntropy($0, $1) }])
        #expect(result.metrics.keys.sorted() == ["accuracy", "doubled", "loss", "perplexity", "top4_accuracy"])
        #expect(result.accuracy == 2.0 / 6)
        #expect(result.metrics["doubled"] == 4.0 / 6)
        #expect(result.metrics["top4_accuracy"] == 1)
        // Guessing among four.
        #expect(abs(result.metrics["perplexity"]! - 4) < 1e-5)
        #expect(result.metrics["loss"] == result.loss)
    }
}

@Suite struct TrainerExtensionTests {
    /// Stopped after each possible step, and continued: the same bits as without a stop.
    @Test func goesOnWhereItWasStopped() throws {
        func weights(stops: [Int], fits: Int) throws -> ([HostArray], [EpochRecord]) {
            try withSeed(5) {
                let probe = Probe()
                let trainer = classifierTrainer(callbacks: [probe])
                for index in 0..<fits {
                    probe.stopAfterStep = index < stops.count ? stops[index] : nil
                    try trainer.fit(epochs: 3 - trainer.records.count)
                }
                #expect(trainer.isComplete)
                return (trainer.module.parameters().map(\.value.hostArray), trainer.records)
            }
        }
        let (reference, records) = try weights(stops: [], fits: 1)
        for stops in [[1], [3], [4], [5, 6], [8], [12]] {
            let (result, own) = try weights(stops: stops, fits: stops.count + 1)
            #expect(result == reference)
            #expect(own.map(\.trainLoss) == records.map(\.trainLoss))
            #expect(own.map(\.trainMetrics) == records.map(\.trainMetrics))
            #expect(own.map(\.validationLoss) == records.map(\.validationLoss))
        }
    }

    @Test func schedulesSetTheRateOfEachStep() throws {
        for (unit, expected) in [
            (LearningRateScheduler.Unit.step, [0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625]),
            (.epoch, [0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25]),
        ] {
            let probe = Probe()
            let trainer = classifierTrainer(
                callbacks: [LearningRateScheduler(ExponentialSchedule(decay: 0.5), every: unit), probe])
            try trainer.fit(epochs: 2)
            #expect(probe.rates == expected)
        }
    }

    @Test func clipsBeforeEachStep() throws {
        let free = Probe()
        try withSeed(1) { _ = try classifierTrainer(callbacks: [free]).fit(epochs: 1) }
        #expect(free.largestGradient > 0.01)
        for limit in [GradientClipper.Limit.value(0.01), .norm(0.01)] {
            let probe = Probe()
            try withSeed(1) { _ = try classifierTrainer(callbacks: [GradientClipper(limit), probe]).fit(epochs: 1) }
            #expect(probe.largestGradient <= 0.010001)
        }
    }

    /// The validation loss of a network whose only weight grows by 1 in each step from −3: w², best at 0.
    private func parabola(_ callbacks: [any TrainerCallback]) -> (Trainer, Parameter) {
        final class Weight: Layer {
            let weight = Parameter([-3.0])
            override func forward(_ input: Tensor) -> Tensor { weight.tensor + input * 0 }
        }
        let net = Weight()
        let sample = TensorDataset(Tensor.zeros([1, 1]), Tensor.zeros([1, 1]))
        let trainer = Trainer(
            net, training: DataLoader(sample), validation: DataLoader(sample),
            optimizer: SGD(net.parameters(), learningRate: 1),
            // Its gradient is −1, and without a gradient it is measured.
            loss: { outputs, _ in isRecordingGradients ? -outputs.sum() : outputs.squared().sum() },
            callbacks: callbacks)
        return (trainer, net.weight)
    }

    @Test func earlyStoppingRestoresTheBestWeights() throws {
        let stopping = EarlyStopping(patience: 2)
        let (trainer, weight) = parabola([stopping])
        try trainer.fit(epochs: 10)
        #expect(trainer.records.map(\.validationLoss) == [4, 1, 0, 1, 4])
        #expect(stopping.bestEpoch == 3 && stopping.bestValue == 0 && stopping.hasRunOut)
        #expect(weight.value.item() == 0)
        // It has had its say.
        #expect(try trainer.fit(epochs: 1).isEmpty)
    }

    @Test func earlyStoppingCountsOnlyRealImprovements() throws {
        let stopping = EarlyStopping(patience: 1, minimumImprovement: 2)
        let (trainer, weight) = parabola([stopping])
        try trainer.fit(epochs: 10)
        #expect(trainer.records.count == 3)
        #expect(stopping.bestEpoch == 2 && weight.value.item() == -1)
        let kept = EarlyStopping(patience: 2, restoresBestWeights: false)
        let (other, last) = parabola([kept])
        try other.fit(epochs: 10)
        #expect(last.value.item() == 2)
    }

    /// Also when the epochs are used up before the patience is.
    @Test func earlyStoppingRestoresAfterTheLastEpoch() throws {
        let (trainer, weight) = parabola([EarlyStopping(patience: 5)])
        try trainer.fit(epochs: 4)
        #expect(trainer.records.count == 4 && weight.value.item() == 0)
    }

    @Test func monitorsCompare() {
        func record(_ epoch: Int, _ loss: Double, _ accuracy: Double?) -> EpochRecord {
            EpochRecord(
                epoch: epoch, trainLoss: loss, validationMetrics: accuracy.map { ["accuracy": $0] } ?? [:],
                samplesPerSecond: 1, seconds: 1)
        }
        let records = [record(1, .nan, nil), record(2, 3, 0.5), record(3, 2, 0.7), record(4, 2, 0.7)]
        #expect(Monitor.trainLoss.best(of: records)?.epoch == 3)
        #expect(Monitor.validationAccuracy.best(of: records)?.epoch == 3)
        #expect(Monitor.validationLoss.best(of: records) == nil)
        #expect(Monitor.trainLoss.isBetter(1.5, than: 2, by: 0.4) && !Monitor.trainLoss.isBetter(1.5, than: 2, by: 0.5))
        #expect(classifierTrainer().defaultMonitor?.name == "validation accuracy")
    }

    @Test func theSweepFindsARateAndTakesEverythingBack() throws {
        try withSeed(3) {
            let trainer = classifierTrainer()
            let (net, optimizer) = (try #require(trainer.module as? Sequential), trainer.optimizer)
            let batches = DataLoader(twoClasses(), batchSize: 12, shuffle: true)
            _ = batches.makeIterator().next()
            let before = (net.stateDictionary().mapValues(\.hostArray), batches.position, Generator.current.state)
            let sweep = try sweepLearningRate(
                net, optimizer, on: batches, loss: { outputs, _ in (outputs - 3).squared().mean() },
                rates: 1e-4...1e4, stepCount: 60)
            #expect(sweep.rates[0] == 1e-4)
            #expect(zip(sweep.rates, sweep.rates.dropFirst()).allSatisfy { abs($1 / $0 - pow(1e8, 1.0 / 59)) < 1e-6 })
            #expect(sweep.losses.count == sweep.rates.count && sweep.smoothedLosses.count == sweep.rates.count)
            #expect(sweep.smoothedLosses[0] == sweep.losses[0])
            // Steps beyond about 1.5 overshoot the parabola, whose largest curvature is about 1.3.
            #expect(sweep.rates.count < 60)
            let rate = try #require(sweep.suggestion)
            #expect((0.01...1).contains(rate), "\(rate)")
            #expect(net.stateDictionary().mapValues(\.hostArray) == before.0)
            #expect(batches.position == before.1 && Generator.current.state == before.2)
            #expect(optimizer.currentLearningRate == 0.5 && net.isTraining)
            #expect(net.parameters().allSatisfy { $0.gradient == nil })
        }
    }

    /// A part that two modules hold, one of which is frozen, is in its own mode afterwards.
    @Test func theSweepPutsBackTheModeOfASharedPart() throws {
        final class Holder: Layer {
            let part: Layer
            init(_ part: Layer) { self.part = part }
            override func forward(_ input: Tensor) -> Tensor { part(input) }
        }
        let shared = Linear(inputSize: 2, outputSize: 2)
        let (first, second) = (Holder(shared), Holder(shared))
        let net = Sequential([first, second])
        for number in 0..<16 {
            let modes = (0..<4).map { number >> $0 & 1 == 1 }
            for (part, mode) in zip([net, first, second, shared], modes) { part.train(mode) }
            let before = net.namedModules().map(\.module.isTraining)
            _ = try sweepLearningRate(
                net, SGD(net.parameters(), learningRate: 0.1), on: DataLoader(twoClasses(), batchSize: 8),
                loss: { crossEntropy($0, $1) }, stepCount: 3)
            #expect(net.namedModules().map(\.module.isTraining) == before, "\(modes)")
        }
    }

    /// One process of two reads half of the data, and only the first writes.
    @Test func onlyTheFirstProcessWrites() throws {
        let folder = try TemporaryFolder()
        for rank in [1, 0] {
            let net = Sequential { Linear(inputSize: 2, outputSize: 2) }
            let metrics = folder.url.appendingPathComponent("metrics.csv")
            let weights = folder.url.appendingPathComponent("weights.safetensors")
            let last = folder.url.appendingPathComponent("last.safetensors")
            let sampler = ShardedSampler(RandomSampler(count: 40, seed: 1), rank: rank, worldSize: 2)
            let trainer = Trainer(
                net, training: DataLoader(twoClasses(), batchSize: 5, sampler: sampler, seed: 1),
                optimizer: SGD(net.parameters(), learningRate: 0.1), loss: { crossEntropy($0, $1) },
                callbacks: [MetricsCSV(metrics), WeightsFile(weights), Checkpointer(last: last)], rank: rank,
                worldSize: 2)
            try trainer.fit(epochs: 1)
            #expect(trainer.totalSteps == 4)
            #expect(try folder.fileNames.count == (rank == 0 ? 3 : 0))
        }
    }
}
