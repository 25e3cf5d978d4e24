/// A chart of points between two axes, in characters.
struct TextChart {
    struct Series {
        var name: String
        var points: [(x: Double, y: Double)]
        var isConnected: Bool
    }

    var series: [Series]
    var x: Axis
    var y: Axis

    func lines(_ style: TextStyle) -> [String] {
        let points = series.flatMap(\.points).filter { x.shows($0.x) && y.shows($0.y) }
        guard let across = x.extent(of: points.map(\.x)), let up = y.extent(of: points.map(\.y)) else {
            return ["no data"]
        }
        let (low, high) = (DisplayText.number(up.lowerBound), DisplayText.number(up.upperBound))
        let margin = max(low.count, high.count)
        // Braille cannot show which curve a dot belongs to, so several curves keep their own marks.
        var canvasStyle = style
        canvasStyle.usesUnicode = style.usesUnicode && series.count == 1
        var canvas = PointCanvas(columns: max(style.width - margin - 2, 8), rows: style.height, canvasStyle)
        func place(_ point: (x: Double, y: Double)) -> (x: Double, y: Double)? {
            guard x.shows(point.x), y.shows(point.y) else { return nil }
            return (TextChart.part(x, across, point.x), TextChart.part(y, up, point.y))
        }
        for (index, one) in series.enumerated() {
            let mark = PointCanvas.mark(index)
            var last: (x: Double, y: Double)?
            for point in one.points {
                let here = place(point)
                if let here {
                    if one.isConnected, let last {
                        canvas.connect(last, here, mark)
                    } else {
                        canvas.mark(here.x, here.y, mark)
                    }
                }
                last = here
            }
        }
        return frame(canvas, (low, high), across, margin, style)
    }

    /// The part of the way from one end of an axis to the other.
    private static func part(_ axis: Axis, _ extent: ClosedRange<Double>, _ value: Double) -> Double {
        let (low, high) = (axis.position(extent.lowerBound), axis.position(extent.upperBound))
        // Halves first: the ends may be further apart than numbers go.
        return (axis.position(value) / 2 - low / 2) / (high / 2 - low / 2)
    }

    private func frame(
        _ canvas: PointCanvas, _ vertical: (low: String, high: String), _ across: ClosedRange<Double>, _ margin: Int,
        _ style: TextStyle
    ) -> [String] {
        let (wall, corner, floor) = style.usesUnicode ? ("│", "└", "─") : ("|", "+", "-")
        var lines: [String] = []
        if !y.label.isEmpty || series.count > 1 { lines += legend(style) }
        for row in 0..<canvas.rows {
            let label = row == 0 ? vertical.high : row == canvas.rows - 1 ? vertical.low : ""
            lines.append("\(DisplayText.padded(label, to: margin, isNumber: true)) \(wall)\(canvas.line(row))")
        }
        let indent = String(repeating: " ", count: margin + 1)
        lines.append(indent + corner + String(repeating: floor, count: canvas.columns))
        let (left, right) = (DisplayText.number(across.lowerBound), DisplayText.number(across.upperBound))
        let middle = DisplayText.shortened(x.label, to: max(canvas.columns - left.count - right.count - 2, 0), style)
        let space = canvas.columns - left.count - right.count
        lines.append(indent + " " + left + DisplayText.centered(middle, in: max(space, 1)) + right)
        return lines
    }

    /// As many names in a line as it holds.
    private func legend(_ style: TextStyle) -> [String] {
        var parts = y.label.isEmpty ? [] : [y.label]
        if series.count > 1 {
            parts += series.enumerated().map { "\(PointCanvas.mark($0.offset)) \($0.element.name)" }
        }
        var lines: [String] = []
        for part in parts {
            let longer = lines.last.map { $0 + "   " + part }
            if let longer, DisplayText.width(longer) <= style.width {
                lines[lines.count - 1] = longer
            } else {
                lines.append(DisplayText.shortened(part, to: style.width, style))
            }
        }
        return lines
    }
}
