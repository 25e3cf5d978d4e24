import CZlib

/// CRC-32 of bytes in several pieces.
struct Checksum {
    private var sum = crc32(0, nil, 0)

    mutating func add(_ bytes: [UInt8]) {
        sum = bytes.withUnsafeBufferPointer { crc32_z(sum, $0.baseAddress, z_size_t($0.count)) }
    }

    /// Eight hexadecimal digits.
    var text: String {
        let digits = String(sum, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    static func text(_ pieces: [[UInt8]]) -> String {
        var checksum = Checksum()
        for bytes in pieces { checksum.add(bytes) }
        return checksum.text
    }
}
