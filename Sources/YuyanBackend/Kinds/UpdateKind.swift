/// How a parameter p changes by its gradient g and its states. η is the learning rate and λ the weight decay; but for
/// `adamW`, g ← g + λp comes first. The other letters are fields of `UpdateOptions`.
///
/// - `gradientDescent`: v ← βv + g; p ← p − ηv. Where β is 0 there is no state: v is g.
/// - `adam`: m ← βm + (1 − β)g; s ← β₂s + (1 − β₂)g²; p ← p − η · m/(1 − βᵗ) / (√(s/(1 − β₂ᵗ)) + ε) in the parameter's
///   step t = 1, 2, …
/// - `adamW`: p ← p − ηλp, then as `adam`.
/// - `rmsProp`: s ← βs + (1 − β)g²; p ← p − ηg / (√s + ε).
/// - `adagrad`: s ← s + g²; p ← p − ηg / (√s + ε).
/// - `adadelta`: s ← βs + (1 − β)g²; d = g · √(a + ε) / √(s + ε); a ← βa + (1 − β)d²; p ← p − ηd.
/// - `yogi`: m ← βm + (1 − β)g; s ← s + (1 − β₂) sign(g² − s) g²; p as in `adam`.
extension UpdateKind {
    /// The states, which begin as zeros, in the order of a table's row: the names under which they are saved, PyTorch's.
    package var stateNames: [String] {
        switch self {
        case .gradientDescent: ["momentum_buffer"]
        case .adam, .adamW, .yogi: ["exp_avg", "exp_avg_sq"]
        case .rmsProp: ["square_avg"]
        case .adagrad: ["sum"]
        case .adadelta: ["square_avg", "acc_delta"]
        }
    }

    /// The optimizer's name.
    var optimizer: String {
        switch self {
        case .gradientDescent: "SGD"
        case .adam: "Adam"
        case .adamW: "AdamW"
        case .rmsProp: "RMSprop"
        case .adagrad: "Adagrad"
        case .adadelta: "Adadelta"
        case .yogi: "Yogi"
        }
    }

    /// Whether the number of the step stands in the formula.
    package var countsSteps: Bool { self == .adam || self == .adamW || self == .yogi }

    /// Additions, products, quotients and roots for each element, without weight decay.
    func operationCount(hasState: Bool) -> Int {
        switch self {
        case .gradientDescent: hasState ? 4 : 2
        case .adam, .yogi: 13
        case .adamW: 14
        case .rmsProp: 9
        case .adagrad: 7
        case .adadelta: 16
        }
    }
}

/// A row of the table of an update: a parameter, its gradient, and its states. The gradient may be bfloat16 where the
/// others are float32.
package struct ParameterUpdate {
    package let parameter: DeviceBuffer
    package let gradient: DeviceBuffer
    package let first: DeviceBuffer?
    package let second: DeviceBuffer?
    /// bfloat16, of the parameter's shape: gets the new parameter, rounded.
    package let shadow: DeviceBuffer?
    /// Which step of the parameter this is, from 1.
    package let step: Int

    package init(
        _ parameter: DeviceBuffer, _ gradient: DeviceBuffer, first: DeviceBuffer? = nil, second: DeviceBuffer? = nil,
        shadow: DeviceBuffer? = nil, step: Int = 1
    ) {
        self.parameter = parameter
        self.gradient = gradient
        self.first = first
        self.second = second
        self.shadow = shadow
        self.step = step
    }

    var withoutShadow: ParameterUpdate {
        ParameterUpdate(parameter, gradient, first: first, second: second, step: step)
    }
}

/// The numbers in the formulas of `UpdateKind`.
package struct UpdateOptions: Sendable, Hashable {
    /// η
    package var learningRate: Double
    /// λ
    package var weightDecay: Double
    /// β: the part of the first state that stays.
    package var decay: Double
    /// β₂: the part of the second state that stays.
    package var secondDecay: Double
    /// ε
    package var epsilon: Double

    package init(
        learningRate: Double, weightDecay: Double = 0, decay: Double = 0, secondDecay: Double = 0, epsilon: Double = 0
    ) {
        self.learningRate = learningRate
        self.weightDecay = weightDecay
        self.decay = decay
        self.secondDecay = secondDecay
        self.epsilon = epsilon
    }
}
