/// A set of axes, one bit each.
package struct AxisSet: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package init(axes: some Sequence<Int>) { self.init(rawValue: axes.reduce(0) { $0 | (1 << UInt8($1)) }) }

    package mutating func insert(axis: Int) { self = AxisSet(rawValue: rawValue | 1 << UInt8(axis)) }

    /// All axes of a shape.
    package static func all(rank: Int) -> AxisSet { AxisSet(rawValue: UInt8(truncatingIfNeeded: (1 << rank) - 1)) }
    package func contains(axis: Int) -> Bool { rawValue & (1 << UInt8(axis)) != 0 }
}
