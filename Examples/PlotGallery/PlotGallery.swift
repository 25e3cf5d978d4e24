import Foundation
import Yuyan

/// Draws the pictures of Documentation/Plots.md: `swift run -c release PlotGallery [FOLDER]`.
@main
struct PlotGallery {
    static func main() throws {
        let folder = URL(
            fileURLWithPath: CommandLine.arguments.dropFirst().first ?? "Documentation/Pictures", isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, figure) in withSeed(0, figures) {
            let files = try figure.write(to: folder.appendingPathComponent("\(name).svg"))
            print(figure.text())
            print(files.map(\.path).joined(separator: "\n") + "\n")
        }
    }

    static func figures() -> [(name: String, figure: Figure)] {
        [
            ("curves", curves), ("curves-logarithmic", logarithmic), ("scatter", scatter), ("bars", bars),
            ("bar-table", barTable), ("histogram", histogram), ("confusion", confusion), ("attention", attention),
            ("layers", layers), ("computation", computation),
        ]
    }

    // Made-up numbers with the shapes of real ones.
    private static let training: [Double] = (1...30).map { (epoch: Int) -> Double in
        2.2 * exp(-Double(epoch) / 6) + 0.08
    }
    private static let validation: [Double] = training.enumerated().map { $1 + 0.012 * Double($0) }

    static var curves: Figure {
        .curves(
            "Loss of a network that overfits", [Curve("train", training), Curve("test", validation)],
            x: Axis("epoch"), y: Axis("loss"))
    }

    static var logarithmic: Figure {
        .curves(
            "损失的下降", [Curve("训练集", training), Curve("测试集", validation)], x: Axis("轮数"),
            y: Axis("损失（对数坐标）", scale: .logarithmic))
    }

    static var scatter: Figure {
        func cloud(_ name: String, _ x: Double, _ y: Double) -> PointGroup {
            let points = Tensor.normal([2, 200])
            return PointGroup(
                name, x: (points[0] + x).array(of: Double.self), y: (points[1] + y).array(of: Double.self))
        }
        return .scatter(
            "Two classes", [cloud("first", 0, 0), cloud("second", 3, 1)], x: Axis("x₁"), y: Axis("x₂"))
    }

    static var bars: Figure {
        .bars(
            "Accuracy by class", FashionMNIST.classNames,
            [BarSeries("test", [0.82, 0.96, 0.78, 0.87, 0.80, 0.95, 0.61, 0.94, 0.96, 0.95])], y: Axis("accuracy"))
    }

    static var barTable: Figure {
        .barTable(
            "Three networks", ["LeNet", "AlexNet", "ResNet-18"],
            [
                BarSeries("parameters, millions", [0.0617, 29.98, 11.18]), BarSeries("accuracy", [0.81, 0.88, 0.91]),
                BarSeries("seconds an epoch", [2, 95, 160]),
            ])
    }

    static var histogram: Figure {
        .histogram(
            "Weights of a layer",
            [
                ValueGroup("first", Tensor.normal([2000])),
                ValueGroup("trained", Tensor.normal([2000], mean: 1, standardDeviation: 0.5)),
            ], x: Axis("weight"))
    }

    static var confusion: Figure {
        let names = FashionMNIST.classNames
        // Of the 1000 samples of each class, these went to others.
        let mistakes: [[Int: Double]] = [
            [2: 12, 3: 22, 4: 5, 6: 118, 8: 6], [2: 4, 3: 16, 4: 6], [0: 16, 3: 9, 4: 84, 6: 96, 8: 5],
            [0: 24, 1: 11, 2: 10, 4: 33, 6: 25, 8: 4], [2: 78, 3: 27, 6: 87, 8: 3], [7: 25, 8: 3, 9: 13],
            [0: 121, 2: 72, 3: 28, 4: 66, 8: 9], [5: 17, 9: 32], [0: 4, 2: 5, 3: 4, 5: 4, 6: 9, 7: 5],
            [5: 9, 7: 36],
        ]
        let counts = names.indices.map { row in
            names.indices.map { column in
                row == column ? 1000 - mistakes[row].values.reduce(0, +) : mistakes[row][column] ?? 0
            }
        }
        return .heatMap(
            "Confusion matrix", counts, rows: names, columns: names, rowTitle: "true", columnTitle: "predicted",
            showsValues: true)
    }

    static var attention: Figure {
        .heatMap(
            "注意力权重", (Tensor.normal([4, 5]) * 1.5).softmax(axis: 1), rows: ["they", "are", "watching", "."],
            columns: ["ils", "regardent", "le", "ciel", "."], rowTitle: "查询", columnTitle: "键")
    }

    static var layers: Figure { ModelSummary(makeLeNet(), inputShape: [1, 1, 28, 28]).figure("LeNet") }

    static var computation: Figure {
        let network = makeMLP()
        let loss = crossEntropy(network(Tensor.zeros([8, 1, 28, 28])), Tensor.zeros([8], dtype: .int64))
        return .computation("The loss of a perceptron", of: loss, names: network.namedParameters())
    }
}
