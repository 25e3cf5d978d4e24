import Synchronization

/// Which of two implementations computes each 3×3 convolution: the direct one, or Winograd's, which multiplies less.
///
/// The `cpu` device times both once for each size and pass (forward, input gradient, weight gradient) and keeps
/// Winograd's where it leads by 5% or more. The two differ in the last bits of their results, so that a run repeats
/// bit for bit only with the same choices: store `current` beside the weights, and `restore(_:)` it before resuming.
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
        /// Winograd's transformation, with fewer products.
        case winograd
    }

    /// The kernel for each convolution, which is named by its pass and sizes.
    public var kernels: [String: Kernel]

    /// These choices; none at first.
    public init(kernels: [String: Kernel] = [:]) { self.kernels = kernels }

    /// The choices of this process so far.
    public static var current: KernelChoices { chosen.withLock { KernelChoices(kernels: $0.kernels) } }

    /// Forgets the choices so far and makes these instead. Convolutions that are not among them are timed when they
    /// first run. Where the oneDNN in use has no Winograd kernels, all convolutions are direct.
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
    /// True if nothing is timed: all convolutions are direct, whatever has been chosen or restored. False at first.
    public static var isDeterministic: Bool {
        get { chosen.withLock { $0.isDeterministic } }
        set { chosen.withLock { $0.isDeterministic = newValue } }
    }
}

private struct Choices {
    var isDeterministic = false
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

    var name: String {
        "\(pass.rawValue) \(input) * \(weight) padding \(padding.x)x\(padding.y)\(hasBias ? " with bias" : "")"
    }

    /// The kernel chosen before, or the one that `choose` finds now.
    func kernel(choose: () -> KernelChoices.Kernel) -> KernelChoices.Kernel {
        let before: KernelChoices.Kernel? = chosen.withLock {
            if $0.isDeterministic { return .direct }
            if let kernel = $0.known[self] { return kernel }
            guard let kernel = $0.kernels[name] else { return nil }
            $0.known[self] = kernel
            return kernel
        }
        if let before { return before }
        let kernel = choose()
        chosen.withLock {
            $0.kernels[name] = kernel
            $0.known[self] = kernel
        }
        return kernel
    }
}
