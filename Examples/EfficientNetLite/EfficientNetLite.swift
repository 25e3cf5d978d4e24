import ArgumentParser
import Foundation
import Yuyan

/// A network that others have trained on ImageNet's 1.3 million pictures, with weights from PyTorch: `swift run -c release
/// EfficientNetLite`. README.md says where the weights come from.
@main
struct EfficientNetLite: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "EfficientNetLite", abstract: "Run and retrain EfficientNet-Lite0 with its ImageNet weights.",
        subcommands: [Compare.self, Tune.self])
}

/// `EfficientNetLite compare`: the logits beside PyTorch's.
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare the logits of pictures with PyTorch's; fails where they differ by more than 0.0001.")

    @Argument(help: "The folder that reference.py wrote.")
    var reference: String

    @Argument(help: "The folder of pictures that reference.py read.")
    var pictures: String

    /// The most by which a logit may differ.
    private static let limit = 1e-4

    func run() throws {
        let net = EfficientNetLite0()
        try net.loadWeights(
            from: URL(fileURLWithPath: "\(reference)/weights.safetensors"),
            renaming: Renaming(EfficientNetLite0.name(ofForeign:)))
        net.eval()
        let expected = try Expected(URL(fileURLWithPath: "\(reference)/reference.safetensors"))
        let folder = try ImageFolder(URL(fileURLWithPath: pictures, isDirectory: true), channelCount: 3)
        guard folder.count == expected.count else {
            throw DataError(path: pictures, reason: "has \(folder.count) pictures, PyTorch was shown \(expected.count)")
        }
        print("\(net.parameterCount.formatted()) parameters")
        // PyTorch's own images, and the same pictures as Yuyan reads and resizes them.
        let (own, _) = try TransformedDataset(folder, EfficientNetLite0.preparation).batch(
            at: Array(0..<folder.count)[...])
        let logits = withoutGradients { (net(expected.images), net(own)) }
        let (differences, ownDifferences) = (
            (logits.0 - expected.logits).abs().max(axis: 1), (logits.1 - expected.logits).abs().max(axis: 1)
        )
        var agreeing = 0
        for (index, file) in folder.files.enumerated() {
            let (found, theirs) = (Prediction.best(logits.0[index]), Prediction.best(expected.logits[index]))
            if found.map(\.label) == theirs.map(\.label) { agreeing += 1 }
            print("\(folder.classNames[folder.labels[index]])/\(file.lastPathComponent)")
            let classes = found.map(\.text).joined(separator: ", ")
            print("  largest |logit − PyTorch's| \(short(differences[index].item())); \(classes)")
        }
        // The same with batch normalization folded into the convolutions.
        let quick = net.inferenceCopy(example: expected.images[0..<1]) { EfficientNetLite0() }
        let quickWorst = (withoutGradients { quick(expected.images) } - expected.logits).abs().max().item()
        let (worst, ownWorst) = (differences.max().item(), ownDifferences.max().item())
        let pixels = (own - expected.images).abs().max().item()
        print("the five likeliest classes are PyTorch's in \(agreeing) of \(folder.count) pictures")
        print("largest |logit − PyTorch's| of all: \(short(worst))")
        print("with images that Yuyan has read and resized: \(short(ownWorst)); pixels differ by \(short(pixels))")
        print("with batch normalization folded into the convolutions: \(short(quickWorst))")
        // Not the other way round: NaN must fail, too.
        guard worst <= Self.limit, ownWorst <= Self.limit, quickWorst <= Self.limit else {
            print("FAIL: more than \(short(Self.limit))")
            throw ExitCode.failure
        }
        print("PASS: at most \(short(Self.limit))")
    }

    private func short(_ number: Double) -> String { String(format: "%.1e", number) }
}

/// What PyTorch was shown and what it answered.
private struct Expected {
    let images: Tensor
    let logits: Tensor
    var count: Int { images.shape[0] }

    init(_ file: URL) throws {
        let tensors = try Safetensors.load(from: file)
        guard let images = tensors["images"], let logits = tensors["logits"], images.rank == 4,
            images.shape[1] == 3, logits.shape == [images.shape[0], 1000]
        else { throw DataError(path: file.path, reason: "lacks images [N, 3, H, W] with logits [N, 1000]") }
        (self.images, self.logits) = (images, logits)
    }
}

/// One of the likeliest classes of a picture.
private struct Prediction {
    /// Among ImageNet's classes, from 0 to 999.
    var label: Int
    var probability: Float
    var text: String {
        let percent = probability.formatted(.percent.precision(.fractionLength(0)))
        return "class \(label) \(percent)"
    }

    static func best(_ logits: Tensor) -> [Prediction] {
        let probabilities = logits.softmax(axis: 0).array(of: Float.self)
        let order = probabilities.indices.sorted { probabilities[$0] > probabilities[$1] }
        return order.prefix(5).map { Prediction(label: $0, probability: probabilities[$0]) }
    }
}
