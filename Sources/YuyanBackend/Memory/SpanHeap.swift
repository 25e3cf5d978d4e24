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

    /// Makes a block from the system a segment. Its bytes are whole pages.
    mutating func add(_ segment: UnsafeMutableRawPointer, byteCount: Int) {
        let span = makeNode(Span(address: segment, pageCount: byteCount / Span.pageByteCount))
        span.pointee.isFree = true
        span.pointee.freedAt = clock
        self.byteCount += byteCount
        free.insert(span)
    }

    /// Takes out segments of which nothing is in use, those that were so the longest first, until they have at least
    /// `needed` bytes.
    mutating func removeFreeSegments(atLeast needed: Int) -> [SystemBlock] {
        joinRecent()
        var nodes: [Node] = []
        free.forEach { if $0.pointee.isFreeSegment { nodes.append($0) } }
        nodes.sort { $0.pointee.freedAt < $1.pointee.freedAt }
        var removed: [SystemBlock] = []
        var missing = needed
        for node in nodes {
            guard missing > 0 else { break }
            free.remove(node)
            removed.append(SystemBlock(address: node.pointee.address, byteCount: node.pointee.byteCount))
            byteCount -= node.pointee.byteCount
            missing -= node.pointee.byteCount
            spare.append(node)
        }
        return removed
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
