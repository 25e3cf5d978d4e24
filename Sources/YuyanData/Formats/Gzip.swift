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
        let reader = try Reader(bytes, path: path)
        let result = try reader.read(limit)
        guard try reader.isAtEnd() else {
            throw DataError(path: path, reason: "gzip data expands to more than \(limit) bytes")
        }
        return result
    }

    private static let magic: [UInt8] = [0x1F, 0x8B]

    /// Expands gzip data piece by piece, so that nothing is expanded which nobody has asked for.
    final class Reader {
        private static let chunkSize = 1 << 18
        /// zlib counts input in 32 bits.
        private static let largestInput = 1 << 30

        private let bytes: [UInt8]
        private let path: String
        // zlib keeps the address.
        private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        private var position = 0
        private var isFinished = false

        init(_ bytes: [UInt8], path: String) throws(DataError) {
            self.bytes = bytes
            self.path = path
            stream.initialize(to: z_stream())
            guard isCompressed(bytes) else { throw DataError(path: path, reason: "is not gzip data") }
            let windowBits: Int32 = 15 + 16  // The largest window, and a gzip header.
            let status = inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
            guard status == Z_OK else { throw failure("zlib cannot start (status \(status))") }
        }

        deinit {
            inflateEnd(stream)
            stream.deallocate()
        }

        /// The next `count` bytes; fewer if the data ends before. Room grows with what has been expanded, up to `count`.
        func read(_ count: Int) throws(DataError) -> [UInt8] {
            var result: [UInt8] = []
            var room = min(count, bytes.count)
            result.reserveCapacity(room)
            var chunk = [UInt8](repeating: 0, count: min(count, Reader.chunkSize))
            while result.count < count, !isFinished {
                let produced = try expand(into: &chunk, atMost: count - result.count)
                if result.count + produced > room {
                    room = min(count, max(2 * room, result.count + produced))
                    result.reserveCapacity(room)
                }
                result.append(contentsOf: chunk[..<produced])
            }
            return result
        }

        /// Whether there is nothing more. Data that ends here is checked as a whole: CRC, length, what follows.
        func isAtEnd() throws(DataError) -> Bool {
            var byte: [UInt8] = [0]
            while !isFinished {
                if try expand(into: &byte, atMost: 1) > 0 { return false }
            }
            return true
        }

        private func failure(_ reason: String) -> DataError { DataError(path: path, reason: reason) }

        /// One call of `inflate`, and what its status means. Returns how many bytes it has produced.
        private func expand(into chunk: inout [UInt8], atMost limit: Int) throws(DataError) -> Int {
            let (status, produced) = step(into: &chunk, min(limit, chunk.count))
            switch status {
            case Z_OK:
                break
            case Z_STREAM_END:
                let rest = bytes[position...]
                if rest.allSatisfy({ $0 == 0 }) {  // Some writers pad to whole blocks.
                    isFinished = true
                } else if rest.starts(with: magic) {
                    inflateReset(stream)
                } else {
                    throw failure("\(rest.count) bytes that are not gzip data follow the compressed data")
                }
            case Z_BUF_ERROR:
                throw failure("gzip data is truncated after \(bytes.count) bytes")
            case Z_DATA_ERROR:
                let detail = stream.pointee.msg.map { String(cString: $0) } ?? "unknown fault"
                throw failure("gzip data is damaged near byte \(position): \(detail)")
            default:
                throw failure("gzip data cannot be expanded (zlib status \(status))")
            }
            return produced
        }

        /// The stream keeps no pointer beyond the call.
        private func step(into chunk: inout [UInt8], _ room: Int) -> (status: Int32, produced: Int) {
            bytes[position...].withUnsafeBufferPointer { input in
                chunk.withUnsafeMutableBufferPointer { output in
                    let available = min(input.count, Reader.largestInput)
                    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                    stream.pointee.avail_in = UInt32(available)
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = UInt32(room)
                    let status = inflate(stream, Z_NO_FLUSH)
                    position += available - Int(stream.pointee.avail_in)
                    return (status, room - Int(stream.pointee.avail_out))
                }
            }
        }
    }
}
