import Foundation
import Synchronization
import Testing
import YuyanCore
import YuyanData

/// Rows [i, 10i] with label i.
private func numbers(_ count: Int) -> TensorDataset<(Tensor, Tensor)> {
    let features = (0..<count).flatMap { [Float($0), Float(10 * $0)] }
    return TensorDataset(Tensor(features, shape: [count, 2]), Tensor((0..<count).map { Int64($0) }))
}

/// The labels of all batches of one epoch.
private func labels<Source>(_ loader: DataLoader<Source, (Tensor, Tensor)>) -> [[Int64]] {
    loader.map { $0.1.array(of: Int64.self) }
}

private struct Backwards: Sampler {
    var count: Int
    func indices(epoch: Int) -> [Int] { (0..<count).reversed() }
}

/// Samples that are made one by one, with random numbers in them.
private struct Noisy: Dataset {
    let count = 50

    subscript(index: Int) -> (Tensor, Tensor) { (Tensor.normal([2]), Tensor(Int64(index))) }
}

/// Samples that cost background threads half a second each, as if other programs had the cores.
private final class Slow: Dataset {
    let count = 60
    let readByReader = Atomic(0)

    subscript(index: Int) -> (Tensor, Tensor) {
        if getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) == 19 {
            usleep(500_000)
        } else {
            readByReader.add(1, ordering: .relaxed)
        }
        return (Tensor.zeros([1]), Tensor(Int64(index)))
    }
}

/// Samples that are no tensors.
private struct Words: Dataset {
    let words = ["one", "two", "three"]
    var count: Int { words.count }
    subscript(index: Int) -> String { words[index] }
    func collate(_ samples: [String]) -> [Int] { samples.map(\.count) }
}

@Suite(.serialized) struct DataLoaderTests {
    @Test func batchSizes() {
        let loader = DataLoader(numbers(10), batchSize: 3)
        #expect(loader.count == 4)
        #expect(loader.map { $0.0.shape } == [[3, 2], [3, 2], [3, 2], [1, 2]])
        #expect(labels(loader) == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]])
        let dropping = DataLoader(numbers(10), batchSize: 3, dropLast: true)
        #expect(dropping.count == 3)
        #expect(labels(dropping) == [[0, 1, 2], [3, 4, 5], [6, 7, 8]])
        #expect(DataLoader(numbers(1000), batchSize: 300).map { $0.1.shape[0] } == [300, 300, 300, 100])
        #expect(DataLoader(numbers(2)).map { $0.0.shape } == [[1, 2], [1, 2]])
        #expect(DataLoader(numbers(0), batchSize: 3).map { $0.0.shape } == [])
    }

    @Test func batchesHoldTheRowsOfTheirIndices() {
        for (x, y) in DataLoader(numbers(20), batchSize: 6, shuffle: true, seed: 1) {
            let expected = y.array(of: Int64.self).flatMap { [Float($0), Float(10 * $0)] }
            #expect(x.array(of: Float.self) == expected)
        }
    }

    @Test func shuffledOrders() {
        let loader = DataLoader(numbers(100), batchSize: 7, shuffle: true, seed: 5)
        let first = labels(loader)
        let second = labels(loader)
        #expect(first != second)
        for epoch in [first, second] {
            #expect(epoch.joined().sorted() == (0..<100).map { Int64($0) })
            #expect(Array(epoch.joined()) != (0..<100).map { Int64($0) })
        }
        let again = DataLoader(numbers(100), batchSize: 7, shuffle: true, seed: 5)
        #expect([labels(again), labels(again)] == [first, second])
        #expect(labels(DataLoader(numbers(100), batchSize: 7, shuffle: true, seed: 6)) != first)
    }

    @Test func theSeedComesFromTheCurrentGenerator() {
        func order() -> [[Int64]] { labels(DataLoader(numbers(50), batchSize: 50, shuffle: true)) }
        let (a, b) = withGenerator(Generator(seed: 3)) { (order(), order()) }
        #expect(a != b)
        #expect(withGenerator(Generator(seed: 3)) { order() } == a)
    }

    @Test func permutationsAreUniform() {
        var counts: [[Int]: Int] = [:]
        for epoch in 0..<6000 { counts[RandomSampler(count: 3, seed: 2).indices(epoch: epoch), default: 0] += 1 }
        #expect(counts.count == 6)
        // Each is expected 1000 times with a deviation of 29.
        for (order, count) in counts { #expect(abs(count - 1000) < 130, "\(order)") }
    }

    @Test func theSamplerWinsOverShuffle() {
        let loader = DataLoader(numbers(5), batchSize: 2, shuffle: true, sampler: Backwards(count: 5))
        #expect(labels(loader) == [[4, 3], [2, 1], [0]])
        let part = DataLoader(numbers(5), batchSize: 2, sampler: Backwards(count: 3))
        #expect(part.count == 2)
        #expect(labels(part) == [[2, 1], [0]])
    }

    @Test(arguments: [1, 2, 5])
    func workersChangeNothing(workerCount: Int) {
        func epochs<Source: Dataset>(_ dataset: Source, _ workerCount: Int) -> [HostArray]
        where Source.Batch == (Tensor, Tensor) {
            let loader = DataLoader(dataset, batchSize: 3, shuffle: true, workerCount: workerCount, seed: 9)
            return (0..<3).flatMap { _ in loader.flatMap { [$0.0.hostArray, $0.1.hostArray] } }
        }
        #expect(epochs(numbers(50), workerCount) == epochs(numbers(50), 0))
        #expect(epochs(Noisy(), workerCount) == epochs(Noisy(), 0))
        #expect(epochs(numbers(2), workerCount) == epochs(numbers(2), 0))
        #expect(epochs(numbers(0), workerCount).isEmpty)
    }

    @Test func leavingALoopEndsTheWorkers() throws {
        let loader = DataLoader(numbers(1000), batchSize: 1, workerCount: 3)
        for round in 0..<20 {
            for (_, y) in loader {
                #expect(y.array(of: Int64.self) == [0], "round \(round)")
                break
            }
        }
        let deadline = Date(timeIntervalSinceNow: 10)
        while try !workerThreads().isEmpty, Date() < deadline { usleep(10_000) }
        #expect(try workerThreads().isEmpty)
    }

    /// Where background threads get no time, the reader makes the batches: those that none has begun, and one that takes
    /// too long.
    @Test func theReaderDoesNotWaitForStarvedWorkers() throws {
        let slow = Slow()
        let loader = DataLoader(slow, batchSize: 2, workerCount: 2)
        for _ in 0..<2 {
            #expect(labels(loader).joined().elementsEqual((0..<60).map { Int64($0) }))
        }
        // Two threads sleep for half a second at each sample.
        #expect(slow.readByReader.load(ordering: .relaxed) >= 100)
    }

    @Test func workersYieldToTheComputeThread() throws {
        let iterator = DataLoader(numbers(1000), batchSize: 1, workerCount: 2).makeIterator()
        _ = iterator.next()
        _ = iterator.next()
        // The reader makes what no worker has begun, and does not wait until they have started.
        let deadline = Date(timeIntervalSinceNow: 10)
        while try workerThreads().filter({ $0 == 19 }).count < 2, Date() < deadline { usleep(1_000) }
        let threads = try workerThreads()
        #expect(threads.count >= 2)
        #expect(threads.allSatisfy { $0 == 19 })
        #expect(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) < 19)
    }

    /// The niceness of each loading thread of this process.
    private func workerThreads() throws -> [Int] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { thread in
            // A thread may end between the two reads.
            guard let text = try? String(contentsOfFile: "/proc/self/task/\(thread)/stat", encoding: .utf8),
                text.contains("(yuyan-loader)"), let end = text.lastIndex(of: ")")
            else { return nil }
            return Int(text[end...].split(separator: " ")[17])
        }
    }

    @Test func batchesAreMadeWhenAskedFor() {
        final class Counting: Dataset {
            let reads = Mutex(0)
            let count = 100
            subscript(index: Int) -> Tensor {
                reads.withLock { $0 += 1 }
                return Tensor([Float(index)])
            }
        }
        let dataset = Counting()
        for _ in DataLoader(dataset, batchSize: 10) { break }
        #expect(dataset.reads.withLock { $0 } == 10)
        #expect(DataLoader(dataset, batchSize: 10).first { _ in true }?.shape == [10, 1])
    }

    @Test func collateFunctions() {
        let sums = DataLoader(numbers(5), batchSize: 2, workerCount: 2) { samples in
            samples.reduce(0) { $0 + $1.1.array(of: Int64.self)[0] }
        }
        #expect(Array(sums) == [1, 5, 4])
        #expect(Array(DataLoader(Words(), batchSize: 2)) == [[3, 3], [5]])
        #expect(Array(DataLoader(Words(), batchSize: 2) { $0.joined() }) == ["onetwo", "three"])
    }

    @Test func tensorDatasetsOfAnyWidth() {
        let a = Tensor([1, 2, 3] as [Float])
        let b = Tensor([4, 5, 6, 7, 8, 9] as [UInt8], shape: [3, 2])
        #expect(DataLoader(TensorDataset(a), batchSize: 2).map { $0.array(of: Float.self) } == [[1, 2], [3]])
        #expect(
            DataLoader(TensorDataset([a, b, a]), batchSize: 2).map { $0.map(\.shape) } == [
                [[2], [2, 2], [2]], [[1], [1, 2], [1]],
            ])
        for (x, y, z) in DataLoader(TensorDataset(a, b, a), batchSize: 3) {
            #expect(x.hostArray == a.hostArray)
            #expect(y.hostArray == b.hostArray)
            #expect(z.hostArray == a.hostArray)
        }
        let pair = TensorDataset(a, b)
        #expect(pair.count == 3)
        #expect(pair[1].0.shape == [])
        #expect(pair[1].1.array(of: UInt8.self) == [6, 7])
        // One sample at a time gives what the gather gives.
        let collated = pair.collate([pair[2], pair[0]])
        #expect(collated.0.hostArray == pair.batch(at: [2, 0]).0.hostArray)
        #expect(collated.1.hostArray == pair.batch(at: [2, 0]).1.hostArray)
    }

    @Test(arguments: [0, 2])
    func positionsResumeAnEpoch(workerCount: Int) {
        func loader() -> DataLoader<TensorDataset<(Tensor, Tensor)>, (Tensor, Tensor)> {
            DataLoader(numbers(10), batchSize: 3, shuffle: true, workerCount: workerCount, seed: 4)
        }
        let whole = loader()
        #expect(whole.position == .init(epoch: 0))
        let epochs = (0..<3).map { _ in labels(whole) }
        #expect(whole.position == .init(epoch: 3))

        let interrupted = loader()
        _ = labels(interrupted)
        for (index, _) in interrupted.enumerated() where index == 1 { break }
        #expect(interrupted.position == .init(epoch: 1, batch: 2))

        let resumed = loader()
        resumed.position = interrupted.position
        #expect(labels(resumed) == Array(epochs[1][2...]))
        #expect(labels(resumed) == epochs[2])
        #expect(resumed.position == .init(epoch: 3))
        // The loop that was left goes on with the next epoch.
        #expect(labels(interrupted) == epochs[2])
        // All delivered, but the end not yet seen.
        resumed.position = .init(epoch: 1, batch: 4)
        #expect(labels(resumed) == [])
        #expect(labels(resumed) == epochs[2])
    }

    @Test(arguments: [0, 2])
    func aLookAtTheFirstBatchChangesNothing(workerCount: Int) {
        func loader() -> DataLoader<TensorDataset<(Tensor, Tensor)>, (Tensor, Tensor)> {
            DataLoader(numbers(10), batchSize: 3, shuffle: true, workerCount: workerCount, seed: 4)
        }
        let whole = loader()
        let epochs = (0..<3).map { _ in labels(whole) }
        let peeked = loader()
        for _ in 0..<2 {
            #expect(peeked.makeIterator().next()?.1.array(of: Int64.self) == epochs[0][0])
            #expect(peeked.position == .init(epoch: 0))
        }
        for _ in peeked { break }
        #expect(peeked.position == .init(epoch: 0))
        #expect(labels(peeked) == epochs[0])
        _ = peeked.first { _ in true }
        #expect(peeked.position == .init(epoch: 1))
        #expect(labels(peeked) == epochs[1])
        // In the middle of an epoch, too.
        peeked.position = .init(epoch: 1, batch: 2)
        _ = peeked.makeIterator().next()
        #expect(peeked.position == .init(epoch: 1, batch: 2))
        #expect(labels(peeked) == Array(epochs[1][2...]))
        #expect(labels(peeked) == epochs[2])
    }

    /// A training saves its place after the first batch of an epoch, too.
    @Test func insideALoopTheFirstBatchCounts() {
        let loader = DataLoader(numbers(10), batchSize: 3, shuffle: true, seed: 4)
        var positions: [BatchPosition] = []
        for _ in loader { positions.append(loader.position) }
        #expect(positions == (1...4).map { BatchPosition(epoch: 0, batch: $0) })
        #expect(loader.position == .init(epoch: 1))
        // Where somebody sets a place meanwhile, it stays.
        let iterator = loader.makeIterator()
        withExtendedLifetime(iterator) {
            _ = iterator.next()
            loader.position = .init(epoch: 5, batch: 1)
        }
        #expect(loader.position == .init(epoch: 5, batch: 1))
    }

    @Test func sizesAreChecked() async {
        let batchSize = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = DataLoader(numbers(3), batchSize: 0)
        }
        #expect(text(batchSize).contains("DataLoader: batchSize is 0, it must be at least 1"))
        let workerCount = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = DataLoader(numbers(3), workerCount: -1)
        }
        #expect(text(workerCount).contains("DataLoader: workerCount is -1, it must be at least 0"))
        let rows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = TensorDataset(Tensor([1, 2, 3] as [Float]), Tensor([1, 2] as [Float], shape: [2, 1]))
        }
        #expect(text(rows).contains("TensorDataset: the first axes must have equal sizes, got [3], [2, 1]"))
    }

    @Test func indicesAndSamplesAreChecked() async {
        let sampler = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = labels(DataLoader(numbers(3), sampler: Backwards(count: 4)))
        }
        #expect(text(sampler).contains("DataLoader: the sampler gave index 3, the data set has 3 samples"))
        let index = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = numbers(3)[3]
        }
        #expect(text(index).contains("data set: index 3 is outside 0..<3"))
        let ragged = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            struct Ragged: Dataset {
                let count = 2
                subscript(index: Int) -> Tensor { Tensor([Float](repeating: 0, count: index + 1)) }
            }
            _ = Array(DataLoader(Ragged(), batchSize: 2))
        }
        #expect(text(ragged).contains("sample 1: float32 [2]"))
    }

    private func text(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
}

@Suite struct ShardedSamplerTests {
    /// Together the processes read what one would, and equally much each.
    @Test(arguments: [1, 2, 3, 4, 7])
    func processesShareAnEpoch(worldSize: Int) {
        let base = RandomSampler(count: 10, seed: 3)
        let shards = (0..<worldSize).map { ShardedSampler(base, rank: $0, worldSize: worldSize) }
        for epoch in 0..<2 {
            let order = base.indices(epoch: epoch)
            let parts = shards.map { $0.indices(epoch: epoch) }
            #expect(Set(parts.map(\.count)) == [(10 + worldSize - 1) / worldSize])
            #expect(parts.allSatisfy { $0.count == shards[0].count })
            // Reading in turns gives the order of one process, then its start again.
            let together = (0..<shards[0].count).flatMap { step in parts.map { $0[step] } }
            #expect(Array(together.prefix(10)) == order)
            #expect(Array(together.dropFirst(10)) == Array(order.prefix(together.count - 10)))
        }
    }

    @Test func anEmptySetHasNoShards() {
        #expect(ShardedSampler(SequentialSampler(count: 0), rank: 1, worldSize: 2).indices(epoch: 0) == [])
    }
}
