import YuyanBackend

extension OperationFamily {
    package static let losses = OperationFamily("Losses", [Op.CrossEntropy.entry, Op.MeanSquaredError.entry])
}

extension Op {
    /// The squared difference and its reduction in one pass.
    package enum MeanSquaredError: BinaryRule {
        package static let name = "meanSquaredError"
        package static var types: OperandTypes { .reals }
        package static var operandNames: [String] { ["predictions", "targets"] }
        package static func keeps(_ reduction: LossReduction) -> Kept { [.first, .second] }

        package static func outputShape(
            _ x: Shape, _ y: Shape, _ reduction: LossReduction
        ) throws(ShapeError) -> Shape {
            guard x == y else {
                throw ShapeError(
                    name, "predictions and targets must have the same shape",
                    [.init("predictions", x), .init("targets", y)],
                    hint: x.elementCount == y.elementCount ? "reshaped(\(x)) fits the targets" : "")
            }
            return reduction == .none ? x : .scalar
        }

        package static func forward(_ x: DeviceBuffer, _ y: DeviceBuffer, _ shape: Shape, _ reduction: LossReduction)
            -> DeviceBuffer
        {
            // A squared error has no indices.
            try! x.device.backend.loss(.squaredError, x, y, LossOptions(reduction)).loss
        }

        package static func firstGradient(_ g: Tensor, _ saved: Saved, _ reduction: LossReduction) -> Tensor {
            let (x, y) = (saved.first, saved.second)
            if !g.isRecorded && !x.isRecorded && !y.isRecorded {
                return Tensor(
                    g.backend.lossGradient(
                        .squaredError, g.buffer, x.buffer, y.buffer, saved: nil, LossOptions(reduction)))
            }
            let scale = reduction == .mean ? 2 / Double(x.elementCount) : 2
            return (x - y) * (g * scale)
        }

        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ reduction: LossReduction) -> Tensor {
            -firstGradient(g, saved, reduction)
        }

        package static let entry = OperationEntry(
            name, "(ŷ − y)² for each element, their mean or their sum",
            swift: [
                "meanSquaredError(_ predictions: some TensorConvertible, _ targets: some TensorConvertible, reduction: LossReduction = .mean) -> Tensor"
            ],
            [
                Sample([.real([3, 4]), .real([3, 4])], torch: "torch.nn.functional.mse_loss(a, b)") {
                    meanSquaredError($0[0], $0[1])
                },
                Sample([.real([3, 4]), .real([3, 4])], torch: "torch.nn.functional.mse_loss(a, b, reduction='sum')") {
                    meanSquaredError($0[0], $0[1], reduction: .sum)
                },
                Sample([.real([3, 4]), .real([3, 4])], torch: "torch.nn.functional.mse_loss(a, b, reduction='none')") {
                    meanSquaredError($0[0], $0[1], reduction: .none)
                },
            ])
    }
}

extension Op {
    /// Log-softmax, the choice of one class and the reduction in one pass. Operands: logits, class weights (may be absent),
    /// targets.
    package enum CrossEntropy: GeneralRule {
        package struct Options {
            var reduction: LossReduction
            var smoothing: Double
            var ignoredIndex: Int?
            /// As the user gave them.
            var targetShape: Shape

            func lossOptions(_ classWeights: DeviceBuffer?) -> LossOptions {
                LossOptions(
                    reduction, classWeights: classWeights, smoothing: smoothing,
                    ignoredIndex: ignoredIndex.map(Int64.init))
            }
        }

        package static let name = "crossEntropy"
        package static var types: OperandTypes { .indexed }
        private static let operandNames = ["logits", "class weights", "targets"]
        package static func operandName(_ place: Int, _ options: Options) -> String { operandNames[place] }
        package static func keeps(_ options: Options) -> Kept { [.first, .second, .third] }

        package static func outputShape(
            _ logits: Shape, _ targets: Shape, _ reduction: LossReduction
        ) throws(ShapeError) -> Shape {
            guard logits.rank >= 2, logits.removing(axis: 1) == targets else {
                throw ShapeError(
                    name, "targets must have the shape of the logits without the class axis 1",
                    [.init("logits", axes: "[N, C, …]", logits), .init("targets", axes: "[N, …]", targets)])
            }
            return reduction == .none ? targets : .scalar
        }

        package static func outputShapes(_ operands: Few<Shape?>, _ options: Options) throws(ShapeError) -> Few<Shape> {
            let logits = operands[0]!
            if let weights = operands[1], weights != [logits[1]] {
                throw ShapeError(
                    name, "there must be one weight for each class",
                    [.init("logits", axes: "[N, C, …]", logits), .init("class weights", axes: "[C]", weights)])
            }
            return Few(try outputShape(logits, operands[2]!, options.reduction))
        }

        /// For logits `[N, C]`. The workspace holds the probabilities.
        package static func forward(
            _ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ options: Options
        ) throws(IndexError) -> Computed {
            let found = try operands[0]!.device.backend.loss(
                .crossEntropy, operands[0]!, operands[2]!, options.lossOptions(operands[1]))
            return Computed(found.loss, workspace: found.saved!)
        }

        package static func text(of error: IndexError, _ options: Options) -> String {
            let place = error.place(in: options.targetShape)
            return
                "\(name): target \(error.index) at \(place) is outside 0 ..< \(error.count) (\(error.count) classes)"
        }

        package static func gradients(
            _ gradients: Few<Tensor?>, _ saved: SavedValues, _ options: Options
        ) -> Few<Tensor?> {
            let (g, x, targets) = (gradients[0]!, saved.operand(0), saved.operand(2))
            let weights = saved.isAbsent(1) ? nil : saved.operand(1)
            if !g.isRecorded && !x.isRecorded {
                return Few(
                    Tensor(
                        g.backend.lossGradient(
                            .crossEntropy, g.buffer, x.buffer, targets.buffer, saved: saved.workspaces[0],
                            options.lossOptions(weights?.buffer))), nil, nil)
            }
            // q w, what the probability of each class counts in each sample: p · Σ q w − q w.
            let classCount = x.shape[1]
            let isCounted = options.ignoredIndex.map { targets .!= $0 } ?? (targets .>= 0)
            let labels = select(isCounted, targets, Tensor.zeros(like: targets))
            let chosen = oneHot(labels, classCount: classCount).cast(to: x.dtype)
            var counts = chosen * (1 - options.smoothing) + options.smoothing / Double(classCount)
            if let weights { counts = counts * weights.detached() }
            counts = counts * isCounted.expandingShape(at: 1).cast(to: x.dtype)
            let own = (weights.map { chosen * $0.detached() } ?? chosen).sum(axes: [1]) * isCounted.cast(to: x.dtype)
            let scale = options.reduction == .mean ? g / own.sum() : g
            let perSample = options.reduction == .none ? scale.expandingShape(at: 1) : scale
            let total = counts.sum(axes: [1], keepDimensions: true)
            return Few((x.softmax(axis: 1) * total - counts) * perSample, nil, nil)
        }

        package static let entry = OperationEntry(
            name, "−log softmax(logits)[target] = logΣexp(logits) − logits[target]; their mean, sum, or each",
            swift: [
                "crossEntropy(_ logits: some TensorConvertible, _ targets: some TensorConvertible, classWeights: Tensor? = nil, labelSmoothing: Double = 0, ignoredIndex: Int? = nil, reduction: LossReduction = .mean) -> Tensor"
            ],
            [
                Sample(
                    [.real([6, 4]), .integer([6], 0..<4)],
                    torch:
                        "torch.nn.functional.cross_entropy(a, b, torch.arange(1.0, 5.0).to(a), ignore_index=2, label_smoothing=0.1, reduction='mean')"
                ) {
                    crossEntropy(
                        $0[0], $0[1], classWeights: Tensor.arange(1.0, 5.0).cast(to: $0[0].dtype).to($0[0].device),
                        labelSmoothing: 0.1, ignoredIndex: 2, reduction: .mean)
                },
                Sample(
                    [.real([6, 4]), .integer([6], 0..<4)],
                    torch:
                        "torch.nn.functional.cross_entropy(a, b, torch.arange(1.0, 5.0).to(a), ignore_index=2, label_smoothing=0.1, reduction='sum')"
                ) {
                    crossEntropy(
                        $0[0], $0[1], classWeights: Tensor.arange(1.0, 5.0).cast(to: $0[0].dtype).to($0[0].device),
                        labelSmoothing: 0.1, ignoredIndex: 2, reduction: .sum)
                },
                Sample(
                    [.real([6, 4]), .integer([6], 0..<4)],
                    torch:
                        "torch.nn.functional.cross_entropy(a, b, torch.arange(1.0, 5.0).to(a), ignore_index=2, label_smoothing=0.1, reduction='none')"
                ) {
                    crossEntropy(
                        $0[0], $0[1], classWeights: Tensor.arange(1.0, 5.0).cast(to: $0[0].dtype).to($0[0].device),
                        labelSmoothing: 0.1, ignoredIndex: 2, reduction: .none)
                },
                Sample(
                    [.real([6, 4]), .integer([6], 0..<4)],
                    torch: "torch.nn.functional.cross_entropy(a, b, label_smoothing=0.3)"
                ) {
                    crossEntropy($0[0], $0[1], labelSmoothing: 0.3)
                },
                Sample(
                    [.real([2, 3, 4]), .integer([2, 4], 0..<3)],
                    torch: "torch.nn.functional.cross_entropy(a, b, torch.arange(1.0, 4.0).to(a), ignore_index=0)"
                ) {
                    crossEntropy(
                        $0[0], $0[1], classWeights: Tensor.arange(1.0, 4.0).cast(to: $0[0].dtype).to($0[0].device),
                        ignoredIndex: 0)
                },
                Sample([.real([6, 4]), .integer([6], 0..<4)], torch: "torch.nn.functional.cross_entropy(a, b)") {
                    crossEntropy($0[0], $0[1])
                },
                Sample(
                    [.real([6, 4]), .integer([6], 0..<4)],
                    torch: "torch.nn.functional.cross_entropy(a, b, reduction='sum')"
                ) {
                    crossEntropy($0[0], $0[1], reduction: .sum)
                },
                Sample(
                    [.real([6, 4]), .integer([6], 0..<4)],
                    torch: "torch.nn.functional.cross_entropy(a, b, reduction='none')"
                ) {
                    crossEntropy($0[0], $0[1], reduction: .none)
                },
                Sample([.real([2, 3, 4]), .integer([2, 4], 0..<3)], torch: "torch.nn.functional.cross_entropy(a, b)") {
                    crossEntropy($0[0], $0[1])
                },
                Sample(
                    [.real([6, 4], -1000...1000), .integer([6], 0..<4)],
                    torch: "torch.nn.functional.cross_entropy(a, b)"
                ) {
                    crossEntropy($0[0], $0[1])
                },
            ])
    }
}

/// −Σ q w log softmax(logits) for targets given as class indices, where q is 1 at the target and 0 elsewhere and w are the
/// class weights, 1 unless given: −log softmax(logits)[target].
///
/// Computed as logΣexp(x) − x[target] with the maximum subtracted: finite for logits of ±1000. The target is checked by the
/// kernel that reads it.
///
/// - Parameters:
///   - logits: `[N, C, …]`, before any softmax.
///   - targets: `[N, …]`, integers in 0 ..< C.
///   - classWeights: `[C]`, of the logits' type: what each class counts. No gradient flows to them.
///   - labelSmoothing: ε in 0...1: q is 1 − ε at the target, and ε/C more at every class. Source: Szegedy et al., Rethinking
///     the Inception architecture (2016).
///   - ignoredIndex: targets that count nothing, such as a padding token.
///   - reduction: the mean over all targets, weighted: Σ loss / Σ w[target] (default), their sum, or one loss for each
///     (`[N, …]`).
/// - Gradient: for the logits, softmax(x) Σ q w − q w; with all defaults (softmax(x) − onehot(target)) / number of targets.
///
/// Traps if the shapes do not fit or a target is not a class. Source: d2l chapter 3.
public func crossEntropy(
    _ logits: some TensorConvertible, _ targets: some TensorConvertible, classWeights: Tensor? = nil,
    labelSmoothing: Double = 0, ignoredIndex: Int? = nil, reduction: LossReduction = .mean,
    file: StaticString = #fileID, line: UInt = #line
) -> Tensor {
    var x = logits.tensor.real().outOfPrecision()
    var labels = targets.tensor
    guard !labels.dtype.isFloatingPoint else {
        failure(
            "crossEntropy: targets are class indices, not \(labels.dtype)\n  cast(to: .int64) if they are", file, line)
    }
    guard (0...1).contains(labelSmoothing) else {
        failure("crossEntropy: the label smoothing must be in 0...1, not \(labelSmoothing)", file, line)
    }
    labels = labels.cast(to: .int64)
    let shape: Shape
    do { shape = try Op.CrossEntropy.outputShape(x.shape, labels.shape, reduction) } catch {
        shapeFailure(error, file, line)
    }
    let options = Op.CrossEntropy.Options(
        reduction: reduction, smoothing: labelSmoothing, ignoredIndex: ignoredIndex, targetShape: labels.shape)
    let weights = classWeights?.detached()
    if x.rank == 2 { return applyForOne(Op.CrossEntropy.self, Few(x, weights, labels), options, file, line) }
    // [N, C, d…] → [N·d…, C]
    x = x.permuted([0] + Array(2..<x.rank) + [1]).reshaped([labels.elementCount, x.shape[1]])
    return applyForOne(Op.CrossEntropy.self, Few(x, weights, labels.reshaped([-1])), options, file, line)
        .reshaped(shape)
}

/// (ŷ − y)², without a factor ½.
///
/// Shapes must be equal: a `[n]` beside a `[n, 1]` would broadcast to `[n, n]` without a word.
///
/// - Returns: the mean over all elements (default), their sum, or each. Source: d2l chapter 3.
///
/// Traps unless both have one shape and are of one floating-point type.
public func meanSquaredError(
    _ predictions: some TensorConvertible, _ targets: some TensorConvertible, reduction: LossReduction = .mean,
    file: StaticString = #fileID, line: UInt = #line
) -> Tensor {
    apply(
        Op.MeanSquaredError.self, predictions.tensor.outOfPrecision(), targets.tensor.outOfPrecision(), reduction, file,
        line)
}
