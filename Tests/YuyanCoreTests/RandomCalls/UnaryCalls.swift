import YuyanBackend
import YuyanCore

extension RandomOperation {
    /// Functions of one tensor, element by element.
    static let unary: [RandomOperation] =
        [
            map("negate", DType.computable, .exact) { -$0 },
            map("abs", DType.computable, .exact) { $0.abs() },
            map("sign", DType.computable, .exact) { $0.sign() },
            map("squared", DType.computable, .exact) { $0.squared() },
            map("reciprocal", DType.computable, .exact) { $0.reciprocal() },
            map("squareRoot", DType.computable, .exact) { $0.squareRoot() },
            map("floor", DType.computable, .exact) { $0.floor() },
            map("relu", DType.computable, .exact) { $0.relu() },
            map("exp", DType.computable, .close) { $0.exp() },
            map("log", DType.computable, .close) { $0.log() },
            map("sin", DType.computable, .close) { $0.sin() },
            map("cos", DType.computable, .close) { $0.cos() },
            map("erf", DType.computable, .close) { $0.erf() },
            map("sigmoid", DType.computable, .close) { $0.sigmoid() },
            map("tanh", DType.computable, .close) { $0.tanh() },
            map("gelu", DType.computable, .close) { $0.gelu() },
            map("gelu by tanh", entries: ["gelu by tanh"], DType.computable, .close) { $0.gelu(approximation: .tanh) },
            map("silu", DType.computable, .close) { $0.silu() },
            map("relu6", DType.computable, .exact) { $0.relu6() },
            map("hardSigmoid", DType.computable, .close) { $0.hardSigmoid() },
            map("hardSwish", DType.computable, .close) { $0.hardSwish() },
            map("selu", DType.computable, .close) { $0.selu() },
            RandomOperation("elu") { draw in
                guard draw.first(DType.computable) != nil else { return nil }
                let alpha = draw.pick([1, 0.5, 2])
                return Call("elu(alpha: \(alpha))", .close) { $0[0].elu(alpha: alpha) }
            },
            RandomOperation("hardTanh") { draw in
                guard draw.first(DType.computable) != nil else { return nil }
                let range = draw.pick([-1, -0.5, 0])...draw.pick([0.5, 1, 6])
                return Call("hardTanh(to: \(range))", .exact) { $0[0].hardTanh(to: range) }
            },
            RandomOperation("prelu") { draw in
                guard let x = draw.first(DType.reals, 2...5) else { return nil }
                draw.operand([draw.chance(0.5) ? 1 : x.shape[1]], x.dtype, .finite)
                return Call("prelu(weight: w)", .close) { $0[0].prelu(weight: $0[1]) }
            },
            map("not", DType.allCases, .exact, isDifferentiable: false) { !$0 },
            RandomOperation("leakyReLU") { draw in
                guard draw.first(DType.computable) != nil else { return nil }
                let slope = draw.pick([0.01, 0, 1, 0.3, 2])
                return Call("leakyReLU(slope: \(slope))", .exact) { $0[0].leakyReLU(slope: slope) }
            },
            RandomOperation("clamped", entries: ["scalar arithmetic"]) { draw in
                guard draw.first(DType.computable) != nil else { return nil }
                let low = draw.pick([-1, -0.5, 0, 0.3, -Double.infinity])
                let range = low...draw.pick([0.5, 1, Double.infinity])
                return Call("clamped(to: \(range))", .exact) { $0[0].clamped(to: range) }
            },
            RandomOperation("cast", weight: 4) { draw in
                guard draw.first(DType.allCases) != nil else { return nil }
                let dtype = draw.dtype(DType.allCases)
                return Call("cast(to: .\(dtype))", .exact) { $0[0].cast(to: dtype) }
            },
            RandomOperation("dropout") { draw in
                guard draw.first(DType.computable) != nil else { return nil }
                let (probability, seed) = (draw.pick([0, 0.2, 0.5, 0.9, 1]), UInt64(draw.int(0...1000)))
                return Call("dropout(probability: \(probability)) with seed \(seed)", .exact) { x in
                    withSeed(seed) { x[0].dropout(probability: probability) }
                }
            },
        ]

    private static func map(
        _ name: String, entries: [String]? = nil, _ types: [DType], _ agreement: Call.Agreement,
        isDifferentiable: Bool = true, _ function: @escaping @Sendable (Tensor) -> Tensor
    ) -> RandomOperation {
        // The agreements of functions hold no closure.
        let isExact = if case .exact = agreement { true } else { false }
        return RandomOperation(name, entries: entries) { draw in
            guard draw.first(types) != nil else { return nil }
            return Call(name, isExact ? .exact : .close, isDifferentiable: isDifferentiable) { function($0[0]) }
        }
    }
}
