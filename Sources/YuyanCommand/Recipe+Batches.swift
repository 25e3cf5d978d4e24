import ArgumentParser
import Yuyan

extension Recipe.Batches {
    /// Adds the splits that are asked for: the first samples of each set, of which the run's seed deals those to train on
    /// and those to validate with, unless these have a set of their own.
    ///
    /// - Parameters:
    ///   - trainingTransforms: what changes the images that are trained on.
    ///   - evaluationTransforms: what changes the others.
    ///   - deal: deals samples to parts by fractions; at random by default.
    mutating func add<Source: Dataset>(
        _ training: Source?, validation: Source? = nil, test: Source?, _ settings: Recipe.DataSettings,
        wanted: Set<DataSplit>, training trainingTransforms: ImageTransforms = [],
        evaluation evaluationTransforms: ImageTransforms = [],
        deal: (Subset<Source>, [Double]) throws -> [Subset<Subset<Source>>]? = { _, _ in nil }
    ) throws where Source.Sample == (Tensor, Tensor), Source.Batch == (Tensor, Tensor) {
        func first(_ data: Source) -> Subset<Source> { Subset(data, 0..<min(settings.limit ?? data.count, data.count)) }
        if let test { add(first(test), as: .test, settings, wanted, evaluationTransforms) }
        if let validation { add(first(validation), as: .validation, settings, wanted, evaluationTransforms) }
        guard let training = training.map(first) else { return }
        let fraction = settings.validationFraction
        guard fraction > 0, validation == nil else {
            add(training, as: .train, settings, wanted, trainingTransforms)
            return
        }
        let parts: [Subset<Subset<Source>>]
        do {
            let fractions = [1 - fraction, fraction]
            parts = try deal(training, fractions) ?? training.randomSplit(fractions, seed: settings.seed)
        } catch is SplitError {
            let samples = training.count == 1 ? "1 sample" : "\(training.count) samples"
            throw ValidationError(
                """
                --validation-fraction \(NumberText.plain(fraction)) cannot be kept back of \(samples) to train on; \
                0 trains on all of them.
                """)
        }
        add(parts[0], as: .train, settings, wanted, trainingTransforms)
        add(parts[1], as: .validation, settings, wanted, evaluationTransforms)
    }

    private mutating func add<Source: Dataset>(
        _ data: Source, as split: DataSplit, _ settings: Recipe.DataSettings, _ wanted: Set<DataSplit>,
        _ transforms: ImageTransforms
    ) where Source.Sample == (Tensor, Tensor), Source.Batch == (Tensor, Tensor) {
        guard wanted.contains(split) else { return }
        sampleCounts[split] = data.count
        splits[split] = DataLoader(
            TransformedDataset(data, transforms), batchSize: settings.batchSize, shuffle: split == .train,
            workerCount: settings.workerCount, seed: settings.seed)
    }
}
