import YuyanCore

/// How far a result may be from what is expected, relative to the larger of 1 and its magnitude. The only table: a wider
/// one in a test states its reason in the same line.
struct Tolerance {
    /// Of an operation's value.
    let value: Double
    /// Of a gradient.
    let gradient: Double

    static func of(_ dtype: DType) -> Tolerance {
        switch dtype {
        case .float32: Tolerance(value: 1e-5, gradient: 2e-3)
        case .float64: Tolerance(value: 1e-12, gradient: 1e-6)
        case .bfloat16: Tolerance(value: 1e-2, gradient: 1e-1)
        case .int32, .int64, .uint8, .bool: Tolerance(value: 0, gradient: 0)
        }
    }
}
