import Foundation
import Yuyan

/// A folder of pages: one for each lab that has run, in each language, with a folder of pictures and numbers beside it,
/// and an index.
package struct LabFolder {
    package let url: URL

    package init(_ path: String) { url = URL(fileURLWithPath: path, isDirectory: true) }

    private func folder(of id: String) -> URL { url.appendingPathComponent(id, isDirectory: true) }

    /// The page of a lab, as a user at the shell would name it.
    package func page(of id: String, _ language: Language) -> URL {
        url.appendingPathComponent(LabFigure.file(id, language, "html"))
    }

    /// The page that has all labs in it.
    func singlePage(_ language: Language) -> URL {
        url.appendingPathComponent(LabFigure.file("labs", language, "html"))
    }

    package func index(_ language: Language) -> URL {
        url.appendingPathComponent(LabFigure.file("index", language, "html"))
    }

    /// Makes room for a lab's pictures. What stood for a finished run before is taken away first: pictures of this run do
    /// not belong to it.
    func prepare(_ lab: Lab) throws -> FigureFolder {
        let folder = folder(of: lab.id)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try LabResult.remove(in: folder)
        } catch {
            let reason = Files.systemError(error).map { String(cString: strerror($0)) } ?? "\(error)"
            throw DataError(path: folder.path, reason: "cannot be written: \(reason)")
        }
        return FigureFolder(url: folder)
    }

    /// Keeps the result, and writes the pages that show it.
    func write(_ result: LabResult, of lab: Lab) throws {
        try result.write(in: folder(of: lab.id))
        try LabPages.write(lab, result, in: self)
    }

    /// Writes the list of all labs that have run here.
    package func writeIndex() throws { try LabPages.writeIndex(in: self) }

    /// What the last run of a lab found; nil if there is none.
    package func result(of lab: Lab) -> LabResult? { LabResult(in: folder(of: lab.id)) }

    /// The SVG of a figure; nil if it has not been drawn.
    func picture(_ name: String, of id: String, _ language: Language) -> String? {
        let file = folder(of: id).appendingPathComponent(LabFigure.file(name, language))
        return try? String(decoding: Files.read(file), as: UTF8.self)
    }

    // MARK: Interrupted runs of many labs

    /// The file that is there while a run of many labs is under way: what it has done need not be done again.
    private var marker: URL { url.appendingPathComponent("unfinished.txt") }

    package var isUnfinished: Bool { FileManager.default.fileExists(atPath: marker.path) }

    package func begin() throws {
        try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        let text = "A run of many labs was interrupted here. The same command continues it.\n"
        try Files.write(marker) { try $0.write(contentsOf: Data(text.utf8)) }
    }

    package func end() { try? FileManager.default.removeItem(at: marker) }
}
