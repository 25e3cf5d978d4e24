import YuyanBackend

extension OperationFamily {
    package static let activations = OperationFamily(
        "Activations",
        [
            Op.ReLU.entry, Op.LeakyReLU.entry, Op.Sigmoid.entry, Op.Tanh.entry, Op.GELU.entry, Op.GELUTanh.entry,
            Op.SiLU.entry, Op.Softplus.entry, Op.ReLUGradient.entry, Op.LeakyReLUGradient.entry,
            Op.SigmoidGradient.entry,
            Op.TanhGradient.entry,
            Op.GELUGradient.entry, Op.GELUTanhGradient.entry, Op.SiLUGradient.entry, Op.SoftplusGradient.entry,
            Op.Dropout.entry,
        ])
}

extension Op {
    package enum ReLU: ElementwiseUnary {
        package static let name = "relu"
        package static var kind: UnaryKind { .relu }
        package static func keeps(_ options: Void) -> Kept { .output }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            apply(Op.ReLUGradient.self, g, saved.output, ())
        }
        package static let entry = OperationEntry(
            name, "y = max(x, 0); gradient 0 at 0", swift: ["x.relu() -> Tensor"],
            [
                Sample([.real([45, 65])], torch: "a.relu()") { $0[0].relu() },
                Sample([.real([0])], torch: "a.relu()") { $0[0].relu() },
                Sample([.real([8], -400 ... -300)], torch: "a.relu()") { $0[0].relu() },
            ])
    }
}

extension Op {
    package enum Sigmoid: ElementwiseUnary {
        package static let name = "sigmoid"
        package static var kind: UnaryKind { .sigmoid }
        package static func keeps(_ options: Void) -> Kept { .output }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            apply(Op.SigmoidGradient.self, g, saved.output, ())
        }
        package static let entry = OperationEntry(
            name, "y = 1 / (1 + e⁻ˣ)", swift: ["x.sigmoid() -> Tensor"],
            [
                Sample([.real([45, 65])], torch: "a.sigmoid()") { $0[0].sigmoid() },
                Sample([.real([])], torch: "a.sigmoid()") { $0[0].sigmoid() },
                Sample([.real([8], 300...400)], torch: "a.sigmoid()") { $0[0].sigmoid() },
                Sample([.real([8], -400 ... -300)], torch: "a.sigmoid()") { $0[0].sigmoid() },
            ])
    }
}

extension Op {
    package enum Tanh: ElementwiseUnary {
        package static let name = "tanh"
        package static var kind: UnaryKind { .tanh }
        package static func keeps(_ options: Void) -> Kept { .output }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            apply(Op.TanhGradient.self, g, saved.output, ())
        }
        package static let entry = OperationEntry(
            name, "y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)", swift: ["x.tanh() -> Tensor"],
            [
                Sample([.real([45, 65])], torch: "a.tanh()") { $0[0].tanh() },
                Sample([.real([8], 300...400)], torch: "a.tanh()") { $0[0].tanh() },
                Sample([.real([8], -1e-3...1e-3)], torch: "a.tanh()") { $0[0].tanh() },
            ])
    }
}

extension Op {
    package enum LeakyReLU: UnaryRule {
        package static let name = "leakyReLU"
        package static func outputShape(_ x: Shape, _ slope: Double) -> Shape { x }
        package static func keeps(_ slope: Double) -> Kept { .output }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ slope: Double) -> DeviceBuffer {
            x.device.backend.unary(.leakyReLU(slope: slope), x)
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ slope: Double) -> Tensor {
            apply(Op.LeakyReLUGradient.self, g, saved.output, slope)
        }
        package static let entry = OperationEntry(
            name, "y = x where x > 0, else s · x for a number s; gradient s at 0",
            swift: ["x.leakyReLU(slope: Double = 0.01) -> Tensor"],
            [
                Sample([.real([13, 17])], torch: "\(torch)(a)") { $0[0].leakyReLU() },
                Sample([.real([])], torch: "\(torch)(a, 0.2)") { $0[0].leakyReLU(slope: 0.2) },
                Sample([.real([0])], torch: "\(torch)(a)") { $0[0].leakyReLU() },
                Sample([.real([8], -400 ... -300)], torch: "\(torch)(a, 0)") { $0[0].leakyReLU(slope: 0) },
                Sample([.real([3, 4])], torch: "\(torch)(a, 1.5)") { $0[0].leakyReLU(slope: 1.5) },
            ])
        private static let torch = "torch.nn.functional.leaky_relu"
    }
}

extension Op {
    package enum GELU: ElementwiseUnary {
        package static let name = "gelu"
        package static var kind: UnaryKind { .gelu }
        package static func keeps(_ options: Void) -> Kept { .first }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            apply(Op.GELUGradient.self, g, saved.first, ())
        }
        package static let entry = OperationEntry(
            name, "y = x · Φ(x) = x/2 · (1 + erf(x/√2)), or its approximation by tanh",
            swift: ["x.gelu(approximation: GELUApproximation = .none) -> Tensor"],
            [
                Sample([.real([13, 17], -6...6)], torch: "\(torch)(a)") { $0[0].gelu() },
                Sample([.real([])], torch: "\(torch)(a)") { $0[0].gelu() },
                Sample([.real([0])], torch: "\(torch)(a)") { $0[0].gelu() },
                Sample([.real([8], 300...400)], torch: "\(torch)(a)") { $0[0].gelu() },
                Sample([.real([8], -400 ... -300)], torch: "\(torch)(a)") { $0[0].gelu() },
            ])
        fileprivate static let torch = "torch.nn.functional.gelu"
    }
}

extension Op {
    package enum GELUTanh: ElementwiseUnary {
        package static let name = "gelu by tanh"
        package static var kind: UnaryKind { .geluTanh }
        package static func keeps(_ options: Void) -> Kept { .first }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            apply(Op.GELUTanhGradient.self, g, saved.first, ())
        }
        package static let entry = OperationEntry(
            name, "gelu by tanh: y = x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))",
            [
                Sample([.real([13, 17], -6...6)], torch: torch) { $0[0].gelu(approximation: .tanh) },
                Sample([.real([])], torch: torch) { $0[0].gelu(approximation: .tanh) },
                Sample([.real([8], 300...400)], torch: torch) { $0[0].gelu(approximation: .tanh) },
                Sample([.real([8], -400 ... -300)], torch: torch) { $0[0].gelu(approximation: .tanh) },
            ])
        private static let torch = "\(Op.GELU.torch)(a, approximate='tanh')"
    }
}

extension Op {
    package enum SiLU: ElementwiseUnary {
        package static let name = "silu"
        package static var kind: UnaryKind { .silu }
        package static func keeps(_ options: Void) -> Kept { .first }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            apply(Op.SiLUGradient.self, g, saved.first, ())
        }
        package static let entry = OperationEntry(
            name, "y = x / (1 + e⁻ˣ)", swift: ["x.silu() -> Tensor"],
            [
                Sample([.real([13, 17], -6...6)], torch: "\(torch)(a)") { $0[0].silu() },
                Sample([.real([])], torch: "\(torch)(a)") { $0[0].silu() },
                Sample([.real([0])], torch: "\(torch)(a)") { $0[0].silu() },
                Sample([.real([8], 300...400)], torch: "\(torch)(a)") { $0[0].silu() },
                Sample([.real([8], -400 ... -300)], torch: "\(torch)(a)") { $0[0].silu() },
            ])
        private static let torch = "torch.nn.functional.silu"
    }
}

extension Op {
    package enum Softplus: UnaryRule {
        package static let name = "softplus"
        package static func outputShape(_ x: Shape, _ beta: Double) -> Shape { x }
        package static func keeps(_ beta: Double) -> Kept { .first }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ beta: Double) -> DeviceBuffer {
            x.device.backend.unary(.softplus(beta: beta), x)
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ beta: Double) -> Tensor {
            apply(Op.SoftplusGradient.self, g, saved.first, beta)
        }
        package static let entry = OperationEntry(
            name, "y = log(1 + e^βx) / β for a number β; x where βx > 20",
            swift: ["x.softplus(beta: Double = 1) -> Tensor"],
            [
                Sample([.real([13, 17], -6...6)], torch: "\(torch)(a)") { $0[0].softplus() },
                Sample([.real([])], torch: "\(torch)(a, 2)") { $0[0].softplus(beta: 2) },
                Sample([.real([0])], torch: "\(torch)(a)") { $0[0].softplus() },
                Sample([.real([5, 7], -50...50)], torch: "\(torch)(a, 0.5)") { $0[0].softplus(beta: 0.5) },
                Sample([.real([8], 300...400)], torch: "\(torch)(a)") { $0[0].softplus() },
                Sample([.real([8], -400 ... -300)], torch: "\(torch)(a)") { $0[0].softplus() },
            ])
        private static let torch = "torch.nn.functional.softplus"
    }
}

// MARK: - Activations in the pass of another operation

extension UnaryOperation {
    /// ∂L/∂x from g = ∂L/∂y and y. Traps where the gradient takes x: such an activation is recorded on its own.
    package func gradient(_ g: Tensor, output y: Tensor) -> Tensor {
        switch kind {
        case .relu: apply(Op.ReLUGradient.self, g, y, ())
        case .leakyReLU: apply(Op.LeakyReLUGradient.self, g, y, slope)
        case .sigmoid: apply(Op.SigmoidGradient.self, g, y, ())
        case .tanh: apply(Op.TanhGradient.self, g, y, ())
        default: failure("\(self): its gradient takes its input; record it on its own")
        }
    }
}

// MARK: - Gradients in one pass

/// g · f′ from g = ∂L/∂y and, as second operand, what the kernel of `operation` reads: x or y = f(x).
package protocol FusedGradient: BinaryRule {
    static func operation(_ options: Options) -> UnaryOperation
}

extension FusedGradient {
    package static func keeps(_ options: Options) -> Kept { [.first, .second] }
    package static func outputShape(_ g: Shape, _ saved: Shape, _ options: Options) throws(ShapeError) -> Shape {
        guard g == saved else {
            throw ShapeError(
                name, "a gradient must have the shape of its operand",
                [.init("gradient", g), .init("operand", saved)])
        }
        return saved
    }
    package static func forward(_ g: DeviceBuffer, _ saved: DeviceBuffer, _ shape: Shape, _ options: Options)
        -> DeviceBuffer
    {
        let operation = operation(options)
        let readsInput = operation.gradientReads == .input
        return g.device.backend.unaryGradient(
            operation, g, x: readsInput ? saved : nil, y: readsInput ? nil : saved)
    }
    package static func firstGradient(_ g: Tensor, _ saved: Saved, _ options: Options) -> Tensor {
        apply(Self.self, g, saved.second, options)
    }
}

extension Op {
    /// g where y > 0, else 0.
    package enum ReLUGradient: FusedGradient {
        package static let name = "reluGradient"
        package static func operation(_ options: Void) -> UnaryOperation { .relu }
        package static func keeps(_ options: Void) -> Kept { .second }
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { .zeros(like: g) }
        package static let entry = OperationEntry(
            name, "g where y > 0, else 0: the gradient of relu",
            [
                Sample([.real([3, 4]), .real([3, 4])], torch: "a * (b > 0)") {
                    apply(Op.ReLUGradient.self, $0[0], $0[1], ())
                }
            ])
    }
}

extension Op {
    /// g where y > 0, else s · g.
    package enum LeakyReLUGradient: FusedGradient {
        package static let name = "leakyReLUGradient"
        package static func operation(_ slope: Double) -> UnaryOperation { .leakyReLU(slope: slope) }
        package static func keeps(_ slope: Double) -> Kept { .second }
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ slope: Double) -> Tensor { .zeros(like: g) }
        package static let entry = OperationEntry(
            name, "g where y > 0, else s · g: the gradient of leakyReLU",
            [
                Sample([.real([3, 4]), .real([3, 4])], torch: "torch.where(b > 0, a, 0.2 * a)") {
                    apply(Op.LeakyReLUGradient.self, $0[0], $0[1], 0.2)
                }
            ])
    }
}

extension Op {
    /// g · y · (1 − y).
    package enum SigmoidGradient: FusedGradient {
        package static let name = "sigmoidGradient"
        package static func operation(_ options: Void) -> UnaryOperation { .sigmoid }
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            g * saved.first * (1 - saved.second * 2)
        }
        package static let entry = OperationEntry(
            name, "g · y · (1 − y): the gradient of sigmoid",
            [
                Sample([.real([3, 4]), .real([3, 4], 0...1)], torch: "a * b * (1 - b)") {
                    apply(Op.SigmoidGradient.self, $0[0], $0[1], ())
                }
            ])
    }
}

extension Op {
    /// g · (1 − y²).
    package enum TanhGradient: FusedGradient {
        package static let name = "tanhGradient"
        package static func operation(_ options: Void) -> UnaryOperation { .tanh }
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            g * saved.first * saved.second * -2
        }
        package static let entry = OperationEntry(
            name, "g · (1 − y²): the gradient of tanh",
            [
                Sample([.real([3, 4]), .real([3, 4], -1...1)], torch: "a * (1 - b ** 2)") {
                    apply(Op.TanhGradient.self, $0[0], $0[1], ())
                }
            ])
    }
}

extension Op {
    /// g · (Φ(x) + x · φ(x)).
    package enum GELUGradient: FusedGradient {
        package static let name = "geluGradient"
        package static func operation(_ options: Void) -> UnaryOperation { .gelu }
        // φ(x) · (2 − x²).
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            let square = saved.second.squared()
            return g * saved.first * (square / -2).exp() * ((2 - square) / (2 * Double.pi).squareRoot())
        }
        package static let entry = OperationEntry(
            name, "g · (Φ(x) + x · φ(x)): the gradient of gelu",
            [
                Sample(
                    [.real([3, 4]), .real([3, 4])],
                    torch: "a * (0.5 + (b * 0.5 ** 0.5).erf() / 2 + b * (-b ** 2 / 2).exp() / (2 * torch.pi) ** 0.5)"
                ) {
                    apply(Op.GELUGradient.self, $0[0], $0[1], ())
                }
            ])
    }
}

extension Op {
    /// g · (s + x · s(1 − s) · 2u′) with s = (1 + tanh u) / 2.
    package enum GELUTanhGradient: FusedGradient {
        package static let name = "geluTanhGradient"
        package static func operation(_ options: Void) -> UnaryOperation { .geluTanh }
        // s(1 − s) · (2v′ + x · ((1 − 2s) · v′² + v″)), where v = 2u.
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            let (x, scale) = (saved.second, 2 * (2 / Double.pi).squareRoot())
            let square = x.squared()
            let s = (x * (1 + square * 0.044715) * scale).sigmoid()
            let slope = (1 + square * (3 * 0.044715)) * scale
            let curvature = x * (6 * 0.044715 * scale)
            return g * saved.first * s * (1 - s) * (slope * 2 + x * ((1 - s * 2) * slope.squared() + curvature))
        }
        package static let entry = OperationEntry(
            name, "g times the derivative of gelu by tanh",
            [
                Sample(
                    [.real([3, 4]), .real([3, 4])],
                    torch:
                        "a * \(share) * (1 + b * (1 - \(share)) * (8 / torch.pi) ** 0.5 * (1 + 3 * 0.044715 * b ** 2))"
                ) {
                    apply(Op.GELUTanhGradient.self, $0[0], $0[1], ())
                }
            ])
        private static let share = "((8 / torch.pi) ** 0.5 * (b + 0.044715 * b ** 3)).sigmoid()"
    }
}

extension Op {
    /// g · s · (1 + x · (1 − s)) with s = sigmoid(x).
    package enum SiLUGradient: FusedGradient {
        package static let name = "siluGradient"
        package static func operation(_ options: Void) -> UnaryOperation { .silu }
        // s(1 − s) · (2 + x · (1 − 2s)).
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            let s = saved.second.sigmoid()
            return g * saved.first * s * (1 - s) * (2 + saved.second * (1 - s * 2))
        }
        package static let entry = OperationEntry(
            name, "g · s · (1 + x · (1 − s)) with s = sigmoid(x): the gradient of silu",
            [
                Sample(
                    [.real([3, 4]), .real([3, 4])], torch: "a * b.sigmoid() * (1 + b * (1 - b.sigmoid()))"
                ) {
                    apply(Op.SiLUGradient.self, $0[0], $0[1], ())
                }
            ])
    }
}

extension Op {
    /// g · sigmoid(βx); g where βx > 20.
    package enum SoftplusGradient: FusedGradient {
        package static let name = "softplusGradient"
        package static func operation(_ beta: Double) -> UnaryOperation { .softplus(beta: beta) }
        // β · s(1 − s) with s = sigmoid(βx), and 0 on the line.
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ beta: Double) -> Tensor {
            let z = saved.second * beta
            let s = z.sigmoid()
            return g * saved.first * select(z.detached() .> 20, Tensor.zeros(like: z), s * (1 - s) * beta)
        }
        package static let entry = OperationEntry(
            name, "g · sigmoid(βx), or g where βx > 20: the gradient of softplus",
            [
                Sample([.real([3, 4]), .real([3, 4])], torch: "a * b.sigmoid()") {
                    apply(Op.SoftplusGradient.self, $0[0], $0[1], 1)
                },
                Sample(
                    [.real([9]), .real([9], 5...15)], torch: "a * torch.where(2 * b > 20, 1, (2 * b).sigmoid())"
                ) {
                    apply(Op.SoftplusGradient.self, $0[0], $0[1], 2)
                },
            ])
    }
}

// MARK: - Dropout

extension Op {
    package enum Dropout: UnaryRule {
        package struct Options {
            var probability: Double
            var key: RandomKey
        }

        package static let name = "dropout"
        package static func outputShape(_ x: Shape, _ options: Options) -> Shape { x }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: Options) -> DeviceBuffer {
            x.device.backend.dropout(x, probability: options.probability, options.key)
        }
        // Linear in x, with the same draw.
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Options) -> Tensor {
            apply(Op.Dropout.self, g, options)
        }
        package static let entry = OperationEntry(
            name, "y = 0 with probability p, else x / (1 − p)", swift: ["x.dropout(probability: Double) -> Tensor"],
            [
                Sample([.real([4, 5])], torch: "") { x in withSeed(1) { x[0].dropout(probability: 0.4) } },
                Sample([.real([4, 5])], torch: "a * 1") { $0[0].dropout(probability: 0) },
                Sample([.real([4, 5])], torch: "a * 0") { $0[0].dropout(probability: 1) },
            ])
    }
}

extension TensorConvertible {
    /// max(x, 0); the gradient at 0 is 0.
    public func relu() -> Tensor { apply(Op.ReLU.self, tensor.real(), ()) }
    /// 1 / (1 + e⁻ˣ), in (0, 1), without overflow.
    public func sigmoid() -> Tensor { apply(Op.Sigmoid.self, tensor.real(), ()) }
    /// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), in (−1, 1).
    public func tanh() -> Tensor { apply(Op.Tanh.self, tensor.real(), ()) }

    /// x where x > 0, else slope · x; the gradient at 0 is the slope.
    ///
    /// Traps unless the slope is 0 or more, and finite. Source: Maas et al., Rectifier nonlinearities improve neural network
    /// acoustic models (2013).
    public func leakyReLU(slope: Double = 0.01, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        guard slope >= 0, slope < .infinity else {
            failure("leakyReLU: the slope must be 0 or more, and finite, not \(slope)", file, line)
        }
        return apply(Op.LeakyReLU.self, tensor.real(), slope)
    }
    /// x · Φ(x), where Φ(x) = (1 + erf(x/√2)) / 2 is the share of a standard normal distribution below x: x for large x, 0 for
    /// very negative ones, and at −∞.
    ///
    /// - Parameter approximation: `.tanh` gives x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), as GPT-2 and BERT's first
    ///   program do; it differs by less than 0.0005.
    ///
    /// Source: Hendrycks and Gimpel, Gaussian error linear units (2016).
    public func gelu(approximation: GELUApproximation = .none) -> Tensor {
        switch approximation {
        case .none: apply(Op.GELU.self, tensor.real(), ())
        case .tanh: apply(Op.GELUTanh.self, tensor.real(), ())
        }
    }
    /// x · sigmoid(x) = x / (1 + e⁻ˣ), also called swish: x for large x, 0 for very negative ones, and at −∞.
    ///
    /// Source: Elfwing et al., Sigmoid-weighted linear units for neural network function approximation in reinforcement
    /// learning (2017).
    public func silu() -> Tensor { apply(Op.SiLU.self, tensor.real(), ()) }

    /// log(1 + e^βx) / β, a smooth form of max(x, 0) that is above 0; x where βx > 20, as PyTorch's, where the two differ by
    /// less than 3e-9 / β. The gradient is sigmoid(βx).
    ///
    /// - Parameter beta: β: the larger, the closer to max(x, 0); the distance is log(2) / β at 0, where it is largest. Traps
    ///   unless it is above 0, and finite.
    ///
    /// Source: Dugas et al., Incorporating second-order functional knowledge for better option pricing (2000).
    public func softplus(beta: Double = 1, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        guard beta > 0, beta < .infinity else {
            failure("softplus: beta must be above 0, and finite, not \(beta)", file, line)
        }
        return apply(Op.Softplus.self, tensor.real(), beta)
    }

    /// 0 with probability p, else x / (1 − p), so that the expectation stays x.
    ///
    /// Traps if p is not in 0...1. Source: Srivastava et al., Dropout (2014).
    public func dropout(probability: Double, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        guard (0...1).contains(probability) else {
            failure("dropout: the probability must be in 0...1, not \(probability)", file, line)
        }
        let x = tensor.real()
        if probability == 0 { return x }
        if probability == 1 { return x * 0 }
        let key = ExecutionContext.current.generator.nextKey()
        return apply(Op.Dropout.self, x, .init(probability: probability, key: key))
    }
}

/// The formula by which `gelu` is computed.
public enum GELUApproximation: Sendable, Hashable {
    /// That of the definition.
    case none
    /// One with tanh in the place of erf.
    case tanh
}
