import YuyanCore
import YuyanData

extension Trainer {
    /// What a trainer must keep, beside tensors, to continue to the bit: also in the middle of an epoch.
    public struct State: Sendable, Hashable, Codable {
        /// The epochs that have ended.
        public var records: [EpochRecord]
        /// Steps since the training began.
        public var totalSteps: Int
        /// Whether the epoch after those of `records` has begun. What follows but the positions is about that epoch.
        public var isUnderway: Bool
        /// Steps of the epoch.
        public var step: Int
        /// The losses of the epoch so far.
        public var losses: RunningMean.State
        /// The metrics of the epoch so far, by name.
        public var metrics: [String: RunningMean.State]
        /// How long the epoch has taken so far.
        public var seconds: Double
        /// How much of it has been spent waiting for batches; nil in states from before version 0.2.
        public var dataSeconds: Double?
        /// nil if the batches cannot be resumed.
        public var trainingPosition: BatchPosition?
        /// The seed that shuffles the batches; nil if there is none.
        public var trainingSeed: UInt64?
        /// Where the validation batches stand; nil if they cannot be resumed.
        public var validationPosition: BatchPosition?
        /// That of `Generator.current`.
        public var generator: Generator.State
    }

    /// The state after the last step.
    public var state: State {
        let batches = resumableTraining
        var position = isUnderway ? trainingPosition : batches?.position
        // Between epochs the end of one is the start of the next.
        if !isUnderway, let place = position, place.batch == stepsPerEpoch {
            position = BatchPosition(epoch: place.epoch + 1)
        }
        return State(
            records: records, totalSteps: totalSteps, isUnderway: isUnderway, step: isUnderway ? step : 0,
            losses: isUnderway ? losses.state() : RunningMean.State(),
            metrics: isUnderway ? means.states() : [:], seconds: isUnderway ? secondsOfEpoch : 0,
            dataSeconds: isUnderway ? dataSeconds : 0,
            trainingPosition: position, trainingSeed: batches?.seed,
            validationPosition: validationPosition ?? resumableValidation?.position,
            generator: Generator.current.state)
    }

    /// Puts the trainer, its data and `Generator.current` into a saved state. The next `fit` goes on there.
    ///
    /// - Throws: `TrainerStateError` if the data are others: a different seed or number of batches.
    public func restore(_ state: State) throws(TrainerStateError) {
        if let seed = state.trainingSeed, let own = resumableTraining?.seed, seed != own {
            throw TrainerStateError(reason: "its data are shuffled with seed \(seed), those given with \(own)")
        }
        let positions = [
            (state.trainingPosition, resumableTraining), (state.validationPosition, resumableValidation),
        ]
        for case (let position?, let batches?) in positions {
            guard position.epoch >= 0, (0...batches.count).contains(position.batch) else {
                throw TrainerStateError(
                    reason: "it stands at batch \(position.batch) of epoch \(position.epoch), "
                        + "an epoch has \(batches.count)")
            }
        }
        guard (0...stepsPerEpoch).contains(state.step), state.totalSteps >= state.step else {
            throw TrainerStateError(reason: "it stands at step \(state.step), an epoch has \(stepsPerEpoch)")
        }
        if state.isUnderway, state.step > 0, resumableTraining == nil || state.trainingPosition == nil {
            throw TrainerStateError(reason: "it stands in the middle of an epoch, and the data cannot be resumed there")
        }
        records = state.records
        totalSteps = state.totalSteps
        isUnderway = state.isUnderway
        step = state.step
        losses = RunningMean(state.losses)
        means = MetricMeans(metrics)
        means.restore(state.metrics)
        secondsBefore = state.seconds
        dataSeconds = state.dataSeconds ?? 0
        trainingPosition = state.trainingPosition
        for case (let position?, var batches?) in positions { batches.position = position }
        Generator.current.state = state.generator
    }
}

/// A saved state does not belong to a trainer.
public struct TrainerStateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What does not fit, in one line.
    public var reason: String

    public var description: String { "the state does not fit the training: \(reason)" }
}
