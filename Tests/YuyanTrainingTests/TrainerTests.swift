import Foundation
import Synchronization
import Testing
import YuyanCore
import YuyanData
import YuyanModels
import YuyanNN
import YuyanTraining

/// 40 samples, of which the second half is a class of its own.
func twoClasses() -> TensorDataset<(Tensor, Tensor)> {
    let labels = (0..<40).map { Int64($0 < 20 ? 0 : 1) }
    var features: [Float] = []
    for (index, label) in labels.enumerated() { features += [label == 0 ? 1 : -1, Float(index % 5) / 5] }
    return TensorDataset(Tensor(features, shape: [40, 2]), Tensor(labels))
}

/// A trainer of a linear classifier on `twoClasses`, with batches of 12, 12, 12 and 4.
func classifierTrainer(
    learningRate: Double = 0.5, loss: @escaping (Tensor, Tensor) -> Tensor = { crossEntropy($0, $1) },
    callbacks: [any TrainerCallback] = []
) -> Trainer {
    let net = Sequential { Linear(inputSize: 2, outputSize: 2) }
    return Trainer(
        net, training: DataLoader(twoClasses(), batchSize: 12, shuffle: true),
        validation: DataLoader(twoClasses(), batchSize: 16),
        optimizer: SGD(net.parameters(), learningRate: learningRate), loss: loss,
        metrics: [.accuracy], callbacks: callbacks)
}

/// The samples of `twoClasses`, of which one cannot be read.
private final class Failing: Dataset {
    let data = twoClasses()
    private let left = Mutex(Int?.none)
    var count: Int { data.count }

    /// From the read with this number of six samples on, from 0; nil: none.
    func fail(atRead number: Int?) { left.withLock { $0 = number.map { 6 * $0 + 3 } } }

    subscript(index: Int) -> (Tensor, Tensor) {
        get throws {
            let fails = left.withLock { left in
                guard let now = left else { return false }
                left = max(now - 1, 0)
                return now == 0
            }
            if fails { throw DataError(path: "\(index).png", reason: "is damaged") }
            return data[index]
        }
    }
}

private struct Stop: Error, Equatable {
    var step: Int
}

/// Writes down what it is told, and throws after a number of steps.
private final class Log: TrainerCallback {
    var entries: [String] = []
    var steps = 0
    var lastStep = Int.max

    func trainingWillBegin(_ trainer: Trainer) { entries.append("begin \(trainer.epochCount)") }
    func epochWillBegin(_ trainer: Trainer) { entries.append("epoch \(trainer.epoch)") }
    func stepDidEnd(_ trainer: Trainer) throws {
        entries.append("step \(trainer.step)/\(trainer.stepsPerEpoch) of \(trainer.losses.sampleCount)")
        steps += 1
        if steps == lastStep { throw Stop(step: steps) }
    }
    func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) {
        entries.append("record \(record.epoch) of \(trainer.records.count)")
    }
    func trainingDidEnd(_ trainer: Trainer) { entries.append("end") }
}

@Suite struct TrainerTests {
    @Test func learnsToSeparateTwoClasses() throws {
        try withSeed(1) {
            let trainer = classifierTrainer()
            let records = try trainer.fit(epochs: 10)
            #expect(records.map(\.epoch) == Array(1...10))
            let last = try #require(records.last)
            #expect(last.trainLoss < 0.1)
            #expect(last.trainLoss < records[0].trainLoss)
            #expect(last.trainAccuracy == 1)
            #expect(last.validationAccuracy == 1)
            #expect(try #require(last.validationLoss) < 0.1)
            #expect(last.samplesPerSecond > 0)
            #expect(last.seconds > 0)
        }
    }

    @Test func callsItsCallbacksInOrder() throws {
        let log = Log()
        let trainer = classifierTrainer(callbacks: [log])
        try trainer.fit(epochs: 1)
        let steps = ["step 1/4 of 12", "step 2/4 of 24", "step 3/4 of 36", "step 4/4 of 40"]
        #expect(log.entries == ["begin 1", "epoch 1"] + steps + ["record 1 of 1", "end"])
        log.entries = []
        #expect(try trainer.fit(epochs: 1).map(\.epoch) == [2])
        #expect(log.entries == ["begin 2", "epoch 2"] + steps + ["record 2 of 2", "end"])
    }

    /// A module is brought up to date with new data by another trainer: from its weights, with the optimizer's state.
    @Test func anotherTrainerGoesOnFromTheWeights() throws {
        func updated(_ net: Sequential, _ optimizer: SGD, _ epochs: Int) throws -> EpochRecord {
            let batches = DataLoader(twoClasses(), batchSize: 12, shuffle: true, seed: 3)
            let trainer = Trainer(net, training: batches, optimizer: optimizer, loss: { crossEntropy($0, $1) })
            try trainer.fit(epochs: epochs)
            return trainer.records[epochs - 1]
        }
        func made() -> (Sequential, SGD) {
            let net = withSeed(5) { Sequential { Linear(inputSize: 2, outputSize: 2) } }
            return (net, SGD(net.parameters(), learningRate: 0.1, momentum: 0.9))
        }
        let (net, optimizer) = made()
        let first = try updated(net, optimizer, 1)
        let second = try updated(net, optimizer, 1)
        #expect(second.trainLoss < first.trainLoss)
        // As one training of the same batches in the same order.
        let (other, otherOptimizer) = made()
        for _ in 0..<2 {
            for (x, y) in DataLoader(twoClasses(), batchSize: 12, shuffle: true, seed: 3) {
                let loss = crossEntropy(other(x), y)
                otherOptimizer.zeroGradients()
                loss.backward()
                otherOptimizer.step()
            }
        }
        for (one, two) in zip(net.parameters(), other.parameters()) {
            #expect(one.value.array(of: Float.self) == two.value.array(of: Float.self))
        }
    }

    @Test func anErrorOfACallbackEndsTheTraining() {
        let log = Log()
        log.lastStep = 6
        let trainer = classifierTrainer(callbacks: [log])
        #expect(throws: Stop(step: 6)) { try trainer.fit(epochs: 3) }
        #expect(trainer.records.count == 1)
        #expect(log.entries.last == "step 2/4 of 24")
    }

    /// Without learning, the mean over the samples seen is the mean over the data set, whatever the batches.
    @Test func trainLossIsTheMeanOverSamples() throws {
        try withSeed(2) {
            let trainer = classifierTrainer(learningRate: 0)
            let record = try trainer.fit(epochs: 1)[0]
            #expect(abs(record.trainLoss - (try #require(record.validationLoss))) < 1e-6)
            #expect(record.trainAccuracy == record.validationAccuracy)
        }
    }

    @Test func theSameSeedGivesTheSameWeightsForAnyNumberOfWorkers() throws {
        func weights(seed: UInt64, workerCount: Int) throws -> [HostArray] {
            try withSeed(seed) {
                let net = Sequential { Linear(inputSize: 2, outputSize: 2) }
                let batches = DataLoader(twoClasses(), batchSize: 12, shuffle: true, workerCount: workerCount)
                let trainer = Trainer(
                    net, training: batches, optimizer: SGD(net.parameters(), learningRate: 0.5, momentum: 0.9),
                    loss: { crossEntropy($0, $1) })
                let record = try trainer.fit(epochs: 2)[1]
                #expect(record.trainAccuracy == nil && record.validationLoss == nil)
                return net.parameters().map(\.value.hostArray)
            }
        }
        let first = try weights(seed: 3, workerCount: 0)
        #expect(try weights(seed: 3, workerCount: 0) == first)
        #expect(try weights(seed: 3, workerCount: 2) == first)
        #expect(try weights(seed: 4, workerCount: 0) != first)
    }

    @Test func partsInEvaluationModeStaySo() throws {
        let net = Sequential {
            Sequential { Dropout() }
            Linear(inputSize: 2, outputSize: 2)
        }
        func modes() -> [Bool] { net.namedModules().map(\.module.isTraining) }
        let batches = DataLoader(twoClasses(), batchSize: 16)
        let optimizer = SGD(net.parameters(), learningRate: 0.1)
        let trainer = Trainer(
            net, training: batches, validation: batches, optimizer: optimizer, loss: { crossEntropy($0, $1) })
        net[0].eval()
        try trainer.fit(epochs: 2)
        #expect(modes() == [true, false, false, true])
        _ = ModelSummary(net, inputShape: [1, 2])
        #expect(modes() == [true, false, false, true])
        _ = try sweepLearningRate(net, optimizer, on: batches, loss: { crossEntropy($0, $1) }, stepCount: 3)
        #expect(modes() == [true, false, false, true])
        // A whole model in evaluation mode is put into training mode, as after a prediction.
        net.eval()
        _ = try sweepLearningRate(net, optimizer, on: batches, loss: { crossEntropy($0, $1) }, stepCount: 3)
        #expect(modes() == [false, false, false, false])
        try trainer.fit(epochs: 1)
        #expect(modes() == [true, true, true, true])
    }

    @Test func nothingToTrainOnIsAnError() throws {
        let net = Sequential { Linear(inputSize: 2, outputSize: 2) }
        let empty = DataLoader(TensorDataset(Tensor.zeros([0, 2]), Tensor.zeros([0], dtype: .int64)), batchSize: 4)
        let some = DataLoader(twoClasses(), batchSize: 16)
        func trainer(_ training: any Batches<(Tensor, Tensor)>, _ validation: any Batches<(Tensor, Tensor)>) -> Trainer
        {
            Trainer(
                net, training: training, validation: validation, optimizer: SGD(net.parameters(), learningRate: 1),
                loss: { crossEntropy($0, $1) })
        }
        #expect(throws: EmptyDataError(name: "training")) { try trainer(empty, some).fit(epochs: 1) }
        #expect(throws: EmptyDataError(name: "validation")) { try trainer(some, empty).fit(epochs: 1) }
        #expect(try trainer(empty, empty).fit(epochs: 0).isEmpty)
        let dropping = DataLoader(twoClasses(), batchSize: 100, dropLast: true)
        #expect(throws: EmptyDataError(name: "training")) { try trainer(dropping, some).fit(epochs: 1) }
    }

    /// When the file can be read again, the training goes on to the bit, whoever reads.
    @Test(arguments: [0, 2])
    func unreadableSamplesAreErrors(workerCount: Int) throws {
        func trainer(_ data: Failing) -> Trainer {
            withSeed(1) {
                let net = Sequential { Linear(inputSize: 2, outputSize: 2) }
                return Trainer(
                    net, training: DataLoader(data, batchSize: 6, shuffle: true, workerCount: workerCount, seed: 2),
                    validation: DataLoader(data, batchSize: 16, workerCount: workerCount),
                    optimizer: SGD(net.parameters(), learningRate: 0.1), loss: { crossEntropy($0, $1) })
            }
        }
        let whole = trainer(Failing())
        try whole.fit(epochs: 2)

        for failing in [1, 5, 6, 8, 11, 15] {
            let data = Failing()
            let interrupted = trainer(data)
            data.fail(atRead: failing)
            let error = #expect(throws: SampleError.self) { try interrupted.fit(epochs: 2) }
            #expect((error?.cause as? DataError)?.path == "\(error?.index ?? -1).png")
            data.fail(atRead: nil)
            try interrupted.fit(epochs: 2 - interrupted.records.count)
            #expect(interrupted.records.map(\.trainLoss) == whole.records.map(\.trainLoss), "\(failing)")
            #expect(interrupted.records.map(\.validationLoss) == whole.records.map(\.validationLoss), "\(failing)")
            for (a, b) in zip(interrupted.module.parameters(), whole.module.parameters()) {
                #expect(a.value.hostArray == b.value.hostArray, "\(failing)")
            }
        }
    }

    @Test func evaluationsThrowWhatCannotBeRead() throws {
        let net = Sequential { Linear(inputSize: 2, outputSize: 2) }
        let data = Failing()
        data.fail(atRead: 1)
        let batches = DataLoader(data, batchSize: 6)
        let loss = { (outputs: Tensor, targets: Tensor) in crossEntropy(outputs, targets) }
        #expect(throws: SampleError.self) { try evaluate(net, on: batches, loss: loss) }
        #expect(throws: SampleError.self) {
            try evaluateClassifier(net, on: batches, loss: loss, classNames: ["a", "b"])
        }
        let optimizer = SGD(net.parameters(), learningRate: 1)
        #expect(throws: SampleError.self) { try sweepLearningRate(net, optimizer, on: batches, loss: loss) }
        // All modes are as before.
        #expect(net.isTraining)
    }

    @Test func divergenceEndsTheTrainingBeforeOtherCallbacks() throws {
        let log = Log()
        // Each step overshoots by much more than it corrects.
        let trainer = classifierTrainer(
            learningRate: 1e4, loss: { outputs, _ in ((outputs - 3) * (outputs - 3)).mean() },
            callbacks: [DivergenceCheck(), log])
        let error = #expect(throws: DivergenceError.self) { try trainer.fit(epochs: 50) }
        let epoch = try #require(error).epoch
        #expect(!log.entries.contains("record \(epoch) of \(epoch)"))
        #expect(
            DivergenceError(epoch: 2, loss: -.nan).description
                == "training diverged: the loss is not a number in epoch 2; a smaller learning rate may help")
    }
}

@Suite struct MetricsTests {
    @Test func countsCorrectPredictions() {
        let logits = Tensor([[0.1, 0.3, 0.6], [0.3, 0.2, 0.5]] as [[Float]])
        let count = correctPredictionCount(logits, Tensor([0, 2] as [Int64]))
        #expect(count.item() == 1)
        #expect(count.shape == [])
    }

    @Test func runningMeanWeighsBySamples() {
        var mean = RunningMean()
        #expect(mean.mean().isNaN)
        for index in 0..<100 { mean.add(mean: Tensor(Float(index)), sampleCount: 2) }
        #expect(mean.mean() == 49.5)
        mean.add(sum: Tensor(Float(50)), sampleCount: 100)
        #expect(mean.sampleCount == 300)
        #expect(abs(mean.mean() - (9900.0 + 50) / 300) < 1e-12)
    }

    @Test func evaluationRestoresTheModeAndRecordsNothing() throws {
        final class Probe: Layer {
            let layer = Linear(inputSize: 2, outputSize: 2)
            var modes: [Bool] = []
            var records: [Bool] = []
            override func forward(_ input: Tensor) -> Tensor {
                modes.append(isTraining)
                let result = layer(input)
                records.append(result.isRecorded)
                return result
            }
        }
        let probe = Probe()
        let batches = DataLoader(twoClasses(), batchSize: 16)
        let result = try evaluate(probe, on: batches, loss: { crossEntropy($0, $1) })
        #expect(probe.modes == [false, false, false])
        #expect(probe.records == [false, false, false])
        #expect(probe.isTraining && probe.layer.isTraining)
        #expect(result.accuracy == nil)
        probe.eval()
        _ = try evaluate(probe, on: batches, loss: { crossEntropy($0, $1) })
        #expect(!probe.isTraining)
        // Each part has its own mode.
        probe.train()
        probe.layer.eval()
        _ = try evaluate(probe, on: batches, loss: { crossEntropy($0, $1) })
        _ = try evaluateClassifier(probe, on: batches, loss: { crossEntropy($0, $1) }, classNames: ["a", "b"])
        #expect(probe.isTraining && !probe.layer.isTraining)
        // All at once and in batches of unequal size.
        let (inputs, targets) = twoClasses().batch(at: Array(0..<40)[...])
        #expect(abs(result.loss - crossEntropy(probe(inputs), targets).item()) < 1e-6)
    }

    /// Samples that take their time: four of 5 ms or more.
    @Test func waitingForDataIsMeasured() throws {
        struct Slow: Dataset {
            let count = 4
            subscript(index: Int) -> (Tensor, Tensor) {
                usleep(5000)
                return (Tensor([Float(index)]), Tensor([Float(1)]))
            }
        }
        let net = Sequential { Linear(inputSize: 1, outputSize: 1) }
        let trainer = Trainer(
            net, training: DataLoader(Slow(), batchSize: 2), optimizer: SGD(net.parameters(), learningRate: 0.1),
            loss: { meanSquaredError($0, $1) })
        let record = try trainer.fit(epochs: 1)[0]
        let share = try #require(record.dataShare)
        #expect(share <= 1 && share * record.seconds >= 0.02)
        let saved = try JSONDecoder().decode(EpochRecord.self, from: JSONEncoder().encode(record))
        #expect(saved == record)
    }
}
