import YuyanKernels

/// Free blocks that belong to no thread, and counts of all. Its pool's lock guards it.
struct PoolContents: ~Copyable, @unchecked Sendable {
    /// Free small blocks of each class.
    var small = [[UnsafeMutableRawPointer]](repeating: [], count: SizeClass.count)
    /// Blocks of up to 1 MiB, and larger ones: a small one that lasts would hold a large segment.
    private var medium: SpanHeap
    private var large: SpanHeap
    static let mediumByteCount = 1 << 20

    /// The caches of all threads that have one.
    private var caches: [ThreadCache] = []
    /// Bytes in use, as far as they have been seen.
    private var bytesInUse = 0
    private var peakBytesInUse = 0
    private var bytesReserved = 0
    private var systemAllocations = 0

    init(joinsSegments: Bool) {
        medium = SpanHeap(joinsSegments: joinsSegments)
        large = SpanHeap(joinsSegments: joinsSegments)
    }

    // MARK: Counts

    /// Takes over what the calling thread has counted since the last look.
    mutating func look(at cache: ThreadCache?) {
        guard let cache else { return }
        let seen = cache.pointer.pointee.seen
        peakBytesInUse = max(peakBytesInUse, bytesInUse + yuyan_cache_most_in_use(cache.pointer) - seen)
        cache.pointer.pointee.seen = yuyan_cache_in_use(cache.pointer)
        bytesInUse += cache.pointer.pointee.seen - seen
        yuyan_cache_forget_most(cache.pointer)
    }

    /// Counts a block that no cache counts.
    mutating func countShared(_ byteCount: Int) {
        bytesInUse += byteCount
        peakBytesInUse = max(peakBytesInUse, bytesInUse)
    }

    mutating func countNew(_ byteCount: Int) {
        bytesReserved += byteCount
        systemAllocations += 1
    }

    var statistics: MemoryStatistics {
        var statistics = MemoryStatistics()
        statistics.bytesInUse = bytesInUse
        var peak = bytesInUse
        for cache in caches {
            statistics.bytesInUse += yuyan_cache_in_use(cache.pointer) - cache.pointer.pointee.seen
            peak += yuyan_cache_most_in_use(cache.pointer) - cache.pointer.pointee.seen
        }
        statistics.peakBytesInUse = max(peakBytesInUse, peak)
        statistics.bytesReserved = bytesReserved
        statistics.systemAllocations = systemAllocations
        return statistics
    }

    mutating func resetPeak() {
        peakBytesInUse = statistics.bytesInUse
        for cache in caches { yuyan_cache_forget_most(cache.pointer) }
    }

    // MARK: Threads

    mutating func open(_ cache: ThreadCache) { caches.append(cache) }

    mutating func close(_ cache: ThreadCache) {
        look(at: cache)
        for index in 0..<SizeClass.count { takeOver(.max, of: index, from: cache) }
        caches.removeAll { $0 == cache }
    }

    // MARK: Small blocks

    /// A block of a class; the thread's cache gets some more.
    mutating func takeSmall(_ sizeClass: SizeClass, _ cache: ThreadCache?) -> UnsafeMutableRawPointer? {
        guard let block = small[sizeClass.index].popLast() else { return nil }
        guard let cache else { return block }
        let count = min(sizeClass.mostCached / 2, small[sizeClass.index].count)
        let index = Int32(truncatingIfNeeded: sizeClass.index)
        small[sizeClass.index].withUnsafeBufferPointer { blocks in
            blocks.withMemoryRebound(to: UnsafeMutableRawPointer?.self) {
                guard let end = $0.baseAddress else { return }
                _ = yuyan_cache_move_in(
                    cache.pointer, index, Int32(truncatingIfNeeded: count), end + (blocks.count - count))
            }
        }
        small[sizeClass.index].removeLast(count)
        return block
    }

    /// Moves up to `count` blocks of a class out of the calling thread's cache.
    mutating func takeOver(_ count: Int, of sizeClass: Int, from cache: ThreadCache) {
        withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: Int(YUYAN_CACHED_BLOCKS)) { blocks in
            let moved = yuyan_cache_move_out(
                cache.pointer, Int32(truncatingIfNeeded: sizeClass),
                Int32(truncatingIfNeeded: min(count, blocks.count)),
                blocks.baseAddress)
            for index in 0..<Int(moved) { if let block = blocks[index] { small[sizeClass].append(block) } }
        }
    }

    // MARK: Large blocks

    mutating func takeLarge(_ pageCount: Int) -> UnsafeMutableRawPointer? {
        let byteCount = pageCount * Span.pageByteCount
        let block =
            byteCount <= PoolContents.mediumByteCount
            ? medium.take(pageCount: pageCount) : large.take(pageCount: pageCount)
        if block != nil { countShared(byteCount) }
        return block
    }

    mutating func putLarge(_ block: UnsafeMutableRawPointer, isMedium: Bool) -> Bool {
        guard let byteCount = isMedium ? medium.put(block) : large.put(block) else { return false }
        bytesInUse -= byteCount
        return true
    }

    mutating func addSegment(_ segment: SystemBlock, for pageCount: Int) {
        countNew(segment.byteCount)
        if pageCount * Span.pageByteCount <= PoolContents.mediumByteCount {
            medium.add(segment.address, byteCount: segment.byteCount)
        } else {
            large.add(segment.address, byteCount: segment.byteCount)
        }
    }

    // MARK: Growth

    /// The bytes that a new segment should have: the more there are, the longer, so that there are not many.
    func growth(least: Int, _ pageCount: Int) -> Int {
        max(least, min(heapByteCount(pageCount) / 4, PoolContents.longestGrowth).roundedDownToHugePages)
    }

    /// A segment with free bytes at its beginning, and how many more before them would do. Nil if there is none, or if
    /// other bytes must go back first.
    func segmentToExtend(_ pageCount: Int) -> (byteCount: Int, address: UnsafeMutableRawPointer)? {
        let isMedium = pageCount * Span.pageByteCount <= PoolContents.mediumByteCount
        guard let segment = isMedium ? medium.newestSegment : large.newestSegment else { return nil }
        let missing = pageCount * Span.pageByteCount - segment.freeBytes
        let byteCount = (missing + MemorySource.hugePage - 1).roundedDownToHugePages
        return missing > 0 && excess(least: byteCount, wanted: byteCount) <= 0 ? (byteCount, segment.address) : nil
    }

    private func heapByteCount(_ pageCount: Int) -> Int {
        pageCount * Span.pageByteCount <= PoolContents.mediumByteCount ? medium.byteCount : large.byteCount
    }

    private static let longestGrowth = 32 << 20
    /// A small program does not give back what it will need again.
    private static let slack = 16 << 20

    /// By how much a block of `wanted` bytes, of which `least` will be in use, would make what is kept beside the peak more
    /// than half of it and the slack.
    private func excess(least: Int, wanted: Int) -> Int {
        let peak = max(peakBytesInUse, bytesInUse + least)
        return bytesReserved + wanted - (peak + peak / 2 + PoolContents.slack)
    }

    /// What must go back to the source before a block of `wanted` bytes is taken from it, so that no more is kept; and the
    /// block's bytes: `least` if that does not do.
    mutating func makeRoom(least: Int, wanted: Int) -> (surplus: [SystemBlock], byteCount: Int) {
        let excess = excess(least: least, wanted: wanted)
        guard excess > 0 else { return ([], wanted) }
        let surplus = removeFree(atLeast: excess)
        return (surplus, surplus.reduce(0) { $0 + $1.byteCount } >= excess ? wanted : least)
    }

    /// Takes out free blocks of the source, large ones first, until they have at least `needed` bytes.
    mutating func removeFree(atLeast needed: Int = .max) -> [SystemBlock] {
        var removed = large.removeFree(atLeast: needed)
        var missing = needed - removed.reduce(0) { $0 + $1.byteCount }
        if missing > 0 {
            let segments = medium.removeFree(atLeast: missing)
            missing -= segments.reduce(0) { $0 + $1.byteCount }
            removed += segments
        }
        for index in small.indices.reversed() where missing > 0 {
            let byteCount = SizeClass.byteCount(ofClass: index)
            missing -= small[index].count * byteCount
            removed += small[index].map { SystemBlock(address: $0, byteCount: byteCount) }
            small[index] = []
        }
        bytesReserved -= removed.reduce(0) { $0 + $1.byteCount }
        return removed
    }
}

extension Int {
    fileprivate var roundedDownToHugePages: Int { self / MemorySource.hugePage * MemorySource.hugePage }
}
