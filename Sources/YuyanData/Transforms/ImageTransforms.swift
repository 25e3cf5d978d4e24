import YuyanCore

/// Changes of an image, one after the other.
///
///     let training: ImageTransforms = [
///         .resizeShorterSide(64), .randomCrop(64, padding: 8), .randomHorizontalFlip(),
///         .normalize(mean: [0.5], standardDeviation: [0.25]),
///     ]
///     let data = try TransformedDataset(ImageFolder(folder), training)
///
/// A model must see new images as it saw those that it learned from, without what is random: `evaluation` gives that.
public struct ImageTransforms: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// The changes in their order.
    public var steps: [ImageTransform]

    /// Several changes; none leaves images as they are.
    public init(_ steps: [ImageTransform] = []) { self.steps = steps }

    public init(arrayLiteral steps: ImageTransform...) { self.init(steps) }

    /// Whether any draws random numbers.
    public var isRandom: Bool { steps.contains(where: \.isRandom) }

    /// The same without those that draw random numbers. A random crop becomes one of the middle.
    public var evaluation: ImageTransforms {
        ImageTransforms(
            steps.compactMap { step in
                if case .randomCrop(let size, let padding) = step { return .centerCrop(size, padding: padding) }
                return step.isRandom ? nil : step
            })
    }

    /// The shape that all of them make of `[C, H, W]`.
    ///
    /// - Throws: `ImageTransformError` if one cannot be applied.
    public func outputShape(_ shape: Shape) throws(ImageTransformError) -> Shape {
        var shape = shape
        for step in steps { shape = try step.outputShape(shape) }
        return shape
    }

    /// Changes a float32 image `[C, H, W]`. Random numbers come from `Generator.current`.
    ///
    /// - Throws: `ImageTransformError` if one cannot be applied. Traps if the tensor is not float32.
    public func callAsFunction(_ image: Tensor) throws(ImageTransformError) -> Tensor {
        guard image.dtype == .float32 else {
            failure("ImageTransforms: the image is \(image.dtype), it must be float32")
        }
        return try apply(to: image, SampleRandom(Generator.current.nextKey()))
    }

    func apply(to image: Tensor, _ random: SampleRandom) throws(ImageTransformError) -> Tensor {
        _ = try outputShape(image.shape)
        if steps.isEmpty { return image }
        var random = random
        var planes = Planes(image)
        for step in steps { planes = step.apply(to: planes, &random) }
        return planes.tensor
    }
}

/// Random numbers for one sample: those of a key, as many as are asked for.
struct SampleRandom {
    private let key: RandomKey
    private var used = 0
    private var words = SIMD4<UInt32>()

    init(_ key: RandomKey) { self.key = key }

    private mutating func next() -> UInt32 {
        if used % 4 == 0 { words = key.words(block: UInt64(used / 4)) }
        defer { used += 1 }
        return words[used % 4]
    }

    /// In 0 ..< 1, in steps of 2⁻³².
    mutating func uniform() -> Double { Double(next()) / 4_294_967_296 }

    /// In 0 ..< bound; the bias is at most bound / 2³².
    mutating func integer(below bound: Int) -> Int { Int((UInt64(next()) * UInt64(bound)) >> 32) }
}
