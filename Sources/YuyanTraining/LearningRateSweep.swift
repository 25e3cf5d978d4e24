import Foundation
import YuyanCore
import YuyanNN

/// The losses of a training whose learning rate grows from step to step, from which a good one can be read.
///
/// Source: Smith, Cyclical learning rates for training neural networks (2017).
public struct LearningRateSweep: Sendable, Hashable {
    /// The learning rate of each step.
    public var rates: [Double]
    /// The loss of each step, measured before it.
    public var losses: [Double]
    /// Running means of the losses, Σ sⁿ⁻ⁱ lᵢ / Σ sⁿ⁻ⁱ with s the smoothing.
    public var smoothedLosses: [Double]

    /// A tenth of the rate at which the smoothed loss is smallest: there it still falls, and the running mean lags. nil
    /// if it never falls.
    public var suggestion: Double? {
        guard let smallest = smoothedLosses.indices.min(by: { smoothedLosses[$0] < smoothedLosses[$1] }), smallest > 0
        else { return nil }
        return rates[smallest] / 10
    }
}

/// Trains for a few steps with a learning rate that grows geometrically, and takes everything back.
///
/// Ends early where the smoothed loss is no number or above four times its smallest value. Afterwards the module, the
/// optimizer, `Generator.current`, each part's mode and the place of batches that can be resumed are what they were;
/// gradients are gone.
///
///     let sweep = try sweepLearningRate(net, optimizer, on: batches, loss: { crossEntropy($0, $1) })
///     optimizer.learningRate = sweep.suggestion ?? 0.1
///
/// - Parameters:
///   - optimizer: its learning rate must be above 0; those of groups grow in proportion.
///   - batches: read from the start again where they end before the sweep does.
///   - rates: the first and the last learning rate, above 0.
///   - stepCount: the number of steps, at least 2.
///   - smoothing: how much of the running mean is kept from step to step, in 0 ..< 1.
///   - step: runs the module on a batch and computes its loss.
/// - Throws: what the batches and the step throw, such as `SampleError` if a sample cannot be read.
public func sweepLearningRate<Batch>(
    _ module: Module, _ optimizer: any Optimizer, on batches: some Batches<Batch>,
    rates: ClosedRange<Double> = 1e-5...10, stepCount: Int = 100, smoothing: Double = 0.9,
    step: (Batch) throws -> StepResult
) throws -> LearningRateSweep {
    guard rates.lowerBound > 0, rates.upperBound.isFinite, stepCount >= 2, (0..<1).contains(smoothing) else {
        failure(
            "sweepLearningRate: rates \(rates) must be above 0, stepCount \(stepCount) at least 2, "
                + "smoothing \(smoothing) in 0 ..< 1")
    }
    guard optimizer.learningRate > 0 else { failure("sweepLearningRate: the optimizer's learning rate is 0") }
    return try module.keepingModes {
        if !module.isTraining { module.train() }
        return try sweep(module, optimizer, on: batches, rates, stepCount, smoothing, step)
    }
}

/// The same for a layer, and batches of inputs and targets.
///
/// - Parameter loss: the mean loss of a batch, from outputs and targets.
public func sweepLearningRate(
    _ layer: Layer, _ optimizer: any Optimizer, on batches: some Batches<(Tensor, Tensor)>,
    loss: (Tensor, Tensor) -> Tensor, rates: ClosedRange<Double> = 1e-5...10, stepCount: Int = 100,
    smoothing: Double = 0.9
) throws -> LearningRateSweep {
    try sweepLearningRate(
        layer, optimizer, on: batches, rates: rates, stepCount: stepCount, smoothing: smoothing,
        step: { StepResult(layer, $0, loss) })
}

/// The same in the modes that the module's parts are in.
private func sweep<Batch>(
    _ module: Module, _ optimizer: any Optimizer, on batches: some Batches<Batch>, _ rates: ClosedRange<Double>,
    _ stepCount: Int, _ smoothing: Double, _ step: (Batch) throws -> StepResult
) throws -> LearningRateSweep {
    let (weights, state, generator) = (module.stateDictionary(), optimizer.savedState(), Generator.current.state)
    var resumable = batches as? any ResumableBatches
    let position = resumable?.position
    defer {
        do {
            try module.load(weights)
            try optimizer.restore(state)
        } catch {
            failure("sweepLearningRate: \(error)")
        }
        optimizer.zeroGradients()
        Generator.current.state = generator
        if let position { resumable?.position = position }
    }

    var sweep = LearningRateSweep(rates: [], losses: [], smoothedLosses: [])
    let growth = log(rates.upperBound / rates.lowerBound) / Double(stepCount - 1)
    var (sum, weight) = (0.0, 0.0)
    var hasEnded = false
    while !hasEnded {
        let stepsBefore = sweep.rates.count
        try batches.forEachBatch { batch, _ in
            let rate = rates.lowerBound * exp(growth * Double(sweep.rates.count))
            let value = try step(batch).loss
            sum = smoothing * sum + value.item()
            weight = smoothing * weight + 1
            sweep.rates.append(rate)
            sweep.losses.append(value.item())
            sweep.smoothedLosses.append(sum / weight)
            let smallest = sweep.smoothedLosses.min() ?? .infinity
            guard sum.isFinite, sum / weight <= 4 * smallest || smallest <= 0, sweep.rates.count < stepCount else {
                hasEnded = true
                return false
            }
            optimizer.learningRateFactor = rate / optimizer.learningRate
            optimizer.zeroGradients()
            value.backward()
            optimizer.step()
            return true
        }
        if sweep.rates.count == stepsBefore { hasEnded = true }
    }
    return sweep
}
