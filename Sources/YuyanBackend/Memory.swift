import Glibc
import Synchronization

/// Counts of the memory that tensors hold.
public struct MemoryStatistics: Sendable, Hashable {
    /// Bytes that tensors use now, rounded up to block sizes.
    public internal(set) var bytesInUse = 0
    /// The largest `bytesInUse` so far.
    public internal(set) var peakBytesInUse = 0
    /// Bytes taken from the system: in use, and kept for the next tensors.
    public internal(set) var bytesReserved = 0
    /// How often a block was taken from the system.
    public internal(set) var systemAllocations = 0

    /// The statistics at this moment.
    public static var current: MemoryStatistics { Memory.pool.withLock { $0.statistics } }

    /// Forgets the peak: it starts again from the bytes in use now.
    public static func resetPeak() {
        Memory.pool.withLock { $0.statistics.peakBytesInUse = $0.statistics.bytesInUse }
    }
}

/// Aligned blocks that are kept by size class when freed, and never returned to the system.
package enum Memory {
    fileprivate static let pool = Mutex(Pool())

    /// Whether each block is as long as the request and goes back to the system when freed, so that the address sanitizer
    /// sees what is read or written beside it: see Scripts/test-sanitizer.sh.
    package static var isExact: Bool {
        #if ExactMemory
            true
        #else
            false
        #endif
    }

    /// A block of at least `byteCount` bytes, 64-byte aligned, with unspecified contents.
    package static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        let sizeClass = SizeClass(atLeast: byteCount)
        if let block = pool.withLock({ $0.take(sizeClass) }) { return block }
        // Outside the lock: the system may take milliseconds, and other threads compute meanwhile.
        guard let block = Pool.allocate(byteCount: isExact ? byteCount : sizeClass.byteCount) else {
            let bytesInUse = pool.withLock { $0.statistics.bytesInUse } - sizeClass.byteCount
            fatalError(
                "memory: the system has no block of \(sizeClass.byteCount) bytes left; \(bytesInUse) bytes are in use")
        }
        pool.withLock { $0.countNew(sizeClass) }
        return block
    }

    /// Gives back a block that `allocate(byteCount:)` returned for the same count.
    package static func free(_ block: UnsafeMutableRawPointer, byteCount: Int) {
        let sizeClass = SizeClass(atLeast: byteCount)
        pool.withLock { $0.put(block, sizeClass) }
    }
}

/// Four block sizes an octave, from 64 bytes on: at most a fifth of a block is unused.
private struct SizeClass {
    let index: Int
    let byteCount: Int

    init(atLeast requested: Int) {
        let needed = max(requested, 64)
        let octave = Int.bitWidth - 1 - (needed - 1).leadingZeroBitCount  // 2^octave < needed ≤ 2^(octave + 1)
        let quarter = 1 << max(octave - 2, 4)
        let steps = (needed - 1 - (1 << octave)) / quarter + 1
        byteCount = (1 << octave) + steps * quarter
        index = octave * 4 + steps
    }
}

/// Its free blocks are nobody else's, and the lock around it guards them.
private struct Pool: ~Copyable, @unchecked Sendable {
    private static let hugePage = 2 << 20
    private static let classCount = 64 * 4

    /// The first free block of each class; a free block begins with the address of the next one.
    private let heads: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    var statistics = MemoryStatistics()

    init() {
        heads = .allocate(capacity: Pool.classCount)
        heads.initialize(repeating: nil, count: Pool.classCount)
    }

    /// A block that was freed before; nil if there is none of this size, and one must be allocated. Counts it either way.
    mutating func take(_ sizeClass: SizeClass) -> UnsafeMutableRawPointer? {
        statistics.bytesInUse += sizeClass.byteCount
        if statistics.bytesInUse > statistics.peakBytesInUse { statistics.peakBytesInUse = statistics.bytesInUse }
        guard let block = heads[sizeClass.index] else { return nil }
        heads[sizeClass.index] = block.load(as: UnsafeMutableRawPointer?.self)
        return block
    }

    mutating func put(_ block: UnsafeMutableRawPointer, _ sizeClass: SizeClass) {
        statistics.bytesInUse -= sizeClass.byteCount
        if Memory.isExact {
            statistics.bytesReserved -= sizeClass.byteCount
            Glibc.free(block)
            return
        }
        block.storeBytes(of: heads[sizeClass.index], as: UnsafeMutableRawPointer?.self)
        heads[sizeClass.index] = block
    }

    mutating func countNew(_ sizeClass: SizeClass) {
        statistics.bytesReserved += sizeClass.byteCount
        statistics.systemAllocations += 1
    }

    /// A block from the system.
    static func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
        var block: UnsafeMutableRawPointer?
        let isHuge = byteCount >= hugePage
        guard posix_memalign(&block, isHuge ? hugePage : 64, byteCount) == 0, let block else { return nil }
        // First use of 4 KiB pages costs eight times as much (19 ms against 2.3 ms for 64 MiB).
        if isHuge { madvise(block, byteCount, MADV_HUGEPAGE) }
        return block
    }
}
