import Foundation
import YuyanCore

/// Makes numbered batches on background threads, a little ahead of the reader, and hands them over in order.
///
/// Where other programs keep the cores busy, background threads get hardly any time. So the reader makes a batch itself
/// that no thread has begun, and one that a thread takes far longer for than it should. Threads end when the batches are
/// made or the prefetcher goes away.
final class Prefetcher<Batch> {
    private let shelf: Shelf<Batch>
    private let make: @Sendable (Int) -> Batch
    private let threadCount: Int

    /// Starts the threads. `make` keeps no reference to its result, and gives the same one each time for a number in
    /// `batches`. It is called on the reader's thread, too: for the first number in any case, so that it is known how
    /// long a batch takes.
    init(_ batches: Range<Int>, threadCount: Int, make: @escaping @Sendable (Int) -> Batch) {
        self.make = make
        // One of the batches is the reader's.
        self.threadCount = min(threadCount, batches.count - 1)
        let shelf = Shelf<Batch>(batches, room: 2 * threadCount)
        self.shelf = shelf
        for _ in 0..<self.threadCount {
            startBackgroundThread(named: "yuyan-loader") {
                while let number = shelf.begin() { shelf.put(make(number), as: number) }
            }
        }
    }

    deinit { shelf.close() }

    /// The next batch. Call it at most once for each number.
    func next() -> Batch {
        // Should all threads and the reader share one core, a batch takes so much longer.
        if let made = shelf.take(patience: threadCount + 1) { return made.value }
        let start = ContinuousClock.now
        let batch = make(shelf.next)
        shelf.skip(after: ContinuousClock.now - start)
        return batch
    }
}

/// What the threads have made and the reader has not taken yet.
private final class Shelf<Batch>: @unchecked Sendable {
    /// Guards everything below.
    private let condition = NSCondition()
    private let end: Int
    private let room: Int
    /// The number that the reader takes next.
    private(set) var next: Int
    /// The number that a thread begins next.
    private var begun: Int
    private var batches: [Int: Transfer<Batch>] = [:]
    /// The shortest time in which the reader has made a batch.
    private var duration = Duration.zero
    private var isClosed = false

    init(_ numbers: Range<Int>, room: Int) {
        (next, end, self.room) = (numbers.lowerBound, numbers.upperBound, room)
        begun = next + 1
    }

    // MARK: - Threads

    /// Waits until there is room, and takes a number to make; nil if nothing is left to do.
    func begin() -> Int? {
        condition.withLock {
            while !isClosed, begun < end, begun >= next + room { condition.wait() }
            guard !isClosed, begun < end else { return nil }
            defer { begun += 1 }
            return begun
        }
    }

    func put(_ batch: Batch, as number: Int) {
        let transfer = Transfer(batch)
        condition.withLock {
            // The reader may have lost patience.
            guard number >= next, !isClosed else { return }
            batches[number] = transfer
            condition.broadcast()
        }
    }

    // MARK: - Reader

    /// The next batch, once a thread has made it; nil if the reader had better make it: no thread has begun it, or takes
    /// longer than so many times what the reader would take.
    func take(patience: Int) -> Transfer<Batch>? {
        condition.withLock { () -> Transfer<Batch>? in
            guard begun > next, duration > .zero else { return nil }
            // Small batches take less than it takes to wake a thread.
            let limit = duration * patience + .milliseconds(1)
            let deadline = Date(timeIntervalSinceNow: limit / .seconds(1))
            while batches[next] == nil {
                guard condition.wait(until: deadline) else { break }
            }
            guard let batch = batches.removeValue(forKey: next) else { return nil }
            advance()
            return batch
        }
    }

    /// Notes that the reader has made the next batch itself, and how long that took.
    func skip(after time: Duration) {
        let late: Transfer<Batch>? = condition.withLock {
            duration = duration == .zero ? time : min(duration, time)
            let late = batches.removeValue(forKey: next)
            advance()
            return late
        }
        _ = late  // Freed here, outside the lock.
    }

    private func advance() {
        next += 1
        begun = max(begun, next)
        condition.broadcast()
    }

    func close() {
        let unread = condition.withLock {
            isClosed = true
            defer { batches = [:] }
            condition.broadcast()
            return batches
        }
        _ = unread  // Freed here, outside the lock.
    }
}
