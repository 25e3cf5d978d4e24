import YuyanBackend
import YuyanCore

extension RandomOperation {
    /// Factorizations and systems of equations of matrices that are far from singular, and recurrence.
    static let systems: [RandomOperation] = [
        RandomOperation("qr") { draw in
            let (rows, columns) = (draw.int(1...9), draw.int(1...9))
            let leading = draw.chance(0.5) ? [] : [draw.int(0...3)]
            draw.operand(leading + [rows, columns], draw.dtype(DType.reals), .range(-0.5...0.5))
            return Call(several: "(x + 3 · diagonal).qr()", .close, isDifferentiable: rows >= columns) { x in
                guard let factors = try? dominant(x[0]).qr() else { return [] }
                return [factors.q, factors.r]
            }
        },
        RandomOperation("triangularSolve", weight: 2) { draw in
            let size = draw.int(0...9)
            let leading = draw.chance(0.5) ? [] : [draw.int(0...3)]
            let a = draw.operand(leading + [size, size], draw.dtype(DType.reals), .range(-0.5...0.5))
            draw.operand(leading + [size, draw.int(0...5)], a.dtype, .finite)
            let (isUpper, isTransposed) = (draw.chance(0.5), draw.chance(0.5))
            return Call(
                "(a + 3 · diagonal).triangularSolve(b, isUpper: \(isUpper), isTransposed: \(isTransposed))", .close
            ) { dominant($0[0]).triangularSolve($0[1], isUpper: isUpper, isTransposed: isTransposed) }
        },
        solution("leastSquares") { try leastSquares($0, $1) },
        solution("solve", isSquare: true) { try solve($0, $1) },
        RandomOperation("lstm", weight: 2) { draw in
            let types = draw.chance(0.8) ? [DType.float32] : DType.reals
            guard let x = draw.first(types, 3...3, .finite, where: { $0.allSatisfy { $0 < 20 } && $0[0] < 9 })
            else { return nil }
            let (batch, size) = (x.shape[1], draw.pick([1, 2, 3, 5, 8, 17]))
            draw.operand([4 * size, x.shape[2]], x.dtype, .range(-0.5...0.5))
            draw.operand([4 * size, size], x.dtype, .range(-0.5...0.5))
            let (hasState, hasBias) = (draw.chance(0.5), draw.chance(0.5))
            if hasState { for _ in 0..<2 { draw.operand([batch, size], x.dtype, .finite) } }
            if hasBias { for _ in 0..<2 { draw.operand([4 * size], x.dtype, .finite) } }
            let last = draw.operands.count - 1
            let text = "lstm(x, …) of \(size)\(hasState ? " with a state" : "")\(hasBias ? " with biases" : "")"
            return Call(several: text, .close) { x in
                let results = lstm(
                    x[0], hidden: hasState ? x[3] : nil, cell: hasState ? x[4] : nil, weightIH: x[1], weightHH: x[2],
                    biasIH: hasBias ? x[last - 1] : nil, biasHH: hasBias ? x[last] : nil)
                return [results.output, results.hidden, results.cell]
            }
        },
    ]

    /// With 3 more on the diagonal.
    private static func dominant(_ x: Tensor) -> Tensor {
        let (rows, columns) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
        let diagonal = Tensor.arange(rows).expandingShape(at: 1) .== Tensor.arange(columns)
        return x + diagonal.cast(to: x.dtype) * 3
    }

    private static func solution(
        _ name: String, isSquare: Bool = false, _ function: @escaping @Sendable (Tensor, Tensor) throws -> Tensor
    ) -> RandomOperation {
        RandomOperation(name) { draw in
            let columns = draw.int(1...6)
            let rows = isSquare ? columns : columns + draw.int(0...4)
            let a = draw.operand([rows, columns], draw.dtype(DType.reals), .range(-0.5...0.5))
            draw.operand(draw.chance(0.5) ? [rows] : [rows, draw.int(0...3)], a.dtype, .finite)
            return Call(several: "\(name)(a + 3 · diagonal, b)", .close) { x in
                guard let result = try? function(dominant(x[0]), x[1]) else { return [] }
                return [result]
            }
        }
    }
}
