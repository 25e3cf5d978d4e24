import YuyanBackend

/// A gradient that differs from the slope of the function.
public struct GradientCheckError: Error, Sendable, CustomStringConvertible {
    /// Which input, and the position in it in row-major order.
    public let input: Int
    /// The element's place, row by row.
    public let position: Int
    /// What the backward pass gave.
    public let analytic: Double
    /// What central differences gave.
    public let numeric: Double

    public var description: String {
        "gradient check: input \(input), element \(position): backward gives \(analytic), differences give \(numeric)"
    }
}

/// Compares the gradients of `function` with central differences, (f(x + h) − f(x − h)) / 2h, in `float64`.
///
/// The inputs are cast to `float64`; integer and bool inputs are passed on and not checked. A result of more than one
/// element is weighted with fixed numbers and summed, so that each element counts differently.
///
/// - Parameters:
///   - step: h. The error of the differences falls with h² until rounding takes over near 1e-6.
///   - tolerance: the difference allowed, relative to the larger magnitude where that is above 1.
///   - order: 2 checks the gradients of the gradients as well.
/// - Throws: `GradientCheckError` for the first element that differs.
public func checkGradients(
    of function: ([Tensor]) -> Tensor, at inputs: [Tensor], step: Double = 1e-5, tolerance: Double = 1e-6,
    order: Int = 1
) throws(GradientCheckError) {
    let inputs = inputs.map { $0.dtype.isFloatingPoint ? $0.detached().cast(to: .float64) : $0.detached() }
    try checkOnce(of: function, at: inputs, step: step, tolerance: tolerance)
    guard order > 1 else { return }
    let differentiable = inputs.indices.filter { inputs[$0].dtype.isFloatingPoint }
    for index in differentiable {
        let slope: ([Tensor]) -> Tensor = {
            gradients(of: { weighted(function($0)) }, at: $0, recordGraph: true)[index]
        }
        try checkOnce(of: slope, at: inputs, step: step, tolerance: tolerance)
    }
}

private func checkOnce(
    of function: ([Tensor]) -> Tensor, at inputs: [Tensor], step: Double, tolerance: Double
) throws(GradientCheckError) {
    let analytic = gradients(of: { weighted(function($0)) }, at: inputs)
    for (index, input) in inputs.enumerated() where input.dtype.isFloatingPoint {
        let center = input.array(of: Double.self)
        let slopes = analytic[index].array(of: Double.self)
        for position in center.indices {
            func value(_ offset: Double) -> Double {
                var moved = center
                moved[position] += offset
                var arguments = inputs
                arguments[index] = Tensor(moved, shape: input.shape, dtype: .float64, device: input.device)
                return weighted(function(arguments)).item()
            }
            let numeric = (value(step) - value(-step)) / (2 * step)
            let scale = Swift.max(Swift.abs(numeric), Swift.abs(slopes[position]), 1)
            // Written so that NaN fails.
            guard Swift.abs(numeric - slopes[position]) <= tolerance * scale else {
                throw GradientCheckError(input: index, position: position, analytic: slopes[position], numeric: numeric)
            }
        }
    }
}

/// One number that depends on every element in its own way: Σ (0.5 + i mod 7 / 7) · yᵢ.
private func weighted(_ y: Tensor) -> Tensor {
    let weights = (0..<y.elementCount).map { 0.5 + Double($0 % 7) / 7 }
    return (y * Tensor(weights, shape: y.shape, dtype: .float64, device: y.device)).sum()
}
