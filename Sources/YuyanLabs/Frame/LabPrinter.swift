import Foundation
import Yuyan

/// Shows labs in a terminal.
struct LabPrinter {
    let terminal: Terminal
    let language: Language

    /// Lines longer than this are hard to read.
    private var width: Int { min(terminal.width, 80) }

    func title(of lab: Lab, _ runner: LabRunner) {
        let device = runner.device(for: lab)
        let run = Words(" · device \(device) · seed \(runner.seed)", " · 设备 \(device) · 种子 \(runner.seed)")
        let quick = runner.isQuick ? Words(" · quick", " · 快速") : ""
        write(terminal.bold("\(lab.title[language])") + "  " + lab.id)
        write(terminal.dim(lab.place[language] + run[language] + quick[language]))
    }

    func show(_ entry: Notebook.Entry, _ figure: Figure?) {
        write("")
        switch entry {
        case .text(let words): write(paragraph(words[language]))
        case .lines(let lines): write(lines)
        case .table(let titles, let rows): write(table(titles, rows))
        case .figure:
            guard let figure else { return }
            let style = TextStyle(
                width: max(20, width), usesUnicode: terminal.usesUnicode, usesColor: terminal.usesColor)
            terminal.write(figure.text(style))
        }
    }

    /// The claims and what became of them.
    func show(_ checks: [Check]) {
        write("")
        for check in checks { write(line(check)) }
    }

    func line(_ check: Check) -> String {
        let words = check.words[language]
        let expected = check.expectation.text[language]
        let colon = language == .chinese ? "：" : ": "
        var text = words
        if let measured = check.measured {
            let value = check.expectation.text(of: measured)[language]
            let note = Words("expected \(expected)", "应为 \(expected)")[language]
            text += colon + value + (language == .chinese ? "（\(note)）" : " (\(note))")
        }
        let verdict = LabPrinter.verdict(check.verdict)[language]
        let mark = check.verdict == .passed ? terminal.green(verdict) : terminal.bold(verdict)
        return mark + "  " + paragraph(text, indent: DisplayText.width(verdict) + 2)
    }

    static func verdict(_ verdict: Check.Verdict) -> Words {
        switch verdict {
        case .passed: Words("PASS", "通过")
        case .failed: Words("FAIL", "未通过")
        case .notChecked: Words("not checked", "未检查")
        }
    }

    func write(_ line: String) { terminal.write(line + "\n") }

    /// Text in lines that fit. Chinese may be broken anywhere but before a mark that ends something.
    func paragraph(_ text: String, indent: Int = 0) -> String {
        var lines = [""]
        var room = width - indent
        for word in LabPrinter.pieces(text) {
            let length = DisplayText.width(word)
            if length > room, !lines[lines.count - 1].isEmpty {
                lines.append("")
                room = width - indent
            }
            let piece = lines[lines.count - 1].isEmpty ? String(word.drop { $0 == " " }) : word
            lines[lines.count - 1] += piece
            room -= DisplayText.width(piece)
        }
        return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
    }

    /// What may not be torn apart: words with the space before them, Chinese characters with the mark after them.
    private static func pieces(_ text: String) -> [String] {
        var pieces: [String] = []
        for character in text {
            let isMark = "，。、；：！？）」”’》％".contains(character)
            let isOpening = pieces.last?.last.map { "（「“‘《".contains($0) } ?? false
            let breaks = character == " " || DisplayText.width("\(character)") == 2
            let afterWide = pieces.last?.last.map { DisplayText.width("\($0)") == 2 } ?? true
            if pieces.isEmpty || !isMark && !isOpening && (breaks || afterWide) {
                pieces.append("\(character)")
            } else {
                pieces[pieces.count - 1].append(character)
            }
        }
        return pieces
    }

    static func isNumber(_ cell: String) -> Bool {
        let digits = cell.filter { !" %±×,".contains($0) }
        return digits.isEmpty || digits.first.map { $0.isNumber || "-−+.".contains($0) } ?? true
    }

    /// A column whose cells are numbers stands at the right.
    private func table(_ titles: [Words], _ rows: [[Words]]) -> String {
        let columns = titles.indices.map { index in
            let cells = rows.map { $0[index][language] }
            return TextTable.Column(
                titles[index][language], isNumber: cells.allSatisfy(LabPrinter.isNumber),
                width: cells.map(DisplayText.width).max() ?? 0)
        }
        let table = TextTable(columns)
        return ([terminal.bold(table.header)] + rows.map { table.line($0.map { $0[language] }) }).joined(
            separator: "\n")
    }
}
