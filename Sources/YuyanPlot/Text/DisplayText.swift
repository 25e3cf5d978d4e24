import Foundation

/// Text in columns of a terminal, where a Chinese character takes two.
package enum DisplayText {
    /// The text without line breaks and control characters.
    package static func oneLine(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl =
                scalar.properties.generalCategory == .control || scalar == "\u{2028}" || scalar == "\u{2029}"
            if !isControl { result.append(scalar) } else if result.last != " " { result.append(" ") }
        }
        return String(result)
    }

    package static func width(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + ($1.isWide ? 2 : 1) } }

    /// About how wide a text is in a picture's font without serifs, in pixels.
    static func pixels(_ text: some StringProtocol, fontSize: Double = 13) -> Double {
        text.reduce(0) { width, character in
            let part: Double
            switch character {
            case _ where character.isWide: part = 1
            case "i", "j", "l", "t", "f", "r", "I", " ", ".", ",", ":", ";", "'", "|", "!", "(", ")", "[", "]":
                part = 0.36
            case "m", "w", "M", "W", "%", "@": part = 0.88
            case _ where character.isUppercase: part = 0.7
            default: part = 0.6
            }
            return width + part * fontSize
        }
    }

    /// The text, cut at `width` columns if it is longer.
    package static func shortened(_ text: String, to width: Int, _ style: TextStyle) -> String {
        let text = oneLine(text)
        guard self.width(text) > width else { return text }
        let mark = style.usesUnicode ? "…" : "~"
        var result = ""
        var used = 0
        for character in text {
            used += character.isWide ? 2 : 1
            guard used < width else { break }
            result.append(character)
        }
        return result + mark
    }

    /// As many of the first characters as `width` columns hold.
    package static func prefix(_ text: String, width: Int) -> String {
        var (result, used) = ("", 0)
        for character in text {
            used += character.isWide ? 2 : 1
            guard used <= width else { break }
            result.append(character)
        }
        return result
    }

    /// The text in exactly `width` columns, or more if it is longer.
    package static func padded(_ text: String, to width: Int, isNumber: Bool = false) -> String {
        let padding = String(repeating: " ", count: max(width - self.width(text), 0))
        return isNumber ? padding + text : text + padding
    }

    static func centered(_ text: String, in width: Int) -> String {
        let space = max(width - self.width(text), 0)
        return String(repeating: " ", count: space / 2) + text + String(repeating: " ", count: space - space / 2)
    }

    /// The line without spaces at its end.
    static func trimmed(_ line: String) -> String { String(line.reversed().drop { $0 == " " }.reversed()) }

    /// A number in few characters.
    static func number(_ value: Double) -> String { String(format: "%.4g", value) }
}

extension Character {
    fileprivate var isWide: Bool { unicodeScalars.first.map(\.isWide) ?? false }
}

extension Unicode.Scalar {
    /// Whether terminals show it two columns wide (East Asian Width W and F of Unicode's UAX #11, by blocks).
    fileprivate var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}

extension String {
    /// Whether it holds ideographs, for which not every font has a shape.
    var hasChinese: Bool { unicodeScalars.contains { $0.properties.isIdeographic } }
}
