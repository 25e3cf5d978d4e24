import YuyanBackend

/// The operands of an operation do not fit together.
///
/// Operations trap with this error's text; their shape rules throw it, so that tests can read it. Element types and
/// devices that do not fit are told in the same form.
public struct ShapeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One operand: its axes by name, its sizes, its element type where that matters, and the number that disagrees.
    public struct Operand: Sendable, Hashable {
        /// What the operation calls it.
        public var name: String
        /// Such as `[N, C, H, W]`; empty if the axes have no names.
        public var axes: String
        /// Its sizes.
        public var shape: Shape
        /// Named in the text unless nil.
        public var dtype: DType?
        /// What is said behind the sizes; empty for nothing.
        public var note: String

        /// An operand as the message shows it.
        public init(_ name: String, axes: String = "", _ shape: Shape, dtype: DType? = nil, note: String = "") {
            self.name = name
            self.axes = axes
            self.shape = shape
            self.dtype = dtype
            self.note = note
        }
    }

    /// What was to be computed.
    public var operation: String
    /// The rule that is broken, in words.
    public var rule: String
    /// All operands with their shapes.
    public var operands: [Operand]
    /// What would fix it, if that is known.
    public var hint: String

    /// An error of an operation, with the broken rule and the operands.
    public init(_ operation: String, _ rule: String, _ operands: [Operand] = [], hint: String = "") {
        self.operation = operation
        self.rule = rule
        self.operands = operands
        self.hint = hint
    }

    public var description: String {
        let titles = operands.map { $0.axes.isEmpty ? $0.name : "\($0.name) \($0.axes)" }
        let shapes = operands.map { operand in
            operand.dtype.map { "\($0) \(operand.shape)" } ?? "\(operand.shape)"
        }
        var lines = ["\(operation): \(rule)"]
        for (index, operand) in operands.enumerated() {
            var line = "  \(padded(titles[index], among: titles)) = "
            line += operand.note.isEmpty ? shapes[index] : "\(padded(shapes[index], among: shapes))    \(operand.note)"
            lines.append(line)
        }
        if !hint.isEmpty { lines.append("  \(hint)") }
        return lines.joined(separator: "\n")
    }

    /// The text with blanks to the width of the longest.
    private func padded(_ text: String, among texts: [String]) -> String {
        let width = texts.map(\.count).max() ?? 0
        return text + String(repeating: " ", count: width - text.count)
    }
}

/// Ends the process with the error's text, the caller's place and the module under way.
@inline(never)
package func shapeFailure(_ error: ShapeError, _ file: StaticString, _ line: UInt) -> Never {
    failure(error.description, file, line)
}

/// Ends the process with a programmer's fault. `fatalError`, because it keeps its text in release builds.
///
/// Operators and layers do not know who called them: where the place is in the framework itself, it is left out.
@inline(never)
package func failure(_ message: String, _ file: StaticString = #fileID, _ line: UInt = #line) -> Never {
    let path = ModulePath.current
    let isKnown = !frameworkModules.contains { "\(file)".hasPrefix($0 + "/") }
    let place = (isKnown ? ["at \(file):\(line)"] : []) + (path.isEmpty ? [] : ["in \(path)"])
    let text = place.isEmpty ? message : "\(message)\n  \(place.joined(separator: ", "))"
    fatalError(text, file: isKnown ? file : "Yuyan", line: isKnown ? line : 0)
}

private let frameworkModules = [
    "Yuyan", "YuyanBackend", "YuyanCore", "YuyanNN", "YuyanData", "YuyanModels", "YuyanPlot", "YuyanShift",
    "YuyanTraining", "YuyanCommand",
]
