import Foundation
import YuyanCore

/// A way to draw the first values of a parameter.
///
///     net.apply { module in
///         if let layer = module as? Linear { layer.weight.initialize(.xavierUniform()) }
///     }
///
/// Fans of a weight `[out, in, …]`: fanIn = in × the kernel's elements, fanOut = out × the kernel's elements.
public struct Initializer: Sendable {
    private let make: @Sendable (Shape, DType, Device) -> Tensor

    /// - Parameter make: the tensor for a shape, an element type and a device, which must have these.
    public init(_ make: @escaping @Sendable (_ shape: Shape, _ dtype: DType, _ device: Device) -> Tensor) {
        self.make = make
    }

    /// A tensor drawn in this way. Traps if an initializer of your own gives another shape, element type or device.
    public func tensor(_ shape: Shape, dtype: DType = .float32, device: Device = .current) -> Tensor {
        let tensor = make(shape, dtype, device)
        guard tensor.shape == shape, tensor.dtype == dtype, tensor.device == device else {
            failure(
                """
                Initializer: it must give what it is asked for
                  asked for: \(dtype) \(shape) on \(device)
                  it gave:   \(tensor.dtype) \(tensor.shape) on \(tensor.device)
                """)
        }
        return tensor
    }

    /// All 0.
    public static let zeros = constant(0)
    /// All 1.
    public static let ones = constant(1)

    /// All elements `value`.
    public static func constant(_ value: Double) -> Initializer {
        Initializer { .full($0, value, dtype: $1, device: $2) }
    }

    /// U[lower, upper).
    public static func uniform(_ range: Range<Double> = 0..<1) -> Initializer {
        Initializer { .uniform($0, in: range, dtype: $1, device: $2) }
    }

    /// N(mean, standardDeviation²).
    public static func normal(mean: Double = 0, standardDeviation: Double = 1) -> Initializer {
        Initializer { .normal($0, mean: mean, standardDeviation: standardDeviation, dtype: $1, device: $2) }
    }

    /// U(±gain · √(6 / (fanIn + fanOut))): keeps the variance of values and of gradients from layer to layer.
    /// Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks (2010).
    public static func xavierUniform(gain: Double = 1) -> Initializer {
        Initializer { shape, dtype, device in
            let fans = Fans(shape, "xavierUniform")
            return symmetric(shape, gain * (6 / (fans.in + fans.out)).squareRoot(), dtype, device)
        }
    }

    /// N(0, gain² · 2 / (fanIn + fanOut)).
    public static func xavierNormal(gain: Double = 1) -> Initializer {
        Initializer { shape, dtype, device in
            let fans = Fans(shape, "xavierNormal")
            let deviation = gain * (2 / (fans.in + fans.out)).squareRoot()
            return .normal(shape, standardDeviation: deviation, dtype: dtype, device: device)
        }
    }

    /// U(±√(6 / ((1 + a²) · fanIn))) for a leaky ReLU of slope a below zero: 0 for a ReLU.
    /// Source: He et al., Delving deep into rectifiers (2015).
    public static func kaimingUniform(negativeSlope: Double = 0) -> Initializer {
        Initializer { shape, dtype, device in
            let fans = Fans(shape, "kaimingUniform")
            let bound = (6 / ((1 + negativeSlope * negativeSlope) * fans.in)).squareRoot()
            return symmetric(shape, bound, dtype, device)
        }
    }

    /// N(0, 2 / ((1 + a²) · fanIn)).
    public static func kaimingNormal(negativeSlope: Double = 0) -> Initializer {
        Initializer { shape, dtype, device in
            let fans = Fans(shape, "kaimingNormal")
            let deviation = (2 / ((1 + negativeSlope * negativeSlope) * fans.in)).squareRoot()
            return .normal(shape, standardDeviation: deviation, dtype: dtype, device: device)
        }
    }

    /// U(±1 / √fanIn): what PyTorch gives weights and biases of layers that are not initialized otherwise.
    static func standard(fanIn: Int) -> Initializer {
        Initializer { symmetric($0, 1 / Double(max(fanIn, 1)).squareRoot(), $1, $2) }
    }

    private static func symmetric(_ shape: Shape, _ bound: Double, _ dtype: DType, _ device: Device) -> Tensor {
        .uniform(shape, in: -bound..<bound, dtype: dtype, device: device)
    }
}

private struct Fans {
    let `in`: Double
    let out: Double

    init(_ shape: Shape, _ name: String) {
        guard shape.rank >= 2 else {
            failure("\(name): shape \(shape) has no fans; a weight is [out, in, …]")
        }
        let kernel = shape.dropFirst(2).reduce(1, *)
        `in` = Double(shape[1] * kernel)
        out = Double(shape[0] * kernel)
    }
}

extension Parameter {
    /// Draws a new value of the same shape, element type and device.
    public func initialize(_ initializer: Initializer) {
        value = initializer.tensor(shape, dtype: dtype, device: value.device)
    }
}
