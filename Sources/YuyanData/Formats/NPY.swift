import Foundation
import YuyanCore

/// Reads and writes NumPy's `.npy` files: one array, with its shape and element type in a header.
///
///     try NPY.save(tensor, to: URL(fileURLWithPath: "x.npy"))  // numpy.load("x.npy")
///     let x = try NPY.load(from: URL(fileURLWithPath: "x.npy"))
///
/// Element types float64, float32, int64, int32, uint8 and bool are read as they are; float16 as float32, int8 and int16 as
/// int32, which hold all their numbers. Bytes are little-endian; arrays in Fortran's order are put into rows.
/// Source: NumPy reference, numpy.lib.format, versions 1.0 to 3.0.
public enum NPY {
    /// Writes a file whole or not at all, in version 1.0. bfloat16, which NumPy does not have, is written as float32. Throws
    /// `DataError` if the file cannot be written.
    public static func write(_ array: HostArray, to url: URL) throws(DataError) {
        let (header, elements) = encoded(array)
        try Files.write(url) { file in
            try file.write(contentsOf: header)
            try file.write(contentsOf: elements)
        }
    }

    /// The bytes of a file, in two parts.
    static func encoded(_ array: HostArray) -> (header: [UInt8], elements: [UInt8]) {
        let array = array.dtype == .bfloat16 ? Tensor(array).cast(to: .float32).hostArray : array
        // A tuple of Python's: one number has a comma, too.
        let sizes = array.shape.map(String.init).joined(separator: ", ") + (array.shape.rank == 1 ? "," : "")
        let text = "{'descr': '\(typeName(array.dtype))', 'fortran_order': False, 'shape': (\(sizes)), }"
        // With spaces and a line break up to a multiple of 64 bytes, which aligns the elements.
        let unpadded = magic.count + 4 + text.utf8.count + 1
        let length = text.utf8.count + 1 + (alignment - unpadded % alignment) % alignment
        var bytes = magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
        bytes += [UInt8](repeating: UInt8(ascii: " "), count: length - text.utf8.count - 1) + [UInt8(ascii: "\n")]
        return (bytes, array.bytes)
    }

    /// Reads a file.
    ///
    /// - Throws: `DataError` if it cannot be read or is malformed: no `.npy` file, a header that cannot be read, elements that
    ///   are Python objects, big-endian or of another type than those above, sizes that do not match the bytes, bool elements
    ///   other than 0 and 1.
    public static func read(from url: URL) throws(DataError) -> HostArray {
        try decoded(try Files.read(url), url.path)
    }

    /// The array of a file's bytes.
    static func decoded(_ bytes: [UInt8], _ path: String) throws(DataError) -> HostArray {
        func failure(_ reason: String) -> DataError { DataError(path: path, reason: reason) }

        guard bytes.count >= 10, bytes.starts(with: magic) else { throw failure(foreignFormat(bytes)) }
        guard (1...3).contains(bytes[6]), bytes[7] == 0 else {
            throw failure("has the format version \(bytes[6]).\(bytes[7]); 1.0, 2.0 and 3.0 can be read")
        }
        let start = bytes[6] == 1 ? 10 : 12
        guard bytes.count >= start else { throw failure("npy header is truncated") }
        let length = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= bytes.count - start, length <= largestHeader else {
            throw failure(
                "npy header of \(length) bytes: \(bytes.count - start) follow, at most \(largestHeader) are allowed")
        }
        let end = start + length
        let header = try header(String(decoding: bytes[start..<end], as: UTF8.self), path)
        guard let count = elementCount(of: header.shape) else {
            throw failure("has the impossible shape \(header.shape)")
        }
        let type = try elementType(header.type, path)
        let (byteCount, isOverflow) = count.multipliedReportingOverflow(by: type.byteCount)
        guard !isOverflow, byteCount == bytes.count - end else {
            let need = isOverflow ? "more" : "\(byteCount)"
            throw failure(
                "of type \(header.type) and shape \(header.shape) needs \(need) bytes, has \(bytes.count - end)")
        }
        let elements = bytes[end...]
        if type.dtype == .bool, let odd = elements.first(where: { $0 > 1 }) {
            throw failure("holds bool elements, but one is the byte \(odd)")
        }
        // Read backwards, the axes are in rows.
        let shape = header.isFortranOrder ? header.shape.reversed() : header.shape
        let array = type.array(elements, Shape(shape))
        return header.isFortranOrder && shape.count > 1 ? reversingAxes(array) : array
    }

    /// Writes a tensor; see `write(_:to:)`.
    public static func save(_ tensor: Tensor, to url: URL) throws(DataError) { try write(tensor.hostArray, to: url) }

    /// The tensor of a file, on the current device; see `read(from:)`.
    public static func load(from url: URL) throws(DataError) -> Tensor { Tensor(try read(from: url)) }

    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    private static let alignment = 64
    /// What NumPy itself takes for safe.
    private static let largestHeader = 10_000

    private static func foreignFormat(_ bytes: [UInt8]) -> String {
        if bytes.isEmpty { return "is empty, not an npy file" }
        if bytes.starts(with: "PK".utf8) {
            return "is a zip archive, not an npy file; NPZ reads its parts"
        }
        return "is not an npy file"
    }

    // MARK: - Header

    private struct Header {
        var type: String
        var isFortranOrder: Bool
        var shape: [Int]
    }

    /// The entries of a header, which is a dictionary of Python's with three of them in any order.
    private static func header(_ text: String, _ path: String) throws(DataError) -> Header {
        func failure(_ reason: String) -> DataError { DataError(path: path, reason: "npy header \(reason)") }
        func value<Output>(_ pattern: Regex<Output>) throws(DataError) -> Output {
            let found = text.matches(of: pattern)
            guard found.count == 1 else { throw failure("is \(text.abbreviated)") }
            return found[0].output
        }
        if text.firstMatch(of: /'descr': *\[/) != nil {
            throw failure("describes records; arrays of numbers can be read")
        }
        let type = String(try value(/'descr': *'([^']*)'/).1)
        let order = try value(/'fortran_order': *(True|False)/).1
        let sizes = try value(/'shape': *\(([0-9, ]*)\)/).1
        var shape: [Int] = []
        for size in sizes.split(whereSeparator: { ", ".contains($0) }) {
            guard let size = Int(size) else { throw failure("has the size \(String(size).abbreviated)") }
            shape.append(size)
        }
        return Header(type: type, isFortranOrder: order == "True", shape: shape)
    }

    // MARK: - Elements

    /// How elements lie in a file, and what they become.
    private struct ElementType {
        var byteCount: Int
        var dtype: DType
        var array: (ArraySlice<UInt8>, Shape) -> HostArray
    }

    private static func typeName(_ dtype: DType) -> String {
        switch dtype {
        case .float64: "<f8"
        case .float32, .bfloat16: "<f4"
        case .int64: "<i8"
        case .int32: "<i4"
        case .uint8: "|u1"
        case .bool: "|b1"
        }
    }

    private static func elementType(_ name: String, _ path: String) throws(DataError) -> ElementType {
        if let dtype = DType.allCases.first(where: { $0 != .bfloat16 && typeName($0) == name }) {
            return ElementType(byteCount: dtype.byteCount, dtype: dtype) { bytes, shape in
                HostArray(bytes: Array(bytes), shape: shape, dtype: dtype)
            }
        }
        switch name {
        case "<f2":
            return ElementType(byteCount: 2, dtype: .float32) { bytes, shape in
                HostArray(Safetensors.floats(ofHalves: bytes), shape: shape)
            }
        case "<i2":
            return ElementType(byteCount: 2, dtype: .int32) { bytes, shape in
                let pairs = stride(from: bytes.startIndex, to: bytes.endIndex, by: 2)
                return HostArray(
                    pairs.map { Int32(bytes[$0]) | Int32(Int8(bitPattern: bytes[$0 + 1])) << 8 }, shape: shape)
            }
        case "|i1":
            return ElementType(byteCount: 1, dtype: .int32) { bytes, shape in
                HostArray(bytes.map { Int32(Int8(bitPattern: $0)) }, shape: shape)
            }
        default: break
        }
        let remedy: String
        if name.hasPrefix(">") {
            remedy = "\(name.abbreviated), which is big-endian; in Python: x.astype(x.dtype.newbyteorder('<'))"
        } else if name.hasPrefix("|O") {
            remedy = "\(name.abbreviated), Python objects that could run programs; in Python, make numbers of them"
        } else {
            remedy = "\(name.abbreviated); f2 f4 f8 i1 i2 i4 i8 u1 and b1 can be read"
        }
        throw DataError(path: path, reason: "holds elements of type \(remedy)")
    }

    /// The array with its axes in reverse order: `[d₁, …, dₙ]` → `[dₙ, …, d₁]`.
    private static func reversingAxes(_ array: HostArray) -> HostArray {
        let tensor = withDevice(.reference) { Tensor(array).permuted(Array((0..<array.shape.rank).reversed())) }
        return tensor.hostArray
    }
}
