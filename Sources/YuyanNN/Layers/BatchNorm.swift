import YuyanCore

/// Normalises each channel of a batch to mean 0 and deviation 1, then scales and shifts it:
/// y = (x − μ) / √(σ² + ε) · weight + bias.
///
/// In training, μ and σ² are the mean and the variance of the batch, over all its elements of the channel; their running
/// averages are kept: r ← (1 − momentum) · r + momentum · (μ, or σ² · n/(n − 1) of n elements). In evaluation μ and σ² are
/// these averages. `BatchNorm1D` and `BatchNorm2D` say which inputs there are.
///
/// To freeze the layer in a network that is trained, put it into evaluation mode after the network has been put into training
/// mode: `net.train(); layer.eval()`. A `Trainer` leaves it so. Weight and bias are trained still, unless their
/// `requiresGradient` is false.
///
/// Weight and bias `[channels]` are 1 and 0 at first, the averages `running_mean` and `running_var` 0 and 1; these and
/// `num_batches_tracked`, the number of batches, are buffers. All have PyTorch's names. Without running statistics there are
/// no buffers, and μ and σ² are the batch's in evaluation, too.
/// Source: Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing internal covariate shift
/// (2015); d2l chapter 7.5.
public class BatchNorm: Layer {
    /// The size of the second axis.
    public final let channels: Int
    /// ε, above 0: keeps a constant channel finite.
    public final let epsilon: Double
    /// The share of the newest batch in the running averages; nil if all batches count alike.
    public final let momentum: Double?
    /// Nil without scale and shift.
    public final let weight: Parameter?
    /// Nil without scale and shift.
    public final let bias: Parameter?
    /// The running average of the means, `[channels]`.
    public final let runningMean: Buffer
    /// The running average of the variances, `[channels]`.
    public final let runningVariance: Buffer
    /// How many batches have been averaged.
    public final let batchCount: Buffer
    /// Whether there are running averages, and evaluation takes them.
    public final let tracksRunningStatistics: Bool

    /// The axes of the inputs, for messages, and how many there may be.
    fileprivate class var axes: (text: String, ranks: ClosedRange<Int>) { ("[N, C, …]", 2...5) }

    /// Traps unless there are channels, ε is above 0 and finite, and the momentum is in 0...1.
    public init(
        channels: Int, epsilon: Double = 1e-5, momentum: Double? = 0.1, isAffine: Bool = true,
        tracksRunningStatistics: Bool = true
    ) {
        guard channels > 0, epsilon > 0, epsilon < .infinity, (0...1).contains(momentum ?? 0) else {
            failure(
                """
                \(Self.self): channels and epsilon must be above 0, and momentum in 0...1
                  channels = \(channels), epsilon = \(epsilon), momentum = \(momentum.map { "\($0)" } ?? "nil")
                """)
        }
        self.channels = channels
        self.epsilon = epsilon
        self.momentum = momentum
        self.tracksRunningStatistics = tracksRunningStatistics
        weight = isAffine ? Parameter(.ones([channels])) : nil
        bias = isAffine ? Parameter(.zeros([channels])) : nil
        runningMean = Buffer(.zeros([channels]))
        runningVariance = Buffer(.ones([channels]))
        batchCount = Buffer(.zeros([], dtype: .int64))
    }

    public final override func forward(_ input: Tensor) -> Tensor {
        let axes = Self.axes
        guard axes.ranks.contains(input.rank), input.shape[1] == channels else {
            failure("\(Self.self): the input must be \(axes.text) with C = \(channels), not \(input.shape)")
        }
        if folding != nil { return input }
        guard isTraining || !tracksRunningStatistics else {
            return batchNorm(
                input, scale: weight, offset: bias, mean: runningMean.value, variance: runningVariance.value,
                epsilon: epsilon)
        }
        let (output, mean, variance) = batchNorm(input, scale: weight, offset: bias, epsilon: epsilon)
        if tracksRunningStatistics, input.elementCount > 0 {
            remember(mean, variance, count: input.elementCount / channels)
        }
        return output
    }

    private func remember(_ mean: Tensor, _ variance: Tensor, count: Int) {
        batchCount.value += 1
        let share = momentum ?? 1 / batchCount.value.item()
        let unbiased = variance * (Double(count) / Double(count - 1))
        runningMean.value = runningMean.value * (1 - share) + mean * share
        runningVariance.value = runningVariance.value * (1 - share) + unbiased * share
    }

    public final override func children() -> [NamedChild] {
        if folding != nil { return [] }
        var children: [NamedChild] = []
        if let weight, let bias { children += [("weight", .parameter(weight)), ("bias", .parameter(bias))] }
        if !tracksRunningStatistics { return children }
        return children + [
            ("running_mean", .buffer(runningMean)), ("running_var", .buffer(runningVariance)),
            ("num_batches_tracked", .buffer(batchCount)),
        ]
    }

    public final override var details: String {
        var text = "\(Self.self)(channels: \(channels)"
        if epsilon != 1e-5 { text += ", epsilon: \(epsilon)" }
        if momentum != 0.1 { text += ", momentum: \(momentum.map { "\($0)" } ?? "nil")" }
        if weight == nil { text += ", isAffine: false" }
        if !tracksRunningStatistics { text += ", tracksRunningStatistics: false" }
        return text + foldingText + ")"
    }
}

/// Batch normalisation of `[N, channels]` or `[N, channels, L]`; see `BatchNorm`.
///
/// Traps in `forward` if the input has other axes, if a channel of a training batch has one element, or if the input's
/// element type is not the parameters'.
public final class BatchNorm1D: BatchNorm {
    fileprivate override class var axes: (text: String, ranks: ClosedRange<Int>) { ("[N, C] or [N, C, L]", 2...3) }
}

/// Batch normalisation of images `[N, channels, H, W]`; see `BatchNorm`.
///
/// Traps in `forward` if the input has other axes, if a channel of a training batch has one element, or if the input's
/// element type is not the parameters'.
public final class BatchNorm2D: BatchNorm {
    fileprivate override class var axes: (text: String, ranks: ClosedRange<Int>) { ("[N, C, H, W]", 4...4) }
}
