import YuyanCore

/// Shortens the gradients of all parameters together to a norm of at most `maximumNorm`: g ← g · min(1, maximum / ‖g‖),
/// where ‖g‖ is the square root of the sum of the squares of all their elements.
///
/// Call it between `backward()` and `step()`. Infinite or undefined gradients become undefined (NaN).
///
/// - Returns: the norm before, a scalar; 0 if there is no gradient.
///
/// Traps unless `maximumNorm` is above 0. Source: Pascanu et al., On the difficulty of training recurrent neural
/// networks (2013); d2l chapter 9.
@discardableResult
public func clipGradients(of parameters: [Parameter], maximumNorm: Double) -> Tensor {
    guard maximumNorm > 0 else { failure("clipGradients: maximumNorm is \(maximumNorm), it must be above 0") }
    return withoutGradients {
        let gradients = parameters.compactMap(\.gradient)
        guard let first = gradients.first else { return Tensor.zeros([]) }
        // The norm of the norms: no square overflows or vanishes.
        let norm = stack(gradients.map { $0.norm().cast(to: first.dtype) }).norm()
        let factor = minimum(maximumNorm / norm, 1)
        for parameter in parameters {
            guard let gradient = parameter.gradient else { continue }
            parameter.gradient = gradient * factor.cast(to: gradient.dtype)
        }
        return norm
    }
}

/// Moves each element of the gradients into −maximumValue ... maximumValue.
///
/// Call it between `backward()` and `step()`. Traps unless `maximumValue` is above 0.
public func clipGradients(of parameters: [Parameter], maximumValue: Double) {
    guard maximumValue > 0 else { failure("clipGradients: maximumValue is \(maximumValue), it must be above 0") }
    withoutGradients {
        for parameter in parameters {
            if let gradient = parameter.gradient {
                parameter.gradient = gradient.clamped(to: -maximumValue...maximumValue)
            }
        }
    }
}
