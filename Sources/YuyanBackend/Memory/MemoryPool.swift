import YuyanKernels

/// Memory that is kept when it is freed, and used again: one pool for each kind of memory.
///
/// Blocks of up to 32 KiB come in size classes. Each thread keeps some free ones for itself, so that taking one and giving
/// it back need no lock; a block may be freed on another thread than it was made on. Larger blocks are cut from segments
/// of whole huge pages and, some later, join their free neighbours, so that any size can use them again.
///
/// What is kept is bounded: before the pool takes more than half again of the peak in use from the source, it returns
/// segments of which nothing is in use. When the source refuses, it returns all that is free and asks again.
package struct MemoryPool: Sendable {
    private let shared: SharedPool
    /// The number of the threads' caches; -1 if there are none.
    private let caches: Int32

    /// - Parameter hasThreadCaches: False if small blocks, too, are taken under the lock. A pool with caches lasts as long
    ///   as the program, and there can be eight.
    package init(source: MemorySource, hasThreadCaches: Bool = false) {
        shared = SharedPool(source: source)
        caches =
            hasThreadCaches
            ? yuyan_cache_register(Unmanaged.passRetained(shared).toOpaque()) { pool, cache in
                guard let pool, let cache = ThreadCache(cache) else { return }
                Unmanaged<SharedPool>.fromOpaque(pool).takeUnretainedValue().close(cache)
            } : -1
    }

    /// A block of at least `byteCount` bytes, 64-byte aligned, with unspecified contents. Traps if there is no memory
    /// left.
    package func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        guard byteCount <= SizeClass.largest else {
            return shared.takeLarge(byteCount, ThreadCache(yuyan_cache_find(caches)))
        }
        let sizeClass = SizeClass(atLeast: byteCount)
        if let block = yuyan_cache_take(caches, Int32(truncatingIfNeeded: sizeClass.index), sizeClass.byteCount) {
            return block
        }
        return shared.takeSmall(sizeClass, openCache())
    }

    /// Gives back a block that `allocate(byteCount:)` returned for the same count.
    package func free(_ block: UnsafeMutableRawPointer, byteCount: Int) {
        guard byteCount <= SizeClass.largest else {
            return shared.putLarge(block, byteCount, ThreadCache(yuyan_cache_find(caches)))
        }
        let sizeClass = SizeClass(atLeast: byteCount)
        let isKept = yuyan_cache_put(
            caches, Int32(truncatingIfNeeded: sizeClass.index), sizeClass.byteCount,
            Int32(truncatingIfNeeded: sizeClass.mostCached), block)
        if !isKept { shared.putSmall(block, sizeClass, openCache()) }
    }

    /// The statistics at this moment.
    package var statistics: MemoryStatistics { shared.statistics }

    /// Forgets the peak: it starts again from the bytes in use now.
    package func resetPeak() { shared.resetPeak() }

    /// Returns what is free to the source, but for the small blocks that other threads keep.
    package func trim() { shared.trim(ThreadCache(yuyan_cache_find(caches))) }

    private func openCache() -> ThreadCache? {
        guard caches >= 0 else { return nil }
        if let cache = ThreadCache(yuyan_cache_find(caches)) { return cache }
        guard let cache = ThreadCache(yuyan_cache_open(caches)) else { fatalError("memory: the system has none left") }
        shared.open(cache)
        return cache
    }
}

/// What a thread keeps for itself of a pool. Others read its counts, under the pool's lock.
struct ThreadCache: @unchecked Sendable, Equatable {
    let pointer: UnsafeMutablePointer<yuyan_thread_cache>

    init?(_ pointer: UnsafeMutablePointer<yuyan_thread_cache>?) {
        guard let pointer else { return nil }
        self.pointer = pointer
    }
}
