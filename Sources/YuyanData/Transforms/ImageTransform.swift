import YuyanCore

/// One change of an image `[C, H, W]` before a network sees it.
///
/// Values are those of a picture, 0…1, until `normalize` makes others of them: it stands last. Several make an
/// `ImageTransforms`.
///
/// Random changes depend on the seed, the epoch and the sample's index alone where a `DataLoader` reads the samples: not
/// on the number of loading threads, on the size of the batches, nor on where a run was interrupted.
public enum ImageTransform: Sendable, Hashable {
    /// Another height and width, whatever the proportions, by bilinear interpolation between the centers of the pixels.
    ///
    /// A new pixel i of an axis looks at s = (i + 0.5) · old / new − 0.5. Without anti-aliasing it mixes the two pixels
    /// beside s, whatever is left out between. With it, an axis that shrinks takes all pixels within r = old / new of s, with
    /// weights max(0, 1 − |distance| / r), divided by their sum: fine patterns do not become coarse ones. Both are PyTorch's
    /// `interpolate(mode="bilinear", align_corners=False)`.
    case resize(Size2D, antialias: Bool = true)
    /// The shorter side becomes so many pixels; the longer one ⌊longer · length / shorter⌋, which keeps the proportions.
    case resizeShorterSide(Int, antialias: Bool = true)
    /// The middle of the image: from row and column (size − cropped) / 2 on, rounded to the even of two nearest. It may be
    /// larger than the image by so many rows and columns on each side; these are zeros.
    case centerCrop(Size2D, padding: Int = 0)
    /// A part from a random place, after so many rows and columns of zeros have been laid around the image.
    case randomCrop(Size2D, padding: Int = 0)
    /// Left and right exchanged, with a probability of 0…1.
    case randomHorizontalFlip(probability: Double = 0.5)
    /// Top and bottom exchanged, with a probability of 0…1.
    case randomVerticalFlip(probability: Double = 0.5)
    /// Turned about its middle by a random angle in −degrees…degrees, 0…180. Pixels between the old ones are
    /// interpolated bilinearly; what comes from outside the image has the value `fill`.
    case randomRotation(degrees: Double, fill: Double = 0)
    /// Brightness, contrast, saturation and hue changed by random factors, in random order.
    ///
    /// The first three factors are drawn evenly from max(0, 1 − x)…1 + x, where x ≥ 0 is the strength; the hue is turned by
    /// −hue…hue of a full circle, 0…0.5. With a factor f and clamped to 0…1, brightness is f · v; contrast f · v + (1 − f) · m
    /// with the mean m of the gray image; and saturation f · v + (1 − f) · gray, where gray = 0.2989 R + 0.587 G + 0.114 B.
    /// Gray images keep saturation and hue. These are torchvision's definitions.
    case colorJitter(brightness: Double = 0, contrast: Double = 0, saturation: Double = 0, hue: Double = 0)
    /// One channel of an RGB image, 0.2989 R + 0.587 G + 0.114 B; a gray image stays.
    case grayscale
    /// (v − mean) / standard deviation, with one of each for every channel, or one for all.
    case normalize(mean: [Double], standardDeviation: [Double])

    /// Whether it draws random numbers.
    public var isRandom: Bool {
        switch self {
        case .resize, .resizeShorterSide, .centerCrop, .grayscale, .normalize: false
        case .randomCrop, .randomHorizontalFlip, .randomVerticalFlip, .randomRotation, .colorJitter: true
        }
    }

    /// The shape that it makes of `[C, H, W]`.
    ///
    /// - Throws: `ImageTransformError` if it cannot be applied to such an image, such as a crop that is larger; or if its
    ///   own numbers make no sense.
    public func outputShape(_ shape: Shape) throws(ImageTransformError) -> Shape {
        func check(_ holds: Bool, _ reason: @autoclosure () -> String) throws(ImageTransformError) {
            if !holds { throw ImageTransformError(reason: "\(name): \(reason())") }
        }
        try check(shape.rank == 3, "an image is [C, H, W], not \(shape)")
        let (channels, height, width) = (shape[0], shape[1], shape[2])
        try check(height > 0 && width > 0, "\(shape) has no pixels")
        func sized(_ size: Size2D) throws(ImageTransformError) -> Shape {
            try check(size.height > 0 && size.width > 0, "height and width must be above 0, not \(size)")
            return [channels, size.height, size.width]
        }
        switch self {
        case .resize(let size, _): return try sized(size)
        case .resizeShorterSide(let length, _):
            try check(length > 0, "the length must be above 0, not \(length)")
            return try sized(ImageTransform.size(of: [height, width], shorterSide: length))
        case .centerCrop(let size, let padding), .randomCrop(let size, let padding):
            try check(padding >= 0, "the padding must be 0 or more, not \(padding)")
            let (tall, wide) = (height + 2 * padding, width + 2 * padding)
            try check(
                size.height <= tall && size.width <= wide,
                "\(size.height) × \(size.width) cannot be cut out of an image of \(tall) × \(wide) (height × width)")
            return try sized(size)
        case .randomHorizontalFlip(let probability), .randomVerticalFlip(let probability):
            try check((0...1).contains(probability), "the probability must be 0…1, not \(probability)")
        case .randomRotation(let degrees, let fill):
            try check((0...180).contains(degrees), "the degrees must be 0…180, not \(degrees)")
            try check(fill.isFinite, "the fill must be a finite number, not \(fill)")
        case .colorJitter(let brightness, let contrast, let saturation, let hue):
            try check(channels == 1 || channels == 3, "an image is gray or RGB; this one has \(channels) channels")
            for (what, strength) in [("brightness", brightness), ("contrast", contrast), ("saturation", saturation)] {
                try check(strength >= 0 && strength.isFinite, "the \(what) must be 0 or more, not \(strength)")
            }
            try check((0...0.5).contains(hue), "the hue must be 0…0.5, not \(hue)")
        case .grayscale:
            try check(channels == 1 || channels == 3, "an image is gray or RGB; this one has \(channels) channels")
            return [1, height, width]
        case .normalize(let mean, let deviation):
            for (what, values) in [("mean", mean), ("standard deviation", deviation)] {
                try check(
                    values.count == 1 || values.count == channels,
                    "the \(what) has \(values.count) numbers for \(channels) channels; 1 or \(channels) are needed")
                try check(values.allSatisfy(\.isFinite), "the \(what) must be finite numbers, not \(values)")
            }
            try check(deviation.allSatisfy { $0 > 0 }, "the standard deviation must be above 0, not \(deviation)")
        }
        return shape
    }

    /// Height and width when the shorter side has become `length`.
    static func size(of size: Size2D, shorterSide length: Int) -> Size2D {
        let (height, width) = (size.height, size.width)
        return height <= width ? [length, width * length / height] : [height * length / width, length]
    }

    /// What configurations call it.
    package var name: String {
        switch self {
        case .resize: "resize"
        case .resizeShorterSide: "resize_shorter_side"
        case .centerCrop: "center_crop"
        case .randomCrop: "random_crop"
        case .randomHorizontalFlip: "random_horizontal_flip"
        case .randomVerticalFlip: "random_vertical_flip"
        case .randomRotation: "random_rotation"
        case .colorJitter: "color_jitter"
        case .grayscale: "grayscale"
        case .normalize: "normalize"
        }
    }

    /// A checked image after the change.
    func apply(to image: Planes, _ random: inout SampleRandom) -> Planes {
        switch self {
        case .resize(let size, let antialias): return image.resized(to: size, antialias: antialias)
        case .resizeShorterSide(let length, let antialias):
            let size = ImageTransform.size(of: [image.height, image.width], shorterSide: length)
            return image.resized(to: size, antialias: antialias)
        case .centerCrop(let size, _):
            func start(_ whole: Int, _ part: Int) -> Int {
                Int((Double(whole - part) / 2).rounded(.toNearestOrEven))
            }
            return image.cropped(
                row: start(image.height, size.height), column: start(image.width, size.width), size)
        case .randomCrop(let size, let padding):
            let row = random.integer(below: image.height + 2 * padding - size.height + 1)
            let column = random.integer(below: image.width + 2 * padding - size.width + 1)
            return image.cropped(row: row - padding, column: column - padding, size)
        case .randomHorizontalFlip(let probability):
            return random.uniform() < probability ? image.flippedHorizontally() : image
        case .randomVerticalFlip(let probability):
            return random.uniform() < probability ? image.flippedVertically() : image
        case .randomRotation(let degrees, let fill):
            return image.rotated(degrees: (2 * random.uniform() - 1) * degrees, fill: Float(fill))
        case .colorJitter(let brightness, let contrast, let saturation, let hue):
            return image.jittered(brightness, contrast, saturation, hue, &random)
        case .grayscale: return image.grayscale()
        case .normalize(let mean, let deviation): return image.normalized(mean: mean, deviation: deviation)
        }
    }
}

/// A transform cannot be applied to an image.
public struct ImageTransformError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why not, in one line.
    public var reason: String

    /// An error for this reason.
    public init(reason: String) { self.reason = reason }

    public var description: String { reason }
}
