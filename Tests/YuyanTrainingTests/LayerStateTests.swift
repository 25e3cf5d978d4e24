import Foundation
import Testing
import YuyanCore
import YuyanData
import YuyanNN
import YuyanTraining

/// Buffers belong to a training as the weights do.
@Suite struct LayerStateTests {
    private struct Killed: Error {}

    private final class Kill: TrainerCallback {
        let step: Int
        init(afterStep step: Int) { self.step = step }
        func stepDidEnd(_ trainer: Trainer) throws {
            if trainer.totalSteps == step { throw Killed() }
        }
    }

    /// Three steps an epoch and a validation after it, in which the running averages stand still.
    private static func trainer(_ last: URL, killAfterStep: Int? = nil) -> Trainer {
        let net = Sequential {
            Linear(inputSize: 2, outputSize: 6)
            BatchNorm1D(channels: 6)
            ReLU()
            Linear(inputSize: 6, outputSize: 2)
        }
        var callbacks: [any TrainerCallback] = [Checkpointer(last: last, every: .steps(1))]
        if let killAfterStep { callbacks.append(Kill(afterStep: killAfterStep)) }
        return Trainer(
            net, training: DataLoader(twoClasses(), batchSize: 14, shuffle: true, seed: 9),
            validation: DataLoader(twoClasses(), batchSize: 16, seed: 9),
            optimizer: SGD(net.parameters(), learningRate: 0.3, momentum: 0.9), loss: { crossEntropy($0, $1) },
            callbacks: callbacks)
    }

    private static func state(_ trainer: Trainer) -> [String: HostArray] {
        trainer.module.stateDictionary().mapValues(\.hostArray)
    }

    @Test func runningAveragesResumeToTheBit() throws {
        let folder = try TemporaryFolder()
        let last = folder.url.appendingPathComponent("last.safetensors")
        let whole = withSeed(1) { LayerStateTests.trainer(last) }
        try whole.fit(epochs: 3)
        let expected = LayerStateTests.state(whole)
        #expect(expected["1.num_batches_tracked"] == HostArray([9] as [Int64], shape: []))
        #expect(expected["1.running_mean"] != HostArray([Float](repeating: 0, count: 6), shape: [6]))
        for step in 1...8 {
            let killed = withSeed(1) { LayerStateTests.trainer(last, killAfterStep: step) }
            #expect(throws: Killed.self) { try killed.fit(epochs: 3) }
            let resumed = withSeed(77) { LayerStateTests.trainer(last) }
            try Checkpoint(from: last).restore(resumed)
            try resumed.fit(epochs: 3 - resumed.records.count)
            #expect(LayerStateTests.state(resumed) == expected, "killed after step \(step)")
        }
    }

    /// A search for a learning rate puts them back, too.
    @Test func sweepsLeaveRunningAveragesAlone() throws {
        let folder = try TemporaryFolder()
        let trainer = withSeed(1) { LayerStateTests.trainer(folder.url.appendingPathComponent("last.safetensors")) }
        let before = LayerStateTests.state(trainer)
        _ = try sweepLearningRate(
            try #require(trainer.module as? Layer), trainer.optimizer, on: DataLoader(twoClasses(), batchSize: 14),
            loss: { crossEntropy($0, $1) },
            stepCount: 4)
        #expect(LayerStateTests.state(trainer) == before)
    }

    /// A part in evaluation mode stays so, over epochs and validations.
    @Test func frozenPartsStayFrozen() throws {
        let folder = try TemporaryFolder()
        let trainer = withSeed(1) { LayerStateTests.trainer(folder.url.appendingPathComponent("last.safetensors")) }
        let net = try #require(trainer.module as? Sequential)
        let layer = try #require(net[1] as? BatchNorm1D)
        layer.eval()
        layer.weight!.requiresGradient = false
        let before = LayerStateTests.state(trainer)
        try trainer.fit(epochs: 2)
        #expect(!layer.isTraining && net[0].isTraining)
        let after = LayerStateTests.state(trainer)
        for name in ["1.running_mean", "1.running_var", "1.num_batches_tracked", "1.weight"] {
            #expect(after[name] == before[name], "\(name)")
        }
        #expect(after["0.weight"] != before["0.weight"] && after["1.bias"] != before["1.bias"])
    }
}
