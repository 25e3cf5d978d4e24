/// Takes part in training: shows progress, writes files, stops it (`Trainer.requestStop()`). All that a `Trainer` does
/// beside training is done by these.
///
/// Each function does nothing unless it is implemented. An error that one throws ends the training.
public protocol TrainerCallback: AnyObject {
    /// Before the first epoch of each `fit`.
    func trainingWillBegin(_ trainer: Trainer) throws
    /// Before the first step of each epoch.
    func epochWillBegin(_ trainer: Trainer) throws
    /// When the gradients of a step have arrived, and before the optimizer uses them.
    func optimizerWillStep(_ trainer: Trainer) throws
    /// After the parameters have changed. Reading `trainer.losses` here waits for the step's result.
    func stepDidEnd(_ trainer: Trainer) throws
    /// After training and validation; `record` is the last of `trainer.records`.
    func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) throws
    /// At the end of each `fit`, after the last epoch or where somebody asked it to stop; not after an error.
    func trainingDidEnd(_ trainer: Trainer) throws
}

extension TrainerCallback {
    public func trainingWillBegin(_ trainer: Trainer) throws {}
    /// Before the first step of each epoch.
    public func epochWillBegin(_ trainer: Trainer) throws {}
    public func optimizerWillStep(_ trainer: Trainer) throws {}
    public func stepDidEnd(_ trainer: Trainer) throws {}
    public func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) throws {}
    public func trainingDidEnd(_ trainer: Trainer) throws {}
}
