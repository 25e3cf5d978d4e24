import YuyanBackend

extension OperationFamily {
    package static let activations = OperationFamily(
        "Activations",
        [
            Op.ReLU.entry, Op.Sigmoid.entry, Op.Tanh.entry, Op.ReLUGradient.entry, Op.SigmoidGradient.entry,
            Op.TanhGradient.entry, Op.Dropout.entry,
        ])
}

extension Op {
    package enum ReLU: ElementwiseUnary {
        package static let name = "relu"
        package static let operation = UnaryOperation.relu
        package static func keeps(_ options: Void) -> Kept { .output }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            apply(Op.ReLUGradient.self, g, saved.output, ())
        }
        package static let entry = OperationEntry(
            name, "y = max(x, 0); gradient 0 at 0",
            swift: ["x.relu() -> Tensor"],
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
        package static let operation = UnaryOperation.sigmoid
        package static func keeps(_ options: Void) -> Kept { .output }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            apply(Op.SigmoidGradient.self, g, saved.output, ())
        }
        package static let entry = OperationEntry(
            name, "y = 1 / (1 + e⁻ˣ)",
            swift: ["x.sigmoid() -> Tensor"],
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
        package static let operation = UnaryOperation.tanh
        package static func keeps(_ options: Void) -> Kept { .output }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            apply(Op.TanhGradient.self, g, saved.output, ())
        }
        package static let entry = OperationEntry(
            name, "y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",
            swift: ["x.tanh() -> Tensor"],
            [
                Sample([.real([45, 65])], torch: "a.tanh()") { $0[0].tanh() },
                Sample([.real([8], 300...400)], torch: "a.tanh()") { $0[0].tanh() },
                Sample([.real([8], -1e-3...1e-3)], torch: "a.tanh()") { $0[0].tanh() },
            ])
    }
}

// MARK: - Gradients in one pass

extension Activation {
    /// ∂L/∂x from g = ∂L/∂y and y.
    package func gradient(_ g: Tensor, output y: Tensor) -> Tensor {
        switch self {
        case .relu: apply(Op.ReLUGradient.self, g, y, ())
        case .sigmoid: apply(Op.SigmoidGradient.self, g, y, ())
        case .tanh: apply(Op.TanhGradient.self, g, y, ())
        }
    }
}

extension Op {
    /// g where y > 0, else 0.
    package enum ReLUGradient: ElementwiseBinary {
        package static let name = "reluGradient"
        package static let operation = BinaryOperation.reluGradient
        package static func keeps(_ options: Void) -> Kept { .second }
        package static func firstGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            apply(Op.ReLUGradient.self, g, saved.second, ())
        }
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
    /// g · y · (1 − y).
    package enum SigmoidGradient: ElementwiseBinary {
        package static let name = "sigmoidGradient"
        package static let operation = BinaryOperation.sigmoidGradient
        package static func keeps(_ options: Void) -> Kept { [.first, .second] }
        package static func firstGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            apply(Op.SigmoidGradient.self, g, saved.second, ())
        }
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
    package enum TanhGradient: ElementwiseBinary {
        package static let name = "tanhGradient"
        package static let operation = BinaryOperation.tanhGradient
        package static func keeps(_ options: Void) -> Kept { [.first, .second] }
        package static func firstGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            apply(Op.TanhGradient.self, g, saved.second, ())
        }
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
            name, "y = 0 with probability p, else x / (1 − p)",
            swift: ["x.dropout(probability: Double) -> Tensor"],
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
