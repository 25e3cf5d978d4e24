import Foundation

/// A script for gnuplot, without the lines that say what format the picture has.
package struct GnuplotScript: Sendable {
    /// Numbers in named blocks, then commands.
    private var blocks: [String] = []
    private var commands: [String] = []
    private var plots: [String] = []
    private var hasLegend = false

    /// The colors of curves and bars, told apart also by the color-blind: blue, orange, green, red, violet, brown,
    /// pink, gray.
    static let palette = ["#2867b2", "#e07b00", "#2a8c55", "#c8372d", "#7d55b0", "#8a5a3c", "#d25f9b", "#777777"]
    static func color(_ index: Int) -> String { palette[index % palette.count] }

    /// What tells lines apart in print: solid, dashed, dotted, dashes and dots.
    private static let dashes = ["solid", "(9,4)", "(2,3)", "(10,3,2,3)"]
    static func dash(_ index: Int) -> String { "dashtype \(dashes[index % dashes.count])" }

    /// What tells points apart: disks, squares, triangles, diamonds, made to look equally large.
    private static let marks: [(type: Int, scale: Double)] = [(7, 1), (5, 0.95), (9, 1.25), (13, 1.3)]
    static func mark(_ index: Int, size: Double) -> String {
        let mark = marks[index % marks.count]
        return "pointtype \(mark.type) pointsize \((size * mark.scale * 100).rounded() / 100)"
    }

    /// A script with the look that all figures share.
    init() {
        add("set encoding utf8; unset key")
        add("set border 3 linecolor rgb '#9a9a9a' linewidth 1")
        add("set tics nomirror scale 0.4,0.2 textcolor rgb '#444444'")
        add(
            "set grid linetype 1 linecolor rgb '#e4e4e4' linewidth 0.6, linetype 1 linecolor rgb '#f1f1f1' linewidth 0.4"
        )
    }

    mutating func add(_ command: String) { commands.append(command) }

    /// Names numbers for `plot`; the name starts with `$`.
    mutating func addData(_ rows: [[Double]]) -> String {
        let name = "$data\(blocks.count)"
        let lines = rows.map { $0.map(GnuplotScript.number).joined(separator: " ") }
        blocks.append("\(name) << EOD\n\(lines.map { $0 + "\n" }.joined())EOD")
        return name
    }

    /// One element of the picture, such as `$data0 using 1:2 with lines`.
    mutating func plot(_ element: String) { plots.append("\(element) notitle") }

    /// The same with the name of that index in the legend of a frame, where that has a place.
    mutating func plot(_ element: String, _ index: Int, in frame: ChartFrame) {
        guard let place = frame.legend[index] else { return plot(element) }
        let at = "\(place.x / Double(frame.size.width)),\(1 - place.y / Double(frame.size.height))"
        plots.append("\(element) title \(GnuplotScript.quoted(place.text)) at \(at)")
        if !hasLegend { add("set key Left reverse samplen 2.2 textcolor rgb '#222222'") }
        hasLegend = true
    }

    var hasPlots: Bool { !plots.isEmpty }

    /// Says that there is nothing to show.
    mutating func plotNothing() {
        add("set xrange [0:1]; set yrange [0:1]; unset tics")
        add("set label 'no data' at graph 0.5,0.5 center textcolor rgb '#888888'")
        plot("NaN")
    }

    /// Puts the plot, its title and the names of its axes where the frame says.
    mutating func setFrame(_ frame: ChartFrame) {
        let (width, height) = (Double(frame.size.width), Double(frame.size.height))
        add("set lmargin at screen \(frame.left / width); set rmargin at screen \(frame.right / width)")
        add("set tmargin at screen \(1 - frame.top / height); set bmargin at screen \(1 - frame.bottom / height)")
        let line = ChartFrame.lineHeight / 2
        func put(_ text: String, _ x: Double, _ y: Double, _ room: Double, _ options: String) {
            guard !text.isEmpty else { return }
            let text = GnuplotScript.quoted(ChartFrame.shortened(text, room))
            add("set label \(text) at screen \(x / width),\(1 - y / height) center \(options)")
        }
        // Above the plot if there is room on both sides.
        let title = DisplayText.pixels(frame.title) / 2 + ChartFrame.margin
        let middle = min(max(frame.middle, title), max(width - title, width / 2))
        put(frame.title, middle, ChartFrame.margin + line, width - 2 * ChartFrame.margin, "textcolor rgb '#111111'")
        put(frame.x.label, frame.middle, height - ChartFrame.margin - line + 6, width, "textcolor rgb '#222222'")
        let side = (frame.top + frame.bottom) / 2
        put(frame.y.label, frame.nameLeft, side, height, "rotate by 90 textcolor rgb '#222222'")
    }

    /// Fixes the scale, the range and the numbers of an axis (`x`, `y`).
    mutating func setAxis(_ name: String, _ axis: Axis, _ tics: AxisTics) {
        if axis.scale == .logarithmic { add("set logscale \(name) 10") }
        let range = tics.range
        add("set \(name)range [\(GnuplotScript.number(range.lowerBound)):\(GnuplotScript.number(range.upperBound))]")
        setTics(name, tics.major)
        guard !tics.minor.isEmpty else { return }
        add("set \(name)tics add (\(tics.minor.map { "\"\" \(GnuplotScript.number($0)) 1" }.joined(separator: ", ")))")
    }

    /// Puts text at the places of an axis instead of numbers. Long text is cut: it would leave no room for the picture.
    mutating func setTics(_ name: String, _ tics: [(text: String, place: Double)], _ options: String = "") {
        // An empty list would mean tics of gnuplot's choice.
        guard !tics.isEmpty else { return add("unset \(name)tics") }
        let list = tics.map { tic in
            // A tic's text is a format for its place.
            let text = GnuplotScript.ticText(tic.text).replacingOccurrences(of: "%", with: "%%")
            return "\(GnuplotScript.quoted(text)) \(GnuplotScript.number(tic.place))"
        }
        add("set \(name)tics \(options) (\(list.joined(separator: ", ")))")
    }

    static func ticText(_ text: String) -> String { DisplayText.shortened(text, to: 28, TextStyle()) }

    /// The whole script.
    package var text: String {
        (blocks + commands + ["plot " + plots.joined(separator: ", \\\n  ")]).joined(separator: "\n") + "\n"
    }

    /// Text in double quotes. What has a meaning there (escapes, quotes, commands in backquotes, macros) is written by
    /// its code; single quotes would do with less, but gnuplot 5.4 misreads texts that begin or end with one.
    package static func quoted(_ text: String) -> String {
        var escaped = ""
        for character in DisplayText.oneLine(text) {
            switch character {
            case "\\": escaped += "\\134"
            case "\"": escaped += "\\042"
            case "`": escaped += "\\140"
            case "@": escaped += "\\100"
            default: escaped.append(character)
            }
        }
        return "\"\(escaped)\""
    }

    /// A number as gnuplot reads it. What cannot be drawn is left out of the picture.
    package static func number(_ value: Double) -> String { value.isDrawable ? "\(value)" : "NaN" }
}
