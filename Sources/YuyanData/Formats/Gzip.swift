import CZlib

/// Reads gzip data (RFC 1952).
public enum Gzip {
    /// True if the bytes begin as gzip data does.
    public static func isCompressed(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    /// The contents of all members of gzip data, one after the other.
    ///
    /// - Parameters:
    ///   - bytes: the whole compressed file.
    ///   - path: the file's name for error messages.
    ///   - limit: the largest result in bytes. It stops small files that expand without end.
    /// - Throws: `DataError` if the data is truncated or damaged (zlib checks the CRC and length of each member), is
    ///   followed by anything but zeros, or expands beyond `limit`.
    public static func decompress(
        _ bytes: [UInt8], path: String, limit: Int = 1 << 32
    ) throws(DataError) -> [UInt8] {
        do {
            return try inflated(bytes, limit: limit)
        } catch {
            throw DataError(path: path, reason: error.reason)
        }
    }

    private static let magic: [UInt8] = [0x1F, 0x8B]
    private static let chunkSize = 1 << 18
    /// zlib counts input in 32 bits.
    private static let largestInput = 1 << 30

    private struct Failure: Error {
        var reason: String
    }

    private static func inflated(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
        guard isCompressed(bytes) else { throw Failure(reason: "is not gzip data") }
        var stream = z_stream()
        let windowBits: Int32 = 15 + 16  // The largest window, and a gzip header.
        let status = inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw Failure(reason: "zlib cannot start (status \(status))") }
        defer { inflateEnd(&stream) }
        var chunk = [UInt8](repeating: 0, count: chunkSize)
        var result: [UInt8] = []
        var position = 0
        while true {
            let (status, consumed, produced) = step(&stream, bytes, from: position, into: &chunk)
            position += consumed
            guard result.count + produced <= limit else {
                throw Failure(reason: "gzip data expands to more than \(limit) bytes")
            }
            result.append(contentsOf: chunk[..<produced])
            switch status {
            case Z_OK:
                break
            case Z_STREAM_END:
                let rest = bytes[position...]
                if rest.allSatisfy({ $0 == 0 }) { return result }  // Some writers pad to whole blocks.
                guard rest.starts(with: magic) else {
                    throw Failure(reason: "\(rest.count) bytes that are not gzip data follow the compressed data")
                }
                inflateReset(&stream)
            case Z_BUF_ERROR:
                throw Failure(reason: "gzip data is truncated after \(bytes.count) bytes")
            case Z_DATA_ERROR:
                let detail = stream.msg.map { String(cString: $0) } ?? "unknown fault"
                throw Failure(reason: "gzip data is damaged near byte \(position): \(detail)")
            default:
                throw Failure(reason: "gzip data cannot be expanded (zlib status \(status))")
            }
        }
    }

    /// One call of `inflate`. The stream keeps no pointer beyond it.
    private static func step(
        _ stream: inout z_stream, _ bytes: [UInt8], from position: Int, into chunk: inout [UInt8]
    ) -> (status: Int32, consumed: Int, produced: Int) {
        bytes[position...].withUnsafeBufferPointer { input in
            chunk.withUnsafeMutableBufferPointer { output in
                let available = min(input.count, largestInput)
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(available)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                let status = inflate(&stream, Z_NO_FLUSH)
                return (status, available - Int(stream.avail_in), output.count - Int(stream.avail_out))
            }
        }
    }
}
