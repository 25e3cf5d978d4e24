import Dispatch
import Synchronization
import YuyanCore

/// Makes numbered batches on background threads, a little ahead of the reader, and hands them over in order.
///
/// Thread t of T makes batches t, t + T, t + 2T, …, so the order needs no bookkeeping. Threads end when their batches
/// are made or the prefetcher goes away.
final class Prefetcher<Batch> {
    private let lanes: [Lane<Batch>]
    private var taken = 0

    /// Starts the threads. `make` is called once for each number in `batches`, and keeps no reference to its result.
    init(_ batches: Range<Int>, threadCount: Int, make: @escaping @Sendable (Int) -> Batch) {
        let threadCount = min(threadCount, batches.count)
        lanes = (0..<threadCount).map { _ in Lane() }
        for (index, lane) in lanes.enumerated() {
            let numbers = stride(from: batches.lowerBound + index, to: batches.upperBound, by: threadCount)
            startBackgroundThread(named: "yuyan-loader") {
                for number in numbers {
                    guard lane.waitForRoom() else { return }
                    lane.put(make(number))
                }
            }
        }
    }

    deinit {
        for lane in lanes { lane.close() }
    }

    /// Waits for the next batch. Call it at most once for each number.
    func next() -> Batch {
        defer { taken += 1 }
        return lanes[taken % lanes.count].take()
    }
}

/// What one loading thread has made and the reader has not taken yet: at most `capacity` batches.
private final class Lane<Batch>: Sendable {
    private struct State {
        var batches: [Transfer<Batch>] = []
        var isClosed = false
    }

    private static var capacity: Int { 2 }

    private let state = Mutex(State())
    private let filled = DispatchSemaphore(value: 0)
    private let room = DispatchSemaphore(value: 0)

    init() {
        // Dispatch insists that a semaphore never ends below its first value: start from 0.
        for _ in 0..<Lane.capacity { room.signal() }
    }

    /// Waits until a batch may be put; false if nobody will take it.
    func waitForRoom() -> Bool {
        room.wait()
        return state.withLock { !$0.isClosed }
    }

    func put(_ batch: Batch) {
        let transfer = Transfer(batch)
        state.withLock { $0.batches.append(transfer) }
        filled.signal()
    }

    func take() -> Batch {
        filled.wait()
        let transfer = state.withLock { $0.batches.removeFirst() }
        room.signal()
        return transfer.value
    }

    func close() {
        let unread = state.withLock { state in
            state.isClosed = true
            defer { state.batches = [] }
            return state.batches
        }
        room.signal()
        _ = unread  // Freed here, outside the lock.
    }
}
