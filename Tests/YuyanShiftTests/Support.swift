import YuyanCore

/// Numbers in 0 ..< 1 that Python makes in the same way: s ← (75 s + 74) mod 65537, xᵢ = s / 65537.
///
///     def made(n, s):
///         x = []
///         for i in range(n): s = (75 * s + 74) % 65537; x.append(s / 65537)
///         return numpy.array(x)
func made(_ count: Int, _ seed: Int) -> [Double] {
    var state = seed
    return (0..<count).map { _ in
        state = (75 * state + 74) % 65537
        return Double(state) / 65537
    }
}

/// A column as it is, float64.
func column(_ values: [Double]) -> Tensor { Tensor(values, dtype: .float64) }

func rows(_ values: [Double], of featureCount: Int) -> Tensor {
    Tensor(values, shape: [values.count / featureCount, featureCount], dtype: .float64)
}

/// Whether two numbers agree to a part of their size.
func agree(_ a: Double, _ b: Double, _ tolerance: Double = 1e-10) -> Bool { abs(a - b) <= tolerance * abs(b) }
