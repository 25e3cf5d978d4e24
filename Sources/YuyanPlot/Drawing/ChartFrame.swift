/// Where the parts of a chart stand, in pixels of the page from the top left. gnuplot guesses how wide a text is by its
/// letters' number and leaves gaps, so the places are worked out here.
struct ChartFrame {
    let size: FigureSize
    let title: String
    let x: Axis
    let y: Axis
    /// The borders of the plot.
    private(set) var left, right, top, bottom: Double
    /// The middle of the line in which the name of the vertical axis stands.
    private(set) var nameLeft: Double
    /// For each name its text, and the place where it starts; nil for an empty one.
    private(set) var legend: [(text: String, x: Double, y: Double)?]

    /// From a border to what is nearest to it.
    static let margin = 10.0
    static let lineHeight = 20.0
    /// A legend's sample of a line, with the gap to its text; `GnuplotScript` draws it that long.
    private static let sample = 39.0
    private static let legendGap = 18.0

    /// - Parameters:
    ///   - names: the legend.
    ///   - yTexts: what is written on the left.
    ///   - xHeight: how high the texts below the plot are.
    ///   - onTheRight: the room for what stands there.
    init(
        _ title: String, _ size: FigureSize, names: [String] = [], x: Axis, y: Axis, yTexts: [String],
        xHeight: Double = lineHeight, onTheRight: Double = ChartFrame.margin
    ) {
        (self.size, self.title, self.x, self.y) = (size, title, x, y)
        let (width, height) = (Double(size.width), Double(size.height))
        nameLeft = ChartFrame.margin + ChartFrame.lineHeight / 2 - 2
        let texts = yTexts.map { DisplayText.pixels($0) }.max() ?? 0
        let edge = ChartFrame.margin
        left = min(edge + (y.label.isEmpty ? 0 : ChartFrame.lineHeight) + texts + 8, width * 0.5)
        right = max(width - edge - onTheRight, left + 10)
        let below = xHeight + (x.label.isEmpty ? 0 : ChartFrame.lineHeight + 2) + edge
        bottom = max(height - below, height * 0.4)
        top = edge + (title.isEmpty ? 0 : ChartFrame.lineHeight + 2)
        legend = []
        placeLegend(names)
        top = min(top, bottom - 10)
    }

    /// The same with a plot of this size, as near to the title as it was.
    func with(plotWidth: Double, plotHeight: Double) -> ChartFrame {
        var frame = self
        let shift = (right - left - plotWidth) / 2
        frame.left += shift
        frame.nameLeft += shift
        frame.right = frame.left + plotWidth
        frame.bottom = top + plotHeight
        return frame
    }

    var width: Double { right - left }
    var height: Double { bottom - top }
    var middle: Double { (left + right) / 2 }

    /// Lines of entries side by side, each line in the middle above the plot.
    private mutating func placeLegend(_ names: [String]) {
        legend = names.map { _ in nil }
        let room = Double(size.width) - 2 * ChartFrame.margin
        var lines: [[(index: Int, text: String, width: Double)]] = []
        for (index, name) in names.enumerated() where !name.isEmpty {
            let text = ChartFrame.shortened(name, room - ChartFrame.sample)
            let entry = (index, text, ChartFrame.sample + DisplayText.pixels(text))
            let used = lines.last?.reduce(0) { $0 + $1.width + ChartFrame.legendGap } ?? .infinity
            if used + entry.2 <= room { lines[lines.count - 1].append(entry) } else { lines.append([entry]) }
        }
        for line in lines {
            let width = line.reduce(-ChartFrame.legendGap) { $0 + $1.width + ChartFrame.legendGap }
            var place = min(max(middle - width / 2, ChartFrame.margin), Double(size.width) - ChartFrame.margin - width)
            place = max(place, 0)
            for entry in line {
                legend[entry.index] = (entry.text, place + ChartFrame.sample, top + ChartFrame.lineHeight / 2 - 1)
                place += entry.width + ChartFrame.legendGap
            }
            top += ChartFrame.lineHeight
        }
        if !lines.isEmpty { top += 4 }
    }

    /// A text that does not leave the picture.
    static func shortened(_ text: String, _ room: Double) -> String {
        let text = DisplayText.oneLine(text)
        let pixels = DisplayText.pixels(text)
        guard pixels > room else { return text }
        return DisplayText.shortened(
            text, to: max(Int(Double(DisplayText.width(text)) * room / pixels), 2), TextStyle())
    }
}
