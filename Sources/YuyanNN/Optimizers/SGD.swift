import YuyanCore

/// Parameters that share options; an option that is nil takes the optimizer's value.
public struct SGDGroup {
    public var parameters: [Parameter]
    public var learningRate: Double?
    public var momentum: Double?
    public var weightDecay: Double?

    public init(
        _ parameters: [Parameter], learningRate: Double? = nil, momentum: Double? = nil, weightDecay: Double? = nil
    ) {
        self.parameters = parameters
        self.learningRate = learningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
    }
}

/// Stochastic gradient descent with momentum and weight decay.
///
///     g ← ∂L/∂p + λp
///     v ← μv + g
///     p ← p − ηv
///
/// The weight decay λ acts on every parameter of a group, biases too: give them a group of their own to spare them.
/// Source: Sutskever et al., On the importance of initialization and momentum in deep learning (2013), in PyTorch's form.
public final class SGD: Optimizer {
    /// η, above or equal to 0. May be changed between steps, as may those of the groups.
    public var learningRate: Double
    public var learningRateFactor = 1.0
    /// μ, in 0 ..< 1.
    public var momentum: Double
    /// λ, 0 or more.
    public var weightDecay: Double
    public var groups: [SGDGroup]

    private var velocities: [ObjectIdentifier: Tensor] = [:]

    /// Traps if a parameter stands in two groups, or an option is negative or not a number.
    public init(groups: [SGDGroup], learningRate: Double, momentum: Double = 0, weightDecay: Double = 0) {
        self.groups = groups
        self.learningRate = learningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
        let parameters = groups.flatMap(\.parameters).map(ObjectIdentifier.init)
        guard Set(parameters).count == parameters.count else {
            fatalError("SGD: a parameter stands in the groups twice")
        }
        for group in groups {
            let options = [
                group.learningRate ?? learningRate, group.momentum ?? momentum, group.weightDecay ?? weightDecay,
            ]
            guard options.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
                fatalError("SGD: learningRate, momentum and weightDecay must be 0 or more, not \(options)")
            }
        }
    }

    public convenience init(
        _ parameters: [Parameter], learningRate: Double, momentum: Double = 0, weightDecay: Double = 0
    ) {
        self.init(
            groups: [SGDGroup(parameters)], learningRate: learningRate, momentum: momentum, weightDecay: weightDecay)
    }

    public var parameters: [Parameter] { groups.flatMap(\.parameters) }

    /// Traps if a gradient or velocity does not have its parameter's shape, element type and device: after
    /// `cast(to:)`, velocities are of the old type until `restore(savedState())` or in a new optimizer.
    public func step() {
        for group in groups {
            let momentum = group.momentum ?? momentum
            var descent = GradientDescent(
                learningRate: (group.learningRate ?? learningRate) * learningRateFactor, momentum: momentum,
                weightDecay: group.weightDecay ?? weightDecay, capacity: group.parameters.count)
            for parameter in group.parameters {
                // Without momentum there is no velocity to look up.
                var velocity = momentum == 0 ? nil : velocities.removeValue(forKey: ObjectIdentifier(parameter))
                descent.add(parameter, velocity: &velocity)
                if let velocity { velocities[ObjectIdentifier(parameter)] = velocity }
            }
            descent.apply()
        }
    }

    public func zeroGradients() {
        for group in groups {
            for parameter in group.parameters { parameter.gradient = nil }
        }
    }

    /// The velocities by the parameter's position in the groups, and the options.
    public func savedState() -> SavedState {
        var state = SavedState(numbers: [
            "learning_rate": learningRate, "learning_rate_factor": learningRateFactor, "momentum": momentum,
            "weight_decay": weightDecay,
        ])
        for (index, group) in groups.enumerated() {
            state.numbers["group\(index).learning_rate"] = group.learningRate
            state.numbers["group\(index).momentum"] = group.momentum
            state.numbers["group\(index).weight_decay"] = group.weightDecay
        }
        for (index, parameter) in parameters.enumerated() {
            state.tensors["\(index).velocity"] = velocities[ObjectIdentifier(parameter)]
        }
        return state
    }

    /// Sets velocities and options. Velocities that the state lacks start from zero, options that it lacks stay.
    public func restore(_ state: SavedState) throws(StateError) {
        var error = StateError()
        var unused = state.tensors
        var loaded: [ObjectIdentifier: Tensor] = [:]
        for (index, parameter) in parameters.enumerated() {
            let name = "\(index).velocity"
            guard let velocity = unused.removeValue(forKey: name) else { continue }
            if velocity.shape != parameter.shape {
                error.mismatched.append("\(name) is \(velocity.shape), the parameter is \(parameter.shape)")
            }
            loaded[ObjectIdentifier(parameter)] = velocity.cast(to: parameter.dtype).to(parameter.value.device)
        }
        error.unexpected = unused.keys.sorted()
        guard error == StateError() else { throw error }
        velocities = loaded
        let numbers = state.numbers
        learningRate = numbers["learning_rate"] ?? learningRate
        learningRateFactor = numbers["learning_rate_factor"] ?? learningRateFactor
        momentum = numbers["momentum"] ?? momentum
        weightDecay = numbers["weight_decay"] ?? weightDecay
        for index in groups.indices {
            groups[index].learningRate = numbers["group\(index).learning_rate"] ?? groups[index].learningRate
            groups[index].momentum = numbers["group\(index).momentum"] ?? groups[index].momentum
            groups[index].weightDecay = numbers["group\(index).weight_decay"] ?? groups[index].weightDecay
        }
    }
}
