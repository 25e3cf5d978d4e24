import Foundation
import Yuyan

/// Adam whose memory of large gradients fades slowly, so that a quiet time does not make the next steps too long.
let yogi: Lab = Lab(
    "yogi", "Yogi", "Yogi 算法",
    book: "11.10", note: .beyond, part: "11.10",
    claims: [
        Claim("x1", "η = 0.4: x₁ after 20 steps", "η = 0.4：20 步后的 x₁", .exactly(0.982843552)),
        Claim("x2", "η = 0.4: x₂ after 20 steps", "η = 0.4：20 步后的 x₂", .exactly(-0.20740384)),
        Claim("same", "the library's Yogi: largest difference", "与库中 Yogi 的最大差", .below(1e-9)),
        // 100 · 0.001 − 1000 · 0.001 · 0.01; (1 − 0.999¹⁰⁰) 0.999¹⁰⁰⁰ + 0.01 (1 − 0.999¹⁰⁰⁰).
        Claim("yogi", "gradients of 1, then of 0.1: Yogi's s", "梯度先为 1、后为 0.1：Yogi 的 s", .exactly(0.09)),
        Claim("adam", "the same: Adam's s", "同上：Adam 的 s", .exactly(0.0413305)),
        Claim("training", "loss after two epochs beside that of least squares", "两轮后的损失与最小二乘的损失之比", .within(1...1.1)),
    ],
    figures: ["path", "memory", "loss"]
) { lab in
    // m ← β₁m + (1 − β₁)g as Adam, but s ← s + (1 − β₂) sign(g² − s) g²: s moves by g², not by its distance from g².
    let (beta1, beta2, epsilon) = (0.9, 0.999, 1e-3)
    func step(_ x: inout Tensor, _ m: inout Tensor, _ s: inout Tensor, _ g: Tensor, t: Double, learningRate: Double) {
        m = beta1 * m + (1 - beta1) * g
        s += (1 - beta2) * (g.squared() - s).sign() * g.squared()
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
        "Yogi steps as Adam, x ← x − ηm/(√s + ε), but has another s: s ← s + (1 − β₂) sign(g² − s) g². In the valley f = 0.1x₁² + 2x₂² with η = 0.4 that makes little difference: after 20 steps x is (\(points[20][0], decimals: 3), \(points[20][1], decimals: 3)), after 60 (\(points[60][0], decimals: 3), \(points[60][1], decimals: 3)).",
        "Yogi 的更新与 Adam 相同，x ← x − ηm/(√s + ε)，只是 s 不同：s ← s + (1 − β₂) sign(g² − s) g²。在山谷 f = 0.1x₁² + 2x₂² 中取 η = 0.4，两者差别不大：20 步后 x 为 (\(points[20][0], decimals: 3), \(points[20][1], decimals: 3))，60 步后为 (\(points[60][0], decimals: 3), \(points[60][1], decimals: 3))。"
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

    // The library does the same.
    let parameter = Parameter(start)
    let optimizer = Yogi([parameter], learningRate: 0.4, epsilon: epsilon)
    for _ in 1...20 {
        parameter.gradient = slopes * parameter.value
        optimizer.step()
    }
    lab.check("same", (parameter.value - Tensor(points[20], dtype: .float64)).abs().max())

    // A burst of large gradients, then small ones: what do the two remember of the burst?
    let squares = Array(repeating: 1.0, count: 100) + Array(repeating: 0.01, count: 1000)
    let yogis = squares.reduce(into: [0.0]) { s, square in
        let sign = square > s.last! ? 1.0 : -1
        s.append(s.last! + (1 - beta2) * sign * square)
    }
    let adams = squares.reduce(into: [0.0]) { s, square in s.append(beta2 * s.last! + (1 - beta2) * square) }
    lab.say(
        "The difference shows after 100 gradients of 1, when 1,000 of 0.1 follow. Adam forgets the burst: s falls, so its steps η/√s grow. Yogi takes off no more than (1 − β₂)g² in a step.",
        "先有 100 个为 1 的梯度，再有 1000 个为 0.1 的梯度，就能看出差别。Adam 很快忘记前者：s 变小，步长 η/√s 变大。Yogi 每步至多减去 (1 − β₂)g²。")
    lab.show("memory") { t in
        let steps = Array(stride(from: 0, through: 1100, by: 10))
        let curves = [("Yogi", yogis), ("Adam", adams)].map { name, s in
            Curve(name, x: steps.map(Double.init), y: steps.map { s[$0] })
        }
        return .curves(
            t("What is left of large gradients", "对大梯度的记忆"), curves, x: Axis(t("step", "步")), y: Axis("s"))
    }
    lab.check("yogi", yogis[1100])
    lab.check("adam", adams[1100])

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
