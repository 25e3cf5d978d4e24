import Testing
import YuyanCore
import YuyanPlot

/// Figures in characters.
@Suite struct TextTests {
    private let narrow = TextStyle(width: 24, height: 5)
    private let ascii = TextStyle(width: 24, height: 5, usesUnicode: false)

    @Test func drawsACurveWithBraille() {
        let figure = Figure.curves("Loss", [Curve("", [4, 2, 1, 0])], x: Axis("epoch"))
        #expect(
            figure.text(narrow) == """
                Loss
                4 │⠑⠢⣀
                  │   ⠑⠢⣀
                  │      ⠑⠤⢄⣀
                  │          ⠉⠒⠢⠤⣀⡀
                0 │               ⠈⠉⠑⠢⠤⣀
                  └─────────────────────
                   1       epoch       4

                """)
    }

    @Test func drawsCurvesInASCII() {
        let curves = [Curve("train", [1, 100]), Curve("test", [100, 1])]
        let figure = Figure.curves("", curves, x: Axis("t"), y: Axis("loss", scale: .logarithmic))
        #expect(
            figure.text(ascii) == """
                loss   * train   + test
                100 |+++             ***
                    |   +++++   *****
                    |        +++
                    |   *****   +++++
                  1 |***             +++
                    +-------------------
                     1        t        2

                """)
    }

    @Test func leavesGapsAndSaysWhenThereIsNothing() {
        let gap = Figure.curves("", [Curve("", [0, .nan, .infinity, 1])]).text(ascii)
        #expect(gap.filter { $0 == "*" }.count == 2)
        #expect(Figure.curves("空", [Curve("", [.nan])]).text(narrow) == "空\nno data\n")
        #expect(Figure.scatter("", []).text(narrow) == "no data\n")
        #expect(Figure.heatMap("", [[Double]]()).text(narrow) == "no data\n")
        #expect(Figure.images("", []).text(narrow) == "no images\n")
    }

    @Test func drawsBars() {
        let figure = Figure.bars("", ["衬衫", "shoe", "none"], [BarSeries("", [4, 1.5, .nan])])
        #expect(
            figure.text(narrow) == """
                衬衫 │█████████████ 4
                shoe │████▉ 1.5
                none │ nan

                """)
        let signed = Figure.bars("", ["a", "b"], [BarSeries("", [-1, 3])])
        #expect(
            signed.text(ascii) == "a |#### -1\nb |    ############# 3\n")
    }

    @Test func drawsHistograms() {
        let figure = Figure.histogram("", [ValueGroup("", [0, 0, 0, 1, 2])], binCount: 2)
        #expect(figure.text(ascii) == "0 |################## 3\n1 |############ 2\n")
    }

    @Test func drawsHeatMaps() {
        let values: [[Double]] = [[9, 0], [4, 10]]
        let names = ["衬衫", "b"]
        #expect(Figure.heatMap("", values, rows: names, columns: names).text(narrow) == "衬衫 ██\nb    ▒▒██\n")
        #expect(Figure.heatMap("", values).text(ascii) == "0 @@\n1 ==@@\n")
        let shown = Figure.heatMap("", values, rows: names, columns: ["a", "b"], showsValues: true)
        #expect(shown.text(narrow) == "      a  b\n衬衫  9  0\nb     4 10\n")
    }

    @Test func drawsImages() {
        let image = CaptionedImage(
            Tensor([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0], shape: [4, 4]), caption: "鞋\nx")
        let figure = Figure.images("", [image, image])
        #expect(figure.text(narrow) == "██    ██\n  █     █\n 鞋    鞋\n x     x\n")
        #expect(figure.text(ascii).hasPrefix("@@    @@\n  @     @\n"))
        var colored = narrow
        colored.usesColor = true
        let white = "\u{1B}[38;5;255;48;5;255m▀"
        let black = "\u{1B}[38;5;232;48;5;232m▀"
        let line = figure.text(colored).split(separator: "\n")[0]
        let row = white + white + black + black + "\u{1B}[0m"
        #expect(line == row + "  " + row)
        let red = Figure.images("", Tensor([1, 0, 0], shape: [1, 3, 1, 1])).text(colored)
        #expect(red == "\u{1B}[38;5;196;48;5;232m▀\u{1B}[0m\n")
    }

    @Test func listsGraphs() {
        let nodes = [GraphNode(["input", "[2]"]), GraphNode(["relu"]), GraphNode(["add", "[2]"])]
        let edges = [GraphEdge(from: 0, to: 1), GraphEdge(from: 0, to: 2), GraphEdge(from: 1, to: 2)]
        #expect(
            Figure.graph("", nodes, edges).text(ascii) == """
                0           input  [2]
                1  <- 0     relu
                2  <- 0, 1  add    [2]

                """)
    }

    @Test func staysWithinTheWidth() {
        let long = String(repeating: "很长的文字", count: 30)
        for figure in FigureTests.figures.map(\.figure) + [
            .curves(long, [Curve(long, [1, 2]), Curve(long, [3])], x: Axis(long), y: Axis(long)),
            .bars(long, [long], [BarSeries(long, [1])]),
            .heatMap(long, [[1, 2]], rows: [long], columns: [long, long], showsValues: true),
            .graph(long, [GraphNode([long])], []),
            .images(long, Tensor.zeros([40, 3, 50, 50]), captions: Array(repeating: long, count: 40)),
            .heatMap("", Tensor.zeros([3, 500])),
        ] {
            for style in [narrow, ascii, TextStyle()] {
                for line in figure.text(style).split(separator: "\n") {
                    #expect(DisplayText.width(line) <= style.width, "\(figure.title.prefix(20)): \(line)")
                }
            }
        }
    }
}
