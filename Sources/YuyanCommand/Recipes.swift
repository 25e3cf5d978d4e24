import Yuyan

extension Recipe {
    static let all = [lenet, mlp, softmaxRegression, linearRegression]

    static let lenet = fashionMNIST(
        "lenet", "LeNet-5, a convolutional network, on Fashion-MNIST", makeLeNet, weights: .xavierUniform(),
        learningRate: 0.9)

    static let mlp = fashionMNIST(
        "mlp", "one hidden layer of 256 units, on Fashion-MNIST", makeMLP,
        weights: .normal(standardDeviation: 0.01), biases: .zeros, learningRate: 0.1)

    static let softmaxRegression = fashionMNIST(
        "softmax-regression", "a linear classifier, on Fashion-MNIST", makeSoftmaxRegression,
        weights: .normal(standardDeviation: 0.01), biases: .zeros, learningRate: 0.1)

    static let linearRegression = Recipe(
        name: "linear-regression", summary: "a plane through 1000 noisy points", makeModel: makeLinearRegression,
        sampleShape: [2], weights: .normal(standardDeviation: 0.01), biases: .zeros, batchSize: 10,
        learningRate: 0.03, epochs: 3, loss: { meanSquaredError($0, $1) },
        dataSet: "points near a plane", readsFiles: false,
        makeBatches: linearBatches, makeValidation: linearBatches,
        truths: [
            Truth(name: "w", parameter: "0.weight", values: plane.weight),
            Truth(name: "b", parameter: "0.bias", values: [plane.bias]),
        ])

    /// y = w · x + b, the book's numbers.
    private static let plane = (weight: [2, -3.4], bias: 4.2)

    @Sendable private static func linearBatches(_ settings: DataSettings) -> Batches {
        // Two sets of points from the same plane: one to learn from, one to validate with.
        func points() -> TensorDataset<(Tensor, Tensor)> {
            let (features, labels) = syntheticLinearData(
                weight: Tensor(plane.weight), bias: plane.bias, count: 1000)
            return TensorDataset(features, labels)
        }
        let (training, validation) = (points(), points())
        return Batches(
            training: trainingLoader(training, settings), validation: validationLoader(validation, settings),
            validationName: "valid")
    }

    private static func fashionMNIST(
        _ name: String, _ summary: String, _ makeModel: @escaping @Sendable () -> Sequential, weights: Initializer,
        biases: Initializer? = nil, learningRate: Double
    ) -> Recipe {
        Recipe(
            name: name, summary: summary, makeModel: makeModel, sampleShape: [1, 28, 28], weights: weights,
            biases: biases, learningRate: learningRate, epochs: 10, loss: { crossEntropy($0, $1) },
            metrics: [.accuracy], dataSet: "Fashion-MNIST", classNames: FashionMNIST.classNames,
            chineseClassNames: FashionMNIST.chineseClassNames,
            makeBatches: { try fashionBatches($0, hasTraining: true) },
            makeValidation: { try fashionBatches($0, hasTraining: false) })
    }

    private static func fashionBatches(_ settings: DataSettings, hasTraining: Bool) throws -> Batches {
        func read(_ split: FashionMNIST.Split) throws -> FashionMNIST {
            let data = try FashionMNIST(split, folder: settings.folder)
            guard data.count > 0 else {
                let folder = settings.folder ?? FashionMNIST.systemFolder
                throw DataError(path: folder.path, reason: "the \(split) set holds no images")
            }
            return data
        }
        let training = hasTraining ? try read(.train) : nil
        let validation = try read(.test)
        let nothing = TensorDataset(Tensor.zeros([0, 1, 28, 28]), Tensor.zeros([0]).cast(to: .int64))
        return Batches(
            training: training.map { trainingLoader($0, settings) } ?? validationLoader(nothing, settings),
            validation: validationLoader(validation, settings), validationName: "test",
            checksums: {
                var sums = [FashionMNIST.Split.test.rawValue: validation.checksum]
                sums[FashionMNIST.Split.train.rawValue] = training?.checksum
                return sums
            })
    }

    /// The first samples of a set, shuffled.
    private static func trainingLoader<Source: Dataset>(
        _ data: Source, _ settings: DataSettings
    ) -> any LabeledBatches where Source.Batch == (Tensor, Tensor) {
        DataLoader(
            data, batchSize: settings.batchSize,
            sampler: RandomSampler(count: min(settings.limit ?? data.count, data.count), seed: settings.seed),
            workerCount: settings.workerCount, seed: settings.seed)
    }

    /// The first samples of a set, in order.
    private static func validationLoader<Source: Dataset>(
        _ data: Source, _ settings: DataSettings
    ) -> any LabeledBatches where Source.Batch == (Tensor, Tensor) {
        DataLoader(
            data, batchSize: settings.batchSize,
            sampler: SequentialSampler(count: min(settings.limit ?? data.count, data.count)),
            workerCount: settings.workerCount, seed: settings.seed)
    }
}
