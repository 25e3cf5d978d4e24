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
    @exclusivity(unchecked) public internal(set) final var bias: Parameter?

    /// Traps unless both sizes are above 0.
    public init(inputSize: Int, outputSize: Int, hasBias: Bool = true) {
        guard inputSize > 0, outputSize > 0 else {
            failure("Linear: sizes must be above 0; inputSize = \(inputSize), outputSize = \(outputSize)")
        }
        let initializer = Initializer.standard(fanIn: inputSize)
        weight = Parameter(initializer.tensor([outputSize, inputSize]))
        bias = hasBias ? Parameter(initializer.tensor([outputSize])) : nil
    }

    public override func forward(_ input: Tensor) -> Tensor {
        if folding != nil { checkFolded(input) }
        return linear(input, weight: weight, bias: bias)
    }

    package override func forward(_ input: Tensor, fusing activation: UnaryOperation) -> Tensor? {
        if folding != nil { checkFolded(input) }
        return linear(input, weight: weight, bias: bias, activation: activation)
    }

    /// Of an input with more axes, what is folded into the layer would normalise another axis than the layer's.
    private func checkFolded(_ input: Tensor) {
        guard input.rank == 2 else {
            failure(
                "Linear: with a batch normalisation folded into it, the input must be [N, inputSize], not \(input.shape)"
            )
        }
    }

    public override var details: String {
        let text = "Linear(inputSize: \(weight.shape[1]), outputSize: \(weight.shape[0])"
        return text + (bias == nil ? ", hasBias: false" : "") + foldingText + ")"
    }
}
