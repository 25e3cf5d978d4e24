import Foundation
import Testing
import YuyanCore
import YuyanPlot

/// The pictures and the files beside them.
@Suite struct FigureTests {
    static let figures: [(name: String, figure: Figure)] = [
        ("curves", .curves("损失", [Curve("训练", [3, 2, 1]), Curve("测试", [3, 2.5, .nan])], x: Axis("轮数"))),
        ("logarithmic", .curves("", [Curve("损失", [1, 0.1, 0])], y: Axis("损失", scale: .logarithmic))),
        ("scatter", .scatter("两组点", [PointGroup("一", x: [1, 2], y: [3, 4]), PointGroup("二", x: [5], y: [6])])),
        ("bars", .bars("准确率", ["衬衫", "鞋"], [BarSeries("", [0.5, -0.25])])),
        ("bar table", .barTable("网络", ["甲", "乙"], [BarSeries("参数", [1, 2000]), BarSeries("时间", [-0.5, .nan])])),
        ("histogram", .histogram("权重", [ValueGroup("", [1, 2, 2, 3, .infinity])], binCount: 4)),
        (
            "heat map",
            .heatMap("混淆矩阵", [[9, 1], [2, 8]], rows: ["衬衫", "鞋"], columns: ["衬衫", "鞋"], showsValues: true)
        ),
        ("one cell", .heatMap("一格", [[1]])),
        ("images", .images("图像", Tensor.uniform([3, 1, 4, 5]), captions: ["衬衫\n第一", "鞋", ""])),
        ("one pixel", .images("一个像素", Tensor.ones([1, 3, 1, 1]))),
        ("graph", .graph("图", [GraphNode(["输入"]), GraphNode(["卷积"])], [GraphEdge(from: 0, to: 1, label: "边")])),
        ("no curve", .curves("空", [])),
        ("no values", .curves("空", [Curve("a", [.nan, .infinity])])),
        ("no bars", .bars("空", [], [])),
        ("no bar table", .barTable("空", [], [BarSeries("参数", [])])),
        ("no numbers", .histogram("空", [ValueGroup("", [.nan])])),
        ("no cells", .heatMap("空", [[Double]]())),
        ("no images", .images("空", [])),
        ("no nodes", .graph("空", [], [])),
        ("one value", .curves("一个值", [Curve("", [0.3])])),
        ("equal values", .curves("相等", [Curve("", [0.3, 0.3])], y: Axis(scale: .logarithmic))),
        ("huge values", .curves("巨大", [Curve("", [-1e308, 1e308])])),
    ]

    @Test(arguments: figures.map(\.name))
    func drawsAPictureInBothFormats(name: String) throws {
        let figure = try #require(FigureTests.figures.first { $0.name == name }).figure
        let svg = try figure.svg()
        #expect(svg.hasPrefix("<svg"), "no declaration: the element can stand in a page of HTML")
        let document = try #require(Document(svg))
        if !figure.title.isEmpty { #expect(document.texts.contains(figure.title)) }
        // Nothing is loaded from elsewhere.
        for (element, attributes) in document.elements {
            for (key, value) in attributes where key.hasSuffix("href") {
                #expect(value.hasPrefix("#") || value.hasPrefix("data:"), "\(element) \(key)=\(value.prefix(40))")
            }
        }
        let size = try #require(pngSize(try figure.png()))
        if !name.hasSuffix("graph"), name != "no nodes" {
            #expect(size == [2 * figure.size.width, 2 * figure.size.height])
        }
    }

    @Test(arguments: ["svg", "PNG"])
    func writesTheNumbersBesideThePicture(format: String) throws {
        let folder = try TemporaryFolder()
        let figure = Figure.curves("", [Curve("a", [1, 2])], x: Axis("epoch"))
        let written = try figure.write(to: folder.file("loss.\(format)"))
        #expect(written.map(\.lastPathComponent) == ["loss.\(format)", "loss.csv"])
        #expect(try folder.fileNames == ["loss.\(format)", "loss.csv"].sorted())
        #expect(try folder.text("loss.csv") == "epoch,a\n1.0,1.0\n2.0,2.0\n")
    }

    @Test func refusesOtherFormatsAndWritesNothing() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("loss.pdf")
        #expect(throws: PlotError.unknownFormat(path: file.path)) {
            try Figure.curves("", [Curve("a", [1])]).write(to: file)
        }
        #expect(try folder.fileNames == [])
    }

    @Test func namesTheFileThatCannotBeWritten() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: PlotError.self) {
            try Figure.curves("", [Curve("a", [1])]).write(to: folder.file("missing/loss.png"))
        }
        let path = folder.file("missing/loss.csv").path
        #expect(error?.description == "\(path): cannot be written: No such file or directory")
    }

    // MARK: Without the programs

    @Test func keepsTheNumbersWithoutTheProgram() throws {
        let folder = try TemporaryFolder()
        let programs = Programs(path: "")
        let curves = Figure.curves("", [Curve("a", [1])])
        let error = #expect(throws: PlotError.missingProgram("gnuplot", package: "gnuplot-nox")) {
            try curves.write(to: folder.file("loss.png"), programs)
        }
        #expect(
            error?.description == "drawing needs the program `gnuplot`, which is not in PATH: apt install gnuplot-nox")
        #expect(try folder.text("loss.csv") == "x,a\n1.0,1.0\n")
        #expect(throws: PlotError.missingProgram("gnuplot", package: "gnuplot-nox")) { try curves.svg(programs) }

        let graph = Figure.graph("", [GraphNode(["a"])], [])
        for name in ["graph.svg", "graph.png"] {
            #expect(throws: PlotError.missingProgram("dot", package: "graphviz")) {
                try graph.write(to: folder.file(name), programs)
            }
        }
        #expect(try folder.fileNames == ["graph.csv", "loss.csv"])
    }

    @Test func saysWhatFontToInstall() throws {
        let folder = try TemporaryFolder()
        try folder.addProgram("gnuplot", "echo drawn")
        try folder.addProgram("fc-list", "exit 0")
        let programs = Programs(path: folder.url.path)
        let error = #expect(throws: PlotError.missingFont(package: "fonts-wqy-microhei")) {
            try Figure.curves("", [Curve("a", [1])], x: Axis("轮数")).png(programs)
        }
        #expect(error?.description.hasSuffix("apt install fonts-wqy-microhei") == true)
        // No Chinese text needs no such font, and in an SVG the reader's fonts count.
        #expect(try Figure.curves("", [Curve("a", [1])]).png(programs) == Data("drawn\n".utf8))
        #expect(try Figure.curves("损失", [Curve("a", [1])]).svg(programs) == "drawn\n")
    }

    @Test func picksAChineseFontWithoutSerifs() {
        let list = """
            AR PL UMing CN,文鼎ＰＬ简中明
            WenQuanYi Micro Hei Mono,文泉驛等寬微米黑
            WenQuanYi Micro Hei,文泉驛微米黑
            Noto Serif CJK SC
            Noto Sans CJK JP
            """
        #expect(Renderer.chineseFont(among: list) == "WenQuanYi Micro Hei")
        #expect(Renderer.chineseFont(among: list + "\nNoto Sans CJK SC,Noto Sans CJK SC Medium") == "Noto Sans CJK SC")
        #expect(Renderer.chineseFont(among: "AR PL UMing CN") == "AR PL UMing CN")
        #expect(Renderer.chineseFont(among: "\n") == nil)
    }

    @Test func passesOnWhatTheProgramSays() throws {
        let folder = try TemporaryFolder()
        try folder.addProgram("gnuplot", "echo half; echo 'line 3: no such thing' >&2; echo >&2; exit 1")
        let programs = Programs(path: "/nowhere:\(folder.url.path)")
        let error = #expect(throws: PlotError.self) {
            try Figure.curves("", [Curve("a", [1])]).write(to: folder.file("loss.svg"), programs)
        }
        #expect(error?.description == "gnuplot could not draw the picture: line 3: no such thing")
        #expect(try folder.fileNames == ["gnuplot", "loss.csv"])

        try folder.addProgram("gnuplot", "exit 3")
        #expect(throws: PlotError.programFailed("gnuplot", message: "it ended with status 3")) {
            try Figure.curves("", [Curve("a", [1])]).svg(programs)
        }
    }

    @Test func stopsAProgramThatTakesTooLong() throws {
        let folder = try TemporaryFolder()
        try folder.addProgram("dot", "exec /bin/sleep 60")
        let programs = Programs(path: folder.url.path, timeLimit: 1)
        let reason = "it was stopped after 1 s; the figure is too large"
        let start = Date()
        #expect(throws: PlotError.programFailed("dot", message: reason)) {
            try Figure.graph("", [GraphNode(["a"])], []).svg(programs)
        }
        #expect(Date().timeIntervalSince(start) < 30)
    }
}
