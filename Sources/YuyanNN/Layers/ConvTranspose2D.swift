import YuyanCore

/// A transposed 2-D convolution: it makes images larger where a convolution with the same numbers makes them smaller.
///
/// y[n,o, i·s + u·d − p, j·s + v·d − p] = b[o] + Σ w[c,o,u,v] · x[n,c,i,j], summed over what meets there.
///
/// Input `[N, inputChannels, H, W]`, output `[N, outputChannels, H', W']`, H' = (H − 1)s − 2p + d(k − 1) + e + 1 with the
/// output padding e; weight `[inputChannels, outputChannels/groups, kH, kW]`, bias `[outputChannels]`, both U(±1/√fanIn) at
/// first with fanIn = outputChannels/groups · kH · kW, as PyTorch counts it. Traps in `forward` if the channels differ,
/// nothing is left of the output, or the input's element type is not the weight's. Source: d2l chapter 14.10.
public final class ConvTranspose2D: Layer {
    /// The kernels, `[inputChannels, outputChannels/groups, kH, kW]`.
    public let weight: Parameter
    /// What is added to each output channel, `[outputChannels]`; nil for nothing.
    @exclusivity(unchecked) public internal(set) final var bias: Parameter?
    /// How far apart the kernels of neighbouring elements lie in the output.
    public let stride: Size2D
    /// What is cut off the output, on each side.
    public let padding: Size2D
    /// What the output gets more at its end.
    public let outputPadding: Size2D
    /// How far apart the elements of a kernel lie.
    public let dilation: Size2D
    /// Groups of channels that do not see each other.
    public let groups: Int

    /// Traps unless all counts are above 0, the paddings 0 or more, the output padding below the stride, and `groups`
    /// divides both numbers of channels.
    public init(
        inputChannels: Int, outputChannels: Int, kernelSize: Size2D, stride: Size2D = 1, padding: Size2D = 0,
        outputPadding: Size2D = 0, dilation: Size2D = 1, groups: Int = 1, hasBias: Bool = true
    ) {
        checkConvolution(
            "ConvTranspose2D", inputChannels, outputChannels, kernelSize,
            ConvolutionGeometry(
                stride: stride.lanes, padding: padding.lanes, dilation: dilation.lanes, groups: Int32(groups)))
        guard (0..<stride.height).contains(outputPadding.height), (0..<stride.width).contains(outputPadding.width)
        else {
            failure(
                """
                ConvTranspose2D: outputPadding must be 0 or more, and below the stride
                  outputPadding = \(outputPadding), stride = \(stride)
                """)
        }
        let channels = outputChannels / groups
        let initializer = Initializer.standard(fanIn: channels * kernelSize.height * kernelSize.width)
        weight = Parameter(initializer.tensor([inputChannels, channels, kernelSize.height, kernelSize.width]))
        bias = hasBias ? Parameter(initializer.tensor([outputChannels])) : nil
        self.stride = stride
        self.padding = padding
        self.outputPadding = outputPadding
        self.dilation = dilation
        self.groups = groups
    }

    public override func forward(_ input: Tensor) -> Tensor {
        convTranspose2D(
            input, weight: weight, bias: bias, stride: stride, padding: padding, outputPadding: outputPadding,
            dilation: dilation, groups: groups)
    }

    public override var details: String {
        let shape = weight.shape
        var text = "ConvTranspose2D(inputChannels: \(shape[0]), outputChannels: \(shape[1] * groups), "
        text += "kernelSize: \(Size2D(height: shape[2], width: shape[3]))"
        if stride != 1 { text += ", stride: \(stride)" }
        if padding != 0 { text += ", padding: \(padding)" }
        if outputPadding != 0 { text += ", outputPadding: \(outputPadding)" }
        if dilation != 1 { text += ", dilation: \(dilation)" }
        if groups != 1 { text += ", groups: \(groups)" }
        if bias == nil { text += ", hasBias: false" }
        return text + foldingText + ")"
    }
}
