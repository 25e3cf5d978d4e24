import Foundation
import YuyanCore

/// 28 × 28 gray pictures of ten kinds of clothing: 60,000 to train on and 10,000 to test with.
///
/// Sample i is an image, float32 `[1, 28, 28]` in 0…1 (the byte divided by 255), and its label, an int64 scalar in
/// 0…9. A batch is `[N, 1, 28, 28]` and `[N]`.
/// Source: Xiao, Rasul and Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine learning
/// algorithms (2017). Debian has it as `dataset-fashion-mnist`.
public struct FashionMNIST: LabeledDataset {
    /// One of its two parts.
    public enum Split: String, Sendable, CaseIterable {
        /// 60,000 images to train on.
        case train
        /// 10,000 images to test on.
        case test
    }

    /// The ten labels' names, in order.
    public static let classNames = [
        "t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
    ]

    /// The same in Chinese.
    public static let chineseClassNames = [
        "T恤", "长裤", "套头衫", "连衣裙", "外套", "凉鞋", "衬衫", "运动鞋", "包", "短靴",
    ]

    /// Where the Debian package puts the files.
    public static let systemFolder = URL(fileURLWithPath: "/usr/share/datasets/fashion-mnist", isDirectory: true)

    /// The length of an image's sides.
    public static let side = 28

    private let images: LabeledImages

    /// Reads both files of a split.
    ///
    /// - Parameters:
    ///   - split: which of the two sets.
    ///   - folder: holds `train-images-idx3-ubyte.gz`, `train-labels-idx1-ubyte.gz`, `t10k-images-idx3-ubyte.gz` and
    ///     `t10k-labels-idx1-ubyte.gz`, or the same without `.gz`. By default the Debian package's folder.
    /// - Throws: `DataError` if a file is missing or damaged, or the two do not fit together.
    public init(_ split: Split, folder: URL? = nil) throws(DataError) {
        let (imageFile, labelFile) = try FashionMNIST.files(split, in: folder ?? FashionMNIST.systemFolder)
        let images = try IDX.read(contentsOf: imageFile)
        let labels = try IDX.read(contentsOf: labelFile)
        let side = FashionMNIST.side
        guard images.shape.rank == 3, images.shape[1] == side, images.shape[2] == side else {
            let reason = "holds an array \(images.shape), images are [N, \(side), \(side)]"
            throw DataError(path: imageFile.path, reason: reason)
        }
        guard labels.shape.rank == 1 else {
            throw DataError(path: labelFile.path, reason: "holds an array \(labels.shape), labels are [N]")
        }
        guard labels.elements.count == images.shape[0] else {
            let reason = "holds \(labels.elements.count) labels for \(images.shape[0]) images in \(imageFile.path)"
            throw DataError(path: labelFile.path, reason: reason)
        }
        if let index = labels.elements.firstIndex(where: { $0 >= FashionMNIST.classNames.count }) {
            let reason = "label \(index) is \(labels.elements[index]), labels are 0 to 9"
            throw DataError(path: labelFile.path, reason: reason)
        }
        self.images = LabeledImages(pixels: images.elements, shape: [1, side, side], labels: labels.elements)
    }

    public var count: Int { images.labels.count }

    public var labels: [Int] { images.labels.map { Int($0) } }

    /// The CRC-32 of all pixels and labels as eight hexadecimal digits: the same for the same samples, however their files
    /// are called or compressed.
    public var checksum: String { images.checksum }

    /// One image and its label. Traps unless `0 ≤ index < count`.
    public subscript(index: Int) -> (Tensor, Tensor) { images[index] }

    public func batch(at indices: ArraySlice<Int>) -> (Tensor, Tensor) { images.batch(at: indices) }

    /// Whether the files of both splits are in a folder, by default the Debian package's.
    public static func isPresent(in folder: URL? = nil) -> Bool {
        Split.allCases.allSatisfy { (try? files($0, in: folder ?? systemFolder)) != nil }
    }

    /// Whether any of the files is in a folder.
    public static func hasFiles(in folder: URL) -> Bool {
        Split.allCases.contains { split in
            let prefix = split == .train ? "train" : "t10k"
            return ["images-idx3", "labels-idx1"].contains { kind in
                (try? file("\(prefix)-\(kind)-ubyte", in: folder)) != nil
            }
        }
    }

    private static func files(_ split: Split, in folder: URL) throws(DataError) -> (images: URL, labels: URL) {
        let prefix = split == .train ? "train" : "t10k"
        return (
            try file("\(prefix)-images-idx3-ubyte", in: folder), try file("\(prefix)-labels-idx1-ubyte", in: folder)
        )
    }

    private static func file(_ name: String, in folder: URL) throws(DataError) -> URL {
        let candidates = [folder.appendingPathComponent(name + ".gz"), folder.appendingPathComponent(name)]
        if let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0.path) }) { return found }
        let advice = "apt-get install dataset-fashion-mnist provides it; --data FOLDER reads it from elsewhere"
        throw DataError(path: candidates[0].path, reason: "no such file; \(advice)")
    }
}
