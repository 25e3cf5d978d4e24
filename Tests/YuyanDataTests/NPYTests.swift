import Foundation
import Testing
import YuyanCore
import YuyanData

/// A file with a header as NumPy writes it, and bytes.
private func npy(_ header: String, _ elements: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let length = header.utf8.count
    let size = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + size + Array(header.utf8) + elements
}

private func header(_ type: String, _ shape: String, fortran: Bool = false) -> String {
    "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n"
}

private func bytes<Element>(_ elements: [Element]) -> [UInt8] { elements.withUnsafeBytes { Array($0) } }

@Suite struct NPYTests {
    /// The bytes that `numpy.save` writes for `numpy.array([[1.5, -2.0, 3.0]], dtype=numpy.float32)`, NumPy 2.
    @Test func writesWhatNumPyWrites() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("x.npy")
        try NPY.save(Tensor([[1.5, -2, 3]]), to: file)
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }"
        let spaces = String(repeating: " ", count: 118 - text.count - 1)
        #expect(try [UInt8](Data(contentsOf: file)) == npy(text + spaces + "\n", bytes([1.5, -2, 3] as [Float])))
        #expect(try folder.fileNames == ["x.npy"])
    }

    @Test(arguments: DType.allCases)
    func readsWhatItWrites(dtype: DType) throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("x.npy")
        for shape in [[], [0], [3], [2, 3], [1, 2, 1, 3, 1, 1, 2, 1], [0, 5]] as [Shape] {
            let array = Tensor((0..<shape.elementCount).map { Float($0 % 2) }, shape: shape).cast(to: dtype).hostArray
            try NPY.write(array, to: file)
            #expect(try Data(contentsOf: file).count % 64 == (array.bytes.count * (dtype == .bfloat16 ? 2 : 1)) % 64)
            let read = try NPY.read(from: file)
            #expect(read.dtype == (dtype == .bfloat16 ? .float32 : dtype) && read.shape == shape)
            #expect(dtype == .bfloat16 || read == array)
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt8])
    func readsAllVersionsAndTypes(version: UInt8) throws {
        let folder = try TemporaryFolder()
        func read(_ type: String, _ elements: [UInt8], _ shape: String = "(3,)") throws -> HostArray {
            try NPY.read(from: folder.write(npy(header(type, shape), elements, version: version), "x.npy"))
        }
        let expected = { (values: [Int32]) in HostArray(values, shape: [3]) }
        #expect(try read("<f8", bytes([1, -2, 0.5])) == HostArray([1, -2, 0.5], shape: [3]))
        #expect(
            try read("<f2", bytes([0x3C00, 0xC000, 0x3800] as [UInt16]))
                == HostArray([1, -2, 0.5] as [Float], shape: [3]))
        #expect(try read("<i2", bytes([1, -2, 32767] as [Int16])) == expected([1, -2, 32767]))
        #expect(try read("|i1", bytes([1, -2, 127] as [Int8])) == expected([1, -2, 127]))
        #expect(try read("<i4", bytes([1, -2, .max] as [Int32])) == expected([1, -2, .max]))
        #expect(try read("<i8", bytes([1, -2, .max] as [Int64])) == HostArray([1, -2, .max] as [Int64], shape: [3]))
        #expect(try read("|u1", [1, 2, 255]) == HostArray([1, 2, 255] as [UInt8], shape: [3]))
        #expect(try read("|b1", [1, 0, 1]) == HostArray([true, false, true], shape: [3]))
        #expect(try read("|u1", [7], "()") == HostArray([7] as [UInt8], shape: []))
    }

    @Test func putsFortransOrderIntoRows() throws {
        let folder = try TemporaryFolder()
        // [[0, 1, 2], [3, 4, 5]], column by column.
        let file = try folder.write(
            npy(header("<i4", "(2, 3)", fortran: true), bytes([0, 3, 1, 4, 2, 5] as [Int32])), "f.npy")
        #expect(try NPY.read(from: file) == HostArray([0, 1, 2, 3, 4, 5] as [Int32], shape: [2, 3]))
        let cube = try folder.write(
            npy(header("|u1", "(2, 1, 3)", fortran: true), [0, 3, 1, 4, 2, 5]), "c.npy")
        #expect(try NPY.read(from: cube) == HostArray([0, 1, 2, 3, 4, 5] as [UInt8], shape: [2, 1, 3]))
    }

    @Test(
        arguments: [
            ([], "is empty, not an npy file"), (Array("hello world".utf8), "is not an npy file"),
            (Array("PK\u{3}\u{4}".utf8), "is a zip archive, not an npy file; NPZ reads its parts"),
            (
                npy(header("<f4", "(1,)"), [0, 0, 0, 0], version: 4),
                "has the format version 4.0; 1.0, 2.0 and 3.0 can be read"
            ),
            (
                Array(npy(header("<f4", "(1,)"), []).prefix(40)),
                "npy header of 58 bytes: 30 follow, at most 10000 are allowed"
            ),
            (
                [0x93] + Array("NUMPY".utf8) + [2, 0, 255, 255, 255, 255],
                "npy header of 4294967295 bytes: 0 follow, at most 10000 are allowed"
            ),
            (
                npy(header("<f4", "(2,)"), [0, 0, 0, 0]),
                "of type <f4 and shape [2] needs 8 bytes, has 4"
            ),
            (npy(header("|u1", "(2,)"), [0, 0, 0]), "of type |u1 and shape [2] needs 2 bytes, has 3"),
            // Memory is taken for what is there.
            (
                npy(header("|u1", "(2147483647, 2147483647, 2)"), [0]),
                "of type |u1 and shape [2147483647, 2147483647, 2] needs 9223372028264841218 bytes, has 1"
            ),
            (
                npy(header("<f8", "(2147483647, 2147483647, 2)"), [0]),
                "of type <f8 and shape [2147483647, 2147483647, 2] needs more bytes, has 1"
            ),
            (npy(header("|u1", "(4294967296,)"), [0]), "has the impossible shape [4294967296]"),
            (npy(header("|u1", "(99999999999999999999,)"), [0]), "npy header has the size 99999999999999999999"),
            (npy(header("|b1", "(2,)"), [1, 2]), "holds bool elements, but one is the byte 2"),
            (
                npy(header(">f4", "(1,)"), [0, 0, 0, 0]),
                "holds elements of type >f4, which is big-endian; in Python: x.astype(x.dtype.newbyteorder('<'))"
            ),
            (
                npy(header("|O", "(1,)"), [0]),
                "holds elements of type |O, Python objects that could run programs; in Python, make numbers of them"
            ),
            (
                npy(header("<c8", "(1,)"), [0, 0, 0, 0, 0, 0, 0, 0]),
                "holds elements of type <c8; f2 f4 f8 i1 i2 i4 i8 u1 and b1 can be read"
            ),
            (
                npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }\n", [0, 0, 0, 0]),
                "npy header describes records; arrays of numbers can be read"
            ),
            (
                npy("{'descr': '<f4', 'shape': (1,), }", [0, 0, 0, 0]),
                "npy header is {'descr': '<f4', 'shape': (1,), }"
            ),
        ] as [([UInt8], String)])
    func refusesMalformedFiles(bytes: [UInt8], reason: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(bytes, "x.npy")
        #expect(failure { _ = try NPY.read(from: file) } == DataError(path: file.path, reason: reason))
    }
}
