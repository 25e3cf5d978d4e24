/// How per-sample losses become one number.
public enum LossReduction: Int32, Sendable, CaseIterable {
    /// The losses of all samples, `[N]`.
    case none
    /// The mean over the samples.
    case mean
    /// The sum over the samples.
    case sum
}

/// The numbers in the formulas of losses.
package struct LossOptions {
    package var reduction: LossReduction
    /// `[C]`, of the predictions' type: what the loss of each class counts. 1 if absent.
    package var classWeights: DeviceBuffer?
    /// ε: the share of the target that all classes get together, each as much.
    package var smoothing: Double
    /// Samples with this target count nothing.
    package var ignoredIndex: Int64?

    package init(
        _ reduction: LossReduction, classWeights: DeviceBuffer? = nil, smoothing: Double = 0, ignoredIndex: Int64? = nil
    ) {
        self.reduction = reduction
        self.classWeights = classWeights
        self.smoothing = smoothing
        self.ignoredIndex = ignoredIndex
    }

    /// True if every sample counts 1, by its target alone.
    var isPlain: Bool { classWeights == nil && smoothing == 0 && ignoredIndex == nil }
}

/// What `Backend.loss` gives.
package struct Loss {
    package let loss: DeviceBuffer
    /// What `lossGradient` needs besides: the probabilities `[N, C]` of `crossEntropy`.
    package let saved: DeviceBuffer?
}
