import Foundation
import YuyanCore

/// A picture of gray or RGB pixels, 8 bits a channel.
///
///     let picture = try Image(contentsOf: URL(fileURLWithPath: "shirt.jpg"))
///     let input = picture.grayscale().inverted().fitted(width: 28, height: 28).tensor  // float32 [1, 28, 28]
public struct Image: Sendable, Hashable {
    /// Pixels in a row.
    public let width: Int
    /// Rows of pixels.
    public let height: Int
    /// 1 for gray, 3 for red, green and blue.
    public let channelCount: Int
    /// `[height, width, channelCount]` in row-major order.
    public let pixels: [UInt8]

    /// Traps unless both sides are above 0, there are 1 or 3 channels, and as many pixels as these need.
    public init(width: Int, height: Int, channelCount: Int = 1, pixels: [UInt8]) {
        guard width > 0, height > 0, channelCount == 1 || channelCount == 3 else {
            failure("Image: \(width) × \(height) with \(channelCount) channels; the sides must be above 0, 1 or 3")
        }
        guard pixels.count == width * height * channelCount else {
            failure(
                "Image: \(width) × \(height) with \(channelCount) channels needs \(width * height * channelCount) "
                    + "bytes, got \(pixels.count)")
        }
        self.width = width
        self.height = height
        self.channelCount = channelCount
        self.pixels = pixels
    }

    /// A gray `[1, H, W]` or `[H, W]`, or an RGB `[3, H, W]`. Elements of `uint8` are taken as they are, others are in
    /// 0…1 and rounded to 256 levels. Traps for another shape.
    public init(_ tensor: Tensor) {
        let shape = tensor.rank == 2 ? Shape([1] + Array(tensor.shape)) : tensor.shape
        guard shape.rank == 3, shape[0] == 1 || shape[0] == 3, shape[1] > 0, shape[2] > 0 else {
            failure("Image: the shape must be [H, W], [1, H, W] or [3, H, W], not \(tensor.shape)")
        }
        let scale = tensor.dtype == .uint8 ? 1.0 : 255.0
        let values = tensor.array(of: Double.self).map { value in
            value.isNaN ? 0 : UInt8(min(max(value * scale, 0), 255).rounded())
        }
        let (channels, area) = (shape[0], shape[1] * shape[2])
        let pixels = (0..<area * channels).map { values[$0 % channels * area + $0 / channels] }
        self.init(width: shape[2], height: shape[1], channelCount: channels, pixels: pixels)
    }

    /// Float32 `[C, H, W]` in 0…1: the byte divided by 255.
    public var tensor: Tensor {
        let area = width * height
        let values = (0..<pixels.count).map { Float(pixels[$0 % area * channelCount + $0 / area]) / 255 }
        return Tensor(values, shape: [channelCount, height, width])
    }

    /// One channel, by ITU-R BT.601: Y = 0.299 R + 0.587 G + 0.114 B.
    public func grayscale() -> Image {
        guard channelCount == 3 else { return self }
        let gray = (0..<width * height).map { index in
            // In thousandths, rounded.
            let sum = 299 * Int(pixels[3 * index]) + 587 * Int(pixels[3 * index + 1]) + 114 * Int(pixels[3 * index + 2])
            return UInt8((sum + 500) / 1000)
        }
        return Image(width: width, height: height, pixels: gray)
    }

    /// Light and dark exchanged: 255 − x.
    public func inverted() -> Image {
        Image(width: width, height: height, channelCount: channelCount, pixels: pixels.map { 255 - $0 })
    }

    /// The mean of the pixels along the four edges, all channels together, in 0…1.
    public var edgeBrightness: Double {
        var (sum, count) = (0, 0)
        for y in 0..<height {
            for x in 0..<width where x == 0 || y == 0 || x == width - 1 || y == height - 1 {
                for channel in 0..<channelCount { sum += Int(pixels[(y * width + x) * channelCount + channel]) }
                count += channelCount
            }
        }
        return Double(sum) / Double(count) / 255
    }
}
