import YuyanCore

/// The order in which a loader reads a data set.
public protocol Sampler {
    /// The number of indices that an epoch has.
    var count: Int { get }

    /// The indices of an epoch, `count` of them. They depend on nothing but the sampler and `epoch` (from 0), so that
    /// a run can be resumed at any of them. Indices may repeat or leave samples out.
    func indices(epoch: Int) -> [Int]
}

/// 0, 1, …, count − 1.
public struct SequentialSampler: Sampler, Sendable {
    public let count: Int

    /// The order of so many samples.
    public init(count: Int) { self.count = count }

    public func indices(epoch: Int) -> [Int] { Array(0..<count) }
}

/// A new random order of all samples for each epoch.
public struct RandomSampler: Sampler, Sendable {
    public let count: Int
    /// What the orders of all epochs depend on.
    public let seed: UInt64

    /// Orders of so many samples.
    public init(count: Int, seed: UInt64) {
        self.count = count
        self.seed = seed
    }

    public func indices(epoch: Int) -> [Int] {
        // Draws with the highest bit set are never taken by a `Generator` with the same seed.
        shuffledIndices(count, RandomKey(seed: seed, draw: 1 << 63 | UInt64(epoch)))
    }
}

/// 0, 1, …, count − 1 in a random order, by Fisher and Yates with Philox numbers.
func shuffledIndices(_ count: Int, _ key: RandomKey) -> [Int] {
    var order = Array(0..<count)
    var words = SIMD4<UInt32>()
    for remaining in stride(from: count, to: 1, by: -1) {
        let step = count - remaining
        if step % 4 == 0 { words = key.words(block: UInt64(step / 4)) }
        // A word scaled to 0..<remaining; the bias is at most count / 2³².
        let chosen = Int((UInt64(words[step % 4]) * UInt64(remaining)) >> 32)
        order.swapAt(remaining - 1, chosen)
    }
    return order
}

/// The part of another sampler's order that one of several processes reads: every `worldSize`-th index from `rank` on.
///
/// All processes get equally many indices, so that none waits for another: where they do not come out even, some are
/// read twice, from the start of the order again.
public struct ShardedSampler: Sampler {
    /// The order that is dealt to the processes.
    public let base: any Sampler
    /// The number of this process, 0 ..< worldSize.
    public let rank: Int
    /// The number of processes.
    public let worldSize: Int

    /// Traps unless 0 ≤ `rank` < `worldSize`.
    public init(_ base: any Sampler, rank: Int, worldSize: Int) {
        guard (0..<max(worldSize, 0)).contains(rank) else {
            failure("ShardedSampler: rank \(rank) is none of \(worldSize) processes")
        }
        self.base = base
        self.rank = rank
        self.worldSize = worldSize
    }

    public var count: Int { (base.count + worldSize - 1) / worldSize }

    public func indices(epoch: Int) -> [Int] {
        let order = base.indices(epoch: epoch)
        return (0..<count).map { order[($0 * worldSize + rank) % order.count] }
    }
}
