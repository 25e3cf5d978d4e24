import YuyanCore

/// max(x, 0), element by element.
public final class ReLU: Layer {
    public override func forward(_ input: Tensor) -> Tensor { input.relu() }
    package override var activation: Activation? { .relu }
}

/// 1 / (1 + e⁻ˣ), element by element.
public final class Sigmoid: Layer {
    public override func forward(_ input: Tensor) -> Tensor { input.sigmoid() }
    package override var activation: Activation? { .sigmoid }
}

/// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), element by element.
public final class Tanh: Layer {
    public override func forward(_ input: Tensor) -> Tensor { input.tanh() }
    package override var activation: Activation? { .tanh }
}

/// In training, 0 with the given probability, else x / (1 − p); in evaluation, x.
///
/// Traps if the probability is not in 0...1. Source: Srivastava et al., Dropout (2014).
public final class Dropout: Layer {
    /// That of an element to become 0.
    public let probability: Double

    /// Traps unless 0 ≤ `probability` ≤ 1.
    public init(probability: Double = 0.5) {
        guard (0...1).contains(probability) else {
            failure("Dropout: the probability must be in 0...1, not \(probability)")
        }
        self.probability = probability
    }

    public override func forward(_ input: Tensor) -> Tensor {
        isTraining ? input.dropout(probability: probability) : input
    }

    public override var details: String { "Dropout(probability: \(probability))" }
}
