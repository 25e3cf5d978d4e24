import CISAL
import Foundation
import YuyanData

/// A file of records with checksums: TensorFlow's TFRecord format.
///
/// A record is its length (8 bytes), the checksum of these, its bytes and their checksum (4 bytes each), all
/// little-endian. It grows by whole records; one that a killed process has cut off is left out by readers.
/// Source: https://www.tensorflow.org/tutorials/load_data/tfrecord, TFRecords format details.
package final class RecordFile {
    private let file: Files.Appending
    package var url: URL { file.url }

    /// Creates a file. Throws `DataError` if it cannot be created, or is there already.
    package init(creating url: URL) throws(DataError) { file = try Files.Appending(creating: url) }

    package func append(_ record: [UInt8]) throws(DataError) { try file.append(RecordFile.framed(record)) }

    /// The bytes that a record takes in a file.
    package static func framed(_ record: [UInt8]) -> [UInt8] {
        let length = littleEndian(UInt64(record.count))
        return length + littleEndian(maskedChecksum(length)) + record + littleEndian(maskedChecksum(record))
    }

    /// CRC-32C, turned by 15 bits and moved by a constant: the checksum of data that hold checksums is a poor one.
    static func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
        var bytes = bytes
        // ISA-L leaves the inversions before and after to the caller.
        let checksum = ~crc32_iscsi(&bytes, Int32(bytes.count), ~0)
        return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
    }

    private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}
