import Foundation
import Yuyan

/// Momentum and RMSProp in one, with both averages freed of the zeros that they begin with.
let adam: Lab = Lab(
    "adam", "Adam", "Adam 算法",
    book: "11.10", note: .beyond, part: "11.10",
    claims: [
        Claim("x1", "η = 0.4: x₁ after 20 steps", "η = 0.4：20 步后的 x₁", .exactly(0.996028654)),
        Claim("x2", "η = 0.4: x₂ after 20 steps", "η = 0.4：20 步后的 x₂", .exactly(-0.212750295)),
        Claim("same", "the library's Adam: largest difference", "与库中 Adam 的最大差", .below(1e-9)),
        Claim("first", "gradients of 0.01, 1,000: |first step / η − 1|", "梯度为 0.01、1000：|第一步 / η − 1|", .below(1e-3)),
        Claim("biased", "not corrected: 0.1 / √0.001", "不做修正：0.1 / √0.001", .near(3.16227766, margin: 1e-3)),
        Claim("training", "loss after two epochs beside that of least squares", "两轮后的损失与最小二乘的损失之比", .within(1...1.1)),
    ],
    figures: ["path", "bias", "loss"]
) { lab in
    // m ← β₁m + (1 − β₁)g and s ← β₂s + (1 − β₂)g², divided by 1 − βᵗ in step t, and x ← x − η m̂ / (√ŝ + ε).
    let (beta1, beta2, epsilon) = (0.9, 0.999, 1e-6)
    func step(_ x: inout Tensor, _ m: inout Tensor, _ s: inout Tensor, _ g: Tensor, t: Double, learningRate: Double) {
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g.squared()
        let (mean, square) = (m / (1 - pow(beta1, t)), s / (1 - pow(beta2, t)))
        x -= learningRate * mean / (square.squareRoot() + epsilon)
    }

    // f = 0.1x₁² + 2x₂² is a valley, flat along x₁ and steep along x₂, with the gradient (0.2x₁, 4x₂).
    let (start, slopes) = (Tensor([-5, -2], dtype: .float64), Tensor([0.2, 4], dtype: .float64))
    var (x, m, s) = (start, Tensor.zeros(like: start), Tensor.zeros(like: start))
    var points = [[-5.0, -2]]
    for t in 1...60 {
        step(&x, &m, &s, slopes * x, t: Double(t), learningRate: 0.4)
        points.append(x.array(of: Double.self))
    }
    lab.say(
        "Adam goes by a mean m of the gradients, as momentum does, and divides by the root of a mean s of their squares, as RMSProp does: x ← x − ηm/(√s + ε). In the valley f = 0.1x₁² + 2x₂² with η = 0.4 both directions start with steps of η, and m carries them beyond 0 and back: after 20 steps x is (\(points[20][0], decimals: 3), \(points[20][1], decimals: 3)), after 60 (\(points[60][0], decimals: 3), \(points[60][1], decimals: 3)).",
        "Adam 像动量法一样按梯度的均值 m 前进，又像 RMSProp 一样除以梯度平方的均值 s 的平方根：x ← x − ηm/(√s + ε)。在山谷 f = 0.1x₁² + 2x₂² 中取 η = 0.4，两个方向开始时每步都约为 η，m 使它们越过 0 再折返：20 步后 x 为 (\(points[20][0], decimals: 3), \(points[20][1], decimals: 3))，60 步后为 (\(points[60][0], decimals: 3), \(points[60][1], decimals: 3))。"
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
        let curves = [curve("η = 0.4", points)]
        return .curves(t("Sixty steps in the valley", "在山谷中走 60 步"), curves + contours, x: Axis("x₁"), y: Axis("x₂"))
    }
    lab.check("x1", points[20][0])
    lab.check("x2", points[20][1])

    // The library does the same. (Its own ε is 1e-8.)
    let parameter = Parameter(start)
    let optimizer = Adam([parameter], learningRate: 0.4, epsilon: epsilon)
    for _ in 1...20 {
        parameter.gradient = slopes * parameter.value
        optimizer.step()
    }
    lab.check("same", (parameter.value - Tensor(points[20], dtype: .float64)).abs().max())

    // With gradients of 1, the mean m ought to be 1 from the first step on.
    let steps = (1...50).map(Double.init)
    let means = steps.reduce(into: [0.0]) { means, _ in means.append(beta1 * means.last! + (1 - beta1)) }.dropFirst()
    let corrected = zip(means, steps).map { $0 / (1 - pow(beta1, $1)) }
    // How far the first step goes for a gradient g, in times of η. In step t = ∞ there is nothing to correct.
    func firstStep(_ g: Double, t: Double = 1) -> Double {
        let zero = Tensor([0], dtype: .float64)
        var (x, m, s) = (zero, zero, zero)
        step(&x, &m, &s, zero + g, t: t, learningRate: 1)
        return -x.item()
    }
    lab.say(
        "Averages that start at 0 are too small at first, s even more so than m. Divided by 1 − βᵗ they are right from the first step on, as the picture shows for m and gradients of 1. Without that, the first step would be \(firstStep(1, t: .infinity), decimals: 2) η instead of η.",
        "平均值从 0 开始，所以起初偏小，s 比 m 更甚。除以 1 − βᵗ 之后，从第一步起就是正确的；图中是梯度恒为 1 时的 m。不做修正，第一步会是 η 的 \(firstStep(1, t: .infinity), decimals: 2) 倍。"
    )
    lab.show("bias") { t in
        .curves(
            t("The mean of gradients of 1", "梯度恒为 1 时的均值"),
            [Curve("m", x: steps, y: Array(means)), Curve("m / (1 − β₁ᵗ)", x: steps, y: corrected)],
            x: Axis(t("step", "步")), y: Axis(t("mean", "均值")))
    }
    lab.check("first", [0.01, 1000].map { abs(firstStep($0) - 1) }.max()!)
    lab.check("biased", firstStep(1, t: .infinity))

    // Made-up data: the labels are a weighted sum of the features, with noise.
    let features = Tensor.normal([1500, 5])
    let labels = features.matmul(Tensor([0.5, -0.4, 0.3, -0.2, 0.1])) + Tensor.normal([1500], standardDeviation: 0.7)
    func loss(_ w: Tensor) -> Double { ((features.matmul(w) - labels).squared() / 2).mean().item() }
    let batches = DataLoader(TensorDataset(features, labels), batchSize: 10, shuffle: true, seed: lab.seed)
    var (w, velocity, size, t) = (Tensor.zeros([5]), Tensor.zeros([5]), Tensor.zeros([5]), 0.0)
    var losses = [loss(w)]
    for _ in 1...2 {
        for (index, (x, y)) in batches.enumerated() {
            let gradient = x.transposed().matmul(x.matmul(w) - y) / 10
            t += 1
            step(&w, &velocity, &size, gradient, t: t, learningRate: 0.01)
            if index % 5 == 4 { losses.append(loss(w)) }
        }
    }
    let least = loss(try leastSquares(features, labels))
    lab.say(
        "Linear regression on 1,500 made-up samples of five features, as many as in the book's airfoil data, which do not come with Yuyan; with η = 0.01: the loss after two epochs is \(losses.last!, decimals: 4); no weights have less than \(least, decimals: 4).",
        "在 1500 个人造样本（5 个特征，与书中的机翼噪声数据一样多，该数据不随 Yuyan 提供）上做线性回归，取 η = 0.01：两轮后损失为 \(losses.last!, decimals: 4)，而任何权重的损失都不会低于 \(least, decimals: 4)。"
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
