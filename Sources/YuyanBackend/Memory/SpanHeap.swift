/// Blocks of any size, cut from the front of free spans of segments. What is freed joins its free neighbours.
///
/// All that is known of a block lies beside it, not in it: it may be a device's memory.
struct SpanHeap: ~Copyable {
    typealias Node = UnsafeMutablePointer<Span>

    private var free = SpanBins()
    private var used = SpanTable()
    /// Spans given back last, the oldest at `oldest`: not joined yet, because a training step asks for the same sizes again.
    private let recent = UnsafeMutablePointer<Node>.allocate(capacity: recentCapacity)
    private var recentCount = 0
    private var oldest = 0
    private static let recentCapacity = 8
    /// Nodes without a span, for the next ones.
    private var spare: [Node] = []
    /// Calls so far.
    private var clock = 0
    /// Bytes of all segments.
    private(set) var byteCount = 0
    /// Whether segments that adjoin become one, of which parts may be given back.
    private let joinsSegments: Bool
    /// The first span of each segment.
    private var firsts: [UnsafeMutableRawPointer: Node] = [:]
    /// Where the segment begins that was added last.
    private var newest: UnsafeMutableRawPointer?

    init(joinsSegments: Bool) { self.joinsSegments = joinsSegments }

    deinit {
        // The nodes of blocks that were never given back are lost with those.
        for index in 0..<recentCount { recent[(oldest + index) % SpanHeap.recentCapacity].deallocate() }
        recent.deallocate()
        free.forEach { $0.deallocate() }
        for node in spare { node.deallocate() }
    }

    /// A block of whole pages; nil if no free span is long enough.
    mutating func take(pageCount: Int) -> UnsafeMutableRawPointer? {
        clock += 1
        if let span = takeRecent(pageCount) {
            used.insert(span)
            return span.pointee.address
        }
        // First, or sizes that change from step to step would leave gaps between them.
        joinRecent()
        guard let span = free.smallest(atLeast: pageCount) else { return nil }
        free.remove(span)
        span.pointee.isFree = false
        if span.pointee.pageCount > pageCount { split(span, at: pageCount) }
        used.insert(span)
        return span.pointee.address
    }

    private mutating func split(_ span: Node, at pageCount: Int) {
        let rest = makeNode(
            Span(
                address: span.pointee.address + pageCount * Span.pageByteCount,
                pageCount: span.pointee.pageCount - pageCount, previous: span, next: span.pointee.next))
        rest.pointee.isFree = true
        rest.pointee.freedAt = clock
        span.pointee.next?.pointee.previous = rest
        span.pointee.next = rest
        span.pointee.pageCount = pageCount
        free.insert(rest)
    }

    /// Takes a block back, and returns its bytes; nil if it is none of this heap's.
    mutating func put(_ block: UnsafeMutableRawPointer) -> Int? {
        clock += 1
        guard let span = used.remove(block) else { return nil }
        span.pointee.freedAt = clock
        if recentCount == SpanHeap.recentCapacity {
            let first = recent[oldest]
            recent[oldest] = span
            oldest = (oldest + 1) % SpanHeap.recentCapacity
            join(first)
        } else {
            recent[(oldest + recentCount) % SpanHeap.recentCapacity] = span
            recentCount += 1
        }
        return span.pointee.byteCount
    }

    /// A span of exactly this length among those given back last.
    private mutating func takeRecent(_ pageCount: Int) -> Node? {
        // The latest first: its memory is in the cache.
        var index = recentCount
        while index > 0 {
            index -= 1
            let place = (oldest + index) % SpanHeap.recentCapacity
            let span = recent[place]
            guard span.pointee.pageCount == pageCount else { continue }
            recentCount -= 1
            for later in index..<recentCount {
                recent[(oldest + later) % SpanHeap.recentCapacity] =
                    recent[(oldest + later + 1) % SpanHeap.recentCapacity]
            }
            return span
        }
        return nil
    }

    private mutating func joinRecent() {
        for index in 0..<recentCount { join(recent[(oldest + index) % SpanHeap.recentCapacity]) }
        recentCount = 0
    }

    /// Makes a span free, as one with its free neighbours.
    private mutating func join(_ given: Node) {
        var span = given
        let freedAt = span.pointee.freedAt
        if let next = span.pointee.next, next.pointee.isFree { join(span, next) }
        if let previous = span.pointee.previous, previous.pointee.isFree {
            free.remove(previous)
            join(previous, span, isInBin: false)
            span = previous
        }
        span.pointee.isFree = true
        span.pointee.freedAt = freedAt
        free.insert(span)
    }

    private mutating func join(_ span: Node, _ next: Node, isInBin: Bool = true) {
        if isInBin { free.remove(next) }
        span.pointee.pageCount += next.pointee.pageCount
        span.pointee.next = next.pointee.next
        next.pointee.next?.pointee.previous = span
        spare.append(next)
    }

    /// Makes a block from the system a segment, or a part of the one that begins at its end. Its bytes are whole pages.
    mutating func add(_ segment: UnsafeMutableRawPointer, byteCount: Int) {
        let span = makeNode(Span(address: segment, pageCount: byteCount / Span.pageByteCount))
        span.pointee.freedAt = clock
        self.byteCount += byteCount
        if joinsSegments, let next = firsts.removeValue(forKey: segment + byteCount) {
            span.pointee.next = next
            next.pointee.previous = span
        }
        firsts[segment] = span
        newest = segment
        join(span)
    }

    /// Where the segment begins that was added last, and the free bytes there; nil unless another one can join it.
    var newestSegment: (address: UnsafeMutableRawPointer, freeBytes: Int)? {
        guard joinsSegments, let newest, let first = firsts[newest] else { return nil }
        return (newest, first.pointee.isFree ? first.pointee.byteCount : 0)
    }

    /// Takes out what is free of whole segments, or, where they are joined, of whole huge pages: what was freed first,
    /// until it is at least `needed` bytes.
    mutating func removeFree(atLeast needed: Int) -> [SystemBlock] {
        joinRecent()
        var nodes: [Node] = []
        free.forEach { if joinsSegments || $0.pointee.isFreeSegment { nodes.append($0) } }
        nodes.sort { $0.pointee.freedAt < $1.pointee.freedAt }
        var removed: [SystemBlock] = []
        var missing = needed
        for node in nodes {
            guard missing > 0 else { break }
            guard let block = cut(node) else { continue }
            removed.append(block)
            byteCount -= block.byteCount
            missing -= block.byteCount
        }
        return removed
    }

    /// Takes the whole huge pages out of a free span; what lies before and behind them is of two segments then. Nil if
    /// there are none.
    private mutating func cut(_ span: Node) -> SystemBlock? {
        let (address, byteCount) = (span.pointee.address, span.pointee.byteCount)
        let begin = address.alignedUp(toMultipleOf: MemorySource.hugePage)
        let end = (address + byteCount).alignedDown(toMultipleOf: MemorySource.hugePage)
        guard end > begin else { return nil }
        free.remove(span)
        let next = span.pointee.next
        next?.pointee.previous = nil
        if end < address + byteCount {
            let rest = makeNode(
                Span(address: end, pageCount: (address + byteCount - end) / Span.pageByteCount, next: next))
            next?.pointee.previous = rest
            rest.pointee.isFree = true
            rest.pointee.freedAt = span.pointee.freedAt
            free.insert(rest)
            firsts[end] = rest
        } else if let next {
            firsts[end] = next
        }
        if begin > address {
            span.pointee.pageCount = (begin - address) / Span.pageByteCount
            span.pointee.next = nil
            free.insert(span)
        } else {
            if let previous = span.pointee.previous {
                previous.pointee.next = nil
            } else {
                firsts[address] = nil
            }
            spare.append(span)
        }
        return SystemBlock(address: begin, byteCount: end - begin)
    }

    private mutating func makeNode(_ span: Span) -> Node {
        let node = spare.popLast() ?? .allocate(capacity: 1)
        node.initialize(to: span)
        return node
    }
}

/// A block of a pool's source.
struct SystemBlock: @unchecked Sendable {
    let address: UnsafeMutableRawPointer
    let byteCount: Int
}
