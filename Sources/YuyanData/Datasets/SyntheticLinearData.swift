import YuyanCore

/// Samples of a linear model with noise: X ~ N(0, 1), y = X·w + b + N(0, σ²).
///
/// - Parameters:
///   - weight: w `[d]`.
///   - bias: b.
///   - count: the number of samples n.
///   - noise: σ, the standard deviation of the noise.
/// - Returns: features X `[n, d]` and labels y `[n, 1]`, float32, drawn from `Generator.current`. Traps unless w is a
///   vector.
/// - Source: Zhang et al., Dive into Deep Learning, linear regression from scratch (2023).
public func syntheticLinearData(
    weight: Tensor, bias: Double, count: Int, noise: Double = 0.01
) -> (features: Tensor, labels: Tensor) {
    guard weight.rank == 1 else { failure("syntheticLinearData: weight must be a vector [d], got \(weight.shape)") }
    return withoutGradients {
        let features = Tensor.normal([count, weight.count])
        let exact = features.matmul(weight.cast(to: .float32).reshaped([weight.count, 1])) + bias
        return (features, exact + Tensor.normal([count, 1], mean: 0, standardDeviation: noise))
    }
}
