import YuyanCore

extension Planes {
    /// As PyTorch's `interpolate(mode="bilinear", align_corners=False)`.
    func resized(to size: Size2D, antialias: Bool) -> Planes {
        if size.height == height, size.width == width { return self }
        let columns = Planes.taps(from: width, to: size.width, antialias: antialias)
        let rows = Planes.taps(from: height, to: size.height, antialias: antialias)
        // Along the rows first, as PyTorch does.
        var narrow = [Float](repeating: 0, count: channels * height * size.width)
        for line in 0..<channels * height {
            for (x, tap) in columns.enumerated() {
                var sum: Float = 0
                let start = line * width + tap.first
                for (offset, weight) in tap.weights.enumerated() { sum += weight * values[start + offset] }
                narrow[line * size.width + x] = sum
            }
        }
        var result = [Float](repeating: 0, count: channels * size.height * size.width)
        for channel in 0..<channels {
            for (y, tap) in rows.enumerated() {
                let to = (channel * size.height + y) * size.width
                for (offset, weight) in tap.weights.enumerated() {
                    let from = (channel * height + tap.first + offset) * size.width
                    for x in 0..<size.width { result[to + x] += weight * narrow[from + x] }
                }
            }
        }
        return Planes(channels: channels, height: size.height, width: size.width, values: result)
    }

    /// The old pixels that make up a new one: those from `first` on, with weights whose sum is 1.
    private struct Tap {
        var first: Int
        var weights: [Float]
    }

    private static func taps(from old: Int, to new: Int, antialias: Bool) -> [Tap] {
        let scale = Double(old) / Double(new)
        return (0..<new).map { index in
            guard antialias, scale > 1 else {
                let place = max((Double(index) + 0.5) * scale - 0.5, 0)
                let first = min(Int(place), old - 1)
                let fraction = Float(place - Double(first))
                return Tap(first: first, weights: first == old - 1 ? [1] : [1 - fraction, fraction])
            }
            let center = scale * (Double(index) + 0.5)
            let first = max(Int(center - scale + 0.5), 0)
            let end = min(Int(center + scale + 0.5), old)
            let weights = (first..<end).map { max(0, 1 - abs(Double($0) - center + 0.5) / scale) }
            let sum = weights.reduce(0, +)
            return Tap(first: first, weights: weights.map { Float($0 / sum) })
        }
    }
}
