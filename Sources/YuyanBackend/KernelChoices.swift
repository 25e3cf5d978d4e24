import Synchronization

/// Which of two implementations computes each convolution of 3×3 or 5×5 with stride 1: the direct one, or Winograd's,
/// which multiplies less.
///
/// The two differ in the last bits of their results. At first the `cpu` device follows a rule, by the convolution's sizes
/// alone, so that a training repeats bit for bit. With `KernelTuning.isEnabled` it times both instead, once for each size
/// and pass (forward, input gradient, weight gradient), and takes the faster one: a few per cent faster here and there,
/// and not the same in each process. Store `current` beside the weights then, and `restore(_:)` it before resuming.
///
/// Encodes as a plain dictionary, such as
/// `{"forward [16, 64, 56, 56] * [64, 64, 3, 3] padding 1x1": "winograd"}`.
///
/// Source: Lavin and Gray, Fast algorithms for convolutional neural networks (2016).
public struct KernelChoices: Sendable, Equatable {
    /// An implementation of a convolution.
    public enum Kernel: String, Sendable, Codable {
        /// The sum over the window, term by term.
        case direct
        /// Winograd's transformation, with fewer products: F(4×4, 3×3) or F(2×2, 5×5). Its rounding errors are about seven
        /// times those of the direct one, 1.5·10⁻⁶ of the results (root mean square); a NaN or an infinity in an input
        /// reaches all of the 16 or 4 results computed together.
        case winograd
    }

    /// The kernel for each convolution, which is named by its pass and sizes.
    public var kernels: [String: Kernel]

    /// These choices; none at first.
    public init(kernels: [String: Kernel] = [:]) { self.kernels = kernels }

    /// The choices that tuning has made in this process, and those restored; none without tuning.
    public static var current: KernelChoices { chosen.withLock { KernelChoices(kernels: $0.kernels) } }

    /// Forgets the choices so far and makes these instead. Convolutions that are not among them follow the rule, or are
    /// timed when they first run. Where there are no Winograd kernels (processors without AVX2), all are direct.
    public static func restore(_ choices: KernelChoices) {
        chosen.withLock {
            $0.kernels = choices.kernels
            $0.known.removeAll()
        }
    }
}

extension KernelChoices: Codable {
    public init(from decoder: any Decoder) throws {
        kernels = try decoder.singleValueContainer().decode([String: Kernel].self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(kernels)
    }
}

/// Whether kernels are chosen by timing them.
public enum KernelTuning {
    /// True if convolutions are timed when they first run; false, at first, if a rule chooses.
    public static var isEnabled: Bool {
        get { chosen.withLock { $0.isTuning } }
        set { chosen.withLock { $0.isTuning = newValue } }
    }
}

private struct Choices {
    var isTuning = false
    var kernels: [String: KernelChoices.Kernel] = [:]
    /// The same by the convolution itself, for those that have run.
    var known: [TunedConvolution: KernelChoices.Kernel] = [:]
}

private let chosen = Mutex(Choices())

/// A pass of a convolution with stride and dilation 1 and one group.
struct TunedConvolution: Hashable {
    enum Pass: String {
        case forward
        case inputGradient = "input gradient"
        case weightGradient = "weight gradient"
    }

    var pass: Pass
    var input, weight: Shape
    var padding: SIMD2<Int32>
    var hasBias: Bool
    var dtype: DType

    var name: String {
        let type = dtype == .float32 ? "" : " of \(dtype)"
        return "\(pass.rawValue) \(input) * \(weight) padding \(padding.x)x\(padding.y)\(hasBias ? " with bias" : "")"
            + type
    }

    /// The kernel chosen before; else that of the rule, or the one that `choose` finds if kernels are tuned.
    func kernel(rule: KernelChoices.Kernel, choose: () -> KernelChoices.Kernel) -> KernelChoices.Kernel {
        let known: KernelChoices.Kernel? = chosen.withLock {
            if $0.kernels.isEmpty { return $0.isTuning ? nil : rule }
            if let kernel = $0.known[self] { return kernel }
            guard let kernel = $0.kernels[name] else { return $0.isTuning ? nil : rule }
            $0.known[self] = kernel
            return kernel
        }
        if let known { return known }
        let kernel = choose()
        chosen.withLock {
            $0.kernels[name] = kernel
            $0.known[self] = kernel
        }
        return kernel
    }
}
