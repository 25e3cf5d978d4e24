import Glibc

/// Counts of the memory that tensors hold on the processor.
///
/// Bytes are those of blocks, which are a little larger than what was asked for: a fifth at most up to 32 KiB, and the
/// rest of a page of 4 KiB above.
public struct MemoryStatistics: Sendable, Hashable {
    /// Bytes that tensors use now.
    public internal(set) var bytesInUse = 0
    /// The largest `bytesInUse` so far.
    ///
    /// Exact where one thread makes and drops tensors. Where several do, each counts its small blocks (up to 32 KiB) for
    /// itself, so that their peaks add up as if all had come at once: too many by what the threads keep, some 2 MiB each
    /// at most.
    public internal(set) var peakBytesInUse = 0
    /// Bytes taken from the system: in use, and kept for the next tensors.
    public internal(set) var bytesReserved = 0
    /// How often a block was taken from the system. A warm training step takes none.
    public internal(set) var systemAllocations = 0

    /// The statistics at this moment.
    public static var current: MemoryStatistics { Memory.host.statistics }

    /// Forgets the peak: it starts again from the bytes in use now. What is kept for the next tensors is bounded by the
    /// peak, so that the next block from the system may return others to it.
    public static func resetPeak() { Memory.host.resetPeak() }
}

/// The memory of the processor.
package enum Memory {
    package static let host = MemoryPool(source: .host, hasThreadCaches: true)

    /// Whether each block is as long as the request and goes back to the system when freed, so that the address sanitizer
    /// sees what is read or written beside it: see Scripts/test-sanitizer.sh. Nothing is counted then.
    package static var isExact: Bool {
        #if ExactMemory
            true
        #else
            false
        #endif
    }

    /// A block of at least `byteCount` bytes, 64-byte aligned, with unspecified contents.
    @inline(__always) package static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        #if ExactMemory
            var block: UnsafeMutableRawPointer?
            guard posix_memalign(&block, 64, max(byteCount, 1)) == 0, let block else {
                fatalError("memory: the system has no block of \(byteCount) bytes left")
            }
            return block
        #else
            host.allocate(byteCount: byteCount)
        #endif
    }

    /// Gives back a block that `allocate(byteCount:)` returned for the same count.
    @inline(__always) package static func free(_ block: UnsafeMutableRawPointer, byteCount: Int) {
        #if ExactMemory
            Glibc.free(block)
        #else
            host.free(block, byteCount: byteCount)
        #endif
    }
}
