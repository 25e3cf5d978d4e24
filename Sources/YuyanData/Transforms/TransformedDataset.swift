import YuyanCore

/// A data set of images and labels whose images are changed as they are read, on the loading threads where there are any.
///
///     let training = TransformedDataset(data, [.randomCrop(28, padding: 2), .randomHorizontalFlip()])
///     let batches = DataLoader(training, batchSize: 64, shuffle: true, workerCount: 1)
///     let validation = TransformedDataset(otherData, training.transforms.evaluation)
///
/// Sample i is sample i of `base`: an image, float32 `[C, H, W]`, and whatever belongs to it. Images of several sizes can be
/// put together to a batch only if the transforms make them one.
///
/// What is random depends on the loader's seed, the epoch and i. Read outside a loader, it comes from `Generator.current`.
public struct TransformedDataset<Base: Dataset>: Dataset
where Base.Sample == (Tensor, Tensor), Base.Batch == (Tensor, Tensor) {
    public typealias Sample = (Tensor, Tensor)

    /// The data set that has the images.
    public let base: Base
    /// What is changed.
    public let transforms: ImageTransforms

    /// A data set with changed images.
    public init(_ base: Base, _ transforms: ImageTransforms) {
        self.base = base
        self.transforms = transforms
    }

    public var count: Int { base.count }

    /// Throws `SampleError` if the image cannot be read, or a transform cannot be applied to it.
    public subscript(index: Int) -> (Tensor, Tensor) {
        get throws {
            let (image, label) = try withInnerDraws(areRandom: transforms.isRandom) {
                try base.samples(at: CollectionOfOne(index))[0]
            }
            guard image.dtype == .float32 else {
                failure("TransformedDataset: image \(index) is \(image.dtype), it must be float32")
            }
            let random = SampleRandom(sampleKey(index, isRandom: transforms.isRandom))
            do {
                return (try transforms.apply(to: image, random), label)
            } catch {
                throw SampleError(index: index, cause: error)
            }
        }
    }

    /// As the base makes it, where nothing is changed; stacked from single samples otherwise.
    public func batch(at indices: ArraySlice<Int>) throws -> (Tensor, Tensor) {
        transforms.steps.isEmpty ? try base.batch(at: indices) : collate(try samples(at: indices))
    }
}
