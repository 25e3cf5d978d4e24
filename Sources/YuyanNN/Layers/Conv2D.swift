import YuyanCore

/// A 2-D convolution: y[n,o,i,j] = b[o] + Σ w[o,c,u,v] · x[n,c, i·s + u·d − p, j·s + v·d − p].
///
/// Input `[N, inputChannels, H, W]`, output `[N, outputChannels, H', W']`, H' = ⌊(H + 2p − d(k − 1) − 1) / s⌋ + 1, or
/// ⌈H/s⌉ with the padding `.same`;
/// weight `[outputChannels, inputChannels/groups, kH, kW]`, bias `[outputChannels]`, both U(±1/√fanIn) at first.
/// Traps in `forward` if the channels differ, the kernel does not fit, or the input's element type is not the weight's.
public final class Conv2D: Layer {
    /// The kernels, `[outputChannels, inputChannels/groups, kH, kW]`.
    public let weight: Parameter
    /// What is added to each output channel, `[outputChannels]`; nil for nothing.
    @exclusivity(unchecked) public internal(set) final var bias: Parameter?
    /// How far the window moves.
    public let stride: Size2D
    /// Zeros around the input, on each side; with `.same` there may be one row and one column more at the end, and with a
    /// stride above 1 fewer, as the input's size needs.
    public let padding: Size2D
    /// How far apart the elements of the window lie.
    public let dilation: Size2D
    /// Groups of channels that do not see each other.
    public let groups: Int
    private let geometry: ConvolutionGeometry
    private let isSame: Bool

    /// Traps unless all counts are above 0, the padding 0 or more, and `groups` divides both numbers of channels.
    public convenience init(
        inputChannels: Int, outputChannels: Int, kernelSize: Size2D, stride: Size2D = 1, padding: Size2D = 0,
        dilation: Size2D = 1, groups: Int = 1, hasBias: Bool = true
    ) {
        self.init(
            inputChannels, outputChannels, kernelSize, hasBias,
            ConvolutionGeometry(
                stride: stride.lanes, padding: padding.lanes, dilation: dilation.lanes, groups: Int32(groups)))
    }

    /// A layer whose output is as large as its input, or smaller by the stride alone; see `ConvolutionPadding.same`.
    ///
    /// Traps unless all counts are above 0 and `groups` divides both numbers of channels.
    public convenience init(
        inputChannels: Int, outputChannels: Int, kernelSize: Size2D, stride: Size2D = 1, padding: ConvolutionPadding,
        dilation: Size2D = 1, groups: Int = 1, hasBias: Bool = true
    ) {
        self.init(
            inputChannels, outputChannels, kernelSize, hasBias,
            ConvolutionGeometry(
                sameFor: kernelSize.lanes, stride: stride.lanes, dilation: dilation.lanes, groups: groups),
            isSame: true)
    }

    private init(
        _ inputChannels: Int, _ outputChannels: Int, _ kernelSize: Size2D, _ hasBias: Bool,
        _ geometry: ConvolutionGeometry, isSame: Bool = false
    ) {
        checkConvolution("Conv2D", inputChannels, outputChannels, kernelSize, geometry)
        let groups = Int(geometry.groups)
        let fanIn = inputChannels / groups * kernelSize.height * kernelSize.width
        let initializer = Initializer.standard(fanIn: fanIn)
        weight = Parameter(
            initializer.tensor([outputChannels, inputChannels / groups, kernelSize.height, kernelSize.width]))
        bias = hasBias ? Parameter(initializer.tensor([outputChannels])) : nil
        stride = Size2D(lanes: geometry.stride)
        padding = Size2D(lanes: geometry.padding)
        dilation = Size2D(lanes: geometry.dilation)
        self.groups = groups
        self.geometry = geometry
        self.isSame = isSame
    }

    public override func forward(_ input: Tensor) -> Tensor {
        conv2D(input, weight: weight, bias: bias, geometry(for: input.shape), activation: nil)
    }

    package override func forward(_ input: Tensor, fusing activation: UnaryOperation) -> Tensor? {
        conv2D(input, weight: weight, bias: bias, geometry(for: input.shape), activation: activation)
    }

    /// Only `.same` with a stride depends on the input.
    private func geometry(for input: Shape) -> ConvolutionGeometry {
        guard isSame, stride != 1, input.rank == 4 else { return geometry }
        return ConvolutionGeometry(
            sameFor: [Int32(weight.shape[2]), Int32(weight.shape[3])], of: [Int32(input[2]), Int32(input[3])],
            stride: geometry.stride, dilation: geometry.dilation, groups: groups)
    }

    public override var details: String {
        let shape = weight.shape
        var text = "Conv2D(inputChannels: \(shape[1] * groups), outputChannels: \(shape[0]), "
        text += "kernelSize: \(Size2D(height: shape[2], width: shape[3]))"
        if stride != 1 { text += ", stride: \(stride)" }
        if isSame { text += ", padding: .same" } else if padding != 0 { text += ", padding: \(padding)" }
        if dilation != 1 { text += ", dilation: \(dilation)" }
        if groups != 1 { text += ", groups: \(groups)" }
        if bias == nil { text += ", hasBias: false" }
        return text + foldingText + ")"
    }
}

/// Traps unless a layer can have these sizes.
func checkConvolution(
    _ name: String, _ inputChannels: Int, _ outputChannels: Int, _ kernelSize: Size2D, _ geometry: ConvolutionGeometry
) {
    let groups = Int(geometry.groups)
    guard min(inputChannels, outputChannels, kernelSize.height, kernelSize.width, groups) > 0,
        inputChannels % groups == 0, outputChannels % groups == 0
    else {
        failure(
            """
            \(name): channels, kernelSize and groups must be above 0, and groups divide the channels
              inputChannels = \(inputChannels), outputChannels = \(outputChannels), \
            kernelSize = \(kernelSize), groups = \(groups)
            """)
    }
    let (stride, dilation) = (Size2D(lanes: geometry.stride), Size2D(lanes: geometry.dilation))
    guard min(stride.height, stride.width, dilation.height, dilation.width) > 0, geometry.padding.min() >= 0 else {
        failure(
            """
            \(name): stride and dilation must be above 0, padding 0 or more
              stride = \(stride), padding = \(Size2D(lanes: geometry.padding)), dilation = \(dilation)
            """)
    }
}
