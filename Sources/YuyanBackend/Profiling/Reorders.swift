import YuyanKernels

/// Copies of images `[N, C, H, W]` from one layout into another, which cost a pass over memory and change nothing that
/// anybody sees. Those of weights are not counted.
package enum Reorders {
    /// Runs `body`; returns how many it made on this thread.
    package static func count(_ body: () throws -> Void) rethrows -> Int {
        let before = total
        try body()
        return total - before
    }

    private static var total: Int { yuyan_reorders() }

    /// Runs `body` without counting what it makes.
    static func uncounted<Result>(_ body: () -> Result) -> Result {
        let before = total
        defer { yuyan_set_reorders(before) }
        guard let recorder = Recorder.current else { return body() }
        return recorder.withoutReorders(body)
    }

    /// Runs a copy and counts it. The layouts are given by how many channels lie together, with 0 for all.
    @inline(never)
    static func count(_ shape: Shape, _ dtype: DType, from: Int, to: Int, _ copy: () -> Void) {
        yuyan_count_reorder()
        guard let recorder = Recorder.current else { return copy() }
        let start = yuyan_nanoseconds()
        copy()
        recorder.note(
            Reorder(
                operand: .image, shape: Array(shape), from: .init(channelsTogether: from),
                to: .init(channelsTogether: to),
                bytes: shape.elementCount * dtype.byteCount, nanoseconds: yuyan_nanoseconds() - start))
    }
}

/// One copy of an operand into another layout, by our loops or inside oneDNN.
package struct Reorder: Sendable, Hashable {
    package enum Operand: Sendable, Hashable { case image, weight }

    package enum Layout: Sendable, Hashable {
        /// `[N, C, H, W]`.
        case plain
        /// `[N, H, W, C]`.
        case channelsLast
        /// `[N, C/block, H, W, block]`.
        case blocks(Int)
        /// By oneDNN's name, such as `ABcd16b16a`: axes from the slowest to the fastest, capital where they come in blocks,
        /// then the blocks.
        case named(String)
    }

    package var operand: Operand
    package var shape: [Int]
    package var from: Layout
    package var to: Layout
    /// What is read, without padding.
    package var bytes: Int
    package var nanoseconds: Int
}

extension Reorder.Layout {
    /// By how many channels lie together, with 0 for all.
    init(channelsTogether: Int) {
        switch channelsTogether {
        case 0: self = .channelsLast
        case 1: self = .plain
        default: self = .blocks(channelsTogether)
        }
    }

    /// By oneDNN's name.
    fileprivate init(_ name: String, of operand: Reorder.Operand) {
        let block = name.wholeMatch(of: /aBcd(\d+)b/).flatMap { Int($0.output.1) }
        switch (operand, name) {
        case (_, "abcd"), (_, "abcde"): self = .plain
        case (.image, "acdb"): self = .channelsLast
        case (.image, _): self = block.map { .blocks($0) } ?? .named(name)
        case (.weight, _): self = .named(name)
        }
    }
}

extension Reorder {
    /// As oneDNN's shim tells it.
    init(_ told: yuyan_reorder) {
        func text<Characters>(_ characters: Characters) -> String {
            withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        operand = told.is_image ? .image : .weight
        shape = withUnsafeBytes(of: told.size) { Array($0.bindMemory(to: Int.self).prefix(Int(told.rank))) }
        from = Layout(text(told.from), of: operand)
        to = Layout(text(told.to), of: operand)
        (bytes, nanoseconds) = (told.bytes, told.nanoseconds)
    }
}

extension Reorder: CustomStringConvertible {
    /// Such as `[2, 64, 28, 28] plain → blocks of 16`.
    package var description: String { "\(shape) \(from) → \(to)" }
}

extension Reorder.Layout: CustomStringConvertible {
    package var description: String {
        switch self {
        case .plain: "plain"
        case .channelsLast: "channels-last"
        case .blocks(let size): "blocks of \(size)"
        case .named(let name): name
        }
    }
}
