import YuyanCore

/// Adam: momentum, and steps that are divided by the size of the latest gradients, both freed of the zeros that they
/// begin with.
///
///     g ← ∂L/∂p + λp
///     m ← β₁m + (1 − β₁)g
///     s ← β₂s + (1 − β₂)g²
///     p ← p − η · m/(1 − β₁ᵗ) / (√(s/(1 − β₂ᵗ)) + ε)
///
/// in the parameter's step t = 1, 2, … The states m and s are saved as `exp_avg` and `exp_avg_sq`, the number of steps as
/// `step`. Defaults are PyTorch's. Source: Kingma and Ba, Adam: A method for stochastic optimization (2015); d2l, section
/// on Adam.
public class Adam: GroupedOptimizer {
    /// β₁, in 0 ..< 1.
    public final var beta1: Double
    /// β₂, in 0 ..< 1.
    public final var beta2: Double
    /// ε, 0 or more.
    public final var epsilon: Double

    init(
        _ kind: UpdateKind, _ groups: [ParameterGroup], learningRate: Double, beta1: Double, beta2: Double,
        epsilon: Double, weightDecay: Double
    ) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        super.init(kind, groups, learningRate: learningRate, weightDecay: weightDecay)
        check("beta1", beta1, below: 1)
        check("beta2", beta2, below: 1)
        check("epsilon", epsilon)
    }

    /// Traps if a parameter stands in two groups, or an option is out of its range.
    public convenience init(
        groups: [ParameterGroup], learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-8, weightDecay: Double = 0
    ) {
        self.init(
            .adam, groups, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
            weightDecay: weightDecay)
    }

    /// Trains parameters in one group. Traps if one stands there twice, or an option is out of its range.
    public convenience init(
        _ parameters: [Parameter], learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-8, weightDecay: Double = 0
    ) {
        self.init(
            groups: [ParameterGroup(parameters)], learningRate: learningRate, beta1: beta1, beta2: beta2,
            epsilon: epsilon, weightDecay: weightDecay)
    }

    override final func options(for group: ParameterGroup) -> UpdateOptions {
        var options = super.options(for: group)
        (options.decay, options.secondDecay, options.epsilon) = (beta1, beta2, epsilon)
        return options
    }

    override final var ownNumbers: [String: Double] {
        get { ["beta1": beta1, "beta2": beta2, "epsilon": epsilon] }
        set {
            beta1 = newValue["beta1"] ?? beta1
            beta2 = newValue["beta2"] ?? beta2
            epsilon = newValue["epsilon"] ?? epsilon
        }
    }
}

/// Adam with a weight decay that shrinks the parameter itself and stays out of the gradient:
///
///     p ← p − ηλp
///
/// and then `Adam`'s formula without λ. Source: Loshchilov and Hutter, Decoupled weight decay regularization (2019).
public final class AdamW: Adam {
    /// Traps if a parameter stands in two groups, or an option is out of its range.
    public init(
        groups: [ParameterGroup], learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-8, weightDecay: Double = 0.01
    ) {
        super.init(
            .adamW, groups, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
            weightDecay: weightDecay)
    }

    /// Trains parameters in one group. Traps if one stands there twice, or an option is out of its range.
    public convenience init(
        _ parameters: [Parameter], learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-8, weightDecay: Double = 0.01
    ) {
        self.init(
            groups: [ParameterGroup(parameters)], learningRate: learningRate, beta1: beta1, beta2: beta2,
            epsilon: epsilon, weightDecay: weightDecay)
    }
}
