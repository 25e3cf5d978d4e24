import Foundation
import Mustache
import Yuyan

/// The labs' results as pages of HTML.
enum LabPages {
    /// Writes the page of a lab in each language.
    static func write(_ lab: Lab, _ result: LabResult, in folder: LabFolder) throws {
        for language in Language.allCases {
            let page = LabPage(lab, result, language)
            try write(render(page, "page"), to: folder.page(of: lab.id, language))
        }
    }

    static func writeIndex(in folder: LabFolder) throws {
        let results = Labs.all.compactMap { lab in folder.result(of: lab).map { (lab, $0) } }
        for language in Language.allCases {
            try write(render(IndexPage(results, language), "index"), to: folder.index(language))
        }
    }

    /// One page for each language that needs no other file, with all labs that have run.
    static func writeSingleFile(in folder: LabFolder) throws {
        let results = Labs.all.compactMap { lab in folder.result(of: lab).map { (lab, $0) } }
        for language in Language.allCases {
            var page = IndexPage(results, language)
            page.embed(results, folder, language)
            try write(render(page, "index"), to: folder.singlePage(language))
        }
    }

    private static func render(_ page: Any, _ template: String) -> String {
        templates.render(page, withTemplate: template) ?? ""
    }

    private static func write(_ text: String, to url: URL) throws {
        try Files.write(url) { try $0.write(contentsOf: Data(text.utf8)) }
    }

    private static let templates: MustacheLibrary = {
        var library = MustacheLibrary()
        let texts = [
            ("page", PackageResources.page_mustache), ("index", PackageResources.index_mustache),
            ("lab", PackageResources.lab_mustache), ("style", PackageResources.style_mustache),
        ]
        do {
            for (name, text) in texts {
                library.register(try MustacheTemplate(string: String(decoding: text, as: UTF8.self)), named: name)
            }
        } catch {
            failure("LabPages: a template is malformed: \(error)")
        }
        return library
    }()
}

/// What `page.mustache` shows.
struct LabPage {
    struct Link {
        let file, title: String
    }

    let language, title, index, indexTitle, other, otherLanguage, otherTitle: String
    let previous, next: Link?
    let lab: LabView

    init(_ lab: Lab, _ result: LabResult, _ language: Language) {
        func link(_ step: Int) -> Link? {
            guard let place = Labs.all.firstIndex(where: { $0.id == lab.id }) else { return nil }
            guard Labs.all.indices.contains(place + step) else { return nil }
            let target = Labs.all[place + step]
            return Link(file: LabFigure.file(target.id, language, "html"), title: target.title[language])
        }
        let otherLanguage: Language = language == .english ? .chinese : .english
        self.language = language.htmlName
        title = lab.title[language]
        index = LabFigure.file("index", language, "html")
        indexTitle = Words("All labs", "全部实验")[language]
        other = LabFigure.file(lab.id, otherLanguage, "html")
        self.otherLanguage = otherLanguage.htmlName
        otherTitle = Words("中文", "English")[language]
        (previous, next) = (link(-1), link(1))
        self.lab = LabView(lab, result, language) { "\(lab.id)/\(LabFigure.file($0, language))" }
    }
}

/// What `index.mustache` shows.
struct IndexPage {
    struct LabRow {
        let book, file, title, id, verdict, style, count: String
    }

    struct Chapter {
        let title: String
        let labs: [LabRow]
    }

    struct NoteSection {
        let title: String
        let chapters: [Chapter]
    }

    let language, title, summary, otherLanguage, otherTitle, version: String
    private(set) var other: String
    var notes: [NoteSection] = []
    /// All of each lab, on a page that stands for itself.
    var bodies: [LabView] = []

    init(_ results: [(Lab, LabResult)], _ language: Language) {
        let otherLanguage: Language = language == .english ? .chinese : .english
        self.language = language.htmlName
        title = Words("Labs", "实验")[language]
        let checks = results.flatMap(\.1.checks)
        let passed = checks.count { $0.verdict == .passed }
        summary =
            Words(
                "\(results.count) labs, \(passed) of \(checks.count) claims hold.",
                "\(results.count) 个实验，\(checks.count) 项结论中 \(passed) 项成立。")[language]
        other = LabFigure.file("index", otherLanguage, "html")
        self.otherLanguage = otherLanguage.htmlName
        otherTitle = Words("中文", "English")[language]
        version = currentYuyanVersion
        notes = IndexPage.sections(results, language) { LabFigure.file($0.id, language, "html") }
    }

    private static func sections(
        _ results: [(Lab, LabResult)], _ language: Language, _ link: (Lab) -> String
    ) -> [NoteSection] {
        Note.allCases.compactMap { note -> NoteSection? in
            let own = results.filter { $0.0.note == note }
            guard !own.isEmpty else { return nil }
            let chapters = Dictionary(grouping: own) { $0.0.chapter }.sorted { $0.key < $1.key }
            return NoteSection(
                title: note.heading[language],
                chapters: chapters.map { number, labs in
                    Chapter(
                        title: Words("Chapter \(number) of the book", "书第 \(number) 章")[language],
                        labs: labs.map { row($0.0, $0.1, language, link($0.0)) })
                })
        }
    }

    private static func row(_ lab: Lab, _ result: LabResult, _ language: Language, _ file: String) -> LabRow {
        let passed = result.checks.count { $0.verdict == .passed }
        return LabRow(
            book: lab.book, file: file, title: lab.title[language], id: lab.id,
            verdict: LabPrinter.verdict(result.holds ? .passed : .failed)[language],
            style: result.holds ? "passed" : "failed", count: "\(passed)/\(result.checks.count)")
    }

    /// Puts the labs themselves into the page, pictures too, and lets the list lead to them.
    mutating func embed(_ results: [(Lab, LabResult)], _ folder: LabFolder, _ language: Language) {
        notes = IndexPage.sections(results, language) { "#\($0.id)" }
        other = LabFigure.file("labs", language == .english ? .chinese : .english, "html")
        bodies = results.map { lab, result in
            LabView(lab, result, language) { name in
                let svg = folder.picture(name, of: lab.id, language).map { Data($0.utf8).base64EncodedString() }
                return "data:image/svg+xml;base64,\(svg ?? "")"
            }
        }
    }
}

extension Language {
    /// The name of the language in HTML.
    var htmlName: String { self == .chinese ? "zh-CN" : "en" }
}
