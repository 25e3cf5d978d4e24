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
                entry("a", "F16", "[4]", "[0,8]"), 8,
                "tensor a has the element type F16; F32 F64 BF16 I32 I64 U8 BOOL can be read"
            ),
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
            (entry("a", "U8", "[8]", "[0,8]") + "," + entry("a", "U8", "[8]", "[0,8]"), 8, "tensor a is listed twice"),
            (
                entry("a", "U8", "[8]", "[0,8]") + "," + entry("\\u0061", "U8", "[8]", "[0,8]"), 8,
                "tensor a is listed twice"
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
            ([], "safetensors header is truncated: 0 bytes"),
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

    @Test(arguments: [
        "nonsense", "[]", "{\"a\":1}", "{\"a\":{\"dtype\":\"F32\",\"shape\":[1e30],\"data_offsets\":[0,8]}}",
    ])
    func refusesOtherHeaders(text: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write([UInt8(text.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(text.utf8), "a")
        let error = try #require(failure { _ = try Safetensors.read(from: file) })
        #expect(error.reason.hasPrefix("safetensors header is wrong: "))
        #expect(!error.description.contains("\n"))
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
