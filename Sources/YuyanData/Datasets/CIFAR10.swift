import Foundation
import YuyanCore

/// 32 × 32 color pictures of ten kinds of things: 50,000 to train on and 10,000 to test with, in the files of its binary
/// version.
///
/// Sample i is an image, float32 `[3, 32, 32]` in 0…1 (the byte divided by 255; red, green, blue), and its label, an int64
/// scalar in 0…9. A batch is `[N, 3, 32, 32]` and `[N]`.
/// Source: Krizhevsky, Learning multiple layers of features from tiny images (2009).
public struct CIFAR10: LabeledDataset {
    /// One of its two parts.
    public enum Split: String, Sendable, CaseIterable {
        /// `data_batch_1.bin` … `data_batch_5.bin`.
        case train
        /// `test_batch.bin`.
        case test

        var fileNames: [String] {
            self == .train ? (1...5).map { "data_batch_\($0).bin" } : ["test_batch.bin"]
        }
    }

    /// The ten labels' names, in order.
    public static let classNames = [
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ]

    /// The same in Chinese.
    public static let chineseClassNames = ["飞机", "汽车", "鸟", "猫", "鹿", "狗", "青蛙", "马", "船", "卡车"]

    /// The length of an image's sides.
    public static let side = 32

    private static let shape: Shape = [3, side, side]

    private let images: LabeledImages

    /// Reads the files of a split. A record is one byte of label and 3072 of pixels: the rows of red, then of green, then of
    /// blue.
    ///
    /// - Parameters:
    ///   - split: which of the two sets.
    ///   - folder: holds the files, or the folder `cifar-10-batches-bin` that they are packed in.
    /// - Throws: `DataError` if a file is missing, has another size than whole records need, or a label above 9.
    public init(_ split: Split, folder: URL) throws(DataError) {
        let place = CIFAR10.place(in: folder)
        let pixelCount = CIFAR10.shape.elementCount
        var (pixels, labels): ([UInt8], [UInt8]) = ([], [])
        for name in split.fileNames {
            let file = place.appendingPathComponent(name)
            let bytes = try Files.read(file)
            guard !bytes.isEmpty, bytes.count.isMultiple(of: pixelCount + 1) else {
                throw DataError(
                    path: file.path,
                    reason:
                        "has \(bytes.count) bytes, which are no whole records of \(pixelCount + 1) (label and pixels)")
            }
            for start in stride(from: 0, to: bytes.count, by: pixelCount + 1) {
                let label = bytes[start]
                guard label < CIFAR10.classNames.count else {
                    throw DataError(
                        path: file.path,
                        reason: "the label of record \(start / (pixelCount + 1)) is \(label), labels are 0 to 9")
                }
                labels.append(label)
                pixels += bytes[start + 1..<start + 1 + pixelCount]
            }
        }
        images = LabeledImages(pixels: pixels, shape: CIFAR10.shape, labels: labels)
    }

    public var count: Int { images.labels.count }

    public var labels: [Int] { images.labels.map { Int($0) } }

    /// The CRC-32 of all pixels and labels as eight hexadecimal digits.
    public var checksum: String { images.checksum }

    /// One image and its label. Traps unless `0 ≤ index < count`.
    public subscript(index: Int) -> (Tensor, Tensor) { images[index] }

    public func batch(at indices: ArraySlice<Int>) -> (Tensor, Tensor) { images.batch(at: indices) }

    /// Whether any of the files is in a folder, or in the folder `cifar-10-batches-bin` there.
    public static func isPresent(in folder: URL) -> Bool {
        let place = place(in: folder)
        return Split.allCases.flatMap(\.fileNames).contains {
            FileManager.default.fileExists(atPath: place.appendingPathComponent($0).path)
        }
    }

    private static func place(in folder: URL) -> URL {
        let packed = folder.appendingPathComponent("cifar-10-batches-bin", isDirectory: true)
        return Files.isFolder(packed) ? packed : folder
    }
}
