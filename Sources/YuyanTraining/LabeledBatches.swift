import YuyanCore
import YuyanData

/// Batches of inputs and their targets. Each `for` loop is one epoch.
public protocol LabeledBatches: Sequence where Element == (Tensor, Tensor) {
    /// The number of batches in an epoch.
    var count: Int { get }
}

extension DataLoader: LabeledBatches where Batch == (Tensor, Tensor) {}
