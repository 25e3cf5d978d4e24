import Foundation
import Yuyan

/// No learning rate: steps are as large as the latest steps were, in the units of the parameter itself.
let adadelta: Lab = Lab(
    "adadelta", "Adadelta", "Adadelta 算法",
    book: "11.9", note: .beyond, part: "11.9",
    claims: [
        Claim("x1", "ρ = 0.9: x₁ after 20 steps", "ρ = 0.9：20 步后的 x₁", .exactly(-4.782488318)),
        Claim("x2", "ρ = 0.9: x₂ after 20 steps", "ρ = 0.9：20 步后的 x₂", .exactly(-1.787588865)),
        Claim("far1", "x₁ after 500 steps", "500 步后的 x₁", .exactly(-0.055144238)),
        Claim("far2", "x₂ after 500 steps", "500 步后的 x₂", .exactly(0.015879328)),
        Claim("same", "the library's Adadelta: largest difference", "与库中 Adadelta 的最大差", .below(1e-9)),
        Claim("first1", "first step along x₁, √(ε / (1 − ρ))", "x₁ 方向的第一步 √(ε / (1 − ρ))", .near(0.01, margin: 1e-5)),
        Claim("first2", "along x₂, eight times as steep: the same", "x₂ 方向坡度是 8 倍，第一步却一样", .near(0.01, margin: 1e-5)),
        Claim("training", "loss after two epochs beside that of least squares", "两轮后的损失与最小二乘的损失之比", .within(1...1.1)),
    ],
    figures: ["path", "rates", "loss"]
) { lab in
    // s ← ρs + (1 − ρ)g², g′ = g √(Δ + ε) / √(s + ε), x ← x − g′, Δ ← ρΔ + (1 − ρ)g′², for each element by itself.
    let (rho, epsilon) = (0.9, 1e-5)
    func step(_ x: inout Tensor, _ s: inout Tensor, _ delta: inout Tensor, _ g: Tensor) {
        s = rho * s + (1 - rho) * g.squared()
        let change = g * (delta + epsilon).squareRoot() / (s + epsilon).squareRoot()
        x -= change
        delta = rho * delta + (1 - rho) * change.squared()
    }

    // f = 0.1x₁² + 2x₂² is a valley, flat along x₁ and steep along x₂, with the gradient (0.2x₁, 4x₂).
    let (start, slopes) = (Tensor([-5, -2], dtype: .float64), Tensor([0.2, 4], dtype: .float64))
    var (x, s, delta) = (start, Tensor.zeros(like: start), Tensor.zeros(like: start))
    var (points, rates) = ([[-5.0, -2]], [[Double]]())
    for _ in 1...500 {
        step(&x, &s, &delta, slopes * x)
        points.append(x.array(of: Double.self))
        rates.append(((delta + epsilon) / (s + epsilon)).squareRoot().array(of: Double.self))
    }
    lab.say(
        "Adadelta keeps two means of squares: s of the gradients g, and Δ of its own steps. A step is g√(Δ + ε)/√(s + ε). As Δ starts at 0, the first steps are of length √(ε/(1 − ρ)) = \(sqrt(epsilon / (1 - rho)), decimals: 2), whatever the slope is, and each lets the next be a little longer. In the valley f = 0.1x₁² + 2x₂², x is (\(points[20][0], decimals: 3), \(points[20][1], decimals: 3)) after 20 steps and (\(points[500][0], decimals: 3), \(points[500][1], decimals: 3)) after 500.",
        "Adadelta 维护两个平均值：梯度平方的 s 和改变量平方的 Δ，每一步改变 g√(Δ + ε)/√(s + ε)。Δ 从 0 开始，所以无论坡度如何，第一步的长度都是 √(ε/(1 − ρ)) = \(sqrt(epsilon / (1 - rho)), decimals: 2)，之后每一步都可以稍长一些。在山谷 f = 0.1x₁² + 2x₂² 中，20 步后 x 为 (\(points[20][0], decimals: 3), \(points[20][1], decimals: 3))，500 步后为 (\(points[500][0], decimals: 3), \(points[500][1], decimals: 3))。"
    )
    lab.show("path") { t in
        func curve(_ name: String, _ points: [[Double]]) -> Curve {
            Curve(name, x: points.map { $0[0] }, y: points.map { $0[1] })
        }
        // Contour lines of f are ellipses.
        let angles = stride(from: 0, through: 2 * Double.pi, by: Double.pi / 30)
        let contours = [2.0, 8].map { level in
            curve("f = \(Int(level))", angles.map { [sqrt(10 * level) * cos($0), sqrt(level / 2) * sin($0)] })
        }
        let curves = [curve("ρ = 0.9", stride(from: 0, through: 500, by: 20).map { points[$0] })]
        return .curves(t("500 steps in the valley", "在山谷中走 500 步"), curves + contours, x: Axis("x₁"), y: Axis("x₂"))
    }
    lab.show("rates") { t in
        let steps = Array(stride(from: 1, through: 500, by: 5))
        let curves = ["x₁", "x₂"].enumerated().map { axis, name in
            Curve(name, x: steps.map(Double.init), y: steps.map { rates[$0 - 1][axis] })
        }
        return .curves(
            t("What stands in place of η", "代替学习率的数"), curves, x: Axis(t("step", "步")),
            y: Axis("√(Δ + ε) / √(s + ε)", scale: .logarithmic))
    }
    lab.check("x1", points[20][0])
    lab.check("x2", points[20][1])
    lab.check("far1", points[500][0])
    lab.check("far2", points[500][1])
    lab.check("first1", points[1][0] + 5)
    lab.check("first2", points[1][1] + 2)

    // The library does the same.
    let parameter = Parameter(start)
    let optimizer = Adadelta([parameter], rho: rho, epsilon: epsilon)
    for _ in 1...20 {
        parameter.gradient = slopes * parameter.value
        optimizer.step()
    }
    lab.check("same", (parameter.value - Tensor(points[20], dtype: .float64)).abs().max())

    // Made-up data: the labels are a weighted sum of the features, with noise.
    let features = Tensor.normal([1500, 5])
    let labels = features.matmul(Tensor([0.5, -0.4, 0.3, -0.2, 0.1])) + Tensor.normal([1500], standardDeviation: 0.7)
    func loss(_ w: Tensor) -> Double { ((features.matmul(w) - labels).squared() / 2).mean().item() }
    let batches = DataLoader(TensorDataset(features, labels), batchSize: 10, shuffle: true, seed: lab.seed)
    var (w, squares, changes) = (Tensor.zeros([5]), Tensor.zeros([5]), Tensor.zeros([5]))
    var losses = [loss(w)]
    for _ in 1...2 {
        for (index, (x, y)) in batches.enumerated() {
            let gradient = x.transposed().matmul(x.matmul(w) - y) / 10
            step(&w, &squares, &changes, gradient)
            if index % 5 == 4 { losses.append(loss(w)) }
        }
    }
    let least = loss(try leastSquares(features, labels))
    lab.say(
        "Linear regression on 1,500 made-up samples of five features, as many as in the book's airfoil data, which do not come with Yuyan; with ρ = 0.9: the loss after two epochs is \(losses.last!, decimals: 4); no weights have less than \(least, decimals: 4).",
        "在 1500 个人造样本（5 个特征，与书中的机翼噪声数据一样多，该数据不随 Yuyan 提供）上做线性回归，取 ρ = 0.9：两轮后损失为 \(losses.last!, decimals: 4)，而任何权重的损失都不会低于 \(least, decimals: 4)。"
    )
    lab.show("loss") { t in
        let epochs = losses.indices.map { Double($0) / 30 }
        let floor = Curve(t("least squares", "最小二乘"), x: [0, 2], y: [least, least])
        return .curves(
            t("Loss over all samples", "所有样本上的损失"), [Curve(t("training", "训练"), x: epochs, y: losses), floor],
            x: Axis(t("epoch", "轮次")), y: Axis(t("loss", "损失")))
    }
    lab.check("training", losses.last! / least)
}
