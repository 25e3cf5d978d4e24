/// A text in English with values in it, for which a language finds its own words:
///
///     language("stopped early after epoch \(epoch)")
///
/// It is known by its English words, with `%1`, `%2` and so on where the values stand.
public struct Message: ExpressibleByStringInterpolation, Sendable, Hashable {
    package let key: String
    package let values: [String]

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var key = ""
        fileprivate var values: [String] = []

        public init(literalCapacity: Int, interpolationCount: Int) {}

        public mutating func appendLiteral(_ literal: String) { key += literal }

        /// Adds a value, as `print` shows it.
        public mutating func appendInterpolation(_ value: some Any) {
            values.append("\(value)")
            key += "%\(values.count)"
        }
    }

    public init(stringInterpolation: StringInterpolation) {
        key = stringInterpolation.key
        values = stringInterpolation.values
    }

    public init(stringLiteral value: String) { self.init(key: value) }

    package init(key: String, values: [String] = []) {
        self.key = key
        self.values = values
    }

    /// `pattern` with the values in the places of `%1`, `%2` and so on.
    func filled(into pattern: String) -> String {
        guard !values.isEmpty else { return pattern }
        return pattern.replacing(/%([1-9])/) { match in
            let index = Int(match.output.1)! - 1
            return index < values.count ? values[index] : String(match.output.0)
        }
    }
}

/// The Chinese of messages, by their keys.
package typealias ChineseWords = [String: String]

extension Language {
    /// The language that this process was started in.
    public static let current = Language()

    /// The message in this language; in English where it has no words for it.
    public func callAsFunction(_ message: Message) -> String { text(message, ChineseText.library) }

    package func text(_ message: Message, _ words: ChineseWords) -> String {
        let pattern = self == .chinese ? words[message.key] ?? message.key : message.key
        return message.filled(into: pattern)
    }

    /// A word that is only known when the program runs.
    package func word(_ text: String) -> String { self(Message(key: text)) }

    /// The value of a setting as people read it.
    package func setting(_ value: String) -> String {
        // `2epochs` is one word for the command's sake.
        guard let match = value.wholeMatch(of: /(\d+)(epoch|epochs|step|steps)/) else { return word(value) }
        return self(Message(key: "%1 \(match.output.2)", values: [String(match.output.1)]))
    }

    /// Two words that make one: `train loss`.
    package func joined(_ first: String, _ second: String) -> String {
        word(first) + (self == .chinese ? "" : " ") + word(second)
    }
}
