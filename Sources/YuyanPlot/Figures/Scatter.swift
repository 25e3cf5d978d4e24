import Foundation
import YuyanCore
import YuyanData

/// Points of one kind, with a name for the legend.
public struct PointGroup: Sendable, Hashable {
    /// What the legend calls it; empty for one group alone.
    public var name: String
    /// Where its points lie, from left to right.
    public var x: [Double]
    /// How high they lie.
    public var y: [Double]

    /// Traps unless there are as many x as y.
    public init(_ name: String = "", x: [Double], y: [Double]) {
        guard x.count == y.count else { failure("PointGroup \"\(name)\": \(x.count) x and \(y.count) y") }
        self.name = name
        self.x = x
        self.y = y
    }
}

extension Figure {
    /// Points between two axes; points that are not finite are left out.
    public static func scatter(
        _ title: String = "", _ groups: [PointGroup], x: Axis = Axis(), y: Axis = Axis()
    ) -> Figure {
        Figure(title, Scatter(groups: groups, x: x, y: y))
    }
}

struct Scatter: FigureContent {
    let groups: [PointGroup]
    let x: Axis
    let y: Axis

    var preferredSize: FigureSize { .standard }
    var texts: [String] { [x.label, y.label] + groups.map(\.name) }
    var table: CSVTable { .points(groups.map { ($0.name, $0.x, $0.y) }, "group", x, y) }

    func drawing(_ title: String, _ size: FigureSize) -> Drawing {
        var script = GnuplotScript()
        let shown = groups.map { group in zip(group.x, group.y).filter { x.shows($0) && y.shows($1) } }
        let names = groups.count > 1 ? groups.map(\.name) : []
        guard let across = x.outward(of: shown.joined().map(\.0)), let up = y.outward(of: shown.joined().map(\.1)),
            shown.contains(where: { !$0.isEmpty })
        else {
            script.setFrame(ChartFrame(title, size, x: x, y: y, yTexts: []))
            script.plotNothing()
            return .gnuplot(script, size)
        }
        let yTics = AxisTics(y, up, endsRound: false)
        let frame = ChartFrame(title, size, names: names, x: x, y: y, yTexts: yTics.major.map(\.text))
        script.setFrame(frame)
        script.setAxis("x", x, AxisTics(x, across, endsRound: false))
        script.setAxis("y", y, yTics)
        // Smaller where there are many.
        let count = shown.reduce(0) { $0 + $1.count }
        let pointSize = count > 2000 ? 0.2 : count > 300 ? 0.35 : 0.55
        for (index, points) in shown.enumerated() where !points.isEmpty {
            let data = script.addData(points.map { [$0.0, $0.1] })
            let element =
                "\(data) using 1:2 with points \(GnuplotScript.mark(index, size: pointSize)) "
                + "linecolor rgb '\(GnuplotScript.color(index))'"
            if names.isEmpty { script.plot(element) } else { script.plot(element, index, in: frame) }
        }
        return .gnuplot(script, size)
    }

    func text(_ style: TextStyle) -> [String] {
        let series = groups.map { TextChart.Series(name: $0.name, points: Array(zip($0.x, $0.y)), isConnected: false) }
        return TextChart(series: series, x: x, y: y).lines(style)
    }
}

extension Axis {
    /// The extent of points with some room around them, so that none sits on the border.
    fileprivate func outward(of values: [Double]) -> ClosedRange<Double>? {
        guard range == nil, let extent = extent(of: values) else { return range }
        let (low, high) = (extent.lowerBound, extent.upperBound)
        switch scale {
        case .linear:
            let margin = 0.04 * (high - low)
            return margin.isFinite ? (low - margin)...(high + margin) : extent
        case .logarithmic:
            let factor = pow(high / low, 0.04)
            return factor.isFinite ? (low / factor)...(high * factor) : extent
        }
    }
}
