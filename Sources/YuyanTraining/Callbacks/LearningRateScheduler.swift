import YuyanNN

/// Sets the optimizer's learning rate factor by a schedule before each step. It needs no state of its own: its place is
/// the trainer's.
public final class LearningRateScheduler: TrainerCallback {
    /// What the schedule counts, from 0: all steps, or all epochs.
    public enum Unit: Sendable, Hashable {
        /// One step of the optimizer.
        case step
        /// One pass through the training set.
        case epoch
    }

    /// The factors.
    public let schedule: any LearningRateSchedule
    /// What the schedule counts.
    public let unit: Unit

    /// Multiplies the learning rate by a schedule's factors, which count epochs unless told otherwise.
    public init(_ schedule: any LearningRateSchedule, every unit: Unit = .epoch) {
        self.schedule = schedule
        self.unit = unit
    }

    public func optimizerWillStep(_ trainer: Trainer) {
        let position = unit == .step ? trainer.totalSteps : trainer.records.count
        trainer.optimizer.learningRateFactor = schedule.factor(at: position)
    }
}
