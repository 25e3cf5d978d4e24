import Testing
import YuyanBackend
import YuyanCore

extension Device {
    /// Another device than the current one, where the build has two.
    static var other: Device { current == .cpu ? .reference : .cpu }
}

/// Fails unless `actual` has the shape, the element type and, within `tolerance`, the elements of `expected`, with NaN
/// and infinities in the same places. The tolerance is that of a value of this element type unless given. Rounding errors
/// of a sum go with the magnitudes of its terms, not with what is left when they cancel: where these are given, summed up
/// for each element, float32's resolution of them is allowed.
func expectClose(
    _ actual: Tensor, _ expected: Tensor, tolerance: Double? = nil, termMagnitudes: Tensor? = nil, _ what: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let title = what.isEmpty ? "" : "\(what): "
    guard actual.shape == expected.shape, actual.dtype == expected.dtype else {
        Issue.record(
            "\(title)\(actual.dtype) \(actual.shape) instead of \(expected.dtype) \(expected.shape)",
            sourceLocation: sourceLocation)
        return
    }
    let (found, wanted) = (actual.array(of: Double.self), expected.array(of: Double.self))
    guard found.count == expected.elementCount, wanted.count == found.count else {
        Issue.record("\(title)\(found.count) elements in shape \(expected.shape)", sourceLocation: sourceLocation)
        return
    }
    let limit = tolerance ?? Tolerance.of(expected.dtype).value
    let resolutions = termMagnitudes?.array(of: Double.self).map { $0 * Double(Float.ulpOfOne) }
    for (index, (x, y)) in zip(found, wanted).enumerated()
    where !isClose(x, y, limit) && !(abs(x - y) <= resolutions?[index] ?? 0) {
        Issue.record(
            "\(title)element \(index) of \(expected.shape) is \(x), expected \(y)", sourceLocation: sourceLocation)
        return
    }
}

private func isClose(_ x: Double, _ y: Double, _ tolerance: Double) -> Bool {
    if x.isNaN || y.isNaN { return x.isNaN && y.isNaN }
    if x.isInfinite || y.isInfinite { return x == y }
    return abs(x - y) <= tolerance * max(1, abs(y))
}

/// Fails unless `actual` has this shape and exactly these elements in row-major order.
func expectElements<Element: TensorElement & Equatable>(
    _ actual: Tensor, _ shape: Shape, _ elements: [Element], sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(actual.shape == shape, sourceLocation: sourceLocation)
    #expect(actual.dtype == Element.dtype, sourceLocation: sourceLocation)
    #expect(actual.array(of: Element.self) == elements, sourceLocation: sourceLocation)
}

/// Fails unless the text with which a process has ended contains all `parts`.
func expectText(
    _ result: ExitTest.Result?, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation
) {
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    for part in parts { #expect(text.contains(part), "\(part) in: \(text)", sourceLocation: sourceLocation) }
}
