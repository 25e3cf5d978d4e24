import YuyanCore

/// RMSprop: steps that are divided by the size of the latest gradients.
///
///     g ← ∂L/∂p + λp
///     s ← αs + (1 − α)g²
///     p ← p − ηg / (√s + ε)
///
/// The state s is saved as `square_avg`. Defaults are PyTorch's; its `momentum` and `centered` are not there. Source:
/// Tieleman and Hinton, Lecture 6.5, Neural networks for machine learning (2012); d2l, section on RMSprop.
public final class RMSprop: GroupedOptimizer {
    /// α, in 0 ..< 1.
    public var alpha: Double
    /// ε, 0 or more.
    public var epsilon: Double

    /// Traps if a parameter stands in two groups, or an option is out of its range.
    public init(
        groups: [ParameterGroup], learningRate: Double = 0.01, alpha: Double = 0.99, epsilon: Double = 1e-8,
        weightDecay: Double = 0
    ) {
        self.alpha = alpha
        self.epsilon = epsilon
        super.init(.rmsProp, groups, learningRate: learningRate, weightDecay: weightDecay)
        check("alpha", alpha, below: 1)
        check("epsilon", epsilon)
    }

    /// Trains parameters in one group. Traps if one stands there twice, or an option is out of its range.
    public convenience init(
        _ parameters: [Parameter], learningRate: Double = 0.01, alpha: Double = 0.99, epsilon: Double = 1e-8,
        weightDecay: Double = 0
    ) {
        self.init(
            groups: [ParameterGroup(parameters)], learningRate: learningRate, alpha: alpha, epsilon: epsilon,
            weightDecay: weightDecay)
    }

    override func options(for group: ParameterGroup) -> UpdateOptions {
        var options = super.options(for: group)
        (options.decay, options.epsilon) = (alpha, epsilon)
        return options
    }

    override var ownNumbers: [String: Double] {
        get { ["alpha": alpha, "epsilon": epsilon] }
        set {
            alpha = newValue["alpha"] ?? alpha
            epsilon = newValue["epsilon"] ?? epsilon
        }
    }
}
