import YuyanCore

/// Something that changes parameters by their gradients.
public protocol Optimizer: Resumable {
    /// All parameters that it changes.
    var parameters: [Parameter] { get }
    /// The learning rate η where a group of parameters has none of its own. May be changed between steps.
    var learningRate: Double { get set }
    /// What all learning rates are multiplied with; 1 at first. Schedules set it.
    var learningRateFactor: Double { get set }
    /// Changes each parameter that has a gradient.
    func step()
    /// Forgets the gradients, so that the next backward pass starts from nothing.
    func zeroGradients()
}

extension Optimizer {
    /// The learning rate with its factor: the length of the next step.
    public var currentLearningRate: Double { learningRate * learningRateFactor }
}

/// Something whose state is saved and restored to continue a computation to the bit.
public protocol Resumable: AnyObject {
    /// What `restore` needs to go on from here.
    func savedState() -> SavedState
    /// Changes nothing if the state does not fit.
    func restore(_ state: SavedState) throws(StateError)
}

/// What must be saved to continue later.
public struct SavedState {
    /// Tensors by name.
    public var tensors: [String: Tensor]
    /// Numbers by name.
    public var numbers: [String: Double]
    /// What the state is of, such as `"Adam"`, where others have states of the same form; nil if it does not say.
    public var owner: String?

    /// A state of these; empty unless given.
    public init(tensors: [String: Tensor] = [:], numbers: [String: Double] = [:], owner: String? = nil) {
        self.tensors = tensors
        self.numbers = numbers
        self.owner = owner
    }
}
