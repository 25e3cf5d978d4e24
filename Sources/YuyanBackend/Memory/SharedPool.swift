import Synchronization
import YuyanKernels

/// What the threads share of a pool, behind a lock. Source and system are asked outside of it: they may take
/// milliseconds, and other threads compute meanwhile.
final class SharedPool: Sendable {
    private let source: MemorySource
    private let contents: Mutex<PoolContents>

    init(source: MemorySource) {
        self.source = source
        contents = Mutex(PoolContents(joinsSegments: source.extend != nil))
    }

    // MARK: Small blocks

    /// A block for the thread of `cache`, which gets some more of this class if there are any.
    func takeSmall(_ sizeClass: SizeClass, _ cache: ThreadCache?) -> UnsafeMutableRawPointer {
        let kept = contents.withLock { contents in
            contents.look(at: cache)
            let block = contents.takeSmall(sizeClass, cache)
            if block != nil, cache == nil { contents.countShared(sizeClass.byteCount) }
            return block
        }
        var block = kept
        if block == nil {
            let new = allocate(least: sizeClass.byteCount, wanted: sizeClass.byteCount)
            contents.withLock { contents in
                contents.countNew(new.byteCount)
                if cache == nil { contents.countShared(sizeClass.byteCount) }
            }
            block = new.address
        }
        guard let block else { fatalError("memory: no block") }
        if let cache { yuyan_cache_count(cache.pointer, sizeClass.byteCount) }
        return block
    }

    /// Takes a block that the thread's cache has no room for, and half of what it keeps of this class.
    func putSmall(_ block: UnsafeMutableRawPointer, _ sizeClass: SizeClass, _ cache: ThreadCache?) {
        if let cache { yuyan_cache_count(cache.pointer, -sizeClass.byteCount) }
        contents.withLock { contents in
            contents.look(at: cache)
            if let cache {
                contents.takeOver(sizeClass.mostCached / 2, of: sizeClass.index, from: cache)
                // The block that was in use last is the warmest.
                let index = Int32(truncatingIfNeeded: sizeClass.index)
                var blocks: UnsafeMutableRawPointer? = block
                if yuyan_cache_move_in(cache.pointer, index, 1, &blocks) == 1 { return }
            } else {
                contents.countShared(-sizeClass.byteCount)
            }
            contents.small[sizeClass.index].append(block)
        }
    }

    // MARK: Large blocks

    func takeLarge(_ byteCount: Int, _ cache: ThreadCache?) -> UnsafeMutableRawPointer {
        let pageCount = (byteCount + Span.pageByteCount - 1) / Span.pageByteCount
        let kept = contents.withLock { contents in
            contents.look(at: cache)
            return contents.takeLarge(pageCount)
        }
        if let kept { return kept }
        let least = (byteCount + MemorySource.hugePage - 1) / MemorySource.hugePage * MemorySource.hugePage
        while true {
            let segment = extendSegment(pageCount) ?? allocate(least: least, pageCount)
            let block = contents.withLock { contents in
                contents.addSegment(segment, for: pageCount)
                return contents.takeLarge(pageCount)
            }
            // Another thread may have been faster.
            if let block { return block }
        }
    }

    func putLarge(_ block: UnsafeMutableRawPointer, _ byteCount: Int, _ cache: ThreadCache?) {
        let isKnown = contents.withLock { contents in
            contents.look(at: cache)
            return contents.putLarge(block, isMedium: byteCount <= PoolContents.mediumByteCount)
        }
        guard isKnown else { fatalError("memory: a block of \(byteCount) bytes was freed that is not in use") }
    }

    // MARK: The source

    /// A new block that adjoins a segment, with whose free bytes it is long enough; nil if there is none.
    private func extendSegment(_ pageCount: Int) -> SystemBlock? {
        guard let extend = source.extend,
            let (byteCount, address) = contents.withLock({ $0.segmentToExtend(pageCount) })
        else { return nil }
        return extend(byteCount, address).map { SystemBlock(address: $0, byteCount: byteCount) }
    }

    private func allocate(least: Int, _ pageCount: Int) -> SystemBlock {
        allocate(least: least, wanted: contents.withLock { $0.growth(least: least, pageCount) })
    }

    /// A new block of `wanted` bytes, or of `least` if there is no more.
    private func allocate(least: Int, wanted: Int) -> SystemBlock {
        let (surplus, bytes) = contents.withLock { $0.makeRoom(least: least, wanted: wanted) }
        giveBack(surplus)
        if let address = source.allocate(bytes) { return SystemBlock(address: address, byteCount: bytes) }
        giveBack(contents.withLock { $0.removeFree() })
        if let address = source.allocate(least) { return SystemBlock(address: address, byteCount: least) }
        let statistics = self.statistics
        fatalError(
            """
            memory: the system has no block of \(least) bytes left; \(statistics.bytesInUse) bytes are in use. Smaller \
            batches need less
            """)
    }

    private func giveBack(_ blocks: [SystemBlock]) {
        for block in blocks { source.free(block.address, block.byteCount) }
    }

    /// Returns what is free to the source.
    func trim(_ cache: ThreadCache?) {
        giveBack(
            contents.withLock { contents in
                contents.look(at: cache)
                if let cache {
                    for index in 0..<SizeClass.count { contents.takeOver(.max, of: index, from: cache) }
                }
                return contents.removeFree()
            })
    }

    deinit { trim(nil) }

    // MARK: Threads

    func open(_ cache: ThreadCache) { contents.withLock { $0.open(cache) } }

    func close(_ cache: ThreadCache) { contents.withLock { $0.close(cache) } }

    // MARK: Statistics

    var statistics: MemoryStatistics { contents.withLock { $0.statistics } }

    func resetPeak() { contents.withLock { $0.resetPeak() } }
}
