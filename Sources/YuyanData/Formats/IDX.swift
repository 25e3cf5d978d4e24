import Foundation
import YuyanCore

/// Reads IDX files, the format of MNIST and its relatives: a big-endian header and row-major elements.
///
/// Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits (1998).
public enum IDX {
    /// Reads a file of unsigned bytes, plain or compressed with gzip (its contents tell which).
    ///
    /// - Returns: the sizes of the axes, outermost first, and the elements in row-major order.
    /// - Throws: `DataError` if the file cannot be read, has the wrong magic number, another element type, impossible
    ///   sizes, or fewer or more elements than its header says. Compressed data is not expanded any further.
    public static func read(contentsOf url: URL) throws(DataError) -> (shape: Shape, elements: [UInt8]) {
        let bytes = try Files.read(url)
        let path = url.path
        guard Gzip.isCompressed(bytes) else {
            let (sizes, count) = try header(bytes, path: path)
            let headerSize = 4 + 4 * sizes.count
            try check(bytes.count - headerSize, isAtEnd: true, count, sizes, path)
            return (Shape(sizes), Array(bytes[headerSize...]))
        }
        let reader = try Gzip.Reader(bytes, path: path)
        var start = try reader.read(4)
        if let rank = start.last, start.count == 4 { start += try reader.read(4 * Int(rank)) }
        let (sizes, count) = try header(start, path: path)
        let elements = try reader.read(count)
        try check(elements.count, isAtEnd: reader.isAtEnd(), count, sizes, path)
        return (Shape(sizes), elements)
    }

    /// Compares the number of elements that were found with that of the header.
    private static func check(
        _ found: Int, isAtEnd: Bool, _ count: Int, _ sizes: [Int], _ path: String
    ) throws(DataError) {
        if found < count {
            let reason = "is truncated: sizes \(sizes) need \(count) bytes, \(found) found"
            throw DataError(path: path, reason: reason)
        }
        if found > count || !isAtEnd {
            let surplus = isAtEnd ? "\(found) found" : "more found"
            throw DataError(path: path, reason: "has trailing bytes: sizes \(sizes) need \(count) bytes, \(surplus)")
        }
    }

    /// The sizes at the head of an IDX file, and how many elements they make. `path` names the file in errors.
    private static func header(_ bytes: [UInt8], path: String) throws(DataError) -> (sizes: [Int], count: Int) {
        guard bytes.count >= 4 else {
            throw DataError(path: path, reason: "IDX header is truncated: \(bytes.count) bytes, 4 needed")
        }
        guard bytes[0] == 0, bytes[1] == 0, let typeName = typeNames[bytes[2]] else {
            let found = bytes[..<4].map { String($0, radix: 16) }.map { $0.count < 2 ? "0" + $0 : $0 }.joined()
            throw DataError(path: path, reason: "wrong magic number 0x\(found), IDX bytes begin with 0x000008")
        }
        guard bytes[2] == 0x08 else {
            throw DataError(path: path, reason: "holds elements of type \(typeName), only unsigned bytes can be read")
        }
        let rank = Int(bytes[3])
        guard (1...Shape.maximumRank).contains(rank) else {
            throw DataError(path: path, reason: "IDX header has \(rank) axes, 1 to \(Shape.maximumRank) can be read")
        }
        let headerSize = 4 + 4 * rank
        guard bytes.count >= headerSize else {
            let need = "\(headerSize) needed for \(rank) axes"
            throw DataError(path: path, reason: "IDX header is truncated: \(bytes.count) bytes, \(need)")
        }
        let sizes = (0..<rank).map { axis in
            bytes[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
        }
        guard let count = elementCount(of: sizes) else {
            throw DataError(path: path, reason: "IDX header has impossible sizes \(sizes)")
        }
        return (sizes, count)
    }

    private static let typeNames: [UInt8: String] = [
        0x08: "unsigned byte", 0x09: "signed byte", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64",
    ]
}

/// The product of sizes read from a file, or nil if a tensor cannot have them.
func elementCount(of sizes: [Int]) -> Int? {
    guard sizes.count <= Shape.maximumRank else { return nil }
    var count = 1
    for size in sizes {
        guard (0...Int(Int32.max)).contains(size) else { return nil }
        let (product, isOverflow) = count.multipliedReportingOverflow(by: size)
        guard !isOverflow else { return nil }
        count = product
    }
    return count
}
