import YuyanCore
import YuyanData

extension Figure {
    /// A row for each name and a column for each quantity, whose bars start from zero on a scale of its own: for
    /// quantities that differ in kind, which cannot share an axis.
    ///
    /// - Parameters:
    ///   - rows: the names on the left.
    ///   - columns: what stands above the bars, and a value for each row. It is written beside its bar; one that is not
    ///     finite has no bar.
    public static func barTable(_ title: String = "", _ rows: [String], _ columns: [BarSeries]) -> Figure {
        for one in columns where one.values.count != rows.count {
            failure("barTable \"\(one.name)\": \(one.values.count) values for \(rows.count) rows")
        }
        return Figure(title, BarTable(rows: rows, columns: columns, hasTitle: !title.isEmpty))
    }
}

struct BarTable: FigureContent {
    let rows: [String]
    let columns: [BarSeries]
    /// Whether there is one above it as it is made.
    let hasTitle: Bool

    private static let step = 24.0
    private static let gap = 14.0
    private static let font = "font ',11'"

    var texts: [String] { rows + columns.map(\.name) }
    var table: CSVTable {
        CSVTable(
            header: ["row"] + columns.map(\.name),
            rows: rows.enumerated().map { index, name in [name] + columns.map { "\($0.values[index])" } })
    }

    private var isEmpty: Bool { rows.isEmpty || columns.isEmpty }
    private func top(_ hasTitle: Bool) -> Double { ChartFrame.margin + (hasTitle ? ChartFrame.lineHeight + 6 : 0) }

    var preferredSize: FigureSize {
        guard !isEmpty else { return .standard }
        let height = top(hasTitle) + ChartFrame.lineHeight + BarTable.step * Double(rows.count) + ChartFrame.margin
        return FigureSize(
            width: min(max(120 + 130 * columns.count, 480), 640), height: min(max(Int(height.rounded(.up)), 50), 10_000)
        )
    }

    func drawing(_ title: String, _ size: FigureSize) -> Drawing {
        var script = GnuplotScript()
        guard !isEmpty else {
            script.plotNothing()
            return .gnuplot(script, size)
        }
        // One unit is one pixel of the page, from the top left.
        let (width, height) = (Double(size.width), Double(size.height))
        script.add("unset border; unset tics; unset grid; set style fill solid noborder")
        script.add("set lmargin at screen 0; set rmargin at screen 1; set tmargin at screen 1; set bmargin at screen 0")
        script.add("set xrange [0:\(size.width)]; set yrange [\(size.height):0]")
        func put(_ text: String, _ x: Double, _ y: Double, _ options: String) {
            guard !text.isEmpty else { return }
            script.add("set label \(GnuplotScript.quoted(text)) at \(x),\(y) \(options)")
        }
        let room = width - 2 * ChartFrame.margin
        put(
            ChartFrame.shortened(title, room), width / 2, ChartFrame.margin + ChartFrame.lineHeight / 2,
            "center textcolor rgb '#111111'")
        let names = rows.map { ChartFrame.shortened($0, room / 3) }
        let left = ChartFrame.margin + (names.map { DisplayText.pixels($0, fontSize: 11) }.max() ?? 0)
        let column = (width - ChartFrame.margin - left) / Double(columns.count)
        let head = top(!title.isEmpty) + ChartFrame.lineHeight / 2
        let first = head + ChartFrame.lineHeight / 2
        let step = (height - ChartFrame.margin - first) / Double(rows.count)
        func middle(_ row: Int) -> Double { first + (Double(row) + 0.5) * step }
        for (row, name) in names.enumerated() {
            put(name, left, middle(row), "right \(BarTable.font) textcolor rgb '#222222'")
        }
        for (index, one) in columns.enumerated() {
            let start = left + column * Double(index) + BarTable.gap
            let name = DisplayText.shortened(one.name, to: Int((column - BarTable.gap) / 5.8), TextStyle())
            put(name, start, head, "left \(BarTable.font) textcolor rgb '#222222'")
            let drawn = one.values.filter(\.isDrawable)
            let (low, high) = (min(drawn.min() ?? 0, 0), max(drawn.max() ?? 0, 0))
            let numbers = one.values.map { DisplayText.number($0) }
            let beside = (numbers.map { DisplayText.pixels($0, fontSize: 11) }.max() ?? 0) + 4
            // Halves, because the two ends may be further apart than numbers go.
            let unit = max(column - BarTable.gap - beside, 4) / max(high / 2 - low / 2, .leastNormalMagnitude) / 2
            let zero = start - low * unit
            var boxes: [[Double]] = []
            for (row, value) in one.values.enumerated() {
                let end = value.isDrawable ? zero + value * unit : zero
                put(numbers[row], max(end, zero) + 4, middle(row), "left \(BarTable.font) textcolor rgb '#444444'")
                let half = step * 0.33
                // A value above zero is seen, however small.
                let bounds = [min(end, zero), max(end, zero + (value == 0 || !value.isDrawable ? 0 : 1))]
                boxes.append([zero, middle(row)] + bounds + [middle(row) - half, middle(row) + half])
            }
            script.plot(
                "\(script.addData(boxes)) using 1:2:3:4:5:6 with boxxyerror "
                    + "linecolor rgb '\(GnuplotScript.color(index))'")
        }
        return .gnuplot(script, size)
    }

    func text(_ style: TextStyle) -> [String] {
        guard !isEmpty else { return ["no data"] }
        return columns.flatMap { one in
            [DisplayText.shortened(one.name, to: style.width, style)]
                + TextBars.lines(zip(rows, one.values).map { (label: $0, value: $1) }, style)
        }
    }
}
