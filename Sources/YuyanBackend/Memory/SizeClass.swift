import YuyanKernels

/// Sizes of small blocks, four an octave from 64 bytes to 32 KiB: at most a fifth of a block is unused.
struct SizeClass {
    let index: Int
    let byteCount: Int

    static let count = Int(YUYAN_CACHED_CLASSES)
    /// Larger blocks have no classes.
    static let largest = 32 << 10

    /// Every buffer comes here twice, so that the arithmetic is unchecked.
    @inline(__always) init(atLeast requested: Int) {
        let last = max(requested, 64) &- 1
        let octave = Int.bitWidth &- 1 &- last.leadingZeroBitCount  // 2^octave ≤ last < 2^(octave + 1)
        let quarters = last &>> (octave &- 2)  // 4 to 7 quarters of an octave, and a rest
        byteCount = (quarters &+ 1) &<< (octave &- 2)
        index = octave &* 4 &+ quarters &- SizeClass.firstIndex
    }

    /// 64 bytes: octave 5, 7 quarters.
    private static var firstIndex: Int { 5 * 4 + 7 }

    /// The bytes of a class's blocks.
    static func byteCount(ofClass index: Int) -> Int {
        let quarters = 4 + (index + firstIndex) % 4
        let octave = (index + firstIndex - quarters) / 4
        return (quarters + 1) << (octave - 2)
    }

    /// How many free blocks a thread keeps: 64 of up to 1 KiB, 32 of up to 2 KiB, 16 of up to 4 KiB, and then 8.
    var mostCached: Int { max(8, Int(YUYAN_CACHED_BLOCKS) &>> max(0, (index &- 13) &>> 2)) }
}
