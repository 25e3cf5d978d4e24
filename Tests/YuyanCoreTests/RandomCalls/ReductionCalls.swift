import YuyanBackend
import YuyanCore

extension RandomOperation {
    /// What folds axes, and running sums.
    static let reductions: [RandomOperation] = [
        fold("sum", .summable) { x, axes, keeps in x.sum(axes: axes, keepDimensions: keeps) },
        fold("mean", .summable) { x, axes, keeps in x.mean(axes: axes, keepDimensions: keeps) },
        fold("max", .all, isOfTerms: false) { x, axes, keeps in x.max(axes: axes, keepDimensions: keeps) },
        fold("min", .all, isOfTerms: false) { x, axes, keeps in x.min(axes: axes, keepDimensions: keeps) },
        RandomOperation("product") { draw in
            // No product leaves the range of a type on its way: of many factors each is 1 or −1.
            guard let x = draw.first(DType.computable, 0...5, .range(0.5...2)) else { return nil }
            let (axes, keeps) = (drawAxes(&draw, x.rank), draw.chance(0.5))
            let isShort = x.count <= 60
            return Call("product(axes: \(text(axes)), keepDimensions: \(keeps))", .close) {
                let factors = isShort ? $0[0] : ($0[0] - 1).sign()
                return factors.product(axes: axes, keepDimensions: keeps)
            }
        },
        one("variance") { x, axis, keeps, correction in
            x.variance(axis: axis, correction: correction, keepDimensions: keeps)
        },
        one("standardDeviation", isDifferentiable: false) { x, axis, keeps, correction in
            x.standardDeviation(axis: axis, correction: correction, keepDimensions: keeps)
        },
        position("argmax") { x, axis, keeps in x.argmax(axis: axis, keepDimensions: keeps) },
        position("argmin") { x, axis, keeps in x.argmin(axis: axis, keepDimensions: keeps) },
        RandomOperation("cumulativeSum", weight: 2) { draw in
            guard let x = draw.first(DType.computable, 0...5, .summable) else { return nil }
            let axis = draw.axis(x.rank)
            return Call.sumOfProducts("cumulativeSum(axis: \(axis))") { $0[0].cumulativeSum(axis: axis) }
        },
        RandomOperation("norm", weight: 2) { draw in
            let p = draw.pick([2, 1, 0, 3, 0.5, 2.5, -1, .infinity, -.infinity])
            guard let x = draw.first(DType.computable, 0...5, .finite, where: { !p.isInfinite || !$0.contains(0) })
            else { return nil }
            let (axis, keeps) = (draw.chance(0.3) ? nil : draw.axis(x.rank), draw.chance(0.5))
            return Call("norm(\(p), axis: \(text(axis)), keepDimensions: \(keeps))", .close) {
                $0[0].norm(p, axis: axis, keepDimensions: keeps)
            }
        },
        RandomOperation("logSumExp") { draw in
            guard let x = draw.first(DType.computable, 0...5, .all) else { return nil }
            let (axis, keeps) = (draw.axis(x.rank), draw.chance(0.5))
            return Call("logSumExp(axis: \(axis), keepDimensions: \(keeps))", .close) {
                $0[0].logSumExp(axis: axis, keepDimensions: keeps)
            }
        },
        RandomOperation("all and any", entries: []) { draw in
            guard draw.first(DType.allCases) != nil else { return nil }
            return Call("[x.all(), x.any()]", .exact, isDifferentiable: false) { Tensor([$0[0].all(), $0[0].any()]) }
        },
    ]

    private static func text(_ axes: some Any) -> String { "\(axes)".replacing("Optional", with: "") }

    private static func drawAxes(_ draw: inout Draw, _ rank: Int) -> [Int]? {
        if draw.chance(0.2) { return nil }
        let axes = draw.shuffled(0..<rank).filter { _ in draw.chance(0.5) }
        return axes.map { draw.chance(0.3) ? $0 - rank : $0 }
    }

    private static func fold(
        _ name: String, _ values: Values, isOfTerms: Bool = true,
        _ function: @escaping @Sendable (Tensor, [Int]?, Bool) -> Tensor
    ) -> RandomOperation {
        RandomOperation(name, weight: 4) { draw in
            guard let x = draw.first(DType.computable, 0...5, values, where: { isOfTerms || !$0.contains(0) })
            else { return nil }
            let (axes, keeps) = (drawAxes(&draw, x.rank), draw.chance(0.5))
            let text = "\(name)(axes: \(text(axes)), keepDimensions: \(keeps))"
            if isOfTerms { return Call.sumOfProducts(text) { function($0[0], axes, keeps) } }
            return Call(text, .exact) { function($0[0], axes, keeps) }
        }
    }

    /// Their squares are the terms.
    private static func one(
        _ name: String, isDifferentiable: Bool = true,
        _ function: @escaping @Sendable (Tensor, Int?, Bool, Int) -> Tensor
    ) -> RandomOperation {
        RandomOperation(name) { draw in
            guard let x = draw.first(DType.computable, 0...5, .summable) else { return nil }
            let (axis, keeps) = (draw.chance(0.3) ? nil : draw.axis(x.rank), draw.chance(0.5))
            let correction = draw.int(0...1)
            let text = "\(name)(axis: \(text(axis)), correction: \(correction), keepDimensions: \(keeps))"
            let terms: ([Tensor]) -> [Tensor] = {
                [$0[0].real().squared().mean(axes: axis.map { [$0] }, keepDimensions: keeps) * 2]
            }
            return Call(text, .terms(terms), isDifferentiable: isDifferentiable) {
                function($0[0], axis, keeps, correction)
            }
        }
    }

    private static func position(
        _ name: String, _ function: @escaping @Sendable (Tensor, Int?, Bool) -> Tensor
    ) -> RandomOperation {
        RandomOperation(name, weight: 2) { draw in
            guard let x = draw.first(DType.computable, where: { !$0.contains(0) }) else { return nil }
            let (axis, keeps) = (draw.chance(0.3) ? nil : draw.axis(x.rank), draw.chance(0.5))
            return Call("\(name)(axis: \(text(axis)), keepDimensions: \(keeps))", .exact, isDifferentiable: false) {
                function($0[0], axis, keeps)
            }
        }
    }
}
