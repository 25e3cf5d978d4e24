import Glibc

// MARK: Element types

/// A type that elements are widened to: `Double` for reals, `Int64` for integers and bool.
protocol WideNumber: ReferenceNumber {
    func narrowed<E: ReferenceElement>(to type: E.Type) -> E
}

/// An element type, with its conversions.
protocol ReferenceElement: TensorElement {
    associatedtype Wide: WideNumber
    var wide: Wide { get }
    /// Rounds; integers truncate toward zero and saturate, NaN becomes 0; bool: non-zero is true.
    init(converting value: Double)
    /// Integers wrap around.
    init(converting value: Int64)
}

/// An element type to compute with. Integer arithmetic wraps around.
protocol ReferenceNumber: ReferenceElement, Comparable {
    static var zero: Self { get }
    static var one: Self { get }
    static var lowest: Self { get }
    static var highest: Self { get }
    var isNotANumber: Bool { get }
    static func add(_ a: Self, _ b: Self) -> Self
    static func subtract(_ a: Self, _ b: Self) -> Self
    static func multiply(_ a: Self, _ b: Self) -> Self
    /// Truncates for integers; an integer divided by zero is 0.
    static func divide(_ a: Self, _ b: Self) -> Self
    /// For integers a negative exponent gives 0, unless the base is ±1; callers refuse it.
    static func power(_ a: Self, _ b: Self) -> Self
}

extension ReferenceNumber {
    /// The larger one; NaN if either is.
    static func maximum(_ a: Self, _ b: Self) -> Self { a > b || a.isNotANumber ? a : b }
    /// The smaller one; NaN if either is.
    static func minimum(_ a: Self, _ b: Self) -> Self { a < b || a.isNotANumber ? a : b }
    static func sign(_ x: Self) -> Self { x > zero ? one : x < zero ? subtract(zero, one) : zero }
}

/// `Float` or `Double`.
protocol ReferenceReal: ReferenceNumber, BinaryFloatingPoint where Wide == Double {}

extension ReferenceReal {
    static var one: Self { 1 }
    static var lowest: Self { -infinity }
    static var highest: Self { infinity }
    var isNotANumber: Bool { self != self }
    static func add(_ a: Self, _ b: Self) -> Self { a + b }
    static func subtract(_ a: Self, _ b: Self) -> Self { a - b }
    static func multiply(_ a: Self, _ b: Self) -> Self { a * b }
    static func divide(_ a: Self, _ b: Self) -> Self { a / b }
    static func power(_ a: Self, _ b: Self) -> Self { Self(converting: pow(a.wide, b.wide)) }
}

extension Float: ReferenceReal {
    typealias Wide = Double
    var wide: Double { Double(self) }
    init(converting value: Double) { self.init(value) }
    init(converting value: Int64) { self.init(value) }
}

extension Double: ReferenceReal, WideNumber {
    typealias Wide = Double
    var wide: Double { self }
    init(converting value: Double) { self = value }
    init(converting value: Int64) { self.init(value) }
    func narrowed<E: ReferenceElement>(to type: E.Type) -> E { E(converting: self) }
}

/// `Int32`, `Int64` or `UInt8`.
protocol ReferenceInteger: ReferenceNumber, FixedWidthInteger where Wide == Int64 {}

extension ReferenceInteger {
    var wide: Int64 { Int64(self) }
    init(converting value: Double) {
        if value.isNaN {
            self = 0
        } else if value >= Double(Self.max) {
            self = .max
        } else if value <= Double(Self.min) {
            self = .min
        } else {
            self.init(value)
        }
    }
    init(converting value: Int64) { self.init(truncatingIfNeeded: value) }
    static var one: Self { 1 }
    static var lowest: Self { .min }
    static var highest: Self { .max }
    var isNotANumber: Bool { false }
    static func add(_ a: Self, _ b: Self) -> Self { a &+ b }
    static func subtract(_ a: Self, _ b: Self) -> Self { a &- b }
    static func multiply(_ a: Self, _ b: Self) -> Self { a &* b }
    static func divide(_ a: Self, _ b: Self) -> Self { b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue }
    static func power(_ a: Self, _ b: Self) -> Self {
        if b < 0 { return a == 1 || (a &+ 1 == 0 && b & 1 == 0) ? 1 : a &+ 1 == 0 ? a : 0 }
        var result: Self = 1
        var square = a  // a^(2^bit)
        var exponent = b
        while exponent > 0 {
            if exponent & 1 == 1 { result = result &* square }
            square = square &* square
            exponent >>= 1
        }
        return result
    }
}

extension Int32: ReferenceInteger { typealias Wide = Int64 }
extension UInt8: ReferenceInteger { typealias Wide = Int64 }
extension Int64: ReferenceInteger, WideNumber {
    typealias Wide = Int64
    func narrowed<E: ReferenceElement>(to type: E.Type) -> E { E(converting: self) }
}

extension BFloat16: ReferenceElement {
    typealias Wide = Double
    var wide: Double { Double(Float(self)) }
    init(converting value: Double) { self.init(Float(value)) }
    init(converting value: Int64) { self.init(Float(value)) }
}

extension Bool: ReferenceElement {
    typealias Wide = Int64
    var wide: Int64 { self ? 1 : 0 }
    init(converting value: Double) { self = value != 0 }
    init(converting value: Int64) { self = value != 0 }
}

// MARK: Strided iteration

/// Visits a shape in row-major order, with the offsets of up to four operands in elements.
///
/// Neighbouring axes are merged where all operands allow it, so that contiguous operands have a single row.
struct StridedLoop {
    /// The size of the innermost axis, and each operand's step along it. Steps of a row of one element are 0.
    private(set) var rowLength = 1
    private(set) var rowStep = SIMD4<Int>(repeating: 0)
    /// The axes around the row, innermost first.
    private var outerSizes: [Int] = []
    private var outerSteps: [SIMD4<Int>] = []
    private let isEmpty: Bool

    init(_ shape: Shape, _ operands: Strides...) {
        isEmpty = shape.elementCount == 0
        var sizes: [Int] = []
        var steps: [SIMD4<Int>] = []
        for axis in stride(from: shape.rank - 1, through: 0, by: -1) where shape[axis] != 1 {
            var step = SIMD4<Int>(repeating: 0)
            for (lane, operand) in operands.enumerated() { step[lane] = operand[axis, rank: shape.rank] }
            if let size = sizes.last, let inner = steps.last, step == inner &* size {
                sizes[sizes.count - 1] = size * shape[axis]
            } else {
                sizes.append(shape[axis])
                steps.append(step)
            }
        }
        if let size = sizes.first, let step = steps.first {
            rowLength = size
            rowStep = step
            outerSizes = Array(sizes.dropFirst())
            outerSteps = Array(steps.dropFirst())
        }
    }

    /// Calls `body` with the offsets at which each row begins.
    @inline(__always)
    func forEachRow(_ body: (SIMD4<Int>) -> Void) {
        if isEmpty { return }
        var counter = [Int](repeating: 0, count: outerSizes.count)
        var offsets = SIMD4<Int>(repeating: 0)
        while true {
            body(offsets)
            var axis = 0
            while axis < counter.count {
                counter[axis] += 1
                offsets &+= outerSteps[axis]
                if counter[axis] < outerSizes[axis] { break }
                counter[axis] = 0
                offsets &-= outerSteps[axis] &* outerSizes[axis]
                axis += 1
            }
            if axis == counter.count { return }
        }
    }

    /// Calls `body` with the offsets of each element.
    @inline(__always)
    func forEachElement(_ body: (SIMD4<Int>) -> Void) {
        forEachRow { row in
            var offsets = row
            for _ in 0..<rowLength {
                body(offsets)
                offsets &+= rowStep
            }
        }
    }
}

extension DeviceBuffer {
    /// The strides with which this buffer is read where a larger shape is visited: axes of size 1 stay in place.
    var broadcastStrides: Strides {
        Strides(lanes: strides.lanes.replacing(with: 0, where: SIMD8<Int>(truncatingIfNeeded: shape.lanes) .== 1))
    }
}

/// `x`'s sizes with one axis replaced.
func replacing(_ shape: Shape, axis: Int, with size: Int) -> Shape {
    var result = shape
    result[axis] = size
    return result
}
