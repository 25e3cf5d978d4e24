import ArgumentParser
import Foundation
import Yuyan

/// A data set of labeled images that the command can list, show and export.
struct KnownDataset: Sendable {
    /// Some of its samples.
    struct Samples {
        /// In the whole split.
        var count: Int
        /// Gray or colored, with values of 0 to 1.
        var images: Tensor
        var labels: [Int]
        /// Where they stand in the split.
        var indices: [Int]
    }

    var name: String
    /// One line for the list.
    var summary: String
    var splits: [(name: String, count: Int)]
    /// One image.
    var shape: Shape
    var classNames: [String]
    /// In the language of whoever uses the command.
    var shownClassNames: [String]
    /// Where it is looked for unless `--data` says otherwise.
    var folder: URL
    /// Debian's package that has it.
    var package: String
    var isPresent: @Sendable (URL) -> Bool
    /// Samples of a split at the places that are picked, given the labels of all.
    var samples: @Sendable (_ split: String, _ folder: URL, _ pick: ([Int]) throws -> [Int]) throws -> Samples
}

extension KnownDataset {
    static let all = [fashionMNIST]

    static let fashionMNIST = KnownDataset(
        name: "fashion-mnist", summary: "gray images of clothes", splits: [("train", 60_000), ("test", 10_000)],
        shape: [1, 28, 28], classNames: FashionMNIST.classNames,
        shownClassNames: Language.current == .chinese ? FashionMNIST.chineseClassNames : FashionMNIST.classNames,
        folder: FashionMNIST.systemFolder, package: "dataset-fashion-mnist",
        isPresent: { FashionMNIST.isPresent(in: $0) },
        samples: { split, folder, pick in
            let data = try FashionMNIST(split == "test" ? .test : .train, folder: folder)
            let indices = try pick(data.labels)
            guard !indices.isEmpty else {
                throw DataError(path: folder.path, reason: "the \(split) set holds no images")
            }
            let (images, labels) = data.batch(at: indices[...])
            return Samples(count: data.count, images: images, labels: labels.array(of: Int.self), indices: indices)
        })
}

extension KnownDataset: ExpressibleByArgument {
    init?(argument: String) {
        guard let known = KnownDataset.all.first(where: { $0.name == argument }) else { return nil }
        self = known
    }

    static var allValueStrings: [String] { all.map(\.name) }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
