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
        // 64 bytes are class 0, 80 are class 1.
        index = max(0, (octave - 6) * 4 + steps)
    }

    /// The bytes of a class's blocks.
    static func byteCount(ofClass index: Int) -> Int {
        guard index > 0 else { return 64 }
        let (octave, steps) = (6 + (index - 1) / 4, (index - 1) % 4 + 1)
        return (1 << octave) + steps * (1 << max(octave - 2, 4))
    }

    /// How many free blocks a thread keeps: 64 KiB, but not fewer than 8.
    var mostCached: Int { min(Int(YUYAN_CACHED_BLOCKS), max(8, (64 << 10) / byteCount)) }
}
