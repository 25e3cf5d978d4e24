import YuyanBackend

extension OperationFamily {
    package static let elementwise = OperationFamily(
        "Elementwise",
        [
            Op.Negate.entry, Op.Absolute.entry, Op.Sign.entry, Op.Square.entry, Op.Reciprocal.entry, Op.Exp.entry,
            Op.Log.entry, Op.SquareRoot.entry, Op.Sine.entry, Op.Cosine.entry, Op.Floor.entry, Op.Erf.entry,
        ])
}

/// An operation on each element alone.
package protocol ElementwiseUnary: UnaryRule where Options == Void {
    static var kind: UnaryKind { get }
}

extension ElementwiseUnary {
    package static func outputShape(_ x: Shape, _ options: Void) -> Shape { x }
    package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: Void) -> DeviceBuffer {
        x.device.backend.unary(UnaryOperation(kind), x)
    }
}

extension Op {
    package enum Negate: ElementwiseUnary {
        package static let name = "negate"
        package static var kind: UnaryKind { .negate }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { -g }
        package static let entry = OperationEntry(
            name, "y = −x",
            swift: ["- (x: Self) -> Tensor"],
            [Sample([.real([3, 4])], torch: "-a") { -$0[0] }, Sample([.real([0])], torch: "-a") { -$0[0] }])
    }
}

extension Op {
    package enum Absolute: ElementwiseUnary {
        package static let name = "abs"
        package static var kind: UnaryKind { .absolute }
        package static func keeps(_ options: Void) -> Kept { .first }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { g * saved.first.sign() }
        package static let entry = OperationEntry(
            name, "y = |x|; gradient 0 at 0",
            swift: ["x.abs() -> Tensor"], [Sample([.real([3, 4])], torch: "a.abs()") { $0[0].abs() }])
    }
}

extension Op {
    package enum Sign: ElementwiseUnary {
        package static let name = "sign"
        package static var kind: UnaryKind { .sign }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { .zeros(like: g) }
        package static let entry = OperationEntry(
            name, "y = −1, 0 or 1, and 0 for NaN; gradient 0",
            swift: ["x.sign() -> Tensor"],
            [Sample([.real([3, 4])], torch: "a.sign()") { $0[0].sign() }])
    }
}

extension Op {
    package enum Square: ElementwiseUnary {
        package static let name = "squared"
        package static var kind: UnaryKind { .square }
        package static func keeps(_ options: Void) -> Kept { .first }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { g * saved.first * 2 }
        package static let entry = OperationEntry(
            name, "y = x²",
            swift: ["x.squared() -> Tensor"], [Sample([.real([3, 4])], torch: "a ** 2") { $0[0].squared() }])
    }
}

extension Op {
    package enum Reciprocal: ElementwiseUnary {
        package static let name = "reciprocal"
        package static var kind: UnaryKind { .reciprocal }
        package static func keeps(_ options: Void) -> Kept { .output }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            -g * saved.output.squared()
        }
        package static let entry = OperationEntry(
            name, "y = 1 / x",
            swift: ["x.reciprocal() -> Tensor"],
            [Sample([.real([3, 4], 0.5...2)], torch: "1 / a") { $0[0].reciprocal() }])
    }
}

extension Op {
    package enum Exp: ElementwiseUnary {
        package static let name = "exp"
        package static var kind: UnaryKind { .exp }
        package static func keeps(_ options: Void) -> Kept { .output }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { g * saved.output }
        package static let entry = OperationEntry(
            name, "y = eˣ",
            swift: ["x.exp() -> Tensor"],
            [
                Sample([.real([45, 65])], torch: "a.exp()") { $0[0].exp() },
                Sample([.real([])], torch: "a.exp()") { $0[0].exp() },
                Sample([.real([8], 300...400)], torch: "a.exp()", checksGradient: false) { $0[0].exp() },
                Sample([.real([8], -400 ... -300)], torch: "a.exp()", checksGradient: false) { $0[0].exp() },
            ])
    }
}

extension Op {
    package enum Log: ElementwiseUnary {
        package static let name = "log"
        package static var kind: UnaryKind { .log }
        package static func keeps(_ options: Void) -> Kept { .first }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { g / saved.first }
        package static let entry = OperationEntry(
            name, "y = ln x; −∞ at 0, NaN below",
            swift: ["x.log() -> Tensor"],
            [
                Sample([.real([3, 4], 0.2...4)], torch: "a.log()") { $0[0].log() },
                Sample([.real([6], 1e-30...1e30)], torch: "a.log()", checksGradient: false) { $0[0].log() },
            ])
    }
}

extension Op {
    package enum SquareRoot: ElementwiseUnary {
        package static let name = "squareRoot"
        package static var kind: UnaryKind { .squareRoot }
        package static func keeps(_ options: Void) -> Kept { .output }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { g / (saved.output * 2) }
        package static let entry = OperationEntry(
            name, "y = √x; NaN below 0",
            swift: ["x.squareRoot() -> Tensor"],
            [Sample([.real([3, 4], 0.2...4)], torch: "a.sqrt()") { $0[0].squareRoot() }])
    }
}

extension Op {
    package enum Sine: ElementwiseUnary {
        package static let name = "sin"
        package static var kind: UnaryKind { .sine }
        package static func keeps(_ options: Void) -> Kept { .first }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { g * saved.first.cos() }
        package static let entry = OperationEntry(
            name, "y = sin x, in radians",
            swift: ["x.sin() -> Tensor"], [Sample([.real([3, 4], -9...9)], torch: "a.sin()") { $0[0].sin() }])
    }
}

extension Op {
    package enum Cosine: ElementwiseUnary {
        package static let name = "cos"
        package static var kind: UnaryKind { .cosine }
        package static func keeps(_ options: Void) -> Kept { .first }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { -g * saved.first.sin() }
        package static let entry = OperationEntry(
            name, "y = cos x, in radians",
            swift: ["x.cos() -> Tensor"], [Sample([.real([3, 4], -9...9)], torch: "a.cos()") { $0[0].cos() }])
    }
}

extension Op {
    package enum Floor: ElementwiseUnary {
        package static let name = "floor"
        package static var kind: UnaryKind { .floor }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { .zeros(like: g) }
        package static let entry = OperationEntry(
            name, "the largest integer not above x; gradient 0",
            swift: ["x.floor() -> Tensor"],
            [Sample([.real([3, 4], -5...5)], torch: "a.floor()") { $0[0].floor() }])
    }
}

extension Op {
    package enum Erf: ElementwiseUnary {
        package static let name = "erf"
        package static var kind: UnaryKind { .erf }
        package static func keeps(_ options: Void) -> Kept { .first }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            g * (-saved.first.squared()).exp() * (2 / Double.pi.squareRoot())
        }
        package static let entry = OperationEntry(
            name, "y = 2/√π · ∫₀ˣ e^(−t²) dt", swift: ["x.erf() -> Tensor"],
            [
                Sample([.real([45, 65], -3...3)], torch: "a.erf()") { $0[0].erf() },
                Sample([.real([])], torch: "a.erf()") { $0[0].erf() },
                Sample([.real([0])], torch: "a.erf()") { $0[0].erf() },
                Sample([.real([8], -1e30...1e30)], torch: "a.erf()", checksGradient: false) { $0[0].erf() },
            ])
    }
}

extension TensorConvertible {
    /// |x|; the gradient at 0 is 0.
    public func abs() -> Tensor { apply(Op.Absolute.self, tensor.computable(), ()) }
    /// −1, 0 or 1, and 0 for NaN; the gradient is 0.
    public func sign() -> Tensor { apply(Op.Sign.self, tensor.computable(), ()) }
    /// x².
    public func squared() -> Tensor { apply(Op.Square.self, tensor.computable(), ()) }
    /// 1 / x.
    public func reciprocal() -> Tensor { apply(Op.Reciprocal.self, tensor.real(), ()) }
    /// eˣ.
    public func exp() -> Tensor { apply(Op.Exp.self, tensor.real(), ()) }
    /// ln x: −∞ at 0, NaN below.
    public func log() -> Tensor { apply(Op.Log.self, tensor.real(), ()) }
    /// √x: NaN below 0.
    public func squareRoot() -> Tensor { apply(Op.SquareRoot.self, tensor.real(), ()) }
    /// sin x, x in radians.
    public func sin() -> Tensor { apply(Op.Sine.self, tensor.real(), ()) }
    /// cos x, x in radians.
    public func cos() -> Tensor { apply(Op.Cosine.self, tensor.real(), ()) }
    /// The largest integer not above x; the gradient is 0.
    public func floor() -> Tensor { apply(Op.Floor.self, tensor.real(), ()) }
    /// The error function, erf x = 2/√π · ∫₀ˣ e^(−t²) dt: from −1 to 1, and odd. A normal number with mean 0 and deviation σ
    /// lies within ±z with probability erf(z / (σ√2)). The gradient is 2/√π · e^(−x²).
    public func erf() -> Tensor { apply(Op.Erf.self, tensor.real(), ()) }
}
