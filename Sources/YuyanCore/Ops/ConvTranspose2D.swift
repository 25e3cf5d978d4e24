import YuyanBackend

extension Op {
    /// A transposed convolution: what a convolution's gradient for its input computes.
    package enum ConvTranspose2D {
        package static let name = "convTranspose2D"

        /// The shape rule.
        package static func outputShape(
            _ x: Shape, _ weight: Shape, _ bias: Shape?, _ geometry: ConvolutionGeometry, outputPadding: SIMD2<Int32>
        ) throws(ShapeError) -> Shape {
            func operands(_ inputNote: String = "", _ weightNote: String = "") -> [ShapeError.Operand] {
                [
                    .init("input", axes: "[N, C, H, W]", x, note: inputNote),
                    .init("weight", axes: "[C, O/groups, kH, kW]", weight, note: weightNote),
                ]
            }
            let groups = Int(geometry.groups)
            guard x.rank == 4, weight.rank == 4 else {
                throw ShapeError(
                    name, "input and weight must have 4 axes", operands("\(x.rank) axes", "\(weight.rank) axes"))
            }
            guard x[1] == weight[0] else {
                throw ShapeError(
                    name, "input channels must equal weight.shape[0]", operands("C = \(x[1])", "C = \(weight[0])"))
            }
            guard x[1] % groups == 0 else {
                throw ShapeError(name, "groups must divide the input channels", operands("", "groups = \(groups)"))
            }
            guard min(x[2], x[3], weight[2], weight[3]) > 0 else {
                throw ShapeError(name, "input and kernel must have rows and columns", operands())
            }
            let channels = weight[1] * groups
            if let bias, bias != [channels] {
                throw ShapeError(
                    name, "the bias must have one element for each output channel",
                    operands("", "groups = \(groups), so O = \(channels)") + [.init("bias", axes: "[O]", bias)])
            }
            func size(_ axis: Int) -> Int {
                let reach = (x[2 + axis] - 1) * Int(geometry.stride[axis]) + 1
                let window = Int(geometry.dilation[axis]) * (weight[2 + axis] - 1)
                return reach + window - 2 * Int(geometry.padding[axis]) + Int(outputPadding[axis])
            }
            guard size(0) > 0, size(1) > 0 else {
                throw ShapeError(
                    name, "the padding leaves nothing of the output",
                    operands(
                        "padding = \(geometry.padding.x), \(geometry.padding.y)", "H' = \(size(0)), W' = \(size(1))"))
            }
            return [x[0], channels, size(0), size(1)]
        }

        package static let entry = OperationEntry(
            name, "y[n,o, i·s+u·d−p, j·s+v·d−p] = b[o] + Σ w[c,o,u,v] · x[n,c,i,j]: conv2D's gradient for its input",
            swift: [
                "convTranspose2D(_ input: some TensorConvertible, weight: some TensorConvertible, bias: (some TensorConvertible)? = Tensor?.none, stride: Size2D = 1, padding: Size2D = 0, outputPadding: Size2D = 0, dilation: Size2D = 1, groups: Int = 1) -> Tensor"
            ],
            [
                Sample([.real([2, 3, 4, 5]), .real([3, 2, 3, 3]), .real([2])], torch: "\(torch)a, b, c)") {
                    convTranspose2D($0[0], weight: $0[1], bias: $0[2])
                },
                Sample(
                    [.real([2, 3, 4, 5]), .real([3, 2, 4, 2]), .real([2])],
                    torch: "\(torch)a, b, c, stride=2, padding=1, output_padding=1)"
                ) {
                    convTranspose2D($0[0], weight: $0[1], bias: $0[2], stride: 2, padding: 1, outputPadding: 1)
                },
                Sample(
                    [.real([1, 4, 3, 3]), .real([4, 3, 2, 3])],
                    torch: "\(torch)a, b, stride=(3, 1), padding=(0, 2), output_padding=(2, 0), dilation=2, groups=2)"
                ) {
                    convTranspose2D(
                        $0[0], weight: $0[1], stride: [3, 1], padding: [0, 2], outputPadding: [2, 0], dilation: 2,
                        groups: 2)
                },
                Sample(
                    [.real([2, 16, 1, 1]), .real([16, 16, 4, 4]), .real([16])], torch: "\(torch)a, b, c, stride=2)"
                ) {
                    convTranspose2D($0[0], weight: $0[1], bias: $0[2], stride: 2)
                },
            ])
        private static let torch = "torch.nn.functional.conv_transpose2d("
    }
}

/// Applies a transposed 2-D convolution: every element of the input adds the kernel, times itself, to the output, s further
/// for each step. Shapes and gradient are a convolution's with input and output exchanged.
///
/// y[n,o, i·s + u·d − p, j·s + v·d − p] = b[o] + Σ_{c} w[c,o,u,v] · x[n,c,i,j], summed over all i, u and j, v that meet there.
///
/// - Parameters: input `[N, C, H, W]`; weight `[C, O/groups, kH, kW]`, PyTorch's order; bias `[O]`; stride s and dilation d
///   above 0; padding p, 0 or more: so much is cut off on both sides of the output; outputPadding e, 0 or more and below
///   the stride: so much is added at the end, since a convolution with stride s gives one size for s sizes of its input;
///   groups divides C.
/// - Returns: `[N, O, H', W']`, H' = (H − 1)s − 2p + d(kH − 1) + e + 1. Traps if the sizes do not fit, or unless all are of
///   one floating-point type.
///
/// Source: Zeiler et al., Deconvolutional networks (2010); d2l chapter 14.10.
public func convTranspose2D(
    _ input: some TensorConvertible, weight: some TensorConvertible, bias: (some TensorConvertible)? = Tensor?.none,
    stride: Size2D = 1, padding: Size2D = 0, outputPadding: Size2D = 0, dilation: Size2D = 1, groups: Int = 1,
    file: StaticString = #fileID, line: UInt = #line
) -> Tensor {
    let name = Op.ConvTranspose2D.name
    let geometry = ConvolutionGeometry(
        checked: name, stride: stride, padding: padding, dilation: dilation, groups: groups, file, line)
    guard (0..<stride.height).contains(outputPadding.height), (0..<stride.width).contains(outputPadding.width) else {
        failure(
            """
            \(name): outputPadding must be 0 or more, and below the stride
              outputPadding = \(outputPadding), stride = \(stride)
            """, file, line)
    }
    let (x, w, b) = (input.tensor.inPrecision(), weight.tensor.inPrecision(), bias?.tensor.inPrecision())
    checkOperands(name, .reals, ["input", "weight", "bias"], x, w, b, file, line)
    let shape: Shape
    do {
        shape = try Op.ConvTranspose2D.outputShape(
            x.shape, w.shape, b?.shape, geometry, outputPadding: outputPadding.lanes)
    } catch { shapeFailure(error, file, line) }
    let y = apply(Op.Conv2DInputGradient.self, x, w, .init(geometry: geometry, shape: shape), file, line)
    return b.map { y + $0.reshaped([-1, 1, 1]) } ?? y
}
