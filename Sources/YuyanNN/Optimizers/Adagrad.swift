import YuyanCore

/// Adagrad: steps that are divided by the size of all gradients so far, for features that are rarely there.
///
///     g ← ∂L/∂p + λp
///     s ← s + g²
///     p ← p − ηg / (√s + ε)
///
/// The state s is saved as `sum`. Defaults are PyTorch's; its `lr_decay` is a schedule's work here. Source: Duchi et al.,
/// Adaptive subgradient methods for online learning and stochastic optimization (2011); d2l, section on Adagrad.
public final class Adagrad: GroupedOptimizer {
    /// ε, 0 or more.
    public var epsilon: Double

    /// Traps if a parameter stands in two groups, or an option is out of its range.
    public init(
        groups: [ParameterGroup], learningRate: Double = 0.01, epsilon: Double = 1e-10, weightDecay: Double = 0
    ) {
        self.epsilon = epsilon
        super.init(.adagrad, groups, learningRate: learningRate, weightDecay: weightDecay)
        check("epsilon", epsilon)
    }

    /// Trains parameters in one group. Traps if one stands there twice, or an option is out of its range.
    public convenience init(
        _ parameters: [Parameter], learningRate: Double = 0.01, epsilon: Double = 1e-10, weightDecay: Double = 0
    ) {
        self.init(
            groups: [ParameterGroup(parameters)], learningRate: learningRate, epsilon: epsilon,
            weightDecay: weightDecay)
    }

    override func options(for group: ParameterGroup) -> UpdateOptions {
        var options = super.options(for: group)
        options.epsilon = epsilon
        return options
    }

    override var ownNumbers: [String: Double] {
        get { ["epsilon": epsilon] }
        set { epsilon = newValue["epsilon"] ?? epsilon }
    }
}
