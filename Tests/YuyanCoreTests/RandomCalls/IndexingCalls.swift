import YuyanBackend
import YuyanCore

extension RandomOperation {
    /// Elements by their positions.
    static let indexing: [RandomOperation] = [
        RandomOperation("gathered", weight: 3) { draw in
            guard let (axis, _, _) = drawIndexed(&draw, DType.allCases) else { return nil }
            return Call("gathered(indices, axis: \(axis))", .exact) { $0[0].gathered($0[1], axis: axis) }
        },
        RandomOperation("gradient of gathered", entries: [], weight: 3) { draw in
            guard let (axis, count, form) = drawIndexed(&draw, DType.reals, .finite) else { return nil }
            var shape = form.shape
            shape[axis < 0 ? axis + form.rank : axis] = count
            draw.operand(shape, form.dtype, .finite)
            let text = "the gradient of (x.gathered(indices, axis: \(axis)) * g).sum() at x"
            let scattered: ([Tensor]) -> Tensor = { x in
                gradient(of: { ($0.gathered(x[1], axis: axis) * x[2]).sum() }, at: x[0])
            }
            return Call(text, .terms { [scattered([$0[0], $0[1], $0[2].abs()])] }, isDifferentiable: false) {
                scattered($0)
            }
        },
        RandomOperation("masked", entries: [], weight: 2) { draw in
            guard let x = draw.first(DType.allCases, 1...4) else { return nil }
            draw.operand(Array(x.shape.prefix(draw.int(1...x.rank))), .bool)
            draw.operand([], x.dtype)
            return Call(several: "x[mask], and x[mask] = value", .exact) { x in
                var changed = x[0]
                changed[x[1]] = x[2]
                return [x[0][x[1]], changed, x[0]]
            }
        },
        RandomOperation("nonzero") { draw in
            guard draw.first(DType.allCases) != nil else { return nil }
            return Call("nonzero()", .exact, isDifferentiable: false) { $0[0].nonzero() }
        },
        RandomOperation("oneHot") { draw in
            let shape = draw.shape(0...3)
            let classCount = draw.int(1...12)
            draw.indices(
                (0..<shape.reduce(1, *)).map { _ in draw.int(0...classCount - 1) }, shape,
                draw.pick([.int64, .int32, .uint8]))
            return Call("oneHot(indices, classCount: \(classCount))", .exact, isDifferentiable: false) {
                oneHot($0[0], classCount: classCount)
            }
        },
    ]

    /// A tensor with at least one axis, and indices into one of its axes, which some of them repeat.
    private static func drawIndexed(
        _ draw: inout Draw, _ types: [DType], _ values: Values = .all
    ) -> (axis: Int, count: Int, Form)? {
        guard let x = draw.first(types, 1...5, values) else { return nil }
        let axis = draw.axis(x.rank)
        let size = x.shape[axis < 0 ? axis + x.rank : axis]
        let count = size == 0 ? 0 : draw.pick([0, 1, 3, size, 2 * size])
        draw.indices(
            (0..<count).map { _ in draw.int(-size...size - 1) }, [count], draw.chance(0.7) ? .int64 : .int32)
        return (axis, count, x)
    }
}
