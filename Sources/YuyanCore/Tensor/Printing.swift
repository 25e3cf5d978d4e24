import Foundation
import YuyanBackend

extension Tensor: CustomStringConvertible {
    /// The elements in nested brackets, numbers with four decimals, large axes shortened; element type unless float32.
    ///
    ///     [[ 1.0000, -2.5000],
    ///      [ 0.0000,  3.2500]]
    public var description: String {
        let text = TensorPrinter(self).text
        return dtype == .float32 || dtype == .bool || dtype == .int64 ? text : "\(text) \(dtype)"
    }
}

extension Parameter: CustomStringConvertible {
    public var description: String { "Parameter(\(value))" }
}

private struct TensorPrinter {
    private static let summaryThreshold = 1000
    private static let edgeCount = 3

    /// The shape of what is shown.
    private let shape: Shape
    /// Whether there is more along an axis than is shown.
    private let isCut: [Bool]
    private let cells: [String]
    private let width: Int

    init(_ tensor: Tensor) {
        let (edge, isLarge) = (TensorPrinter.edgeCount, tensor.elementCount > TensorPrinter.summaryThreshold)
        isCut = tensor.shape.map { isLarge && $0 > 2 * edge }
        var tensor = tensor.detached()
        for (axis, isCut) in isCut.enumerated() where isCut {
            let rows = tensor.transposed(0, axis)
            tensor = concatenate([rows[0..<edge], rows[rows.count - edge..<rows.count]]).transposed(0, axis)
        }
        shape = tensor.shape
        switch tensor.dtype {
        case .bool:
            cells = tensor.array(of: Bool.self).map { $0 ? "true" : "false" }
        case .int32, .int64, .uint8:
            cells = tensor.array(of: Int.self).map(String.init)
        case .float32, .float64, .bfloat16:
            cells = TensorPrinter.format(tensor.array(of: Double.self))
        }
        width = cells.reduce(0) { max($0, $1.count) }
    }

    /// Four decimals, or scientific notation if the magnitudes would not show with them.
    private static func format(_ values: [Double]) -> [String] {
        let finite = values.filter(\.isFinite).map(abs)
        let largest = finite.max() ?? 0
        let smallest = finite.filter { $0 > 0 }.min() ?? 1
        let isScientific = largest >= 1e8 || (largest > 0 && largest < 1e-3) || largest / smallest > 1e8
        return values.map { value in
            if value.isNaN { return "nan" }
            if value.isInfinite { return value > 0 ? "inf" : "-inf" }
            return String(format: isScientific ? "%.4e" : "%.4f", value)
        }
    }

    var text: String { text(axis: 0, offset: 0) }

    private func text(axis: Int, offset: Int) -> String {
        guard axis < shape.rank else {
            guard shape.rank > 0 else { return cells[offset] }
            return String(repeating: " ", count: width - cells[offset].count) + cells[offset]
        }
        let size = shape[axis]
        let step = shape.dropFirst(axis + 1).reduce(1, *)
        var parts = (0..<size).map { text(axis: axis + 1, offset: offset + $0 * step) }
        if isCut[axis] { parts.insert("...", at: TensorPrinter.edgeCount) }
        let isInnermost = axis == shape.rank - 1
        let lineBreaks = String(repeating: "\n", count: max(shape.rank - 1 - axis, 1))
        let separator = isInnermost ? ", " : "," + lineBreaks + String(repeating: " ", count: axis + 1)
        return "[" + parts.joined(separator: separator) + "]"
    }
}
