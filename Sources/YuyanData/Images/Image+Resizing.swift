import Foundation
import YuyanCore

extension Image {
    /// The picture in another size, with its proportions changed if need be. Along an axis that shrinks, a new pixel is
    /// the mean of the area that it covers; along one that grows, values are interpolated linearly between the centers
    /// of the pixels. Traps unless both sides are above 0.
    public func resized(width newWidth: Int, height newHeight: Int) -> Image {
        guard newWidth > 0, newHeight > 0 else {
            failure("Image.resized: the sides must be above 0, not \(newWidth) × \(newHeight)")
        }
        if newWidth == width, newHeight == height { return self }
        let columns = Image.taps(from: width, to: newWidth)
        let rows = Image.taps(from: height, to: newHeight)
        let channels = channelCount
        var result: [UInt8] = []
        result.reserveCapacity(newWidth * newHeight * channels)
        var sums = [Float](repeating: 0, count: width * channels)
        // Rows first: that runs along memory.
        for row in rows {
            for index in sums.indices { sums[index] = 0 }
            for (offset, weight) in row.weights.enumerated() {
                let start = (row.first + offset) * width * channels
                for index in sums.indices { sums[index] += weight * Float(pixels[start + index]) }
            }
            for column in columns {
                for channel in 0..<channels {
                    var value: Float = 0
                    for (offset, weight) in column.weights.enumerated() {
                        value += weight * sums[(column.first + offset) * channels + channel]
                    }
                    result.append(UInt8(min(max(value, 0), 255).rounded()))
                }
            }
        }
        return Image(width: newWidth, height: newHeight, channelCount: channels, pixels: result)
    }

    /// The picture in another size with its proportions kept: as large as fits, in the middle, black around it.
    public func fitted(width newWidth: Int, height newHeight: Int) -> Image {
        let scale = min(Double(newWidth) / Double(width), Double(newHeight) / Double(height))
        let inner = resized(
            width: min(max(Int((Double(width) * scale).rounded()), 1), newWidth),
            height: min(max(Int((Double(height) * scale).rounded()), 1), newHeight))
        let (left, top) = ((newWidth - inner.width) / 2, (newHeight - inner.height) / 2)
        var canvas = [UInt8](repeating: 0, count: newWidth * newHeight * channelCount)
        let rowLength = inner.width * channelCount
        for y in 0..<inner.height {
            let start = ((top + y) * newWidth + left) * channelCount
            canvas.replaceSubrange(start..<start + rowLength, with: inner.pixels[y * rowLength..<(y + 1) * rowLength])
        }
        return Image(width: newWidth, height: newHeight, channelCount: channelCount, pixels: canvas)
    }

    /// Which old pixels of an axis make up a new one: those from `first` on, with weights whose sum is 1.
    private struct Tap {
        var first: Int
        var weights: [Float]
    }

    private static func taps(from old: Int, to new: Int) -> [Tap] {
        let scale = Double(old) / Double(new)
        return (0..<new).map { index in
            if new < old {
                let (start, end) = (Double(index) * scale, Double(index + 1) * scale)
                let first = Int(start)
                let last = min(Int(end.rounded(.up)), old) - 1
                let weights = (first...last).map { pixel in
                    Float((min(end, Double(pixel + 1)) - max(start, Double(pixel))) / scale)
                }
                return Tap(first: first, weights: weights)
            }
            let center = min(max((Double(index) + 0.5) * scale - 0.5, 0), Double(old - 1))
            let first = min(Int(center), max(old - 2, 0))
            let fraction = Float(center - Double(first))
            return Tap(first: first, weights: old == 1 ? [1] : [1 - fraction, fraction])
        }
    }
}
