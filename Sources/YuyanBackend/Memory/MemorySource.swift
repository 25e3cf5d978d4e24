import Glibc

/// Where a pool takes its memory from: the system, or a device.
package struct MemorySource: Sendable {
    /// A block of `byteCount` bytes, 64-byte aligned; nil if there is no memory left.
    package let allocate: @Sendable (_ byteCount: Int) -> UnsafeMutableRawPointer?
    /// A block of whole huge pages that ends where `block` begins; nil if that place is taken, or there is no memory left.
    /// Nil for a source whose blocks stay apart. Of those that adjoin any huge pages may be given back.
    package let extend: (@Sendable (_ byteCount: Int, _ block: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer?)?
    /// Takes a block back. The byte count is the one that it was allocated with.
    package let free: @Sendable (_ block: UnsafeMutableRawPointer, _ byteCount: Int) -> Void

    package init(
        allocate: @escaping @Sendable (_ byteCount: Int) -> UnsafeMutableRawPointer?,
        extend: (@Sendable (_ byteCount: Int, _ block: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer?)? = nil,
        free: @escaping @Sendable (_ block: UnsafeMutableRawPointer, _ byteCount: Int) -> Void
    ) {
        self.allocate = allocate
        self.extend = extend
        self.free = free
    }

    /// The system's memory: whole huge pages for what has the size of some, the C library's blocks for the rest.
    package static let host = MemorySource(
        allocate: { $0 % hugePage == 0 ? hugePages($0) : smallBlock($0) },
        extend: { hugePages($0, before: $1) },
        free: { block, byteCount in
            if byteCount % hugePage == 0 { munmap(block, byteCount) } else { Glibc.free(block) }
        })

    static let hugePage = 2 << 20

    private static func smallBlock(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        var block: UnsafeMutableRawPointer?
        return posix_memalign(&block, 64, byteCount) == 0 ? block : nil
    }

    /// Mapped here, since the C library keeps most of what it is given back.
    private static func hugePages(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        let mapped = byteCount + hugePage
        guard let start = map(mapped, at: nil) else { return nil }
        let block = start.alignedUp(toMultipleOf: hugePage)
        let before = block - start
        if before > 0 { munmap(start, before) }
        munmap(block + byteCount, hugePage - before)
        advise(block, byteCount)
        return block
    }

    private static func hugePages(_ byteCount: Int, before block: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        let wanted = block - byteCount
        guard let found = map(byteCount, at: wanted) else { return nil }
        guard found == wanted else {
            munmap(found, byteCount)
            return nil
        }
        advise(found, byteCount)
        return found
    }

    private static func map(_ byteCount: Int, at place: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        let block = mmap(place, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        return block == MAP_FAILED ? nil : block
    }

    private static func advise(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
        // First use of 4 KiB pages costs eight times as much (19 ms against 2.3 ms for 64 MiB).
        madvise(block, byteCount, MADV_HUGEPAGE)
    }
}
