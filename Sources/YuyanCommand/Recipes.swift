import ArgumentParser
import Yuyan

extension Recipe {
    static let all = [lenet, mlp, dropoutMLP, softmaxRegression, linearRegression]

    static let lenet = fashionMNIST(
        "lenet", "LeNet-5, a convolutional network, on Fashion-MNIST",
        { makeLeNet(inputChannels: $0.channels, imageSize: $0.imageSize, classCount: $0.classCount) },
        // Yuyan before 0.2, and networks written after the book, have a Reshape in front.
        otherNames: .layersShifted(by: -1), weights: .xavierUniform(), learningRate: 0.9)

    static let mlp = fashionMNIST(
        "mlp", "one hidden layer of 256 units, on Fashion-MNIST",
        { makeMLP(inputSize: $0.sampleShape.elementCount, classCount: $0.classCount) },
        weights: .normal(standardDeviation: 0.01), biases: .zeros, learningRate: 0.1)

    static let dropoutMLP = fashionMNIST(
        "dropout-mlp", "two hidden layers with dropout, on Fashion-MNIST", 
        { makeDropoutMLP(inputSize: $0.sampleShape.elementCount, classCount: $0.classCount) },
        weights: .normal(standardDeviation: 0.01), learningRate: 0.5)

    static let softmaxRegression = fashionMNIST(
        "softmax-regression", "a linear classifier, on Fashion-MNIST",
        { makeSoftmaxRegression(inputSize: $0.sampleShape.elementCount, classCount: $0.classCount) },
        weights: .normal(standardDeviation: 0.01), biases: .zeros, learningRate: 0.1)

    static let linearRegression = Recipe(
        name: "linear-regression", summary: "a plane through 1000 noisy points", makeModel: { _ in makeLinearRegression() },
        sampleShape: [2], weights: .normal(standardDeviation: 0.01), biases: .zeros, batchSize: 10,
        learningRate: 0.03, epochs: 3, loss: { meanSquaredError($0, $1) },
        dataSet: "points near a plane", readsFiles: false,
        makeBatches: linearBatches,
        truths: [
            Truth(name: "w", parameter: "0.weight", values: plane.weight),
            Truth(name: "b", parameter: "0.bias", values: [plane.bias]),
        ])

    /// y = w · x + b, the book's numbers.
    private static let plane = (weight: [2, -3.4], bias: 4.2)

    @Sendable private static func linearBatches(
        _ settings: DataSettings, _ splits: Set<DataSplit>
    ) throws -> Batches {
        // Two sets of points from the same plane, the same ones for the same seed. The seed itself has drawn the weights.
        try withGenerator(Generator(seed: ~settings.seed)) {
            func points() -> TensorDataset<(Tensor, Tensor)> {
                let (features, labels) = syntheticLinearData(
                    weight: Tensor(plane.weight), bias: plane.bias, count: 1000)
                return TensorDataset(features, labels)
            }
            var batches = Batches()
            try batches.add(points(), test: points(), settings, splits)
            return batches
        }
    }

    private static func fashionMNIST(
        _ name: String, _ summary: String, _ makeModel: @escaping @Sendable (NetworkForm) -> Sequential,
        otherNames: Renaming? = nil, weights: Initializer, biases: Initializer? = nil, learningRate: Double
    ) -> Recipe {
        Recipe(
            name: name, summary: summary, makeModel: makeModel, otherNames: otherNames, sampleShape: [1, 28, 28],
            weights: weights, biases: biases, learningRate: learningRate, epochs: 10, loss: { crossEntropy($0, $1) },
            metrics: [.accuracy], dataSet: "Fashion-MNIST", classNames: FashionMNIST.classNames,
            chineseClassNames: FashionMNIST.chineseClassNames, curveRange: 0.3...0.9,
            makeBatches: fashionBatches)
    }

    @Sendable private static func fashionBatches(
        _ settings: DataSettings, _ splits: Set<DataSplit>
    ) throws -> Batches {
        func read(_ split: FashionMNIST.Split) throws -> FashionMNIST {
            let data = try FashionMNIST(split, folder: settings.folder)
            guard data.count > 0 else {
                let folder = settings.folder ?? FashionMNIST.systemFolder
                throw DataError(path: folder.path, reason: "the \(split) set holds no images")
            }
            return data
        }
        let training = splits.isDisjoint(with: [.train, .validation]) ? nil : try read(.train)
        let test = splits.contains(.test) ? try read(.test) : nil
        var batches = Batches()
        try batches.add(training, test: test, settings, splits)
        batches.checksums = {
            var sums: [String: String] = [:]
            sums[FashionMNIST.Split.train.rawValue] = training?.checksum
            sums[FashionMNIST.Split.test.rawValue] = test?.checksum
            return sums
        }
        return batches
    }
}

extension Recipe.Batches {
    /// Adds the splits that are asked for: the first samples of each set, of which the run's seed deals those to train on
    /// and those to validate with.
    fileprivate mutating func add<Source: Dataset>(
        _ training: Source?, test: Source?, _ settings: Recipe.DataSettings, _ wanted: Set<DataSplit>
    ) throws where Source.Batch == (Tensor, Tensor) {
        func first(_ data: Source) -> Subset<Source> { Subset(data, 0..<min(settings.limit ?? data.count, data.count)) }
        if let test, wanted.contains(.test) { add(first(test), as: .test, settings) }
        guard let training = training.map(first) else { return }
        let fraction = settings.validationFraction
        guard fraction > 0 else {
            if wanted.contains(.train) { add(training, as: .train, settings) }
            return
        }
        let parts: [Subset<Subset<Source>>]
        do {
            parts = try training.randomSplit([1 - fraction, fraction], seed: settings.seed)
        } catch {
            let samples = training.count == 1 ? "1 sample" : "\(training.count) samples"
            throw ValidationError(
                """
                --validation-fraction \(NumberText.plain(fraction)) cannot be kept back of \(samples) to train on; \
                0 trains on all of them.
                """)
        }
        if wanted.contains(.train) { add(parts[0], as: .train, settings) }
        if wanted.contains(.validation) { add(parts[1], as: .validation, settings) }
    }

    private mutating func add<Source: Dataset>(
        _ data: Source, as split: DataSplit, _ settings: Recipe.DataSettings
    ) where Source.Batch == (Tensor, Tensor) {
        sampleCounts[split] = data.count
        splits[split] = DataLoader(
            data, batchSize: settings.batchSize, shuffle: split == .train, workerCount: settings.workerCount,
            seed: settings.seed)
    }
}
