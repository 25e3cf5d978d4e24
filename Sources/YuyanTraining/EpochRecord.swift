/// The numbers of one epoch.
public struct EpochRecord: Sendable, Hashable, Codable {
    /// From 1.
    public var epoch: Int
    /// The mean loss of the samples, each at the moment when it was trained on.
    public var trainLoss: Double
    /// The metrics by name, each sample at the moment when it was trained on.
    public var trainMetrics: [String: Double]
    /// The mean loss on the validation batches after the epoch, if there are any.
    public var validationLoss: Double?
    /// The metrics by name on the validation batches; empty without them.
    public var validationMetrics: [String: Double]
    /// Samples trained on in each second of training, validation left out.
    public var samplesPerSecond: Double
    /// The length of the epoch, validation included.
    public var seconds: Double

    /// Of the training, validation left out, the part in which it waited for batches, 0…1; nil if it was not measured, as
    /// before version 0.2. Loading threads make it smaller.
    public var dataShare: Double?

    /// The numbers of an epoch, counted from 1.
    public init(
        epoch: Int, trainLoss: Double, trainMetrics: [String: Double] = [:], validationLoss: Double? = nil,
        validationMetrics: [String: Double] = [:], samplesPerSecond: Double, seconds: Double,
        dataShare: Double? = nil
    ) {
        self.epoch = epoch
        self.trainLoss = trainLoss
        self.trainMetrics = trainMetrics
        self.validationLoss = validationLoss
        self.validationMetrics = validationMetrics
        self.samplesPerSecond = samplesPerSecond
        self.seconds = seconds
        self.dataShare = dataShare
    }

    /// The accuracy on the training set, if it was measured.
    public var trainAccuracy: Double? { trainMetrics[Metric.accuracy.name] }
    /// The accuracy on the validation set, if it was measured.
    public var validationAccuracy: Double? { validationMetrics[Metric.accuracy.name] }
}
