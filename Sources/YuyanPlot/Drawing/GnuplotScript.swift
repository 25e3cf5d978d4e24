import Foundation

/// A script for gnuplot, without the lines that say what format the picture has.
package struct GnuplotScript: Sendable {
    /// Numbers in named blocks, then commands.
    private var blocks: [String] = []
    private var commands: [String] = []
    private var plots: [String] = []
    private let title: String
    private let hasLegend: Bool

    /// The colors of curves and bars, told apart also by the color-blind: blue, orange, green, red, violet, brown,
    /// pink, gray.
    static let palette = ["#2867b2", "#e07b00", "#2a8c55", "#c8372d", "#7d55b0", "#8a5a3c", "#d25f9b", "#777777"]
    static func color(_ index: Int) -> String { palette[index % palette.count] }

    /// A script with the look that all figures share.
    init(title: String, hasLegend: Bool = false) {
        self.title = title
        self.hasLegend = hasLegend
        add("set encoding utf8")
        add("set border 3 linecolor rgb '#9a9a9a' linewidth 1")
        add("set tics nomirror scale 0.4,0.2 textcolor rgb '#444444'")
        add("set format '%g'")
        add(
            "set grid linetype 1 linecolor rgb '#e4e4e4' linewidth 0.6, linetype 1 linecolor rgb '#f1f1f1' linewidth 0.4"
        )
    }

    /// The title, and under it the legend, if there are names to tell apart.
    private var heading: [String] {
        let legend = "outside top center horizontal samplen 1.5 spacing 1.15 textcolor rgb '#222222'"
        let text = GnuplotScript.quoted(title)
        if hasLegend {
            return ["set key \(legend)" + (title.isEmpty ? "" : " title \(text) center")]
        }
        return ["unset key"] + (title.isEmpty ? [] : ["set title \(text) offset 0,-0.3 textcolor rgb '#222222'"])
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
    mutating func plot(_ element: String) { plots.append(element) }

    var hasPlots: Bool { !plots.isEmpty }

    /// Says that there is nothing to show.
    mutating func plotNothing() {
        add("set xrange [0:1]; set yrange [0:1]; unset tics; unset key")
        add("set label 'no data' at graph 0.5,0.5 center textcolor rgb '#888888'")
        plot("NaN notitle")
    }

    /// Names an axis (`x`, `y`), fixes its range and its scale.
    mutating func setAxis(_ name: String, _ axis: Axis, _ extent: ClosedRange<Double>? = nil) {
        if !axis.label.isEmpty {
            add(
                "set \(name)label \(GnuplotScript.quoted(axis.label)) \(name == "x" ? "offset 0,0.25 " : "")textcolor rgb '#222222'"
            )
        }
        if axis.scale == .logarithmic { add("set logscale \(name) 10") }
        guard let extent else { return }
        if let tics = axis.fineTics(in: extent) { setTics(name, tics.map { (DisplayText.number($0), $0) }) }
        let (low, high) = (GnuplotScript.number(extent.lowerBound), GnuplotScript.number(extent.upperBound))
        add("set \(name)range [\(low):\(high)]")
    }

    /// Puts text at the places of an axis instead of numbers. Long text is cut: it would leave no room for the picture.
    mutating func setTics(_ name: String, _ tics: [(text: String, place: Double)], _ options: String = "") {
        // An empty list would mean tics of gnuplot's choice.
        guard !tics.isEmpty else { return add("unset \(name)tics") }
        let list = tics.map { tic in
            // A tic's text is a format for its place.
            let text = DisplayText.shortened(tic.text, to: 28, TextStyle()).replacingOccurrences(of: "%", with: "%%")
            return "\(GnuplotScript.quoted(text)) \(GnuplotScript.number(tic.place))"
        }
        add("set \(name)tics \(options) (\(list.joined(separator: ", ")))")
    }

    /// The whole script.
    var text: String {
        (blocks + heading + commands + ["plot " + plots.joined(separator: ", \\\n  ")]).joined(separator: "\n") + "\n"
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
