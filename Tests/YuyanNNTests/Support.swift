import Testing
import Yuyan

/// Expects the same shape, and values no further apart than `tolerance`, relative where they are above 1.
func expectClose(
    _ actual: Tensor, _ expected: Tensor, _ tolerance: Double, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(actual.shape == expected.shape, sourceLocation: sourceLocation)
    let pairs = zip(actual.array(of: Double.self), expected.array(of: Double.self))
    for (index, (a, b)) in pairs.enumerated() where !(abs(a - b) <= tolerance * max(abs(b), 1)) {
        Issue.record("element \(index): \(a), expected \(b)", sourceLocation: sourceLocation)
        return
    }
}

/// Expects a process that ended to have said all of this.
func expect(
    _ result: ExitTest.Result?, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation
) {
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    for part in parts { #expect(text.contains(part), "\(part) in: \(text)", sourceLocation: sourceLocation) }
}
