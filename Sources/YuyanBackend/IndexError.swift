/// An index that a kernel read and that names nothing.
package struct IndexError: Error, Sendable, Hashable {
    /// The index as it stands in the operand.
    package let index: Int64
    /// Where it stands there, counted in row-major order.
    package let place: Int
    /// How many there are to choose from.
    package let count: Int

    package init(index: Int64, place: Int, count: Int) {
        self.index = index
        self.place = place
        self.count = count
    }
}
