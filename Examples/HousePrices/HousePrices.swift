import ArgumentParser
import Foundation
import Yuyan

/// Learns the prices of houses from one CSV file and predicts those of another: `swift run -c release HousePrices
/// --training train.csv --test test.csv`, with the files of Kaggle's competition House Prices, or others of that form.
///
/// It estimates the error by folds, learns again from all houses, and writes what Kaggle takes.
@main
struct PricePrediction: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "HousePrices", abstract: "Predict the prices of houses from a CSV file of houses with prices.")

    @Option(help: "The houses with prices, a CSV file.")
    var training: String

    @Option(help: "The houses whose prices are asked for, a CSV file with the same columns.")
    var test: String

    @Option(help: "Where to write the predicted prices.")
    var output = "submission.csv"

    @Option(help: "The column of prices.")
    var target = "SalePrice"

    @Option(help: "The column that names the houses.")
    var identifier = "Id"

    @Option(help: "In how many folds to divide the houses with prices.")
    var folds = 5

    @Option(help: "How often to go through the houses.")
    var epochs = 100

    @Option(help: "The learning rate.")
    var learningRate = 5.0

    @Option(help: "Seed of the first weights and of the order of the houses.")
    var seed: UInt64 = 1

    func validate() throws {
        guard folds > 1, epochs > 0, learningRate > 0, learningRate.isFinite else {
            throw ValidationError("--folds must be 2 or more, --epochs and --learning-rate above 0.")
        }
    }

    func run() throws {
        let houses = try HousePrices(
            training: URL(fileURLWithPath: training), test: URL(fileURLWithPath: test), identifier: identifier,
            target: target)
        let count = houses.features.shape[0]
        guard count >= folds else {
            throw DataError(path: training, reason: "\(count) houses are too few for \(folds) folds")
        }
        print("\(count) houses, \(houses.featureNames.count) features, \(houses.testIDs.count) prices are asked for")
        try withSeed(seed) {
            let (features, prices) = (Tensor(houses.features), Tensor(houses.prices))
            let errors = kFolds(count: count, folds: folds).map { fold in
                let (training, validation) = (Tensor(fold.training), Tensor(fold.validation))
                let net = learned(features[training], prices[training])
                return logError(net(features[validation]), prices[validation])
            }
            for (index, error) in errors.enumerated() { print("fold \(index + 1): \(text(error))") }
            print("mean: \(text(errors.reduce(0, +) / Double(folds))), the error of the logarithm of a price")

            let net = learned(features, prices)
            try houses.writeSubmission(
                net(Tensor(houses.testFeatures)), to: URL(fileURLWithPath: output), identifier: identifier,
                target: target)
            print("written: \(output)")
        }
    }

    /// A linear model. Prices are large numbers, and Adam moves each weight by about the learning rate: hence 5.
    private func learned(_ features: Tensor, _ prices: Tensor) -> Linear {
        let net = Linear(inputSize: features.shape[1], outputSize: 1)
        let optimizer = Adam(net.parameters(), learningRate: learningRate)
        let batches = DataLoader(TensorDataset(features, prices), batchSize: 64, shuffle: true, seed: seed)
        for _ in 1...epochs {
            for (x, y) in batches {
                optimizer.zeroGradients()
                meanSquaredError(net(x), y).backward()
                optimizer.step()
            }
        }
        return net
    }

    /// What Kaggle ranks by: the root of the mean squared error of the logarithms.
    private func logError(_ predictions: Tensor, _ prices: Tensor) -> Double {
        (maximum(predictions, 1).log() - prices.log()).squared().mean().squareRoot().item()
    }

    private func text(_ error: Double) -> String { error.formatted(.number.precision(.fractionLength(4))) }
}
