import Foundation
import YuyanCore

/// The values of an image, channel by channel, in host memory: transforms run on loading threads, which compute without
/// tensors.
struct Planes {
    let channels: Int
    let height: Int
    let width: Int
    /// `[channels, height, width]` in row-major order.
    var values: [Float]

    var area: Int { height * width }

    init(channels: Int, height: Int, width: Int, values: [Float]) {
        self.channels = channels
        self.height = height
        self.width = width
        self.values = values
    }

    /// Of a float32 tensor `[C, H, W]`.
    init(_ image: Tensor) {
        self.init(
            channels: image.shape[0], height: image.shape[1], width: image.shape[2], values: image.array(of: Float.self)
        )
    }

    var tensor: Tensor { Tensor(values, shape: [channels, height, width]) }

    // MARK: - Places

    /// The part from `row` and `column` on. What lies outside the image is 0.
    func cropped(row: Int, column: Int, _ size: Size2D) -> Planes {
        var result = [Float](repeating: 0, count: channels * size.height * size.width)
        let left = max(0, -column)
        let right = min(size.width, width - column)
        guard left < right else {
            return Planes(channels: channels, height: size.height, width: size.width, values: result)
        }
        for channel in 0..<channels {
            for y in 0..<size.height where (0..<height).contains(row + y) {
                let from = (channel * height + row + y) * width + column
                let to = (channel * size.height + y) * size.width
                for x in left..<right { result[to + x] = values[from + x] }
            }
        }
        return Planes(channels: channels, height: size.height, width: size.width, values: result)
    }

    func flippedHorizontally() -> Planes {
        var result = self
        for row in 0..<channels * height {
            for x in 0..<width { result.values[row * width + x] = values[row * width + width - 1 - x] }
        }
        return result
    }

    func flippedVertically() -> Planes {
        var result = self
        for channel in 0..<channels {
            for y in 0..<height {
                let (to, from) = ((channel * height + y) * width, (channel * height + height - 1 - y) * width)
                for x in 0..<width { result.values[to + x] = values[from + x] }
            }
        }
        return result
    }

    /// Turned counterclockwise about the middle.
    func rotated(degrees: Double, fill: Float) -> Planes {
        let (sine, cosine) = (sin(degrees * .pi / 180), cos(degrees * .pi / 180))
        let (middleX, middleY) = (Double(width - 1) / 2, Double(height - 1) / 2)
        var result = self
        for y in 0..<height {
            for x in 0..<width {
                let (dx, dy) = (Double(x) - middleX, Double(y) - middleY)
                // Where the new pixel was before.
                let sourceX = dx * cosine - dy * sine + middleX
                let sourceY = dx * sine + dy * cosine + middleY
                let (left, top) = (Int(sourceX.rounded(.down)), Int(sourceY.rounded(.down)))
                let (right, low) = (Float(sourceX - Double(left)), Float(sourceY - Double(top)))
                for channel in 0..<channels {
                    func value(_ y: Int, _ x: Int) -> Float {
                        guard (0..<height).contains(y), (0..<width).contains(x) else { return fill }
                        return values[(channel * height + y) * width + x]
                    }
                    let upper = (1 - right) * value(top, left) + right * value(top, left + 1)
                    let lower = (1 - right) * value(top + 1, left) + right * value(top + 1, left + 1)
                    result.values[(channel * height + y) * width + x] = (1 - low) * upper + low * lower
                }
            }
        }
        return result
    }

    // MARK: - Values

    func normalized(mean: [Double], deviation: [Double]) -> Planes {
        var result = self
        for channel in 0..<channels {
            let mean = Float(mean[mean.count == 1 ? 0 : channel])
            let deviation = Float(deviation[deviation.count == 1 ? 0 : channel])
            for index in channel * area..<(channel + 1) * area {
                result.values[index] = (values[index] - mean) / deviation
            }
        }
        return result
    }
}
