import Foundation
import YuyanCore

/// A source and a target with a shift of a known kind between them: to learn from, and to test what is said about shifts.
///
/// Two classes, d features. The truth behind `covariate`, `concept` and half of the `none` is P(y = 1 | x) = σ(4 w · x) with inputs
/// x ~ N(0, I) and a random direction w of length 1. `effect`, e, moves
///
/// - covariate: the mean of the target's inputs by e standard deviations in a random direction;
/// - concept: the boundary w · x = 0, either by e along w to w · x = ±e, or by a turn, to w + e v, a direction v across w: one
///   standard deviation away from the center, the boundary has then moved by e;
/// - label: the probability of class 1, which is between 0.3 and 0.7 in the source, by e towards the other half. The inputs are
///   N(±w, I). This is also the truth behind the other half of the `none`.
///
/// All is drawn from `Generator.current`.
public struct ShiftExample {
    /// What moved.
    public let kind: ShiftKind
    /// How far it moved.
    public let effect: Double
    /// What a model was made of.
    public let source: LabeledSample
    /// What it meets.
    public let target: LabeledSample

    /// Effects that are worth noticing: 0.5 to 1.5 standard deviations, for labels a probability that moves by 0.15 to 0.4.
    public static func effects(of kind: ShiftKind) -> ClosedRange<Double> {
        switch kind {
        case .none: 0...0
        case .covariate, .concept: 0.5...1.5
        case .label: 0.15...0.4
        }
    }

    /// Draws an example.
    ///
    /// - Parameters:
    ///   - kind: what is to move.
    ///   - effect: how far; if nil, drawn evenly from `effects(of:)`. Traps if it is negative, or above 0.6 for labels.
    ///   - count: n, the rows of each of the two samples.
    ///   - featureCount: d, 2 or more.
    public init(_ kind: ShiftKind, effect: Double? = nil, count: Int = 1000, featureCount: Int = 3) {
        let range = Self.effects(of: kind)
        let share = drawnUniform()
        let effect = kind == .none ? 0 : effect ?? range.lowerBound + share * (range.upperBound - range.lowerBound)
        guard count > 0, featureCount >= 2, effect >= 0, kind != .label || effect <= 0.6 else {
            failure(
                "ShiftExample: count ≥ 1, featureCount ≥ 2 and effect ≥ 0, at most 0.6 for labels; got \(count), "
                    + "\(featureCount) and \(effect)")
        }
        (self.kind, self.effect) = (kind, effect)
        let w = drawnDirection(featureCount)
        let isByClass = kind == .label || kind == .none && drawnUniform() < 0.5
        if isByClass {
            let prior = 0.3 + 0.4 * drawnUniform()
            source = drawnByClass(prior, w, count)
            target = drawnByClass(prior + (prior < 0.5 ? effect : -effect), w, count)
            return
        }
        source = drawnByInput(mean: nil, w, threshold: 0, count)
        switch kind {
        case .covariate:
            target = drawnByInput(mean: drawnDirection(featureCount) * effect, w, threshold: 0, count)
        case .concept where drawnUniform() < 0.5:
            target = drawnByInput(mean: nil, w, threshold: drawnUniform() < 0.5 ? effect : -effect, count)
        case .concept:
            let other = drawnDirection(featureCount)
            let across = other - w * (other * w).sum()
            let turned = w + across / (across * across).sum().squareRoot() * effect
            target = drawnByInput(mean: nil, turned / (turned * turned).sum().squareRoot(), threshold: 0, count)
        case .none, .label:
            target = drawnByInput(mean: nil, w, threshold: 0, count)
        }
    }
}

/// Inputs N(mean, I), and labels with P(1 | x) = σ(4 (w · x − threshold)).
private func drawnByInput(mean: Tensor?, _ w: Tensor, threshold: Double, _ count: Int) -> LabeledSample {
    let noise = Tensor.normal([count, w.count])
    let inputs = mean.map { noise + $0 } ?? noise
    let probabilities = ((inputs.matmul(w) - threshold) * 4).sigmoid()
    let labels = (Tensor.uniform([count]) .< probabilities).cast(to: .int64)
    return LabeledSample(features: inputs, labels: labels)
}

/// Labels with P(1) = prior, and inputs N(w, I) for 1, N(−w, I) for 0.
private func drawnByClass(_ prior: Double, _ w: Tensor, _ count: Int) -> LabeledSample {
    let labels = Tensor.bernoulli([count], probability: prior).cast(to: .int64)
    let signs = (labels.cast(to: .float32) * 2 - 1).reshaped([count, 1])
    return LabeledSample(features: Tensor.normal([count, w.count]) + signs * w, labels: labels)
}

/// A vector of length 1, all directions alike.
private func drawnDirection(_ count: Int) -> Tensor {
    let vector = Tensor.normal([count])
    return vector / (vector * vector).sum().squareRoot()
}

private func drawnUniform() -> Double { Tensor.uniform([], dtype: .float64).item() }
