import Foundation
import Testing
import YuyanCore
import YuyanData

/// Files that Pillow 12 and TurboJPEG wrote: what other programs call PNG and JPEG.
private enum Sample {
    /// Red is 80 x, green 100 y, blue 7.
    static let rgb =
        "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAIAAAA7ljmRAAAAHElEQVR4nGNgYGAPYGBfwMD+gYGdhSGFAQ5QOABMAQLNnP3D/AAAAABJRU5ErkJggg=="
    /// One opaque pixel (10, 20, 30), one that is transparent.
    static let transparent =
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAEUlEQVR4nGPgEpH7z8DAwAAABpQBPFULoekAAAAASUVORK5CYII="
    /// Red and blue on the diagonals, by a palette.
    static let palette =
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACAQMAAABIeJ9nAAAABlBMVEX/AAAAAP9sof2OAAAADElEQVR4nGNwYHIAAAEIAIMYhovOAAAAAElFTkSuQmCC"
    /// 16 bits: 0 and 32768 above 65535 and 100 · 257.
    static let deep =
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACEAAAAAAHTY67AAAAEklEQVR4nGNgYGhgYPr//0kKAAy5A8mI547AAAAAAElFTkSuQmCC"
    /// 16 × 16 gray, the left half black and the right half white.
    static let grayJPEG =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIU"
        + "FRT/wAALCAAQABABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJx"
        + "FDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZ"
        + "mqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/APyqr+qiv5V6/qor/9k="
    /// 16 × 16 in CMYK, as Photoshop saves it.
    static let cmykJPEG =
        "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAQCwwODAoQDg0OEhEQExgoGhgWFhgxIyUdKDozPTw5Mzg3QEhcTkBEV0U3OFBtUVdfYmdoZz5NcXlwZHhcZWdj"
        + "/8AAFAgAEAAQBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFB"
        + "BhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqS"
        + "k5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwDpK46uOr0C"
        + "vKqK9Vor1WivKqK8qor1Wiv/2Q=="

    static func bytes(_ text: String) -> [UInt8] { [UInt8](Data(base64Encoded: text)!) }
}

/// 24 × 24 in RGB, in scans that refine it.
let progressiveJPEG =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H/"
    + "///6/+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj/wgAR"
    + "CAAYABgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAH/xAAVAQEBAAAAAAAAAAAAAAAAAAAAAf/aAAwDAQACEAMQAAABhSAAoT//"
    + "xAAUEAEAAAAAAAAAAAAAAAAAAAAw/9oACAEBAAEFAh//xAAUEQEAAAAAAAAAAAAAAAAAAAAg/9oACAEDAQE/AR//xAAUEQEAAAAAAAAAAAAA"
    + "AAAAAAAg/9oACAECAQE/AR//xAAUEAEAAAAAAAAAAAAAAAAAAAAw/9oACAEBAAY/Ah//xAAZEAADAAMAAAAAAAAAAAAAAAAAEKERsfD/2gAI"
    + "AQEAAT8hhCGjsOr/2gAMAwEAAgADAAAAEOPPQ//EABkRAQACAwAAAAAAAAAAAAAAAAEAECExQf/aAAgBAwEBPxCY7Spqf//EABkRAAIDAQAA"
    + "AAAAAAAAAAAAAAABEBEhQf/aAAgBAgEBPxAzsJKz/8QAIRABAAEEAgIDAQAAAAAAAAAAASERMVHwAEGBoXHB4fH/2gAIAQEAAT8QgELunaf3"
    + "DDCt1p3fkeMX6eHx50pypa46aG394YCwPfTdMk5pCtmd/cMXCs1mWdnReXrk0ow7HrJJ0Eh1am/eGP/Z"

@Suite struct ImageTests {
    @Test func readsColorPNG() throws {
        let image = try Image(data: Sample.bytes(Sample.rgb), path: "x")
        #expect(image.width == 4 && image.height == 3 && image.channelCount == 3)
        let expected = (0..<12).flatMap { (index: Int) -> [UInt8] in
            let (red, green) = (80 * (index % 4), 100 * (index / 4))
            return [UInt8(red), UInt8(green), 7]
        }
        #expect(image.pixels == expected)
    }

    @Test func readsPaletteTransparencyAndDeepPNG() throws {
        #expect(
            try Image(data: Sample.bytes(Sample.palette), path: "x").pixels
                == [255, 0, 0, 0, 0, 255, 0, 0, 255, 255, 0, 0])
        #expect(
            try Image(data: Sample.bytes(Sample.transparent), path: "x").pixels == [10, 20, 30, 255, 255, 255])
        let deep = try Image(data: Sample.bytes(Sample.deep), path: "x")
        #expect(deep.channelCount == 1)
        #expect(deep.pixels == [0, 128, 255, 100])
    }

    @Test func readsJPEG() throws {
        let image = try Image(data: Sample.bytes(Sample.grayJPEG), path: "x")
        #expect(image.width == 16 && image.height == 16 && image.channelCount == 1)
        #expect(image.pixels == (0..<256).map { $0 % 16 < 8 ? 0 : 255 })
    }

    @Test(arguments: [1, 3]) func readsWhatItWrites(channels: Int) throws {
        let folder = try TemporaryFolder()
        let pixels = (0..<7 * 5 * channels).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let image = Image(width: 7, height: 5, channelCount: channels, pixels: pixels)
        let file = folder.url.appendingPathComponent("picture.png")
        try image.write(to: file)
        #expect(try Image(contentsOf: file) == image)
        #expect(try folder.fileNames == ["picture.png"])
    }

    @Test func writesNothingWhereItCannot() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("missing/picture.png")
        let image = Image(width: 1, height: 1, pixels: [0])
        #expect(failure { try image.write(to: file) }?.reason == "cannot be written: No such file or directory")
        #expect(try folder.fileNames == [])
    }
}

@Suite struct ImageFaultTests {
    @Test(
        arguments: [
            ([], "is empty, not a PNG or JPEG image"),
            ([0x47, 0x49, 0x46, 0x38], "is not a PNG or JPEG image"),
            (Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8), "is not a PNG or JPEG image"),
            ([0xFF, 0xD8], "is not a PNG or JPEG image"),
        ] as [([UInt8], String)])
    func refusesWhatIsNoImage(bytes: [UInt8], reason: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(bytes, "picture")
        #expect(failure { _ = try Image(contentsOf: file) } == DataError(path: file.path, reason: reason))
    }

    @Test func refusesFoldersMissingFilesAndDevices() throws {
        let folder = try TemporaryFolder()
        #expect(failure { _ = try Image(contentsOf: folder.url) }?.reason == "is a folder, not a file")
        let missing = folder.url.appendingPathComponent("missing.png")
        #expect(
            failure { _ = try Image(contentsOf: missing) } == DataError(path: missing.path, reason: "no such file"))
        let device = URL(fileURLWithPath: "/dev/zero")
        #expect(failure { _ = try Image(contentsOf: device) }?.reason == "is not a regular file")
    }

    /// Every beginning of a file is refused; none is read beyond its end.
    @Test(
        arguments: [
            (Sample.rgb, "PNG", 8), (Sample.grayJPEG, "JPEG", 3), (progressiveJPEG, "JPEG", 3),
        ])
    func refusesTruncatedFiles(text: String, format: String, magicLength: Int) {
        let bytes = Sample.bytes(text)
        // The last bytes of a PNG are an end mark, without which all pixels are there.
        for length in magicLength..<bytes.count - (format == "PNG" ? 18 : 0) {
            let found = failure { _ = try Image(data: Array(bytes[..<length]), path: "cut") }
            #expect(found?.path == "cut")
            #expect(
                found?.reason.hasPrefix("\(format) cannot be read: ") == true, "\(length): \(String(describing: found))"
            )
        }
    }

    /// A JPEG that ends between its head and its image says nothing of a size; so does one of tables alone.
    @Test(arguments: [Sample.grayJPEG, progressiveJPEG]) func refusesFilesWithoutAnImage(text: String) throws {
        let bytes = Sample.bytes(text)
        let frame = try #require(
            bytes.indices.first { bytes[$0] == 0xFF && [0xC0, 0xC2].contains(bytes[min($0 + 1, bytes.count - 1)]) })
        for end in [[], [0xFF, 0xD9]] as [[UInt8]] {
            #expect(
                failure { _ = try Image(data: bytes[..<frame] + end, path: "header-only.jpg") }
                    == DataError(
                        path: "header-only.jpg", reason: "JPEG cannot be read: it ends before its image begins"))
        }
    }

    /// Sound chunks and sound zlib data, but of fewer rows than the header says.
    @Test func refusesPNGOfTooFewRows() {
        for rowCount in 0...3 {
            let rows = [[UInt8]](repeating: [0, 0, 0, 0], count: rowCount)
            let short = png(width: 4, height: 3, colorType: 0, rows: rows)
            let found = failure { _ = try Image(data: short, path: "short.png") }
            #expect((found == nil) == (rowCount == 3), "\(rowCount): \(String(describing: found))")
        }
    }

    /// Damage is refused or gives other pixels; it never ends the process.
    @Test(arguments: [Sample.rgb, Sample.deep, Sample.palette, Sample.grayJPEG, progressiveJPEG])
    func survivesDamage(text: String) {
        let bytes = Sample.bytes(text)
        var refused = 0
        for index in bytes.indices {
            for mask in [0x01, 0x80, 0xFF] as [UInt8] {
                var damaged = bytes
                damaged[index] ^= mask
                if failure({ _ = try Image(data: damaged, path: "damaged") }) != nil { refused += 1 }
            }
        }
        #expect(refused > 20)
    }

    @Test func refusesHugeImagesBeforeAllocating() throws {
        // A header alone: 100,000 × 100,000 pixels would need 10 GB.
        let huge = png(width: 100_000, height: 100_000, colorType: 2, rows: [])
        #expect(
            failure { _ = try Image(data: huge, path: "huge.png") }
                == DataError(
                    path: "huge.png", reason: "100000 × 100000 pixels; images of up to 100 megapixels can be read"))
        var jpeg = Sample.bytes(Sample.grayJPEG)
        let frame = try #require(jpeg.indices.first { jpeg[$0...].starts(with: [0xFF, 0xC0]) })
        jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
        #expect(
            failure { _ = try Image(data: jpeg, path: "huge.jpg") }?.reason
                == "65500 × 65500 pixels; images of up to 100 megapixels can be read")
    }

    @Test func refusesHugeFilesBeforeReading() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write([], "large.png")
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: 200_000_001)  // Sparse: it takes no room.
        try handle.close()
        #expect(
            failure { _ = try Image(contentsOf: file) }?.reason
                == "has 200000001 bytes; files of up to 200000000 bytes can be read")
    }

    @Test func refusesPrintersColors() {
        #expect(
            failure { _ = try Image(data: Sample.bytes(Sample.cmykJPEG), path: "x") }?.reason
                == "JPEG cannot be read: its colors are CMYK; gray and RGB can be read")
    }
}

@Suite struct ImageOperationTests {
    @Test func grayIsTheLumaOfTelevision() {
        let pixels: [UInt8] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 20, 30]
        let image = Image(width: 5, height: 1, channelCount: 3, pixels: pixels)
        #expect(image.grayscale().pixels == [76, 150, 29, 255, 18])
        #expect(image.grayscale().grayscale() == image.grayscale())
    }

    @Test func invertsEachChannel() {
        let image = Image(width: 2, height: 1, pixels: [0, 200])
        #expect(image.inverted().pixels == [255, 55])
    }

    @Test func shrinksByMeansOfAreas() {
        let image = Image(width: 4, height: 2, pixels: [0, 100, 40, 40, 100, 200, 40, 44])
        #expect(image.resized(width: 2, height: 1).pixels == [100, 41])
        // 3 → 2: each new pixel covers one and a half old ones.
        #expect(Image(width: 3, height: 1, pixels: [0, 60, 240]).resized(width: 2, height: 1).pixels == [20, 180])
    }

    @Test func growsLinearly() {
        // As PyTorch's interpolate(mode='bilinear', align_corners=False).
        #expect(
            Image(width: 2, height: 1, pixels: [0, 200]).resized(width: 4, height: 1).pixels == [0, 50, 150, 200])
        #expect(Image(width: 1, height: 1, pixels: [7]).resized(width: 3, height: 2).pixels == [7, 7, 7, 7, 7, 7])
    }

    @Test func resizingKeepsChannelsApart() {
        let image = Image(width: 2, height: 1, channelCount: 3, pixels: [0, 10, 20, 100, 110, 120])
        #expect(image.resized(width: 1, height: 1).pixels == [50, 60, 70])
        #expect(image.resized(width: 1, height: 2).pixels == [50, 60, 70, 50, 60, 70])
    }

    @Test(arguments: [(5, 3), (28, 28), (100, 1), (1, 100)])
    func aFlatImageStaysFlat(width: Int, height: Int) {
        let image = Image(width: 13, height: 7, pixels: [UInt8](repeating: 201, count: 91))
        #expect(image.resized(width: width, height: height).pixels.allSatisfy { $0 == 201 })
    }

    @Test func fittingKeepsProportions() {
        let image = Image(width: 2, height: 4, pixels: [UInt8](repeating: 9, count: 8))
        #expect(image.fitted(width: 4, height: 4).pixels == [0, 9, 9, 0, 0, 9, 9, 0, 0, 9, 9, 0, 0, 9, 9, 0])
        let line = Image(width: 1000, height: 1, pixels: [UInt8](repeating: 5, count: 1000))
        #expect(line.fitted(width: 3, height: 3).pixels == [0, 0, 0, 5, 5, 5, 0, 0, 0])
    }

    @Test func becomesATensorAndComesBack() {
        let image = Image(width: 2, height: 1, channelCount: 3, pixels: [0, 51, 102, 255, 204, 153])
        let tensor = image.tensor
        #expect(tensor.shape == [3, 1, 2])
        #expect(tensor.array(of: Float.self) == [0, 1, 0.2, 0.8, 0.4, 0.6])
        #expect(Image(tensor) == image)
        #expect(Image(Tensor([-1, 0.5, 2, .nan], shape: [2, 2])).pixels == [0, 128, 255, 0])
        #expect(Image(Tensor([3, 200] as [UInt8], shape: [1, 1, 2])).pixels == [3, 200])
    }

    @Test func measuresTheEdge() {
        let image = Image(width: 3, height: 3, pixels: [255, 255, 255, 255, 0, 255, 255, 255, 255])
        #expect(image.edgeBrightness == 1)
    }
}
