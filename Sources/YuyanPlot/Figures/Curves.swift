import YuyanCore
import YuyanData

/// A line through points, with a name for the legend.
public struct Curve: Sendable, Hashable {
    /// What the legend calls it; empty for one curve alone.
    public var name: String
    /// Where its points lie, from left to right.
    public var x: [Double]
    /// How high they lie; NaN leaves a gap.
    public var y: [Double]

    /// Traps unless there are as many x as y. A y that is not finite leaves a gap.
    public init(_ name: String, x: [Double], y: [Double]) {
        guard x.count == y.count else { failure("Curve \"\(name)\": \(x.count) x and \(y.count) y") }
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
        var script = GnuplotScript()
        let shown = curves.flatMap { curve in zip(curve.x, curve.y).filter { x.shows($0) && y.shows($1) } }
        let names = curves.count > 1 ? curves.map(\.name) : []
        guard let across = x.extent(of: shown.map(\.0)), let up = y.extent(of: shown.map(\.1)) else {
            script.setFrame(ChartFrame(title, size, x: x, y: y, yTexts: []))
            script.plotNothing()
            return .gnuplot(script, size)
        }
        let isWhole = shown.allSatisfy { $0.0 == $0.0.rounded() }
        let yTics = AxisTics(y, up, endsRound: y.range == nil)
        let frame = ChartFrame(title, size, names: names, x: x, y: y, yTexts: yTics.major.map(\.text))
        script.setFrame(frame)
        script.setAxis("x", x, AxisTics(x, across, endsRound: false, isWhole: isWhole))
        script.setAxis("y", y, yTics)
        for (index, curve) in curves.enumerated() {
            let points = zip(curve.x, curve.y).map { point in
                x.shows(point.0) && y.shows(point.1) ? [point.0, point.1] : [point.0, .nan]
            }
            guard points.contains(where: { $0[1].isDrawable }) else { continue }
            let data = script.addData(points)
            // Few points are shown as such, and a lonely one has no line.
            let style = points.count <= 20 ? "linespoints \(GnuplotScript.mark(index, size: 0.5))" : "lines"
            let element =
                "\(data) using 1:2 with \(style) linewidth 1.8 \(GnuplotScript.dash(index)) "
                + "linecolor rgb '\(GnuplotScript.color(index))'"
            if names.isEmpty { script.plot(element) } else { script.plot(element, index, in: frame) }
        }
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
