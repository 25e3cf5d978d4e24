import YuyanBackend

infix operator .== : ComparisonPrecedence
infix operator .!= : ComparisonPrecedence
infix operator .< : ComparisonPrecedence
infix operator .<= : ComparisonPrecedence
infix operator .> : ComparisonPrecedence
infix operator .>= : ComparisonPrecedence
infix operator .& : LogicalConjunctionPrecedence
infix operator .| : LogicalDisjunctionPrecedence

extension OperationFamily {
    package static let comparison = OperationFamily("Comparison", Comparison.entries + [Op.Select.entry])
}

/// Element-wise comparisons; the shapes broadcast, the results are bool.
private enum Comparison {
    private static let noGradient = OperationEntry.Gradient.none("the result is bool")

    static let entries: [OperationEntry] = [
        entry("equal", ".==", "a = b", "a == b") { $0 .== $1 },
        entry("notEqual", ".!=", "a ≠ b", "a != b") { $0 .!= $1 },
        entry("less", ".<", "a < b", "a < b") { $0 .< $1 },
        entry("lessOrEqual", ".<=", "a ≤ b", "a <= b") { $0 .<= $1 },
        entry("greater", ".>", "a > b", "a > b") { $0 .> $1 },
        entry("greaterOrEqual", ".>=", "a ≥ b", "a >= b") { $0 .>= $1 },
        OperationEntry(
            "and", "a ∧ b",
            swift: [".& (left: Self, right: some TensorConvertible) -> Tensor"], gradient: noGradient,
            [Sample([.boolean([3, 4]), .boolean([4])], torch: "a & b") { $0[0] .& $0[1] }]),
        OperationEntry(
            "or", "a ∨ b",
            swift: [".| (left: Self, right: some TensorConvertible) -> Tensor"], gradient: noGradient,
            [Sample([.boolean([3, 4]), .boolean([4])], torch: "a | b") { $0[0] .| $0[1] }]),
        OperationEntry(
            "not", "¬a",
            swift: ["! (x: Self) -> Tensor"], gradient: noGradient,
            [Sample([.boolean([3, 4])], torch: "~a") { !$0[0] }]),
    ]

    private static func entry(
        _ name: String, _ spelling: String, _ formula: String, _ torch: String,
        _ call: @escaping @Sendable (Tensor, Tensor) -> Tensor
    ) -> OperationEntry {
        OperationEntry(
            name, formula + ", as bool",
            swift: ["TensorConvertible", "TensorScalar"].map {
                "\(spelling) (left: Self, right: some \($0)) -> Tensor"
            },
            gradient: noGradient,
            [
                Sample([.real([3, 4]), .real([4])], torch: torch) { call($0[0], $0[1]) },
                Sample([.integer([3, 1], 0..<3), .integer([5], 0..<3)], torch: torch) { call($0[0], $0[1]) },
            ])
    }

    static func compare(
        _ name: String, _ operation: ComparisonOperation, _ left: some TensorConvertible,
        _ right: some TensorConvertible
    ) -> Tensor {
        let (a, b) = promoted(left.tensor, right.tensor)
        checkOperands(name, .equal, ["left", "right"], a, b, #fileID, #line)
        do { _ = try broadcastShape(name, a.shape, b.shape) } catch { shapeFailure(error, #fileID, #line) }
        return Tensor(a.backend.compare(operation, a.buffer, b.buffer))
    }

    static func compare<Scalar: TensorScalar>(
        _ operation: ComparisonOperation, _ left: some TensorConvertible, _ right: Scalar
    ) -> Tensor {
        var x = left.tensor
        if Scalar.isFloatingPoint && !x.dtype.isFloatingPoint { x = x.cast(to: .float64) }
        if x.dtype == .int64, let exact = right.exactInteger, exact.magnitude > 1 << 53 {
            return Tensor(x.backend.compare(operation, x.buffer, Tensor(exact, device: x.device).buffer))
        }
        return Tensor(x.backend.compare(operation, x.buffer, scalar: right.doubleValue))
    }

    static func logical(
        _ name: String, _ operation: BinaryOperation, _ left: some TensorConvertible, _ right: some TensorConvertible
    ) -> Tensor {
        let (a, b) = (left.tensor.cast(to: .bool), right.tensor.cast(to: .bool))
        checkOperands(name, .equal, ["left", "right"], a, b, #fileID, #line)
        do { _ = try broadcastShape(name, a.shape, b.shape) } catch { shapeFailure(error, #fileID, #line) }
        return Tensor(a.backend.binary(operation, a.buffer, b.buffer))
    }
}

extension TensorConvertible {
    /// Where the elements are equal, as bool; NaN equals nothing. The shapes broadcast.
    public static func .== (left: Self, right: some TensorConvertible) -> Tensor {
        Comparison.compare("equal", .equal, left, right)
    }
    /// Where the elements differ, as bool; NaN differs from everything. The shapes broadcast.
    public static func .!= (left: Self, right: some TensorConvertible) -> Tensor {
        Comparison.compare("notEqual", .notEqual, left, right)
    }
    /// Where the left element is smaller, as bool; false beside NaN. The shapes broadcast.
    public static func .< (left: Self, right: some TensorConvertible) -> Tensor {
        Comparison.compare("less", .less, left, right)
    }
    /// Where the left element is smaller or equal, as bool; false beside NaN. The shapes broadcast.
    public static func .<= (left: Self, right: some TensorConvertible) -> Tensor {
        Comparison.compare("lessOrEqual", .lessOrEqual, left, right)
    }
    /// Where the left element is larger, as bool; false beside NaN. The shapes broadcast.
    public static func .> (left: Self, right: some TensorConvertible) -> Tensor {
        Comparison.compare("greater", .greater, left, right)
    }
    /// Where the left element is larger or equal, as bool; false beside NaN. The shapes broadcast.
    public static func .>= (left: Self, right: some TensorConvertible) -> Tensor {
        Comparison.compare("greaterOrEqual", .greaterOrEqual, left, right)
    }

    /// Where the elements equal a number, as bool.
    public static func .== (left: Self, right: some TensorScalar) -> Tensor { Comparison.compare(.equal, left, right) }
    /// Where the elements differ from a number, as bool.
    public static func .!= (left: Self, right: some TensorScalar) -> Tensor {
        Comparison.compare(.notEqual, left, right)
    }
    /// Where the elements are smaller than a number, as bool.
    public static func .< (left: Self, right: some TensorScalar) -> Tensor { Comparison.compare(.less, left, right) }
    /// Where the elements are at most a number, as bool.
    public static func .<= (left: Self, right: some TensorScalar) -> Tensor {
        Comparison.compare(.lessOrEqual, left, right)
    }
    /// Where the elements are larger than a number, as bool.
    public static func .> (left: Self, right: some TensorScalar) -> Tensor { Comparison.compare(.greater, left, right) }
    /// Where the elements are at least a number, as bool.
    public static func .>= (left: Self, right: some TensorScalar) -> Tensor {
        Comparison.compare(.greaterOrEqual, left, right)
    }

    /// Whether both are true, or not zero.
    public static func .& (left: Self, right: some TensorConvertible) -> Tensor {
        Comparison.logical("and", .logicalAnd, left, right)
    }
    /// Whether at least one is true, or not zero.
    public static func .| (left: Self, right: some TensorConvertible) -> Tensor {
        Comparison.logical("or", .logicalOr, left, right)
    }
    /// Whether an element is false, or zero.
    public static prefix func ! (x: Self) -> Tensor {
        let x = x.tensor.cast(to: .bool)
        return Tensor(x.backend.unary(UnaryOperation(.logicalNot), x.buffer))
    }
}

// MARK: - Choosing by a condition

extension Op {
    /// Operands: condition, a, b.
    package enum Select: GeneralRule {
        package static let name = "select"
        package static var types: OperandTypes { .conditional }
        package static func operandName(_ place: Int, _ options: Void) -> String { ["condition", "a", "b"][place] }
        package static func keeps(_ options: Void) -> Kept { .first }

        package static func outputShapes(
            _ operands: Few<Shape?>, _ options: Void
        ) throws(ShapeError) -> Few<Shape> {
            let (condition, a, b) = (operands[0]!, operands[1]!, operands[2]!)
            return Few(try broadcastShape(name, condition, broadcastShape(name, a, b)))
        }

        package static func forward(_ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ options: Void) -> Computed {
            let condition = operands[0]!
            return Computed(condition.device.backend.select(condition, operands[1]!, operands[2]!))
        }

        package static func gradients(
            _ gradients: Few<Tensor?>, _ saved: SavedValues, _ options: Void
        ) -> Few<Tensor?> {
            let (g, condition) = (gradients[0]!, saved.operand(0))
            let zero = Tensor.zeros([], dtype: g.dtype, device: g.device)
            return Few(
                nil, saved.needsGradient(1) ? select(condition, g, zero) : nil,
                saved.needsGradient(2) ? select(condition, zero, g) : nil)
        }

        package static let entry = OperationEntry(
            name, "y = condition ? a : b",
            swift: [
                "select(_ condition: some TensorConvertible, _ a: some TensorConvertible, _ b: some TensorConvertible) -> Tensor"
            ],
            [
                Sample([.boolean([3, 4]), .real([3, 4]), .real([4])], torch: "torch.where(a, b, c)") {
                    select($0[0], $0[1], $0[2])
                },
                Sample([.boolean([3, 1]), .real([]), .real([3, 4])], torch: "torch.where(a, b, c)") {
                    select($0[0], $0[1], $0[2])
                },
            ])
    }
}

/// Elements of `a` where `condition` is true, else of `b`; the three shapes broadcast.
public func select(
    _ condition: some TensorConvertible, _ a: some TensorConvertible, _ b: some TensorConvertible,
    file: StaticString = #fileID, line: UInt = #line
) -> Tensor {
    let (x, y) = promoted(a.tensor, b.tensor)
    return applyForOne(Op.Select.self, Few(condition.tensor.cast(to: .bool), x, y), (), file, line)
}
