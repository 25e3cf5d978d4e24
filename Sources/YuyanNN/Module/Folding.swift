import YuyanCore

/// What an inference copy has made of a layer. Paths are those in the copy.
enum Folding {
    /// It computes a batch normalisation, too.
    case holds(_ norm: String)
    /// Another layer computes it, and it gives its input.
    case isIn(_ layer: String)
}

extension Layer {
    /// Whether a sequence may leave the layer out.
    final var isFoldedAway: Bool {
        if case .isIn = folding { hooks == nil } else { false }
    }

    /// relu(norm(self(input))), in one pass where the normalisation is folded into this layer.
    package final func relu(of input: Tensor, normalizedBy norm: BatchNorm) -> Tensor {
        if norm.isFoldedAway, hooks == nil {
            let result = ModulePath.within(self) { forward(input, fusing: .relu) }
            if let result { return result }
        }
        return norm(self(input)).relu()
    }

    /// What `details` says of it.
    final var foldingText: String {
        switch folding {
        case .holds(let norm): ", folded: \(norm)"
        case .isIn(let layer): ", foldedInto: \(layer)"
        case nil: ""
        }
    }
}

extension Module {
    /// The layers among these that have others folded into them.
    final func namesOfFolded(_ modules: [(name: String, module: Module)]) -> [String] {
        modules.compactMap { name, module in
            if case .holds = (module as? Layer)?.folding { name } else { nil }
        }
    }

    final func refuseFolded(_ modules: [(name: String, module: Module)]) {
        guard let name = namesOfFolded(modules).first else { return }
        failure(
            """
            train: an inference copy with folded normalisations cannot be trained
              train the network itself, and copy it anew; \(name) is the first that holds one
            """)
    }
}

/// A layer that can scale and shift the channels of its result by its own numbers.
protocol ChannelScaling: Layer {
    var weight: Parameter { get }
    var bias: Parameter? { get set }

    /// `weight` with the part that makes each channel multiplied by that of `scale`, `[channels]`.
    func multiplied(_ weight: Tensor, by scale: Tensor) -> Tensor
}

extension ChannelScaling {
    /// The first axis is that of the channels.
    func multiplied(_ weight: Tensor, by scale: Tensor) -> Tensor {
        weight * scale.reshaped([-1] + [Int](repeating: 1, count: weight.rank - 1))
    }
}

extension Linear: ChannelScaling {}
extension Conv1D: ChannelScaling {}
extension Conv2D: ChannelScaling {}
extension ConvTranspose2D: ChannelScaling {
    /// The channels of each group lie along the second axis.
    func multiplied(_ weight: Tensor, by scale: Tensor) -> Tensor {
        let shape = weight.shape
        let grouped = weight.reshaped([groups, shape[0] / groups, shape[1], shape[2], shape[3]])
        return (grouped * scale.reshaped([groups, 1, shape[1], 1, 1])).reshaped(Array(shape))
    }
}

/// A layer and the batch normalisation of its result.
struct FoldablePair {
    let layer: any ChannelScaling
    let layerName: String
    let norm: BatchNorm
    let normName: String
    private let weight: Tensor
    private let bias: Parameter?

    init(_ layer: any ChannelScaling, _ layerName: String, _ norm: BatchNorm, _ normName: String) {
        self.layer = layer
        self.layerName = layerName
        self.norm = norm
        self.normName = normName
        weight = layer.weight.value
        bias = layer.bias
    }

    /// weight · s and (bias − μ) · s + offset with s = scale / √(σ² + ε), computed in float64.
    func fold() {
        func wide(_ x: Tensor) -> Tensor { x.cast(to: .float64) }
        withoutGradients {
            let deviation = (wide(norm.runningVariance.value) + norm.epsilon).squareRoot()
            let scale = norm.weight.map { wide($0.value) / deviation } ?? 1 / deviation
            let mean = wide(norm.runningMean.value)
            let shift = (bias.map { wide($0.value) - mean } ?? -mean) * scale
            let sum = norm.bias.map { shift + wide($0.value) } ?? shift
            layer.weight.value = layer.multiplied(wide(weight), by: scale).cast(to: weight.dtype)
            layer.bias = Parameter(sum.cast(to: weight.dtype))
        }
        layer.folding = .holds(normName)
        norm.folding = .isIn(layerName)
    }

    func unfold() {
        layer.weight.value = weight
        layer.bias = bias
        layer.folding = nil
        norm.folding = nil
    }
}
