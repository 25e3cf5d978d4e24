import Foundation
import Yuyan

/// AdaGrad that forgets: the size of the latest gradients instead of the sum of all.
let rmsprop: Lab = Lab(
    "rmsprop", "RMSProp", "RMSProp 算法",
    book: "11.8", note: .beyond, part: "11.8",
    claims: [
        Claim("x1", "η = 0.4, γ = 0.9: x₁ after 20 steps", "η = 0.4，γ = 0.9：20 步后的 x₁", .exactly(-0.01059867)),
        Claim("x2", "η = 0.4, γ = 0.9: x₂ after 20 steps", "η = 0.4，γ = 0.9：20 步后的 x₂", .exactly(0)),
        Claim("same", "the library's RMSprop: largest difference", "与库中 RMSprop 的最大差", .below(1e-9)),
        Claim("steady", "step after 1,000 equal gradients, in times of η", "1000 个相同的梯度之后，步长与 η 之比", .exactly(1)),
        Claim(
            "adagrad", "the same, in times of AdaGrad's step, √1000", "此时步长是 AdaGrad 的多少倍，即 √1000",
            .near(31.6227766, margin: 1e-3)),
        Claim("training", "loss after two epochs beside that of least squares", "两轮后的损失与最小二乘的损失之比", .within(1...1.1)),
    ],
    figures: ["path", "weights", "loss"]
) { lab in
    // s ← γs + (1 − γ)g² and x ← x − η g / √(s + ε), for each element by itself.
    let gamma = 0.9
    func step(_ x: inout Tensor, _ s: inout Tensor, _ g: Tensor, learningRate: Double, epsilon: Double = 1e-6) {
        s = gamma * s + (1 - gamma) * g.squared()
        x -= learningRate * g / (s + epsilon).squareRoot()
    }

    // f = 0.1x₁² + 2x₂² is a valley, flat along x₁ and steep along x₂, with the gradient (0.2x₁, 4x₂).
    let (start, slopes) = (Tensor([-5, -2], dtype: .float64), Tensor([0.2, 4], dtype: .float64))
    func path(epsilon: Double = 1e-6) -> [[Double]] {
        var (x, s) = (start, Tensor.zeros(like: start))
        return [[-5, -2]]
            + (1...20).map { _ in
                step(&x, &s, slopes * x, learningRate: 0.4, epsilon: epsilon)
                return x.array(of: Double.self)
            }
    }
    let points = path()
    lab.say(
        "RMSProp takes a mean of the latest squares, s ← γs + (1 − γ)g², and divides by its root, x ← x − ηg/√(s + ε). In the valley f = 0.1x₁² + 2x₂² with η = 0.4, where AdaGrad gets stuck on its way, x is (\(points[20][0], decimals: 6), \(points[20][1], decimals: 6)) after 20 steps: s becomes small with the gradients, so the steps do not die away.",
        "RMSProp 对最近的梯度平方取平均，s ← γs + (1 − γ)g²，再除以它的平方根，x ← x − ηg/√(s + ε)。在山谷 f = 0.1x₁² + 2x₂² 中取 η = 0.4，AdaGrad 会停在半路，而这里 20 步后 x 为 (\(points[20][0], decimals: 6), \(points[20][1], decimals: 6))：s 随梯度一起变小，步子不会越走越小。"
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
        let curves = [curve("η = 0.4, γ = 0.9", points)]
        return .curves(t("Twenty steps in the valley", "在山谷中走 20 步"), curves + contours, x: Axis("x₁"), y: Axis("x₂"))
    }
    lab.check("x1", points[20][0])
    lab.check("x2", points[20][1])

    // The library adds its ε after taking the root: 1e-10 there is about 1e-20 under the root.
    let parameter = Parameter(start)
    let optimizer = RMSprop([parameter], learningRate: 0.4, alpha: gamma, epsilon: 1e-10)
    for _ in 1...20 {
        parameter.gradient = slopes * parameter.value
        optimizer.step()
    }
    lab.check("same", (parameter.value - Tensor(path(epsilon: 1e-20)[20], dtype: .float64)).abs().max())

    // s = (1 − γ)(g_t² + γg_{t−1}² + γ²g_{t−2}² + …).
    lab.say(
        "In the mean s, a square of τ steps ago counts (1 − γ)γ^τ; all weights together are 1. The larger γ, the longer the memory.",
        "在平均值 s 中，τ 步之前的平方权重为 (1 − γ)γ^τ，权重之和为 1。γ 越大，记忆越长。")
    lab.show("weights") { t in
        let ages = (0..<40).map(Double.init)
        let curves = [0.95, 0.9, 0.8, 0.7].map { gamma in
            Curve("γ = \(gamma)", x: ages, y: ages.map { (1 - gamma) * pow(gamma, $0) })
        }
        return .curves(
            t("What past squares count", "过去的平方的权重"), curves, x: Axis(t("steps ago, τ", "多少步之前，τ")),
            y: Axis(t("weight", "权重")))
    }
    // So equal gradients make steps of η, while AdaGrad's sum makes them shorter and shorter.
    var (x, s, sum) = (Tensor([0.0]), Tensor([0.0]), Tensor([0.0]))
    for _ in 1...1000 {
        step(&x, &s, Tensor([3.0]), learningRate: 0.4)
        sum += 9
    }
    lab.check("steady", 3 / s.squareRoot())
    lab.check("adagrad", (sum / s).squareRoot())

    // Made-up data: the labels are a weighted sum of the features, with noise.
    let features = Tensor.normal([1500, 5])
    let labels = features.matmul(Tensor([0.5, -0.4, 0.3, -0.2, 0.1])) + Tensor.normal([1500], standardDeviation: 0.7)
    func loss(_ w: Tensor) -> Double { ((features.matmul(w) - labels).squared() / 2).mean().item() }
    let batches = DataLoader(TensorDataset(features, labels), batchSize: 10, shuffle: true, seed: lab.seed)
    var (w, squares) = (Tensor.zeros([5]), Tensor.zeros([5]))
    var losses = [loss(w)]
    for _ in 1...2 {
        for (index, (x, y)) in batches.enumerated() {
            let gradient = x.transposed().matmul(x.matmul(w) - y) / 10
            step(&w, &squares, gradient, learningRate: 0.01)
            if index % 5 == 4 { losses.append(loss(w)) }
        }
    }
    let least = loss(try leastSquares(features, labels))
    lab.say(
        "Linear regression on 1,500 made-up samples of five features, as many as in the book's airfoil data, which do not come with Yuyan; with η = 0.01 and γ = 0.9: the loss after two epochs is \(losses.last!, decimals: 4); no weights have less than \(least, decimals: 4).",
        "在 1500 个人造样本（5 个特征，与书中的机翼噪声数据一样多，该数据不随 Yuyan 提供）上做线性回归，取 η = 0.01、γ = 0.9：两轮后损失为 \(losses.last!, decimals: 4)，而任何权重的损失都不会低于 \(least, decimals: 4)。"
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
