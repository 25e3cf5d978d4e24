/// What the weights that a training ended with achieve on the test set.
public struct TestRecord: Sendable, Hashable, Codable {
    /// The epoch whose weights they are, from 1.
    public var epoch: Int
    /// The mean loss of a sample.
    public var loss: Double
    /// The metrics by name.
    public var metrics: [String: Double]

    /// The numbers of the weights of an epoch, counted from 1.
    public init(epoch: Int, loss: Double, metrics: [String: Double] = [:]) {
        self.epoch = epoch
        self.loss = loss
        self.metrics = metrics
    }

    /// The accuracy on the test set, if it was measured.
    public var accuracy: Double? { metrics[Metric.accuracy.name] }
}
