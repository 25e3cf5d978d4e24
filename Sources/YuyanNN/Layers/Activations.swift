import YuyanCore

/// max(x, 0), element by element.
public final class ReLU: Layer {
    public override func forward(_ input: Tensor) -> Tensor { input.relu() }
    package override var activation: UnaryOperation? { .relu }
}

/// 1 / (1 + e⁻ˣ), element by element.
public final class Sigmoid: Layer {
    public override func forward(_ input: Tensor) -> Tensor { input.sigmoid() }
    package override var activation: UnaryOperation? { .sigmoid }
}

/// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), element by element.
public final class Tanh: Layer {
    public override func forward(_ input: Tensor) -> Tensor { input.tanh() }
    package override var activation: UnaryOperation? { .tanh }
}

/// x where x > 0, else slope · x, element by element.
///
/// Traps unless the slope is 0 or more, and finite. Source: Maas et al., Rectifier nonlinearities improve neural network
/// acoustic models (2013).
public final class LeakyReLU: Layer {
    /// The factor of negative numbers.
    public let slope: Double

    /// Traps unless `slope` is 0 or more, and finite.
    public init(slope: Double = 0.01) {
        guard slope >= 0, slope < .infinity else {
            failure("LeakyReLU: the slope must be 0 or more, and finite, not \(slope)")
        }
        self.slope = slope
    }

    public override func forward(_ input: Tensor) -> Tensor { input.leakyReLU(slope: slope) }
    package override var activation: UnaryOperation? { .leakyReLU(slope: slope) }
    public override var details: String { "LeakyReLU(slope: \(slope))" }
}

/// x · Φ(x), element by element, where Φ(x) = (1 + erf(x/√2)) / 2; or by a formula with tanh, see `gelu(approximation:)`.
///
/// Source: Hendrycks and Gimpel, Gaussian error linear units (2016).
public final class GELU: Layer {
    /// How Φ is computed.
    public let approximation: GELUApproximation

    /// Computes Φ exactly, unless told otherwise.
    public init(approximation: GELUApproximation = .none) { self.approximation = approximation }

    public override func forward(_ input: Tensor) -> Tensor { input.gelu(approximation: approximation) }
    package override var activation: UnaryOperation? { approximation == .tanh ? .geluTanh : .gelu }
    public override var details: String { approximation == .tanh ? "GELU(approximation: .tanh)" : "GELU" }
}

/// x / (1 + e⁻ˣ), element by element; also called swish.
///
/// Source: Elfwing et al., Sigmoid-weighted linear units for neural network function approximation in reinforcement
/// learning (2017).
public final class SiLU: Layer {
    public override func forward(_ input: Tensor) -> Tensor { input.silu() }
    package override var activation: UnaryOperation? { .silu }
}

/// log(1 + e^βx) / β, element by element: a smooth form of max(x, 0), above 0; x where βx > 20.
///
/// Traps unless β is above 0, and finite. Source: Dugas et al., Incorporating second-order functional knowledge for better
/// option pricing (2000).
public final class Softplus: Layer {
    /// β: the larger, the closer to max(x, 0).
    public let beta: Double

    /// Traps unless `beta` is above 0, and finite.
    public init(beta: Double = 1) {
        guard beta > 0, beta < .infinity else { failure("Softplus: beta must be above 0, and finite, not \(beta)") }
        self.beta = beta
    }

    public override func forward(_ input: Tensor) -> Tensor { input.softplus(beta: beta) }
    package override var activation: UnaryOperation? { .softplus(beta: beta) }
    public override var details: String { "Softplus(beta: \(beta))" }
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
