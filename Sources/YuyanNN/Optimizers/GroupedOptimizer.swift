import YuyanCore

/// Parameters that share options; an option that is nil takes the optimizer's value.
public struct ParameterGroup {
    /// Those that the options are for.
    public var parameters: [Parameter]
    /// η, 0 or more.
    public var learningRate: Double?
    /// Of `SGD` alone.
    public var momentum: Double?
    /// λ, 0 or more.
    public var weightDecay: Double?

    /// Parameters with options of their own.
    public init(
        _ parameters: [Parameter], learningRate: Double? = nil, momentum: Double? = nil, weightDecay: Double? = nil
    ) {
        self.parameters = parameters
        self.learningRate = learningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
    }
}

/// What the optimizers share: groups of parameters, each with a learning rate η and a weight decay λ, and a state for
/// every parameter, which begins as zeros at its first step.
///
/// The weight decay acts on every parameter of a group, biases too: give them a group of their own to spare them. A
/// parameter without gradient, and its state, stay as they are.
public class GroupedOptimizer: Optimizer {
    // Read and set at once, never held: the run-time check of overlapping access would cost more than a small step allows.
    /// η, above or equal to 0. May be changed between steps, as may those of the groups.
    @exclusivity(unchecked) public final var learningRate: Double
    @exclusivity(unchecked) public final var learningRateFactor = 1.0
    /// λ, 0 or more.
    @exclusivity(unchecked) public final var weightDecay: Double
    /// What is trained.
    @exclusivity(unchecked) public final var groups: [ParameterGroup]

    private final let kind: UpdateKind
    @exclusivity(unchecked) private final var states: [ObjectIdentifier: ParameterState] = [:]

    /// Traps if a parameter stands in two groups, or an option is negative or not a number.
    init(_ kind: UpdateKind, _ groups: [ParameterGroup], learningRate: Double, weightDecay: Double) {
        self.kind = kind
        self.groups = groups
        self.learningRate = learningRate
        self.weightDecay = weightDecay
        let parameters = groups.flatMap(\.parameters).map(ObjectIdentifier.init)
        guard Set(parameters).count == parameters.count else {
            failure("\(Self.self): a parameter stands in the groups twice")
        }
        check("learningRate", learningRate)
        check("weightDecay", weightDecay)
        for group in groups {
            check("learningRate", group.learningRate ?? 0)
            check("weightDecay", group.weightDecay ?? 0)
            check("momentum", group.momentum ?? 0, below: 1)
            if group.momentum != nil && kind != .gradientDescent {
                failure("\(Self.self): a group has momentum, which only SGD takes")
            }
        }
    }

    /// Traps unless 0 ≤ value < limit.
    final func check(_ name: String, _ value: Double, below limit: Double = .infinity) {
        guard value >= 0 && value < limit else {
            let rule = limit == .infinity ? "a number of 0 or more" : "0 or more and below \(Int(limit))"
            failure("\(Self.self): \(name) must be \(rule), not \(value)")
        }
    }

    // MARK: What an optimizer of its own says

    /// The numbers of its formula for one group.
    func options(for group: ParameterGroup) -> UpdateOptions {
        UpdateOptions(
            learningRate: (group.learningRate ?? learningRate) * learningRateFactor,
            weightDecay: group.weightDecay ?? weightDecay)
    }

    /// Its options beside learning rate and weight decay, by the names under which they are saved. Those that are
    /// missing in what is set stay.
    var ownNumbers: [String: Double] {
        get { [:] }
        set {}
    }

    // MARK: Steps

    public final var parameters: [Parameter] { groups.flatMap(\.parameters) }

    /// Traps if a gradient or a state does not have its parameter's shape, element type and device: after `cast(to:)` or
    /// `to(_:)`, states are of the old form until `restore(savedState())` or in a new optimizer.
    public final func step() {
        for group in groups {
            var updates = ParameterUpdates(kind, options(for: group), capacity: group.parameters.count)
            let hasState = updates.hasState
            for parameter in group.parameters {
                if hasState {
                    updates.add(parameter, state: &states[ObjectIdentifier(parameter)])
                } else {
                    updates.add(parameter)
                }
            }
            updates.apply()
        }
    }

    public final func zeroGradients() {
        for group in groups {
            for parameter in group.parameters { parameter.gradient = nil }
        }
    }

    // MARK: Saving

    /// The states by the parameter's position in the groups and PyTorch's name, such as `0.exp_avg`, and the options;
    /// where the formula counts steps, also their number.
    public final func savedState() -> SavedState {
        var state = SavedState(numbers: ownNumbers, owner: "\(type(of: self))")
        state.numbers["learning_rate"] = learningRate
        state.numbers["learning_rate_factor"] = learningRateFactor
        state.numbers["weight_decay"] = weightDecay
        for (index, group) in groups.enumerated() {
            state.numbers["group\(index).learning_rate"] = group.learningRate
            state.numbers["group\(index).momentum"] = group.momentum
            state.numbers["group\(index).weight_decay"] = group.weightDecay
        }
        for (index, parameter) in parameters.enumerated() {
            guard let own = states[ObjectIdentifier(parameter)] else { continue }
            for (name, tensor) in zip(kind.stateNames, own.tensors) { state.tensors["\(index).\(name)"] = tensor }
            if kind.countsSteps { state.numbers["\(index).step"] = Double(own.stepCount) }
        }
        return state
    }

    /// Sets states and options. Parameters whose state is absent start anew, options that are absent stay.
    ///
    /// - Throws: `StateError`, and changes nothing, if the state is of another optimizer, if a parameter's state is of
    ///   another shape or there in part, or if something is of a parameter that is not there.
    public final func restore(_ state: SavedState) throws(StateError) {
        var error = StateError()
        if let owner = state.owner, owner != "\(type(of: self))" {
            error.owners = .init(state: owner, expected: "\(type(of: self))")
            throw error
        }
        var (tensors, numbers) = (state.tensors, state.numbers)
        var loaded: [ObjectIdentifier: ParameterState] = [:]
        for (index, parameter) in parameters.enumerated() {
            let names = kind.stateNames.map { "\(index).\($0)" }
            let own = names.compactMap { tensors.removeValue(forKey: $0) }
            let stepName = "\(index).step"
            let step = kind.countsSteps ? numbers.removeValue(forKey: stepName) : nil
            if own.isEmpty && step == nil { continue }
            error.missing += names.filter { state.tensors[$0] == nil }
            for name in names {
                guard let shape = state.tensors[name]?.shape, shape != parameter.shape else { continue }
                error.mismatched.append("\(name) is \(shape), the parameter is \(parameter.shape)")
            }
            let stepCount = step.flatMap(Int.init(exactly:)) ?? 0
            if kind.countsSteps && stepCount < 1 { error.missing.append(stepName) }
            loaded[ObjectIdentifier(parameter)] = ParameterState(
                tensors: own.map { $0.cast(to: parameter.dtype).to(parameter.value.device) }, stepCount: stepCount)
        }
        func take(_ name: String) -> Double? { numbers.removeValue(forKey: name) }
        let newLearningRate = take("learning_rate") ?? learningRate
        let newFactor = take("learning_rate_factor") ?? learningRateFactor
        let newWeightDecay = take("weight_decay") ?? weightDecay
        var newGroups = groups
        for index in groups.indices {
            newGroups[index].learningRate = take("group\(index).learning_rate") ?? groups[index].learningRate
            newGroups[index].momentum = take("group\(index).momentum") ?? groups[index].momentum
            newGroups[index].weightDecay = take("group\(index).weight_decay") ?? groups[index].weightDecay
        }
        let newNumbers = ownNumbers.keys.reduce(into: [:]) { $0[$1] = take($1) }
        error.unexpected = tensors.keys.sorted() + numbers.keys.sorted()
        guard error == StateError() else { throw error }
        states = loaded
        (learningRate, learningRateFactor, weightDecay) = (newLearningRate, newFactor, newWeightDecay)
        groups = newGroups
        ownNumbers = newNumbers
    }
}
