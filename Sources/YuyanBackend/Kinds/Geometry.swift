/// Stride, zero padding on both sides, dilation and groups of a 2-D convolution; pairs are (height, width).
package struct ConvolutionGeometry: Sendable, Hashable {
    package var stride: SIMD2<Int32>
    package var padding: SIMD2<Int32>
    package var dilation: SIMD2<Int32>
    package var groups: Int32

    package init(
        stride: SIMD2<Int32> = [1, 1], padding: SIMD2<Int32> = [0, 0], dilation: SIMD2<Int32> = [1, 1],
        groups: Int32 = 1
    ) {
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
    }
}

/// Window size, stride and padding of a 2-D pooling; pairs are (height, width).
package struct PoolingGeometry: Sendable, Hashable {
    package var size: SIMD2<Int32>
    package var stride: SIMD2<Int32>
    package var padding: SIMD2<Int32>

    package init(size: SIMD2<Int32>, stride: SIMD2<Int32>, padding: SIMD2<Int32> = [0, 0]) {
        self.size = size
        self.stride = stride
        self.padding = padding
    }
}
