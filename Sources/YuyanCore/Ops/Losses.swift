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
            x.device.backend.squaredError(x, y, reduction)
        }

        package static func firstGradient(_ g: Tensor, _ saved: Saved, _ reduction: LossReduction) -> Tensor {
            let (x, y) = (saved.first, saved.second)
            if !g.isRecorded && !x.isRecorded && !y.isRecorded {
                return Tensor(g.backend.squaredErrorGradient(g.buffer, x.buffer, y.buffer, reduction))
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
    /// Log-softmax, the choice of one class and the reduction in one pass. Operands: logits, targets.
    package enum CrossEntropy: GeneralRule {
        package static let name = "crossEntropy"
        package static var types: OperandTypes { .indexed }
        package static func operandName(_ place: Int, _ options: LossReduction) -> String {
            place == 0 ? "logits" : "targets"
        }
        package static func keeps(_ reduction: LossReduction) -> Kept { [.first, .second] }

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

        package static func outputShapes(
            _ operands: Few<Shape?>, _ reduction: LossReduction
        ) throws(ShapeError) -> Few<Shape> {
            Few(try outputShape(operands[0]!, operands[1]!, reduction))
        }

        /// For logits `[N, C]`. The workspace holds the probabilities.
        package static func forward(
            _ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ reduction: LossReduction
        ) -> Computed {
            let (loss, probabilities) = operands[0]!.device.backend.crossEntropy(operands[0]!, operands[1]!, reduction)
            return Computed(loss, workspace: probabilities)
        }

        package static func gradients(
            _ gradients: Few<Tensor?>, _ saved: SavedValues, _ reduction: LossReduction
        ) -> Few<Tensor?> {
            let (g, x, targets) = (gradients[0]!, saved.operand(0), saved.operand(1))
            if !g.isRecorded && !x.isRecorded {
                return Few(
                    Tensor(
                        g.backend.crossEntropyGradient(
                            g.buffer, probabilities: saved.workspaces[0], targets.buffer, reduction)))
            }
            let chosen = oneHot(targets, classCount: x.shape[1]).cast(to: x.dtype)
            let scale = reduction == .mean ? g / Double(x.shape[0]) : g
            let perSample = reduction == .none ? scale.expandingShape(at: 1) : scale
            return Few((x.softmax(axis: 1) - chosen) * perSample)
        }

        package static let entry = OperationEntry(
            name, "−log softmax(logits)[target] = logΣexp(logits) − logits[target]; their mean, sum, or each",
            swift: [
                "crossEntropy(_ logits: some TensorConvertible, _ targets: some TensorConvertible, reduction: LossReduction = .mean) -> Tensor"
            ],
            [
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

/// −log softmax(logits)[target] for targets given as class indices.
///
/// Computed as logΣexp(x) − x[target] with the maximum subtracted: finite for logits of ±1000.
///
/// - Parameters: logits `[N, C, …]`, before any softmax; targets `[N, …]`, integers in 0 ..< C.
/// - Returns: the mean over all targets (default), their sum, or one loss for each (`[N, …]`).
/// - Gradient: for the logits, (softmax(x) − onehot(target)) / number of targets.
///
/// Traps if the shapes do not fit or a target is not a class. Source: d2l chapter 3.
public func crossEntropy(
    _ logits: some TensorConvertible, _ targets: some TensorConvertible, reduction: LossReduction = .mean,
    file: StaticString = #fileID, line: UInt = #line
) -> Tensor {
    var x = logits.tensor.real()
    var labels = targets.tensor
    guard !labels.dtype.isFloatingPoint else {
        failure(
            "crossEntropy: targets are class indices, not \(labels.dtype)\n  cast(to: .int64) if they are", file, line)
    }
    labels = labels.cast(to: .int64)
    let shape: Shape
    do { shape = try Op.CrossEntropy.outputShape(x.shape, labels.shape, reduction) } catch {
        shapeFailure(error, file, line)
    }
    checkIndices("crossEntropy", labels, upTo: x.shape[1], "classes", file, line)
    if x.rank == 2 { return applyForOne(Op.CrossEntropy.self, Few(x, labels), reduction, file, line) }
    // [N, C, d…] → [N·d…, C]
    x = x.permuted([0] + Array(2..<x.rank) + [1]).reshaped([labels.elementCount, x.shape[1]])
    return applyForOne(Op.CrossEntropy.self, Few(x, labels.reshaped([-1])), reduction, file, line)
        .reshaped(shape)
}

/// (ŷ − y)², without a factor ½.
///
/// Shapes must be equal: a `[n]` beside a `[n, 1]` would broadcast to `[n, n]` without a word.
///
/// - Returns: the mean over all elements (default), their sum, or each. Source: d2l chapter 3.
///
/// Traps unless both have one shape and are both float32, or both float64.
public func meanSquaredError(
    _ predictions: some TensorConvertible, _ targets: some TensorConvertible, reduction: LossReduction = .mean,
    file: StaticString = #fileID, line: UInt = #line
) -> Tensor {
    apply(Op.MeanSquaredError.self, predictions.tensor, targets.tensor, reduction, file, line)
}
