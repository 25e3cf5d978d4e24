import Foundation
import YuyanCore
import YuyanData

/// One value for each category, with a name for the legend.
public struct BarSeries: Sendable, Hashable {
    /// What the legend calls it; empty for one series alone.
    public var name: String
    /// A value for each category.
    public var values: [Double]

    /// A bar for each category.
    public init(_ name: String = "", _ values: [Double]) {
        self.name = name
        self.values = values
    }
}

extension Figure {
    /// Bars from zero, those of a category beside each other.
    ///
    /// - Parameters:
    ///   - categories: names below the bars.
    ///   - series: one value for each category; those that are not finite have no bar.
    ///   - y: a linear axis.
    public static func bars(
        _ title: String = "", _ categories: [String], _ series: [BarSeries], y: Axis = Axis()
    ) -> Figure {
        for one in series where one.values.count != categories.count {
            failure("bars \"\(one.name)\": \(one.values.count) values for \(categories.count) categories")
        }
        guard y.scale == .linear else { failure("bars: a logarithmic axis has no zero to start from") }
        return Figure(title, Bars(categories: categories, series: series, y: y))
    }
}

struct Bars: FigureContent {
    let categories: [String]
    let series: [BarSeries]
    let y: Axis

    var preferredSize: FigureSize { .standard }
    var texts: [String] { categories + series.map(\.name) + [y.label] }

    var table: CSVTable {
        let names =
            series.count == 1 && series[0].name.isEmpty ? [y.label.isEmpty ? "value" : y.label] : series.map(\.name)
        return CSVTable(
            header: ["category"] + names,
            rows: categories.enumerated().map { index, name in [name] + series.map { "\($0.values[index])" } })
    }

    func drawing(_ title: String, _ size: FigureSize) -> Drawing {
        var script = GnuplotScript()
        let finite = series.flatMap(\.values).filter(\.isDrawable)
        let names = series.count > 1 ? series.map(\.name) : []
        guard !finite.isEmpty else {
            script.setFrame(ChartFrame(title, size, x: Axis(), y: y, yTexts: []))
            script.plotNothing()
            return .gnuplot(script, size)
        }
        let zeroed = y.range ?? y.extent(of: finite + [0]) ?? 0...1
        let yTics = AxisTics(
            y, finite.contains { $0 != 0 } || y.range != nil ? zeroed : 0...1, endsRound: y.range == nil)
        let yTexts = yTics.major.map(\.text)
        let labels = SlantedLabels(categories)
        let straight = ChartFrame(title, size, names: names, x: Axis(), y: y, yTexts: yTexts)
        let isSlanted = labels.widest + 6 > straight.width / Double(categories.count)
        let frame =
            isSlanted
            ? ChartFrame(title, size, names: names, x: Axis(), y: y, yTexts: yTexts, xHeight: labels.height) : straight
        script.setFrame(frame)
        script.setAxis("y", y, yTics)
        script.add("set xrange [-0.6:\(Double(categories.count) - 0.4)]")
        script.add("set grid noxtics; set style fill solid noborder")
        script.add("set xzeroaxis linetype 1 linecolor rgb '#9a9a9a'")
        script.setTics(
            "x", categories.enumerated().map { ($1, Double($0)) }, "scale 0 " + (isSlanted ? SlantedLabels.option : ""))
        let width = 0.72 / Double(series.count)
        for (index, one) in series.enumerated() where one.values.contains(where: \.isDrawable) {
            let shift = (Double(index) - Double(series.count - 1) / 2) * width
            let data = script.addData(one.values.enumerated().map { [Double($0) + shift, $1, width * 0.94] })
            let element = "\(data) using 1:2:3 with boxes linecolor rgb '\(GnuplotScript.color(index))'"
            if names.isEmpty { script.plot(element) } else { script.plot(element, index, in: frame) }
        }
        return .gnuplot(script, size)
    }

    func text(_ style: TextStyle) -> [String] {
        guard !categories.isEmpty else { return ["no data"] }
        let rows = categories.enumerated().flatMap { index, category in
            series.enumerated().map { number, one in
                (series.count == 1 ? category : number == 0 ? "\(category)  \(one.name)" : one.name, one.values[index])
            }
        }
        return TextBars.lines(rows.map { (label: $0.0, value: $0.1) }, style)
    }
}

/// Names below a plot that are too wide to stand side by side.
struct SlantedLabels {
    /// In pixels, standing straight.
    let widest: Double
    static let option = "rotate by 40 right"

    init(_ texts: [String]) {
        widest = texts.map { DisplayText.pixels(GnuplotScript.ticText($0)) }.max() ?? 0
    }

    /// How far they reach down, slanted.
    var height: Double { widest * sin(40 * .pi / 180) + ChartFrame.lineHeight }
}
