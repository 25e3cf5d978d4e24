import YuyanBackend

extension OperationFamily {
    package static let convolution = OperationFamily(
        "Convolution",
        [
            Op.Conv1D.entry, Op.Conv2D.entry, Op.ConvTranspose2D.entry, Op.Conv2DInputGradient.entry,
            Op.Conv2DWeightGradient.entry,
        ])
}

/// A height and a width; an integer literal gives both: `3`, `[3, 5]`.
public struct Size2D: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
    CustomStringConvertible
{
    /// Of the rows.
    public var height: Int
    /// Of the columns.
    public var width: Int

    /// A size of two numbers.
    public init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }
    /// The same size both ways.
    public init(_ both: Int) { self.init(height: both, width: both) }
    public init(integerLiteral both: Int) { self.init(both) }
    /// Traps unless there are two elements.
    public init(arrayLiteral elements: Int...) {
        guard elements.count == 2 else { failure("size: \(elements) must be [height, width]") }
        self.init(height: elements[0], width: elements[1])
    }

    public var description: String { height == width ? "\(height)" : "[\(height), \(width)]" }

    package var lanes: SIMD2<Int32> { [Int32(height), Int32(width)] }
    package init(lanes: SIMD2<Int32>) { self.init(height: Int(lanes.x), width: Int(lanes.y)) }

    /// ⌊(n + 2p + e − d(k − 1) − 1) / s⌋ + 1 for each axis; not positive if the window does not fit. Rounded up, where the
    /// last window still begins before the end of the input.
    package static func windowCounts(
        _ input: (Int, Int), kernel: (Int, Int), stride: SIMD2<Int32>, padding: SIMD2<Int32>,
        extraPadding: SIMD2<Int32> = [0, 0], dilation: SIMD2<Int32> = [1, 1], roundsUp: Bool = false
    ) -> (height: Int, width: Int) {
        func count(_ n: Int, _ k: Int, _ axis: Int) -> Int {
            let (p, s) = (Int(padding[axis]), Int(stride[axis]))
            let steps = n + 2 * p + Int(extraPadding[axis]) - Int(dilation[axis]) * (k - 1) - 1 + (roundsUp ? s - 1 : 0)
            guard steps >= 0 else { return 0 }
            return roundsUp && steps / s * s >= n + p ? steps / s : steps / s + 1
        }
        return (count(input.0, kernel.0, 0), count(input.1, kernel.1, 1))
    }
}

/// Padding of a convolution by a rule.
public enum ConvolutionPadding: Sendable, Hashable {
    /// Zeros that make the output as large as the input, or ⌈n/s⌉ elements long of n with a stride of s.
    ///
    /// A kernel of k elements and a dilation of d get max((⌈n/s⌉ − 1)s + d(k − 1) + 1 − n, 0) zeros along each axis,
    /// d(k − 1) with a stride of 1: half of them before the first element and half after the last; of an odd number one
    /// more after it. PyTorch has this for a stride of 1 alone, TensorFlow, and networks that come from there, for all.
    case same
}

extension ConvolutionGeometry {
    /// `ConvolutionPadding.same` for an input of this size; of an unknown one the most there can be, which with a stride of
    /// 1 is what every input gets.
    package init(
        sameFor kernel: SIMD2<Int32>, of input: SIMD2<Int32>? = nil, stride: SIMD2<Int32>, dilation: SIMD2<Int32>,
        groups: Int
    ) {
        var total = dilation &* (kernel &- 1)
        if let input {
            let lastWindow = ((input &+ stride &- 1) / stride &- 1) &* stride
            total = pointwiseMax(total &+ lastWindow &+ 1 &- input, .zero)
        }
        self.init(
            stride: stride, padding: total / 2, extraPadding: total % 2, dilation: dilation, groups: Int32(groups))
    }

    /// Traps unless all numbers but the padding are above 0, and that is 0 or more.
    init(
        checked name: String, stride: Size2D, padding: Size2D, dilation: Size2D, groups: Int, _ file: StaticString,
        _ line: UInt
    ) {
        let isValid = min(stride.height, stride.width, dilation.height, dilation.width, groups) > 0
        guard isValid, min(padding.height, padding.width) >= 0 else {
            failure(
                """
                \(name): stride, dilation and groups must be above 0, padding 0 or more
                  stride = \(stride), padding = \(padding), dilation = \(dilation), groups = \(groups)
                """, file, line)
        }
        self.init(stride: stride.lanes, padding: padding.lanes, dilation: dilation.lanes, groups: Int32(groups))
    }

    /// The shape rule of convolutions of images, and of sequences, which are images of one row: `[N, C, L]`.
    func outputShape(_ name: String, _ x: Shape, _ weight: Shape, _ bias: Shape?, rank: Int) throws(ShapeError) -> Shape
    {
        let isImage = rank == 4
        func operands(_ inputNote: String = "", _ weightNote: String = "") -> [ShapeError.Operand] {
            [
                .init("input", axes: isImage ? "[N, C, H, W]" : "[N, C, L]", x, note: inputNote),
                .init("weight", axes: isImage ? "[O, C/groups, kH, kW]" : "[O, C/groups, k]", weight, note: weightNote),
            ]
        }
        let groups = Int(groups)
        guard x.rank == rank, weight.rank == rank else {
            throw ShapeError(
                name, "input and weight must have \(rank) axes", operands("\(x.rank) axes", "\(weight.rank) axes"))
        }
        guard x[1] == weight[1] * groups else {
            throw ShapeError(
                name, "input channels must equal weight.shape[1] × groups",
                operands("C = \(x[1])", "groups = \(groups) needs C = \(weight[1] * groups)"))
        }
        guard weight[0] % groups == 0 else {
            throw ShapeError(name, "groups must divide the output channels", operands("", "groups = \(groups)"))
        }
        if let bias, bias.rank != 1 || bias[0] != weight[0] {
            throw ShapeError(
                name, "the bias must have one element for each output channel",
                operands() + [.init("bias", axes: "[O]", bias)])
        }
        guard weight.dropFirst(2).allSatisfy({ $0 > 0 }) else {
            throw ShapeError(name, "the kernel must have elements", operands())
        }
        let size = Size2D.windowCounts(
            (isImage ? x[2] : 1, x[rank - 1]), kernel: (isImage ? weight[2] : 1, weight[rank - 1]), stride: stride,
            padding: padding, extraPadding: extraPadding, dilation: dilation)
        guard size.height > 0, size.width > 0 else {
            func text(_ pair: SIMD2<Int32>) -> String { isImage ? "\(pair.x), \(pair.y)" : "\(pair.y)" }
            throw ShapeError(
                name, "the kernel must fit into the padded input",
                operands("padding = \(text(padding))", "dilation = \(text(dilation))"))
        }
        return isImage
            ? Shape(samples: x[0], channels: weight[0], height: size.height, width: size.width)
            : [x[0], weight[0], size.width]
    }
}

extension Op {
    /// A convolution, then an activation if there is one.
    package enum Conv2D: TernaryRule {
        package struct Options {
            package var geometry: ConvolutionGeometry
            package var activation: UnaryOperation?

            package init(geometry: ConvolutionGeometry, activation: UnaryOperation? = nil) {
                self.geometry = geometry
                self.activation = activation
            }
        }

        package static let name = "conv2D"
        package static var types: OperandTypes { .reals }
        package static var operandNames: [String] { ["input", "weight", "bias"] }
        package static func activation(_ options: Options) -> UnaryOperation? { options.activation }

        package static func outputShape(
            _ x: Shape, _ weight: Shape, _ bias: Shape?, _ options: Options
        ) throws(ShapeError) -> Shape {
            try options.geometry.outputShape(name, x, weight, bias, rank: 4)
        }

        package static func forward(
            _ x: DeviceBuffer, _ weight: DeviceBuffer, _ bias: DeviceBuffer?, _ shape: Shape, _ options: Options
        ) -> DeviceBuffer {
            x.device.backend.convolution(
                x, weight, bias: bias, outputShape: shape, options.geometry, activation: options.activation)
        }

        package static func gradients(
            _ g: Tensor, _ saved: Saved, _ options: Options, needs: (Bool, Bool, Bool)
        ) -> (Tensor?, Tensor?, Tensor?) {
            let geometry = options.geometry
            let x =
                needs.0
                ? apply(
                    Op.Conv2DInputGradient.self, g, saved.second, .init(geometry: geometry, shape: saved.firstShape))
                : nil
            guard needs.1 else { return (x, nil, needs.2 ? g.sum(axes: [0, 2, 3]) : nil) }
            if !g.isRecorded && !saved.first.isRecorded {
                // The library gives both in one pass.
                let both = g.backend.convolutionWeightGradient(
                    g.buffer, saved.first.buffer, weightShape: saved.secondShape, geometry, includesBias: needs.2)
                return (x, Tensor(both.weight), both.bias.map { Tensor($0) })
            }
            let weight = apply(
                Op.Conv2DWeightGradient.self, g, saved.first, .init(geometry: geometry, shape: saved.secondShape))
            return (x, weight, needs.2 ? g.sum(axes: [0, 2, 3]) : nil)
        }

        package static let entry = OperationEntry(
            name, "y[n,o,i,j] = b[o] + Σ w[o,c,u,v] · x[n,c, i·s+u·d−p, j·s+v·d−p]",
            swift: [
                "conv2D(_ input: some TensorConvertible, weight: some TensorConvertible, bias: (some TensorConvertible)? = Tensor?.none, stride: Size2D = 1, padding: Size2D = 0, dilation: Size2D = 1, groups: Int = 1) -> Tensor",
                "conv2D(_ input: some TensorConvertible, weight: some TensorConvertible, bias: (some TensorConvertible)? = Tensor?.none, stride: Size2D = 1, padding: ConvolutionPadding, dilation: Size2D = 1, groups: Int = 1) -> Tensor",
            ],
            [
                Sample([.real([2, 1, 5, 6]), .real([3, 1, 3, 3]), .real([3])], torch: "\(torch)a, b, c, padding=1)") {
                    conv2D($0[0], weight: $0[1], bias: $0[2], padding: 1)
                },
                Sample(
                    [.real([2, 3, 6, 5]), .real([4, 3, 3, 2])], torch: "\(torch)a, b, stride=(2, 1), padding=(0, 1))"
                ) {
                    conv2D($0[0], weight: $0[1], stride: [2, 1], padding: [0, 1])
                },
                Sample(
                    [.real([1, 4, 7, 7]), .real([6, 2, 3, 3]), .real([6])],
                    torch: "\(torch)a, b, c, dilation=2, groups=2)"
                ) {
                    conv2D($0[0], weight: $0[1], bias: $0[2], dilation: 2, groups: 2)
                },
                Sample([.real([3, 6, 8, 8]), .real([16, 6, 5, 5]), .real([16])], torch: "\(torch)a, b, c)") {
                    conv2D($0[0], weight: $0[1], bias: $0[2])
                },
                Sample(
                    [.real([2, 16, 6, 6]), .real([16, 16, 3, 3]), .real([16])], torch: "\(torch)a, b, c, padding=1)"
                ) {
                    conv2D($0[0], weight: $0[1], bias: $0[2], padding: 1)
                },
                Sample([.real([2, 1, 6, 6]), .real([6, 1, 3, 3]), .real([6])], torch: "\(torch)a, b, c).sigmoid()") {
                    conv2D($0[0], weight: $0[1], bias: $0[2], .init(), activation: .sigmoid)
                },
                Sample([.real([2, 3, 6, 6]), .real([8, 3, 3, 3])], torch: "\(torch)a, b).tanh()") {
                    conv2D($0[0], weight: $0[1], .init(), activation: .tanh)
                },
                Sample([.real([1, 16, 5, 5]), .real([16, 16, 3, 3]), .real([16])], torch: "\(torch)a, b, c).relu()") {
                    conv2D($0[0], weight: $0[1], bias: $0[2], .init(), activation: .relu)
                },
                // Each channel alone, with one kernel and with two.
                Sample(
                    [.real([2, 5, 7, 6]), .real([5, 1, 3, 3]), .real([5])],
                    torch: "\(torch)a, b, c, stride=2, padding=1, groups=5)"
                ) {
                    conv2D($0[0], weight: $0[1], bias: $0[2], stride: 2, padding: 1, groups: 5)
                },
                Sample(
                    [.real([2, 16, 6, 5]), .real([32, 1, 3, 2]), .real([32])],
                    torch: "\(torch)a, b, c, stride=(1, 2), padding=(2, 1), dilation=(2, 1), groups=16)"
                ) {
                    conv2D(
                        $0[0], weight: $0[1], bias: $0[2], stride: [1, 2], padding: [2, 1], dilation: [2, 1], groups: 16
                    )
                },
                Sample(
                    [.real([2, 6, 8, 7]), .real([4, 3, 3, 3])],
                    torch: "\(torch)a, b, stride=2, padding=2, dilation=2, groups=2)"
                ) {
                    conv2D($0[0], weight: $0[1], stride: 2, padding: 2, dilation: 2, groups: 2)
                },
                // As large as the input: even kernels get one zero more at the end.
                Sample(
                    [.real([2, 3, 5, 6]), .real([4, 3, 2, 4]), .real([4])], torch: "\(torch)a, b, c, padding='same')"
                ) {
                    conv2D($0[0], weight: $0[1], bias: $0[2], padding: .same)
                },
                Sample(
                    [.real([1, 16, 5, 7]), .real([16, 16, 4, 3])],
                    torch: "\(torch)a, b, padding='same', dilation=(3, 2))"
                ) {
                    conv2D($0[0], weight: $0[1], padding: .same, dilation: [3, 2])
                },
                Sample(
                    [.real([2, 4, 1, 3]), .real([8, 1, 2, 2]), .real([8])],
                    torch: "\(torch)a, b, c, padding='same', groups=4)"
                ) {
                    conv2D($0[0], weight: $0[1], bias: $0[2], padding: .same, groups: 4)
                },
                // With a stride the zeros depend on the size: none before and one after of 8 rows, one and one of 7.
                Sample(
                    [.real([2, 6, 8, 7]), .real([6, 1, 3, 3])],
                    torch: "\(torch)torch.nn.functional.pad(a, (1, 1, 0, 1)), b, stride=2, groups=6)"
                ) {
                    conv2D($0[0], weight: $0[1], stride: 2, padding: .same, groups: 6)
                },
                Sample(
                    [.real([2, 16, 8, 9]), .real([16, 16, 5, 1]), .real([16])],
                    torch: "\(torch)torch.nn.functional.pad(a, (0, 0, 1, 2)), b, c, stride=(2, 3))"
                ) {
                    conv2D($0[0], weight: $0[1], bias: $0[2], stride: [2, 3], padding: .same)
                },
                Sample(
                    [.real([1, 3, 8, 9]), .real([16, 3, 3, 2])],
                    torch: "\(torch)torch.nn.functional.pad(a, (1, 1, 1, 2)), b, stride=(3, 2), dilation=(2, 2))"
                ) {
                    conv2D($0[0], weight: $0[1], stride: [3, 2], padding: .same, dilation: 2)
                },
            ])
        private static let torch = "torch.nn.functional.conv2d("
    }
}

/// A convolution and the shape of the operand whose gradient is wanted.
package struct ConvolutionGradientOptions {
    package var geometry: ConvolutionGeometry
    package var shape: Shape
}

extension Op {
    /// ∂L/∂x of a convolution, from ∂L/∂y and the weight: bilinear in both, so its gradients are convolutions again.
    package enum Conv2DInputGradient: BinaryRule {
        package static let name = "conv2DInputGradient"
        package static func keeps(_ options: ConvolutionGradientOptions) -> Kept { [.first, .second] }
        package static func outputShape(_ g: Shape, _ weight: Shape, _ options: ConvolutionGradientOptions) -> Shape {
            options.shape
        }
        package static func forward(
            _ g: DeviceBuffer, _ weight: DeviceBuffer, _ shape: Shape, _ options: ConvolutionGradientOptions
        ) -> DeviceBuffer {
            g.device.backend.convolutionInputGradient(g, weight, inputShape: shape, options.geometry)
        }
        package static func firstGradient(
            _ gradient: Tensor, _ saved: Saved, _ options: ConvolutionGradientOptions
        ) -> Tensor {
            apply(Op.Conv2D.self, gradient, saved.second, nil, .init(geometry: options.geometry))
        }
        package static func secondGradient(
            _ gradient: Tensor, _ saved: Saved, _ options: ConvolutionGradientOptions
        ) -> Tensor {
            apply(
                Op.Conv2DWeightGradient.self, saved.first, gradient,
                .init(geometry: options.geometry, shape: saved.secondShape))
        }
        package static let entry = OperationEntry(
            name, "the gradient of conv2D for its input",
            [
                Sample(
                    [.real([2, 3, 5, 6]), .real([3, 2, 3, 3])],
                    torch: "torch.nn.functional.conv_transpose2d(a, b, padding=1)"
                ) {
                    apply(
                        Op.Conv2DInputGradient.self, $0[0], $0[1],
                        .init(geometry: .init(padding: [1, 1]), shape: [2, 2, 5, 6]))
                }
            ])
    }
}

extension Op {
    /// ∂L/∂w of a convolution, from ∂L/∂y and the input.
    package enum Conv2DWeightGradient: BinaryRule {
        package static let name = "conv2DWeightGradient"
        package static func keeps(_ options: ConvolutionGradientOptions) -> Kept { [.first, .second] }
        package static func outputShape(_ g: Shape, _ x: Shape, _ options: ConvolutionGradientOptions) -> Shape {
            options.shape
        }
        package static func forward(
            _ g: DeviceBuffer, _ x: DeviceBuffer, _ shape: Shape, _ options: ConvolutionGradientOptions
        ) -> DeviceBuffer {
            g.device.backend.convolutionWeightGradient(
                g, x, weightShape: shape, options.geometry, includesBias: false
            ).weight
        }
        package static func firstGradient(
            _ gradient: Tensor, _ saved: Saved, _ options: ConvolutionGradientOptions
        ) -> Tensor {
            apply(Op.Conv2D.self, saved.second, gradient, nil, .init(geometry: options.geometry))
        }
        package static func secondGradient(
            _ gradient: Tensor, _ saved: Saved, _ options: ConvolutionGradientOptions
        ) -> Tensor {
            apply(
                Op.Conv2DInputGradient.self, saved.first, gradient,
                .init(geometry: options.geometry, shape: saved.secondShape))
        }
        package static let entry = OperationEntry(
            name, "the gradient of conv2D for its weight",
            [
                Sample(
                    [.real([2, 3, 5, 6]), .real([2, 2, 5, 6])],
                    torch: "torch.nn.functional.conv2d(b.transpose(0, 1), a.transpose(0, 1), padding=1).transpose(0, 1)"
                ) {
                    apply(
                        Op.Conv2DWeightGradient.self, $0[0], $0[1],
                        .init(geometry: .init(padding: [1, 1]), shape: [3, 2, 3, 3]))
                }
            ])
    }
}

/// Applies a 2-D convolution (a cross-correlation, as everywhere in deep learning).
///
/// y[n,o,i,j] = b[o] + Σ_{c,u,v} w[o,c,u,v] · x[n,c, i·s + u·d − p, j·s + v·d − p], zero outside x.
///
/// - Parameters: input `[N, C, H, W]`; weight `[O, C/groups, kH, kW]`; bias `[O]`; stride s and dilation d above 0;
///   padding p on both sides, 0 or more; groups divides C and O.
/// - Returns: `[N, O, H', W']`, H' = ⌊(H + 2p − d(kH − 1) − 1) / s⌋ + 1. Traps if the sizes do not fit, or unless all
///   are of one floating-point type.
///
/// Source: LeCun et al., Gradient-based learning applied to document recognition (1998); d2l chapter 6.
public func conv2D(
    _ input: some TensorConvertible, weight: some TensorConvertible, bias: (some TensorConvertible)? = Tensor?.none,
    stride: Size2D = 1, padding: Size2D = 0, dilation: Size2D = 1, groups: Int = 1,
    file: StaticString = #fileID, line: UInt = #line
) -> Tensor {
    let geometry = ConvolutionGeometry(
        checked: "conv2D", stride: stride, padding: padding, dilation: dilation, groups: groups, file, line)
    return apply(
        Op.Conv2D.self, input.tensor.inPrecision(), weight.tensor.inPrecision(), bias?.tensor.inPrecision(),
        .init(geometry: geometry), file, line)
}

/// Applies a 2-D convolution whose output is as large as its input, or smaller by the stride alone, by zeros around the
/// input: `ConvolutionPadding.same`.
///
/// - Parameters: input `[N, C, H, W]`; weight `[O, C/groups, kH, kW]`; bias `[O]`; stride s and dilation d above 0; groups
///   divides C and O.
/// - Returns: `[N, O, ⌈H/s⌉, ⌈W/s⌉]`. Traps if the sizes do not fit, or unless all are of one floating-point type.
public func conv2D(
    _ input: some TensorConvertible, weight: some TensorConvertible, bias: (some TensorConvertible)? = Tensor?.none,
    stride: Size2D = 1, padding: ConvolutionPadding, dilation: Size2D = 1, groups: Int = 1,
    file: StaticString = #fileID, line: UInt = #line
) -> Tensor {
    var geometry = ConvolutionGeometry(
        checked: "conv2D", stride: stride, padding: 0, dilation: dilation, groups: groups, file, line)
    let (x, w) = (input.tensor.inPrecision(), weight.tensor.inPrecision())
    // Without an image or a kernel the shape rule says what is missing.
    if x.rank == 4, w.rank == 4 {
        geometry = .init(
            sameFor: [Int32(w.shape[2]), Int32(w.shape[3])], of: [Int32(x.shape[2]), Int32(x.shape[3])],
            stride: stride.lanes, dilation: dilation.lanes, groups: groups)
    }
    return apply(Op.Conv2D.self, x, w, bias?.tensor.inPrecision(), .init(geometry: geometry), file, line)
}

/// The same for layers, with an activation in the same pass, if there is one.
package func conv2D(
    _ input: Tensor, weight: some TensorConvertible, bias: (some TensorConvertible)? = Tensor?.none,
    _ geometry: ConvolutionGeometry, activation: UnaryOperation?
) -> Tensor {
    let options = Op.Conv2D.Options(geometry: geometry, activation: activation)
    return apply(
        Op.Conv2D.self, input.inPrecision(), weight.tensor.inPrecision(), bias?.tensor.inPrecision(), options)
}
