import CZlib

/// A PNG file of rows of samples, most significant byte first where they have 16 bits. `colorType` is 0 gray, 2 RGB,
/// 3 palette, 4 gray and alpha, 6 RGB and alpha.
func png(
    width: Int, height: Int, bitDepth: UInt8 = 8, colorType: UInt8, before data: [UInt8] = [], rows: [[UInt8]]
) -> [UInt8] {
    let header: [UInt8] = bigEndian(width) + bigEndian(height) + [bitDepth, colorType, 0, 0, 0]
    // Each row begins with its filter, which is none.
    let filtered = rows.flatMap { row -> [UInt8] in [0] + row }
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let body = pngChunk("IHDR", header) + data + pngChunk("IDAT", deflated(filtered)) + pngChunk("IEND", [])
    return signature + body
}

func pngChunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    return bigEndian(content.count) + body + bigEndian(Int(crc32(0, body, UInt32(body.count))))
}

/// A JPEG with an EXIF segment behind its first marker: TIFF data with these bytes of an IFD 0.
func jpeg(_ bytes: [UInt8], exif tiff: [UInt8]) -> [UInt8] {
    let content: [UInt8] = Array("Exif\0\0".utf8) + tiff
    let marker: [UInt8] = [0xFF, 0xE1] + bigEndian(content.count + 2).suffix(2)
    return Array(bytes[..<2]) + marker + content + Array(bytes[2...])
}

/// TIFF data with one tag, the orientation, as one unsigned number of 16 bits.
func orientationTag(_ value: UInt8, isLittleEndian: Bool) -> [UInt8] {
    isLittleEndian
        ? [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, value, 0, 0, 0, 0, 0, 0, 0]
        : [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0, 0, 0, 0, 0]
}

func bigEndian(_ number: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }

private func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(uLong(bytes.count))
    var result = [UInt8](repeating: 0, count: Int(count))
    compress(&result, &count, bytes, uLong(bytes.count))
    return Array(result[..<Int(count)])
}
