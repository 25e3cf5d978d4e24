import YuyanBackend

extension Op {
    /// A convolution of sequences, which are images of one row.
    package enum Conv1D {
        package static let name = "conv1D"

        static func apply(
            _ input: Tensor, _ weight: Tensor, _ bias: Tensor?, _ geometry: ConvolutionGeometry, _ file: StaticString,
            _ line: UInt
        ) -> Tensor {
            let (x, w, b) = (input.inPrecision(), weight.inPrecision(), bias?.inPrecision())
            checkOperands(name, .reals, ["input", "weight", "bias"], x, w, b, file, line)
            do { _ = try geometry.outputShape(name, x.shape, w.shape, b?.shape, rank: 3) } catch {
                shapeFailure(error, file, line)
            }
            let y = YuyanCore.apply(
                Op.Conv2D.self, x.expandingShape(at: 2), w.expandingShape(at: 2), b, .init(geometry: geometry), file,
                line)
            return y.squeezingShape(at: 2)
        }

        package static let entry = OperationEntry(
            name, "y[n,o,i] = b[o] + Σ w[o,c,u] · x[n,c, i·s+u·d−p]",
            swift: [
                "conv1D(_ input: some TensorConvertible, weight: some TensorConvertible, bias: (some TensorConvertible)? = Tensor?.none, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1) -> Tensor",
                "conv1D(_ input: some TensorConvertible, weight: some TensorConvertible, bias: (some TensorConvertible)? = Tensor?.none, stride: Int = 1, padding: ConvolutionPadding, dilation: Int = 1, groups: Int = 1) -> Tensor",
            ],
            [
                Sample([.real([2, 3, 9]), .real([4, 3, 3]), .real([4])], torch: "\(torch)a, b, c, padding=1)") {
                    conv1D($0[0], weight: $0[1], bias: $0[2], padding: 1)
                },
                Sample(
                    [.real([2, 4, 11]), .real([6, 2, 2])], torch: "\(torch)a, b, stride=2, dilation=3, groups=2)"
                ) {
                    conv1D($0[0], weight: $0[1], stride: 2, dilation: 3, groups: 2)
                },
                Sample([.real([1, 16, 1]), .real([16, 16, 1]), .real([16])], torch: "\(torch)a, b, c)") {
                    conv1D($0[0], weight: $0[1], bias: $0[2])
                },
                Sample([.real([2, 3, 6]), .real([6, 1, 4])], torch: "\(torch)a, b, padding='same', groups=3)") {
                    conv1D($0[0], weight: $0[1], padding: .same, groups: 3)
                },
                Sample(
                    [.real([2, 3, 8]), .real([4, 3, 3]), .real([4])],
                    torch: "\(torch)torch.nn.functional.pad(a, (0, 1)), b, c, stride=2)"
                ) {
                    conv1D($0[0], weight: $0[1], bias: $0[2], stride: 2, padding: .same)
                },
            ])
        private static let torch = "torch.nn.functional.conv1d("
    }
}

/// Applies a 1-D convolution (a cross-correlation, as everywhere in deep learning).
///
/// y[n,o,i] = b[o] + Σ_{c,u} w[o,c,u] · x[n,c, i·s + u·d − p], zero outside x.
///
/// - Parameters: input `[N, C, L]`; weight `[O, C/groups, k]`; bias `[O]`; stride s and dilation d above 0; padding p on
///   both sides, 0 or more; groups divides C and O.
/// - Returns: `[N, O, L']`, L' = ⌊(L + 2p − d(k − 1) − 1) / s⌋ + 1. Traps if the sizes do not fit, or unless all are of one
///   floating-point type.
public func conv1D(
    _ input: some TensorConvertible, weight: some TensorConvertible, bias: (some TensorConvertible)? = Tensor?.none,
    stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1, file: StaticString = #fileID,
    line: UInt = #line
) -> Tensor {
    guard min(stride, dilation, groups) > 0, padding >= 0 else {
        failure(
            """
            conv1D: stride, dilation and groups must be above 0, padding 0 or more
              stride = \(stride), padding = \(padding), dilation = \(dilation), groups = \(groups)
            """, file, line)
    }
    let geometry = ConvolutionGeometry(
        stride: [1, Int32(stride)], padding: [0, Int32(padding)], dilation: [1, Int32(dilation)], groups: Int32(groups))
    return Op.Conv1D.apply(input.tensor, weight.tensor, bias?.tensor, geometry, file, line)
}

/// Applies a 1-D convolution whose output is as long as its input, or shorter by the stride alone, by zeros around the
/// input: `ConvolutionPadding.same`.
///
/// - Parameters: input `[N, C, L]`; weight `[O, C/groups, k]`; bias `[O]`; stride s and dilation d above 0; groups divides C
///   and O.
/// - Returns: `[N, O, ⌈L/s⌉]`. Traps if the sizes do not fit, or unless all are of one floating-point type.
public func conv1D(
    _ input: some TensorConvertible, weight: some TensorConvertible, bias: (some TensorConvertible)? = Tensor?.none,
    stride: Int = 1, padding: ConvolutionPadding, dilation: Int = 1, groups: Int = 1, file: StaticString = #fileID,
    line: UInt = #line
) -> Tensor {
    guard min(stride, dilation, groups) > 0 else {
        failure(
            """
            conv1D: stride, dilation and groups must be above 0
              stride = \(stride), dilation = \(dilation), groups = \(groups)
            """, file, line)
    }
    let (x, w) = (input.tensor, weight.tensor)
    let kernel = w.rank == 3 ? Int32(w.shape[2]) : 1
    let geometry = ConvolutionGeometry(
        sameFor: [1, kernel], of: [1, x.rank == 3 ? Int32(x.shape[2]) : 1], stride: [1, Int32(stride)],
        dilation: [1, Int32(dilation)], groups: groups)
    return Op.Conv1D.apply(x, w, bias?.tensor, geometry, file, line)
}
