/// Takes part in training: shows progress, writes files, stops it. All that a `Trainer` does beside training is done by
/// these.
///
/// Each function does nothing unless it is implemented. An error that one throws ends the training.
public protocol TrainerCallback: AnyObject {
    /// Before the first epoch of each `fit`.
    func trainingWillBegin(_ trainer: Trainer) throws
    func epochWillBegin(_ trainer: Trainer) throws
    /// After the parameters have changed. Reading `trainer.losses` here waits for the step's result.
    func stepDidEnd(_ trainer: Trainer) throws
    /// After training and validation; `record` is the last of `trainer.records`.
    func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) throws
    /// After the last epoch of each `fit`, unless an error ended it.
    func trainingDidEnd(_ trainer: Trainer) throws
}

extension TrainerCallback {
    public func trainingWillBegin(_ trainer: Trainer) throws {}
    public func epochWillBegin(_ trainer: Trainer) throws {}
    public func stepDidEnd(_ trainer: Trainer) throws {}
    public func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) throws {}
    public func trainingDidEnd(_ trainer: Trainer) throws {}
}

/// The numbers of one epoch.
public struct EpochRecord: Sendable, Hashable, Codable {
    /// From 1.
    public var epoch: Int
    /// The mean loss of the samples, each at the moment when it was trained on.
    public var trainLoss: Double
    public var trainAccuracy: Double?
    /// The mean loss on the validation batches after the epoch, if there are any.
    public var validationLoss: Double?
    public var validationAccuracy: Double?
    /// Samples trained on in each second of training, validation left out.
    public var samplesPerSecond: Double
    /// The length of the epoch, validation included.
    public var seconds: Double

    public init(
        epoch: Int, trainLoss: Double, trainAccuracy: Double? = nil, validationLoss: Double? = nil,
        validationAccuracy: Double? = nil, samplesPerSecond: Double, seconds: Double
    ) {
        self.epoch = epoch
        self.trainLoss = trainLoss
        self.trainAccuracy = trainAccuracy
        self.validationLoss = validationLoss
        self.validationAccuracy = validationAccuracy
        self.samplesPerSecond = samplesPerSecond
        self.seconds = seconds
    }
}
