import YuyanKernels

/// Sizes of small blocks, four an octave from 64 bytes to 32 KiB: at most a fifth of a block is unused.
struct SizeClass {
    let index: Int
    let byteCount: Int

    static let count = Int(YUYAN_CACHED_CLASSES)
    /// Larger blocks have no classes.
    static let largest = 32 << 10

    init(atLeast requested: Int) {
        let needed = max(requested, 64)
        let octave = Int.bitWidth - 1 - (needed - 1).leadingZeroBitCount  // 2^octave < needed ≤ 2^(octave + 1)
        let quarter = 1 << max(octave - 2, 4)
        let steps = (needed - 1 - (1 << octave)) / quarter + 1
        byteCount = (1 << octave) + steps * quarter
        index = octave * 4 + steps - SizeClass.firstIndex
    }

    private static var firstIndex: Int { 22 }

    /// The bytes of a class's blocks.
    static func byteCount(ofClass index: Int) -> Int {
        let (octave, steps) = ((index + firstIndex - 1) / 4, (index + firstIndex - 1) % 4 + 1)
        return (1 << octave) + steps * (1 << max(octave - 2, 4))
    }

    /// How many free blocks a thread keeps: 64 KiB, but not fewer than 8.
    var mostCached: Int { min(Int(YUYAN_CACHED_BLOCKS), max(8, (64 << 10) / byteCount)) }
}
