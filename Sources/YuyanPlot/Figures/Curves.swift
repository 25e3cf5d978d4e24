import YuyanData

/// A line through points, with a name for the legend.
public struct Curve: Sendable, Hashable {
    public var name: String
    public var x: [Double]
    public var y: [Double]

    /// Traps unless there are as many x as y. A y that is not finite leaves a gap.
    public init(_ name: String, x: [Double], y: [Double]) {
        guard x.count == y.count else { fatalError("Curve \"\(name)\": \(x.count) x and \(y.count) y") }
        self.name = name
        self.x = x
        self.y = y
    }

    /// A curve over 1, 2, 3, …, such as one value an epoch.
    public init(_ name: String, _ y: [Double]) { self.init(name, x: y.indices.map { Double($0 + 1) }, y: y) }
}

extension Figure {
    /// Curves between two axes, linear or logarithmic, with a legend if there are several.
    public static func curves(
        _ title: String = "", _ curves: [Curve], x: Axis = Axis(), y: Axis = Axis()
    ) -> Figure {
        Figure(title, Curves(curves: curves, x: x, y: y))
    }
}

struct Curves: FigureContent {
    let curves: [Curve]
    let x: Axis
    let y: Axis

    var preferredSize: FigureSize { .standard }
    var texts: [String] { [x.label, y.label] + curves.map(\.name) }

    /// One row for each x if all curves have the same, else one for each point.
    var table: CSVTable {
        let first = curves.first?.x ?? []
        let xName = x.label.isEmpty ? "x" : x.label
        if curves.allSatisfy({ $0.x == first }) {
            let rows = first.indices.map { row in ["\(first[row])"] + curves.map { "\($0.y[row])" } }
            return CSVTable(header: [xName] + curves.map(\.name), rows: rows)
        }
        return .points(curves.map { ($0.name, $0.x, $0.y) }, "curve", x, y)
    }

    func drawing(_ title: String, _ size: FigureSize) -> Drawing {
        var script = GnuplotScript(title: title, hasLegend: curves.count > 1)
        let shown = curves.flatMap { curve in zip(curve.x, curve.y).filter { x.shows($0) && y.shows($1) } }
        script.setAxis("x", x, x.extent(of: shown.map(\.0)))
        script.setAxis("y", y, y.vertical(of: shown.map(\.1)))
        script.setWholeTics("x", shown.map(\.0), x)
        for (index, curve) in curves.enumerated() {
            let points = zip(curve.x, curve.y).map { point in
                x.shows(point.0) && y.shows(point.1) ? [point.0, point.1] : [point.0, .nan]
            }
            guard points.contains(where: { $0[1].isDrawable }) else { continue }
            let data = script.addData(points)
            // Few points are shown as such, and a lonely one has no line.
            let style = points.count <= 20 ? "linespoints pointtype 7 pointsize 0.5" : "lines"
            script.plot(
                "\(data) using 1:2 with \(style) linewidth 1.8 linecolor rgb '\(GnuplotScript.color(index))' "
                    + "title \(GnuplotScript.quoted(curve.name))")
        }
        if !script.hasPlots { script.plotNothing() }
        return .gnuplot(script, size)
    }

    func text(_ style: TextStyle) -> [String] {
        let series = curves.map { TextChart.Series(name: $0.name, points: Array(zip($0.x, $0.y)), isConnected: true) }
        return TextChart(series: series, x: x, y: y).lines(style)
    }
}

extension CSVTable {
    /// One row for each point, with the name of its series if there are several.
    static func points(
        _ series: [(name: String, x: [Double], y: [Double])], _ kind: String, _ x: Axis, _ y: Axis
    ) -> CSVTable {
        let names = [x.label.isEmpty ? "x" : x.label, y.label.isEmpty ? "y" : y.label]
        let isNamed = series.count > 1 || series.contains { !$0.name.isEmpty }
        let rows = series.flatMap { one in
            zip(one.x, one.y).map { (isNamed ? [one.name] : []) + ["\($0)", "\($1)"] }
        }
        return CSVTable(header: (isNamed ? [kind] : []) + names, rows: rows)
    }
}

extension Axis {
    /// The range of a vertical axis: nil lets gnuplot end it at round numbers, which it cannot around a single value.
    func vertical(of values: [Double]) -> ClosedRange<Double>? {
        guard range == nil, let extent = extent(of: values), let low = values.min(), let high = values.max() else {
            return range
        }
        return extent == low...high ? nil : extent
    }
}

extension GnuplotScript {
    /// Keeps gnuplot from putting halves between whole numbers, such as epochs.
    mutating func setWholeTics(_ name: String, _ values: [Double], _ axis: Axis) {
        guard axis.scale == .linear, let low = values.min(), let high = values.max(), high - low < 10,
            values.allSatisfy({ $0 == $0.rounded() })
        else { return }
        add("set \(name)tics 1")
    }
}
