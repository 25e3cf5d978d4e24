import YuyanBackend

// ReLU's relatives that are made of other operations.

extension OperationFamily {
    package static let rectifiers = OperationFamily(
        "Rectifiers",
        [
            Op.HardTanh.entry, Op.ReLU6.entry, Op.HardSigmoid.entry, Op.HardSwish.entry, Op.PReLU.entry, Op.ELU.entry,
            Op.SELU.entry,
        ])
}

extension Op {
    /// Unlike `clamped(to:)` it has no gradient at the bounds themselves.
    package enum HardTanh: UnaryRule {
        package static let name = "hardTanh"
        package static func keeps(_ range: ClosedRange<Double>) -> Kept { .output }
        package static func outputShape(_ x: Shape, _ range: ClosedRange<Double>) -> Shape { x }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ range: ClosedRange<Double>) -> DeviceBuffer {
            let backend = x.device.backend
            let bounded = backend.binary(.maximum, x, scalar: range.lowerBound, scalarIsLeft: false)
            return backend.binary(.minimum, bounded, scalar: range.upperBound, scalarIsLeft: false)
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ range: ClosedRange<Double>) -> Tensor {
            let y = saved.output.detached()
            return g * ((y .> range.lowerBound) .& (y .< range.upperBound)).cast(to: g.dtype)
        }
        package static let entry = OperationEntry(
            name, "y = min(max(x, a), b) for numbers a ≤ b; gradient 0 at a and b",
            swift: ["x.hardTanh(to range: ClosedRange<Double> = -1...1) -> Tensor"],
            [
                Sample([.real([13, 17])], torch: "\(torch)(a)") { $0[0].hardTanh() },
                Sample([.real([])], torch: "\(torch)(a, -0.5, 3)") { $0[0].hardTanh(to: -0.5...3) },
                Sample([.real([0])], torch: "\(torch)(a)") { $0[0].hardTanh() },
                Sample([.real([8], 300...400)], torch: "\(torch)(a)") { $0[0].hardTanh() },
            ])
        private static let torch = "torch.nn.functional.hardtanh"
    }

    package enum ReLU6 {
        package static let entry = OperationEntry(
            "relu6", "y = min(max(x, 0), 6); gradient 0 at 0 and 6", swift: ["x.relu6() -> Tensor"],
            [
                Sample([.real([13, 17], -8...8)], torch: "torch.nn.functional.relu6(a)") { $0[0].relu6() },
                Sample([.real([0])], torch: "torch.nn.functional.relu6(a)") { $0[0].relu6() },
            ])
    }

    package enum HardSigmoid {
        package static let entry = OperationEntry(
            "hardSigmoid", "y = min(max(x/6 + 1/2, 0), 1); gradient 0 at the bounds",
            swift: ["x.hardSigmoid() -> Tensor"],
            [
                Sample([.real([13, 17], -5...5)], torch: "torch.nn.functional.hardsigmoid(a)") { $0[0].hardSigmoid() }
            ])
    }

    package enum HardSwish {
        package static let entry = OperationEntry(
            "hardSwish", "y = x · hardSigmoid(x)", swift: ["x.hardSwish() -> Tensor"],
            [
                Sample([.real([13, 17], -5...5)], torch: "torch.nn.functional.hardswish(a)") { $0[0].hardSwish() },
                Sample([.real([8], -400 ... -300)], torch: "torch.nn.functional.hardswish(a)") { $0[0].hardSwish() },
            ])
    }

    package enum PReLU {
        package static let entry = OperationEntry(
            "prelu", "y = x where x > 0, else w · x, with one w or one for each channel; gradient w at 0",
            swift: ["x.prelu(weight: some TensorConvertible) -> Tensor"],
            [
                Sample([.real([3, 4]), .real([1])], torch: "torch.nn.functional.prelu(a, b)") {
                    $0[0].prelu(weight: $0[1])
                },
                Sample([.real([2, 3, 4, 5]), .real([3])], torch: "torch.nn.functional.prelu(a, b)") {
                    $0[0].prelu(weight: $0[1])
                },
                Sample([.real([5, 3]), .real([3])], torch: "torch.nn.functional.prelu(a, b)") {
                    $0[0].prelu(weight: $0[1])
                },
            ])
    }

    package enum ELU: UnaryRule {
        package static let name = "elu"
        package static func keeps(_ alpha: Double) -> Kept { .first }
        package static func outputShape(_ x: Shape, _ alpha: Double) -> Shape { x }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ alpha: Double) -> DeviceBuffer {
            let backend = x.device.backend
            func combined(_ operation: BinaryOperation, _ x: DeviceBuffer, _ number: Double) -> DeviceBuffer {
                backend.binary(operation, x, scalar: number, scalarIsLeft: false)
            }
            let negative = combined(.minimum, x, 0)
            // eˣ − 1 = tanh(x/2) · (eˣ + 1), which keeps its digits where x is small.
            let tangent = backend.unary(.tanh, combined(.multiply, negative, 0.5))
            let power = combined(.add, backend.unary(UnaryOperation(.exp), negative), 1)
            let below = combined(.multiply, backend.binary(.multiply, tangent, power), alpha)
            return backend.binary(.add, combined(.maximum, x, 0), below)
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ alpha: Double) -> Tensor {
            let x = saved.first
            let isAbove = (x.detached() .> 0).cast(to: g.dtype)
            return g * (isAbove + (1 - isAbove) * minimum(x, 0).exp() * alpha)
        }
        package static let entry = OperationEntry(
            name, "y = x where x > 0, else α · (eˣ − 1) for a number α", swift: ["x.elu(alpha: Double = 1) -> Tensor"],
            [
                Sample([.real([13, 17])], torch: "torch.nn.functional.elu(a)") { $0[0].elu() },
                Sample([.real([])], torch: "torch.nn.functional.elu(a, 0.5)") { $0[0].elu(alpha: 0.5) },
                Sample([.real([8], -400 ... -300)], torch: "torch.nn.functional.elu(a, 2)") { $0[0].elu(alpha: 2) },
                Sample([.real([8], 300...400)], torch: "torch.nn.functional.elu(a)") { $0[0].elu() },
            ])
    }

    package enum SELU {
        package static let entry = OperationEntry(
            "selu", "y = λ · elu(x) with λ = 1.0507… and α = 1.6732…, which keep mean 0 and variance 1",
            swift: ["x.selu() -> Tensor"],
            [
                Sample([.real([13, 17])], torch: "torch.nn.functional.selu(a)") { $0[0].selu() },
                Sample([.real([8], -400 ... -300)], torch: "torch.nn.functional.selu(a)") { $0[0].selu() },
            ])
    }
}

extension TensorConvertible {
    /// min(max(x, a), b), element by element. The gradient at a and b is 0. Traps unless a and b are finite.
    ///
    /// Source: Collobert, Large scale machine learning (2004).
    public func hardTanh(
        to range: ClosedRange<Double> = -1...1, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        guard range.lowerBound > -.infinity, range.upperBound < .infinity else {
            failure("hardTanh: the range must be finite, not \(range)", file, line)
        }
        return apply(Op.HardTanh.self, tensor.real(), range)
    }

    /// min(max(x, 0), 6), element by element. The gradient at 0 and 6 is 0.
    ///
    /// Source: Krizhevsky, Convolutional deep belief networks on CIFAR-10 (2010).
    public func relu6() -> Tensor { hardTanh(to: 0...6) }

    /// min(max(x/6 + 1/2, 0), 1), element by element: a sigmoid of straight lines. The gradient at −3 and 3 is 0.
    ///
    /// Source: Howard et al., Searching for MobileNetV3 (2019).
    public func hardSigmoid() -> Tensor { tensor.real().computedWide { ($0.hardTanh(to: -3...3) + 3) / 6 } }

    /// x · hardSigmoid(x), element by element.
    ///
    /// Source: Howard et al., Searching for MobileNetV3 (2019).
    public func hardSwish() -> Tensor { tensor.real().computedWide { $0 * $0.hardSigmoid() } }

    /// x where x > 0, else w · x. The gradient at 0 is w, and for w it is Σ g · x over x ≤ 0.
    ///
    /// - Parameter weight: w, `[1]`, or `[C]` for `[N, C, …]`. Traps if it has another shape or element type; beside a
    ///   bfloat16 x it may be float32.
    ///
    /// Source: He et al., Delving deep into rectifiers (2015).
    public func prelu(weight: some TensorConvertible, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        let x = tensor.real()
        var w = weight.inFullPrecision()
        if x.dtype == .bfloat16, w.dtype == .float32 { w = w.cast(to: .bfloat16) }
        checkOperands("prelu", .reals, ["input", "weight"], x, w, file, line)
        guard w.rank == 1, w.elementCount == 1 || x.rank >= 2 && w.elementCount == x.shape[1] else {
            shapeFailure(
                ShapeError(
                    "prelu", "the weight must have one element, or one for each channel",
                    [.init("input", axes: "[N, C, …]", x.shape), .init("weight", w.shape)]), file, line)
        }
        let factor = w.reshaped([-1] + Array(repeating: 1, count: Swift.max(x.rank - 2, 0)))
        return x.relu() + minimum(x, 0) * (x.rank == 0 ? w.reshaped([]) : factor)
    }

    /// x where x > 0, else α · (eˣ − 1), element by element. The gradient at 0 is α.
    ///
    /// Source: Clevert et al., Fast and accurate deep network learning by exponential linear units (2016).
    public func elu(alpha: Double = 1) -> Tensor {
        tensor.real().computedWide { apply(Op.ELU.self, $0, alpha) }
    }

    /// λ · x where x > 0, else λα · (eˣ − 1), element by element: λ = 1.0507… and α = 1.6732… are such that, layer after
    /// layer, mean 0 and variance 1 are kept.
    ///
    /// Source: Klambauer et al., Self-normalizing neural networks (2017), whose numbers these are.
    public func selu() -> Tensor {
        tensor.real().computedWide { $0.elu(alpha: 1.6732632423543772848) * 1.0507009873554804934 }
    }
}
