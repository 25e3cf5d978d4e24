import YuyanCore

/// Inputs and their labels.
public struct LabeledSample {
    /// `[n, d]`.
    public let features: Tensor
    /// `[n]`, class indices from 0 on.
    public let labels: Tensor

    /// Traps unless the features are `[n, d]`, or `[n]` for one feature, and the labels `[n]`.
    public init(features: some TensorConvertible, labels: some TensorConvertible) {
        let (features, labels) = (features.tensor, labels.tensor)
        guard (1...2).contains(features.rank), labels.rank == 1, features.shape[0] == labels.shape[0] else {
            failure("LabeledSample: features are [n, d] and labels [n], got \(features.shape) and \(labels.shape)")
        }
        self.features = features.rank == 1 ? features.reshaped([-1, 1]) : features
        self.labels = labels
    }

    /// The number of rows.
    public var count: Int { features.shape[0] }
}
