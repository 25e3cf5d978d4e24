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

/// The mean loss of any module on all batches of any kind, and its metrics.
///
/// Runs without recording and in evaluation mode; afterwards each part of the module is in the mode it was in.
///
/// - Parameters:
///   - metrics: what else is measured, such as `.accuracy`; the step's results must then have outputs and targets.
///   - step: runs the module on a batch and computes its loss.
/// - Throws: what the batches and the step throw, such as `SampleError` if a sample cannot be read.
public func evaluate<Batch>(
    _ module: Module, on batches: some Batches<Batch>, metrics: [Metric] = [], step: (Batch) throws -> StepResult
) throws -> Evaluation {
    try evaluate(module, on: batches, metrics: metrics, isStopped: { false }, step: step)!
}

/// The mean loss of a layer on all batches of inputs and targets, and its metrics; as in
/// `evaluate(_:on:metrics:step:)`.
///
/// - Parameter loss: the mean loss of a batch, from outputs and targets.
public func evaluate(
    _ layer: Layer, on batches: some Batches<(Tensor, Tensor)>, loss: (Tensor, Tensor) -> Tensor,
    metrics: [Metric] = []
) throws -> Evaluation {
    try evaluate(layer, on: batches, metrics: metrics) { StepResult(layer, $0, loss) }
}

/// nil if `isStopped` said so after one of the batches.
func evaluate<Batch>(
    _ module: Module, on batches: some Batches<Batch>, metrics: [Metric], isStopped: () -> Bool,
    step: (Batch) throws -> StepResult
) throws -> Evaluation? {
    try module.evaluating {
        try withoutGradients {
            var losses = RunningMean()
            var means = MetricMeans(metrics)
            var wasStopped = false
            try batches.forEachBatch { batch, _ in
                let result = try step(batch)
                losses.add(result)
                means.add(result)
                wasStopped = isStopped()
                return !wasStopped
            }
            return wasStopped ? nil : Evaluation(loss: losses.mean(), metrics: means.values())
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

    /// Traps if there are metrics, and the result lacks outputs or targets.
    mutating func add(_ result: StepResult) {
        guard !metrics.isEmpty else { return }
        guard let outputs = result.outputs?.detached(), let targets = result.targets else {
            failure(
                "metrics \(metrics.map(\.name)): the step's result has no \(result.outputs == nil ? "outputs" : "targets") "
                    + "to measure them on")
        }
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
