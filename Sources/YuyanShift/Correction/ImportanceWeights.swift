import Foundation
import YuyanCore

/// Weights β(x) ≈ p_target(x) / p_source(x) for the rows of the source, with which a model can be trained for the target under
/// covariate shift; no labels are needed.
///
/// A logistic regression h learns to tell the target's m rows from the source's n; then βᵢ = min(exp h(xᵢ), c) · n/m.
///
/// They mean something only where the source has rows: p_source(x) > 0 wherever p_target(x) > 0. `effectiveSampleSize(_:)` says
/// how many rows are left in truth.
///
/// - Parameters:
///   - source: `[n, d]`, or `[n]` for one feature.
///   - target: `[m, d]`, or `[m]`.
///   - terms: what h is made of.
///   - maximum: c > 0, so that no single row decides.
/// - Returns: β `[n]`, float32, 0 or more.
/// - Throws: `ShiftError` if a sample is empty, or a value is NaN or infinite.
/// - Source: Zhang et al., Dive into Deep Learning, environment and distribution shift (2023).
public func importanceWeights(
    source: some TensorConvertible, target: some TensorConvertible, terms: FeatureTerms = .quadratic,
    maximum: Double = 10
) throws(ShiftError) -> Tensor {
    let name = "importanceWeights"
    guard maximum > 0 else { failure("\(name): the maximum must be above 0, not \(maximum)") }
    let (sources, targets) = (try Samples(source.tensor, in: name), try Samples(target.tensor, in: name))
    let (n, m) = (sources.rowCount, targets.rowCount)
    let rows = (Columns(constantOf: n + m) + Columns(sources.joined(with: targets, in: name), terms)).basis()
    let classifier = LogisticRegression(rows, isTarget: (0..<n + m).map { $0 >= n })
    let factor = Double(n) / Double(m)
    return Tensor(classifier.logits(rows).prefix(n).map { min(exp($0), maximum) * factor }, dtype: .float32)
}

/// How many rows of equal weight say as much: (Σ β)² / Σ β², between 1 and the number of rows. NaN if all weights are 0.
///
/// - Source: Kish, Survey sampling (1965).
public func effectiveSampleSize(_ weights: some TensorConvertible) -> Double {
    let values = weights.tensor.array(of: Double.self)
    let sum = values.reduce(0, +)
    return sum * sum / values.reduce(0) { $0 + $1 * $1 }
}

/// The weighted empirical risk (1/n) Σ βᵢ lᵢ, to be minimized instead of the mean loss.
///
/// - Parameters:
///   - losses: l `[n]`, one for each sample, such as those of `crossEntropy(_:_:reduction:)` with `.none`.
///   - weights: β `[n]`. Traps unless both are `[n]`.
/// - Returns: a scalar. Gradient: for the losses, βᵢ/n.
public func weightedRisk(_ losses: some TensorConvertible, weights: some TensorConvertible) -> Tensor {
    let (losses, weights) = (losses.tensor, weights.tensor)
    guard losses.rank == 1, losses.shape == weights.shape else {
        failure("weightedRisk: losses and weights are both [n], got \(losses.shape) and \(weights.shape)")
    }
    return (losses * weights.cast(to: losses.dtype)).mean()
}
