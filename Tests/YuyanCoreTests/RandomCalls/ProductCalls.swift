import YuyanBackend
import YuyanCore

extension RandomOperation {
    /// Products of matrices, and systems that are solved by them.
    static let products: [RandomOperation] = [
        RandomOperation("matmul", weight: 8) { draw in
            let types = draw.chance(0.8) ? [DType.float32] : DType.computable
            guard let a = draw.first(types, 1...4, .summable) else { return nil }
            guard let inner = a.shape.last else { return nil }
            let columns = draw.chance(0.05) ? 300 : draw.size()
            var shape = a.rank == 1 || draw.chance(0.2) ? [inner] : [inner, columns]
            if shape.count == 2, draw.chance(0.4) {
                shape = draw.broadcastable(to: Array(a.shape.dropLast(2))) + shape
                if shape.count == a.rank, a.rank < 4, draw.chance(0.2) { shape = [draw.int(1...3)] + shape }
            }
            guard a.count * columns < 2_000_000, shape.reduce(1, *) < 100_000 else { return nil }
            draw.operand(shape, a.dtype, .summable)
            return Call.sumOfProducts("a.matmul(b)") { $0[0].matmul($0[1]) }
        },
        RandomOperation("linear of many", entries: ["linear"]) { draw in
            // Enough products for kernels that small matrices do not reach.
            let (rows, inputs, outputs) = (draw.int(60...80), draw.int(290...310), draw.int(240...250))
            let x = draw.operand([rows, inputs], .float32, .finite)
            draw.operand([outputs, inputs], x.dtype, .finite)
            draw.operand([outputs], x.dtype, .finite)
            return Call.sumOfProducts("linear(x, weight: w, bias: b)") { linear($0[0], weight: $0[1], bias: $0[2]) }
        },
        RandomOperation("linear", weight: 6) { draw in
            let types = draw.chance(0.8) ? [DType.float32] : DType.numbers
            guard let x = draw.first(types, 1...4, .summable), let inputs = x.shape.last else { return nil }
            let outputs = draw.size()
            guard x.count * outputs < 2_000_000 else { return nil }
            draw.operand([outputs, inputs], x.dtype, .summable)
            let hasBias = draw.chance(0.7)
            if hasBias { draw.operand([outputs], x.dtype, .summable) }
            let activations: [UnaryOperation] = [
                .relu, .sigmoid, .tanh, .gelu, .geluTanh, .silu, .leakyReLU(slope: 0.1),
            ]
            let activation = x.dtype.isFloatingPoint && draw.chance(0.5) ? draw.pick(activations) : nil
            let text = "linear(x, weight: w\(hasBias ? ", bias: b" : ""))\(activation.map { " and \($0)" } ?? "")"
            let map: ([Tensor]) -> Tensor = { linear($0[0], weight: $0[1], bias: hasBias ? $0[2] : nil) }
            guard let activation else { return Call.sumOfProducts(text, map) }
            // Some activations are not recorded together with the product.
            return Call(
                text, .terms { [map($0.map { $0.abs() })] }, isDifferentiable: activation.gradientReads != .input
            ) {
                linear($0[0], weight: $0[1], bias: hasBias ? $0[2] : nil, activation: activation)
            }
        },
    ]
}
