import Foundation
import Testing
import YuyanCore
import YuyanData

@Suite struct NPZTests {
    /// What NumPy 2.4.6 writes of `x=array([[1.5, -2, 3]], dtype=float32)` and `labels/first=array([7, 8])`.
    private static let stored = """
        UEsDBC0AAAAAAAAAIQAuv/ca//////////8FABQAeC5ucHkBABAAjAAAAAAAAACMAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmNCcsICdm\
        b3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCAzKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgICAgICAgICAKAADAPwAAAMAAAEBAUEsDBC0AAAAAAAAAIQAgiU0r//////////8QABQAbGFiZWxzL2ZpcnN0Lm5weQEAEACQAAAAAAAA\
        AJAAAAAAAAAAk05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAg\
        ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoHAAAAAAAAAAgAAAAAAAAAUEsBAi0DLQAAAAAAAAAh\
        AC6/9xqMAAAAjAAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsBAi0DLQAAAAAAAAAhACCJTSuQAAAAkAAAABAAAAAAAAAAAAAAAIABwwAAAGxh\
        YmVscy9maXJzdC5ucHlQSwUGAAAAAAIAAgBxAAAAlQEAAAAA
        """
    private static let deflated = """
        UEsDBC0AAAAIAAAAIQAuv/ca//////////8FABQAeC5ucHkBABAAjAAAAAAAAABRAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Ce\
        ll9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6CsaaOgq1CmQDLgaGA/YMQIKBwcEBAFBLAwQtAAAACAAAACEAIIlNK///////////EAAUAGxh\
        YmVscy9maXJzdC5ucHkBABAAkAAAAAAAAABKAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaGuo6Cell9UUpSYF59flJIKEndLzClOBYoX\
        ZyQWpAL5GkY6mjoKtQoUAC52BgjggNIAUEsBAi0DLQAAAAgAAAAhAC6/9xpRAAAAjAAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsBAi0DLQAA\
        AAgAAAAhACCJTStKAAAAkAAAABAAAAAAAAAAAAAAAIABiAAAAGxhYmVscy9maXJzdC5ucHlQSwUGAAAAAAIAAgBxAAAAFAEAAAAA
        """

    private static func read(_ bytes: some Sequence<UInt8>) throws -> [String: HostArray] {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("x.npz")
        try Data(bytes).write(to: file)
        return try NPZ.read(from: file)
    }

    private static func bytes(_ text: String) -> [UInt8] { [UInt8](Data(base64Encoded: text)!) }

    /// The reason why a file is refused, without the path in front of its name.
    private static func refusal(_ bytes: some Sequence<UInt8>) throws -> String {
        do {
            let arrays = try read(bytes)
            return "read \(arrays.count)"
        } catch let error as DataError {
            let text = error.description
            return String(text[(text.range(of: "x.npz")?.lowerBound ?? text.startIndex)...])
        }
    }

    @Test(arguments: [stored, deflated]) func readsWhatNumPyWrites(text: String) throws {
        let arrays = try NPZTests.read(NPZTests.bytes(text))
        #expect(
            arrays == [
                "x": HostArray([1.5, -2, 3] as [Float], shape: [1, 3]),
                "labels/first": HostArray([7, 8] as [Int64], shape: [2]),
            ])
    }

    @Test(arguments: [false, true]) func readsWhatItWrites(compresses: Bool) throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("x.npz")
        var arrays: [String: HostArray] = ["雨燕": HostArray([1, 2] as [Int32], shape: [2, 1])]
        for dtype in DType.allCases where dtype != .bfloat16 {
            for shape in [[], [0], [2, 3], [300, 400]] as [Shape] {
                arrays["\(dtype)/\(shape)"] =
                    Tensor((0..<shape.elementCount).map { Float($0 % 2) }, shape: shape).cast(to: dtype).hostArray
            }
        }
        try NPZ.write(arrays, to: file, compresses: compresses)
        #expect(try NPZ.read(from: file) == arrays)
        let size = try Data(contentsOf: file).count
        let plain = arrays.values.reduce(0) { $0 + $1.bytes.count }
        #expect(compresses ? size < plain / 20 : size > plain)
        // The same bytes each time, and nothing else is left in the folder.
        let before = try Data(contentsOf: file)
        try NPZ.write(arrays, to: file, compresses: compresses)
        #expect(try Data(contentsOf: file) == before)
        #expect(try folder.fileNames == ["x.npz"])
    }

    @Test func tensorsAndNothing() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("x.npz")
        try NPZ.save(["a": Tensor([[1, 2]]), "b": Tensor.ones([2], dtype: .bfloat16)], to: file)
        let tensors = try NPZ.load(from: file)
        #expect(tensors["a"]?.array(of: Int64.self) == [1, 2] && tensors["a"]?.shape == [1, 2])
        #expect(tensors["b"]?.dtype == .float32 && tensors.count == 2)
        try NPZ.save([:], to: file)
        #expect(try NPZ.read(from: file).isEmpty)
    }

    /// Wherever a file ends too soon and whatever bit is wrong, there is an error or the arrays, and nothing else.
    @Test(arguments: [stored, deflated]) func damagedFilesAreRefused(text: String) throws {
        let bytes = NPZTests.bytes(text)
        let arrays = try NPZTests.read(bytes)
        for count in stride(from: 0, to: bytes.count, by: 5) {
            #expect(try NPZTests.refusal(bytes[..<count]).hasPrefix("x.npz"), "\(count) bytes")
        }
        for place in stride(from: 0, to: bytes.count, by: 3) {
            var damaged = bytes
            damaged[place] ^= 1 << UInt8(place % 8)
            do {
                let read = try NPZTests.read(damaged)
                // Names, and fields that do not matter.
                #expect(Set(read.values).isSubset(of: Set(arrays.values)), "byte \(place)")
            } catch is DataError {}
        }
    }

    @Test func saysWhatIsWrongAndWhere() throws {
        let bytes = NPZTests.bytes(NPZTests.stored)
        /// With other bytes in the place of the first or of all.
        func replacing(_ old: [UInt8], _ new: [UInt8], all: Bool = false) -> [UInt8] {
            var result = bytes
            var place = 0
            while place + old.count <= result.count {
                if Array(result[place..<place + old.count]) == old {
                    result.replaceSubrange(place..<place + old.count, with: new)
                    if !all { break }
                }
                place += 1
            }
            return result
        }
        #expect(try NPZTests.refusal([]) == "x.npz: is empty, not an npz file")
        #expect(try NPZTests.refusal("hello".utf8) == "x.npz: is no zip archive, not an npz file")
        #expect(try NPZTests.refusal([0x93] + Array("NUMPY".utf8)) == "x.npz: is a single npy file, not an npz file")
        #expect(try NPZTests.refusal("PK and more".utf8).hasPrefix("x.npz: is a damaged zip archive: "))
        // An element: the checksum no longer fits.
        #expect(
            try NPZTests.refusal(replacing([0, 0, 0xC0, 0x3F], [0, 0, 0xC0, 0x40]))
                == "x.npz, x.npy: is damaged: CRC error")
        // Names of parts.
        let other = try NPZTests.refusal(replacing(Array("x.npy".utf8), Array("x.txt".utf8), all: true))
        #expect(other == "x.npz: holds x.txt, which is not an npy file")
        // The method, 12 for bzip2, in the directory: 10 bytes after its entry begins.
        let entry = Array("PK\u{1}\u{2}".utf8) + [0x2D, 3, 0x2D, 0, 0, 0]
        let packed = try NPZTests.refusal(replacing(entry + [0], entry + [12]))
        #expect(packed == "x.npz, x.npy: is packed by method 12 of zip; stored and deflated parts can be read")
        let locked = try NPZTests.refusal(replacing(entry, Array(entry[..<8]) + [1, 0]))
        #expect(locked == "x.npz, x.npy: is encrypted")
        // A size that no archive of this length can hold, 24 bytes into the entry.
        let directory = bytes.indices.first { bytes[$0...].starts(with: entry) }!
        var large = bytes
        large[directory + 27] = 0x70
        #expect(try NPZTests.refusal(large) == "x.npz, x.npy: cannot have 1879048332 bytes of 140 in the archive")
        // One that is no array, in an archive that is whole.
        #expect(throws: DataError.self) { try NPZ.read(from: URL(fileURLWithPath: "/there/is/none.npz")) }
    }

    /// numpy.savez_compressed(file, half=array([1.5], dtype=float16), big=array([1.5], dtype=">f4")).
    @Test func partsAreReadAsNpyFiles() throws {
        let text = """
            UEsDBC0AAAAIAAAAIQDDF891//////////8IABQAaGFsZi5ucHkBABAAggAAAAAAAABGAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqSuo6Ce\
            ll9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6mjoKtQoUAC4GOwBQSwMELQAAAAgAAAAhAI1aWTH//////////wcAFABiaWcubnB5AQAQAIQAAAAA\
            AAAASAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBul2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOpo6CrUKFAAu+wMMDABQSwEC\
            LQMtAAAACAAAACEAwxfPdUYAAACCAAAACAAAAAAAAAAAAAAAgAEAAAAAaGFsZi5ucHlQSwECLQMtAAAACAAAACEAjVpZMUgAAACEAAAABwAAAAAAAAAA\
            AAAAgAGAAAAAYmlnLm5weVBLBQYAAAAAAgACAGsAAAABAQAAAAA=
            """
        #expect(
            try NPZTests.refusal(NPZTests.bytes(text))
                == "x.npz, big.npy: holds elements of type >f4, which is big-endian; in Python: "
                + "x.astype(x.dtype.newbyteorder('<'))")
    }

    @Test func namesMustBeNames() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try NPZ.save(["": Tensor([1.0])], to: URL(fileURLWithPath: "/tmp/never.npz"))
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("NPZ: a name must not be empty"))
    }
}
