import Foundation
import YuyanData

/// JSON as all files have it: keys in snake case and sorted, dates by ISO 8601, doubles to the bit.
package enum JSONText {
    package static func encoded(_ value: some Encodable, isPretty: Bool = false) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return try encoder.encode(value)
    }

    /// The same of a form of file that has versions: others than `version` are refused by theirs.
    package static func decoded<Value: Decodable>(
        _ type: Value.Type, _ text: some Sequence<UInt8>, version: Int, path: String, called name: String
    ) throws(DataError) -> Value {
        let found = try decoded(FormatVersion.self, text, path: path, called: name).formatVersion
        guard found == version else {
            throw DataError(path: path, reason: "has format version \(found); this Yuyan reads \(version)")
        }
        return try decoded(type, text, path: path, called: name)
    }

    private struct FormatVersion: Decodable {
        var formatVersion: Int
    }

    /// - Throws: `DataError` that names the file and the key at fault.
    package static func decoded<Value: Decodable>(
        _ type: Value.Type, _ text: some Sequence<UInt8>, path: String, called name: String
    ) throws(DataError) -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return try decoder.decode(type, from: Data(text))
        } catch {
            throw DataError(path: path, reason: "is no \(name): \(reason(of: error))")
        }
    }

    private static func reason(of error: any Error) -> String {
        func place(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            let path = place(context)
            return "it lacks \(path.isEmpty ? "" : path + ".")\(key.stringValue)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "\(place(context)) has the wrong type"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return "\(place(context)) is wrong"
        default:
            return "it is not JSON"
        }
    }
}
