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

    static var total: Int { yuyan_reorders() }

    /// Runs `body` without counting what it makes.
    static func uncounted<Result>(_ body: () -> Result) -> Result {
        let before = total
        defer { yuyan_set_reorders(before) }
        return body()
    }

    /// Counts one more. The layouts are given by how many channels lie together, with 0 for all.
    @inline(never)
    static func note(_ shape: Shape, from: Int, to: Int) {
        yuyan_count_reorder()
        Recorder.current?.note("\(shape) \(name(from)) → \(name(to))")
    }

    private static func name(_ channelsTogether: Int) -> String {
        switch channelsTogether {
        case 0: "channels-last"
        case 1: "plain"
        default: "blocks of \(channelsTogether)"
        }
    }
}
