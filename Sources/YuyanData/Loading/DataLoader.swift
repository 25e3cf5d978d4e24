import YuyanCore

/// A place in a stream of batches; what must be saved to continue there.
public struct BatchPosition: Sendable, Hashable, Codable {
    /// The epoch, from 0.
    public var epoch: Int
    /// The number of its batches that have been delivered.
    public var batch: Int

    /// The place in front of a batch, counted from 0.
    public init(epoch: Int, batch: Int = 0) {
        self.epoch = epoch
        self.batch = batch
    }
}

/// Reads a data set in batches, one epoch for each `for` loop.
///
///     let batches = DataLoader(TensorDataset(features, labels), batchSize: 10, shuffle: true)
///     for epoch in 0..<3 {
///         for (x, y) in batches { … }   // another order in each epoch
///     }
///
/// A `for` loop cannot throw: a sample that cannot be read ends the program with a message that names it. Where files come
/// from others, ask for batches with `nextBatch()`, which throws, as `Trainer.fit` does:
///
///     let epoch = batches.makeIterator()
///     while let (x, y) = try epoch.nextBatch() { … }
///
/// Batches are made when they are asked for, or by loading threads a little ahead; leaving the loop early stops them.
/// Order and contents depend only on the data set, the sampler or seed, and the epoch: not on `workerCount`.
public final class DataLoader<Source: Dataset, Batch>: Sequence {
    /// A place among the batches.
    public typealias Position = BatchPosition

    /// Where the samples come from.
    public let dataset: Source
    /// Samples in a batch; the last of an epoch may have fewer.
    public let batchSize: Int
    /// The order of the samples.
    public let sampler: any Sampler
    /// Threads that load batches ahead; 0 loads each when it is asked for.
    public let workerCount: Int
    /// Whether batches would lie in memory that a GPU can read; without one it changes nothing.
    public let pinMemory: Bool
    /// Whether a last batch with fewer samples is left out.
    public let dropLast: Bool
    /// The seed of the shuffled order and of random numbers that the data set draws.
    public let seed: UInt64
    /// The number of batches in an epoch.
    public let count: Int

    private let makeBatch: @Sendable (Source, ArraySlice<Int>) throws -> Batch
    private var place = Position(epoch: 0)
    /// Where the next loop starts if it is not at `place`, because batches have been delivered since that was set or an
    /// epoch ended: where this one started while it has delivered one batch, then at the next epoch.
    private var nextStart: Position?

    /// A loader whose batches are made by `collate`.
    ///
    /// - Parameters:
    ///   - dataset: the samples.
    ///   - batchSize: samples in a batch, at least 1.
    ///   - shuffle: whether each epoch reads all samples in a new random order.
    ///   - sampler: the order to read in. It wins over `shuffle`, which is then ignored.
    ///   - workerCount: 0 loads in the caller's thread; more start that many loading threads of low priority for each
    ///     epoch. The data set is then read by several threads at once.
    ///   - pinMemory: whether batches are copied to page-locked host memory, which speeds up copies to a GPU. Without
    ///     a GPU there is nothing to speed up, and it changes nothing.
    ///   - dropLast: whether an incomplete last batch is left out rather than delivered smaller.
    ///   - seed: makes the shuffled order reproducible; by default drawn from `Generator.current`.
    ///   - collate: makes a batch of a list of samples.
    ///
    /// Traps if `batchSize` is below 1 or `workerCount` below 0.
    public convenience init(
        _ dataset: Source, batchSize: Int = 1, shuffle: Bool = false, sampler: (any Sampler)? = nil,
        workerCount: Int = 0, pinMemory: Bool = false, dropLast: Bool = false, seed: UInt64? = nil,
        collate: @escaping @Sendable ([Source.Sample]) -> Batch
    ) {
        self.init(
            dataset, batchSize, shuffle, sampler, workerCount, pinMemory, dropLast, seed,
            makeBatch: { dataset, indices in collate(try dataset.samples(at: indices)) })
    }

    private init(
        _ dataset: Source, _ batchSize: Int, _ shuffle: Bool, _ sampler: (any Sampler)?, _ workerCount: Int,
        _ pinMemory: Bool, _ dropLast: Bool, _ seed: UInt64?,
        makeBatch: @escaping @Sendable (Source, ArraySlice<Int>) throws -> Batch
    ) {
        guard batchSize >= 1 else { failure("DataLoader: batchSize is \(batchSize), it must be at least 1") }
        guard workerCount >= 0 else { failure("DataLoader: workerCount is \(workerCount), it must be at least 0") }
        let seed = seed ?? drawnSeed()
        let ownSampler: any Sampler =
            shuffle ? RandomSampler(count: dataset.count, seed: seed) : SequentialSampler(count: dataset.count)
        self.dataset = dataset
        self.batchSize = batchSize
        self.sampler = sampler ?? ownSampler
        self.workerCount = workerCount
        self.pinMemory = pinMemory
        self.dropLast = dropLast
        self.seed = seed
        self.makeBatch = makeBatch
        let sampleCount = self.sampler.count
        count = dropLast ? sampleCount / batchSize : (sampleCount + batchSize - 1) / batchSize
    }

    /// Where the stream stands. It moves with each delivered batch, and to the next epoch when one ends.
    ///
    /// A loop that follows on an unfinished one starts the next epoch; but if that one was left after a single batch, the
    /// next starts where it did, and the position is that place again: a look at the first batch changes nothing. After
    /// the position has been set, the next loop starts exactly there, in the middle of an epoch, too: that is how a run is
    /// resumed.
    public var position: Position {
        get { place }
        set {
            guard newValue.epoch >= 0, (0...count).contains(newValue.batch) else {
                failure("DataLoader: no epoch of \(count) batches has the position \(newValue)")
            }
            place = newValue
            nextStart = nil
        }
    }

    /// Starts an epoch.
    public func makeIterator() -> Iterator {
        if let nextStart { position = nextStart }
        let order = sampler.indices(epoch: place.epoch)
        guard order.count == sampler.count else {
            failure("DataLoader: the sampler's count is \(sampler.count), but it gave \(order.count) indices")
        }
        if let wrong = order.first(where: { !(0..<dataset.count).contains($0) }) {
            failure("DataLoader: the sampler gave index \(wrong), the data set has \(dataset.count) samples")
        }
        return Iterator(self, start: place, order: order)
    }

    /// Delivers the batches of one epoch. Copies share their place.
    public final class Iterator: IteratorProtocol {
        private let loader: DataLoader
        private let start: Position
        private var batch: Int
        private let make: @Sendable (Int) throws -> Batch
        private let prefetcher: Prefetcher<Result<Batch, any Error>>?
        private var failure: (any Error)?

        fileprivate init(_ loader: DataLoader, start: Position, order: [Int]) {
            self.loader = loader
            self.start = start
            batch = start.batch
            make = loader.batchMaker(epoch: start.epoch, order: order)
            if loader.workerCount > 0, start.batch < loader.count {
                prefetcher = Prefetcher(start.batch..<loader.count, threadCount: loader.workerCount) { [make] batch in
                    Result { try make(batch) }
                }
            } else {
                prefetcher = nil
            }
        }

        deinit { loader.leave(start) }

        /// The next batch, or nil at the end of the epoch. Ends the program if a sample cannot be read.
        public func next() -> Batch? {
            do {
                return try nextBatch()
            } catch {
                YuyanCore.failure("DataLoader: \(error)")
            }
        }

        /// The next batch, or nil at the end of the epoch.
        ///
        /// - Throws: `SampleError`, or what the data set's own `batch(at:)` throws, if a sample cannot be read; then the
        ///   epoch is over for this iterator, which throws the same again. The loader stands at the batch that failed:
        ///   the next loop tries it again.
        public func nextBatch() throws -> Batch? {
            if let failure { throw failure }
            guard batch < loader.count else {
                loader.finish(start.epoch)
                return nil
            }
            let result: Batch
            do {
                result = try prefetcher?.next().get() ?? make(batch)
            } catch {
                failure = error
                loader.position = Position(epoch: start.epoch, batch: batch)
                throw error
            }
            batch += 1
            loader.deliver(batch, from: start)
            return result
        }
    }

    /// Notes that a loop has delivered the batches before `batch`.
    private func deliver(_ batch: Int, from start: Position) {
        place = Position(epoch: start.epoch, batch: batch)
        nextStart = batch == start.batch + 1 ? start : Position(epoch: start.epoch + 1)
    }

    /// Notes that the loop from `start` is over: if it only looked at a batch, nothing has happened.
    private func leave(_ start: Position) {
        if nextStart == start { position = start }
    }

    private func finish(_ epoch: Int) {
        guard place.epoch == epoch else { return }
        position = Position(epoch: epoch + 1)
    }

    /// Makes batch number b of an epoch, on any thread, on the device and with the random numbers it would have here.
    private func batchMaker(epoch: Int, order: [Int]) -> @Sendable (Int) throws -> Batch {
        let device = Device.current
        return { [dataset, batchSize, seed, makeBatch] batch in
            let indices = order[(batch * batchSize)...].prefix(batchSize)
            let generator = batchGenerator(seed: seed, epoch: epoch, batch: batch)
            return try withDevice(device) {
                try withGenerator(generator) {
                    try LoaderEpoch.$current.withValue(LoaderEpoch(seed: seed, epoch: epoch)) {
                        try makeBatch(dataset, indices)
                    }
                }
            }
        }
    }
}

extension DataLoader where Batch == Source.Batch {
    /// A loader whose batches are made by the data set's own `collate` or `batch(at:)`.
    ///
    /// - Parameters:
    ///   - dataset: the samples.
    ///   - batchSize: samples in a batch, at least 1.
    ///   - shuffle: whether each epoch reads all samples in a new random order.
    ///   - sampler: the order to read in. It wins over `shuffle`, which is then ignored.
    ///   - workerCount: 0 loads in the caller's thread; more start that many loading threads of low priority for each
    ///     epoch. The data set is then read by several threads at once.
    ///   - pinMemory: whether batches are copied to page-locked host memory, which speeds up copies to a GPU. Without
    ///     a GPU there is nothing to speed up, and it changes nothing.
    ///   - dropLast: whether an incomplete last batch is left out rather than delivered smaller.
    ///   - seed: makes the shuffled order reproducible; by default drawn from `Generator.current`.
    ///
    /// Traps if `batchSize` is below 1 or `workerCount` below 0.
    public convenience init(
        _ dataset: Source, batchSize: Int = 1, shuffle: Bool = false, sampler: (any Sampler)? = nil,
        workerCount: Int = 0, pinMemory: Bool = false, dropLast: Bool = false, seed: UInt64? = nil
    ) {
        self.init(
            dataset, batchSize, shuffle, sampler, workerCount, pinMemory, dropLast, seed,
            makeBatch: { dataset, indices in try dataset.batch(at: indices) })
    }
}

// Outside the class, where `Generator` would mean an old name of `Sequence.Iterator`.

/// A seed that depends on the current generator's seed and place.
func drawnSeed() -> UInt64 {
    let words = Generator.current.nextKey().words(block: 0)
    return UInt64(words.x) << 32 | UInt64(words.y)
}

/// The random numbers that a data set may draw while it makes one batch. Its draws are apart from the seed's own.
private func batchGenerator(seed: UInt64, epoch: Int, batch: Int) -> Generator {
    let generator = Generator(seed: ~seed)
    generator.state.draws = UInt64(epoch) << 40 | UInt64(batch) << 16
    return generator
}

/// The epoch for which a loader reads samples, on whatever thread.
private struct LoaderEpoch {
    @TaskLocal static var current: LoaderEpoch?

    var seed: UInt64
    var epoch: Int
    /// How many data sets that draw stand around the one that is read.
    var depth = 0
}

/// Reads a sample of what a data set is made of, whose random numbers are others than its own.
func withInnerDraws<Result>(areRandom: Bool, _ body: () throws -> Result) rethrows -> Result {
    guard areRandom, var place = LoaderEpoch.current else { return try body() }
    place.depth += 1
    return try LoaderEpoch.$current.withValue(place, operation: body)
}

/// What the random numbers of one sample depend on: where a loader reads it, the loader's seed, the epoch and the index;
/// elsewhere the current generator, from which nothing is drawn unless `isRandom`.
func sampleKey(_ index: Int, isRandom: Bool) -> RandomKey {
    guard isRandom else { return RandomKey(seed: 0, draw: 0) }
    guard let place = LoaderEpoch.current else { return Generator.current.nextKey() }
    // The highest bit keeps these draws apart from those of the batches.
    let seed = ~place.seed &+ UInt64(place.depth) &* 0x9E37_79B9_7F4A_7C15  // 2⁶⁴ / golden ratio
    return RandomKey(seed: seed, draw: 1 << 63 | UInt64(place.epoch) << 40 | UInt64(index))
}
