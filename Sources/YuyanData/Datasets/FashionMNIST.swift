import CZlib
import Foundation
import YuyanCore

/// 28 × 28 gray pictures of ten kinds of clothing: 60,000 to train on and 10,000 to test with.
///
/// Sample i is an image, float32 `[1, 28, 28]` in 0…1 (the byte divided by 255), and its label, an int64 scalar in
/// 0…9. A batch is `[N, 1, 28, 28]` and `[N]`.
/// Source: Xiao, Rasul and Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine learning
/// algorithms (2017). Debian has it as `dataset-fashion-mnist`.
public struct FashionMNIST: Dataset {
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

    private let pixels: HostArray  // uint8 [N, 1, 28, 28]
    private let labels: [UInt8]

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
        pixels = HostArray(bytes: images.elements, shape: [images.shape[0], 1, side, side], dtype: .uint8)
        self.labels = labels.elements
    }

    public var count: Int { labels.count }

    /// The CRC-32 of all pixels and labels as eight hexadecimal digits: the same for the same samples, however their files
    /// are called or compressed.
    public var checksum: String {
        var sum = crc32(0, nil, 0)
        for bytes in [pixels.bytes, labels] {
            sum = bytes.withUnsafeBufferPointer { crc32_z(sum, $0.baseAddress, z_size_t($0.count)) }
        }
        let digits = String(sum, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// One image and its label. Traps unless `0 ≤ index < count`.
    public subscript(index: Int) -> (Tensor, Tensor) {
        let image = FashionMNIST.scaled(pixels.row(at: index))
        return (image, Tensor([Int64(labels[index])], shape: .scalar))
    }

    public func batch(at indices: ArraySlice<Int>) -> (Tensor, Tensor) {
        let images = FashionMNIST.scaled(pixels.rows(at: indices))
        return (images, Tensor(indices.map { Int64(labels[$0]) }, shape: [indices.count]))
    }

    /// Bytes to 0…1.
    private static func scaled(_ pixels: HostArray) -> Tensor {
        let bytes = pixels.bytes
        // A plain loop into fresh memory is vectorized; `map` is not, and takes four times as long.
        let floats = [Float](unsafeUninitializedCapacity: bytes.count) { floats, count in
            for (index, byte) in bytes.enumerated() { floats[index] = Float(byte) / 255 }
            count = bytes.count
        }
        return Tensor(floats, shape: pixels.shape)
    }

    /// Whether the files of both splits are in a folder, by default the Debian package's.
    public static func isPresent(in folder: URL? = nil) -> Bool {
        Split.allCases.allSatisfy { (try? files($0, in: folder ?? systemFolder)) != nil }
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
