import YuyanCore

extension ImageTransforms: Codable {
    /// The version of the form in which transforms are written; others are refused.
    public static let currentVersion = 1

    private enum CodingKeys: CodingKey {
        case version, steps
    }

    /// From an object with a version and a list of steps.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let version = try values.decode(Int.self, forKey: .version)
        guard version == ImageTransforms.currentVersion else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: values,
                debugDescription: "version \(version); this Yuyan reads \(ImageTransforms.currentVersion)")
        }
        steps = try values.decode([ImageTransform].self, forKey: .steps)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(ImageTransforms.currentVersion, forKey: .version)
        try values.encode(steps, forKey: .steps)
    }
}

extension ImageTransform: Codable {
    private enum CodingKeys: CodingKey {
        case kind, height, width, length, antialias, padding, probability, degrees, fill, brightness, contrast,
            saturation,
            hue, mean, standardDeviation
    }

    /// From an object with a kind and the numbers of that kind.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func number(_ key: CodingKeys) throws -> Double { try values.decode(Double.self, forKey: key) }
        func size() throws -> Size2D {
            Size2D(
                height: try values.decode(Int.self, forKey: .height), width: try values.decode(Int.self, forKey: .width)
            )
        }
        func antialias() throws -> Bool { try values.decode(Bool.self, forKey: .antialias) }
        let kind = try values.decode(String.self, forKey: .kind)
        switch kind {
        case "resize": self = .resize(try size(), antialias: try antialias())
        case "resize_shorter_side":
            self = .resizeShorterSide(try values.decode(Int.self, forKey: .length), antialias: try antialias())
        case "center_crop":
            self = .centerCrop(try size(), padding: try values.decodeIfPresent(Int.self, forKey: .padding) ?? 0)
        case "random_crop":
            self = .randomCrop(try size(), padding: try values.decode(Int.self, forKey: .padding))
        case "random_horizontal_flip": self = .randomHorizontalFlip(probability: try number(.probability))
        case "random_vertical_flip": self = .randomVerticalFlip(probability: try number(.probability))
        case "random_rotation": self = .randomRotation(degrees: try number(.degrees), fill: try number(.fill))
        case "color_jitter":
            self = .colorJitter(
                brightness: try number(.brightness), contrast: try number(.contrast),
                saturation: try number(.saturation), hue: try number(.hue))
        case "grayscale": self = .grayscale
        case "normalize":
            self = .normalize(
                mean: try values.decode([Double].self, forKey: .mean),
                standardDeviation: try values.decode([Double].self, forKey: .standardDeviation))
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .kind, in: values, debugDescription: "'\(kind.abbreviated)', which this Yuyan does not have")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        func encode(_ size: Size2D) throws {
            try values.encode(size.height, forKey: .height)
            try values.encode(size.width, forKey: .width)
        }
        try values.encode(name, forKey: .kind)
        switch self {
        case .resize(let size, let antialias):
            try encode(size)
            try values.encode(antialias, forKey: .antialias)
        case .resizeShorterSide(let length, let antialias):
            try values.encode(length, forKey: .length)
            try values.encode(antialias, forKey: .antialias)
        case .centerCrop(let size, let padding):
            try encode(size)
            if padding != 0 { try values.encode(padding, forKey: .padding) }
        case .randomCrop(let size, let padding):
            try encode(size)
            try values.encode(padding, forKey: .padding)
        case .randomHorizontalFlip(let probability), .randomVerticalFlip(let probability):
            try values.encode(probability, forKey: .probability)
        case .randomRotation(let degrees, let fill):
            try values.encode(degrees, forKey: .degrees)
            try values.encode(fill, forKey: .fill)
        case .colorJitter(let brightness, let contrast, let saturation, let hue):
            try values.encode(brightness, forKey: .brightness)
            try values.encode(contrast, forKey: .contrast)
            try values.encode(saturation, forKey: .saturation)
            try values.encode(hue, forKey: .hue)
        case .grayscale: break
        case .normalize(let mean, let deviation):
            try values.encode(mean, forKey: .mean)
            try values.encode(deviation, forKey: .standardDeviation)
        }
    }
}
