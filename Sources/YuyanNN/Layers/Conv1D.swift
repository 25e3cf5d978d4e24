import YuyanCore

/// A 1-D convolution, of sequences: y[n,o,i] = b[o] + Σ w[o,c,u] · x[n,c, i·s + u·d − p].
///
/// Input `[N, inputChannels, L]`, output `[N, outputChannels, L']`, L' = ⌊(L + 2p − d(k − 1) − 1) / s⌋ + 1, or ⌈L/s⌉ with
/// the padding `.same`; weight `[outputChannels, inputChannels/groups, k]`, bias `[outputChannels]`, both U(±1/√fanIn) at
/// first. Traps in `forward` if the channels differ, the kernel does not fit, or the input's element type is not the
/// weight's.
public final class Conv1D: Layer {
    /// The kernels, `[outputChannels, inputChannels/groups, k]`.
    public let weight: Parameter
    /// What is added to each output channel, `[outputChannels]`; nil for nothing.
    @exclusivity(unchecked) public internal(set) final var bias: Parameter?
    /// How far the window moves.
    public let stride: Int
    /// Zeros around the input, on each side; with `.same` there may be one more at the end, and with a stride above 1 fewer,
    /// as the input's length needs.
    public let padding: Int
    /// How far apart the elements of the window lie.
    public let dilation: Int
    /// Groups of channels that do not see each other.
    public let groups: Int
    private let isSame: Bool

    /// Traps unless all counts are above 0, the padding 0 or more, and `groups` divides both numbers of channels.
    public convenience init(
        inputChannels: Int, outputChannels: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
        groups: Int = 1, hasBias: Bool = true
    ) {
        self.init(
            inputChannels, outputChannels, kernelSize, hasBias,
            ConvolutionGeometry(
                stride: [1, Int32(stride)], padding: [0, Int32(padding)], dilation: [1, Int32(dilation)],
                groups: Int32(groups)))
    }

    /// A layer whose output is as long as its input, or shorter by the stride alone; see `ConvolutionPadding.same`.
    ///
    /// Traps unless all counts are above 0 and `groups` divides both numbers of channels.
    public convenience init(
        inputChannels: Int, outputChannels: Int, kernelSize: Int, stride: Int = 1, padding: ConvolutionPadding,
        dilation: Int = 1, groups: Int = 1, hasBias: Bool = true
    ) {
        self.init(
            inputChannels, outputChannels, kernelSize, hasBias,
            ConvolutionGeometry(
                sameFor: [1, Int32(kernelSize)], stride: [1, Int32(stride)], dilation: [1, Int32(dilation)],
                groups: groups), isSame: true)
    }

    private init(
        _ inputChannels: Int, _ outputChannels: Int, _ kernelSize: Int, _ hasBias: Bool,
        _ geometry: ConvolutionGeometry, isSame: Bool = false
    ) {
        checkConvolution("Conv1D", inputChannels, outputChannels, Size2D(kernelSize), geometry)
        let groups = Int(geometry.groups)
        let initializer = Initializer.standard(fanIn: inputChannels / groups * kernelSize)
        weight = Parameter(initializer.tensor([outputChannels, inputChannels / groups, kernelSize]))
        bias = hasBias ? Parameter(initializer.tensor([outputChannels])) : nil
        stride = Int(geometry.stride.y)
        padding = Int(geometry.padding.y)
        dilation = Int(geometry.dilation.y)
        self.groups = groups
        self.isSame = isSame
    }

    public override func forward(_ input: Tensor) -> Tensor {
        if isSame {
            return conv1D(
                input, weight: weight, bias: bias, stride: stride, padding: .same, dilation: dilation, groups: groups)
        }
        return conv1D(
            input, weight: weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
    }

    public override var details: String {
        let shape = weight.shape
        var text = "Conv1D(inputChannels: \(shape[1] * groups), outputChannels: \(shape[0]), kernelSize: \(shape[2])"
        if stride != 1 { text += ", stride: \(stride)" }
        if isSame { text += ", padding: .same" } else if padding != 0 { text += ", padding: \(padding)" }
        if dilation != 1 { text += ", dilation: \(dilation)" }
        if groups != 1 { text += ", groups: \(groups)" }
        if bias == nil { text += ", hasBias: false" }
        return text + foldingText + ")"
    }
}
