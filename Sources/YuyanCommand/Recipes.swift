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
        makeBatches: { settings in
            // Two sets of points from the same plane: one to learn from, one to validate with.
            func points() -> TensorDataset<(Tensor, Tensor)> {
                let (features, labels) = syntheticLinearData(
                    weight: Tensor(plane.weight), bias: plane.bias, count: 1000)
                return TensorDataset(features, labels)
            }
            return batches(training: points(), validation: points(), called: "valid", settings)
        },
        findings: { model in
            let state = model.stateDictionary()
            func errors(_ name: String, _ truth: [Double]) -> [Double] {
                zip(state[name]?.array(of: Double.self) ?? [], truth).map { $0 - $1 }
            }
            return [
                Finding(name: "error of w", values: errors("0.weight", plane.weight)),
                Finding(name: "error of b", values: errors("0.bias", [plane.bias])),
            ]
        })

    /// y = w · x + b, the book's numbers.
    private static let plane = (weight: [2, -3.4], bias: 4.2)

    private static func fashionMNIST(
        _ name: String, _ summary: String, _ makeModel: @escaping @Sendable () -> Sequential, weights: Initializer,
        biases: Initializer? = nil, learningRate: Double
    ) -> Recipe {
        Recipe(
            name: name, summary: summary, makeModel: makeModel, sampleShape: [1, 28, 28], weights: weights,
            biases: biases, learningRate: learningRate, epochs: 10, loss: { crossEntropy($0, $1) },
            metrics: [.accuracy], dataSet: "Fashion-MNIST", classNames: FashionMNIST.classNames,
            chineseClassNames: FashionMNIST.chineseClassNames,
            makeBatches: { settings in
                func read(_ split: FashionMNIST.Split) throws -> FashionMNIST {
                    let data = try FashionMNIST(split, folder: settings.folder)
                    guard data.count > 0 else {
                        let folder = settings.folder ?? FashionMNIST.systemFolder
                        throw DataError(path: folder.path, reason: "the \(split) set holds no images")
                    }
                    return data
                }
                return batches(training: try read(.train), validation: try read(.test), called: "test", settings)
            })
    }

    /// Loaders of the first samples of both sets: shuffled for training, in order for validation.
    private static func batches<Source: Dataset>(
        training: Source, validation: Source, called validationName: String, _ settings: DataSettings
    ) -> Batches where Source.Batch == (Tensor, Tensor) {
        func count(_ data: Source) -> Int { min(settings.limit ?? data.count, data.count) }
        return Batches(
            training: DataLoader(
                training, batchSize: settings.batchSize,
                sampler: RandomSampler(count: count(training), seed: settings.seed),
                workerCount: settings.workerCount, seed: settings.seed),
            validation: DataLoader(
                validation, batchSize: settings.batchSize, sampler: SequentialSampler(count: count(validation)),
                workerCount: settings.workerCount, seed: settings.seed), validationName: validationName)
    }
}
