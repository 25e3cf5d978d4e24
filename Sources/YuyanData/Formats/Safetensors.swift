import Foundation
import YuyanCore

/// Reads and writes safetensors files: a JSON header and the tensors' bytes.
///
/// Element types F64, F32, BF16, I64, I32, U8 and BOOL; F16 is read as float32, which holds all its numbers. Bytes are
/// little-endian, as on every machine that Swift's Linux toolchain targets.
/// Source: https://github.com/huggingface/safetensors, format description.
public enum Safetensors {
    /// What a file holds.
    public struct Contents: Sendable {
        /// The tensors, in the order of their bytes in the file.
        public var arrays: [(name: String, array: HostArray)]
        /// Free text entries.
        public var metadata: [String: String]

        /// Arrays under names, in the order in which they are written.
        public init(arrays: [(name: String, array: HostArray)], metadata: [String: String] = [:]) {
            self.arrays = arrays
            self.metadata = metadata
        }
    }

    /// Writes a file whole or not at all. The same contents give the same bytes, in whatever order they are listed:
    /// tensors lie by falling element size (which aligns them all), then by name.
    ///
    /// Traps if two tensors share a name, or one is called `__metadata__`.
    /// - Throws: `DataError` if the file cannot be written.
    public static func write(_ contents: Contents, to url: URL) throws(DataError) {
        let sorted = contents.arrays.sorted {
            ($1.array.dtype.byteCount, $0.name) < ($0.array.dtype.byteCount, $1.name)
        }
        var header = Header(metadata: contents.metadata)
        var offset = 0
        for (name, array) in sorted {
            guard header.entries[name] == nil else { failure("safetensors: two tensors are named \(name)") }
            guard name != Header.metadataKey else { failure("safetensors: no tensor can be named \(name)") }
            let end = offset + array.bytes.count
            header.entries[name] = Header.Entry(
                dtype: typeName(array.dtype), shape: Array(array.shape), offsets: [offset, end])
            offset = end
        }
        try Files.write(url) { file in
            let text = try header.encoded()
            let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
            try file.write(contentsOf: length)
            try file.write(contentsOf: text)
            for (_, array) in sorted { try file.write(contentsOf: array.bytes) }
        }
    }

    /// Reads a file.
    ///
    /// - Throws: `DataError`, which names the tensor at fault, if the file cannot be read or is malformed: a header
    ///   that is not JSON in UTF-8 or has a key twice, an unknown element type, sizes that do not match the bytes, tensors that overlap, leave gaps, reach
    ///   beyond the file or share a name, bool elements other than 0 and 1.
    public static func read(from url: URL) throws(DataError) -> Contents {
        let path = url.path
        let bytes = try Files.read(url)
        func failure(_ reason: String) -> DataError { DataError(path: path, reason: reason) }

        if let kind = foreignFormat(bytes, url) { throw failure(kind) }
        let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(bytes.count - 8), length <= largestHeader else {
            let available = "\(bytes.count - 8) follow, at most \(largestHeader) are allowed"
            throw failure("safetensors header of \(length) bytes: \(available)")
        }
        let start = 8 + Int(length)
        let header: Header
        do {
            header = try Header(json: bytes[8..<start])
        } catch {
            throw failure(error.reason)
        }

        var contents = Contents(arrays: [], metadata: header.metadata)
        var end = 0
        let byOffset = header.entries.sorted { ($0.value.offsets, $0.key) < ($1.value.offsets, $1.key) }
        for (name, entry) in byOffset {
            let (dtype, shape, range) = try checked(entry, name, dataSize: bytes.count - start, path: path)
            guard range.lowerBound == end else {
                let fault = range.lowerBound < end ? "overlaps the one before" : "leaves a gap before it"
                throw failure("\(Header.title(name)) at bytes \(range) \(fault), which ends at \(end)")
            }
            end = range.upperBound
            let elements = Array(bytes[(start + range.lowerBound)..<(start + range.upperBound)])
            if dtype == .bool, let odd = elements.first(where: { $0 > 1 }) {
                throw failure("\(Header.title(name)) is BOOL but holds the byte \(odd)")
            }
            let array =
                entry.dtype == halfName
                ? HostArray(floats(ofHalves: elements[...]), shape: shape)
                : HostArray(bytes: elements, shape: shape, dtype: dtype)
            contents.arrays.append((name, array))
        }
        guard start + end == bytes.count else {
            throw failure("\(bytes.count - start - end) bytes after the last tensor belong to none")
        }
        return contents
    }

    /// Writes named tensors; see `write(_:to:)`.
    public static func save(
        _ tensors: [(String, Tensor)], metadata: [String: String] = [:], to url: URL
    ) throws(DataError) {
        try write(Contents(arrays: tensors.map { ($0.0, $0.1.hostArray) }, metadata: metadata), to: url)
    }

    /// The tensors of a file by name, on the current device; see `read(from:)`.
    public static func load(from url: URL) throws(DataError) -> [String: Tensor] {
        let arrays = try read(from: url).arrays
        return Dictionary(uniqueKeysWithValues: arrays.map { ($0.name, Tensor($0.array)) })
    }

    /// The element type of IEEE 754's 16-bit numbers, for which there is no `DType`.
    private static let halfName = "F16"

    /// The numbers of IEEE 754's 16 bits in an even number of bytes.
    static func floats(ofHalves bytes: ArraySlice<UInt8>) -> [Float] {
        stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map {
            Float(Float16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8))
        }
    }

    /// What is wrong with a file that does not begin as safetensors do; nil if it does.
    private static func foreignFormat(_ bytes: [UInt8], _ url: URL) -> String? {
        // Behind the eight bytes of the header's length stands a JSON object.
        if bytes.count > 8, bytes[8] == UInt8(ascii: "{") { return nil }
        func isPrefix(_ text: String) -> Bool { bytes.starts(with: text.utf8) }
        // PyTorch's own format is a zip archive with the pickled tensors in "…/data.pkl", or, up to PyTorch 1.5, pickles.
        let isArchive = isPrefix("PK\u{3}\u{4}")
        let isPickle = bytes.count > 1 && bytes[0] == 0x80 && (2...5).contains(bytes[1])
        if isPickle || isArchive && bytes.prefix(1 << 16).firstRange(of: "data.pkl".utf8) != nil {
            let (source, target) = (url.lastPathComponent, url.deletingPathExtension().lastPathComponent)
            return "is a pickle of PyTorch's, not a safetensors file; in Python: safetensors.torch.save_file("
                + "torch.load(\(pythonText(source))), \(pythonText(target + ".safetensors")))"
        }
        if isArchive { return "is a zip archive, not a safetensors file" }
        if bytes.isEmpty { return "is empty, not a safetensors file" }
        return bytes.count == 8 ? nil : "is not a safetensors file"
    }

    /// A string literal of Python's.
    private static func pythonText(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }

    /// The largest header the format allows.
    private static let largestHeader = 100_000_000

    private static func typeName(_ dtype: DType) -> String {
        switch dtype {
        case .float64: "F64"
        case .float32: "F32"
        case .bfloat16: "BF16"
        case .int64: "I64"
        case .int32: "I32"
        case .uint8: "U8"
        case .bool: "BOOL"
        }
    }

    private static func checked(
        _ entry: Header.Entry, _ name: String, dataSize: Int, path: String
    ) throws(DataError) -> (DType, Shape, Range<Int>) {
        func failure(_ reason: String) -> DataError { DataError(path: path, reason: "\(Header.title(name)) \(reason)") }
        let isHalf = entry.dtype == halfName
        guard let dtype = isHalf ? .float32 : DType.allCases.first(where: { typeName($0) == entry.dtype }) else {
            let known = (DType.allCases.map(typeName) + [halfName]).joined(separator: " ")
            throw failure("has the element type \(entry.dtype); \(known) can be read")
        }
        guard let count = elementCount(of: entry.shape) else {
            throw failure("has the impossible shape \(entry.shape)")
        }
        guard entry.offsets.count == 2, 0 <= entry.offsets[0], entry.offsets[0] <= entry.offsets[1],
            entry.offsets[1] <= dataSize
        else {
            throw failure("has offsets \(entry.offsets); the file holds \(dataSize) bytes of data")
        }
        let (byteCount, isOverflow) = count.multipliedReportingOverflow(by: isHalf ? 2 : dtype.byteCount)
        let range = entry.offsets[0]..<entry.offsets[1]
        guard !isOverflow, range.count == byteCount else {
            throw failure("of type \(entry.dtype) and shape \(entry.shape) has \(range.count) bytes")
        }
        return (dtype, Shape(entry.shape), range)
    }
}

/// Two byte ranges, or any other lists, in dictionary order.
private func < (left: ([Int], String), right: ([Int], String)) -> Bool {
    left.0 == right.0 ? left.1 < right.1 : left.0.lexicographicallyPrecedes(right.0)
}
