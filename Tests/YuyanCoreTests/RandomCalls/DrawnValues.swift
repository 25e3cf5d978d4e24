import YuyanBackend
import YuyanCore

extension Draw {
    /// Elements to be a tensor's.
    mutating func array(_ sizes: [Int], _ dtype: DType, _ values: Values) -> HostArray {
        let shape = Shape(sizes)
        let count = shape.elementCount
        switch dtype {
        case .float32: return HostArray(reals(count, values) as [Float], shape: shape)
        case .float64: return HostArray(reals(count, values) as [Double], shape: shape)
        case .bfloat16: return HostArray((reals(count, values) as [Float]).map { BFloat16($0) }, shape: shape)
        case .int32: return HostArray(integers(count, values) as [Int32], shape: shape)
        case .int64: return HostArray(integers(count, values) as [Int64], shape: shape)
        case .uint8: return HostArray(integers(count, values) as [UInt8], shape: shape)
        case .bool: return HostArray((0..<count).map { _ in int(0...1) == 1 }, shape: shape)
        }
    }

    private mutating func reals<Real: BinaryFloatingPoint>(_ count: Int, _ values: Values) -> [Real] {
        var special: [Real] = []
        switch values {
        case .range(let range): return (0..<count).map { _ in Real(real(range)) }
        case .finite: break
        case .summable: special = [.infinity, -.infinity, .nan, 0, -0.0]
        case .all:
            special = [
                .infinity, -.infinity, .nan, 0, -0.0, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
                .leastNormalMagnitude, -.leastNormalMagnitude, .leastNonzeroMagnitude, Real(1e4), Real(-1e4),
                Real(3e-5),
            ]
        }
        switch int(0...9) {
        case 0..<5: return (0..<count).map { _ in Real(real(-2...2)) }
        case 5..<7: return (0..<count).map { _ in Real(int(-4...4)) / 2 }
        default:
            if special.isEmpty { return (0..<count).map { _ in Real(real(-4...4)) } }
            let share = pick([0.02, 0.2, 1])
            return (0..<count).map { _ in chance(share) ? pick(special) : Real(real(-2...2)) }
        }
    }

    private mutating func integers<Number: FixedWidthInteger>(_ count: Int, _ values: Values) -> [Number] {
        let low: Int = Number.isSigned ? -4 : 0
        switch values {
        case .range(let range):
            let (first, last) = (Swift.max(Int(range.lowerBound), low), Swift.min(Int(range.upperBound), 255))
            return (0..<count).map { _ in Number(int(first...Swift.max(first, last))) }
        case .finite, .summable: return (0..<count).map { _ in Number(int(low...4)) }
        case .all:
            if chance(0.7) { return (0..<count).map { _ in Number(int(low * 10...40)) } }
            let special: [Number] = [.max, .min, .max - 1, .min + 1, .max / 2, 0, 1]
            return (0..<count).map { _ in chance(0.5) ? pick(special) : Number(int(low...4)) }
        }
    }
}
