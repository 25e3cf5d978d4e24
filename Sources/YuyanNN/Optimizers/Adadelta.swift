import YuyanCore

/// Adadelta: steps as large as the latest changes of the parameter, so that no learning rate need be chosen.
///
///     g ← ∂L/∂p + λp
///     s ← ρs + (1 − ρ)g²
///     d = g · √(a + ε) / √(s + ε)
///     a ← ρa + (1 − ρ)d²
///     p ← p − ηd
///
/// The states s and a are saved as `square_avg` and `acc_delta`. Defaults are PyTorch's. Source: Zeiler, Adadelta: An
/// adaptive learning rate method (2012); d2l, section on Adadelta.
public final class Adadelta: GroupedOptimizer {
    /// ρ, in 0 ..< 1.
    public var rho: Double
    /// ε, 0 or more.
    public var epsilon: Double

    /// Traps if a parameter stands in two groups, or an option is out of its range.
    public init(
        groups: [ParameterGroup], learningRate: Double = 1, rho: Double = 0.9, epsilon: Double = 1e-6,
        weightDecay: Double = 0
    ) {
        self.rho = rho
        self.epsilon = epsilon
        super.init(.adadelta, groups, learningRate: learningRate, weightDecay: weightDecay)
        check("rho", rho, below: 1)
        check("epsilon", epsilon)
    }

    /// Trains parameters in one group. Traps if one stands there twice, or an option is out of its range.
    public convenience init(
        _ parameters: [Parameter], learningRate: Double = 1, rho: Double = 0.9, epsilon: Double = 1e-6,
        weightDecay: Double = 0
    ) {
        self.init(
            groups: [ParameterGroup(parameters)], learningRate: learningRate, rho: rho, epsilon: epsilon,
            weightDecay: weightDecay)
    }

    override func options(for group: ParameterGroup) -> UpdateOptions {
        var options = super.options(for: group)
        (options.decay, options.epsilon) = (rho, epsilon)
        return options
    }

    override var ownNumbers: [String: Double] {
        get { ["rho": rho, "epsilon": epsilon] }
        set {
            rho = newValue["rho"] ?? rho
            epsilon = newValue["epsilon"] ?? epsilon
        }
    }
}
