import YuyanBackend

// Normalisation within a sample: of its last axes, or of groups of its channels.

extension Op {
    /// Each row of `[1, M, D]` with mean 0 and variance 1: the batch normalisation of one sample with M channels. Beside the
    /// output come mean and variance. Operands are batch normalisation's, without scale and offset.
    package enum NormalizedRows: GeneralRule {
        package static let name = "normalizedRows"
        package static var types: OperandTypes { .reals }
        package static func operandName(_ place: Int, _ options: BatchNorm.Options) -> String { "input" }
        package static func resultName(_ place: Int) -> String { BatchNorm.resultName(place) }
        package static func keeps(_ options: BatchNorm.Options) -> Kept { .first }
        package static func isDifferentiable(result place: Int, _ options: BatchNorm.Options) -> Bool { place == 0 }

        package static func outputShapes(
            _ operands: Few<Shape?>, _ options: BatchNorm.Options
        ) throws(ShapeError) -> Few<Shape> {
            let input = operands[0]!
            return Few(input, [input[1]], [input[1]])
        }

        package static func forward(
            _ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ options: BatchNorm.Options
        ) -> Computed {
            BatchNorm.forward(operands, shapes, options)
        }

        package static func gradients(
            _ gradients: Few<Tensor?>, _ saved: SavedValues, _ options: BatchNorm.Options
        ) -> Few<Tensor?> {
            BatchNorm.gradients(gradients, saved, options)
        }

        package static let entry = OperationEntry(
            name, "y = (x − μ) / √(σ² + ε) for each row, with μ and σ² of the row",
            [
                Sample(
                    [.real([1, 4, 6])], torch: "torch.nn.functional.layer_norm(a, (6,))"
                ) {
                    apply(NormalizedRows.self, Few($0[0], nil, nil), .init(epsilon: 1e-5))[0]
                }
            ])
    }

    package enum LayerNorm {
        package static let name = "layerNorm"
        package static let entry = OperationEntry(
            name, "y = (x − μ) / √(σ² + ε) · scale + offset, with μ and σ² over the last axes of each sample",
            swift: [
                "layerNorm(_ input: some TensorConvertible, normalizedShape: Shape, scale: (some TensorConvertible)? = Tensor?.none, offset: (some TensorConvertible)? = Tensor?.none, epsilon: Double = 1e-5) -> Tensor"
            ],
            [
                Sample([.real([3, 5]), .real([5]), .real([5])], torch: "\(torch)(a, (5,), b, c)") {
                    layerNorm($0[0], normalizedShape: [5], scale: $0[1], offset: $0[2])
                },
                Sample([.real([2, 3, 2, 4]), .real([2, 4])], torch: "\(torch)(a, (2, 4), b, eps=0.01)") {
                    layerNorm($0[0], normalizedShape: [2, 4], scale: $0[1], epsilon: 0.01)
                },
                Sample([.real([2, 33, 17])], torch: "\(torch)(a, (17,))") { layerNorm($0[0], normalizedShape: [17]) },
                Sample([.real([4, 1]), .real([1]), .real([1])], torch: "\(torch)(a, (1,), b, c)") {
                    layerNorm($0[0], normalizedShape: [1], scale: $0[1], offset: $0[2])
                },
            ])
        private static let torch = "torch.nn.functional.layer_norm"
    }

    package enum GroupNorm {
        package static let name = "groupNorm"
        package static let entry = OperationEntry(
            name, "y = (x − μ) / √(σ² + ε) · scale + offset, with μ and σ² over a group of channels of each sample",
            swift: [
                "groupNorm(_ input: some TensorConvertible, groups: Int, scale: (some TensorConvertible)? = Tensor?.none, offset: (some TensorConvertible)? = Tensor?.none, epsilon: Double = 1e-5) -> Tensor"
            ],
            [
                Sample([.real([2, 6, 3, 2]), .real([6]), .real([6])], torch: "\(torch)(a, 3, b, c)") {
                    groupNorm($0[0], groups: 3, scale: $0[1], offset: $0[2])
                },
                Sample([.real([3, 4]), .real([4])], torch: "\(torch)(a, 2, b, eps=0.01)") {
                    groupNorm($0[0], groups: 2, scale: $0[1], epsilon: 0.01)
                },
                // Of one channel a group, and of all.
                Sample([.real([2, 4, 5])], torch: "\(torch)(a, 4)") { groupNorm($0[0], groups: 4) },
                Sample([.real([2, 16, 3, 3]), .real([16]), .real([16])], torch: "\(torch)(a, 1, b, c)") {
                    groupNorm($0[0], groups: 1, scale: $0[1], offset: $0[2])
                },
            ])
        private static let torch = "torch.nn.functional.group_norm"
    }
}

/// Normalises the last axes of each sample with their own mean and variance, then scales and shifts them.
///
/// y = (x − μ) / √(σ² + ε) · scale + offset, where μ = Σ x / n and σ² = Σ (x − μ)² / n over the n elements of the last axes.
///
/// - Parameters: input `[…] + normalizedShape`; scale and offset of `normalizedShape`, without which they are 1 and 0;
///   epsilon ε, above 0, keeps equal elements finite: their y is the offset.
/// - Returns: y, of the input's shape.
/// - Gradient: for input, scale and offset; for the input through μ and σ², too.
///
/// Traps if the shapes do not fit, or unless all are of one floating-point type. Source: Ba, Kiros and Hinton, Layer
/// normalization (2016); d2l chapter 8.5.
public func layerNorm(
    _ input: some TensorConvertible, normalizedShape: Shape, scale: (some TensorConvertible)? = Tensor?.none,
    offset: (some TensorConvertible)? = Tensor?.none, epsilon: Double = 1e-5, file: StaticString = #fileID,
    line: UInt = #line
) -> Tensor {
    let name = Op.LayerNorm.name
    checkEpsilon(name, epsilon, file, line)
    let (x, scale, offset) = (input.inFullPrecision(), scale?.inFullPrecision(), offset?.inFullPrecision())
    checkOperands(name, .reals, { ["input", "scale", "offset"][$0] }, Few(x, scale, offset), file, line)
    let shape = x.shape
    guard normalizedShape.rank > 0, shape.rank >= normalizedShape.rank,
        Array(shape.suffix(normalizedShape.rank)) == Array(normalizedShape)
    else {
        shapeFailure(
            ShapeError(
                name, "the input's last axes must be the normalized shape",
                [.init("input", shape), .init("normalizedShape", normalizedShape)]), file, line)
    }
    for (title, operand) in [("scale", scale), ("offset", offset)] {
        guard let operand, operand.shape != normalizedShape else { continue }
        shapeFailure(
            ShapeError(
                name, "the \(title) must have the normalized shape",
                [.init(title, operand.shape), .init("normalizedShape", normalizedShape)]), file, line)
    }
    let rows = shape.dropLast(normalizedShape.rank).reduce(1, *)
    var y = normalizedRows(x, rows, normalizedShape.elementCount, epsilon, file, line)
    if let scale { y = y * scale }
    return offset.map { y + $0 } ?? y
}

/// Normalises groups of channels of each sample with their own mean and variance, then scales and shifts each channel.
///
/// y = (x − μ) / √(σ² + ε) · scale + offset, where μ = Σ x / n and σ² = Σ (x − μ)² / n over the n elements of a group. One
/// channel a group makes it an instance normalisation.
///
/// - Parameters: input `[N, C, …]`; groups divides C; scale and offset `[C]`, without which they are 1 and 0; epsilon ε,
///   above 0, keeps equal elements finite: their y is the offset.
/// - Returns: y, of the input's shape.
/// - Gradient: for input, scale and offset; for the input through μ and σ², too.
///
/// Traps if the shapes do not fit, or unless all are of one floating-point type. Source: Wu and He, Group normalization
/// (2018).
public func groupNorm(
    _ input: some TensorConvertible, groups: Int, scale: (some TensorConvertible)? = Tensor?.none,
    offset: (some TensorConvertible)? = Tensor?.none, epsilon: Double = 1e-5, file: StaticString = #fileID,
    line: UInt = #line
) -> Tensor {
    let name = Op.GroupNorm.name
    checkEpsilon(name, epsilon, file, line)
    let (x, scale, offset) = (input.inFullPrecision(), scale?.inFullPrecision(), offset?.inFullPrecision())
    checkOperands(name, .reals, { ["input", "scale", "offset"][$0] }, Few(x, scale, offset), file, line)
    let shape = x.shape
    guard shape.rank >= 2, groups > 0, shape[1] % groups == 0 else {
        shapeFailure(
            ShapeError(
                name, "groups must divide the channels",
                [.init("input", axes: "[N, C, …]", shape, note: "groups = \(groups)")]), file, line)
    }
    let perChannel = Shape([shape[1]] + Array(repeating: 1, count: shape.rank - 2))
    for (title, operand) in [("scale", scale), ("offset", offset)] {
        guard let operand, operand.shape != [shape[1]] else { continue }
        shapeFailure(
            ShapeError(
                name, "the \(title) must have one element for each channel",
                [.init("input", axes: "[N, C, …]", shape), .init(title, axes: "[C]", operand.shape)]), file, line)
    }
    let count = shape[1] / groups * shape.dropFirst(2).reduce(1, *)
    var y = normalizedRows(x, shape[0] * groups, count, epsilon, file, line)
    if let scale { y = y * scale.reshaped(perChannel) }
    return offset.map { y + $0.reshaped(perChannel) } ?? y
}

private func normalizedRows(
    _ x: Tensor, _ rows: Int, _ count: Int, _ epsilon: Double, _ file: StaticString, _ line: UInt
) -> Tensor {
    let options = Op.BatchNorm.Options(epsilon: epsilon)
    return apply(Op.NormalizedRows.self, Few(x.reshaped([1, rows, count]), nil, nil), options, file, line)[0]
        .reshaped(x.shape)
}
