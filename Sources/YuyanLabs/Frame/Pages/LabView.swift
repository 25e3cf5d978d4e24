import Yuyan

/// What `lab.mustache` shows: a lab and a result of it, in one language.
struct LabView {
    struct Cell {
        let text: String
        let isText: Bool
    }

    struct TableView {
        let titles: [Cell]
        let rows: [[Cell]]
    }

    struct FigureView {
        let file, alternative, text: String?
        let fault: String
    }

    /// One of these is there.
    struct EntryView {
        var paragraph: String?
        var lines: String?
        var table: TableView?
        var figure: FigureView?
    }

    struct CheckView {
        let verdict, style, claim, measured, expected: String
    }

    let id, title, place, source, footer: String
    let entries: [EntryView]
    let checks: [CheckView]
    let claimsTitle, claimTitle, measuredTitle, expectedTitle, sourceTitle: String

    /// - Parameter picture: where the figure of a name is.
    init(_ lab: Lab, _ result: LabResult, _ language: Language, picture: (String) -> String) {
        id = lab.id
        title = lab.title[language]
        let quick = result.isQuick ? Words(" · quick run", " · 快速运行") : ""
        place = lab.place[language] + quick[language]
        source = lab.source
        entries = result.entries.map { LabView.view(of: $0, language, picture) }
        checks = result.checks.map { LabView.view(of: $0, language) }
        claimsTitle = Words("Claims", "结论")[language]
        claimTitle = Words("claim", "结论")[language]
        measuredTitle = Words("measured", "测得")[language]
        expectedTitle = Words("expected", "应为")[language]
        sourceTitle = Words("The program", "程序")[language]
        let machine =
            lab.machine == .reference
            ? Words("the same digits on every machine", "在任何机器上数字都相同")
            : Words("numbers of \(result.processor)", "数字来自 \(result.processor)")
        footer =
            "Yuyan 雨燕 \(result.version) · "
            + Words("device \(result.device), seed \(result.seed)", "设备 \(result.device)，种子 \(result.seed)")[language]
            + " · " + machine[language]
    }

    private static func view(
        of entry: Notebook.Entry, _ language: Language, _ picture: (String) -> String
    ) -> EntryView {
        switch entry {
        case .text(let words): return EntryView(paragraph: words[language])
        case .lines(let lines): return EntryView(lines: lines)
        case .table(let titles, let rows):
            let isText = titles.indices.map { index in
                !rows.allSatisfy { LabPrinter.isNumber($0[index][language]) }
            }
            let cells = { (line: [Words]) in zip(line, isText).map { Cell(text: $0[language], isText: $1) } }
            return EntryView(table: TableView(titles: cells(titles), rows: rows.map(cells)))
        case .figure(let figure):
            guard let fault = figure.fault else {
                return EntryView(
                    figure: FigureView(
                        file: picture(figure.name), alternative: figure.title[language], text: nil, fault: ""))
            }
            return EntryView(
                figure: FigureView(file: nil, alternative: nil, text: figure.text[language], fault: fault))
        }
    }

    private static func view(of check: Check, _ language: Language) -> CheckView {
        let style =
            switch check.verdict {
            case .passed: "passed"
            case .failed: "failed"
            case .notChecked: "open"
            }
        return CheckView(
            verdict: LabPrinter.verdict(check.verdict)[language], style: style, claim: check.words[language],
            measured: check.measured.map { check.expectation.text(of: $0)[language] } ?? "",
            expected: check.expectation.text[language])
    }
}
