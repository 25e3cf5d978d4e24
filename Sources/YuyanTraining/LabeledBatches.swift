import YuyanCore
import YuyanData

/// Batches of inputs and their targets. Each `for` loop is one epoch.
public protocol LabeledBatches: Sequence where Element == (Tensor, Tensor) {
    /// The number of batches in an epoch.
    var count: Int { get }

    /// The next batch of an epoch that `makeIterator()` has begun, or nil at its end. Throws if it cannot be read; by default
    /// it is the iterator's `next()`, which cannot.
    func nextBatch(of epoch: inout Iterator) throws -> (Tensor, Tensor)?
}

extension LabeledBatches {
    public func nextBatch(of epoch: inout Iterator) throws -> (Tensor, Tensor)? { epoch.next() }
}

/// Batches that can go on from a saved place, in the middle of an epoch, too.
public protocol ResumableBatches: LabeledBatches {
    /// Where the stream stands. After it has been set, the next loop starts exactly there.
    var position: BatchPosition { get set }
    /// The seed of their order and of their random numbers; a place means nothing beside another.
    var seed: UInt64 { get }
}

extension DataLoader: LabeledBatches where Batch == (Tensor, Tensor) {
    public func nextBatch(of epoch: inout Iterator) throws -> (Tensor, Tensor)? { try epoch.nextBatch() }
}

extension DataLoader: ResumableBatches where Batch == (Tensor, Tensor) {}
