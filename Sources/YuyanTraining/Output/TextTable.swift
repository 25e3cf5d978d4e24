import Foundation
import YuyanPlot

/// Lines of text in columns of fixed width, in which a Chinese character takes two places.
public struct TextTable: Sendable {
    /// What a column is called, and how wide it is.
    public struct Column: Sendable {
        /// What stands above it.
        public var title: String
        /// Whether its cells stand at its right end.
        public var isNumber: Bool
        /// Its places.
        public var width: Int

        /// A column at least as wide as its title. Numbers stand at its right end.
        public init(_ title: String, isNumber: Bool = true, width: Int = 0) {
            self.title = title
            self.isNumber = isNumber
            self.width = max(width, DisplayText.width(title))
        }
    }

    /// The columns, from left to right.
    public var columns: [Column]

    /// A table of these columns.
    public init(_ columns: [Column]) { self.columns = columns }

    /// The titles, one line without its end.
    public var header: String { line(columns.map(\.title)) }

    /// One line without its end. A cell that is too wide moves what follows.
    public func line(_ cells: [String]) -> String {
        let padded = zip(columns, cells).map { column, cell in
            DisplayText.padded(cell, to: column.width, isNumber: column.isNumber)
        }
        let text = padded.joined(separator: "  ")
        return String(text.reversed().drop { $0 == " " }.reversed())
    }
}

/// Numbers as people read them.
public enum NumberText {
    /// All digits, and none that say nothing: `0.9`, `5`, `1e-30`.
    public static func plain(_ value: Double) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Four digits after the point, or an exponent where they would show nothing.
    public static func decimal(_ value: Double) -> String {
        let isTiny = value != 0 && abs(value) < 0.001
        return String(format: isTiny || abs(value) >= 1e5 ? "%.2e" : "%.4f", value)
    }

    /// Digits in groups of three: `61,706`.
    public static func grouped(_ value: Int) -> String {
        var text = ""
        for (index, digit) in String(value.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + String(text.reversed())
    }

    /// `512 B`, `61.7 kB`, `2.4 MB` or `15.6 GB`, in powers of 1000.
    public static func bytes(_ count: Int) -> String {
        var value = Double(count)
        var units = ["B", "kB", "MB", "GB"][...]
        while value >= 999.5, units.count > 1 {
            value /= 1000
            units.removeFirst()
        }
        return String(format: value < 99.5 && units.first != "B" ? "%.1f" : "%.0f", value)
            + " \(units[units.startIndex])"
    }

    /// `3 ms`, `0.42 s`, `12.3 s`, `4:05 min` or `1:02:03 h`; whole seconds, such as `12 s`, if asked for. In Chinese
    /// `3 毫秒`, `0.42 秒`, `4分05秒` or `1小时02分`.
    public static func duration(_ seconds: Double, isWhole: Bool = false, in language: Language = .english) -> String {
        let english = englishDuration(seconds, isWhole: isWhole)
        guard language == .chinese else { return english }
        let parts = english.split(separator: " ")
        let numbers = parts[0].split(separator: ":")
        switch parts[1] {
        case "min": return "\(numbers[0])分\(numbers[1])秒"
        case "h": return "\(numbers[0])小时\(numbers[1])分"
        case let unit: return "\(parts[0]) \(unit == "ms" ? "毫秒" : "秒")"
        }
    }

    private static func englishDuration(_ seconds: Double, isWhole: Bool) -> String {
        if seconds < 0.1, !isWhole { return String(format: "%.0f ms", seconds * 1000) }
        if seconds < 60 { return String(format: isWhole ? "%.0f s" : seconds < 10 ? "%.2f s" : "%.1f s", seconds) }
        let whole = Int(min(seconds.rounded(), 1e9))
        if whole < 3600 { return String(format: "%d:%02d min", whole / 60, whole % 60) }
        return String(format: "%d:%02d:%02d h", whole / 3600, whole / 60 % 60, whole % 60)
    }
}
