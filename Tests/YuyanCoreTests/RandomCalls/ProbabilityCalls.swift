import YuyanBackend
import YuyanCore

extension RandomOperation {
    /// The softmax family and losses.
    static let probabilities: [RandomOperation] = [
        RandomOperation("softmax", weight: 3) { draw in
            guard let x = drawLogits(&draw) else { return nil }
            let axis = draw.axis(x.rank)
            return Call("softmax(axis: \(axis))", .close) { $0[0].softmax(axis: axis) }
        },
        RandomOperation("logSoftmax", weight: 3) { draw in
            guard let x = drawLogits(&draw) else { return nil }
            let axis = draw.axis(x.rank)
            return Call("logSoftmax(axis: \(axis))", .close) { $0[0].logSoftmax(axis: axis) }
        },
        RandomOperation("crossEntropy", weight: 4) { draw in
            guard let x = draw.first(DType.reals, 2...4, .range(-60...60), where: { $0[1] > 0 && $0[1] < 256 })
            else { return nil }
            let shape = [x.shape[0]] + x.shape.dropFirst(2)
            let labels = (0..<shape.reduce(1, *)).map { _ in draw.int(0...x.shape[1] - 1) }
            draw.indices(labels, shape, draw.pick([.int64, .int64, .int32, .uint8]))
            let reduction = draw.pick(LossReduction.allCases)
            return Call("crossEntropy(x, targets, reduction: .\(reduction))", .close) {
                crossEntropy($0[0], $0[1], reduction: reduction)
            }
        },
        RandomOperation("meanSquaredError", weight: 3) { draw in
            guard let x = draw.first(DType.reals, 0...5, .summable) else { return nil }
            draw.operand(x.shape, x.dtype, .summable)
            let reduction = draw.pick(LossReduction.allCases)
            return Call("meanSquaredError(x, y, reduction: .\(reduction))", .close) {
                meanSquaredError($0[0], $0[1], reduction: reduction)
            }
        },
    ]

    private static func drawLogits(_ draw: inout Draw) -> Form? {
        draw.first(DType.computable, 0...5, draw.pick([.summable, .finite, .range(-1000...1000)]))
    }
}
