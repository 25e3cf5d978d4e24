import YuyanBackend

/// Which element types the operands of an operation may have together. Every operation on more than one tensor is
/// checked against one of these before its elements are touched: kernels read all operands as the first one's type.
package enum OperandTypes: Sendable {
    /// One for all, whichever it is.
    case equal
    /// One for all that has arithmetic: any but `bool`.
    case numbers
    /// One for all of floating point.
    case reals
    /// The same, but that beside a first one of bfloat16 others may be float32.
    case normalized
    /// The last operand holds indices, `int64`; the others have one type.
    case indexed
    /// The first operand is a condition, `bool`; the others have one type.
    case conditional

    @inline(__always)
    package func accept(_ a: DType, _ b: DType) -> Bool {
        switch self {
        case .equal: a == b
        case .numbers: a == b && a.isNumber
        case .reals: a == b && a.isFloatingPoint
        case .normalized: a.isFloatingPoint && (a == b || a == .bfloat16 && b == .float32)
        case .indexed: b == .int64
        case .conditional: a == .bool
        }
    }

    @inline(__always)
    package func accept(_ a: DType, _ b: DType, _ c: DType) -> Bool {
        switch self {
        case .equal, .numbers, .reals: accept(a, b) && a == c
        case .indexed: a == b && c == .int64
        case .normalized: accept(a, b) && accept(a, c)
        case .conditional: a == .bool && b == c
        }
    }

    package func accept(_ types: Few<DType>) -> Bool {
        func areEqual(_ range: Range<Int>) -> Bool {
            for place in range.dropFirst() where types[place] != types[range.lowerBound] { return false }
            return true
        }
        guard let first = types.first, let last = types.last else { return true }
        return switch self {
        case .equal: areEqual(0..<types.count)
        case .numbers: first.isNumber && areEqual(0..<types.count)
        case .reals: first.isFloatingPoint && areEqual(0..<types.count)
        case .normalized: types.allSatisfy { accept(first, $0) }
        case .indexed: last == .int64 && areEqual(0..<types.count - 1)
        case .conditional: first == .bool && areEqual(1..<types.count)
        }
    }

    fileprivate var rule: String {
        switch self {
        case .equal: "operands must have one element type"
        case .numbers: "operands must have one element type, a number's"
        case .reals, .normalized: "operands must have one element type of floating point"
        case .indexed: "operands must have one element type, and indices int64"
        case .conditional: "operands must have one element type, and a condition bool"
        }
    }
}

extension DType {
    /// Whether there is arithmetic on this type.
    @inline(__always)
    fileprivate var isNumber: Bool { self != .bool }
}

/// Traps unless two operands are on one device, and of types that stand together. `names` are for the text.
@inline(__always)
package func checkOperands(
    _ name: String, _ types: OperandTypes, _ names: @autoclosure () -> [String], _ a: Tensor, _ b: Tensor,
    _ file: StaticString, _ line: UInt
) {
    checkDevices(name, a, b, file, line)
    if !types.accept(a.dtype, b.dtype) { typeFailure(name, types, names(), [a, b], file, line) }
}

/// The same for three operands, the last of which may be absent.
@inline(__always)
package func checkOperands(
    _ name: String, _ types: OperandTypes, _ names: @autoclosure () -> [String], _ a: Tensor, _ b: Tensor,
    _ c: Tensor?, _ file: StaticString, _ line: UInt
) {
    guard let c else {
        checkOperands(name, types, names(), a, b, file, line)
        return
    }
    checkDevices(name, a, b, file, line)
    checkDevices(name, a, c, file, line)
    if !types.accept(a.dtype, b.dtype, c.dtype) { typeFailure(name, types, names(), [a, b, c], file, line) }
}

/// The same for any number of operands, of which some may be absent.
package func checkOperands(
    _ name: String, _ types: OperandTypes, _ operandName: (Int) -> String, _ operands: Few<Tensor?>,
    _ file: StaticString, _ line: UInt
) {
    var found = Few<DType>()
    var first: Tensor?
    for operand in operands {
        guard let operand else { continue }
        if let first { checkDevices(name, first, operand, file, line) } else { first = operand }
        found.append(operand.dtype)
    }
    if types.accept(found) { return }
    let places = operands.indices.filter { operands[$0] != nil }
    // Of a long list the two that differ say enough.
    let odd = types == .equal ? places.first { operands[$0]!.dtype != found[0] }.map { [places[0], $0] } : nil
    let shown = odd ?? Array(places)
    typeFailure(name, types, shown.map(operandName), shown.map { operands[$0]! }, file, line)
}

@inline(__always)
private func checkDevices(_ name: String, _ a: Tensor, _ b: Tensor, _ file: StaticString, _ line: UInt) {
    if a.device != b.device {
        failure(
            "\(name): operands are on \(a.device) and \(b.device)\n  move one with to(.\(a.device))", file, line)
    }
}

@inline(never)
private func typeFailure(
    _ name: String, _ types: OperandTypes, _ names: [String], _ operands: [Tensor], _ file: StaticString, _ line: UInt
) -> Never {
    // What the second operand has is kept if it can be: in a layer that is the weight.
    let likely = operands[Swift.min(1, operands.count - 1)].dtype
    let real = [likely, operands[0].dtype].first { $0.isFloatingPoint }
    let wanted = real ?? (types == .reals || types == .normalized ? .float32 : likely)
    let found = Set(operands.map(\.dtype))
    let hint =
        switch types {
        case .indexed: "cast the indices with cast(to: .int64)"
        case .conditional: "cast the condition with cast(to: .bool)"
        case _ where found.count == 1: "cast them with cast(to: .\(wanted))"
        default: "cast one with cast(to: .\(wanted))"
        }
    let titles = zip(names, operands).map { ShapeError.Operand($0, of: $1) }
    shapeFailure(ShapeError(name, types.rule, titles, hint: hint), file, line)
}

// MARK: - One tensor in place of another

extension Tensor {
    /// Whether shape, element type and device are those of `other`.
    @inline(__always)
    package func hasForm(of other: Tensor) -> Bool {
        dtype == other.dtype && device == other.device && shape == other.shape
    }
}

extension ShapeError.Operand {
    /// A tensor with its element type.
    package init(_ name: String, of x: Tensor, note: String = "") {
        self.init(name, x.shape, dtype: x.dtype, note: note)
    }
}

extension ShapeError {
    /// `other` must have the shape, element type and device of `tensor` and does not.
    package static func ofForms(
        _ operation: String, _ rule: String, _ name: String, _ tensor: Tensor, _ otherName: String, _ other: Tensor,
        hint: String = ""
    ) -> ShapeError {
        let isElsewhere = tensor.device != other.device
        return ShapeError(
            operation, rule,
            [
                .init(name, of: tensor, note: isElsewhere ? "on \(tensor.device)" : ""),
                .init(otherName, of: other, note: isElsewhere ? "on \(other.device)" : ""),
            ], hint: hint)
    }
}
