import Foundation
import YuyanCore

/// Something that is measured on outputs and targets and averaged over samples, such as the accuracy.
///
///     let trainer = Trainer(…, metrics: [.accuracy, .topKAccuracy(5)])
///     try evaluate(net, on: batches, loss: { crossEntropy($0, $1) }, metrics: [.perplexity])
public struct Metric: Sendable {
    /// What a batch contributes: a scalar tensor that is a sum or a mean, and over how many it is.
    public enum Contribution {
        /// A sum over `count` samples.
        case sum(Tensor, count: Int)
        /// A mean over `count` samples.
        case mean(Tensor, count: Int)
    }

    /// The name in files, in snake case: `"accuracy"`.
    public var name: String
    /// The name in tables: `"acc"`.
    public var title: String
    /// Measures one batch, from outputs and targets.
    public var measure: @Sendable (Tensor, Tensor) -> Contribution
    /// What becomes of the mean over all samples.
    public var transform: @Sendable (Double) -> Double

    /// A metric whose title in tables is its name unless given.
    public init(
        _ name: String, title: String? = nil, measure: @escaping @Sendable (Tensor, Tensor) -> Contribution,
        transform: @escaping @Sendable (Double) -> Double = { $0 }
    ) {
        self.name = name
        self.title = title ?? name
        self.measure = measure
        self.transform = transform
    }

    /// A metric from a function that counts or sums over the samples of a batch, the first axis of the targets.
    public init(
        _ name: String, title: String? = nil, sum: @escaping @Sendable (_ outputs: Tensor, _ targets: Tensor) -> Tensor
    ) {
        self.init(name, title: title, measure: { .sum(sum($0, $1), count: $1.count) })
    }

    /// This metric under another name, its mean transformed once more.
    public func mapped(
        _ name: String, title: String? = nil, _ transform: @escaping @Sendable (Double) -> Double
    ) -> Metric {
        Metric(name, title: title, measure: measure, transform: { transform(self.transform($0)) })
    }
}

extension Metric {
    /// The fraction of samples whose largest logit is the label's; see `correctPredictionCount(_:_:)`.
    public static let accuracy = Metric("accuracy", title: "acc", sum: { correctPredictionCount($0, $1) })

    /// The fraction of samples for which fewer than `k` classes have a larger logit than the label.
    ///
    /// For logits `[N, C]` and labels `[N]`. Traps if `k` is below 1.
    public static func topKAccuracy(_ k: Int) -> Metric {
        guard k >= 1 else { failure("topKAccuracy: k is \(k), it must be at least 1") }
        return Metric("top\(k)_accuracy", title: "top-\(k)", sum: { topKCorrectCount($0, $1, k: k) })
    }

    /// The mean of a loss that is itself a mean over samples, such as `crossEntropy`.
    public static func loss(
        _ name: String = "loss", _ loss: @escaping @Sendable (_ outputs: Tensor, _ targets: Tensor) -> Tensor
    ) -> Metric {
        Metric(name, measure: { .mean(loss($0, $1), count: $1.elementCount) })
    }

    /// exp of the mean cross-entropy of all predicted tokens; logits `[N, C]` or `[N, C, …]` and labels `[N]` or
    /// `[N, …]`. From 1, where every token is predicted with certainty; C is guessing.
    public static let perplexity = Metric.loss { crossEntropy($0, $1) }
        .mapped("perplexity", title: "ppl") { Foundation.exp($0) }
}

/// How many samples are classified correctly: those whose largest logit is the label's. The first wins a tie.
///
/// - Parameters: logits `[N, C]`; labels `[N]`, integers in 0 ..< C.
/// - Returns: a scalar, int64.
public func correctPredictionCount(_ logits: Tensor, _ labels: Tensor) -> Tensor {
    (logits.argmax(axis: 1) .== labels).sum()
}

/// How many samples have fewer than `k` classes with a larger logit than the label's. Where the logit of the label is
/// not a number, the sample is wrong.
///
/// - Parameters: logits `[N, C]`; labels `[N]`, integers in 0 ..< C.
/// - Returns: a scalar, int64.
public func topKCorrectCount(_ logits: Tensor, _ labels: Tensor, k: Int) -> Tensor {
    let isLabel = oneHot(labels, classCount: logits.shape[1]).cast(to: .bool)
    let own = select(isLabel, logits, Tensor.zeros(like: logits)).sum(axis: 1, keepDimensions: true)  // [N, 1]
    let larger = (logits .> own).sum(axis: 1)
    return ((larger .< k) .& (own .== own).reshaped([labels.count])).sum()
}
