import Yuyan

/// The labs by note and chapter, with what the last run found.
public struct LabList {
    private let folder: LabFolder

    /// - Parameter folder: the one that labs were run in.
    public init(folder: String) { self.folder = LabFolder(folder) }

    /// - Parameter note: the only one to list; nil lists all.
    public func write(to terminal: Terminal, _ language: Language, _ note: Note?) {
        let notes = note.map { [$0] } ?? Note.allCases
        let sections = notes.map { section(of: $0, terminal, language).joined(separator: "\n") }
        terminal.write(sections.joined(separator: "\n\n") + "\n")
    }

    /// A table in Markdown for each note: sections of the note and of the book, command, and what the first claim expects.
    public static func markdown(_ language: Language) -> String {
        let titles = [
            Words("Note", "笔记"), Words("Book", "书"), Words("Lab", "实验"), Words("Command", "命令"),
            Words("What it shows", "结论"),
            Words("Expected", "应得"),
        ]
        let sections = Note.allCases.compactMap { note -> String? in
            let labs = Labs.all.filter { $0.note == note }
            guard !labs.isEmpty else { return nil }
            let rows = labs.map { lab in
                let claim = lab.claims[0]
                let cells = [
                    note == .beyond ? "" : lab.part, lab.book, lab.title[language], "`yuyan lab run \(lab.id)`",
                    claim.words[language],
                    claim.expectation.text[language],
                ]
                return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
            }
            let head = [
                "| " + titles.map { $0[language] }.joined(separator: " | ") + " |", "|---|---|---|---|---|---|",
            ]
            return "**\(note.heading[language])**\n\n" + (head + rows).joined(separator: "\n") + "\n"
        }
        return sections.joined(separator: "\n")
    }

    private func section(of note: Note, _ terminal: Terminal, _ language: Language) -> [String] {
        var lines = [terminal.bold(note.heading[language])]
        let labs = Labs.all.filter { $0.note == note }
        for chapter in Set(labs.map(\.chapter)).sorted() {
            lines.append(terminal.dim(Words("Chapter \(chapter)", "第 \(chapter) 章")[language]))
            for lab in labs where lab.chapter == chapter {
                let status = folder.result(of: lab).map { LabPrinter.verdict($0.holds ? .passed : .failed)[language] }
                let columns = [(lab.book, 5), (lab.id, 31), (status ?? "", 6), (lab.title[language], 0)]
                let cells = columns.map { DisplayText.padded($0.0, to: $0.1) }
                lines.append("  " + cells.joined(separator: " "))
            }
        }
        return lines
    }
}
