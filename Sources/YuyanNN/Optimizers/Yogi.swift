import YuyanCore

/// Adam whose squares of gradients grow and shrink by a part of the new square, not of the difference, so that a few large
/// gradients do not make it forget what it knew:
///
///     s ← s + (1 − β₂) sign(g² − s) g²
///
/// and otherwise `Adam`'s formula. The states are saved under the same names. Defaults are those of the book; PyTorch has no
/// such optimizer. Source: Zaheer et al., Adaptive methods for nonconvex optimization (2018); d2l, section on Adam.
public final class Yogi: Adam {
    /// Traps if a parameter stands in two groups, or an option is out of its range.
    public init(
        groups: [ParameterGroup], learningRate: Double = 0.01, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-3, weightDecay: Double = 0
    ) {
        super.init(
            .yogi, groups, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
            weightDecay: weightDecay)
    }

    /// Trains parameters in one group. Traps if one stands there twice, or an option is out of its range.
    public convenience init(
        _ parameters: [Parameter], learningRate: Double = 0.01, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-3, weightDecay: Double = 0
    ) {
        self.init(
            groups: [ParameterGroup(parameters)], learningRate: learningRate, beta1: beta1, beta2: beta2,
            epsilon: epsilon, weightDecay: weightDecay)
    }
}
