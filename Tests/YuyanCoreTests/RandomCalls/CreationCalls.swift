import YuyanBackend
import YuyanCore

extension RandomOperation {
    /// Tensors from numbers, and random ones, which depend on the seed alone.
    static let creation: [RandomOperation] = [
        RandomOperation("full", entries: []) { draw in
            let (shape, dtype) = (Shape(draw.shape()), draw.dtype(DType.allCases))
            let value = draw.pick([0, 1, -1, 0.5, 255, 300, 1e30, .infinity, .nan])
            return Call("Tensor.full(\(shape), \(value), dtype: .\(dtype))", .exact, isDifferentiable: false) { _ in
                Tensor.full(shape, value, dtype: dtype)
            }
        },
        RandomOperation("eye", entries: []) { draw in
            let (count, dtype) = (draw.size(), draw.dtype(DType.allCases))
            return Call("Tensor.eye(\(count), dtype: .\(dtype))", .exact, isDifferentiable: false) { _ in
                Tensor.eye(count, dtype: dtype)
            }
        },
        random("uniform", .exact) { shape, dtype in Tensor.uniform(shape, in: -1..<3, dtype: dtype) },
        random("normal", .close) { shape, dtype in Tensor.normal(shape, mean: 1, standardDeviation: 2, dtype: dtype) },
        random("bernoulli", .exact) { shape, _ in Tensor.bernoulli(shape, probability: 0.3) },
        random("permutation", .exact) { shape, _ in Tensor.permutation(shape.elementCount) },
    ]

    private static func random(
        _ name: String, _ agreement: Call.Agreement, _ function: @escaping @Sendable (Shape, DType) -> Tensor
    ) -> RandomOperation {
        let isExact = if case .exact = agreement { true } else { false }
        return RandomOperation(name, entries: []) { draw in
            let (shape, dtype, seed) = (Shape(draw.shape()), draw.dtype(DType.reals), UInt64(draw.int(0...1000)))
            let text = "Tensor.\(name) of \(dtype) \(shape) with seed \(seed)"
            return Call(text, isExact ? .exact : .close, isDifferentiable: false) { _ in
                withSeed(seed) { function(shape, dtype) }
            }
        }
    }
}
