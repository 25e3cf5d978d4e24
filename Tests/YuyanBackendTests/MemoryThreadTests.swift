import Glibc
import Synchronization
import Testing
import YuyanBackend

/// Runs `body` on `count` threads at the same time, and waits until they have ended and given back what they kept.
private func onThreads(_ count: Int, _ body: @escaping @Sendable (_ index: Int) -> Void) {
    final class Start: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let threads = (0..<count).map { index in
        var thread = pthread_t()
        let start = Unmanaged.passRetained(Start { body(index) })
        let failure = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, start.toOpaque())
        #expect(failure == 0)
        return thread
    }
    for thread in threads { #expect(pthread_join(thread, nil) == 0) }
}

/// A block with a mark at both ends.
private struct MarkedBlock: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    let byteCount: Int
    let mark: Int

    /// - Parameter byteCount: A multiple of 8.
    init(byteCount: Int, mark: Int) {
        self.byteCount = byteCount
        self.mark = mark
        pointer = Memory.allocate(byteCount: byteCount)
        pointer.storeBytes(of: mark, as: Int.self)
        pointer.storeBytes(of: mark, toByteOffset: byteCount - 8, as: Int.self)
    }

    func free() {
        #expect(pointer.load(as: Int.self) == mark)
        #expect(pointer.load(fromByteOffset: byteCount - 8, as: Int.self) == mark)
        Memory.free(pointer, byteCount: byteCount)
    }
}

/// The pool of the whole process, used from many threads. In processes of their own: it is shared by all tests.
@Suite struct MemoryThreadTests {
    /// Threads come and go, and most blocks are freed on another thread than they were made on.
    @Test(.enabled(if: !Memory.isExact)) func nothingIsLostBetweenThreads() async {
        await #expect(processExitsWith: .success) {
            let before = MemoryStatistics.current.bytesInUse
            let blocks = Mutex<[MarkedBlock]>([])
            for generation in 0..<5 {
                onThreads(8) { index in
                    let generator = Generator(seed: UInt64(generation * 8 + index))
                    for count in 0..<1000 {
                        let size = 16 << generator.next(below: 13) + 8 * generator.next(below: 50)
                        blocks.withLock { $0.append(MarkedBlock(byteCount: size, mark: index << 32 + count)) }
                        let other = blocks.withLock { blocks in
                            blocks.count > 100 ? blocks.swapRemove(at: generator.next(below: blocks.count)) : nil
                        }
                        other?.free()
                    }
                }
            }
            let left = blocks.withLock { $0 }
            #expect(left.count == 100)
            #expect(MemoryStatistics.current.bytesInUse > before)
            for block in left { block.free() }
            #expect(MemoryStatistics.current.bytesInUse == before)
            let statistics = MemoryStatistics.current
            #expect(statistics.peakBytesInUse <= statistics.bytesReserved)
            Memory.host.trim()
            #expect(MemoryStatistics.current.bytesReserved == 0)
        }
    }

    /// What a thread kept goes to the next one.
    @Test(.enabled(if: !Memory.isExact)) func threadsThatEndGiveTheirBlocksBack() async {
        await #expect(processExitsWith: .success) {
            @Sendable func work() {
                var blocks: [MarkedBlock] = []
                for size in [104, 3000, 30_000] {
                    for mark in 0..<20 { blocks.append(MarkedBlock(byteCount: size, mark: mark)) }
                }
                for block in blocks { block.free() }
            }
            onThreads(1) { _ in work() }
            let first = MemoryStatistics.current
            #expect(first.systemAllocations == 60)
            #expect(first.bytesInUse == 0)
            for _ in 0..<100 { onThreads(1) { _ in work() } }
            #expect(MemoryStatistics.current.systemAllocations == 60)
            #expect(MemoryStatistics.current.peakBytesInUse == first.peakBytesInUse)
        }
    }

    /// One thread makes all blocks, and another one frees them: they come back through the shared pool.
    @Test func blocksReturnToTheirMaker() async {
        await #expect(processExitsWith: .success) {
            let queue = Mutex<[MarkedBlock]>([])
            let isDone = Atomic(false)
            onThreads(2) { index in
                if index == 0 {
                    for mark in 0..<100_000 {
                        while queue.withLock({ $0.count >= 32 }) { sched_yield() }
                        queue.withLock { $0.append(MarkedBlock(byteCount: 256, mark: mark)) }
                    }
                    isDone.store(true, ordering: .releasing)
                } else {
                    while true {
                        let isLast = isDone.load(ordering: .acquiring)
                        if let block = queue.withLock({ $0.popLast() }) {
                            block.free()
                        } else if isLast {
                            return
                        } else {
                            sched_yield()
                        }
                    }
                }
            }
            #expect(MemoryStatistics.current.bytesInUse == 0)
            // Those on the way, and those that two threads keep.
            #expect(MemoryStatistics.current.systemAllocations <= 32 + 2 * 64 + 2)
        }
    }

    /// Small blocks that a thread takes from those it keeps count for the peak, whoever asks.
    @Test(.enabled(if: !Memory.isExact)) func thePeakKnowsSmallBlocks() async {
        await #expect(processExitsWith: .success) {
            func makeAndFree(_ count: Int) {
                let blocks = (0..<count).map { MarkedBlock(byteCount: 64, mark: $0) }
                for block in blocks { block.free() }
            }
            makeAndFree(50)
            #expect(MemoryStatistics.current.peakBytesInUse == 50 * 64)
            MemoryStatistics.resetPeak()
            #expect(MemoryStatistics.current.peakBytesInUse == 0)
            makeAndFree(40)
            onThreads(1) { _ in #expect(MemoryStatistics.current.peakBytesInUse == 40 * 64) }
            // A large block comes when the small ones have gone.
            let large = MarkedBlock(byteCount: 1 << 20, mark: 1)
            #expect(MemoryStatistics.current.peakBytesInUse == 1 << 20)
            let small = MarkedBlock(byteCount: 64, mark: 2)
            small.free()
            large.free()
            #expect(MemoryStatistics.current.peakBytesInUse == 1 << 20 + 64)
            #expect(MemoryStatistics.current.bytesInUse == 0)
        }
    }
}

extension [MarkedBlock] {
    /// Takes out an element, in whose place comes the last one.
    fileprivate mutating func swapRemove(at index: Int) -> MarkedBlock {
        swapAt(index, count - 1)
        return removeLast()
    }
}
