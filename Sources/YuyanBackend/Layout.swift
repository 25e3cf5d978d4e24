/// How a buffer's elements lie in memory. Shapes are logical and never tell; only the backends look here.
package enum Layout: Sendable {
    /// Row-major, without gaps.
    case contiguous
    /// Any strides: a view, a broadcast, or a permuted dense order such as channels-last.
    case strided(Strides)
    /// An order known only to the vendor's library, such as blocked channels.
    case opaque(OpaqueLayout)
}

/// A vendor layout: what the library needs to read it, and how many bytes it takes.
package final class OpaqueLayout: Sendable {
    package let name: String
    package let byteCount: Int

    package init(name: String, byteCount: Int) {
        self.name = name
        self.byteCount = byteCount
    }
}
