/// How a buffer's elements lie in memory. Shapes are logical and never tell; only the backends look here.
package enum Layout: Sendable {
    /// Row-major, without gaps.
    case contiguous
    /// Any strides: a view, a broadcast, or a permuted dense order such as channels-last.
    case strided(Strides)
    /// An image `[N, C, H, W]` whose memory is `[N, C / block, H, W, block]`: what vector registers of `block` numbers
    /// like best in a convolution. `block` divides C and is less than C. No strides describe it, so that operations
    /// that need strides ask for `DeviceBuffer.strided`.
    case channelBlocks(Int)
}
