import Foundation
import Yuyan

/// Draws the pictures of Documentation/Plots.md: `swift run -c release PlotGallery Documentation/Pictures`.
@main
struct PlotGallery {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let folder = URL(fileURLWithPath: arguments.first ?? "Documentation/Pictures", isDirectory: true)
        let format = arguments.dropFirst().first ?? "svg"
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, figure) in withSeed(0, figures) {
            try figure.write(to: folder.appendingPathComponent("\(name).\(format)"))
            print("\(name)\n\(figure.text())")
        }
    }

    static func figures() -> [(name: String, figure: Figure)] {
        let epochs = (1...30).map(Double.init)
        let train = epochs.map { 2.2 * exp(-$0 / 6) + 0.08 }
        let test = epochs.map { 2.2 * exp(-$0 / 6) + 0.08 + 0.012 * $0 }
        let names = FashionMNIST.classNames
        let confusion = names.indices.map { row in
            names.indices.map { column in
                row == column ? Double(900 - 20 * row) : (row * column) % 4 == 2 ? Double(7 * row + column) : 0
            }
        }
        let noise = Tensor.normal([2000]).array(of: Double.self)
        return [
            (
                "curves",
                .curves(
                    "Loss of a network", [Curve("train", train), Curve("test", test)], x: Axis("epoch"), y: Axis("loss")
                )
            ),
            (
                "curves-logarithmic",
                .curves(
                    "损失函数的下降 (对数坐标)", [Curve("训练损失", train), Curve("测试损失", test)], x: Axis("轮数"),
                    y: Axis("损失", scale: .logarithmic))
            ),
            (
                "confusion",
                .heatMap(
                    "Confusion matrix", confusion, rows: names, columns: names, rowTitle: "true",
                    columnTitle: "predicted", showsValues: true)
            ),
            ("kernel", .heatMap("A kernel of 7 × 7", Tensor.normal([7, 7]))),
            ("attention", .heatMap("注意力权重", [[0.1, 0.2, 0.5, 0.2]], columns: ["我", "喜欢", "深度", "学习"])),
            (
                "scatter",
                .scatter(
                    "Two clouds",
                    [
                        PointGroup("a", x: noise[..<400].map { $0 }, y: noise[400..<800].map { $0 }),
                        PointGroup("b", x: noise[800..<1200].map { $0 + 3 }, y: noise[1200..<1600].map { $0 + 1 }),
                    ], x: Axis("x₁"), y: Axis("x₂"))
            ),
            (
                "bars",
                .bars(
                    "Accuracy by class", names,
                    [
                        BarSeries("train", names.indices.map { 0.95 - 0.02 * Double($0) }),
                        BarSeries("test", names.indices.map { 0.9 - 0.03 * Double($0) }),
                    ], y: Axis("accuracy"))
            ),
            ("bars-signed", .bars("", ["a", "b", "c"], [BarSeries("", [1, -2, 3])])),
            (
                "histogram",
                .histogram(
                    "Weights of a layer", [Sample("before", noise), Sample("after", noise.map { 0.5 * $0 + 1 })],
                    x: Axis("weight"))
            ),
            (
                "histogram-single",
                .histogram("权重分布", [Sample("", noise)], x: Axis("权重"), y: Axis("个数", scale: .logarithmic))
            ),
            (
                "graph",
                .graph(
                    "一个图 \\ \"a_b\" &amp; <x>",
                    [
                        GraphNode(["input", "[N, 1, 28, 28]"], role: .input), GraphNode(["卷积 \\N", "[N, 6, 28, 28]"]),
                        GraphNode(["w &lt;", "[6, 1, 5, 5]"], role: .parameter), GraphNode(["loss"], role: .output),
                    ], [GraphEdge(from: 0, to: 1), GraphEdge(from: 2, to: 1), GraphEdge(from: 1, to: 3, label: "边")])
            ),
            (
                "escapes",
                .curves(
                    "a_b & \"c\" <d> @x \\n {y} 'q' 100% `ls` $d",
                    [Curve("%d_1 '\"", [1, 2, .nan, 3]), Curve("@b^2\\", [2, 1, .infinity, 2])], x: Axis("x_%g"),
                    y: Axis("{/Bold y}"))
            ),
            ("escapes-bars", .bars("", ["100%", "a_b", "it's", "\\t \"q\""], [BarSeries("", [1, 2, 3, 4])])),
            ("nothing", .curves("Nothing", [Curve("a", [])])),
            ("constant", .curves("Constant", [Curve("a", [0.3, 0.3])])),
            ("one-point", .curves("One", [Curve("a", [0.3]), Curve("b", [0])], y: Axis("loss", scale: .logarithmic))),
            (
                "images",
                .images(
                    "Random images", Tensor.uniform([8, 3, 12, 12]), captions: (0..<8).map { "image \($0)\n第 \($0) 张" })
            ),
        ]
    }
}
