import Foundation
import Yuyan

/// A gray picture of 28 × 28 pixels, light on black: 0 is black, 255 is white.
public struct GrayImage: Sendable {
    public static let side = 28
    public static let byteCount = side * side

    /// Row after row, from the top.
    public let pixels: [UInt8]

    /// A picture of raw bytes.
    public init(bytes: Data) throws(ImageError) {
        guard bytes.count == GrayImage.byteCount else {
            throw ImageError("\(bytes.count) bytes; an image is 28 × 28 = \(GrayImage.byteCount) bytes")
        }
        pixels = Array(bytes)
    }

    /// A picture from a file of raw bytes.
    public init(contentsOf url: URL) throws(DataError) {
        do {
            try self.init(bytes: Data(contentsOf: url))
        } catch let error as ImageError {
            throw DataError(path: url.path, reason: "has \(error)")
        } catch {
            throw DataError(path: url.path, reason: "cannot be read")
        }
    }

    /// A picture as a JSON array of numbers.
    public init(json: Data) throws(ImageError) {
        let array: [Double]
        do {
            array = try JSONDecoder().decode([Double].self, from: json)
        } catch DecodingError.dataCorrupted {
            throw ImageError("not valid JSON")
        } catch {
            throw ImageError("not a JSON array of numbers")
        }
        guard array.count == GrayImage.byteCount else {
            throw ImageError("an array of \(array.count) numbers; an image is 28 × 28 = \(GrayImage.byteCount) numbers")
        }
        var pixels: [UInt8] = []
        for (index, number) in array.enumerated() {
            guard let pixel = UInt8(exactly: number) else {
                let value = String(format: "%g", number)
                throw ImageError("number \(index) is \(value); a pixel is a whole number from 0 to 255")
            }
            pixels.append(pixel)
        }
        self.pixels = pixels
    }
}

/// Why something is not an image, in one line.
public struct ImageError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
