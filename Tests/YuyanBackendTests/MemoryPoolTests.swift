import Foundation
import Synchronization
import Testing
import YuyanBackend

/// A source that refuses after some bytes, and notices what is given back wrongly.
private final class LimitedSource: Sendable {
    private struct Contents: @unchecked Sendable {
        var limit: Int
        var bytes = 0
        var most = 0
        /// The sizes of blocks that are no huge pages or stay apart, and the huge pages of the others.
        var blocks: [UInt: Int] = [:]
        var hugePages: Set<UInt> = []
        var requests: [Int] = []
    }

    private static let hugePage = 2 << 20
    private let joins: Bool
    private let contents: Mutex<Contents>

    /// - Parameter joins: whether blocks may adjoin and go back in other parts.
    init(limit: Int = .max, joins: Bool = false) {
        self.joins = joins
        contents = Mutex(Contents(limit: limit))
    }

    /// Bytes that were taken and not given back.
    var byteCount: Int { contents.withLock { $0.bytes } }
    /// The sizes of the blocks that were asked for, in order, with those that were refused.
    var requests: [Int] { contents.withLock { $0.requests } }

    var source: MemorySource {
        guard joins else {
            return MemorySource(allocate: { [self] in allocate($0) }, free: { [self] in free($0, $1) })
        }
        return MemorySource(
            allocate: { [self] in allocate($0) }, extend: { [self] in extend($0, $1) }, free: { [self] in free($0, $1) }
        )
    }

    private func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        take(byteCount) { MemorySource.host.allocate(byteCount) }
    }

    private func extend(_ byteCount: Int, _ block: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        take(byteCount) {
            let found = MemorySource.host.extend?(byteCount, block)
            #expect(found == nil || found == block - byteCount)
            return found
        }
    }

    private func free(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
        contents.withLock { contents in
            contents.bytes -= byteCount
            let address = UInt(bitPattern: block)
            var isKnown = true
            if joins, byteCount % Self.hugePage == 0 {
                for page in pages(address, byteCount) where contents.hugePages.remove(page) == nil { isKnown = false }
            } else {
                isKnown = contents.blocks.removeValue(forKey: address) == byteCount
            }
            #expect(isKnown, "a block of \(byteCount) bytes that was not taken")
        }
        MemorySource.host.free(block, byteCount)
    }

    private func pages(_ address: UInt, _ byteCount: Int) -> [UInt] {
        stride(from: 0, to: byteCount, by: Self.hugePage).map { address + UInt($0) }
    }

    private func take(_ byteCount: Int, _ allocate: () -> UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        let isThere = contents.withLock {
            $0.requests.append(byteCount)
            guard byteCount <= $0.limit - $0.bytes else { return false }
            $0.bytes += byteCount
            return true
        }
        guard isThere else { return nil }
        guard let block = allocate() else {
            contents.withLock { $0.bytes -= byteCount }
            return nil
        }
        contents.withLock {
            let address = UInt(bitPattern: block)
            if joins, byteCount % Self.hugePage == 0 {
                $0.hugePages.formUnion(pages(address, byteCount))
            } else {
                $0.blocks[address] = byteCount
            }
        }
        return block
    }
}

private let mebibyte = 1 << 20

@Suite struct MemoryPoolTests {
    /// At most a fifth of a small block is unused, and less than a page of a large one.
    @Test func blocksAreLittleLargerThanNeeded() {
        let pool = MemoryPool(source: LimitedSource().source)
        var previous = 0
        for byteCount in Array(0...10_000) + Array(stride(from: 10_007, to: 100_000, by: 7)) {
            let block = pool.allocate(byteCount: byteCount)
            let size = pool.statistics.bytesInUse
            #expect(size >= max(byteCount, 64) && size >= previous)
            if byteCount > 64 { #expect(size - byteCount < max(size / 5, 16) || size - byteCount < 4096) }
            if byteCount > 32 << 10 { #expect(size - byteCount < 4096) }
            previous = size
            pool.free(block, byteCount: byteCount)
        }
        // The classes of small blocks, and one segment.
        #expect(pool.statistics.systemAllocations == 37 + 1)
    }

    /// All orders of giving three neighbours back.
    @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
    func largeBlocksAreSplitAndJoined(order: [Int]) {
        let system = LimitedSource()
        let pool = MemoryPool(source: system.source)
        let whole = pool.allocate(byteCount: 12 * mebibyte)
        pool.free(whole, byteCount: 12 * mebibyte)
        let sizes = [3, 4, 5].map { $0 * mebibyte }
        let parts = sizes.map { pool.allocate(byteCount: $0) }
        #expect(parts == [whole, whole + sizes[0], whole + sizes[0] + sizes[1]])
        #expect(pool.statistics.bytesInUse == 12 * mebibyte)
        for part in order { pool.free(parts[part], byteCount: sizes[part]) }
        #expect(pool.statistics.bytesInUse == 0)
        #expect(pool.allocate(byteCount: 12 * mebibyte) == whole)
        #expect(system.requests == [12 * mebibyte])
    }

    @Test func theSmallestFreeBlockThatFitsIsTaken() {
        let pool = MemoryPool(source: LimitedSource().source)
        let sizes = [20, 2, 8, 2, 12].map { $0 * mebibyte }
        let segment = pool.allocate(byteCount: 44 * mebibyte)
        pool.free(segment, byteCount: 44 * mebibyte)
        let blocks = sizes.map { pool.allocate(byteCount: $0) }
        for index in [0, 2, 4] { pool.free(blocks[index], byteCount: sizes[index]) }
        #expect(pool.allocate(byteCount: 7 * mebibyte) == blocks[2])
        #expect(pool.allocate(byteCount: 12 * mebibyte) == blocks[4])
        #expect(pool.allocate(byteCount: 13 * mebibyte) == blocks[0])
        #expect(pool.statistics.systemAllocations == 1)
    }

    @Test func trimmingReturnsWhatIsFree() {
        let system = LimitedSource()
        let pool = MemoryPool(source: system.source)
        let small = pool.allocate(byteCount: 1000)
        let medium = pool.allocate(byteCount: 100_000)
        let large = pool.allocate(byteCount: 5 * mebibyte)
        let rest = pool.allocate(byteCount: 3 * mebibyte / 2)
        #expect(pool.statistics.bytesReserved == system.byteCount)
        pool.free(small, byteCount: 1000)
        pool.free(medium, byteCount: 100_000)
        pool.trim()
        // The rest of the first segment of 6 MiB is too short for the second large block.
        #expect(system.byteCount == 8 * mebibyte)
        #expect(pool.statistics.bytesReserved == 8 * mebibyte)
        pool.free(large, byteCount: 5 * mebibyte)
        pool.trim()
        #expect(system.byteCount == 2 * mebibyte)
        pool.free(rest, byteCount: 3 * mebibyte / 2)
        pool.trim()
        #expect(system.byteCount == 0)
        #expect(pool.statistics.bytesReserved == 0)
        #expect(pool.statistics.bytesInUse == 0)
    }

    /// Blocks that grow from step to step need no more than the largest step: what was free joins what is new. In a process
    /// of its own, where no other thread takes the place.
    @Test func segmentsGrow() async {
        await #expect(processExitsWith: .success) {
            let system = LimitedSource(joins: true)
            let pool = MemoryPool(source: system.source)
            for size in stride(from: 4, through: 200, by: 4) {
                pool.free(pool.allocate(byteCount: size << 20), byteCount: size << 20)
            }
            #expect(pool.statistics.bytesReserved == 200 << 20)
            #expect(system.byteCount == 200 << 20)
            // What is in use between free spans stays when those go back.
            let size = (40 << 20) - 4096
            let blocks = (0..<5).map { _ in pool.allocate(byteCount: size) }
            for block in blocks { block.storeBytes(of: 42, as: Int.self) }
            for index in [0, 2, 4] { pool.free(blocks[index], byteCount: size) }
            pool.trim()
            #expect(system.byteCount == pool.statistics.bytesReserved)
            #expect((80...88).contains(system.byteCount >> 20), "\(system.byteCount >> 20)")
            #expect(blocks[1].load(as: Int.self) == 42 && blocks[3].load(as: Int.self) == 42)
            for index in [1, 3] { pool.free(blocks[index], byteCount: size) }
            pool.trim()
            #expect(system.byteCount == 0 && pool.statistics.bytesReserved == 0)
        }
    }

    /// What is free is given back before the source's refusal counts.
    @Test func aRefusalIsAnsweredByGivingBack() {
        let system = LimitedSource(limit: 30 * mebibyte)
        let pool = MemoryPool(source: system.source)
        let small = (0..<100).map { _ in pool.allocate(byteCount: 30_000) }
        let blocks = [8, 10].map { pool.allocate(byteCount: $0 * mebibyte) }
        for block in small { pool.free(block, byteCount: 30_000) }
        for (block, size) in zip(blocks, [8, 10]) { pool.free(block, byteCount: size * mebibyte) }
        let requests = system.requests.count
        // With all that is kept, that would be 48 MiB.
        let large = pool.allocate(byteCount: 30 * mebibyte)
        #expect(system.requests.count == requests + 2)
        #expect(system.byteCount == 30 * mebibyte)
        pool.free(large, byteCount: 30 * mebibyte)
        // A small block gets one, too.
        let tiny = pool.allocate(byteCount: 64)
        pool.free(tiny, byteCount: 64)
        pool.trim()
        #expect(system.byteCount == 0)
    }

    /// A segment may be longer than what is needed now, but need not be.
    @Test func aRefusedLongSegmentIsReplacedByAShortOne() {
        let system = LimitedSource(limit: 66 * mebibyte)
        let pool = MemoryPool(source: system.source)
        _ = pool.allocate(byteCount: 64 * mebibyte)
        _ = pool.allocate(byteCount: 3 * mebibyte / 2)
        #expect(system.requests == [64, 16, 2].map { $0 * mebibyte })
    }

    @Test func theEndOfMemoryIsSaid() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let pool = MemoryPool(source: LimitedSource(limit: 16 << 20).source)
            _ = pool.allocate(byteCount: 10 << 20)
            _ = pool.allocate(byteCount: 8 << 20)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("memory: the system has no block of 8388608 bytes left; 10485760 bytes are in use"))
    }

    @Test(.enabled(if: !Memory.isExact)) func aBlockFreedTwiceIsRefused() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let block = Memory.allocate(byteCount: 100_000)
            Memory.free(block, byteCount: 100_000)
            Memory.free(block, byteCount: 100_000)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("memory: a block of 100000 bytes was freed that is not in use"))
    }

    /// The system refuses for real: its limit for this process leaves no room for both blocks.
    @Test(.enabled(if: !Memory.isExact)) func theSystemsRefusalIsSurvived() async {
        await #expect(processExitsWith: .success) {
            let size = 1 << 30
            let first = Memory.allocate(byteCount: size)
            Memory.free(first, byteCount: size)
            // Pages of virtual memory come first.
            let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")[0]
            let used = try #require(Int(pages)) * 4096
            var limit = rlimit(rlim_cur: rlim_t(used + size / 2), rlim_max: .max)
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0)
            let second = Memory.allocate(byteCount: size + size / 4)
            #expect(MemoryStatistics.current.bytesReserved < 2 * size)
            memset(second, 1, 4096)
        }
    }

    /// Blocks don't overlap, keep what is written into them, and are counted right, whatever the order.
    @Test(arguments: [false, true]) func randomBlocksKeepTheirContents(joins: Bool) {
        let system = LimitedSource(joins: joins)
        let pool = MemoryPool(source: system.source)
        let generator = Generator(seed: 7)
        var blocks: [(pointer: UnsafeMutableRawPointer, byteCount: Int, mark: Int)] = []
        for mark in 0..<20_000 {
            if blocks.isEmpty || (generator.next(below: 100) < 52 && blocks.count < 200) {
                // As many in each octave from 64 bytes to 16 MiB.
                let byteCount = 1 << (6 + generator.next(below: 18)) + generator.next(below: 1000)
                let block = pool.allocate(byteCount: byteCount)
                #expect(UInt(bitPattern: block) % 64 == 0)
                // Its ends are enough: a block that overlaps another one begins or ends inside it, or holds one that does.
                for offset in [0, byteCount / 2 / 8 * 8, byteCount / 8 * 8 - 8] {
                    block.storeBytes(of: mark, toByteOffset: offset, as: Int.self)
                }
                blocks.append((block, byteCount, mark))
            } else {
                let (block, byteCount, mark) = blocks.remove(at: generator.next(below: blocks.count))
                for offset in [0, byteCount / 2 / 8 * 8, byteCount / 8 * 8 - 8] {
                    #expect(block.load(fromByteOffset: offset, as: Int.self) == mark)
                }
                pool.free(block, byteCount: byteCount)
            }
        }
        let wanted = blocks.reduce(0) {
            $0 + $1.byteCount
        }
        let statistics = pool.statistics
        #expect(statistics.bytesInUse >= wanted)
        #expect(statistics.bytesInUse <= wanted + wanted / 4 + 80 * blocks.count)
        #expect(statistics.bytesReserved == system.byteCount)
        #expect(statistics.bytesReserved <= statistics.peakBytesInUse * 3 / 2 + 16 * mebibyte)
        for block in blocks { pool.free(block.pointer, byteCount: block.byteCount) }
        #expect(pool.statistics.bytesInUse == 0)
        pool.trim()
        #expect(system.byteCount == 0)
    }

    /// 1,000 lengths in random order: steps of a few large tensors, of which some grow with the square of the length.
    @Test(arguments: [false, true]) func changingSizesKeepTheReserveBounded(joins: Bool) {
        let system = LimitedSource(joins: joins)
        let pool = MemoryPool(source: system.source)
        var generator = Generator(seed: 3)
        func step(_ length: Int) {
            var blocks: [(UnsafeMutableRawPointer, Int)] = []
            for factor in [256, 1024, 4 * length, 4 * length, 1024, 256, 12 * length] {
                let byteCount = 16 * length * factor
                blocks.append((pool.allocate(byteCount: byteCount), byteCount))
            }
            for block in blocks { pool.free(block.0, byteCount: block.1) }
        }
        var lengths = Array(1...1000)
        var reserved: [Int] = []
        for _ in 0..<3 {
            lengths.shuffle(using: &generator)
            for length in lengths { step(length) }
            reserved.append(pool.statistics.bytesReserved)
        }
        let statistics = pool.statistics
        #expect(statistics.peakBytesInUse > 320 * mebibyte)
        #expect(statistics.bytesReserved <= statistics.peakBytesInUse * 3 / 2 + 16 * mebibyte)
        #expect(reserved[2] - reserved[1] <= 16 * mebibyte, "\(reserved)")
    }

    /// The same step over and over takes nothing from the source once warm.
    @Test(arguments: [false, true]) func aSteadyLoopTakesNothing(joins: Bool) {
        let pool = MemoryPool(source: LimitedSource(joins: joins).source)
        var generator = Generator(seed: 11)
        // Sizes and the order in which they are given back, the same in every step.
        let sizes = (0..<60).map { _ in 1 << (6 + generator.next(below: 17)) + generator.next(below: 5000) }
        let order = Array(sizes.indices).shuffled(using: &generator)
        func step() {
            var blocks: [UnsafeMutableRawPointer?] = sizes.indices.map { _ in nil }
            for (index, size) in sizes.enumerated() {
                blocks[index] = pool.allocate(byteCount: size)
                // One goes for each that comes, from the middle on.
                if index >= 30, let block = blocks[order[index - 30]] {
                    pool.free(block, byteCount: sizes[order[index - 30]])
                    blocks[order[index - 30]] = nil
                }
            }
            for (index, block) in blocks.enumerated() { if let block { pool.free(block, byteCount: sizes[index]) } }
        }
        for _ in 0..<5 { step() }
        let warm = pool.statistics.systemAllocations
        for _ in 0..<100 { step() }
        #expect(pool.statistics.systemAllocations == warm)
    }
}

extension Generator {
    func next(below bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
