import CImages
import Foundation

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
}

extension Image {
    /// The largest file that is read, in bytes.
    public static let largestFile = 200_000_000
    /// The largest picture that is read, in pixels.
    public static let largestArea = 100_000_000

    /// Reads a PNG or JPEG file; its contents tell which. Transparent parts of a PNG show white, 16-bit channels are
    /// reduced to 8 bits, and a camera's note on how to turn the picture (EXIF) is not looked at.
    ///
    /// - Throws: `DataError` if the file cannot be read, is of another kind, truncated or damaged, larger than
    ///   `largestFile` bytes or `largestArea` pixels (which is found out before anything is allocated), or CMYK.
    public init(contentsOf url: URL) throws(DataError) {
        try self.init(data: Files.read(url, limit: Image.largestFile), path: url.path)
    }

    /// Decodes the bytes of a PNG or JPEG file; see `init(contentsOf:)`. `path` names it in errors.
    public init(data: [UInt8], path: String) throws(DataError) {
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
        var pixels = [UInt8](repeating: 0, count: area * Int(header.channels))
        let readPixels = format == .png ? yuyan_png_pixels : yuyan_jpeg_pixels
        if let reason = readPixels(data, data.count, header, &pixels) { throw damage(String(cString: reason)) }
        self.init(
            width: Int(header.width), height: Int(header.height), channelCount: Int(header.channels), pixels: pixels)
    }

    /// The bytes of a PNG file. Traps if memory runs out.
    public var pngData: [UInt8] {
        let header = yuyan_image_header(width: UInt32(width), height: UInt32(height), channels: UInt32(channelCount))
        var count = yuyan_png_limit(header)
        var bytes = [UInt8](repeating: 0, count: count)
        if let reason = yuyan_write_png(header, pixels, &bytes, &count) {
            fatalError("Image: libpng cannot write \(width) × \(height) pixels: \(String(cString: reason))")
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
