/// A stretch of a segment, which is one block from the system: in use, or free between two that are in use.
struct Span {
    let address: UnsafeMutableRawPointer
    var pageCount: Int
    /// Neighbours in the segment; nil at its ends.
    var previous: UnsafeMutablePointer<Span>?
    var next: UnsafeMutablePointer<Span>?
    var isFree = false
    /// Neighbours among the free spans of one bin.
    var previousFree: UnsafeMutablePointer<Span>?
    var nextFree: UnsafeMutablePointer<Span>?
    /// When it became free, in calls.
    var freedAt = 0

    /// Blocks are of whole pages.
    static let pageByteCount = 4096

    var byteCount: Int { pageCount * Span.pageByteCount }
    /// Whether nothing of the segment is in use.
    var isFreeSegment: Bool { isFree && previous == nil && next == nil }
}

/// Free spans by size, one list for each: up to 16 pages every size has its own, above 16 sizes an octave share one.
struct SpanBins: ~Copyable {
    private static let count = 42 * 16
    private let heads: UnsafeMutablePointer<UnsafeMutablePointer<Span>?>
    /// A bit for each bin that is not empty.
    private let occupied: UnsafeMutablePointer<UInt64>
    private static let wordCount = count / 64 + 1

    init() {
        heads = .allocate(capacity: SpanBins.count)
        heads.initialize(repeating: nil, count: SpanBins.count)
        occupied = .allocate(capacity: SpanBins.wordCount)
        occupied.initialize(repeating: 0, count: SpanBins.wordCount)
    }

    deinit {
        heads.deallocate()
        occupied.deallocate()
    }

    private static func bin(_ pageCount: Int) -> Int {
        guard pageCount >= 16 else { return pageCount }
        let octave = Int.bitWidth - 1 - pageCount.leadingZeroBitCount
        return (octave - 3) * 16 + (pageCount >> (octave - 4)) & 15
    }

    mutating func insert(_ span: UnsafeMutablePointer<Span>) {
        let bin = SpanBins.bin(span.pointee.pageCount)
        span.pointee.previousFree = nil
        span.pointee.nextFree = heads[bin]
        heads[bin]?.pointee.previousFree = span
        heads[bin] = span
        occupied[bin / 64] |= 1 << UInt64(bin % 64)
    }

    mutating func remove(_ span: UnsafeMutablePointer<Span>) {
        span.pointee.nextFree?.pointee.previousFree = span.pointee.previousFree
        if let previous = span.pointee.previousFree {
            previous.pointee.nextFree = span.pointee.nextFree
        } else {
            let bin = SpanBins.bin(span.pointee.pageCount)
            heads[bin] = span.pointee.nextFree
            if heads[bin] == nil { occupied[bin / 64] &= ~(1 << UInt64(bin % 64)) }
        }
    }

    /// The smallest span of `pageCount` pages or more, or nearly so: of a bin only the first spans are looked at. Nil if
    /// there is none.
    func smallest(atLeast pageCount: Int) -> UnsafeMutablePointer<Span>? {
        let own = SpanBins.bin(pageCount)
        if let span = smallest(in: own, atLeast: pageCount) { return span }
        guard let bin = firstOccupied(after: own) else { return nil }
        return smallest(in: bin, atLeast: pageCount)
    }

    private func smallest(in bin: Int, atLeast pageCount: Int) -> UnsafeMutablePointer<Span>? {
        var best: UnsafeMutablePointer<Span>?
        var candidate = heads[bin]
        var looks = 16
        while let span = candidate, looks > 0 {
            let size = span.pointee.pageCount
            if size == pageCount { return span }
            if size > pageCount, best.map({ size < $0.pointee.pageCount }) ?? true { best = span }
            candidate = span.pointee.nextFree
            looks -= 1
        }
        return best
    }

    private func firstOccupied(after bin: Int) -> Int? {
        var word = (bin + 1) / 64
        var bits = occupied[word] & (~0 << UInt64((bin + 1) % 64))
        while bits == 0 {
            word += 1
            guard word < SpanBins.wordCount else { return nil }
            bits = occupied[word]
        }
        return word * 64 + bits.trailingZeroBitCount
    }

    /// Calls `body` with every free span, which it must not remove.
    func forEach(_ body: (UnsafeMutablePointer<Span>) -> Void) {
        for bin in 0..<SpanBins.count {
            var next = heads[bin]
            while let span = next {
                next = span.pointee.nextFree
                body(span)
            }
        }
    }
}

/// The spans in use by their addresses: a hash table with linear probing.
struct SpanTable: ~Copyable {
    private var slots: UnsafeMutablePointer<UnsafeMutablePointer<Span>?>
    /// A power of two, at least twice `count`.
    private var capacity = 256
    private(set) var count = 0

    init() {
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: nil, count: capacity)
    }

    deinit { slots.deallocate() }

    private func home(_ address: UnsafeMutableRawPointer) -> Int {
        let page = UInt(bitPattern: address) / UInt(Span.pageByteCount)
        return Int((page &* 0x9E37_79B9_7F4A_7C15) >> 32) & (capacity - 1)
    }

    mutating func insert(_ span: UnsafeMutablePointer<Span>) {
        if 2 * (count + 1) > capacity { grow() }
        place(span)
        count += 1
    }

    private func place(_ span: UnsafeMutablePointer<Span>) {
        var slot = home(span.pointee.address)
        while slots[slot] != nil { slot = (slot + 1) & (capacity - 1) }
        slots[slot] = span
    }

    private mutating func grow() {
        let (old, oldCapacity) = (slots, capacity)
        capacity *= 2
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: nil, count: capacity)
        for slot in 0..<oldCapacity { if let span = old[slot] { place(span) } }
        old.deallocate()
    }

    /// Nil if no block in use begins there.
    mutating func remove(_ address: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Span>? {
        var slot = home(address)
        while let span = slots[slot], span.pointee.address != address { slot = (slot + 1) & (capacity - 1) }
        guard let found = slots[slot] else { return nil }
        count -= 1
        // What could have lain here, had it been empty, moves up.
        var hole = slot
        while true {
            slot = (slot + 1) & (capacity - 1)
            guard let span = slots[slot] else { break }
            let distance = (slot - home(span.pointee.address)) & (capacity - 1)
            if distance >= (slot - hole) & (capacity - 1) {
                slots[hole] = span
                hole = slot
            }
        }
        slots[hole] = nil
        return found
    }
}
