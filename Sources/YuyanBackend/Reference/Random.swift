import Glibc

// MARK: Numbers from words, the same on every device

extension RandomKey {
    /// 24 bits of a word, in [0, 1).
    static func uniform(_ word: UInt32) -> Float { Float(word >> 8) * 0x1p-24 }

    /// 53 bits of two words, in [0, 1).
    static func uniform(_ low: UInt32, _ high: UInt32) -> Double {
        Double((UInt64(high) << 32 | UInt64(low)) >> 11) * 0x1p-53
    }

    /// Two independent numbers from N(0, 1), from two words.
    static func normals(_ word0: UInt32, _ word1: UInt32) -> (Double, Double) {
        let u1 = (Double(word0) + 1) * 0x1p-32  // in (0, 1]: its logarithm is finite
        let u2 = Double(word1) * 0x1p-32
        let radius = (-2 * log(u1)).squareRoot()
        let angle = 2 * Double.pi * u2
        return (radius * cos(angle), radius * sin(angle))
    }

    /// Calls `body` with every index below `count` and its u: element i of float32 takes word i.
    @inline(__always)
    func forEachUniform(_ count: Int, as type: Float.Type, _ body: (Int, Float) -> Void) {
        for first in stride(from: 0, to: count, by: 4) {
            let words = words(block: UInt64(first / 4))
            for i in first..<min(first + 4, count) { body(i, RandomKey.uniform(words[i - first])) }
        }
    }

    /// Calls `body` with every index below `count` and its u: element i of float64 takes words 2i and 2i + 1.
    @inline(__always)
    func forEachUniform(_ count: Int, as type: Double.Type, _ body: (Int, Double) -> Void) {
        for first in stride(from: 0, to: count, by: 2) {
            let words = words(block: UInt64(first / 2))
            body(first, RandomKey.uniform(words[0], words[1]))
            if first + 1 < count { body(first + 1, RandomKey.uniform(words[2], words[3])) }
        }
    }

    /// A random order of 0 ..< count: from the last element down, each changes places with one not behind it; step n
    /// takes the first two words of block n.
    /// Source: Durstenfeld, Algorithm 235: Random permutation (1964).
    func permute(_ order: UnsafeMutablePointer<Int64>, count: Int) {
        for i in 0..<count { order[i] = Int64(i) }
        for i in stride(from: count - 1, to: 0, by: -1) {
            let words = words(block: UInt64(count - 1 - i))
            let word = UInt64(words[1]) << 32 | UInt64(words[0])
            let j = Int(word.multipliedFullWidth(by: UInt64(i + 1)).high)
            (order[i], order[j]) = (order[j], order[i])
        }
    }
}

// MARK: Primitives

extension ReferenceBackend {
    package func random(
        _ kind: RandomKind, _ shape: Shape, _ dtype: DType, _ numbers: SIMD2<Double>, _ key: RandomKey
    ) -> DeviceBuffer {
        switch kind {
        case .uniform where dtype == .bfloat16, .normal where dtype == .bfloat16:
            cast(random(kind, shape, .float32, numbers, key), to: dtype)
        case .uniform: uniform(shape, dtype, low: numbers.x, high: numbers.y, key)
        case .normal: normal(shape, dtype, mean: numbers.x, deviation: numbers.y, key)
        case .permutation: permutation(shape[0], key)
        }
    }

    private func uniform(_ shape: Shape, _ dtype: DType, low: Double, high: Double, _ key: RandomKey) -> DeviceBuffer {
        let result = makeBuffer(shape, dtype)
        switch dtype {
        case .float32:
            let output = result.elements(as: Float.self)
            let (low, high) = (Float(low), Float(high))
            key.forEachUniform(result.elementCount, as: Float.self) { i, u in output[i] = low + (high - low) * u }
        case .float64:
            let output = result.elements(as: Double.self)
            key.forEachUniform(result.elementCount, as: Double.self) { i, u in output[i] = low + (high - low) * u }
        default: unsupported("uniform random numbers", dtype)
        }
        return result
    }

    private func normal(
        _ shape: Shape, _ dtype: DType, mean: Double, deviation: Double, _ key: RandomKey
    ) -> DeviceBuffer {
        switch dtype {
        case .float32: normal(shape, dtype, mean, deviation, key, as: Float.self)
        case .float64: normal(shape, dtype, mean, deviation, key, as: Double.self)
        default: unsupported("normal random numbers", dtype)
        }
    }

    private func normal<T: ReferenceReal>(
        _ shape: Shape, _ dtype: DType, _ mean: Double, _ deviation: Double, _ key: RandomKey, as type: T.Type
    ) -> DeviceBuffer {
        let result = makeBuffer(shape, dtype)
        let output = result.elements(as: T.self)
        let count = result.elementCount
        for first in stride(from: 0, to: count, by: 2) {
            let pair = first / 2
            let words = key.words(block: UInt64(pair / 2))
            let (even, odd) = RandomKey.normals(words[pair % 2 * 2], words[pair % 2 * 2 + 1])
            output[first] = T(converting: mean + deviation * even)
            if first + 1 < count { output[first + 1] = T(converting: mean + deviation * odd) }
        }
        return result
    }

    private func permutation(_ count: Int, _ key: RandomKey) -> DeviceBuffer {
        let result = makeBuffer([count], .int64)
        key.permute(result.elements(as: Int64.self), count: count)
        return result
    }

    package func dropout(_ x: DeviceBuffer, probability: Double, _ key: RandomKey) -> DeviceBuffer {
        if x.dtype == .bfloat16 { return widened.dropout(x, probability: probability, key) }
        let x = contiguous(x)
        let result = makeBuffer(x.shape, x.dtype)
        switch x.dtype {
        case .float32:
            let input = x.elements(as: Float.self)
            let output = result.elements(as: Float.self)
            let p = Float(probability)
            let scale = 1 / (1 - p)
            key.forEachUniform(x.elementCount, as: Float.self) { i, u in output[i] = u >= p ? input[i] * scale : 0 }
        case .float64:
            let input = x.elements(as: Double.self)
            let output = result.elements(as: Double.self)
            let scale = 1 / (1 - probability)
            key.forEachUniform(x.elementCount, as: Double.self) { i, u in
                output[i] = u >= probability ? input[i] * scale : 0
            }
        default: unsupported("dropout", x.dtype)
        }
        return result
    }
}
