import YuyanCore
import YuyanData

/// Batches of any kind, such as pairs of inputs and targets or a structure of your own. Each `for` loop is one epoch.
///
/// A `DataLoader` is one. Batches of a type of your own need no more than a count and an iterator.
public protocol Batches<Element>: Sequence {
    /// The number of batches in an epoch.
    var count: Int { get }

    /// The next batch of an epoch that `makeIterator()` has begun, or nil at its end. Throws if it cannot be read; by default
    /// it is the iterator's `next()`, which cannot.
    func nextBatch(of epoch: inout Iterator) throws -> Element?
}

extension Batches {
    public func nextBatch(of epoch: inout Iterator) throws -> Element? { epoch.next() }

    /// Calls `body` with each batch of an epoch and how long it took until that was there, until it returns false.
    func forEachBatch(_ body: (Element, _ waited: Duration) throws -> Bool) throws {
        let clock = ContinuousClock()
        var start = clock.now
        var epoch = makeIterator()
        while let batch = try nextBatch(of: &epoch) {
            guard try body(batch, clock.now - start) else { return }
            start = clock.now
        }
    }
}

/// Batches that can go on from a saved place, in the middle of an epoch, too.
public protocol ResumableBatches<Element>: Batches {
    /// Where the stream stands. After it has been set, the next loop starts exactly there.
    var position: BatchPosition { get set }
    /// The seed of their order and of their random numbers; a place means nothing beside another.
    var seed: UInt64 { get }
}

extension DataLoader: ResumableBatches {
    public func nextBatch(of epoch: inout Iterator) throws -> Batch? { try epoch.nextBatch() }
}
