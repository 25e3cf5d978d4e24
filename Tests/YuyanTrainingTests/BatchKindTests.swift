import Foundation
import Testing
import YuyanCore
import YuyanData
import YuyanNN
import YuyanTraining

/// Some steps of a sine of two numbers, each with a kind of its own, and a weight.
struct Measurements: Dataset {
    struct Batch {
        var numbers: Tensor  // [N, 2]
        var kinds: Tensor  // [N, 3]
        var values: Tensor  // [N, 1]
        var weights: Tensor  // [N, 1]

        var count: Int { numbers.count }
    }

    let count = 30

    subscript(index: Int) -> [Float] {
        let (a, b) = (Float(index % 7) / 7, Float(index % 5) / 5)
        return [a, b, Float(index % 3), sin(3 * a) + b * Float(index % 3), index < 10 ? 2.5 : 0.5]
    }

    func collate(_ samples: [[Float]]) -> Batch {
        func column(_ index: Int) -> Tensor { Tensor(samples.map { $0[index] }, shape: [samples.count, 1]) }
        return Batch(
            numbers: concatenate([column(0), column(1)], axis: 1),
            kinds: oneHot(Tensor(samples.map { Int64($0[2]) }), classCount: 3).cast(to: .float32),
            values: column(3), weights: column(4))
    }
}

/// Takes two tensors, with a part for each.
final class TwoInputs: Module {
    let numbers: Linear
    let kinds = Linear(inputSize: 3, outputSize: 8)
    let dropout = Dropout(probability: 0.2)
    let output = Linear(inputSize: 8, outputSize: 1)

    init(numbersSize: Int = 2) { numbers = Linear(inputSize: numbersSize, outputSize: 8) }

    func callAsFunction(_ numbers: Tensor, _ kinds: Tensor) -> Tensor {
        scope { output(dropout((self.numbers(numbers) + self.kinds(kinds)).relu())) }
    }

    func step(_ batch: Measurements.Batch) -> StepResult {
        let outputs = self(batch.numbers, batch.kinds)
        return StepResult(
            loss: meanSquaredError(outputs, batch.values), sampleCount: batch.count, outputs: outputs,
            targets: batch.values)
    }

    func weightedStep(_ batch: Measurements.Batch) -> StepResult {
        let error = (self(batch.numbers, batch.kinds) - batch.values).squared()
        let weight = batch.weights.sum()
        return StepResult(
            loss: (error * batch.weights).sum() / weight, sampleCount: batch.count, weight: weight.item())
    }
}

/// Sentences of 1 to 6 tokens; each batch is as long as its longest.
private struct Sentences: Dataset {
    typealias Sample = [Int64]
    struct Batch {
        var tokens: Tensor  // [N, T], 0 where there is none
        var lengths: [Int]
    }

    let count = 23

    subscript(index: Int) -> [Int64] { (0...(index * 5) % 6).map { Int64((index + $0) % 4 + 1) } }

    func collate(_ samples: [[Int64]]) -> Batch {
        let length = samples.map(\.count).max() ?? 0
        let padded = samples.flatMap { $0 + [Int64](repeating: 0, count: length - $0.count) }
        return Batch(tokens: Tensor(padded, shape: [samples.count, length]), lengths: samples.map(\.count))
    }
}

/// Predicts each token by itself: the loss is a mean over the tokens that are there.
private func sentenceStep(_ net: Sequential, _ batch: Sentences.Batch) -> StepResult {
    let tokens = batch.tokens.reshaped([batch.tokens.elementCount])
    let logits = net(oneHot(tokens, classCount: 5).cast(to: .float32))  // [N·T, 5]
    let isThere = (tokens .> 0).cast(to: .float32)
    let losses = -(logits.logSoftmax(axis: 1) * oneHot(tokens, classCount: 5).cast(to: .float32)).sum(axis: 1)
    let count = batch.lengths.reduce(0, +)
    return StepResult(
        loss: (losses * isThere).sum() / Float(count), sampleCount: batch.lengths.count, weight: Double(count))
}

/// The mean of the absolute errors.
let absoluteError = Metric("absolute_error", sum: { ($0 - $1).abs().sum() })

@Suite struct BatchKindTests {
    private func trainer(
        learningRate: Double = 0.05, metrics: [Metric] = [absoluteError], workerCount: Int = 0,
        callbacks: [any TrainerCallback] = [], step: ((TwoInputs, Measurements.Batch) -> StepResult)? = nil
    ) -> Trainer {
        let net = TwoInputs()
        return Trainer(
            net, training: DataLoader(Measurements(), batchSize: 8, shuffle: true, workerCount: workerCount, seed: 4),
            validation: DataLoader(Measurements(), batchSize: 9, shuffle: true, seed: 5),
            optimizer: SGD(net.parameters(), learningRate: learningRate, momentum: 0.9), metrics: metrics,
            callbacks: callbacks, step: { step?(net, $0) ?? net.step($0) })
    }

    @Test func aModuleWithTwoInputsLearns() throws {
        try withSeed(1) {
            let trainer = self.trainer()
            let records = try trainer.fit(epochs: 40)
            let (first, last) = (records[0], records[39])
            #expect(try #require(last.validationLoss) < 0.5 * #require(first.validationLoss))
            #expect(trainer.module.isTraining && last.trainLoss < 0.5 * first.trainLoss)
            // The same numbers, by hand and all at once, without dropout.
            let net = try #require(trainer.module as? TwoInputs)
            let all = try Measurements().batch(at: Array(0..<30)[...])
            let errors = net.evaluating { withoutGradients { net(all.numbers, all.kinds) - all.values } }
            #expect(abs(try #require(last.validationLoss) - errors.squared().mean().item()) < 1e-6)
            let result = try #require(try trainer.evaluate(on: DataLoader(Measurements(), batchSize: 7)))
            #expect(abs(result.loss - errors.squared().mean().item()) < 1e-6)
            #expect(abs(try #require(result.metrics["absolute_error"]) - errors.abs().mean().item()) < 1e-6)
            let other = try evaluate(
                net, on: DataLoader(Measurements(), batchSize: 7), metrics: [absoluteError], step: net.step)
            #expect(other == result)
        }
    }

    /// Without learning, the mean of an epoch is the mean over the weights, whatever the batches.
    @Test func lossesAreWeighedByTheirWeights() throws {
        try withSeed(2) {
            let trainer = self.trainer(
                learningRate: 0, metrics: [],
                step: { net, batch in
                    net.eval()
                    return net.weightedStep(batch)
                })
            let record = try trainer.fit(epochs: 1)[0]
            let net = try #require(trainer.module as? TwoInputs)
            let all = try Measurements().batch(at: Array(0..<30)[...])
            net.eval()
            let errors = (net(all.numbers, all.kinds) - all.values).squared().array(of: Double.self)
            let weights = all.weights.array(of: Double.self)
            let mean = zip(errors, weights).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
            #expect(abs(record.trainLoss - mean) < 1e-6)
            #expect(abs(try #require(record.validationLoss) - mean) < 1e-6)
            // A mean over the samples would be another number.
            #expect(abs(errors.reduce(0, +) / 30 - mean) > 1e-3)
            #expect(trainer.losses.sampleCount == 30 && trainer.losses.weight == 35)
        }
    }

    @Test func sentencesOfDifferentLengthsAreWeighedByTheirTokens() throws {
        try withSeed(3) {
            let net = Sequential { Linear(inputSize: 5, outputSize: 5) }
            let batches = DataLoader(Sentences(), batchSize: 4, shuffle: true, seed: 1)
            #expect(Set(batches.map { $0.tokens.shape[1] }).count == 3)
            let optimizer = SGD(net.parameters(), learningRate: 0.5)
            let before = try evaluate(net, on: batches, step: { sentenceStep(net, $0) })
            let trainer = Trainer(
                net, training: batches, validation: batches, optimizer: optimizer, step: { sentenceStep(net, $0) })
            let record = try trainer.fit(epochs: 20)[19]
            #expect(try #require(record.validationLoss) < 0.3 && before.loss > 1)
            #expect(trainer.losses.weight == Double((0..<23).reduce(0) { $0 + Sentences()[$1].count }))
            #expect(trainer.losses.sampleCount == 23)
            // All tokens in one batch.
            let whole = sentenceStep(net, try Sentences().batch(at: Array(0..<23)[...]))
            #expect(abs(try #require(record.validationLoss) - whole.loss.item()) < 1e-6)
        }
    }

    @Test(arguments: [0, 2])
    func resumesToTheBitFromAnyStep(workerCount: Int) throws {
        let folder = try TemporaryFolder()
        let last = folder.url.appendingPathComponent("last.safetensors")
        func weighted(killAfterStep: Int? = nil) -> Trainer {
            var callbacks: [any TrainerCallback] = [
                DivergenceCheck(), EarlyStopping(patience: 9), Checkpointer(last: last, every: .steps(1)),
            ]
            if let killAfterStep { callbacks.append(Kill(afterStep: killAfterStep)) }
            return trainer(
                metrics: [], workerCount: workerCount, callbacks: callbacks, step: { $0.weightedStep($1) })
        }
        func outcome(_ trainer: Trainer) -> [[Double]] {
            trainer.records.map { [$0.trainLoss, $0.validationLoss ?? .nan] }
                + trainer.module.parameters().map { $0.value.array(of: Double.self) }
        }
        let reference = try withSeed(1) {
            let trainer = weighted()
            try trainer.fit(epochs: 2)
            return outcome(trainer)
        }
        for step in 1...8 {
            _ = withSeed(1) {
                #expect(throws: Killed.self) { try weighted(killAfterStep: step).fit(epochs: 2) }
            }
            try withSeed(77) {
                let trainer = weighted()
                try Checkpoint(from: last).restore(trainer)
                try trainer.fit(epochs: 2 - trainer.records.count)
                #expect(outcome(trainer) == reference, "killed after step \(step)")
            }
        }
    }

    /// The first format had no weights.
    @Test func aStateWithoutAWeightIsOneOfSamples() throws {
        let text = Data(#"{"sum": 6, "sampleCount": 4}"#.utf8)
        var mean = RunningMean(try JSONDecoder().decode(RunningMean.State.self, from: text))
        #expect(mean.mean() == 1.5)
        mean.add(mean: Tensor(Float(3)), sampleCount: 1, weight: 2)
        #expect(mean.mean() == 2 && mean.sampleCount == 5 && mean.weight == 6)
        let state = mean.state()
        #expect(try JSONDecoder().decode(RunningMean.State.self, from: JSONEncoder().encode(state)) == state)
    }

    @Test func theSweepTakesBatchesOfAnyKind() throws {
        try withSeed(5) {
            let net = TwoInputs()
            let before = net.stateDictionary().mapValues(\.hostArray)
            let batches = DataLoader(Measurements(), batchSize: 8, shuffle: true)
            let sweep = try sweepLearningRate(
                net, SGD(net.parameters(), learningRate: 1), on: batches, rates: 1e-4...100, step: net.step)
            #expect((1e-3...1).contains(try #require(sweep.suggestion)))
            #expect(net.stateDictionary().mapValues(\.hostArray) == before)
            #expect(batches.position == BatchPosition(epoch: 0))
        }
    }

    @Test func theSweepTakesBackTheStateOfEveryOptimizer() throws {
        let makers: [([Parameter]) -> any Optimizer] = [
            { SGD($0, learningRate: 1, momentum: 0.9) }, { Adam($0) }, { AdamW($0) }, { RMSprop($0) }, { Adagrad($0) },
            { Adadelta($0) }, { Yogi($0) },
        ]
        for make in makers {
            let net = TwoInputs()
            let optimizer = make(net.parameters())
            net.step(try Measurements().batch(at: [0, 1, 2])).loss.backward()
            optimizer.step()
            func state() -> ([String: HostArray], [String: Double]) {
                (optimizer.savedState().tensors.mapValues(\.hostArray), optimizer.savedState().numbers)
            }
            let (before, weights) = (state(), net.stateDictionary().mapValues(\.hostArray))
            let batches = DataLoader(Measurements(), batchSize: 8)
            let sweep = try sweepLearningRate(net, optimizer, on: batches, stepCount: 5, step: net.step)
            #expect(sweep.losses.count > 1 && Set(sweep.losses).count > 1, "\(type(of: optimizer))")
            #expect(state() == before, "\(type(of: optimizer))")
            #expect(net.stateDictionary().mapValues(\.hostArray) == weights, "\(type(of: optimizer))")
        }
    }

    /// A source that has no place to go on from.
    private struct Repeated: Batches, IteratorProtocol {
        let count = 3
        var made = 0
        mutating func next() -> Measurements.Batch? {
            guard made < count else { return nil }
            made += 1
            return try? Measurements().batch(at: [made, made + 1])
        }
    }

    @Test func batchesNeedNoMoreThanACountAndAnIterator() throws {
        func trainer() -> Trainer {
            let net = TwoInputs()
            return Trainer(
                net, training: Repeated(), validation: Repeated(), optimizer: SGD(net.parameters(), learningRate: 0.1),
                metrics: [absoluteError], step: net.step)
        }
        let whole = trainer()
        let records = try whole.fit(epochs: 2)
        #expect(whole.totalSteps == 6 && whole.losses.sampleCount == 6)
        #expect(records.allSatisfy { $0.validationLoss?.isFinite == true })
        // Between epochs it goes on; in the middle of one it cannot, and says so.
        let other = trainer()
        try other.restore(whole.state)
        #expect(try other.fit(epochs: 1).map(\.epoch) == [3])
        var middle = whole.state
        (middle.isUnderway, middle.step) = (true, 2)
        let error = #expect(throws: TrainerStateError.self) { try trainer().restore(middle) }
        #expect(error?.reason == "it stands in the middle of an epoch, and the data cannot be resumed there")
    }

    @Test func classifiersOfAnyBatchesAreMeasured() throws {
        // The kind itself, of which every tenth is taken for the next.
        let net = Sequential { Linear(inputSize: 3, outputSize: 3) }
        let result = try evaluateClassifier(
            net, on: DataLoader(Measurements(), batchSize: 7), classNames: ["a", "b", "c"], mistakeCount: 2,
            showing: \.numbers
        ) { batch in
            let isWrong = (batch.weights .> 2).cast(to: .float32)
            let logits = batch.kinds * 4 + batch.kinds.rolled() * 8 * isWrong
            return StepResult(
                loss: logits.mean(), sampleCount: batch.count, outputs: logits, targets: batch.kinds.argmax(axis: 1))
        }
        #expect(result.confusion.sampleCount == 30 && abs(result.accuracy - 20 / 30) < 1e-12)
        #expect(result.worstMistakes.map(\.index) == [0, 1])
        #expect(result.worstMistakes.map { $0.input?.shape } == [[2], [2]])
        let hidden = try evaluateClassifier(
            net, on: DataLoader(Measurements(), batchSize: 7), classNames: ["a", "b", "c"], mistakeCount: 2
        ) {
            StepResult(loss: $0.kinds.mean(), sampleCount: 1, outputs: 1 - $0.kinds, targets: $0.kinds.argmax(axis: 1))
        }
        #expect(hidden.worstMistakes.count == 2 && hidden.worstMistakes.allSatisfy { $0.input == nil })
    }

    @Test func errorsOfAModuleWithTwoInputsNameItsParts() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let net = TwoInputs(numbersSize: 5)
            let trainer = Trainer(
                net, training: DataLoader(Measurements(), batchSize: 8),
                optimizer: SGD(net.parameters(), learningRate: 0.1), step: net.step)
            try trainer.fit(epochs: 1)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("TwoInputs.numbers"), "\(text)")
    }

    @Test func metricsNeedOutputsAndTargets() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let net = TwoInputs()
            let trainer = Trainer(
                net, training: DataLoader(Measurements(), batchSize: 8),
                optimizer: SGD(net.parameters(), learningRate: 0.1), metrics: [.accuracy], step: net.weightedStep)
            try trainer.fit(epochs: 1)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("has no outputs to measure them on"), "\(text)")
        let other = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let net = TwoInputs()
            let trainer = Trainer(
                net, training: DataLoader(Measurements(), batchSize: 8),
                optimizer: SGD(net.parameters(), learningRate: 0.1), step: net.step)
            _ = try trainer.evaluate(on: DataLoader(Sentences(), batchSize: 4))
        }
        let kinds = String(decoding: other?.standardErrorContent ?? [], as: UTF8.self)
        #expect(kinds.contains("Trainer.evaluate:") && kinds.contains("Measurements"), "\(kinds)")
    }
}

extension Tensor {
    /// The columns moved on by one, the last to the front.
    fileprivate func rolled() -> Tensor { concatenate([self[0..., 2...], self[0..., ..<2]], axis: 1) }
}
