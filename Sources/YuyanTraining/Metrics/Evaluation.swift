import YuyanCore
import YuyanNN

/// What a module achieves on a data set.
public struct Evaluation: Sendable, Hashable, Codable {
    /// The mean loss of a sample.
    public var loss: Double
    /// The metrics that were measured, by name.
    public var metrics: [String: Double]

    /// A loss, and metrics by their names.
    public init(loss: Double, metrics: [String: Double] = [:]) {
        self.loss = loss
        self.metrics = metrics
    }

    /// The fraction of samples that are classified correctly, if that was measured.
    public var accuracy: Double? { metrics[Metric.accuracy.name] }
}

/// The mean loss of a module on all batches, and its metrics.
///
/// Runs without recording and in evaluation mode; afterwards each part of the module is in the mode it was in.
///
/// - Parameters:
///   - loss: the mean loss of a batch, from outputs and targets.
///   - metrics: what else is measured, such as `.accuracy`.
/// - Throws: what the batches throw, such as `SampleError` if a sample cannot be read.
public func evaluate(
    _ module: Layer, on batches: some LabeledBatches, loss: (Tensor, Tensor) -> Tensor, metrics: [Metric] = []
) throws -> Evaluation {
    try evaluate(module, on: batches, loss: loss, metrics: metrics, isStopped: { false })!
}

/// nil if `isStopped` said so after one of the batches.
package func evaluate(
    _ module: Layer, on batches: some LabeledBatches, loss: (Tensor, Tensor) -> Tensor, metrics: [Metric],
    isStopped: () -> Bool
) throws -> Evaluation? {
    try module.evaluating {
        try withoutGradients {
            var losses = RunningMean()
            var means = MetricMeans(metrics)
            var epoch = batches.makeIterator()
            while let (inputs, targets) = try batches.nextBatch(of: &epoch) {
                let outputs = module(inputs)
                losses.add(mean: loss(outputs, targets), sampleCount: inputs.count)
                means.add(outputs, targets)
                if isStopped() { return nil }
            }
            return Evaluation(loss: losses.mean(), metrics: means.values())
        }
    }
}

/// Running means of several metrics.
struct MetricMeans {
    private let metrics: [Metric]
    private var means: [RunningMean]

    init(_ metrics: [Metric]) {
        self.metrics = metrics
        means = metrics.map { _ in RunningMean() }
    }

    mutating func add(_ outputs: Tensor, _ targets: Tensor) {
        for (index, metric) in metrics.enumerated() {
            switch metric.measure(outputs, targets) {
            case .sum(let sum, let count): means[index].add(sum: sum, sampleCount: count)
            case .mean(let mean, let count): means[index].add(mean: mean, sampleCount: count)
            }
        }
    }

    mutating func values() -> [String: Double] {
        var values: [String: Double] = [:]
        for (index, metric) in metrics.enumerated() { values[metric.name] = metric.transform(means[index].mean()) }
        return values
    }

    mutating func states() -> [String: RunningMean.State] {
        var states: [String: RunningMean.State] = [:]
        for (index, metric) in metrics.enumerated() { states[metric.name] = means[index].state() }
        return states
    }

    /// Continues from saved states; a metric without one starts anew.
    mutating func restore(_ states: [String: RunningMean.State]) {
        for (index, metric) in metrics.enumerated() {
            means[index] = states[metric.name].map(RunningMean.init) ?? .init()
        }
    }
}
