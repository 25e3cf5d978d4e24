import Foundation
import Testing
import YuyanPlot

/// What a chart's script says about its axes, its legend and its lines.
@Suite struct ChartTests {
    private func script(_ figure: Figure) throws -> String {
        guard case .gnuplot(let script, _) = figure.content.drawing(figure.title, figure.size) else {
            throw PlotError.unknownFormat(path: "no chart")
        }
        return script.text
    }

    /// The range of an axis as the script fixes it.
    private func range(_ name: String, _ figure: Figure) throws -> [Double] {
        let text = try script(figure)
        let match = try #require(text.firstMatch(of: try Regex("set \(name)range \\[(.*?):(.*?)\\]")))
        return [1, 2].compactMap { match.output[$0].substring.flatMap { Double($0) } }
            .compactMap { Double(String(format: "%.12g", $0)) }
    }

    /// The numbers written on an axis.
    private func tics(_ name: String, _ figure: Figure) throws -> [String] {
        let text = try script(figure)
        let list = try #require(text.firstMatch(of: try Regex("set \(name)tics  \\((.*)\\)"))?.output[1].substring)
        return list.matches(of: /"(.*?)"/).map { String($0.output.1) }
    }

    @Test(
        arguments: [
            ([1, 50], .linear), ([1, 51], .logarithmic), ([2.87, 1e-4, .nan], .logarithmic), ([0, 100], .linear),
            ([-1, 100], .linear), ([], .linear), ([.nan, .infinity], .linear), ([5], .linear),
        ] as [([Double], Axis.Scale)])
    func choosesTheScaleByTheRatio(values: [Double], scale: Axis.Scale) {
        #expect(Axis.Scale(fitting: values) == scale)
    }

    @Test func fitsALogarithmicAxisToItsValues() throws {
        let y = Axis("loss", scale: .logarithmic)
        #expect(try range("y", .curves("", [Curve("", [0.095, 1.94])], y: y)) == [0.05, 2])
        #expect(
            try tics("y", .curves("", [Curve("", [0.095, 1.94])], y: y)) == ["0.05", "0.1", "0.2", "0.5", "1", "2"])
        // What is close to the bottom does not lie on the axis.
        #expect(try range("y", .curves("", [Curve("", [1.001e-4, 2.8])], y: y)) == [5e-5, 5])
        #expect(
            try tics("y", .curves("", [Curve("", [1.1e-4, 2.8])], y: y)) == ["0.0001", "0.001", "0.01", "0.1", "1"])
        // Within less than a factor of 3, as on a linear axis.
        #expect(try range("y", .curves("", [Curve("", [0.31, 0.34])], y: y)) == [0.31, 0.34])
        let wide = try range("y", .curves("", [Curve("", [1e-200, 1e200])], y: y))
        #expect(wide[0] > 1e-202 && wide[0] < 1e-200 && wide[1] == 1e200)
        let chosen = Axis(scale: .logarithmic, range: 0.3...7)
        #expect(try range("y", .curves("", [Curve("", [1, 2])], y: chosen)) == [0.3, 7])
    }

    @Test func endsALinearAxisAtRoundNumbers() throws {
        #expect(try range("y", .curves("", [Curve("", [0.645, 0.822])])) == [0.6, 0.85])
        #expect(try tics("y", .curves("", [Curve("", [0.1, 1.9])])) == ["0.0", "0.5", "1.0", "1.5", "2.0"])
        #expect(try tics("x", .curves("", [Curve("", [3, 2, 1])])) == ["1", "2", "3"])
        #expect(try range("y", .bars("", ["a"], [BarSeries("", [0.9])])) == [0, 1])
        #expect(try range("y", .bars("", ["a"], [BarSeries("", [-0.9])])) == [-1, 0])
        #expect(try range("y", .bars("", ["a"], [BarSeries("", [0])])) == [0, 1])
        #expect(try tics("y", .curves("", [Curve("", [1_000_000, 1_000_004])])).count == 5)
        #expect(Set(try tics("y", .curves("", [Curve("", [1_000_000, 1_000_004])]))).count == 5)
    }

    @Test func linesDifferWithoutColor() throws {
        let few = try script(.curves("", (0..<4).map { Curve("c\($0)", [1, 2]) }))
        let dashes = few.matches(of: /dashtype (\S+)/).map { String($0.output.1) }
        #expect(dashes.count == 4 && Set(dashes).count == 4 && dashes[0] == "solid")
        #expect(Set(few.matches(of: /pointtype (\d+)/).map { String($0.output.1) }).count == 4)
        let many = try script(.curves("", (0..<2).map { Curve("c\($0)", Array(repeating: 1, count: 30)) }))
        #expect(!many.contains("pointtype") && many.contains("dashtype (9,4)"))
        let clouds = try script(.scatter("", (0..<3).map { PointGroup("g\($0)", x: [1], y: [2]) }))
        #expect(Set(clouds.matches(of: /pointtype (\d+)/).map { String($0.output.1) }).count == 3)
        // In the picture, too.
        let picture = try Figure.curves("", [Curve("a", [1, 2]), Curve("b", [2, 1])]).svg()
        #expect(picture.contains("stroke-dasharray"))
    }

    /// A title or a long name must not push the entries of a legend apart.
    @Test func setsTheLegendTightly() throws {
        func places(_ title: String, _ names: [String]) throws -> [Double] {
            let curves = names.map { Curve($0, [1, 2]) }
            return try script(.curves(title, curves)).matches(of: /title ".*?" at ([0-9.]+),/).map {
                try #require(Double($0.output.1)) * 480
            }
        }
        let short = try places("", ["train", "test"])
        let titled = try places("A title much longer than the names of its two curves", ["train", "test"])
        #expect(short.count == 2 && short[1] - short[0] < 110)
        #expect(abs((titled[1] - titled[0]) - (short[1] - short[0])) < 0.01)
        let mixed = try places("", ["a", "b", "a name that is much longer than the others"])
        #expect(mixed[1] - mixed[0] < 80)
        // What does not fit goes to another line.
        let wide = try script(.curves("", (0..<6).map { Curve("a rather long name \($0)", [1, 2]) }))
        #expect(Set(wide.matches(of: /title ".*?" at [0-9.]+,([0-9.]+)/).map { String($0.output.1) }).count > 1)
        #expect(try !script(.curves("title", [Curve("alone", [1, 2])])).contains("set key Left"))
    }

    /// Names of which a line is just full are not cut.
    @Test func showsTheNamesOfALegendWhole() throws {
        let names = [
            "LeNet", "LeNet, batch norm", "AlexNet", "VGG-11", "NiN", "GoogLeNet", "ResNet-18", "DenseNet",
        ]
        for label in ["", "accuracy", "准确率"] {
            let groups = names.map { PointGroup($0, x: [1], y: [2]) }
            let text = try script(.scatter("", groups, y: Axis(label)))
            #expect(text.matches(of: /title "(.*?)" at/).map { String($0.output.1) } == names)
        }
        let long = String(repeating: "long ", count: 40)
        #expect(try script(.curves("", [Curve(long, [1, 2]), Curve("b", [1, 2])])).contains("…\" at"))
    }

    /// Powers of ten stay as people write them as long as they are short.
    @Test func writesPowersOfTenOut() throws {
        let wide = try script(.curves("", [Curve("", [0.2, 30_000])], y: Axis(scale: .logarithmic)))
        for text in ["1", "10", "100", "1000", "10000"] { #expect(wide.contains("\"\(text)\" "), "\(text)") }
        #expect(!wide.contains("e+"))
    }

    /// The cells of a small heat map are no larger than they need be, and still square.
    @Test func smallHeatMapsAreSmall() throws {
        let figure = Figure.heatMap("", [[1, 2], [3, 4], [5, 6]], rows: ["a", "b", "c"], showsValues: true)
        #expect(figure.size.height < 260)
        #expect(Figure.heatMap("", [[1]]).size.height < 120)
    }

    /// Each column has a scale of its own, and its bars leave room for their numbers.
    @Test func barTablesScaleEachColumn() throws {
        let figure = Figure.barTable(
            "", ["small", "large"], [BarSeries("parameters", [0.5, 1000]), BarSeries("seconds", [2, 1])])
        let text = try script(figure)
        let boxes = text.split(separator: "\n").compactMap { line -> [Double]? in
            let numbers = line.split(separator: " ").compactMap { Double($0) }
            return numbers.count == 6 ? numbers : nil
        }
        let lengths = boxes.map { $0[3] - $0[2] }
        #expect(lengths.count == 4)
        // What is small is still seen; the greatest of each column fills it.
        #expect(lengths[0] >= 1 && lengths[0] < 2)
        #expect(lengths[2] == 2 * lengths[3])
        #expect(lengths[1] > 50 && lengths[2] > lengths[1])
        for text in ["0.5", "1000", "2", "1", "small", "large", "parameters", "seconds"] {
            #expect(try script(figure).contains("\"\(text)\" at"), "\(text)")
        }
        #expect(figure.csv == "row,parameters,seconds\nsmall,0.5,2.0\nlarge,1000.0,1.0\n")
        let lines = figure.text(TextStyle(width: 40, usesUnicode: false, usesColor: false)).split(separator: "\n")
        #expect(lines.count == 6 && lines[0] == "parameters" && lines[1] == "small | 0.5")
    }

    /// Each histogram is one shape: bars drawn one by one show seams.
    @Test func drawsAHistogramAsOneShape() throws {
        let picture = try Figure.histogram("", [ValueGroup("", (0..<100).map { Double($0 % 7) })], binCount: 7).svg()
        let shapes = try #require(Document(picture)).elements.filter { $0.name == "polygon" || $0.name == "path" }
        #expect(try script(.histogram("", [ValueGroup("", [1, 2, 3])])).contains("filledcurves closed"))
        #expect(!shapes.isEmpty)
    }

    @Test func heatMapsHaveNoVoid() throws {
        func borders(_ figure: Figure) throws -> (top: Double, bottom: Double) {
            let text = try script(figure)
            let top = try #require(text.firstMatch(of: /tmargin at screen ([0-9.]+)/)?.output.1)
            let bottom = try #require(text.firstMatch(of: /bmargin at screen ([0-9.]+)/)?.output.1)
            let height = Double(figure.size.height)
            return (height * (1 - (Double(top) ?? 0)), height * (Double(bottom) ?? 0))
        }
        let values = Array(repeating: Array(repeating: 1.0, count: 5), count: 4)
        let untitled = Figure.heatMap("", values, rowTitle: "row", columnTitle: "column")
        let titled = Figure.heatMap("title", values, rowTitle: "row", columnTitle: "column")
        #expect(try borders(untitled).top < 12)
        #expect(try borders(titled).top < 36)
        #expect(try borders(titled).bottom < 60)
        // Names that are wider than their cells are slanted, others are not.
        let long = Figure.heatMap("", [[1, 2, 3]], columns: ["a name longer than its cell", "b", "c"])
        #expect(try script(long).contains("rotate by 40"))
        #expect(try !script(.heatMap("", [[1, 2]], columns: ["short", "b"])).contains("rotate by 40"))
        let french = ["ils", "regardent", "le", "ciel", "."]
        let english = Figure.heatMap(
            "", values, rows: ["they", "are", "watching", "."], columns: french, rowTitle: "query")
        #expect(try script(english).contains("rotate by 40"))
    }

    @Test func longChainsStandInColumns() throws {
        func columnStarts(_ count: Int) -> Int {
            let figure = Figure.graph(
                "", (0..<count).map { GraphNode(["\($0)"]) },
                (1..<max(count, 1)).map { GraphEdge(from: $0 - 1, to: $0) })
            guard case .graphviz(let script) = figure.content.drawing("", figure.size) else { return -1 }
            return script.text(family: "").matches(of: /constraint=false/).count
        }
        #expect([1, 8, 9, 14, 16, 17, 40].map(columnStarts) == [0, 0, 1, 1, 1, 2, 2])
        // Only a chain: other graphs are laid out by their edges.
        let fork = Figure.graph(
            "", (0..<12).map { GraphNode(["\($0)"]) }, (1..<12).map { GraphEdge(from: 0, to: $0) })
        guard case .graphviz(let script) = fork.content.drawing("", fork.size) else { return }
        #expect(!script.text(family: "").contains("constraint=false"))
    }

    /// Where Graphviz put them is in the SVG: the units of a layer from left to right, however their edges cross.
    @Test func rowsKeepTheirOrder() throws {
        let nodes = (0..<6).map { GraphNode(["unit \($0)"]) }
        let edges = [(0, 5), (1, 3), (2, 4)].map { GraphEdge(from: $0.0, to: $0.1) }
        let svg = try Figure.graph("", nodes, edges, rows: [[0, 1, 2], [3, 4, 5]]).svg()
        func place(_ unit: Int) throws -> (x: Double, y: Double) {
            let text = try #require(
                svg.matches(of: /x="([-0-9.]+)" y="([-0-9.]+)"[^>]*>unit ([0-5])</).first {
                    $0.output.3 == "\(unit)"
                })
            return (try #require(Double(text.output.1)), try #require(Double(text.output.2)))
        }
        let places = try (0..<6).map(place)
        for row in [0, 3] {
            #expect(places[row].x < places[row + 1].x && places[row + 1].x < places[row + 2].x)
            #expect(places[row].y == places[row + 1].y && places[row].y == places[row + 2].y)
        }
    }
}
