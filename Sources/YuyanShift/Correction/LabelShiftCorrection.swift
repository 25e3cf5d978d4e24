import YuyanCore

/// The shares of the classes in a target without labels, under label shift, and the weights to train for it.
///
/// A classifier's mistakes are known from the source: C with Cᵢⱼ = P(prediction i | class j). Under label shift it makes the same
/// ones in the target, so that the shares of its predictions there, μ, are C q of the unknown shares q of the classes. The
/// weight of class j is qⱼ / pⱼ, with its share p in the source. The classifier may be any that tells the classes apart; its
/// probabilities are not used.
///
///     let evaluation = try evaluateClassifier(net, on: heldOut, loss: { crossEntropy($0, $1) }, classNames: names)
///     let correction = try LabelShiftCorrection(counts: evaluation.confusion.counts, targetPredictions: predictions)
///     let weights = correction.weights(of: labels)
///
/// Source: Lipton et al., Detecting and correcting for label shift with black box predictors (2018).
public struct LabelShiftCorrection: Sendable, Hashable {
    /// p, the shares of the classes in the source; they sum to 1.
    public let sourceShares: [Double]
    /// q, the shares in the target; they sum to 1.
    public let targetShares: [Double]

    /// q / p, a weight for each class.
    public var classWeights: [Double] { zip(targetShares, sourceShares).map { $0 / $1 } }

    /// - Parameters:
    ///   - counts: `counts[label][prediction]` of source samples that the classifier was not trained on, as
    ///     `ConfusionMatrix.counts`. Traps unless it is square, and no count is negative.
    ///   - targetPredictions: the classes that the classifier predicts for the target, `[m]`, integers in 0 ..< C; traps for
    ///     others.
    /// - Throws: `ShiftError.unseenClass` if the source has no sample of a class, `.singularConfusion`, or `.tooFewSamples`
    ///   without predictions.
    public init(counts: [[Int]], targetPredictions: some TensorConvertible) throws(ShiftError) {
        let name = "LabelShiftCorrection"
        let classes = counts.indices
        guard !counts.isEmpty, counts.allSatisfy({ $0.count == counts.count && $0.allSatisfy { $0 >= 0 } }) else {
            failure("\(name): counts are [label][prediction], C times C and 0 or more")
        }
        let sums = counts.map { $0.reduce(0, +) }
        if let unseen = sums.firstIndex(of: 0) { throw .unseenClass(unseen) }
        let predictions = try classIndices(targetPredictions.tensor, in: name)
        if let wrong = predictions.first(where: { !classes.contains($0) }) {
            failure("\(name): the predictions are classes in 0..<\(counts.count), not \(wrong)")
        }
        let confusion = classes.map { i in classes.map { j in Double(counts[j][i]) / Double(sums[j]) } }
        let shares = classes.map { index in
            Double(predictions.count { $0 == index }) / Double(predictions.count)
        }
        let total = Double(sums.reduce(0, +))
        sourceShares = sums.map { Double($0) / total }
        targetShares = try targetClassShares(confusion: confusion, predictedShares: shares)
    }

    /// The weights of samples of the source with these labels, `[n]` to `[n]`, float32. Traps if a label is no class.
    public func weights(of labels: some TensorConvertible) -> Tensor {
        let labels = labels.tensor
        let indices = labels.array(of: Int64.self).map { Int($0) }
        guard labels.rank == 1, !labels.dtype.isFloatingPoint, indices.allSatisfy(sourceShares.indices.contains) else {
            failure("LabelShiftCorrection: labels are [n], classes in 0..<\(sourceShares.count); got \(labels.shape)")
        }
        let weights = classWeights
        return Tensor(indices.map { weights[$0] }, dtype: .float32)
    }
}

/// Solves C q = μ for the shares q of the classes in a target. Negative shares, which chance can make, become 0, and the rest is
/// brought to the sum 1.
///
/// - Parameters:
///   - confusion: `C[prediction][class]`; each column sums to 1. Traps unless it is square.
///   - predictedShares: μ, the share of each class among the predictions for the target.
/// - Throws: `ShiftError.singularConfusion` if q is not determined.
/// - Source: Lipton et al., Detecting and correcting for label shift with black box predictors (2018).
public func targetClassShares(confusion: [[Double]], predictedShares: [Double]) throws(ShiftError) -> [Double] {
    let n = predictedShares.count
    guard n > 0, confusion.count == n, confusion.allSatisfy({ $0.count == n }) else {
        failure(
            "targetClassShares: C is [C][C] and μ [C], got rows of \(confusion.map(\.count)) and \(n) predicted shares")
    }
    // Gauss' elimination with the largest pivot of a column.
    var (rows, q) = (confusion, predictedShares)
    for column in 0..<n {
        let pivot = (column..<n).max { abs(rows[$0][column]) < abs(rows[$1][column]) }!
        // Shares are of the order of 1; what is left below this is rounding.
        guard abs(rows[pivot][column]) > 1e-10 else { throw .singularConfusion }
        rows.swapAt(pivot, column)
        q.swapAt(pivot, column)
        for row in column + 1..<max(n, column + 1) {
            let factor = rows[row][column] / rows[column][column]
            for other in column..<n { rows[row][other] -= factor * rows[column][other] }
            q[row] -= factor * q[column]
        }
    }
    for row in (0..<n).reversed() {
        for other in row + 1..<max(n, row + 1) { q[row] -= rows[row][other] * q[other] }
        q[row] /= rows[row][row]
    }
    let clipped = q.map { max($0, 0) }
    let sum = clipped.reduce(0, +)
    guard sum > 0, sum.isFinite else { throw .singularConfusion }
    return clipped.map { $0 / sum }
}
