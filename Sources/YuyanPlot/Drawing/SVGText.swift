import Foundation

/// Makes what the programs write fit to stand in a page of HTML.
enum SVGText {
    /// Without declarations before the element, without the programs' own titles, which browsers show as hints, and
    /// with images that keep their pixels sharp. `title` names the picture for those who don't see it.
    static func selfContained(_ text: String, title: String) -> String {
        guard let start = text.range(of: "<svg") else { return text }
        var svg = String(text[start.lowerBound...])
        svg = svg.replacing(/<title>[^<]*<\/title>\n?/, with: "")
        svg = svg.replacing(/<desc>[^<]*<\/desc>\n?/, with: "")
        svg = svg.replacing(/<!--(?s:.)*?-->\n?/, with: "")
        svg = svg.replacingOccurrences(
            of: "preserveAspectRatio='none' xlink:href=",
            with: "preserveAspectRatio='none' style='image-rendering:pixelated' xlink:href=")
        // Smoothed edges let the background shine through between cells and bars that touch.
        svg = svg.replacingOccurrences(of: "<polygon fill = ", with: "<polygon shape-rendering='crispEdges' fill = ")
        if !title.isEmpty, let end = svg.firstIndex(of: ">") {
            svg.insert(contentsOf: "\n<title>\(escaped(DisplayText.oneLine(title)))</title>", at: svg.index(after: end))
        }
        return svg.hasSuffix("\n") ? svg : svg + "\n"
    }

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;")
    }
}
