import Foundation
import Testing
import YuyanCore
import YuyanData

@Suite struct SafetensorsTests {
    private static let arrays: [(name: String, array: HostArray)] = [
        ("0.weight", HostArray([1.5, -2, Float.infinity, 0] as [Float], shape: [2, 2])),
        ("flags", HostArray([true, false, true], shape: [3])),
        ("step", HostArray([Int64.min], shape: [])),
        ("a/b \"ü\"", HostArray([0.1, 0.2] as [Double], shape: [1, 2])),
        ("half", HostArray([BFloat16(1.25)], shape: [1])),
        ("bytes", HostArray([0, 255] as [UInt8], shape: [2])),
        ("indices", HostArray([Int32(-1)], shape: [1])),
        ("none", HostArray([Float](), shape: [0, 4])),
    ]

    @Test func readsWhatItWrote() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("model.safetensors")
        let metadata = ["format": "pt", "note": "雨燕"]
        try Safetensors.write(.init(arrays: Self.arrays, metadata: metadata), to: file)
        let contents = try Safetensors.read(from: file)
        #expect(contents.metadata == metadata)
        #expect(contents.arrays.count == Self.arrays.count)
        for (name, array) in Self.arrays { #expect(contents.arrays.first { $0.name == name }?.array == array) }
        #expect(try folder.fileNames == ["model.safetensors"])
    }

    @Test func sameContentsGiveSameBytes() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("a")
        var seen: Set<Data> = []
        for shift in 0..<4 {
            let arrays = Array(Self.arrays[shift...] + Self.arrays[..<shift])
            try Safetensors.write(.init(arrays: arrays, metadata: ["b": "1", "a": "2"]), to: file)
            seen.insert(try Data(contentsOf: file))
        }
        #expect(seen.count == 1)
    }

    @Test func writesThePublishedLayout() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("a")
        try Safetensors.save([("w", Tensor([1, 2] as [Float]))], to: file)
        let bytes = [UInt8](try Data(contentsOf: file))
        let header = #"{"w":{"data_offsets":[0,8],"dtype":"F32","shape":[2]}}"#
        let padded = header + String(repeating: " ", count: 56 - header.utf8.count)
        #expect(bytes == [56, 0, 0, 0, 0, 0, 0, 0] + Array(padded.utf8) + [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40])
        let loaded = try Safetensors.load(from: file)
        #expect(loaded.keys.sorted() == ["w"])
        #expect(loaded["w"]?.hostArray == HostArray([1, 2] as [Float], shape: [2]))
    }

    private static func entry(_ name: String, _ dtype: String, _ shape: String, _ offsets: String) -> String {
        "\"\(name)\":{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
    }

    @Test(
        arguments: [
            (entry("a", "F32", "[2]", "[0,8]"), 8, nil),
            (entry("a", "U8", "[8]", "[0,8]"), 9, "1 bytes after the last tensor belong to none"),
            (
                entry("a", "F8_E4M3", "[8]", "[0,8]"), 8,
                "tensor a has the element type F8_E4M3; F32 F64 BF16 I32 I64 U8 BOOL F16 can be read"
            ),
            (entry("a", "F16", "[4]", "[0,8]"), 8, nil),
            (entry("a", "F16", "[2]", "[0,8]"), 8, "tensor a of type F16 and shape [2] has 8 bytes"),
            (entry("a", "F32", "[3]", "[0,8]"), 8, "tensor a of type F32 and shape [3] has 8 bytes"),
            (entry("a", "F32", "[-2]", "[0,8]"), 8, "tensor a has the impossible shape [-2]"),
            (
                entry("a", "F32", "[2000000000,2000000000,2000000000]", "[0,8]"), 8,
                "tensor a has the impossible shape [2000000000, 2000000000, 2000000000]"
            ),
            (
                entry("a", "F64", "[2000000000,2000000000]", "[0,8]"), 8,
                "tensor a of type F64 and shape [2000000000, 2000000000] has 8 bytes"
            ),
            (entry("a", "F32", "[2]", "[0,16]"), 8, "tensor a has offsets [0, 16]; the file holds 8 bytes of data"),
            (entry("a", "F32", "[2]", "[8,0]"), 8, "tensor a has offsets [8, 0]; the file holds 8 bytes of data"),
            (entry("a", "F32", "[2]", "[-8,0]"), 8, "tensor a has offsets [-8, 0]; the file holds 8 bytes of data"),
            (entry("a", "F32", "[2]", "[8]"), 8, "tensor a has offsets [8]; the file holds 8 bytes of data"),
            (
                entry("a", "U8", "[4]", "[0,4]") + "," + entry("b", "U8", "[6]", "[2,8]"), 8,
                "tensor b at bytes 2..<8 overlaps the one before, which ends at 4"
            ),
            (
                entry("a", "U8", "[4]", "[0,4]") + "," + entry("b", "U8", "[3]", "[5,8]"), 8,
                "tensor b at bytes 5..<8 leaves a gap before it, which ends at 4"
            ),
            (
                entry("a", "U8", "[8]", "[0,8]") + "," + entry("a", "U8", "[8]", "[0,8]"), 8,
                "safetensors header is wrong: tensor a is listed twice"
            ),
            (
                entry("a", "U8", "[8]", "[0,8]") + "," + entry("\\u0061", "U8", "[8]", "[0,8]"), 8,
                "safetensors header is wrong: tensor a is listed twice"
            ),
            (entry("a", "BOOL", "[8]", "[0,8]"), 8, "tensor a is BOOL but holds the byte 2"),
            ("\"a\":{\"dtype\":\"F32\",\"shape\":[2]}", 8, "safetensors header is wrong: tensor a has no data_offsets"),
        ] as [(String, Int, String?)])
    func checksEveryTensor(entries: String, dataSize: Int, reason: String?) throws {
        let folder = try TemporaryFolder()
        let header = Array("{\(entries)}".utf8)
        let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
        let file = try folder.write(length + header + [UInt8](repeating: 2, count: dataSize), "a")
        #expect(failure { _ = try Safetensors.read(from: file) }?.reason == reason)
    }

    @Test(
        arguments: [
            ([], "is empty, not a safetensors file"),
            (Array("hello".utf8), "is not a safetensors file"),
            (Array("hello, this is a text".utf8), "is not a safetensors file"),
            ((0..<99).map { UInt8($0 * 37 % 251) }, "is not a safetensors file"),
            (Array("PK\u{3}\u{4} of something".utf8), "is a zip archive, not a safetensors file"),
            ([1, 0, 0, 0, 0, 0, 0, 0], "safetensors header of 1 bytes: 0 follow, at most 100000000 are allowed"),
            (
                [UInt8](repeating: 255, count: 8) + [123, 125],
                "safetensors header of 18446744073709551615 bytes: 2 follow, at most 100000000 are allowed"
            ),
        ] as [([UInt8], String)])
    func checksTheHeaderLength(bytes: [UInt8], reason: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(bytes, "a")
        #expect(failure { _ = try Safetensors.read(from: file) } == DataError(path: file.path, reason: reason))
    }

    /// As PyTorch writes them: a zip archive, and before 1.6 pickles.
    @Test(arguments: [
        Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 26) + Array("my model/data.pklFB".utf8),
        [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E, 0x80, 2, 0x4D, 0xE9, 3],
    ])
    func tellsHowToConvertPickles(bytes: [UInt8]) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(bytes, "bob's.pt")
        #expect(
            failure { _ = try Safetensors.read(from: file) }?.reason
                == "is a pickle of PyTorch's, not a safetensors file; in Python: "
                + "safetensors.torch.save_file(torch.load('bob\\'s.pt'), 'bob\\'s.safetensors')")
    }

    /// Headers of all lengths: the first bytes of some are those of a pickle.
    @Test(arguments: [0x0280, 0x0480, 0x0580]) func takesNoHeaderForAPickle(length: Int) throws {
        let folder = try TemporaryFolder()
        let text = Array("{\(Self.entry("a", "U8", "[1]", "[0,1]"))}".utf8)
        let header = text + [UInt8](repeating: UInt8(ascii: " "), count: length - text.count)
        let file = try folder.write((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header + [7], "a")
        #expect(try Safetensors.load(from: file)["a"]?.hostArray == HostArray([7] as [UInt8], shape: [1]))
    }

    /// The numbers of numpy.float16.
    @Test func readsHalfPrecision() throws {
        let folder = try TemporaryFolder()
        let header = Array("{\(Self.entry("h", "F16", "[7]", "[0,14]"))}".utf8)
        let halves: [UInt16] = [0x3C00, 0xC000, 0x3555, 0x0001, 0x7BFF, 0x7C00, 0x8000]
        let data = halves.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
        let tensor = try Safetensors.load(from: folder.write(length + header + data, "a"))["h"]
        #expect(
            tensor?.hostArray
                == HostArray([1, -2, 0.333251953125, 0x1p-24, 65_504, .infinity, -0.0] as [Float], shape: [7]))
    }

    @Test func failedWritesLeaveTheOldFile() throws {
        let folder = try TemporaryFolder()
        let missing = folder.url.appendingPathComponent("no/model")
        let contents = Safetensors.Contents(arrays: Self.arrays)
        #expect(
            failure { try Safetensors.write(contents, to: missing) }
                == DataError(path: missing.path, reason: "cannot be written: No such file or directory"))
        let occupied = folder.url.appendingPathComponent("folder")
        try FileManager.default.createDirectory(at: occupied, withIntermediateDirectories: false)
        #expect(
            failure { try Safetensors.write(contents, to: occupied) }?.reason == "cannot be written: Is a directory")
        #expect(try folder.fileNames == ["folder"])
    }
}
