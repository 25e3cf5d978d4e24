import Foundation
import Testing
import YuyanData

/// Headers that Foundation's decoder would take, or describes in words of Swift's. What is refused here, safetensors 0.8 of
/// Python refuses as well, except for two tensors, two entries of the metadata or two unknown fields of one name.
@Suite struct SafetensorsHeaderTests {
    private static let good = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#

    private static func entry(_ fields: String) -> String { "{\"a\":{\(fields)}}" }

    private func fault(_ header: [UInt8]) throws -> String? {
        let folder = try TemporaryFolder()
        let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
        let file = try folder.write(length + header + [UInt8](repeating: 0, count: 8), "a")
        return failure { _ = try Safetensors.read(from: file) }?.reason
    }

    @Test(arguments: [String.Encoding.utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian, .utf32BigEndian])
    func refusesOtherEncodings(encoding: String.Encoding) throws {
        let header = [UInt8](try #require(Self.good.data(using: encoding)))
        // Those that begin with a 0 do not begin as a header does.
        let reason =
            header[0] == 0 ? "is not a safetensors file" : "safetensors header is wrong: it is not JSON in UTF-8"
        #expect(try fault(header) == reason)
    }

    @Test func refusesByteOrderMarks() throws {
        #expect(try fault(Array(Self.good.utf8)) == nil)
        for mark in [[0xEF, 0xBB, 0xBF], [0xFE, 0xFF], [0xFF, 0xFE]] as [[UInt8]] {
            #expect(try fault(mark + Array(Self.good.utf8)) == "is not a safetensors file")
        }
    }

    @Test(arguments: [
        Array(#"{"a\"#.utf8), Array((good + "\0").utf8), Array((good + "x").utf8), Array((good + ",").utf8),
        Array(good.dropLast().utf8), Array(good.replacing("}}", with: "}, }").utf8),
        Array(good.replacing("8]", with: "8,]").utf8), Array(good.replacing("8]", with: "8],\"x\":1.").utf8),
        Array(good.replacing("[2]", with: "[02]").utf8), Array(good.replacing("\"a\"", with: "'a'").utf8),
        Array("{\"".utf8) + [0xFF] + Array(good.dropFirst(3).utf8),
        Array(good.replacing("\"a", with: "\"\\ud800").utf8),
    ])
    func refusesWhatIsNotJSON(header: [UInt8]) throws {
        #expect(try fault(header) == "safetensors header is wrong: it is not JSON in UTF-8")
    }

    @Test(
        arguments: [
            (good.dropLast() + "," + good.dropFirst(), "tensor a is listed twice"),
            (#"{"a":1,"# + good.dropFirst(), "tensor a is listed twice"),
            (#"{"__metadata__":{},"__metadata__":{"x":"1"},"# + good.dropFirst(), "__metadata__ is listed twice"),
            (#"{"__metadata__":{"x":"1","y":"1","x":"1"},"# + good.dropFirst(), "__metadata__ has x twice"),
            (#"{"__metadata__":{"x":"1","\u0078":"2"},"# + good.dropFirst(), "__metadata__ has x twice"),
            (entry(#""dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]"#), "tensor a has dtype twice"),
            (entry(#""dtype":"F32","shape":[2],"data_offsets":[0,8],"shape":[2]"#), "tensor a has shape twice"),
            (
                entry(#""data_offsets":[0,8],"dtype":"F32","shape":[2],"data_offsets":[0,8]"#),
                "tensor a has data_offsets twice"
            ),
            (
                entry(#""dtype":"F32","shape":[2],"data_offsets":[0,8],"x":{"y":[{"z":1,"z":2}]}"#),
                "tensor a has z twice"
            ),
        ] as [(String, String)])
    func refusesRepeatedKeys(header: String, reason: String) throws {
        #expect(try fault(Array(header.utf8)) == "safetensors header is wrong: \(reason)")
    }

    @Test(
        arguments: [
            ("[2.0]", "[0,8]", "shape"), ("[2e0]", "[0,8]", "shape"), ("[20E-1]", "[0,8]", "shape"),
            ("[-0]", "[0,8]", "shape"), ("[1e30]", "[0,8]", "shape"), ("[99999999999999999999]", "[0,8]", "shape"),
            ("2", "[0,8]", "shape"), ("null", "[0,8]", "shape"), ("[null]", "[0,8]", "shape"),
            ("[true]", "[0,8]", "shape"), ("[\"2\"]", "[0,8]", "shape"), ("[[2]]", "[0,8]", "shape"),
            ("[2]", "[0,8.0]", "data_offsets"), ("[2]", "[0e0,8]", "data_offsets"), ("[2]", "[-0,8]", "data_offsets"),
            ("[2]", "{}", "data_offsets"), ("[2]", "[0,\"8\"]", "data_offsets"),
        ])
    func refusesWhatIsNoListOfWholeNumbers(shape: String, offsets: String, field: String) throws {
        let header = Self.entry("\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":\(offsets)")
        #expect(
            try fault(Array(header.utf8))
                == "safetensors header is wrong: tensor a: \(field) is not a list of whole numbers")
    }

    @Test(arguments: [
        (#"{"a":1}"#, "tensor a is not an object of dtype, shape and data_offsets"),
        (#"{"a":null}"#, "tensor a is not an object of dtype, shape and data_offsets"),
        (#"{"a\nb":["F32",[2],[0,8]]}"#, "tensor a b is not an object of dtype, shape and data_offsets"),
        (entry(#""dtype":1,"shape":[2],"data_offsets":[0,8]"#), "tensor a: dtype is not a string"),
        (entry(#""dtype":null,"shape":[2],"data_offsets":[0,8]"#), "tensor a: dtype is not a string"),
        (entry(#""shape":[2],"data_offsets":[0,8]"#), "tensor a has no dtype"),
        (#"{"__metadata__":1}"#, "__metadata__ is not an object of strings"),
        (#"{"__metadata__":["x"]}"#, "__metadata__ is not an object of strings"),
        (#"{"__metadata__":{"x":1}}"#, "__metadata__: x is not a string"),
        (#"{"__metadata__":{"x":null}}"#, "__metadata__: x is not a string"),
        (#"{"__metadata__":{"x":{"y":"z"}}}"#, "__metadata__: x is not a string"),
    ])
    func saysWhatIsWrongInTheFilesWords(header: String, reason: String) throws {
        #expect(try fault(Array(header.utf8)) == "safetensors header is wrong: \(reason)")
    }

    /// As the library for Python does.
    @Test(arguments: [
        good + " \n\t", good.replacing(":", with: " : "), #"{"__metadata__":null,"# + good.dropFirst(),
        entry(#""dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1.5,"y":["{",{"z":-1e3}]"#),
        #"{"__metadata__":{"shape":"1.0","a\"":"}{:"},"# + good.dropFirst(),
        #"{"shape":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    ])
    func takesUnusualHeaders(header: String) throws {
        #expect(try fault(Array(header.utf8)) == nil)
    }

    /// Damage is refused or gives other names and numbers; it never ends the process.
    @Test func survivesDamage() throws {
        let header = Array((#"{"__metadata__":{"k\"ey":"v\\"},"# + Self.good.dropFirst()).utf8)
        var refused = 0
        for index in header.indices {
            for mask in [0x01, 0x02, 0x20, 0x7F, 0x80] as [UInt8] {
                var damaged = header
                damaged[index] ^= mask
                if try fault(damaged) != nil { refused += 1 }
            }
            if try fault(Array(header[..<index])) != nil { refused += 1 }
        }
        #expect(refused > 3 * header.count)
    }
}
