import YuyanCore

/// A fully connected layer: y = x · Wᵀ + b on the last axis.
///
/// Input `[…, inputSize]`, output `[…, outputSize]`; weight `[outputSize, inputSize]`, bias `[outputSize]`, both
/// U(±1/√inputSize) at first. Traps in `forward` if the input's last axis has another size, or its elements another
/// type than the weight's.
public final class Linear: Layer {
    /// `[outputSize, inputSize]`.
    public let weight: Parameter
    /// `[outputSize]`; nil for none.
    public let bias: Parameter?

    /// Traps unless both sizes are above 0.
    public init(inputSize: Int, outputSize: Int, hasBias: Bool = true) {
        guard inputSize > 0, outputSize > 0 else {
            failure("Linear: sizes must be above 0; inputSize = \(inputSize), outputSize = \(outputSize)")
        }
        let initializer = Initializer.standard(fanIn: inputSize)
        weight = Parameter(initializer.tensor([outputSize, inputSize]))
        bias = hasBias ? Parameter(initializer.tensor([outputSize])) : nil
    }

    public override func forward(_ input: Tensor) -> Tensor { linear(input, weight: weight, bias: bias) }

    package override func forward(_ input: Tensor, fusing activation: UnaryOperation) -> Tensor? {
        linear(input, weight: weight, bias: bias, activation: activation)
    }

    public override var details: String {
        "Linear(inputSize: \(weight.shape[1]), outputSize: \(weight.shape[0])\(bias == nil ? ", hasBias: false" : ""))"
    }
}
