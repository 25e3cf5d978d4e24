import YuyanBackend

// Operators broadcast and work element by element, always. Every operator exists for two tensors (or parameters) and
// for a tensor and a Swift number on either side.

extension TensorConvertible {
    /// The sums of the elements. The shapes broadcast; traps if they do not.
    public static func + (left: Self, right: some TensorConvertible) -> Tensor { arithmetic(Op.Add.self, left, right) }
    /// The differences of the elements. The shapes broadcast; traps if they do not.
    public static func - (left: Self, right: some TensorConvertible) -> Tensor {
        arithmetic(Op.Subtract.self, left, right)
    }
    /// The products of the elements, not of matrices: see `matmul`. The shapes broadcast; traps if they do not.
    public static func * (left: Self, right: some TensorConvertible) -> Tensor {
        arithmetic(Op.Multiply.self, left, right)
    }
    /// Integers become `float32`.
    public static func / (left: Self, right: some TensorConvertible) -> Tensor {
        let (a, b) = (left.tensor, right.tensor)
        if !a.dtype.isFloatingPoint && !b.dtype.isFloatingPoint {
            return apply(Op.Divide.self, a.cast(to: .float32), b.cast(to: .float32), ())
        }
        return arithmetic(Op.Divide.self, a, b)
    }

    /// Adds a number to each element.
    public static func + (left: Self, right: some TensorScalar) -> Tensor {
        Op.ScalarArithmetic.call(.add, left, right)
    }
    /// Subtracts a number from each element.
    public static func - (left: Self, right: some TensorScalar) -> Tensor {
        Op.ScalarArithmetic.call(.subtract, left, right)
    }
    /// Multiplies each element by a number.
    public static func * (left: Self, right: some TensorScalar) -> Tensor {
        Op.ScalarArithmetic.call(.multiply, left, right)
    }
    public static func / (left: Self, right: some TensorScalar) -> Tensor {
        Op.ScalarArithmetic.call(.divide, left, right)
    }

    /// Adds each element to a number.
    public static func + (left: some TensorScalar, right: Self) -> Tensor {
        Op.ScalarArithmetic.call(.add, right, left)
    }
    /// Subtracts each element from a number.
    public static func - (left: some TensorScalar, right: Self) -> Tensor {
        Op.ScalarArithmetic.call(.subtract, right, left, scalarIsLeft: true)
    }
    /// Multiplies a number by each element.
    public static func * (left: some TensorScalar, right: Self) -> Tensor {
        Op.ScalarArithmetic.call(.multiply, right, left)
    }
    /// Divides a number by each element. Integers become float32.
    public static func / (left: some TensorScalar, right: Self) -> Tensor {
        Op.ScalarArithmetic.call(.divide, right, left, scalarIsLeft: true)
    }

    /// The negative of each element.
    public static prefix func - (x: Self) -> Tensor { apply(Op.Negate.self, x.tensor.computable(), ()) }

    /// xᵉ, element by element; 0⁰ is 1. Where x is 0 the gradient for e ≥ 0 is 0. Traps if x and e are integers and an
    /// exponent is negative.
    public func pow(
        _ exponent: some TensorConvertible, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        Op.Power.checkExponents(tensor, exponent.tensor, file, line)
        return arithmetic(Op.Power.self, self, exponent)
    }
    /// xᵉ, element by element; 0⁰ is 1. Traps if x and e are integers and e is negative.
    public func pow(_ exponent: some TensorScalar, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        Op.ScalarArithmetic.call(.power, self, exponent, file: file, line: line)
    }

    /// min(max(x, lower), upper): the gradient is 1 inside `range`, bounds included, and 0 outside.
    public func clamped(to range: ClosedRange<Double>) -> Tensor {
        Op.ScalarArithmetic.call(.minimum, Op.ScalarArithmetic.call(.maximum, self, range.lowerBound), range.upperBound)
    }
}

/// The larger of two tensors, element by element.
public func maximum(_ a: some TensorConvertible, _ b: some TensorConvertible) -> Tensor {
    arithmetic(Op.Maximum.self, a, b)
}
/// The larger of a tensor's elements and a number.
public func maximum(_ x: some TensorConvertible, _ bound: some TensorScalar) -> Tensor {
    Op.ScalarArithmetic.call(.maximum, x, bound)
}
/// The smaller of two tensors, element by element.
public func minimum(_ a: some TensorConvertible, _ b: some TensorConvertible) -> Tensor {
    arithmetic(Op.Minimum.self, a, b)
}
/// The smaller of a tensor's elements and a number.
public func minimum(_ x: some TensorConvertible, _ bound: some TensorScalar) -> Tensor {
    Op.ScalarArithmetic.call(.minimum, x, bound)
}

// Operators in place keep shape and element type: they trap if the result has others.
extension Tensor {
    /// Adds in place; shape and element type stay.
    public static func += (left: inout Tensor, right: some TensorConvertible) {
        let right = right.tensor
        if left.node == nil && right.node == nil && left.dtype == right.dtype && left.shape == right.shape
            && left.device == right.device && left.dtype.isFloatingPoint
        {
            left.accumulate(right)
        } else {
            left = inPlace("+", left, right, left + right)
        }
    }
    /// Subtracts in place; shape and element type stay.
    public static func -= (left: inout Tensor, right: some TensorConvertible) {
        left = inPlace("-", left, right.tensor, left - right)
    }
    /// Multiplies in place; shape and element type stay.
    public static func *= (left: inout Tensor, right: some TensorConvertible) {
        left = inPlace("*", left, right.tensor, left * right)
    }
    /// Divides in place; shape and element type stay.
    public static func /= (left: inout Tensor, right: some TensorConvertible) {
        left = inPlace("/", left, right.tensor, left / right)
    }
    /// Adds a number to each element in place.
    public static func += (left: inout Tensor, right: some TensorScalar) {
        left = inPlace("+", left, nil, left + right)
    }
    /// Subtracts a number from each element in place.
    public static func -= (left: inout Tensor, right: some TensorScalar) {
        left = inPlace("-", left, nil, left - right)
    }
    /// Multiplies each element by a number in place.
    public static func *= (left: inout Tensor, right: some TensorScalar) {
        left = inPlace("*", left, nil, left * right)
    }
    /// Divides each element by a number in place.
    public static func /= (left: inout Tensor, right: some TensorScalar) {
        left = inPlace("/", left, nil, left / right)
    }

    /// The result, if it can take the place of `left`. `right` is nil for a number.
    @inline(__always)
    private static func inPlace(_ symbol: String, _ left: Tensor, _ right: Tensor?, _ result: Tensor) -> Tensor {
        if !result.hasForm(of: left) { refuseInPlace(symbol, left, right, result) }
        return result
    }

    @inline(never)
    private static func refuseInPlace(
        _ symbol: String, _ left: Tensor, _ right: Tensor?, _ result: Tensor
    ) -> Never {
        shapeFailure(
            ShapeError(
                "\(symbol)=", "the result must have the shape and element type of what it replaces",
                [.init("left", of: left)] + (right.map { [.init("right", of: $0)] } ?? [])
                    + [.init("result", of: result)], hint: "x = x \(symbol) … may change them"), #fileID, #line)
    }

    /// Adds an unrecorded tensor of the same shape and type, in place if nobody else refers to the elements.
    package mutating func accumulate(_ other: Tensor) {
        if isKnownUniquelyReferenced(&buffer) && buffer.canGather(other.buffer) {
            backend.accumulate(other.buffer, into: buffer)
        } else {
            buffer = backend.binary(.add, buffer, other.buffer)
        }
    }
}

// MARK: - Element types

/// Brings both operands to one element type, then applies the rule.
private func arithmetic<R: ElementwiseBinary>(
    _ rule: R.Type, _ left: some TensorConvertible, _ right: some TensorConvertible
) -> Tensor {
    let (a, b) = (left.tensor, right.tensor)
    if a.dtype == b.dtype && a.dtype.isFloatingPoint { return apply(R.self, a, b, ()) }
    let (x, y) = promoted(a, b)
    return apply(R.self, x.computable(), y.computable(), ())
}

/// Both operands cast to the type that holds either.
package func promoted(_ a: Tensor, _ b: Tensor) -> (Tensor, Tensor) {
    let dtype = a.dtype.promoted(with: b.dtype)
    return (a.cast(to: dtype), b.cast(to: dtype))
}

extension Tensor {
    /// The elements in a type that has arithmetic: `bool` counts as int64.
    @inline(__always)
    package func computable() -> Tensor { dtype == .bool ? cast(to: .int64) : self }

    /// The elements as real numbers: integers become `float32`.
    @inline(__always)
    package func real() -> Tensor { dtype.isFloatingPoint ? self : cast(to: .float32) }
}
