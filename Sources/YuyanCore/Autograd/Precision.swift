import YuyanBackend
import YuyanKernels

/// The element type that layers compute with, from float32 parameters.
///
///     try Precision.bfloat16.check(on: .current)
///     withPrecision(.bfloat16) {
///         let loss = crossEntropy(net(images), labels)    // products and activations in bfloat16
///         loss.backward()                                 // gradients arrive as float32
///         optimizer.step()                                // the parameters stay float32
///     }
public enum Precision: String, Sendable, Hashable, CaseIterable, Codable {
    /// All in float32, as without it.
    case float32
    /// Products, convolutions and what lies between them in bfloat16; parameters, their gradients, the optimizer and the
    /// loss in float32. Each parameter keeps a copy of itself in bfloat16, which the optimizer's step refreshes.
    ///
    /// Source: Micikevicius et al., Mixed precision training (2018); Kalamkar et al., A study of BFLOAT16 for deep learning
    /// training (2019).
    case bfloat16

    /// The precision with which layers compute here; see `withPrecision(_:_:)`.
    public static var current: Precision {
        yuyan_may_reduce_precision() ? ExecutionContext.current.precision : .float32
    }

    /// Throws unless the device computes with this type at full speed. It computes rightly in any case, by way of float32.
    public func check(on device: Device) throws(PrecisionError) {
        if self == .float32 || device.hasNativeBFloat16 { return }
        throw PrecisionError(precision: self, device: device)
    }
}

/// A processor without instructions for a precision.
public struct PrecisionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was asked for.
    public let precision: Precision
    /// Where.
    public let device: Device

    public var description: String {
        device == .reference
            ? "\(precision.rawValue) gains nothing on the device reference, which computes in float32 for it"
            : "\(precision.rawValue) needs a processor with the instructions AVX512_BF16, which this one lacks"
    }
}

/// Runs `body` with layers that compute with another element type.
///
/// Parameters are read as bfloat16, and float32 operands of matrix products, linear layers and convolutions are converted; a
/// loss converts its operands back to float32. Normalisations read their parameters and keep their statistics as float32;
/// `layerNorm` and `groupNorm` compute in it.
public func withPrecision<Result>(_ precision: Precision, _ body: () throws -> Result) rethrows -> Result {
    if precision != .float32 { yuyan_note_reduced_precision() }
    return try ExecutionContext.with(precision: precision, body)
}

extension TensorConvertible {
    /// What layers do not reduce: a parameter as it is, and a tensor as float32 again.
    @inline(__always)
    func inFullPrecision() -> Tensor { yuyan_may_reduce_precision() ? full() : tensor }

    @inline(never)
    private func full() -> Tensor { (self as? Parameter)?.unrounded ?? tensor.outOfPrecision() }
}

extension Tensor {
    /// The operand of a product: a float32 one in the precision of the context.
    @inline(__always)
    func inPrecision() -> Tensor { yuyan_may_reduce_precision() ? reduced() : self }

    @inline(never)
    private func reduced() -> Tensor {
        ExecutionContext.current.precision == .bfloat16 && dtype == .float32 ? cast(to: .bfloat16) : self
    }

    /// What several operations make of the tensor, in float32 if it is bfloat16: they round once, not each.
    func computedWide(_ body: (Tensor) -> Tensor) -> Tensor {
        dtype == .bfloat16 ? body(cast(to: .float32)).cast(to: .bfloat16) : body(self)
    }

    /// The operand of a loss: what layers have reduced, as float32 again.
    @inline(__always)
    func outOfPrecision() -> Tensor { yuyan_may_reduce_precision() ? widened() : self }

    @inline(never)
    private func widened() -> Tensor {
        ExecutionContext.current.precision == .bfloat16 && dtype == .bfloat16 ? cast(to: .float32) : self
    }
}
