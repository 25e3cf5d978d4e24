import Foundation

/// Has drawings drawn by the installed programs.
package struct Renderer {
    let programs: Programs

    /// A PNG has this many pixels for each CSS pixel.
    private static let pngScale = 2
    /// Generic: whoever shows an SVG has fonts of their own, also for Chinese.
    private static let genericFont = "sans-serif"

    func svg(_ drawing: Drawing, title: String) throws(PlotError) -> String {
        let output: Data
        switch drawing {
        case .gnuplot(let script, let size):
            let terminal =
                "set terminal svg size \(size.width),\(size.height) noenhanced standalone "
                + "font '\(Renderer.genericFont),13' background '#ffffff'; cells = 'image pixels'"
            output = try gnuplot(terminal, script)
        case .graphviz(let script):
            output = try dot("svg", script, family: Renderer.genericFont)
        }
        return SVGText.selfContained(String(decoding: output, as: UTF8.self), title: title)
    }

    func png(_ drawing: Drawing, hasChinese: Bool) throws(PlotError) -> Data {
        let scale = Renderer.pngScale
        switch drawing {
        case .gnuplot(let script, let size):
            // Its font sizes are points, of which 72 make 96 pixels. The program first, so that a missing program is what is named.
            guard programs.url(of: Programs.gnuplot.name) != nil else { throw Renderer.missingGnuplot }
            let font = try font(hasChinese).replacingOccurrences(of: "'", with: "''")
            let terminal =
                "set terminal pngcairo size \(size.width * scale),\(size.height * scale) noenhanced "
                + "font '\(font),13' fontscale \(Double(scale) * 0.75) linewidth \(scale) pointscale \(scale) background '#ffffff'; cells = 'image'"
            return try gnuplot(terminal, script)
        case .graphviz(let script):
            guard programs.url(of: Programs.dot.name) != nil else { throw Renderer.missingGraphviz }
            return try dot("png", script, family: font(hasChinese))
        }
    }

    private static let missingGnuplot = PlotError.missingProgram(
        Programs.gnuplot.name, package: Programs.gnuplot.package)
    private static let missingGraphviz = PlotError.missingProgram(
        Programs.dot.name, package: Programs.dot.package)

    private func gnuplot(_ terminal: String, _ script: GnuplotScript) throws(PlotError) -> Data {
        // `-d`: the user's own settings must not change the picture.
        try programs.output(
            of: Programs.gnuplot.name, package: Programs.gnuplot.package, ["-d", "input"],
            input: terminal + "\n" + script.text)
    }

    private func dot(_ format: String, _ script: DotScript, family: String) throws(PlotError) -> Data {
        // 72 points an inch are the pixels of the page; a PNG has twice as many.
        let resolution = format == "png" ? ["-Gdpi=\(96 * Renderer.pngScale)"] : []
        return try programs.output(
            of: Programs.dot.name, package: Programs.dot.package, ["-T\(format)"] + resolution,
            input: script.text(family: family))
    }

    /// An installed font for a PNG.
    private func font(_ hasChinese: Bool) throws(PlotError) -> String {
        guard hasChinese else { return Renderer.genericFont }
        let missing = PlotError.missingFont(package: "fonts-wqy-microhei")
        guard programs.url(of: "fc-list") != nil else { throw missing }
        let list: Data
        do {
            list = try programs.output(of: "fc-list", package: "fontconfig", [":lang=zh-cn", "family"])
        } catch { throw missing }
        guard let family = Renderer.chineseFont(among: String(decoding: list, as: UTF8.self)) else { throw missing }
        return family
    }

    /// The best for a picture among the families that `fc-list` lists: without serifs, made for the mainland.
    package static func chineseFont(among list: String) -> String? {
        // A font's names in several languages stand in one line, the English one mostly first.
        let families = list.split(whereSeparator: \.isNewline)
            .compactMap { $0.split(separator: ",").first.map(String.init) }.sorted()
        let preferred = ["Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans", "WenQuanYi Micro Hei", "WenQuanYi"]
        for name in preferred {
            if let family = families.first(where: { $0.hasPrefix(name) && !$0.contains("Mono") }) { return family }
        }
        return families.first
    }
}
