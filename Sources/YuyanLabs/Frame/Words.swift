import Foundation
import Yuyan

/// A text in English and in Chinese.
///
///     Words("loss", "损失")
///
/// What reads the same in both, such as a number, is written as a plain string: `"\(loss, decimals: 4)"`.
public struct Words: Codable, Hashable, Sendable, ExpressibleByStringInterpolation {
    /// The text in English.
    public var english: String
    /// The text in Chinese.
    public var chinese: String

    /// One text in two languages.
    public init(_ english: String, _ chinese: String) {
        self.english = english
        self.chinese = chinese
    }

    /// The same text in both languages.
    public init(stringLiteral text: String) { self.init(text, text) }

    /// The text in a language.
    public subscript(language: Language) -> String { language == .chinese ? chinese : english }
}

extension DefaultStringInterpolation {
    /// A number with this many digits after the point: `"\(1.5, decimals: 3)"` is 1.500.
    public mutating func appendInterpolation(_ value: some BinaryFloatingPoint, decimals: Int) {
        appendLiteral(String(format: "%.\(decimals)f", Double(value)))
    }

    /// A number with this many digits that say something, and with an exponent where it is very large or small:
    /// `"\(0.000123456, digits: 3)"` is 0.000123.
    public mutating func appendInterpolation(_ value: some BinaryFloatingPoint, digits: Int) {
        appendLiteral(String(format: "%.\(digits)g", Double(value)))
    }
}
