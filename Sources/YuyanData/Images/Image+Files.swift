import CImages
import Foundation
import YuyanCore

/// The picture formats that can be read, told apart by their first bytes.
private enum ImageFormat {
    case png
    case jpeg

    init?(_ bytes: [UInt8]) {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else {
            return nil
        }
    }

    var name: String { self == .png ? "PNG" : "JPEG" }

    /// Whether a file that ends so is not cut off.
    func isComplete(_ tail: [UInt8]) -> Bool {
        switch self {
        // The empty chunk at the end, with its checksum.
        case .png: tail.suffix(8) == [0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]
        case .jpeg: tail.suffix(2) == [0xFF, 0xD9]
        }
    }
}

extension Image {
    /// The largest file that is read, in bytes.
    public static let largestFile = 200_000_000
    /// The largest picture that is read, in pixels.
    public static let largestArea = 100_000_000

    /// Reads a PNG or JPEG file; its contents tell which. The picture is turned as the camera noted it (EXIF's
    /// orientation), and 16-bit channels are reduced to 8 bits. Transparent parts of a PNG show white: a byte x with the
    /// alpha α becomes (α x + (255 − α) 255) / 255, rounded.
    ///
    /// - Throws: `DataError` if the file cannot be read, is of another kind, truncated or damaged, larger than
    ///   `largestFile` bytes or `largestArea` pixels (which is found out before anything is allocated), or CMYK.
    public init(contentsOf url: URL) throws(DataError) {
        try self.init(data: Files.read(url, limit: Image.largestFile), path: url.path)
    }

    /// Decodes the bytes of a PNG or JPEG file; see `init(contentsOf:)`. `path` names it in errors.
    public init(data: [UInt8], path: String) throws(DataError) {
        func failure(_ reason: String) -> DataError { DataError(path: path, reason: reason) }
        let (format, header) = try Image.header(data, path: path)
        let area = Int(header.width) * Int(header.height)
        var pixels = [UInt8](repeating: 0, count: area * Int(header.channels))
        let readPixels = format == .png ? yuyan_png_pixels : yuyan_jpeg_pixels
        if let reason = readPixels(data, data.count, header, &pixels) {
            throw failure("\(format.name) cannot be read: \(String(cString: reason))")
        }
        let hasAlpha = header.channels.isMultiple(of: 2)
        if hasAlpha { Image.layOnWhite(&pixels, channelCount: Int(header.channels)) }
        self = Image(
            width: Int(header.width), height: Int(header.height),
            channelCount: Int(header.channels) - (hasAlpha ? 1 : 0),
            pixels: pixels
        ).upright(orientation: Int(header.orientation))
    }

    /// The format and the size of a picture, from its first bytes.
    private static func header(
        _ data: [UInt8], path: String
    ) throws(DataError) -> (ImageFormat, yuyan_image_header) {
        func failure(_ reason: String) -> DataError { DataError(path: path, reason: reason) }
        guard !data.isEmpty else { throw failure("is empty, not a PNG or JPEG image") }
        guard let format = ImageFormat(data) else { throw failure("is not a PNG or JPEG image") }
        func damage(_ reason: String) -> DataError { failure("\(format.name) cannot be read: \(reason)") }

        var header = yuyan_image_header()
        let readHeader = format == .png ? yuyan_png_header : yuyan_jpeg_header
        if let reason = readHeader(data, data.count, &header) { throw damage(String(cString: reason)) }
        let area = Int(header.width) * Int(header.height)
        guard area > 0 else { throw damage("it has no pixels") }
        guard area <= Image.largestArea else {
            let limit = Image.largestArea / 1_000_000
            throw failure("\(header.width) × \(header.height) pixels; images of up to \(limit) megapixels can be read")
        }
        return (format, header)
    }

    /// The size of a picture as it is to be seen, and whether it has colors, without reading its pixels.
    ///
    /// Only the first and last bytes are read, which tell a file that is cut off; one that looks so is read as a whole, as
    /// are long PNG files, which may say behind their pixels how they are turned.
    ///
    /// - Throws: `DataError` as `init(contentsOf:)`, but for damage in the middle of the file.
    static func glance(at url: URL) throws(DataError) -> (size: Size2D, isColored: Bool) {
        let path = url.path
        let (head, tail, isAll) = try Files.readEnds(url, limit: Image.largestFile)
        var found = try? header(head, path: path)
        let isWhole = found?.0.isComplete(tail) ?? false
        if found == nil || !isWhole || !isAll && found?.0 == .png {
            let bytes = try Files.read(url, limit: Image.largestFile)
            found = try header(bytes, path: path)
            if !isWhole { _ = try Image(data: bytes, path: path) }
        }
        guard let header = found?.1 else { throw DataError(path: path, reason: "is not a PNG or JPEG image") }
        let (width, height) = (Int(header.width), Int(header.height))
        return (header.orientation >= 5 ? [width, height] : [height, width], header.channels >= 3)
    }

    /// Takes away the last of the channels, alpha. The bytes are mixed as they are, which is what browsers do.
    private static func layOnWhite(_ pixels: inout [UInt8], channelCount: Int) {
        let colorCount = channelCount - 1
        let area = pixels.count / channelCount
        for index in 0..<area {
            let alpha = Int(pixels[index * channelCount + colorCount])
            for channel in 0..<colorCount {
                let sum = alpha * Int(pixels[index * channelCount + channel]) + (255 - alpha) * 255
                pixels[index * colorCount + channel] = UInt8((sum + 127) / 255)
            }
        }
        pixels.removeLast(area)
    }

    /// The picture as it is to be seen, given where EXIF says that the first row and the first column of pixels belong:
    /// 1 top and left, 2 top and right, 3 bottom and right, 4 bottom and left, 5 left and top, 6 right and top, 7 right and
    /// bottom, 8 left and bottom.
    private func upright(orientation: Int) -> Image {
        guard orientation != 1 else { return self }
        // Of the pixels as they are stored.
        let fromRight = [2, 3, 7, 8].contains(orientation)
        let fromBottom = [3, 4, 6, 7].contains(orientation)
        let (newWidth, newHeight) = orientation >= 5 ? (height, width) : (width, height)
        var result: [UInt8] = []
        result.reserveCapacity(pixels.count)
        for y in 0..<newHeight {
            for x in 0..<newWidth {
                let (column, row) = orientation >= 5 ? (y, x) : (x, y)
                let start = (fromBottom ? height - 1 - row : row) * width + (fromRight ? width - 1 - column : column)
                for channel in 0..<channelCount { result.append(pixels[start * channelCount + channel]) }
            }
        }
        return Image(width: newWidth, height: newHeight, channelCount: channelCount, pixels: result)
    }

    /// The bytes of a PNG file. Traps if memory runs out.
    public var pngData: [UInt8] {
        let header = yuyan_image_header(
            width: UInt32(width), height: UInt32(height), channels: UInt32(channelCount), orientation: 1)
        var count = yuyan_png_limit(header)
        var bytes = [UInt8](repeating: 0, count: count)
        if let reason = yuyan_write_png(header, pixels, &bytes, &count) {
            failure("Image: libpng cannot write \(width) × \(height) pixels: \(String(cString: reason))")
        }
        return Array(bytes[..<count])
    }

    /// Writes a PNG file, whole or not at all.
    ///
    /// - Throws: `DataError` if the file cannot be written.
    public func write(to url: URL) throws(DataError) {
        let bytes = pngData
        try Files.write(url) { try $0.write(contentsOf: Data(bytes)) }
    }
}
