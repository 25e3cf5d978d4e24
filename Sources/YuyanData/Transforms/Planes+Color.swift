extension Planes {
    /// Brightness, contrast, saturation and hue changed in a random order, each by a random factor.
    func jittered(
        _ brightness: Double, _ contrast: Double, _ saturation: Double, _ hue: Double, _ random: inout SampleRandom
    ) -> Planes {
        func factor(_ strength: Double, _ random: inout SampleRandom) -> Float {
            let low = max(0, 1 - strength)
            return Float(low + random.uniform() * (1 + strength - low))
        }
        var order = [0, 1, 2, 3]
        for index in [3, 2, 1] { order.swapAt(index, random.integer(below: index + 1)) }
        // Drawn whether or not they are used, so that one strength does not change what another draws.
        let factors = [brightness, contrast, saturation].map { factor($0, &random) }
        let turn = Float((2 * random.uniform() - 1) * hue)
        var result = self
        for part in order {
            switch part {
            case 0: if brightness > 0 { result.changeBrightness(factors[0]) }
            case 1: if contrast > 0 { result.changeContrast(factors[1]) }
            case 2: if saturation > 0 { result.changeSaturation(factors[2]) }
            default: if hue > 0 { result.turnHue(turn) }
            }
        }
        return result
    }

    func grayscale() -> Planes {
        channels == 1 ? self : Planes(channels: 1, height: height, width: width, values: grayValues)
    }

    mutating func changeBrightness(_ factor: Float) {
        for index in values.indices { values[index] = clamped(factor * values[index]) }
    }

    mutating func changeContrast(_ factor: Float) {
        let gray = grayValues
        let mean = Float(gray.reduce(0) { $0 + Double($1) } / Double(gray.count))
        for index in values.indices { values[index] = clamped(factor * values[index] + (1 - factor) * mean) }
    }

    mutating func changeSaturation(_ factor: Float) {
        guard channels == 3 else { return }
        let gray = grayValues
        for index in values.indices {
            values[index] = clamped(factor * values[index] + (1 - factor) * gray[index % area])
        }
    }

    /// Turns the hue by a part of a full circle: through the hexagon of hue, saturation and value, and back.
    mutating func turnHue(_ turn: Float) {
        guard channels == 3 else { return }
        for index in 0..<area {
            let (red, green, blue) = (values[index], values[area + index], values[2 * area + index])
            let (most, least) = (max(red, green, blue), min(red, green, blue))
            let range = most - least
            // Neither gray has a hue, nor what is not finite.
            guard range > 0, range < .infinity else { continue }
            let sixths =
                most == red
                ? (green - blue) / range
                : most == green ? 2 + (blue - red) / range : 4 + (red - green) / range
            let turned = sixths / 6 + turn
            let hue = (turned - turned.rounded(.down)) * 6
            let sector = hue.rounded(.down)
            let fraction = hue - sector
            let (falling, rising) = (most - range * fraction, most - range * (1 - fraction))
            let color: (Float, Float, Float) =
                switch Int(sector) % 6 {
                case 0: (most, rising, least)
                case 1: (falling, most, least)
                case 2: (least, most, rising)
                case 3: (least, falling, most)
                case 4: (rising, least, most)
                default: (most, least, falling)
                }
            (values[index], values[area + index], values[2 * area + index]) = (
                clamped(color.0), clamped(color.1), clamped(color.2)
            )
        }
    }

    /// One value of each pixel, as torchvision's `rgb_to_grayscale` weighs the colors.
    private var grayValues: [Float] {
        guard channels == 3 else { return Array(values[..<area]) }
        return (0..<area).map { 0.2989 * values[$0] + 0.587 * values[area + $0] + 0.114 * values[2 * area + $0] }
    }

    private func clamped(_ value: Float) -> Float { min(max(value, 0), 1) }
}
