import Foundation
import Testing
import YuyanCore
import YuyanData

/// A picture of one gray.
private func gray(_ value: UInt8, width: Int = 3, height: Int = 2) -> [UInt8] {
    Image(width: width, height: height, pixels: [UInt8](repeating: value, count: width * height)).pngData
}

/// A picture of one color.
private func colored(_ color: [UInt8], width: Int = 3, height: Int = 2) -> [UInt8] {
    let pixels = (0..<width * height).flatMap { _ in color }
    return Image(width: width, height: height, channelCount: 3, pixels: pixels).pngData
}

extension TemporaryFolder {
    /// Writes files, and the folders that they need.
    fileprivate func write(_ files: [String: [UInt8]]) throws {
        for (name, bytes) in files {
            let file = url.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }
    }
}

@Suite struct ImageFolderTests {
    @Test func classesAndPicturesAreSorted() throws {
        let folder = try TemporaryFolder()
        try folder.write([
            "dog/b.png": gray(20), "dog/a.PNG": gray(10), "cat/z.png": gray(255), "cat/.hidden.png": [1],
            "cat/notes.txt": [2], ".cache/x.png": [3], "readme.md": [4],
        ])
        let data = try ImageFolder(folder.url)
        #expect(data.classNames == ["cat", "dog"])
        #expect(data.files.map(\.lastPathComponent) == ["z.png", "a.PNG", "b.png"])
        #expect(data.labels == [0, 1, 1] && data.count == 3 && data.channelCount == 1)
        let (image, label) = try data[2]
        #expect(image.shape == [1, 2, 3] && label.item(as: Int64.self) == 1)
        #expect(image.array(of: Float.self) == [Float](repeating: 20 / 255, count: 6))
        let (images, labels) = try data.batch(at: [1, 0][...])
        #expect(images.shape == [2, 1, 2, 3] && labels.array(of: Int.self) == [1, 0])
    }

    @Test func oneColoredPictureMakesAllColored() throws {
        let folder = try TemporaryFolder()
        try folder.write(["a/1.png": gray(51), "b/1.png": colored([255, 0, 102])])
        let data = try ImageFolder(folder.url)
        #expect(data.channelCount == 3)
        #expect(try data[0].0.array(of: Float.self) == [Float](repeating: 0.2, count: 18))
        let pixel = try data[1].0.array(of: Float.self)
        #expect(pixel[0] == 1 && pixel[6] == 0 && pixel[12] == 0.4)
        // Y = 0.299 · 255 + 0.114 · 102, rounded.
        let inGray = try ImageFolder(folder.url, channelCount: 1)
        #expect(try inGray[1].0.array(of: Float.self) == [Float](repeating: 88 / 255, count: 6))
    }

    @Test func saysWhatIsMissing() throws {
        let folder = try TemporaryFolder()
        func reason(_ url: URL? = nil) -> DataError? { failure { _ = try ImageFolder(url ?? folder.url) } }
        #expect(
            reason()?.reason == "holds no images: it must hold a folder for each class, with PNG or JPEG images")
        try folder.write(["1.png": gray(0)])
        #expect(
            reason()?.reason
                == "holds images, but no folders: it must hold one for each class, with the images of the class")
        #expect(reason(folder.url.appendingPathComponent("1.png"))?.reason == "is a file, not a folder")
        #expect(reason(folder.url.appendingPathComponent("nowhere"))?.reason == "no such folder")
        try folder.write(["cat/1.png": gray(0), "dog/notes.txt": [1]])
        #expect(reason()?.reason == "holds no PNG or JPEG images; each class needs some")
        #expect(reason()?.path == folder.url.appendingPathComponent("dog").path)
    }

    /// A PNG's note may stand behind 100,000 bytes of pixels.
    @Test func turnedPicturesHaveTheSizeThatIsSeen() throws {
        let folder = try TemporaryFolder()
        let plain = gray(9, width: 5, height: 2)
        let note = pngChunk("eXIf", orientationTag(6, isLittleEndian: true))
        let long = Array(plain.dropLast(12)) + pngChunk("tEXt", [UInt8](repeating: 65, count: 100_000)) + note
        try folder.write(["a/1.png": long + Array(plain.suffix(12))])
        let data = try ImageFolder(folder.url)
        #expect(try data[0].0.shape == [1, 5, 2])
        #expect(try data.outputShape([]) == [1, 5, 2])
    }

    /// Both ends of the file are whole.
    @Test func damageInTheMiddleIsFoundByDecoding() throws {
        let folder = try TemporaryFolder()
        for index in 0..<20 { try folder.write(["\(index % 2)/\(index).png": gray(UInt8(index))]) }
        try ImageFolder(folder.url).checkPictures()
        var damaged = colored([1, 2, 3], width: 40, height: 30)
        damaged[damaged.count / 2] ^= 0xFF
        try folder.write(["1/7.png": damaged, "1/9.png": damaged])
        let data = try ImageFolder(folder.url)
        for _ in 0..<3 {
            let error = failure { try data.checkPictures() }
            #expect(error?.path == folder.url.appendingPathComponent("1/7.png").path)
            #expect(error?.reason.hasPrefix("PNG cannot be read") == true, "\(error?.reason ?? "")")
        }
    }

    /// One among many, whatever is wrong with it, is named before anything is read.
    @Test func anUnreadablePictureIsNamedAtOnce() throws {
        let whole = colored([1, 2, 3], width: 40, height: 30)
        for (bytes, reason) in [
            ([], "is empty, not a PNG or JPEG image"), (Array("GIF89a".utf8), "is not a PNG or JPEG image"),
            (Array(whole[..<20]), "PNG cannot be read"), (Array(whole.dropLast(30)), "PNG cannot be read"),
        ] as [([UInt8], String)] {
            let folder = try TemporaryFolder()
            var files: [String: [UInt8]] = [:]
            for index in 0..<50 { files["\(index % 2)/\(index).png"] = gray(7) }
            files["1/17b.png"] = bytes
            try folder.write(files)
            let error = failure { _ = try ImageFolder(folder.url) }
            #expect(error?.path == folder.url.appendingPathComponent("1/17b.png").path)
            #expect(error?.reason.hasPrefix(reason) == true, "\(error?.reason ?? "")")
        }
    }

    /// Damage in the middle shows only when the picture is decoded: then the file is named.
    @Test func damageInTheMiddleIsNamedWhenItIsRead() throws {
        let folder = try TemporaryFolder()
        var damaged = withSeed(1) { Image(Tensor.uniform([1, 20, 20])) }.pngData
        for index in 60..<120 { damaged[index] = 0x55 }
        try folder.write(["a/1.png": gray(1, width: 20, height: 20), "b/1.png": damaged])
        let data = try ImageFolder(folder.url)
        #expect {
            _ = try DataLoader(data, batchSize: 2).makeIterator().nextBatch()
        } throws: { error in
            let file = folder.url.appendingPathComponent("b/1.png").path
            return "\(error)".hasPrefix("sample 1 cannot be read: \(file): PNG cannot be read")
        }
    }

    /// Damage that the first and last bytes do not show.
    @Test func checkNamesTheFirstDamagedPicture() throws {
        let folder = try TemporaryFolder()
        let noise = withSeed(1) { Image(Tensor.uniform([1, 20, 20])) }.pngData
        try folder.write(Dictionary(uniqueKeysWithValues: (10..<40).map { ("a/\($0).png", noise) }))
        let data = try ImageFolder(folder.url)
        try data.checkPictures()
        var bytes = noise
        for index in 60..<120 { bytes[index] = 0x55 }
        try folder.write(["a/31.png": bytes, "a/17.png": bytes])
        let damaged = try ImageFolder(folder.url)
        let error = failure { try damaged.checkPictures() }
        #expect(error?.path == folder.url.appendingPathComponent("a/17.png").path)
        #expect(error?.reason.hasPrefix("PNG cannot be read: ") == true, "\(error?.reason ?? "")")
    }

    @Test func picturesOfAllKindsMakeABatch() throws {
        let folder = try TemporaryFolder()
        try folder.write([
            "a/1.png": colored([255, 0, 102], width: 9, height: 5), "a/2.png": gray(51, width: 1, height: 1),
            // Half transparent red: (128 · 255 + 127 · 255) / 255 red, 127 of green and blue.
            "b/1.png": png(width: 1, height: 1, colorType: 6, rows: [[255, 0, 0, 128]]),
        ])
        let data = try ImageFolder(folder.url)
        try data.checkPictures()
        let transforms: ImageTransforms = [.resizeShorterSide(4), .centerCrop(4)]
        #expect(try data.outputShape(transforms) == [3, 4, 4])
        let images = try TransformedDataset(data, transforms).batch(at: [0, 1, 2][...]).0
        #expect(images.shape == [3, 3, 4, 4])
        let values = images.array(of: Float.self)
        let half: Float = 127.0 / 255
        let colors: [[Float]] = [[1, 0, 0.4], [0.2, 0.2, 0.2], [1, half, half]]
        let expected = colors.joined().flatMap { [Float](repeating: $0, count: 16) }
        for (value, wanted) in zip(values, expected) { #expect(abs(value - wanted) < 1e-6) }
    }

    @Test func sizesAreKnownWithoutReadingPixels() throws {
        let folder = try TemporaryFolder()
        try folder.write(["a/1.png": gray(1), "a/2.png": gray(2), "b/1.png": gray(3, width: 5, height: 4)])
        let data = try ImageFolder(folder.url)
        let error = failure { _ = try data.outputShape([]) }
        #expect(error?.path == folder.url.appendingPathComponent("b/1.png").path)
        #expect(error?.reason == "has 5 × 4 pixels, 1.png 3 × 2: images of several sizes must be resized to one")
        #expect(try data.outputShape([.resize([6, 7])]) == [1, 6, 7])
        #expect(
            failure { _ = try data.outputShape([.resizeShorterSide(4), .centerCrop(5)]) }?.reason
                == "center_crop: 5 × 5 cannot be cut out of an image of 4 × 6 (height × width)")
        let changed = TransformedDataset(data, [.resize(4)])
        #expect(try changed.batch(at: [0, 2][...]).0.shape == [2, 1, 4, 4])
    }

    @Test func checksumKnowsPicturesAndClasses() throws {
        func checksum(_ files: [String: [UInt8]]) throws -> String {
            let folder = try TemporaryFolder()
            try folder.write(files)
            return try ImageFolder(folder.url).checksum()
        }
        let files = ["a/1.png": gray(1), "b/1.png": gray(2)]
        let sum = try checksum(files)
        #expect(sum.count == 8)
        #expect(try checksum(files) == sum)
        #expect(try checksum(["a/1.png": gray(1), "b/1.png": gray(3)]) != sum)
        #expect(try checksum(["a/1.png": gray(1), "c/1.png": gray(2)]) != sum)
    }
}

@Suite struct ImageFolderSplitsTests {
    @Test func partsHaveTheSameClasses() throws {
        let folder = try TemporaryFolder()
        try folder.write([
            "train/a/1.png": gray(1), "train/b/1.png": gray(2), "val/a/1.png": colored([1, 2, 3]),
            "val/b/1.png": gray(3),
        ])
        #expect(ImageFolder.Splits.isPresent(in: folder.url))
        let splits = try ImageFolder.Splits(folder.url)
        #expect(splits.training.channelCount == 3 && splits.validation?.channelCount == 3 && splits.test == nil)
        try folder.write(["test/a/1.png": gray(4)])
        let error = failure { _ = try ImageFolder.Splits(folder.url) }
        #expect(error?.path == folder.url.appendingPathComponent("test").path)
        #expect(error?.reason == "lacks the class 'b', which train has")
        try folder.write(["test/b/1.png": gray(4), "test/c/1.png": gray(4)])
        let surplus = failure { _ = try ImageFolder.Splits(folder.url) }
        #expect(surplus?.path == folder.url.appendingPathComponent("train").path)
        #expect(surplus?.reason == "lacks the class 'c', which test has")
    }

    @Test func aClassCalledTrainIsNoPart() throws {
        let folder = try TemporaryFolder()
        try folder.write(["train/1.png": gray(1), "tram/1.png": gray(2)])
        #expect(!ImageFolder.Splits.isPresent(in: folder.url))
        #expect(try ImageFolder(folder.url).classNames == ["train", "tram"])
    }
}

@Suite struct StratifiedSplitTests {
    private struct Labels: LabeledDataset {
        var labels: [Int]
        var count: Int { labels.count }
        subscript(index: Int) -> Tensor { Tensor(Int64(index)) }
    }

    @Test func eachPartHasAsMuchOfEachClass() throws {
        // 40 of class 0, 20 of 1 and 10 of 2, mixed.
        let labels = (0..<70).map { [0, 0, 1, 0, 0, 1, 2][$0 % 7] }
        let parts = try Labels(labels: labels).stratifiedSplit([0.7, 0.3], seed: 1)
        #expect(
            parts.map { part in (0..<3).map { label in part.labels.filter { $0 == label }.count } }
                == [[28, 14, 7], [12, 6, 3]])
        #expect((parts[0].indices + parts[1].indices).sorted() == Array(0..<70))
        #expect(parts[0].indices == parts[0].indices.sorted())
        #expect(try Labels(labels: labels).stratifiedSplit([0.7, 0.3], seed: 1)[1].indices == parts[1].indices)
        #expect(try Labels(labels: labels).stratifiedSplit([0.7, 0.3], seed: 2)[1].indices != parts[1].indices)
    }

    @Test func noPartLacksAClass() throws {
        // A tenth of 3 is none, rounded: it has one all the same.
        let labels = [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
        let parts = try Labels(labels: labels).stratifiedSplit([0.9, 0.1], seed: 0)
        #expect(parts.map(\.labels) == [[0, 0] + [Int](repeating: 1, count: 9), [0, 1]])
        #expect(
            throws: SplitError(reason: "class 1 has 1 sample, which cannot be dealt to 2 parts")
        ) { try Labels(labels: [0, 0, 1]).stratifiedSplit([0.5, 0.5], seed: 0) }
        #expect(try Labels(labels: [0, 0, 1]).stratifiedSplit([1, 0], seed: 0).map(\.count) == [3, 0])
        #expect(throws: SplitError(reason: "the fractions add up to 0.9, not to 1")) {
            try Labels(labels: [0]).stratifiedSplit([0.9])
        }
    }
}
