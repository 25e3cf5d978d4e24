import YuyanBackend
import YuyanCore

extension RandomOperation {
    /// What moves elements, or only sees them in another way.
    static let shapes: [RandomOperation] = [
        RandomOperation("reshaped", weight: 2) { draw in
            guard let x = draw.first(DType.allCases) else { return nil }
            let sizes = otherSizes(of: x, &draw)
            return Call("reshaped(\(sizes))", .exact) { $0[0].reshaped(sizes) }
        },
        RandomOperation("viewed") { draw in
            let x = draw.operand(draw.shape(), draw.dtype(DType.allCases), isPlain: true)
            let sizes = otherSizes(of: x, &draw)
            return Call("viewed(as: \(sizes))", .exact) { $0[0].viewed(as: sizes) }
        },
        RandomOperation("permuted", weight: 2) { draw in
            guard let x = draw.first(DType.allCases) else { return nil }
            let order = draw.shuffled(0..<x.rank)
            return Call("permuted(\(order))", .exact) { $0[0].permuted(order) }
        },
        RandomOperation("transposed", weight: 2) { draw in
            guard let x = draw.first(DType.allCases, 2...5) else { return nil }
            let (first, second) = (draw.axis(x.rank), draw.axis(x.rank))
            return Call("transposed(\(first), \(second))", .exact) { $0[0].transposed(first, second) }
        },
        RandomOperation("broadcast") { draw in
            guard let x = draw.first(DType.allCases, 0...4) else { return nil }
            let wide = (0..<draw.int(0...1)).map { _ in draw.int(0...3) } + x.shape.map { $0 == 1 ? draw.size() : $0 }
            guard wide.reduce(1, *) < 100_000 else { return nil }
            return Call("broadcast(to: \(wide))", .exact) { $0[0].broadcast(to: Shape(wide)) }
        },
        RandomOperation("summed") { draw in
            guard let x = draw.first(DType.numbers, 0...5, .summable) else { return nil }
            let narrow = draw.broadcastable(to: x.shape)
            return Call.sumOfProducts("summed(to: \(narrow))") { $0[0].summed(to: Shape(narrow)) }
        },
        RandomOperation("concatenate", weight: 3) { draw in
            guard let x = draw.first(DType.allCases, 1...5) else { return nil }
            let axis = draw.axis(x.rank)
            for _ in 0..<draw.int(0...3) {
                var shape = x.shape
                shape[axis < 0 ? axis + x.rank : axis] = draw.int(0...9)
                draw.operand(shape, draw.chance(0.2) ? draw.dtype(DType.allCases) : x.dtype)
            }
            return Call("concatenate(axis: \(axis))", .exact) { concatenate($0, axis: axis) }
        },
        RandomOperation("stack", weight: 2) { draw in
            guard let x = draw.first(DType.allCases, 0...4) else { return nil }
            let axis = draw.int(-x.rank - 1...x.rank)
            for _ in 0..<draw.int(0...3) { draw.operand(x.shape, x.dtype) }
            return Call("stack(axis: \(axis))", .exact) { stack($0, axis: axis) }
        },
        RandomOperation("split", weight: 2) { draw in
            guard let x = draw.first(DType.allCases, 1...5) else { return nil }
            let axis = draw.axis(x.rank)
            let size = x.shape[axis < 0 ? axis + x.rank : axis]
            let first = draw.int(0...size)
            let second = draw.int(0...size - first)
            let sizes = [first, second, size - first - second]
            return Call(several: "split(sizes: \(sizes), axis: \(axis))", .exact) {
                $0[0].split(sizes: sizes, axis: axis)
            }
        },
        RandomOperation("unstacked") { draw in
            guard let x = draw.first(DType.allCases, 1...5, where: { $0.allSatisfy { $0 < 20 } }) else { return nil }
            let axis = draw.axis(x.rank)
            return Call(several: "unstacked(axis: \(axis))", .exact) { $0[0].unstacked(axis: axis) }
        },
        RandomOperation("repeated") { draw in
            guard let x = draw.first(DType.allCases, 0...4, where: { $0.reduce(1, *) < 2000 }) else { return nil }
            let counts = (0..<x.rank + draw.int(0...1)).map { _ in draw.int(0...3) }
            return Call("repeated(\(counts))", .exact) { $0[0].repeated(counts) }
        },
        RandomOperation("expandingShape") { draw in
            guard let x = draw.first(DType.allCases) else { return nil }
            let axis = draw.int(-x.rank - 1...x.rank)
            return Call("expandingShape(at: \(axis))", .exact) { $0[0].expandingShape(at: axis) }
        },
        RandomOperation("squeezingShape") { draw in
            guard let x = draw.first(DType.allCases, 1...5, where: { $0.contains(1) }) else { return nil }
            let axis = x.shape.firstIndex(of: 1)!
            return Call("squeezingShape(at: \(axis))", .exact) { $0[0].squeezingShape(at: axis) }
        },
        RandomOperation("squeezed") { draw in
            guard draw.first(DType.allCases) != nil else { return nil }
            return Call("squeezed()", .exact) { $0[0].squeezed() }
        },
        RandomOperation("flattened") { draw in
            guard let x = draw.first(DType.allCases) else { return nil }
            let axis = draw.axis(x.rank)
            return Call("flattened(from: \(axis))", .exact) { $0[0].flattened(from: axis) }
        },
    ]

    /// Sizes of as many elements, of which one may be −1.
    private static func otherSizes(of x: Form, _ draw: inout Draw) -> [Int] {
        if x.count == 0 { return draw.shuffled(x.shape) }
        var rest = x.count
        var sizes: [Int] = []
        while sizes.count < 4, draw.chance(0.6) {
            let divisors = (1...Swift.min(rest, 64)).filter { rest % $0 == 0 }
            sizes.append(draw.pick(divisors))
            rest /= sizes.last!
        }
        if rest > 1 || draw.chance(0.2) { sizes.insert(draw.chance(0.3) ? -1 : rest, at: draw.int(0...sizes.count)) }
        return sizes
    }
}
