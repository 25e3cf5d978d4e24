import YuyanBackend

extension OperationFamily {
    package static let normalization = OperationFamily(
        "Normalization", [Op.BatchNorm.entry, Op.LayerNorm.entry, Op.GroupNorm.entry, Op.NormalizedRows.entry])
}

extension Op {
    /// Batch normalisation. Operands: input, scale, offset, of which the last two may be absent, and then mean and variance
    /// unless they are those of the batch, which come out beside the output.
    package enum BatchNorm: GeneralRule {
        package struct Options {
            var epsilon: Double
        }

        package static let name = "batchNorm"
        package static var types: OperandTypes { .normalized }
        private static let operandNames = ["input", "scale", "offset", "mean", "variance"]
        package static func operandName(_ place: Int, _ options: Options) -> String { operandNames[place] }
        package static func resultName(_ place: Int) -> String { ["output", "mean", "variance"][place] }
        package static func keeps(_ options: Options) -> Kept { [.operand(0), .operand(1)] }
        package static func isDifferentiable(result place: Int, _ options: Options) -> Bool { place == 0 }

        package static func outputShapes(
            _ operands: Few<Shape?>, _ options: Options
        ) throws(ShapeError) -> Few<Shape> {
            let input = operands[0]!
            guard (2...5).contains(input.rank) else {
                throw ShapeError(name, "the input must have 2 to 5 axes", [.init("input", axes: "[N, C, …]", input)])
            }
            for place in operands.indices.dropFirst() {
                guard let shape = operands[place], shape != [input[1]] else { continue }
                throw ShapeError(
                    name, "the \(operandNames[place]) must have one element for each channel",
                    [.init("input", axes: "[N, C, …]", input), .init(operandNames[place], axes: "[C]", shape)])
            }
            if operands.count > 3 { return Few(input) }
            if input.removing(axis: 1).elementCount == 1 {
                throw ShapeError(
                    name, "the statistics of a batch take more than one value for each channel",
                    [.init("input", axes: "[N, C, …]", input)],
                    hint: "give a larger batch, or the mean and the variance to use")
            }
            return Few(input, [input[1]], [input[1]])
        }

        /// The workspace holds the means, unrounded, and 1/√(σ² + ε).
        package static func forward(
            _ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ options: Options
        ) -> Computed {
            let x = operands[0]!
            let given = operands.count > 3 ? ChannelStatistics(mean: operands[3]!, variance: operands[4]!) : nil
            let found = x.device.backend.normalize(
                .batch, x, scale: operands[1], offset: operands[2], given: given, epsilon: options.epsilon)
            let results = given == nil ? Few(found.output, found.mean, found.variance) : Few(found.output)
            return Computed(results, workspaces: Few(found.saved))
        }

        package static func gradients(
            _ gradients: Few<Tensor?>, _ saved: SavedValues, _ options: Options
        ) -> Few<Tensor?> {
            let (g, x) = (gradients[0]!, saved.operand(0))
            let scale = saved.isAbsent(1) ? nil : saved.operand(1)
            var wanted: NormalizationOperands = []
            for (place, operand) in [NormalizationOperands.input, .scale, .offset].enumerated()
            where saved.needsGradient(place) {
                wanted.insert(operand)
            }
            let isOfBatch = saved.operandCount == 3
            var found: Few<Tensor?>
            if g.isRecorded || x.isRecorded || scale?.isRecorded == true {
                found = composedGradients(g, x, scale, saved, isOfBatch, wanted, options)
            } else {
                let kernel = g.backend.normalizeGradient(
                    .batch, g.buffer, x.buffer, scale: scale?.buffer, saved: saved.workspaces[0], isOfBatch: isOfBatch,
                    wanted: wanted)
                found = Few(
                    kernel.input.map { Tensor($0) }, kernel.scale.map { Tensor($0) }, kernel.offset.map { Tensor($0) })
            }
            // Beside bfloat16 there may be float32.
            for place in found.indices where found[place] != nil {
                found[place] = found[place]!.cast(to: saved.dtype(place))
            }
            return found
        }

        /// The same from operations that have gradients.
        private static func composedGradients(
            _ g: Tensor, _ x: Tensor, _ scale: Tensor?, _ saved: SavedValues, _ isOfBatch: Bool,
            _ wanted: NormalizationOperands, _ options: Options
        ) -> Few<Tensor?> {
            let axes = [0] + Array(2..<x.rank)
            func perChannel(_ values: Tensor) -> Tensor {
                values.reshaped([1, x.shape[1]] + Array(repeating: 1, count: x.rank - 2))
            }
            let known = Tensor(saved.workspaces[0])
            let deviations = x - perChannel(known[0].cast(to: x.dtype))
            var (centered, inverse) = (deviations, perChannel(known[1].cast(to: x.dtype)))
            if isOfBatch {
                // 0 but for rounding, with the gradient of the mean.
                centered = deviations - deviations.mean(axes: axes, keepDimensions: true)
                let variance = centered.squared().mean(axes: axes, keepDimensions: true)
                inverse = 1 / (variance + options.epsilon).squareRoot()
            }
            let normalized = centered * inverse
            let product = g * normalized
            var input: Tensor?
            if wanted.contains(.input) {
                var slope = g
                if isOfBatch {
                    slope =
                        g - g.mean(axes: axes, keepDimensions: true)
                        - normalized * product.mean(axes: axes, keepDimensions: true)
                }
                input = slope * inverse
                if let scale { input = input! * perChannel(scale) }
            }
            return Few(
                input, wanted.contains(.scale) ? product.sum(axes: axes) : nil,
                wanted.contains(.offset) ? g.sum(axes: axes) : nil)
        }

        package static let entry = OperationEntry(
            name, "y = (x − μ) / √(σ² + ε) · scale + offset for each channel, with μ and σ² of the batch or given",
            swift: [
                "batchNorm(_ input: some TensorConvertible, scale: (some TensorConvertible)? = Tensor?.none, offset: (some TensorConvertible)? = Tensor?.none, epsilon: Double = 1e-5) -> (output: Tensor, mean: Tensor, variance: Tensor)",
                "batchNorm(_ input: some TensorConvertible, scale: (some TensorConvertible)? = Tensor?.none, offset: (some TensorConvertible)? = Tensor?.none, mean: some TensorConvertible, variance: some TensorConvertible, epsilon: Double = 1e-5) -> Tensor",
            ],
            [
                Sample(
                    [.real([4, 3, 2, 2]), .real([3]), .real([3])],
                    torch: "torch.nn.functional.batch_norm(a, None, None, b, c, True)"
                ) {
                    batchNorm($0[0], scale: $0[1], offset: $0[2]).output
                },
                Sample(
                    [.real([6, 3])], torch: "torch.nn.functional.batch_norm(a, None, None, None, None, True, eps=0.01)"
                ) {
                    batchNorm($0[0], epsilon: 0.01).output
                },
                Sample(
                    [.real([3, 2, 5]), .real([2])],
                    torch: "torch.nn.functional.batch_norm(a, None, None, b, None, True)"
                ) {
                    batchNorm($0[0], scale: $0[1]).output
                },
                Sample(
                    [.real([2, 2, 2, 1, 3]), .real([2])],
                    torch: "torch.nn.functional.batch_norm(a, None, None, None, b, True)"
                ) {
                    batchNorm($0[0], offset: $0[1]).output
                },
                Sample(
                    [.real([4, 3, 2, 2]), .real([3]), .real([3])],
                    torch: """
                        torch.nn.functional.batch_norm(\
                        a, torch.tensor([0.5, -1, 0], dtype=a.dtype), torch.tensor([2, 0.5, 1], dtype=a.dtype), b, c)
                        """
                ) {
                    let mean = Tensor([0.5, -1, 0], dtype: $0[0].dtype)
                    let variance = Tensor([2, 0.5, 1], dtype: $0[0].dtype)
                    return batchNorm($0[0], scale: $0[1], offset: $0[2], mean: mean, variance: variance)
                },
            ])
    }
}

/// Normalises each channel of a batch with the batch's own mean and variance, then scales and shifts it: the form for
/// training.
///
/// y = (x − μ) / √(σ² + ε) · scale + offset, where μ = Σ x / n and σ² = Σ (x − μ)² / n over the n elements of a channel.
///
/// - Parameters: input `[N, C]`, or `[N, C, …]` with up to 3 axes more, n of them per channel; scale and offset `[C]`,
///   without which they are 1 and 0; epsilon ε, above 0, keeps a constant channel finite: its y is the offset.
/// - Returns: y, of the input's shape, and μ and σ² `[C]`, through which no gradient flows. σ² has the denominator n, with
///   which y was made; of a bfloat16 input both are float32. Running averages as PyTorch's take σ² · n / (n − 1), the unbiased estimate. Of an empty batch both
///   are NaN.
/// - Gradient: for input, scale and offset; for the input through μ and σ², too.
///
/// Traps if the shapes do not fit, if n is 1, or unless all are of one floating-point type; beside a bfloat16 input scale and
/// offset may be float32. Source: Ioffe and Szegedy, Batch
/// normalization: accelerating deep network training by reducing internal covariate shift (2015); d2l chapter 7.5.
public func batchNorm(
    _ input: some TensorConvertible, scale: (some TensorConvertible)? = Tensor?.none,
    offset: (some TensorConvertible)? = Tensor?.none, epsilon: Double = 1e-5, file: StaticString = #fileID,
    line: UInt = #line
) -> (output: Tensor, mean: Tensor, variance: Tensor) {
    checkEpsilon("batchNorm", epsilon, file, line)
    let results = apply(
        Op.BatchNorm.self, Few(input.tensor, scale?.inFullPrecision(), offset?.inFullPrecision()),
        .init(epsilon: epsilon), file, line)
    return (results[0], results[1], results[2])
}

/// Normalises each channel with a mean and a variance that are given, then scales and shifts it: the form for prediction,
/// with running averages of training.
///
/// y = (x − μ) / √(σ² + ε) · scale + offset.
///
/// - Parameters: input `[N, C]`, or `[N, C, …]` with up to 3 axes more; scale and offset `[C]`, without which they are 1
///   and 0; mean μ and variance σ² `[C]`, σ² at least 0, both taken as constants; epsilon ε, above 0.
/// - Returns: y, of the input's shape.
/// - Gradient: for input, scale and offset.
///
/// Traps if the shapes do not fit, or unless all are of one floating-point type. Source: as for the form for training.
public func batchNorm(
    _ input: some TensorConvertible, scale: (some TensorConvertible)? = Tensor?.none,
    offset: (some TensorConvertible)? = Tensor?.none, mean: some TensorConvertible, variance: some TensorConvertible,
    epsilon: Double = 1e-5, file: StaticString = #fileID, line: UInt = #line
) -> Tensor {
    checkEpsilon("batchNorm", epsilon, file, line)
    var operands = Few<Tensor?>(input.tensor, scale?.inFullPrecision(), offset?.inFullPrecision())
    operands.append(mean.inFullPrecision().detached())
    operands.append(variance.inFullPrecision().detached())
    return applyForOne(Op.BatchNorm.self, operands, .init(epsilon: epsilon), file, line)
}

func checkEpsilon(_ name: String, _ epsilon: Double, _ file: StaticString, _ line: UInt) {
    if !(epsilon > 0 && epsilon < .infinity) {
        failure("\(name): epsilon must be above 0, and finite\n  epsilon = \(epsilon)", file, line)
    }
}
