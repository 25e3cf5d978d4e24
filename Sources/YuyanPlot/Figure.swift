import Foundation
import YuyanCore
import YuyanData

/// A picture of numbers, declared once and drawn as SVG, PNG or text.
///
///     let figure = Figure.curves(
///         "LeNet on Fashion-MNIST", [Curve("train loss", losses), Curve("test loss", testLosses)],
///         x: Axis("epoch"), y: Axis("loss", scale: .logarithmic))
///     try figure.write(to: folder.appendingPathComponent("loss.svg"))
///
/// Pictures are drawn by gnuplot, graphs by Graphviz; the numbers, as CSV, and the text need neither.
public struct Figure: Sendable {
    /// What stands above the picture; may be empty.
    public var title: String
    /// The size of the picture in CSS pixels. A PNG has twice as many each way. Graphs take the size they need.
    public var size: FigureSize
    package let content: any FigureContent

    package init(_ title: String, _ content: any FigureContent) {
        self.title = title
        self.content = content
        size = content.preferredSize
    }

    /// The figure as a self-contained SVG element, for a file or for a page of HTML.
    public func svg() throws(PlotError) -> String { try svg(.current) }

    /// The figure as the bytes of a PNG file, at twice its size.
    public func png() throws(PlotError) -> Data { try png(.current) }

    /// The numbers: a header and one row for each.
    public var csv: String { content.table.text }

    /// The figure in characters, for a terminal; lines end in `\n`.
    public func text(_ style: TextStyle = TextStyle()) -> String {
        var lines = content.text(style)
        if !title.isEmpty { lines.insert(DisplayText.shortened(title, to: style.width, style), at: 0) }
        return lines.map { DisplayText.trimmed($0) + "\n" }.joined()
    }

    /// Writes the picture in the format that the name ends in, `.svg` or `.png`, and the numbers beside it under the
    /// same name with `.csv`. Each file is written whole or not at all, the numbers first: they are there even if the
    /// picture cannot be drawn.
    ///
    /// - Returns: the files written, the picture first.
    @discardableResult
    public func write(to picture: URL) throws(PlotError) -> [URL] { try write(to: picture, .current) }

    // MARK: With the programs of a given place

    package func svg(_ programs: Programs) throws(PlotError) -> String {
        try Renderer(programs: programs).svg(content.drawing(title, size), title: title)
    }

    package func png(_ programs: Programs) throws(PlotError) -> Data {
        let texts = [title] + content.texts
        return try Renderer(programs: programs).png(
            content.drawing(title, size), hasChinese: texts.contains(where: \.hasChinese))
    }

    package func write(to picture: URL, _ programs: Programs) throws(PlotError) -> [URL] {
        let format = picture.pathExtension.lowercased()
        guard ["svg", "png"].contains(format) else { throw .unknownFormat(path: picture.path) }
        let numbers = picture.deletingPathExtension().appendingPathExtension("csv")
        try Figure.write(Data(csv.utf8), to: numbers)
        let bytes = format == "svg" ? Data(try svg(programs).utf8) : try png(programs)
        try Figure.write(bytes, to: picture)
        return [picture, numbers]
    }

    private static func write(_ bytes: Data, to url: URL) throws(PlotError) {
        do {
            try Files.write(url) { try $0.write(contentsOf: bytes) }
        } catch { throw .file(error) }
    }
}

/// Width and height in CSS pixels.
public struct FigureSize: Sendable, Hashable {
    /// Pixels across.
    public var width: Int
    /// Pixels down.
    public var height: Int

    /// Traps unless both are 50 to 10000.
    public init(width: Int, height: Int) {
        for (name, value) in [("width", width), ("height", height)] where !(50...10_000).contains(value) {
            failure("FigureSize: \(name) must be 50 to 10000, not \(value)")
        }
        self.width = width
        self.height = height
    }

    /// Readable in a column of text and on a phone.
    public static let standard = FigureSize(width: 480, height: 320)
}

/// One kind of figure: its numbers, and how it is drawn.
package protocol FigureContent: Sendable {
    /// The numbers.
    var table: CSVTable { get }
    /// All text in the picture but the title.
    var texts: [String] { get }
    var preferredSize: FigureSize { get }
    /// What the drawing program reads.
    func drawing(_ title: String, _ size: FigureSize) -> Drawing
    /// Lines for a terminal, without the title.
    func text(_ style: TextStyle) -> [String]
}

/// The input of a drawing program, without its output format.
package enum Drawing: Sendable {
    case gnuplot(GnuplotScript, FigureSize)
    case graphviz(DotScript)
}
