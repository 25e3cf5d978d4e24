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
        }

        struct Failure: Error {
            var reason: String
        }

        var entries: [String: Entry] = [:]
        var metadata: [String: String]

        init(metadata: [String: String]) { self.metadata = metadata }

        init(json: ArraySlice<UInt8>) throws(Failure) {
            do {
                self = try JSONDecoder().decode(Header.self, from: Data(json))
            } catch let error as DecodingError {
                throw Failure(reason: "safetensors header is wrong: \(Header.reason(of: error))")
            } catch {
                throw Failure(reason: "safetensors header is wrong: \(error.localizedDescription)")
            }
            // The decoder keeps one of several equal keys without a word.
            var seen: Set<String> = []
            for name in Header.topLevelKeys(of: json) {
                guard seen.insert(name).inserted else { throw Failure(reason: "tensor \(name) is listed twice") }
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
                    metadata = try container.decode([String: String].self, forKey: key)
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

        private static func reason(of error: DecodingError) -> String {
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                let place = context.codingPath.first.map { "tensor \($0.stringValue): " } ?? ""
                return place + context.debugDescription
            case .keyNotFound(let key, let context):
                let place = context.codingPath.first.map { "tensor \($0.stringValue)" } ?? "a tensor"
                return "\(place) has no \(key.stringValue)"
            @unknown default:
                return "it cannot be decoded"
            }
        }

        /// The keys of the outermost object of valid JSON, repeats included: strings at depth 1 before a colon.
        private static func topLevelKeys(of json: ArraySlice<UInt8>) -> [String] {
            var keys: [String] = []
            var depth = 0
            var literal = json.startIndex..<json.startIndex
            var position = json.startIndex
            while position < json.endIndex {
                switch json[position] {
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                case UInt8(ascii: "\""):
                    let start = position
                    position += 1
                    while position < json.endIndex, json[position] != UInt8(ascii: "\"") {
                        position += json[position] == UInt8(ascii: "\\") ? 2 : 1
                    }
                    literal = start..<min(position + 1, json.endIndex)
                case UInt8(ascii: ":") where depth == 1:
                    if let key = try? JSONDecoder().decode(String.self, from: Data(json[literal])) { keys.append(key) }
                default: break
                }
                position += 1
            }
            return keys
        }
    }
}
