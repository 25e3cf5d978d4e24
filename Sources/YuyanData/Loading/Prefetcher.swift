import Dispatch
import Synchronization
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
private final class Shelf<Batch>: Sendable {
    private struct State {
        /// The number that the reader takes next.
        var next: Int
        /// The number that a thread begins next.
        var begun: Int
        var batches: [Int: Transfer<Batch>] = [:]
        /// The shortest time in which the reader has made a batch.
        var duration = Duration.zero
        var isReaderWaiting = false
        var waitingThreads = 0
        var isClosed = false
    }

    private let state: Mutex<State>
    private let end: Int
    private let room: Int
    /// For the reader and for the threads; whoever is woken looks at the state again.
    private let filled = DispatchSemaphore(value: 0)
    private let freed = DispatchSemaphore(value: 0)

    init(_ numbers: Range<Int>, room: Int) {
        (end, self.room) = (numbers.upperBound, room)
        // The first number is the reader's.
        state = Mutex(State(next: numbers.lowerBound, begun: numbers.lowerBound + 1))
    }

    // MARK: - Threads

    /// Waits until there is room, and takes a number to make; nil if nothing is left to do.
    func begin() -> Int? {
        while true {
            let (number, isDone): (Int?, Bool) = state.withLock { state in
                guard !state.isClosed, state.begun < end else { return (nil, true) }
                guard state.begun < state.next + room else {
                    state.waitingThreads += 1
                    return (nil, false)
                }
                defer { state.begun += 1 }
                return (state.begun, false)
            }
            if number != nil || isDone { return number }
            freed.wait()
        }
    }

    func put(_ batch: Batch, as number: Int) {
        let transfer = Transfer(batch)
        let isAwaited = state.withLock { state in
            // The reader may have lost patience.
            guard number >= state.next, !state.isClosed else { return false }
            state.batches[number] = transfer
            defer { state.isReaderWaiting = false }
            return state.isReaderWaiting
        }
        if isAwaited { filled.signal() }
    }

    // MARK: - Reader

    /// The number that the reader takes next.
    var next: Int { state.withLock { $0.next } }

    /// The next batch, once a thread has made it; nil if the reader had better make it: no thread has begun it, or takes
    /// longer than so many times what the reader would take.
    func take(patience: Int) -> Transfer<Batch>? {
        var deadline: DispatchTime?
        while true {
            let (batch, duration): (Transfer<Batch>?, Duration) = state.withLock { state in
                guard state.begun > state.next, state.duration > .zero else { return (nil, .zero) }
                let batch = state.batches.removeValue(forKey: state.next)
                state.isReaderWaiting = batch == nil
                return (batch, state.duration)
            }
            if let batch {
                advance { _ in }
                return batch
            }
            if duration == .zero { return nil }
            // Small batches take less than it takes to wake a thread.
            let limit = duration * patience + .milliseconds(1)
            let end = deadline ?? .now() + limit / .seconds(1)
            deadline = end
            if filled.wait(timeout: end) == .timedOut { return nil }
        }
    }

    /// Notes that the reader has made the next batch itself, and how long that took.
    func skip(after time: Duration) {
        let late = advance { state in
            state.isReaderWaiting = false
            state.duration = state.duration == .zero ? time : min(state.duration, time)
            return state.batches.removeValue(forKey: state.next)
        }
        _ = late  // Freed here, outside the lock.
    }

    private func advance<Result: Sendable>(_ change: (inout State) -> Result) -> Result {
        let (result, wakesThread) = state.withLock { state in
            let result = change(&state)
            state.next += 1
            state.begun = max(state.begun, state.next)
            let wakesThread = state.waitingThreads > 0
            if wakesThread { state.waitingThreads -= 1 }
            return (result, wakesThread)
        }
        if wakesThread { freed.signal() }
        return result
    }

    func close() {
        let (unread, sleeping) = state.withLock { state in
            state.isClosed = true
            defer { (state.batches, state.waitingThreads) = ([:], 0) }
            return (state.batches, state.waitingThreads)
        }
        for _ in 0..<sleeping { freed.signal() }
        _ = unread  // Freed here, outside the lock.
    }
}
