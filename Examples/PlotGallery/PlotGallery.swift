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
            ("curves", .curves("Loss of a network", [Curve("train", train), Curve("test", test)], x: Axis("epoch"), y: Axis("loss"))),
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
            ("images", .images("Random images", Tensor.uniform([8, 3, 12, 12]), captions: (0..<8).map { "image \($0)\n第 \($0) 张" })),
        ]
    }
}
