/// The type of a tensor's elements.
public enum DType: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// IEEE 754 in 32 bits, the type of tensors unless another is asked for.
    case float32
    /// IEEE 754 in 64 bits.
    case float64
    /// The upper half of a `float32`: its range, with 8 bits of precision. Operations compute as `float32` and round the
    /// result.
    case bfloat16
    /// Whole numbers in 32 bits.
    case int32
    /// Whole numbers in 64 bits: labels and indices.
    case int64
    /// 0 to 255: pixels.
    case uint8
    /// True or false, a byte each.
    case bool

    /// The size of one element in bytes.
    @inlinable
    public var byteCount: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .bfloat16: 2
        case .uint8, .bool: 1
        }
    }

    /// True for the real-number types `float32`, `float64` and `bfloat16`: those that can have gradients.
    @inlinable
    public var isFloatingPoint: Bool {
        switch self {
        case .float32, .float64, .bfloat16: true
        case .int32, .int64, .uint8, .bool: false
        }
    }

    public var description: String {
        switch self {
        case .float32: "float32"
        case .float64: "float64"
        case .bfloat16: "bfloat16"
        case .int32: "int32"
        case .int64: "int64"
        case .uint8: "uint8"
        case .bool: "bool"
        }
    }

    /// The type that holds the result of an operation on elements of both types.
    ///
    /// A floating-point type wins over an integer one, otherwise the wider wins; `bool` gives way to all
    /// and `bfloat16` to `float32`.
    public func promoted(with other: DType) -> DType {
        if self == other { return self }
        return promotionRank >= other.promotionRank ? self : other
    }

    private var promotionRank: Int {
        switch self {
        case .bool: 0
        case .uint8: 1
        case .int32: 2
        case .int64: 3
        case .bfloat16: 4
        case .float32: 5
        case .float64: 6
        }
    }
}

/// A Swift type that can be an element of a tensor.
///
/// `Float`, `Double`, `BFloat16`, `Int32`, `Int64`, `Int` (as `int64`), `UInt8` and `Bool` conform.
public protocol TensorElement: Sendable, BitwiseCopyable {
    /// The element type that stores values of this Swift type.
    static var dtype: DType { get }
}

extension Float: TensorElement { public static var dtype: DType { .float32 } }
extension Double: TensorElement { public static var dtype: DType { .float64 } }
extension Int32: TensorElement { public static var dtype: DType { .int32 } }
extension Int64: TensorElement { public static var dtype: DType { .int64 } }
extension Int: TensorElement { public static var dtype: DType { .int64 } }
extension UInt8: TensorElement { public static var dtype: DType { .uint8 } }
extension Bool: TensorElement { public static var dtype: DType { .bool } }

/// A 16-bit floating-point number with the exponent of `Float` and 8 bits of precision.
public struct BFloat16: TensorElement, Hashable, CustomStringConvertible {
    public static var dtype: DType { .bfloat16 }
    /// The 16 bits: sign, 8 of the exponent, 7 of the fraction.
    public var bitPattern: UInt16

    /// The number of these bits.
    @inlinable
    public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

    /// The nearest value, ties to even; NaN stays NaN.
    @inlinable
    public init(_ value: Float) {
        let bits = value.bitPattern
        if value.isNaN {
            bitPattern = UInt16(truncatingIfNeeded: bits >> 16) | 0x40
        } else {
            let rounding = 0x7FFF + ((bits >> 16) & 1)
            bitPattern = UInt16(truncatingIfNeeded: (bits &+ rounding) >> 16)
        }
    }

    public var description: String { "\(Float(self))" }
}

extension Float {
    /// The same number: every `BFloat16` is a `Float`.
    @inlinable
    public init(_ value: BFloat16) { self.init(bitPattern: UInt32(value.bitPattern) << 16) }
}
