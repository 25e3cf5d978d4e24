import Foundation
import Yuyan

/// JSON for scripts: one line, keys in snake case, as all that the command prints. A number that is infinite or not a
/// number, of which JSON has none, becomes `null`; standard error says so.
func jsonLine(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.dateEncodingStrategy = .iso8601
    // The encoder knows no null for them, but a text, which must be none of the value's own.
    let mark = UUID().uuidString
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: mark, negativeInfinity: mark, nan: mark)
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(value), as: UTF8.self)
    let parts = text.components(separatedBy: "\"\(mark)\"")
    if parts.count > 1 {
        let count = parts.count - 1
        let note =
            count == 1
            ? localized("note: a number is infinite or not a number, and null in the JSON")
            : localized("note: \(count) numbers are infinite or not a number, and null in the JSON")
        Terminal.standardError.write(note + "\n")
    }
    return parts.joined(separator: "null") + "\n"
}
