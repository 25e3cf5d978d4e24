import YuyanCore

/// A module that computes a tensor from a tensor; what `Sequential` holds.
///
/// Subclasses declare their parts as properties and override `forward(_:)`; calling the layer runs it.
///
///     final class Perceptron: Layer {
///         let hidden = Linear(inputSize: 20, outputSize: 256)
///         let output = Linear(inputSize: 256, outputSize: 10)
///         override func forward(_ x: Tensor) -> Tensor { output(hidden(x).relu()) }
///     }
open class Layer: Module {
    /// What an inference copy has made of the layer; nil elsewhere.
    @exclusivity(unchecked) final var folding: Folding?

    /// The result for `input`. Subclasses override it; callers call the layer itself.
    open func forward(_ input: Tensor) -> Tensor {
        failure("\(type(of: self)): override forward(_:)")
    }

    /// Runs the layer, naming it in error texts, and its hooks.
    public final func callAsFunction(_ input: some TensorConvertible) -> Tensor {
        if hooks != nil { return runHooked(input.tensor) }
        ModulePath.enter(self)
        defer { ModulePath.leave() }
        return forward(input.tensor)
    }

    @inline(never)
    private func runHooked(_ input: Tensor) -> Tensor { runHooked([input]) { [forward(input)] }[0] }

    /// What the layer does to every element, if that is all and a layer before it can do it in the same pass.
    package var activation: UnaryOperation? { nil }

    /// The activation of the layer's result, in one pass; nil if the layer cannot.
    package func forward(_ input: Tensor, fusing activation: UnaryOperation) -> Tensor? { nil }

    /// Runs the layer and the activation that follows it, in one pass where it can and nobody needs the value between
    /// them: no hook, and no gradient.
    final func callAsFunction(_ input: Tensor, followedBy next: Layer, _ activation: UnaryOperation) -> Tensor {
        let isSeen = hooks != nil || next.hooks != nil || (activation.gradientReads == .input && isRecordingGradients)
        if isSeen { return next(self(input)) }
        return ModulePath.within(self) { forward(input, fusing: activation) } ?? next(self(input))
    }
}
