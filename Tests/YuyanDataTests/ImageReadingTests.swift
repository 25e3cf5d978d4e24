import Foundation
import Testing
import YuyanData

/// What is done to pictures while they are read.
@Suite struct TransparencyTests {
    /// (α x + (255 − α) 255) / 255, as Pillow 12's `Image.alpha_composite` over white.
    @Test func mixesGrayWithWhite() throws {
        let file = png(
            width: 3, height: 2, colorType: 4, rows: [[0, 128, 100, 128, 255, 128], [0, 0, 77, 255, 10, 1]])
        let image = try Image(data: file, path: "x")
        #expect(image.channelCount == 1)
        #expect(image.pixels == [127, 177, 255, 255, 77, 254])
    }

    @Test func mixesColorsWithWhite() throws {
        let file = png(width: 2, height: 1, colorType: 6, rows: [[10, 200, 255, 64, 0, 1, 254, 128]])
        let image = try Image(data: file, path: "x")
        #expect(image.channelCount == 3)
        #expect(image.pixels == [194, 241, 255, 127, 128, 254])
    }

    @Test func mixesPalettesWithWhite() throws {
        let palette = pngChunk("PLTE", [0, 0, 0, 10, 200, 255, 9, 8, 7, 1, 2, 3])
        // The last color has no alpha: it is opaque.
        let alphas = pngChunk("tRNS", [128, 64, 0])
        let file = png(width: 4, height: 1, colorType: 3, before: palette + alphas, rows: [[0, 1, 2, 3]])
        #expect(
            try Image(data: file, path: "x").pixels == [127, 127, 127, 194, 241, 255, 255, 255, 255, 1, 2, 3])
    }

    /// 16 bits become 8, by n / 257, before they are mixed.
    @Test func mixesDeepPicturesWithWhite() throws {
        let gray = png(width: 2, height: 1, bitDepth: 16, colorType: 4, rows: [[128, 128, 128, 128, 0, 0, 128, 128]])
        #expect(try Image(data: gray, path: "x").pixels == [191, 127])
        let colors = png(
            width: 1, height: 1, bitDepth: 16, colorType: 6, rows: [[10, 10, 200, 200, 255, 255, 64, 64]])
        #expect(try Image(data: colors, path: "x").pixels == [194, 241, 255])
    }
}

@Suite struct OrientationTests {
    /// Six blocks of 8 × 8, which Pillow 12 wrote: 0, 50 and 100 above 150, 200 and 250.
    private static let blocks = [UInt8](
        Data(
            base64Encoded:
                "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
                + "CAgICAj/wAALCAAQABgBAREA/8QAFQABAQAAAAAAAAAAAAAAAAAABgj/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/AJ/MjIyMjJ//2Q=="
        )!)

    /// The values of the blocks, row by row.
    private func values(_ image: Image) -> [[UInt8]] {
        stride(from: 0, to: image.height, by: 8).map { y in
            stride(from: 0, to: image.width, by: 8).map { x in image.pixels[y * image.width + x] }
        }
    }

    private static let upright: [[UInt8]] = [[0, 50, 100], [150, 200, 250]]

    /// By orientation, as Pillow 12's `ImageOps.exif_transpose`.
    private static let turned: [[[UInt8]]] = [
        upright, [[100, 50, 0], [250, 200, 150]], [[250, 200, 150], [100, 50, 0]], [[150, 200, 250], [0, 50, 100]],
        [[0, 150], [50, 200], [100, 250]], [[150, 0], [200, 50], [250, 100]], [[250, 100], [200, 50], [150, 0]],
        [[100, 250], [50, 200], [0, 150]],
    ]

    @Test(arguments: [false, true]) func turnsPicturesAsTheCameraSays(isLittleEndian: Bool) throws {
        for orientation in 1...8 {
            let tag = orientationTag(UInt8(orientation), isLittleEndian: isLittleEndian)
            let image = try Image(data: jpeg(Self.blocks, exif: tag), path: "x")
            #expect(values(image) == Self.turned[orientation - 1], "\(orientation)")
            #expect(image.width == (orientation < 5 ? 24 : 16) && image.height == (orientation < 5 ? 16 : 24))
        }
    }

    /// The note of a PNG is a chunk, which stands before the pixels or behind them.
    @Test(arguments: [false, true]) func turnsPNGs(isBehind: Bool) throws {
        func image(_ chunk: [UInt8]) throws -> Image {
            var file = png(
                width: 3, height: 2, colorType: 0, before: isBehind ? [] : chunk, rows: Self.upright)
            if isBehind { file.insert(contentsOf: chunk, at: file.count - pngChunk("IEND", []).count) }
            return try Image(data: file, path: "x")
        }
        for orientation in 1...8 {
            for isLittleEndian in [false, true] {
                let tag = orientationTag(UInt8(orientation), isLittleEndian: isLittleEndian)
                let image = try image(pngChunk("eXIf", tag))
                let expected = Self.turned[orientation - 1]
                #expect(image.pixels == expected.flatMap(\.self) && image.width == expected[0].count, "\(orientation)")
            }
        }
        let tag = orientationTag(6, isLittleEndian: true)
        var damaged = pngChunk("eXIf", tag)
        damaged[damaged.count - 1] ^= 1
        for chunk in [damaged, pngChunk("eXIf", []), pngChunk("eXIf", Array(tag.prefix(17))), pngChunk("exIf", tag)] {
            #expect(try image(chunk).pixels == Self.upright.flatMap(\.self))
        }
    }

    @Test func keepsTheChannelsOfATurnedPicture() throws {
        let sample = [UInt8](Data(base64Encoded: progressiveJPEG)!)
        let plain = try Image(data: sample, path: "x")
        let turned = try Image(data: jpeg(sample, exif: orientationTag(3, isLittleEndian: true)), path: "x")
        let count = plain.pixels.count / 3
        #expect(plain.channelCount == 3 && turned.channelCount == 3)
        let backwards = (0..<count).reversed().flatMap { (index: Int) -> ArraySlice<UInt8> in
            plain.pixels[(3 * index)..<(3 * index + 3)]
        }
        #expect(turned.pixels == backwards)
        #expect(turned.pixels != plain.pixels)
    }

    /// An orientation that makes no sense, or data that end too early, leave the picture as it is stored.
    @Test func ignoresBrokenNotes() throws {
        func expectUpright(_ tiff: [UInt8], _ note: String) throws {
            let image = try Image(data: jpeg(Self.blocks, exif: tiff), path: "x")
            #expect(values(image) == Self.upright, "\(note)")
        }
        for isLittleEndian in [false, true] {
            for value in [0, 9, 255] as [UInt8] {
                try expectUpright(orientationTag(value, isLittleEndian: isLittleEndian), "orientation \(value)")
            }
            let tag = orientationTag(6, isLittleEndian: isLittleEndian)
            for length in 0..<18 { try expectUpright(Array(tag[..<length]), "\(length) bytes") }
            // Whatever else a byte says, the picture is read.
            for index in tag.indices {
                for mask in [0x01, 0x80, 0xFF] as [UInt8] {
                    var damaged = tag
                    damaged[index] ^= mask
                    let image = try Image(data: jpeg(Self.blocks, exif: damaged), path: "x")
                    #expect(image.pixels.count == 24 * 16)
                }
            }
        }
        // As a number of 32 bits, which EXIF does not allow.
        try expectUpright([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 4, 0, 1, 0, 0, 0], "too short an entry")
        // Directories that are said to be elsewhere, or to have more entries than there is room for.
        try expectUpright([0x49, 0x49, 42, 0, 255, 255, 255, 255] + [UInt8](repeating: 0, count: 18), "no directory")
        try expectUpright([0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 255, 255] + [UInt8](repeating: 255, count: 16), "entries")
    }
}
