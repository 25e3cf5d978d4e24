import YuyanData

/// One value for each category, with a name for the legend.
public struct BarSeries: Sendable, Hashable {
    public var name: String
    public var values: [Double]

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
            fatalError("bars \"\(one.name)\": \(one.values.count) values for \(categories.count) categories")
        }
        guard y.scale == .linear else { fatalError("bars: a logarithmic axis has no zero to start from") }
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
        var script = GnuplotScript(title: title, hasLegend: series.count > 1)
        let finite = series.flatMap(\.values).filter(\.isDrawable)
        script.setAxis("y", y, y.range)
        guard !finite.isEmpty else {
            script.plotNothing()
            return .gnuplot(script, size)
        }
        if y.range == nil {
            if finite.allSatisfy({ $0 == 0 }) {
                script.add("set yrange [0:1]")
            } else if finite.allSatisfy({ $0 >= 0 }) {
                script.add("set yrange [0:*]")
            } else if finite.allSatisfy({ $0 <= 0 }) {
                script.add("set yrange [*:0]")
            }
        }
        script.add("set xrange [-0.6:\(Double(categories.count) - 0.4)]")
        script.add("set grid noxtics; set style fill solid noborder")
        script.add("set xzeroaxis linetype 1 linecolor rgb '#9a9a9a'")
        let needed = categories.reduce(0) { $0 + DisplayText.width($1) + 2 }
        let rotation = needed * 7 > size.width - 60 ? "rotate by 40 right" : ""
        script.setTics("x", categories.enumerated().map { ($1, Double($0)) }, "scale 0 " + rotation)
        let width = 0.72 / Double(series.count)
        for (index, one) in series.enumerated() where one.values.contains(where: \.isDrawable) {
            let shift = (Double(index) - Double(series.count - 1) / 2) * width
            let data = script.addData(one.values.enumerated().map { [Double($0) + shift, $1, width * 0.94] })
            script.plot(
                "\(data) using 1:2:3 with boxes linecolor rgb '\(GnuplotScript.color(index))' "
                    + "title \(GnuplotScript.quoted(one.name))")
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
