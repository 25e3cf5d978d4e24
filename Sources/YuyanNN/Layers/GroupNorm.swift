import YuyanCore

/// Normalises the last axes of each sample to mean 0 and deviation 1, then scales and shifts them:
/// y = (x − μ) / √(σ² + ε) · weight + bias, with μ and σ² over the elements of these axes, in training and evaluation.
///
/// Input `[…] + normalizedShape`, output of the same shape; weight and bias of `normalizedShape`, 1 and 0 at first.
/// Traps in `forward` if the input has other last axes, or its element type is not the weight's.
/// Source: Ba, Kiros and Hinton, Layer normalization (2016); d2l chapter 8.5.
public final class LayerNorm: Layer {
    /// The sizes of the axes that are normalised together.
    public let normalizedShape: Shape
    /// ε, above 0: keeps equal elements finite.
    public let epsilon: Double
    /// Nil without scale and shift.
    public let weight: Parameter?
    /// Nil without scale and shift.
    public let bias: Parameter?

    /// Traps unless there is an axis, all sizes are above 0, and ε is above 0 and finite.
    ///
    /// - Parameters: isAffine: whether there are a weight and a bias; hasBias: whether the bias is one of them.
    public init(normalizedShape: Shape, epsilon: Double = 1e-5, isAffine: Bool = true, hasBias: Bool = true) {
        guard normalizedShape.rank > 0, normalizedShape.elementCount > 0, epsilon > 0, epsilon < .infinity else {
            failure(
                """
                LayerNorm: the sizes of normalizedShape, of which there must be one, and epsilon must be above 0
                  normalizedShape = \(normalizedShape), epsilon = \(epsilon)
                """)
        }
        self.normalizedShape = normalizedShape
        self.epsilon = epsilon
        weight = isAffine ? Parameter(.ones(normalizedShape)) : nil
        bias = isAffine && hasBias ? Parameter(.zeros(normalizedShape)) : nil
    }

    public override func forward(_ input: Tensor) -> Tensor {
        layerNorm(input, normalizedShape: normalizedShape, scale: weight, offset: bias, epsilon: epsilon)
    }

    public override var details: String {
        normDetails("LayerNorm(normalizedShape: \(normalizedShape)", epsilon, weight)
            + (weight != nil && bias == nil ? ", hasBias: false)" : ")")
    }
}

/// Normalises groups of channels of each sample to mean 0 and deviation 1, then scales and shifts each channel:
/// y = (x − μ) / √(σ² + ε) · weight + bias, with μ and σ² over the elements of a group, in training and evaluation.
///
/// Input `[N, channels, …]`, output of the same shape; weight and bias `[channels]`, 1 and 0 at first. Traps in `forward`
/// if the input has other channels, or its element type is not the weight's. Source: Wu and He, Group normalization (2018).
public final class GroupNorm: Layer {
    /// How many groups there are.
    public let groups: Int
    /// The size of the second axis.
    public let channels: Int
    /// ε, above 0: keeps equal elements finite.
    public let epsilon: Double
    /// Nil without scale and shift.
    public let weight: Parameter?
    /// Nil without scale and shift.
    public let bias: Parameter?

    /// Traps unless `groups` divides the channels, of which there must be one, and ε is above 0 and finite.
    public init(groups: Int, channels: Int, epsilon: Double = 1e-5, isAffine: Bool = true) {
        guard groups > 0, channels > 0, channels % groups == 0, epsilon > 0, epsilon < .infinity else {
            failure(
                """
                GroupNorm: groups, channels and epsilon must be above 0, and groups divide the channels
                  groups = \(groups), channels = \(channels), epsilon = \(epsilon)
                """)
        }
        self.groups = groups
        self.channels = channels
        self.epsilon = epsilon
        weight = isAffine ? Parameter(.ones([channels])) : nil
        bias = isAffine ? Parameter(.zeros([channels])) : nil
    }

    public override func forward(_ input: Tensor) -> Tensor {
        guard input.rank >= 2, input.shape[1] == channels else {
            failure("GroupNorm: the input must be [N, C, …] with C = \(channels), not \(input.shape)")
        }
        return groupNorm(input, groups: groups, scale: weight, offset: bias, epsilon: epsilon)
    }

    public override var details: String {
        normDetails("GroupNorm(groups: \(groups), channels: \(channels)", epsilon, weight) + ")"
    }
}

private func normDetails(_ beginning: String, _ epsilon: Double, _ weight: Parameter?) -> String {
    beginning + (epsilon == 1e-5 ? "" : ", epsilon: \(epsilon)") + (weight == nil ? ", isAffine: false" : "")
}
