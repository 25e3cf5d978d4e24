import ArgumentParser
import Foundation
import Yuyan

/// What the argument parser composes (help, and errors with the usage) in Chinese: its words are looked up line by line,
/// and the lines are set anew, because it counts characters where a terminal counts cells.
struct ParserText {
    /// Cells in a line.
    let width: Int

    /// Where explanations begin, as the parser has it.
    private static let column = 26

    /// The text of an error or of a help, as the parser would print it.
    static func fullMessage(for error: any Error) -> String {
        guard Language.current == .chinese else { return YuyanCommand.fullMessage(for: error) }
        // Its own lines are not to be broken: they are looked up as a whole.
        setenv("COLUMNS", "100000", 1)
        let width = Terminal.standardOutput.width
        let text = YuyanCommand.fullMessage(for: error)
        let isHelp = YuyanCommand.exitCode(for: error) == .success
        return isHelp ? ParserText(width: width).help(text) : ParserText(width: width).error(text)
    }

    // MARK: - Errors

    /// What an error says, in the language of whoever uses the command.
    static func message(_ text: String) -> String {
        guard Language.current == .chinese else { return text }
        return ParserText(width: Terminal.standardError.width).sentence(text, patterns)
    }

    /// What went wrong with one of several things, in a line.
    static func line(of error: any Error) -> String {
        let text = "Error: \(error)\n"
        guard Language.current == .chinese else { return text }
        return ParserText(width: Terminal.standardError.width).error(text)
    }

    /// An error: its message, and how to call the command.
    func error(_ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let patterns = ParserText.patterns
        for (index, line) in lines.enumerated() {
            if let match = line.wholeMatch(of: /(?:Error: )(.*)/) {
                lines[index] = "错误：" + sentence(String(match.output.1), patterns)
            } else if let match = line.wholeMatch(of: /Help:  (.*)/) {
                let help = String(match.output.1)
                let parts = help.firstMatch(of: /(.*?>  )(.*)/)
                lines[index] =
                    "帮助：" + (parts.map { $0.output.1 + explanation(String($0.output.2)) } ?? explanation(help))
            } else if let match = line.wholeMatch(of: /Usage: (.*)/) {
                lines[index] = "用法：\(match.output.1)"
            } else if let match = line.wholeMatch(of: /[ ]{2}See '(.*)' for more information\./) {
                lines[index] = "  详细说明见 '\(match.output.1)'。"
            }
        }
        return lines.joined(separator: "\n")
    }

    /// A message with any values in it.
    private func sentence(_ text: String, _ patterns: [Pattern]) -> String {
        if let known = ParserText.words[text] { return known }
        for (pattern, regex) in patterns {
            guard let match = text.wholeMatch(of: regex) else { continue }
            let values = (1..<match.output.count).map { index in
                String(match.output[index].substring ?? "").replacing("' or '", with: "' 或 '")
            }
            // Parts may be known by themselves, such as the rule that a value breaks.
            let shown = values.map { $0 == text ? $0 : sentence($0, patterns) }
            return Language.chinese.text(Message(key: pattern, values: shown), ParserText.words)
        }
        return text
    }

    private typealias Pattern = (key: String, regex: Regex<AnyRegexOutput>)

    private static let words = ChineseHelp.words.merging(ChineseErrors.words) { word, _ in word }

    /// The errors as expressions, the longest first: the more an error says, the surer it is meant.
    private static var patterns: [Pattern] {
        ChineseErrors.words.keys
            .filter { $0.contains("%1") }.sorted { ($0.count, $0) > ($1.count, $1) }
            .compactMap { key in
                let escaped = NSRegularExpression.escapedPattern(for: key)
                return (try? Regex(escaped.replacing(/%[1-9]/, with: "(.*?)"))).map { (key, $0) }
            }
    }

    // MARK: - Help

    func help(_ text: String) -> String {
        var lines: [String] = []
        var isList = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if let title = ParserText.titles[line] {
                isList = true
                lines.append(title)
            } else if let match = line.wholeMatch(of: /OVERVIEW: (.*)/) {
                lines += wrapped(ParserText.translated(String(match.output.1)), first: "概述：")
            } else if let match = line.wholeMatch(of: /USAGE: (.*)/) {
                lines.append("用法：\(match.output.1)")
            } else if let match = line.wholeMatch(of: /[ ]{2}See '(.*)' for detailed help\./) {
                lines.append("  详细说明见 '\(match.output.1)'。")
            } else if let match = line.wholeMatch(of: /(  \S.*?)(  +)(\S.*)/) {
                // A name or a command, and what it means.
                let (label, gap) = (String(match.output.1), String(match.output.2))
                lines += wrapped(explanation(String(match.output.3)), first: label + gap)
            } else if line.hasPrefix("  "), let known = ParserText.words.keys.first(where: { line.hasSuffix(" " + $0) })
            {
                // An example that leaves no more than a space.
                lines.append(line.dropLast(known.count) + ParserText.translated(known))
            } else if isList, let match = line.wholeMatch(of: /[ ]{26}(.*)/) {
                lines += wrapped(
                    explanation(String(match.output.1)), first: String(repeating: " ", count: ParserText.column))
            } else {
                lines += line.hasPrefix(" ") ? [line] : wrapped(ParserText.translated(line), first: "")
            }
        }
        return lines.joined(separator: "\n")
    }

    private static let titles = [
        "ARGUMENTS:": "参数：", "OPTIONS:": "选项：", "SUBCOMMANDS:": "子命令：", "MODELS:": "模型：", "WORKLOADS:": "任务：",
        "EXAMPLES:": "示例：",
        "SHELL COMPLETION (bash, zsh or fish):": "命令补全（bash、zsh 或 fish）：",
    ]

    private static func translated(_ text: String) -> String { words[text] ?? text }

    /// An explanation, with the values and the default that the parser puts behind it.
    private func explanation(_ text: String) -> String {
        guard let match = text.wholeMatch(of: /(.*?)((?: ?\((?:default|values): [^)]*\))+)/) else {
            return ParserText.translated(text)
        }
        var result = ParserText.translated(String(match.output.1))
        for group in match.output.2.matches(of: /(default|values): ([^)]*)\)/) {
            for part in group.output.0.dropLast().split(separator: "; ") {
                let value = part.drop { $0 != ":" }.dropFirst(2)
                let isDefault = part.hasPrefix("default")
                let shown = isDefault ? ParserText.defaultValue(String(value)) : String(value)
                result += "（\(isDefault ? "默认" : "可选")：\(shown)）"
            }
        }
        return result
    }

    private static func defaultValue(_ text: String) -> String {
        words[text] ?? text.replacing("as in the run, else ", with: "同该次训练，否则 ")
    }

    /// Lines that fit, with `first` before the first and as much space before the others.
    func wrapped(_ text: String, first: String) -> [String] {
        let indent = DisplayText.width(first)
        let room = max(width - indent, 20)
        var lines = [""]
        for piece in ParserText.pieces(text) {
            let line = lines[lines.count - 1]
            let word = line.isEmpty ? piece.drop { $0 == " " } : piece[...]
            if !line.isEmpty, DisplayText.width(line) + DisplayText.width(word.trimmingSuffix(" ")) > room {
                lines[lines.count - 1] = String(line.trimmingSuffix(" "))
                lines.append(String(word.drop { $0 == " " }))
            } else {
                lines[lines.count - 1] = line + word
            }
        }
        let space = String(repeating: " ", count: indent)
        return lines.enumerated().map { $0 == 0 ? first + $1 : $1.isEmpty ? $1 : space + $1 }
    }

    /// Pieces between which a line may end: words with the space behind them, and ideographs, with punctuation where it
    /// belongs.
    private static func pieces(_ text: String) -> [String] {
        var pieces: [String] = []
        var last: Character?
        for character in text {
            let isWide = DisplayText.width(String(character)) > 1
            let wasWide = last.map { DisplayText.width(String($0)) > 1 } ?? false
            let mayBreak = last == " " || isWide || wasWide
            let isBound =
                "，。；：、）」！？）".contains(character) || last.map { "（「：".contains($0) } == true || character == " "
            if mayBreak, !isBound || pieces.isEmpty { pieces.append("") } else if pieces.isEmpty { pieces.append("") }
            pieces[pieces.count - 1].append(character)
            last = character
        }
        return pieces
    }
}

extension StringProtocol where SubSequence == Substring {
    fileprivate func trimmingSuffix(_ character: Character) -> Substring {
        var result = self[...]
        while result.last == character { result = result.dropLast() }
        return result
    }
}
