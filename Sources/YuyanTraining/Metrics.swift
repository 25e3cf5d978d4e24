import YuyanCore
import YuyanNN

/// How many samples are classified correctly: those whose largest logit is the label's. The first wins a tie.
///
/// - Parameters: logits `[N, C]`; labels `[N]`, integers in 0 ..< C.
/// - Returns: a scalar, int64.
public func correctPredictionCount(_ logits: Tensor, _ labels: Tensor) -> Tensor {
    (logits.argmax(axis: 1) .== labels).sum()
}

/// A mean over samples, of which batches report sums.
///
/// Tensors that are added are read later and together, so that a device which computes on its own is not waited for at
/// each step. They are kept without their history.
public struct RunningMean {
    private var sum = 0.0
    private var unread: [(value: Tensor, scale: Double)] = []
    /// The number of samples so far.
    public private(set) var sampleCount = 0

    private static let readingInterval = 64

    public init() {}

    /// Adds the sum over `sampleCount` samples. Reading the mean traps unless `sum` is a scalar.
    public mutating func add(sum: Tensor, sampleCount: Int) { add(sum, scale: 1, sampleCount) }

    /// Adds the mean over `sampleCount` samples. Reading the mean traps unless `mean` is a scalar.
    public mutating func add(mean: Tensor, sampleCount: Int) { add(mean, scale: Double(sampleCount), sampleCount) }

    /// The mean of all samples so far; NaN before the first.
    public mutating func mean() -> Double {
        read()
        return sum / Double(sampleCount)
    }

    private mutating func add(_ value: Tensor, scale: Double, _ count: Int) {
        unread.append((value.detached(), scale))
        sampleCount += count
        if unread.count >= RunningMean.readingInterval { read() }
    }

    private mutating func read() {
        for (value, scale) in unread { sum += value.item() * scale }
        unread.removeAll(keepingCapacity: true)
    }
}

/// What a module achieves on a data set.
public struct Evaluation: Sendable, Hashable {
    /// The mean loss of a sample.
    public var loss: Double
    /// The fraction of samples that are classified correctly, if that was counted.
    public var accuracy: Double?
}

/// The mean loss of a module on all batches, and its accuracy.
///
/// Runs without recording and in evaluation mode; afterwards the module is in the mode it was in.
///
/// - Parameters:
///   - loss: the mean loss of a batch, from outputs and targets.
///   - correctCount: counts correct outputs, such as `correctPredictionCount`; nil where nothing is classified.
public func evaluate(
    _ module: Module, on batches: some LabeledBatches, loss: (Tensor, Tensor) -> Tensor,
    correctCount: ((Tensor, Tensor) -> Tensor)? = nil
) -> Evaluation {
    let wasTraining = module.isTraining
    module.eval()
    defer { module.train(wasTraining) }
    return noGrad {
        var losses = RunningMean()
        var correct = RunningMean()
        for (inputs, targets) in batches {
            let outputs = module(inputs)
            losses.add(mean: loss(outputs, targets), sampleCount: inputs.count)
            if let correctCount { correct.add(sum: correctCount(outputs, targets), sampleCount: inputs.count) }
        }
        return Evaluation(loss: losses.mean(), accuracy: correctCount == nil ? nil : correct.mean())
    }
}
