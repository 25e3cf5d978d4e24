import YuyanCore

/// A 2-D convolution: y[n,o,i,j] = b[o] + Σ w[o,c,u,v] · x[n,c, i·s + u·d − p, j·s + v·d − p].
///
/// Input `[N, inputChannels, H, W]`, output `[N, outputChannels, H', W']`, H' = ⌊(H + 2p − d(k − 1) − 1) / s⌋ + 1;
/// weight `[outputChannels, inputChannels/groups, kH, kW]`, bias `[outputChannels]`, both U(±1/√fanIn) at first.
/// Traps in `forward` if the channels differ, the kernel does not fit, or the input's element type is not the weight's.
public final class Conv2D: Layer {
    /// The kernels, `[outputChannels, inputChannels/groups, kH, kW]`.
    public let weight: Parameter
    /// What is added to each output channel, `[outputChannels]`; nil for nothing.
    public let bias: Parameter?
    /// How far the window moves.
    public let stride: Size2D
    /// Zeros around the input, on each side.
    public let padding: Size2D
    /// How far apart the elements of the window lie.
    public let dilation: Size2D
    /// Groups of channels that do not see each other.
    public let groups: Int

    /// Traps unless all counts are above 0 and `groups` divides both numbers of channels.
    public init(
        inputChannels: Int, outputChannels: Int, kernelSize: Size2D, stride: Size2D = 1, padding: Size2D = 0,
        dilation: Size2D = 1, groups: Int = 1, hasBias: Bool = true
    ) {
        guard min(inputChannels, outputChannels, kernelSize.height, kernelSize.width, groups) > 0,
            inputChannels % groups == 0, outputChannels % groups == 0
        else {
            failure(
                """
                Conv2D: channels, kernelSize and groups must be above 0, and groups divide the channels
                  inputChannels = \(inputChannels), outputChannels = \(outputChannels), \
                kernelSize = \(kernelSize), groups = \(groups)
                """)
        }
        let fanIn = inputChannels / groups * kernelSize.height * kernelSize.width
        let initializer = Initializer.standard(fanIn: fanIn)
        weight = Parameter(
            initializer.tensor([outputChannels, inputChannels / groups, kernelSize.height, kernelSize.width]))
        bias = hasBias ? Parameter(initializer.tensor([outputChannels])) : nil
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
    }

    public override func forward(_ input: Tensor) -> Tensor {
        conv2D(
            input, weight: weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
    }

    package override func forward(_ input: Tensor, fusing activation: UnaryOperation) -> Tensor? {
        let geometry = ConvolutionGeometry(
            stride: stride.lanes, padding: padding.lanes, dilation: dilation.lanes, groups: Int32(groups))
        return conv2D(input, weight: weight, bias: bias, geometry, activation: activation)
    }

    public override var details: String {
        let shape = weight.shape
        var text = "Conv2D(inputChannels: \(shape[1] * groups), outputChannels: \(shape[0]), "
        text += "kernelSize: \(Size2D(height: shape[2], width: shape[3]))"
        if stride != 1 { text += ", stride: \(stride)" }
        if padding != 0 { text += ", padding: \(padding)" }
        if dilation != 1 { text += ", dilation: \(dilation)" }
        if groups != 1 { text += ", groups: \(groups)" }
        return text + ")"
    }
}
