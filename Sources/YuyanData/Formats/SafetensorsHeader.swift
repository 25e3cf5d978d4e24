import Foundation

extension Safetensors {
    /// The JSON object at the head of a file.
    struct Header: Codable {
        static let metadataKey = "__metadata__"

        struct Entry: Codable {
            var dtype: String
            var shape: [Int]
            /// First byte and end, counted from the end of the header.
            var offsets: [Int]

            enum CodingKeys: String, CodingKey {
                case dtype, shape
                case offsets = "data_offsets"
            }

            /// The keys of lists.
            static let lists = [CodingKeys.shape, .offsets].map(\.stringValue)
        }

        struct Failure: Error {
            var reason: String

            init(_ reason: String) { self.reason = "safetensors header is wrong: \(reason)" }
        }

        var entries: [String: Entry] = [:]
        var metadata: [String: String]

        init(metadata: [String: String]) { self.metadata = metadata }

        init(json: ArraySlice<UInt8>) throws(Failure) {
            let data = Data(json)
            // Foundation would take UTF-16 and UTF-32, too, in which every other byte of a header is 0. Its decoder looks
            // only at what it is asked for; `JSONSerialization` looks at all.
            guard !json.contains(0), String(validating: json, as: UTF8.self) != nil,
                (try? JSONSerialization.jsonObject(with: data)) != nil
            else { throw Failure(Header.noJSON) }
            try Header.check(json)
            do {
                self = try JSONDecoder().decode(Header.self, from: data)
            } catch {
                throw Failure((error as? DecodingError).map(Header.reason) ?? Header.noJSON)
            }
        }

        /// The header's text, padded with spaces so that the data behind it is aligned.
        func encoded() throws -> Data {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            var text = try encoder.encode(self)
            text.append(contentsOf: [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
            return text
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            metadata = [:]
            for key in container.allKeys {
                if key.stringValue == Header.metadataKey {
                    metadata = try container.decodeIfPresent([String: String].self, forKey: key) ?? [:]
                } else {
                    entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
                }
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Name.self)
            if !metadata.isEmpty { try container.encode(metadata, forKey: Name(stringValue: Header.metadataKey)) }
            for (name, entry) in entries { try container.encode(entry, forKey: Name(stringValue: name)) }
        }

        private struct Name: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }

            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        private static let noJSON = "it is not JSON in UTF-8"

        /// A key of the outermost object, as messages call it.
        static func title(_ name: String) -> String {
            name == metadataKey ? name : "tensor \(name.abbreviated)"
        }

        /// In words of the file: the decoder's own speak of Swift's types.
        private static func reason(of error: DecodingError) -> String {
            let path: [any CodingKey]
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                path = context.codingPath
            case .keyNotFound(let key, let context):
                return "\(title(context.codingPath.first?.stringValue ?? "")) has no \(key.stringValue)"
            @unknown default:
                path = []
            }
            guard let name = path.first?.stringValue else { return noJSON }
            guard path.count > 1 else {
                let contents = name == metadataKey ? "strings" : "dtype, shape and data_offsets"
                return "\(title(name)) is not an object of \(contents)"
            }
            let isString = name == metadataKey || path[1].stringValue == Entry.CodingKeys.dtype.stringValue
            return fault(name, path[1].stringValue, isString ? "a string" : "a list of whole numbers")
        }

        private static func fault(_ name: String, _ field: String, _ wanted: String) -> String {
            "\(title(name)): \(field.abbreviated) is not \(wanted)"
        }

        /// Refuses what Foundation takes without a word: a key that stands twice in an object, of which it drops one, 1.0 or
        /// 1e0 for a whole number, and a comma behind the last part. Given that all else is JSON, brackets, strings and
        /// colons tell where one is.
        private static func check(_ json: ArraySlice<UInt8>) throws(Failure) {
            // The objects and lists around a place, from the outermost on: the keys seen there, and the last of them.
            var levels: [(seen: Set<String>, key: String)] = []
            var string = json.startIndex..<json.startIndex
            var isBehindComma = false
            var position = json.startIndex
            while position < json.endIndex {
                let byte = json[position]
                switch byte {
                case UInt8(ascii: "{"), UInt8(ascii: "["): levels.append(([], ""))
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    guard !isBehindComma else { throw Failure(noJSON) }
                    levels.removeLast()
                case UInt8(ascii: "\""):
                    let start = position
                    position += 1
                    while json[position] != UInt8(ascii: "\"") {
                        position += json[position] == UInt8(ascii: "\\") ? 2 : 1
                    }
                    string = start..<position + 1
                case UInt8(ascii: ":"):
                    let key = (try? JSONDecoder().decode(String.self, from: Data(json[string]))) ?? ""
                    levels[levels.count - 1].key = key
                    guard levels[levels.count - 1].seen.insert(key).inserted else {
                        let owner = title(levels[0].key)
                        throw Failure(
                            levels.count == 1 ? "\(owner) is listed twice" : "\(owner) has \(key.abbreviated) twice")
                    }
                case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                    let digits = json[position...].prefix { $0 > UInt8(ascii: " ") && !",]}".utf8.contains($0) }
                    position += digits.count - 1
                    guard levels.count > 1, levels[0].key != metadataKey, Entry.lists.contains(levels[1].key) else {
                        break
                    }
                    let text = String(decoding: digits, as: UTF8.self)
                    guard Int(text).map({ "\($0)" }) == text else {
                        throw Failure(fault(levels[0].key, levels[1].key, "a list of whole numbers"))
                    }
                default: break
                }
                if byte > UInt8(ascii: " ") { isBehindComma = byte == UInt8(ascii: ",") }
                position += 1
            }
        }
    }
}
