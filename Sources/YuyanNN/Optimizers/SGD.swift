import YuyanCore

/// Stochastic gradient descent with momentum and weight decay.
///
///     g ← ∂L/∂p + λp
///     v ← μv + g
///     p ← p − ηv
///
/// The state v is saved as `momentum_buffer`. Source: Sutskever et al., On the importance of initialization and momentum
/// in deep learning (2013), in PyTorch's form; d2l, sections on minibatch gradient descent and momentum.
public final class SGD: GroupedOptimizer {
    /// μ, in 0 ..< 1.
    @exclusivity(unchecked) public final var momentum: Double

    /// Traps if a parameter stands in two groups, or an option is out of its range.
    public init(groups: [ParameterGroup], learningRate: Double, momentum: Double = 0, weightDecay: Double = 0) {
        self.momentum = momentum
        super.init(.gradientDescent, groups, learningRate: learningRate, weightDecay: weightDecay)
        check("momentum", momentum, below: 1)
    }

    /// Trains parameters in one group. Traps if one stands there twice, or an option is out of its range.
    public convenience init(
        _ parameters: [Parameter], learningRate: Double, momentum: Double = 0, weightDecay: Double = 0
    ) {
        self.init(
            groups: [ParameterGroup(parameters)], learningRate: learningRate, momentum: momentum,
            weightDecay: weightDecay)
    }

    override func options(for group: ParameterGroup) -> UpdateOptions {
        var options = super.options(for: group)
        options.decay = group.momentum ?? momentum
        return options
    }

    override var ownNumbers: [String: Double] {
        get { ["momentum": momentum] }
        set { momentum = newValue["momentum"] ?? momentum }
    }
}
