import YuyanCore
import YuyanNN

/// What a module makes of one batch: its loss, and what the metrics are measured on.
///
///     let trainer = Trainer(net, training: batches, optimizer: optimizer) { batch in
///         let outputs = net(batch.numbers, batch.kinds)
///         return StepResult(
///             loss: meanSquaredError(outputs, batch.prices), sampleCount: batch.prices.count,
///             outputs: outputs, targets: batch.prices)
///     }
public struct StepResult {
    /// The mean loss of the batch, a scalar.
    public let loss: Tensor
    /// The number of samples in the batch.
    public let sampleCount: Int
    /// What the loss is a mean over: the number of samples, or of tokens, or the sum of weights. The means of an epoch weigh
    /// the batches by it.
    public let weight: Double
    /// What metrics are measured on; nil where there is none.
    public let outputs: Tensor?
    /// What metrics compare the outputs with; nil where there is none.
    public let targets: Tensor?

    /// Traps unless `sampleCount` is 0 or more, and `weight` a finite number, 0 or more.
    ///
    /// - Parameters:
    ///   - loss: the mean loss of the batch, a scalar.
    ///   - sampleCount: the number of samples in the batch.
    ///   - weight: what the loss is a mean over; by default the samples.
    ///   - outputs: what metrics are measured on, with `targets`; needed where there are any.
    public init(
        loss: Tensor, sampleCount: Int, weight: Double? = nil, outputs: Tensor? = nil, targets: Tensor? = nil
    ) {
        let weight = weight ?? Double(sampleCount)
        guard sampleCount >= 0, weight >= 0, weight.isFinite else {
            failure("StepResult: sampleCount is \(sampleCount) and weight \(weight), they must be 0 or more")
        }
        self.loss = loss
        self.sampleCount = sampleCount
        self.weight = weight
        self.outputs = outputs
        self.targets = targets
    }

    /// What a layer makes of inputs that have a target each.
    init(_ layer: Layer, _ batch: (inputs: Tensor, targets: Tensor), _ loss: (Tensor, Tensor) -> Tensor) {
        let outputs = layer(batch.inputs)
        self.init(
            loss: loss(outputs, batch.targets), sampleCount: batch.inputs.count, outputs: outputs,
            targets: batch.targets)
    }
}
