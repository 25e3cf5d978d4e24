/// Which triangular system is solved: `A X = B` or `Aᵀ X = B`.
package struct TriangularOptions: Sendable, Hashable {
    /// Whether A's triangle above the diagonal is read, or that below.
    package var isUpper = false
    package var isTransposed = false

    package init(isUpper: Bool = false, isTransposed: Bool = false) {
        self.isUpper = isUpper
        self.isTransposed = isTransposed
    }
}
