import ArgumentParser
import Foundation
import Yuyan

/// `EfficientNetLite tune`: a new last layer for pictures of other classes, beside a LeNet that knows nothing yet.
struct Tune: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a new last layer on a folder of pictures, and for the same time a LeNet from scratch.",
        discussion: "The folders have one folder for each class, such as 'yuyan data export --per-class' writes.")

    @Argument(help: "The weights, as reference.py wrote them.")
    var weights: String

    @Argument(help: "The pictures to train on.")
    var training: String

    @Argument(help: "Other pictures of the same classes, to test with in the end.")
    var test: String

    @Option(help: "How often the last layer sees the pictures.")
    var epochs = 100

    @Option(help: "Seed of the split, the first weights and the order of the pictures.")
    var seed: UInt64 = 0

    @Option(help: "Where to write the weights of the whole network with its new last layer, a safetensors file.")
    var output: String?

    func validate() throws {
        guard epochs > 0 else { throw ValidationError("--epochs must be above 0.") }
    }

    func run() throws {
        let pictures = try ImageFolder(URL(fileURLWithPath: training, isDirectory: true))
        let others = try ImageFolder(URL(fileURLWithPath: test, isDirectory: true))
        guard others.classNames == pictures.classNames else {
            throw DataError(path: test, reason: "has other classes than \(training)")
        }
        print(
            "\(pictures.count) pictures of \(pictures.classNames.count) classes to learn from, "
                + "\(others.count) others to test with")
        let start = ContinuousClock.now
        let net = try withSeed(seed) { try tunedNetwork(pictures) }
        let time = ContinuousClock.now - start
        let leNet = try withSeed(seed) { try trainedLeNet(pictures, for: time) }

        if let output { try net.saveWeights(to: URL(fileURLWithPath: output)) }
        let gray = DataLoader(others.withChannels(1), batchSize: 20)
        let colored = DataLoader(
            TransformedDataset(others.withChannels(3), EfficientNetLite0.preparation), batchSize: 20)
        print("on the test pictures:")
        print("  EfficientNet-Lite0 with a new last layer  \(try accuracy(net, colored))")
        print("  LeNet from scratch for the same time      \(try accuracy(leNet, gray))")
    }

    /// Only the last layer learns: the rest has frozen parameters, and its batch normalization the averages of ImageNet. As
    /// nothing about the pictures is random either, all epochs see the same features: they are computed once.
    private func tunedNetwork(_ pictures: ImageFolder) throws -> EfficientNetLite0 {
        let start = ContinuousClock.now
        let net = EfficientNetLite0(classCount: pictures.classNames.count)
        let renaming = Renaming { name in
            // The layer for ImageNet's classes stays out.
            name.hasPrefix("_fc.") ? "ImageNet's \(name)" : EfficientNetLite0.name(ofForeign: name)
        }
        let left = try net.loadWeights(
            from: URL(fileURLWithPath: weights), renaming: renaming, allowing: .partial)
        print("new: \(left.missing.joined(separator: ", "))")
        for (name, parameter) in net.namedParameters() where !left.missing.contains(name) {
            parameter.requiresGradient = false
        }
        net.eval()
        let seen = try split(pictures.withChannels(3)).map { part in
            let batches = DataLoader(TransformedDataset(part, EfficientNetLite0.preparation), batchSize: 20)
            var (features, labels): ([Tensor], [Tensor]) = ([], [])
            var epoch = batches.makeIterator()
            while let (images, labelsOfBatch) = try batches.nextBatch(of: &epoch) {
                features.append(withoutGradients { net.features(images) })
                labels.append(labelsOfBatch)
            }
            return TensorDataset(concatenate(features, axis: 0), concatenate(labels, axis: 0))
        }
        let bodyTime = ContinuousClock.now - start
        let head = Sequential(net.dropout, net.fc)
        try trainBest(head, seen[0], seen[1]) { $0 < epochs }
        let time = ContinuousClock.now - start
        print("EfficientNet-Lite0: \(seconds(bodyTime)) for the features, with \(epochs) epochs \(seconds(time))")
        return net
    }

    private func trainedLeNet(_ pictures: ImageFolder, for time: Duration) throws -> Layer {
        let end = ContinuousClock.now + time
        let parts = try split(pictures.withChannels(1)).map { part in
            let (images, labels) = try part.batch(at: Array(0..<part.count)[...])
            return TensorDataset(images, labels)
        }
        let net = makeLeNet(imageSize: 28, classCount: pictures.classNames.count)
        let count = try trainBest(net, parts[0], parts[1]) { _ in ContinuousClock.now < end }
        print("LeNet: \(count) epochs in \(seconds(time))")
        return net
    }

    /// A fifth of each class to choose the best epoch by; the same pictures for both networks.
    private func split(_ pictures: ImageFolder) throws -> [Subset<ImageFolder>] {
        try pictures.stratifiedSplit([0.8, 0.2], seed: seed)
    }

    /// Trains epoch by epoch while it is to go on, and ends with the weights of the one with the least validation loss.
    ///
    /// - Returns: the number of epochs.
    @discardableResult
    private func trainBest(
        _ net: Layer, _ training: TensorDataset<(Tensor, Tensor)>, _ validation: TensorDataset<(Tensor, Tensor)>,
        while goesOn: (Int) -> Bool
    ) throws -> Int {
        let trainer = Trainer(
            net, training: DataLoader(training, batchSize: 16, shuffle: true),
            validation: DataLoader(validation, batchSize: 100),
            optimizer: Adam(net.parameters(), learningRate: 0.001), loss: { crossEntropy($0, $1) })
        var best = (loss: Double.infinity, weights: net.stateDictionary())
        repeat {
            for record in try trainer.fit(epochs: 1) {
                guard let loss = record.validationLoss, loss < best.loss else { continue }
                best = (loss, net.stateDictionary())
            }
        } while goesOn(trainer.records.count)
        try net.load(best.weights)
        return trainer.records.count
    }

    private func accuracy(_ net: Layer, _ batches: some Batches<(Tensor, Tensor)>) throws -> String {
        let result = try evaluate(net, on: batches, loss: { crossEntropy($0, $1) }, metrics: [.accuracy])
        return (result.accuracy ?? .nan).formatted(.percent.precision(.fractionLength(1)))
    }

    private func seconds(_ duration: Duration) -> String {
        (duration / .seconds(1)).formatted(.number.precision(.fractionLength(1))) + " s"
    }
}
