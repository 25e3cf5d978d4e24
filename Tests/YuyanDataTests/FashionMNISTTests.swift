import Foundation
import Testing
import YuyanCore
import YuyanData

@Suite struct FashionMNISTTests {
    /// A folder with two test images, the first all zeros and the second all 255, and their labels.
    private func folder(
        images: [UInt8] = idx([2, 28, 28], (0..<1568).map { $0 < 784 ? 0 : 255 }), labels: [UInt8] = idx([2], [9, 0])
    ) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(gzipped(images), "t10k-images-idx3-ubyte.gz")
        try folder.write(labels, "t10k-labels-idx1-ubyte")
        return folder
    }

    @Test func readsAFolder() throws {
        let folder = try folder()
        let data = try FashionMNIST(.test, folder: folder.url)
        #expect(data.count == 2)
        let (image, label) = data[1]
        #expect(image.shape == [1, 28, 28])
        #expect(image.dtype == .float32)
        #expect(image.array(of: Float.self) == [Float](repeating: 1, count: 784))
        #expect(label.shape == [])
        #expect(label.array(of: Int64.self) == [0])
        let (images, labels) = data.batch(at: [1, 0, 1])
        #expect(images.shape == [3, 1, 28, 28])
        #expect(labels.dtype == .int64)
        #expect(labels.array(of: Int64.self) == [0, 9, 0])
        // The gather gives what collating single samples gives.
        #expect(data.collate([data[1], data[0], data[1]]).0.hostArray == images.hostArray)
        #expect(FashionMNIST.classNames.count == 10)
        // zlib.crc32 of Python's.
        #expect(data.checksum == "b067c272")
        let other = try self.folder(labels: idx([2], [9, 1]))
        #expect(try FashionMNIST(.test, folder: other.url).checksum != data.checksum)
    }

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: FashionMNIST.systemFolder.path)),
        arguments: [
            (FashionMNIST.Split.train, 60_000, 0.2860, [9, 0, 0, 3, 0]), (.test, 10_000, 0.2868, [9, 2, 1, 1, 6]),
        ])
    func readsTheRealData(split: FashionMNIST.Split, count: Int, mean: Double, firstLabels: [Int64]) throws {
        let data = try FashionMNIST(split)
        #expect(data.count == count)
        #expect(data.batch(at: Array(0..<5)[...]).1.array(of: Int64.self) == firstLabels)
        var sum = 0.0
        var classCounts = [Int](repeating: 0, count: 10)
        for (images, labels) in DataLoader(data, batchSize: 1000) {
            let pixels = images.array(of: Float.self)
            #expect(pixels.allSatisfy { (0...1).contains($0) })
            sum += pixels.reduce(0) { $0 + Double($1) }
            for label in labels.array(of: Int64.self) { classCounts[Int(label)] += 1 }
        }
        // Published mean of the pixels, to its four digits.
        #expect(abs(sum / Double(count * 784) - mean) < 0.0001)
        #expect(classCounts == [Int](repeating: count / 10, count: 10))
    }

    @Test func refusesFilesThatDoNotFit() throws {
        let two = idx([2, 28, 28], [UInt8](repeating: 0, count: 1568))
        let cases: [(images: [UInt8], labels: [UInt8], file: String, reason: String)] = [
            (two, idx([3], [0, 1, 2]), "t10k-labels-idx1-ubyte", "holds 3 labels for 2 images in "),
            (two, idx([2], [0, 10]), "t10k-labels-idx1-ubyte", "label 1 is 10, labels are 0 to 9"),
            (two, idx([2, 1], [0, 1]), "t10k-labels-idx1-ubyte", "holds an array [2, 1], labels are [N]"),
            (
                idx([2], [0, 0]), idx([2], [0, 0]), "t10k-images-idx3-ubyte.gz",
                "holds an array [2], images are [N, 28, 28]"
            ),
            ([], idx([2], [0, 0]), "t10k-images-idx3-ubyte.gz", "IDX header is truncated: 0 bytes, 4 needed"),
        ]
        for (images, labels, file, reason) in cases {
            let folder = try folder(images: images, labels: labels)
            let error = try #require(failure { _ = try FashionMNIST(.test, folder: folder.url) })
            #expect(error.path == folder.url.appendingPathComponent(file).path)
            #expect(error.reason.hasPrefix(reason), "\(error)")
        }
    }

    @Test func namesTheMissingFileAndItsSource() throws {
        let folder = try folder()
        let error = try #require(failure { _ = try FashionMNIST(.train, folder: folder.url) })
        #expect(
            error.description
                == folder.url.path + "/train-images-idx3-ubyte.gz: no such file; "
                + "apt-get install dataset-fashion-mnist provides it; --data FOLDER reads it from elsewhere")
    }
}
