import YuyanBackend
import YuyanCore

extension RandomOperation {
    /// Functions of two tensors, or of a tensor and a number, element by element; in place, too.
    static let binary: [RandomOperation] =
        [
            pair("add", .exact) { $0 + $1 },
            pair("subtract", .exact) { $0 - $1 },
            pair("multiply", .exact) { $0 * $1 },
            pair("divide", .exact) { $0 / $1 },
            pair("maximum", .exact) { maximum($0, $1) },
            pair("minimum", .exact) { minimum($0, $1) },
            power,
            number("+", .exact, { $0 + $1 }, { $0 + $1 }),
            number("-", .exact, { $0 - $1 }, { $0 - $1 }),
            number("*", .exact, { $0 * $1 }, { $0 * $1 }),
            number("/", .exact, { $0 / $1 }, { $0 / $1 }),
            number("number -", .exact, { $1 - $0 }, { $1 - $0 }),
            number("number /", .exact, { $1 / $0 }, { $1 / $0 }),
            number("number +", .exact, { $1 + $0 }, { $1 + $0 }),
            number("number *", .exact, { $1 * $0 }, { $1 * $0 }),
            number("maximum with", .exact, { maximum($0, $1) }, { maximum($0, $1) }),
            number("minimum with", .exact, { minimum($0, $1) }, { minimum($0, $1) }),
            powerOfNumber,
            inPlace("+=", "add", DType.numbers) { $0 += $1 },
            inPlace("-=", "subtract", DType.numbers) { $0 -= $1 },
            inPlace("*=", "multiply", DType.numbers) { $0 *= $1 },
            inPlace("/=", "divide", DType.reals) { $0 /= $1 },
            inPlaceNumber,
            comparison("equal", { $0 .== $1 }, { $0 .== $1 }, { $0 .== $1 }),
            comparison("notEqual", { $0 .!= $1 }, { $0 .!= $1 }, { $0 .!= $1 }),
            comparison("less", { $0 .< $1 }, { $0 .< $1 }, { $0 .< $1 }),
            comparison("lessOrEqual", { $0 .<= $1 }, { $0 .<= $1 }, { $0 .<= $1 }),
            comparison("greater", { $0 .> $1 }, { $0 .> $1 }, { $0 .> $1 }),
            comparison("greaterOrEqual", { $0 .>= $1 }, { $0 .>= $1 }, { $0 .>= $1 }),
            pair("and", types: DType.allCases, .exact, isDifferentiable: false) { $0 .& $1 },
            pair("or", types: DType.allCases, .exact, isDifferentiable: false) { $0 .| $1 },
            RandomOperation("select", weight: 3) { draw in
                guard let a = draw.first(DType.allCases) else { return nil }
                draw.operand(draw.broadcastable(to: a.shape), draw.chance(0.3) ? draw.dtype(DType.allCases) : a.dtype)
                draw.operand(draw.broadcastable(to: a.shape), draw.chance(0.7) ? .bool : draw.dtype(DType.allCases))
                return Call("select(c, a, b)", .exact) { select($0[2], $0[0], $0[1]) }
            },
        ]

    /// The second operand broadcasts to the first, or the first to the second.
    private static func drawPair(_ draw: inout Draw, _ types: [DType], _ values: Values = .all) -> (Form, Form)? {
        guard let a = draw.first(types, 0...5, values) else { return nil }
        let dtype = draw.chance(0.3) ? draw.dtype(types) : a.dtype
        if a.shape.count < 5, a.count < 500, draw.chance(0.15) {
            // The first one is the smaller.
            let wide = [draw.int(1...3)] + a.shape.map { $0 == 1 ? draw.size() : $0 }
            if wide.reduce(1, *) < 100_000 { return (a, draw.operand(wide, dtype, values)) }
        }
        return (a, draw.operand(draw.chance(0.5) ? a.shape : draw.broadcastable(to: a.shape), dtype, values))
    }

    private static func pair(
        _ name: String, types: [DType] = DType.computable, _ agreement: Call.Agreement, isDifferentiable: Bool = true,
        _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor
    ) -> RandomOperation {
        RandomOperation(name, weight: 2) { draw in
            guard drawPair(&draw, types) != nil else { return nil }
            return Call(name, .exact, isDifferentiable: isDifferentiable) { function($0[0], $0[1]) }
        }
    }

    private static let power = RandomOperation("power") { draw in
        guard let a = draw.first(DType.computable) else { return nil }
        // Whole numbers have no negative powers.
        draw.operand(
            draw.broadcastable(to: a.shape), draw.chance(0.2) ? draw.dtype(DType.computable) : a.dtype,
            a.dtype.isFloatingPoint && draw.chance(0.7) ? .all : .range(0...4))
        return Call("a.pow(b)", .close) { x in
            // Beside whole numbers an exponent of floating point may be negative, and one of whole numbers not.
            let exponent = x[1].dtype.isFloatingPoint ? x[1] : maximum(x[1], 0)
            return x[0].pow(exponent)
        }
    }

    /// A number of either kind, of which the whole one is in both.
    private struct Number {
        let real: Double
        let whole: Int
        let isWhole: Bool

        init(_ draw: inout Draw) {
            whole = draw.pick([0, 1, 2, -1, 3, -7, 255, 1000, 1 << 31, Int.max, Int.min])
            real = draw.pick([0, 0.5, -1.5, 2, 1e-3, 300.25, 1e30, .infinity, -.infinity, .nan, -0.0, .pi])
            isWhole = draw.chance(0.4)
        }
        var text: String { isWhole ? "\(whole)" : "\(real)" }
    }

    private static func number(
        _ name: String, _ agreement: Call.Agreement, _ real: @escaping @Sendable (Tensor, Double) -> Tensor,
        _ whole: @escaping @Sendable (Tensor, Int) -> Tensor
    ) -> RandomOperation {
        RandomOperation(name, entries: ["scalar arithmetic"]) { draw in
            guard draw.first(DType.computable) != nil else { return nil }
            let number = Number(&draw)
            return Call("\(name) \(number.text)", .exact) {
                number.isWhole ? whole($0[0], number.whole) : real($0[0], number.real)
            }
        }
    }

    private static let powerOfNumber = RandomOperation("power of number", entries: ["scalar arithmetic"]) { draw in
        guard let x = draw.first(DType.computable) else { return nil }
        if !x.dtype.isFloatingPoint || draw.chance(0.5) {
            let exponent = draw.pick([0, 1, 2, 3, 5])
            return Call("a.pow(\(exponent))", .close) { $0[0].pow(exponent) }
        }
        let exponent = draw.pick([0, 0.5, -1, 2, 2.5, -0.5, 1e-3, .infinity, 3, 30])
        return Call("a.pow(\(exponent))", .close) { $0[0].pow(exponent) }
    }

    /// The operands come out, too: nobody else sees the change.
    private static func inPlace(
        _ symbol: String, _ entry: String, _ types: [DType],
        _ change: @escaping @Sendable (inout Tensor, Tensor) -> Void
    ) -> RandomOperation {
        RandomOperation(symbol, entries: [entry], weight: 2) { draw in
            guard let a = draw.first(types) else { return nil }
            draw.operand(draw.chance(0.6) ? a.shape : draw.broadcastable(to: a.shape), a.dtype)
            return Call(several: "a \(symbol) b", .exact) { x in
                var changed = x[0]
                change(&changed, x[1])
                // A second time, when nobody else holds the elements.
                change(&changed, x[1])
                return [changed, x[0]]
            }
        }
    }

    private static let inPlaceNumber = RandomOperation("+= number", entries: ["scalar arithmetic"]) { draw in
        guard draw.first(DType.numbers) != nil else { return nil }
        let kind = draw.int(0...2)
        return Call(several: "a \(["+", "-", "*"][kind])= 3", .exact) { x in
            var changed = x[0]
            switch kind {
            case 0: changed += 3
            case 1: changed -= 3
            default: changed *= 3
            }
            return [changed, x[0]]
        }
    }

    private static func comparison(
        _ name: String, _ tensors: @escaping @Sendable (Tensor, Tensor) -> Tensor,
        _ real: @escaping @Sendable (Tensor, Double) -> Tensor, _ whole: @escaping @Sendable (Tensor, Int) -> Tensor
    ) -> RandomOperation {
        RandomOperation(name) { draw in
            if draw.chance(0.5) {
                guard drawPair(&draw, DType.allCases) != nil else { return nil }
                return Call(name, .exact, isDifferentiable: false) { tensors($0[0], $0[1]) }
            }
            guard draw.first(DType.allCases) != nil else { return nil }
            let number = Number(&draw)
            return Call("\(name) \(number.text)", .exact, isDifferentiable: false) {
                number.isWhole ? whole($0[0], number.whole) : real($0[0], number.real)
            }
        }
    }
}
