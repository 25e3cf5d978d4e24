/// Stride, zero padding, dilation and groups of a 2-D convolution; pairs are (height, width).
package struct ConvolutionGeometry: Sendable, Hashable {
    package var stride: SIMD2<Int32>
    /// Before the first element, and after the last.
    package var padding: SIMD2<Int32>
    /// More of it after the last. Backends need not look: the shape of the output says it.
    package var extraPadding: SIMD2<Int32>
    package var dilation: SIMD2<Int32>
    package var groups: Int32

    package init(
        stride: SIMD2<Int32> = [1, 1], padding: SIMD2<Int32> = [0, 0], extraPadding: SIMD2<Int32> = [0, 0],
        dilation: SIMD2<Int32> = [1, 1], groups: Int32 = 1
    ) {
        self.stride = stride
        self.padding = padding
        self.extraPadding = extraPadding
        self.dilation = dilation
        self.groups = groups
    }
}

/// The windows of a 2-D pooling; pairs are (height, width). An average divides by the number of elements of `size`, wherever
/// the window lies.
package struct PoolingGeometry: Sendable, Hashable {
    package var size: SIMD2<Int32>
    package var stride: SIMD2<Int32>
    package var padding: SIMD2<Int32>
    /// How far apart the elements of a window lie.
    package var dilation: SIMD2<Int32>
    /// Whether a last window may reach beyond the padding. Backends need not look: the shape of the output says it.
    package var roundsUp: Bool
    /// How many windows there are, if they share the input out evenly: window i of n covers ⌊i · m / n⌋ ..< ⌈(i + 1) · m / n⌉
    /// of m elements. Then stride, padding and dilation mean nothing, and an average is still divided by `size`.
    package var windowCount: SIMD2<Int32>?

    package init(
        size: SIMD2<Int32>, stride: SIMD2<Int32>, padding: SIMD2<Int32> = [0, 0], dilation: SIMD2<Int32> = [1, 1],
        roundsUp: Bool = false
    ) {
        self.size = size
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.roundsUp = roundsUp
    }

    /// Windows that share the input out evenly; an average of them is the sum.
    package init(windowCount: SIMD2<Int32>) {
        self.init(size: [1, 1], stride: [1, 1])
        self.windowCount = windowCount
    }
}
