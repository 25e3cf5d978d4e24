import YuyanCore
import YuyanData

/// The colors of a heat map.
public enum HeatMapColors: Sendable, Hashable {
    /// White to blue, for amounts.
    case amount
    /// Blue over white to red, with white at zero, for what may be negative.
    case signed
}

extension Figure {
    /// A rectangle of colored cells, the first row on top: a confusion matrix, attention weights, a kernel.
    ///
    /// - Parameters:
    ///   - values: rows of equal length. What is not finite stays white.
    ///   - rows: names of the rows, as many as there are; none shows numbers from 0.
    ///   - columns: names of the columns, likewise.
    ///   - rowTitle: what the rows stand for, such as "true".
    ///   - columnTitle: what the columns stand for, such as "predicted".
    ///   - showsValues: whether each cell shows its number.
    ///   - colors: nil takes `.signed` if there are negative values.
    ///   - range: the values of the palest and the darkest color; nil takes the least and the greatest, or 0 if that is
    ///     on the other side of them and the colors are for amounts.
    public static func heatMap(
        _ title: String = "", _ values: [[Double]], rows: [String] = [], columns: [String] = [], rowTitle: String = "",
        columnTitle: String = "", showsValues: Bool = false, colors: HeatMapColors? = nil,
        range: ClosedRange<Double>? = nil
    ) -> Figure {
        let width = values.first?.count ?? 0
        guard values.allSatisfy({ $0.count == width }) else { failure("heatMap: rows differ in length") }
        guard rows.isEmpty || rows.count == values.count, columns.isEmpty || columns.count == width else {
            failure(
                "heatMap: [\(values.count), \(width)] values, \(rows.count) names of rows, \(columns.count) of columns")
        }
        let hasNegative = values.joined().contains { $0 < 0 }
        return Figure(
            title,
            HeatMap(
                values: values, rows: rows, columns: columns, rowTitle: rowTitle, columnTitle: columnTitle,
                showsValues: showsValues, colors: colors ?? (hasNegative ? .signed : .amount), range: range,
                hasTitle: !title.isEmpty))
    }

    /// A heat map of a matrix `[rows, columns]`. Traps unless it has two axes.
    public static func heatMap(
        _ title: String = "", _ values: Tensor, rows: [String] = [], columns: [String] = [], rowTitle: String = "",
        columnTitle: String = "", showsValues: Bool = false, colors: HeatMapColors? = nil,
        range: ClosedRange<Double>? = nil
    ) -> Figure {
        guard values.rank == 2 else { failure("heatMap: values must be a matrix, got \(values.shape)") }
        let numbers = values.array(of: Double.self)
        let width = values.shape[1]
        let lines = (0..<values.shape[0]).map { Array(numbers[($0 * width)..<(($0 + 1) * width)]) }
        return heatMap(
            title, lines, rows: rows, columns: columns, rowTitle: rowTitle, columnTitle: columnTitle,
            showsValues: showsValues, colors: colors, range: range)
    }
}

struct HeatMap: FigureContent {
    let values: [[Double]]
    let rows: [String]
    let columns: [String]
    let rowTitle: String
    let columnTitle: String
    let showsValues: Bool
    let colors: HeatMapColors
    let range: ClosedRange<Double>?
    /// Whether there is one above it as it is made.
    let hasTitle: Bool

    private var width: Int { values.first?.count ?? 0 }
    private var height: Int { width == 0 ? 0 : values.count }
    var texts: [String] { rows + columns + [rowTitle, columnTitle] }

    /// Cells are at most this wide, or as wide as the names of their columns.
    private static let largestCell = 72.0

    /// Room for square cells, within reason, and no more.
    var preferredSize: FigureSize {
        guard width > 0 else { return .standard }
        let frame = frame(hasTitle ? "title" : "", FigureSize(width: 480, height: 10_000))
        let room = frame.width * min(max(Double(height) / Double(width), 0.2), 2)
        let plot = min(room, Double(height) * max(HeatMap.largestCell, columnLabels.widest + 6))
        let around = frame.top + Double(frame.size.height) - frame.bottom
        return FigureSize(width: 480, height: Int((plot + around).rounded(.up)))
    }

    private var columnLabels: SlantedLabels { SlantedLabels(HeatMap.tics(columns, width).map(\.text)) }

    /// Whether the names of the columns do not fit side by side in a plot of this width.
    private func isSlanted(_ plotWidth: Double) -> Bool {
        !columns.isEmpty && columnLabels.widest + 4 > plotWidth / Double(width)
    }

    /// Everything in its place, with all the room for the cells that there is.
    private func frame(_ title: String, _ size: FigureSize) -> ChartFrame {
        func frame(_ xHeight: Double) -> ChartFrame {
            ChartFrame(
                title, size, x: Axis(columnTitle), y: Axis(rowTitle),
                yTexts: HeatMap.tics(rows, height).map { GnuplotScript.ticText($0.text) },
                xHeight: xHeight, onTheRight: showsValues ? 4 : HeatMap.colorBoxRoom)
        }
        let straight = frame(ChartFrame.lineHeight)
        return isSlanted(straight.width) ? frame(columnLabels.height) : straight
    }

    /// For the box of colors on the right, and its numbers.
    private static let colorBoxRoom = 64.0

    var table: CSVTable {
        let names = columns.isEmpty ? (0..<width).map(String.init) : columns
        return CSVTable(
            header: [rowTitle.isEmpty ? "row" : rowTitle] + names,
            rows: values.enumerated().map { index, row in
                [rows.isEmpty ? "\(index)" : rows[index]] + row.map { "\($0)" }
            })
    }

    /// The values of the palest and the darkest color; for signed ones, the two ends.
    var colorRange: ClosedRange<Double> {
        if let range { return range }
        let finite = values.joined().filter(\.isDrawable)
        guard let low = finite.min(), let high = finite.max() else { return 0...1 }
        switch colors {
        case .amount:
            let (bottom, top) = (min(low, 0), max(high, 0))
            return bottom < top ? bottom...top : 0...1
        case .signed:
            let most = max(abs(low), abs(high))
            return most > 0 ? -most...most : -1...1
        }
    }

    func drawing(_ title: String, _ size: FigureSize) -> Drawing {
        var script = GnuplotScript()
        script.add("unset grid; set tics scale 0")
        script.add("set border 0")
        var frame = frame(title, size)
        guard height > 0, values.joined().contains(where: \.isDrawable) else {
            script.setFrame(frame)
            script.plotNothing()
            return .gnuplot(script, size)
        }
        switch colors {
        case .amount: script.add("set palette defined (0 '#f4f8fc', 0.25 '#c6dbef', 0.6 '#5d9ccb', 1 '#08306b')")
        case .signed: script.add("set palette defined (0 '#2867b2', 0.5 '#ffffff', 1 '#c8372d')")
        }
        let shades = colorRange
        script.add("set cbrange [\(shades.lowerBound):\(shades.upperBound)]")
        let ratio = Double(height) / Double(width)
        if (0.2...5).contains(ratio) {
            let side = min(frame.width / Double(width), frame.height / Double(height))
            frame = frame.with(plotWidth: side * Double(width), plotHeight: side * Double(height))
        }
        script.setFrame(frame)
        if showsValues {
            script.add("unset colorbox")
        } else {
            let place = "\((frame.right + 12) / Double(size.width)),\(1 - frame.bottom / Double(size.height))"
            script.add(
                "set colorbox user origin screen \(place) size screen "
                    + "\(12 / Double(size.width)),\(frame.height / Double(size.height)) noborder; set cbtics scale 0")
        }
        script.add("set xrange [-0.5:\(Double(width) - 0.5)]; set yrange [\(Double(height) - 0.5):-0.5]")
        script.setTics("y", HeatMap.tics(rows, height))
        script.setTics("x", HeatMap.tics(columns, width), isSlanted(frame.width) ? SlantedLabels.option : "")
        let (cells, step) = ImagePixels.enlarged(values)
        let data = script.addData(cells)
        // Single cells stay sharp in every viewer of an SVG, but are too long a text for a large matrix.
        let image = width * height <= 2500 ? "@cells" : "image"
        let place = "(($1+0.5)*\(step)-0.5):(($2+0.5)*\(step)-0.5):3"
        script.plot("\(data) matrix using \(place) with \(image)")
        if showsValues { addLabels(&script, shades, frame.width) }
        return .gnuplot(script, size)
    }

    /// Names, or numbers at round distances.
    private static func tics(_ names: [String], _ count: Int) -> [(text: String, place: Double)] {
        guard names.isEmpty else { return names.enumerated().map { ($1, Double($0)) } }
        guard count > 1 else { return [] }
        let step = [1, 2, 5, 10, 20, 50, 100, 200, 500].first { count / $0 <= 12 } ?? 1000
        return stride(from: 0, to: count, by: step).map { ("\($0)", Double($0)) }
    }

    private func addLabels(_ script: inout GnuplotScript, _ shades: ClosedRange<Double>, _ plotWidth: Double) {
        let fontSize = max(6, min(12, Int(plotWidth) / max(width, 1) / 3))
        for (y, row) in values.enumerated() {
            for (x, value) in row.enumerated() where value.isDrawable {
                let color = isDark(value, shades) ? "#ffffff" : value == 0 ? "#b0b0b0" : "#222222"
                script.add(
                    "set label \(GnuplotScript.quoted(DisplayText.number(value))) at \(x),\(y) center front "
                        + "font ',\(fontSize)' textcolor rgb '\(color)'")
            }
        }
    }

    /// Whether the color of a value is too dark for black text.
    private func isDark(_ value: Double, _ shades: ClosedRange<Double>) -> Bool {
        let part = (value - shades.lowerBound) / (shades.upperBound - shades.lowerBound)
        return colors == .amount ? part > 0.55 : abs(part - 0.5) > 0.35
    }

    func text(_ style: TextStyle) -> [String] {
        guard height > 0 else { return ["no data"] }
        let names = rows.isEmpty ? (0..<height).map(String.init) : rows
        let margin = min(names.map { DisplayText.width($0) }.max() ?? 0, style.width / 3)
        let room = max((style.width - margin - 1) / width, 1)
        let numbers = values.map { $0.map(DisplayText.number) }
        let widest = numbers.joined().map(\.count).max() ?? 0
        let shades = colorRange
        let span = shades.upperBound - shades.lowerBound
        let isNumeric = showsValues && widest < room
        var lines: [String] = []
        if isNumeric, !columns.isEmpty {
            let fit = columns.allSatisfy { DisplayText.width($0) <= widest }
            let titles = columns.enumerated().map { fit ? $1 : "\($0)" }
            lines.append(
                String(repeating: " ", count: margin)
                    + titles.map { DisplayText.padded($0, to: widest + 1, isNumber: true) }.joined())
        }
        return lines
            + zip(names, zip(values, numbers)).map { name, row in
                let label = DisplayText.padded(DisplayText.shortened(name, to: margin, style), to: margin)
                if isNumeric {
                    return label + row.1.map { DisplayText.padded($0, to: widest + 1, isNumber: true) }.joined()
                }
                let cells = row.0.prefix(max(style.width - margin - 1, 1)).map { value in
                    let part = value.isDrawable ? (value - shades.lowerBound) / span : 0
                    return String(repeating: style.shade(part), count: min(room, 2))
                }
                return label + " " + cells.joined()
            }
    }
}
