import Foundation
import YuyanCore
import YuyanData

/// Numbers whose distribution is shown, with a name for the legend.
public struct ValueGroup: Sendable, Hashable {
    /// What the legend calls it; empty for one group alone.
    public var name: String
    /// The values that are counted.
    public var values: [Double]

    /// Values of one kind.
    public init(_ name: String = "", _ values: [Double]) {
        self.name = name
        self.values = values
    }

    /// All elements of a tensor.
    public init(_ name: String = "", _ values: Tensor) { self.init(name, values.array(of: Double.self)) }
}

extension Figure {
    /// How many of the values fall into each of `binCount` parts of equal width, on the axis' scale. What is not finite,
    /// or outside the axis' range, is not counted. Traps unless `binCount` is 1 to 1000.
    public static func histogram(
        _ title: String = "", _ groups: [ValueGroup], binCount: Int = 30, x: Axis = Axis(), y: Axis = Axis("count")
    ) -> Figure {
        guard (1...1000).contains(binCount) else {
            failure("histogram: binCount must be 1 to 1000, not \(binCount)")
        }
        return Figure(title, Histogram(groups: groups, binCount: binCount, x: x, y: y))
    }
}

struct Histogram: FigureContent {
    let groups: [ValueGroup]
    let binCount: Int
    let x: Axis
    let y: Axis

    /// Borders of the bins, one more than there are bins; and counts for each group.
    struct Bins {
        var borders: [Double]
        var counts: [[Int]]
    }

    var preferredSize: FigureSize { .standard }
    var texts: [String] { groups.map(\.name) + [x.label, y.label] }

    func bins(_ count: Int) -> Bins? {
        guard let extent = x.extent(of: groups.lazy.flatMap(\.values)) else { return nil }
        let (low, high) = (x.position(extent.lowerBound), x.position(extent.upperBound))
        let borders = (0...count).map { index in
            let part = Double(index) / Double(count)
            let place = low * (1 - part) + high * part
            return x.scale == .linear ? place : pow(10, place)
        }
        let counts = groups.map { group in
            var counts = Array(repeating: 0, count: count)
            for value in group.values where x.shows(value) && extent.contains(value) {
                let part = (x.position(value) / 2 - low / 2) / (high / 2 - low / 2)
                counts[min(Int(part * Double(count)), count - 1)] += 1
            }
            return counts
        }
        return Bins(borders: borders, counts: counts)
    }

    var table: CSVTable {
        let names = groups.count == 1 && groups[0].name.isEmpty ? ["count"] : groups.map(\.name)
        let header = ["from", "to"] + names
        guard let bins = bins(binCount) else { return CSVTable(header: header, rows: []) }
        return CSVTable(
            header: header,
            rows: (0..<binCount).map { bin in
                ["\(bins.borders[bin])", "\(bins.borders[bin + 1])"] + bins.counts.map { "\($0[bin])" }
            })
    }

    func drawing(_ title: String, _ size: FigureSize) -> Drawing {
        var script = GnuplotScript()
        let names = groups.count > 1 ? groups.map(\.name) : []
        guard let bins = bins(binCount), let most = bins.counts.joined().max(), most > 0 else {
            script.setFrame(ChartFrame(title, size, x: x, y: y, yTexts: []))
            script.plotNothing()
            return .gnuplot(script, size)
        }
        // On a logarithmic axis, a single value must be higher than nothing.
        let bottom = y.scale == .linear ? 0 : 0.5
        let yTics = AxisTics(
            y, y.range ?? bottom...Double(most), endsRound: y.range == nil && y.scale == .linear, isWhole: true)
        let frame = ChartFrame(title, size, names: names, x: x, y: y, yTexts: yTics.major.map(\.text))
        script.setFrame(frame)
        script.setAxis("x", x, AxisTics(x, bins.borders[0]...bins.borders[binCount], endsRound: false))
        script.setAxis("y", y, yTics)
        script.add("set grid noxtics; set style fill transparent solid \(names.isEmpty ? 0.85 : 0.4) noborder")
        for (index, counts) in bins.counts.enumerated() {
            // One outline of all bars: bars that are drawn one by one show seams where they touch.
            var outline = [[bins.borders[0], bottom]]
            for (bin, count) in counts.enumerated() {
                let height = max(Double(count), bottom)
                outline += [[bins.borders[bin], height], [bins.borders[bin + 1], height]]
            }
            outline.append([bins.borders[binCount], bottom])
            let data = script.addData(outline)
            let color = "linecolor rgb '\(GnuplotScript.color(index))'"
            let area = "\(data) using 1:2 with filledcurves closed \(color)"
            if names.isEmpty {
                script.plot(area)
            } else {
                script.plot(area, index, in: frame)
                script.plot("\(data) using 1:2 with lines linewidth 1.4 \(GnuplotScript.dash(index)) \(color)")
            }
        }
        return .gnuplot(script, size)
    }

    func text(_ style: TextStyle) -> [String] {
        guard let bins = bins(min(binCount, style.height)) else { return ["no data"] }
        return groups.indices.flatMap { index in
            let rows = bins.counts[index].enumerated().map { bin, count in
                (label: DisplayText.number(bins.borders[bin]), value: Double(count))
            }
            return (groups.count > 1 ? [groups[index].name] : []) + TextBars.lines(rows, style)
        }
    }
}
