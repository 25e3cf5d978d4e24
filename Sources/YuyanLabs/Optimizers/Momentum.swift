import Foundation
import Yuyan

/// A step goes by the sum of past gradients: what swings from side to side cancels, what points downhill adds up.
let momentum: Lab = Lab(
    "momentum", "Momentum", "动量法",
    book: "11.6", note: .beyond, part: "11.6",
    claims: [
        Claim("away", "η = 0.6, β = 0: x₂ after 20 steps", "η = 0.6，β = 0：20 步后的 x₂", .near(-1673.365, margin: 0.001)),
        Claim("half1", "η = 0.6, β = 0.5: x₁ after 20 steps", "η = 0.6，β = 0.5：20 步后的 x₁", .exactly(0.007187867)),
        Claim("half2", "η = 0.6, β = 0.5: x₂ after 20 steps", "η = 0.6，β = 0.5：20 步后的 x₂", .exactly(0.002553275)),
        Claim("quarter1", "η = 0.6, β = 0.25: x₁ after 20 steps", "η = 0.6，β = 0.25：20 步后的 x₁", .exactly(-0.12633963)),
        Claim("quarter2", "η = 0.6, β = 0.25: x₂ after 20 steps", "η = 0.6，β = 0.25：20 步后的 x₂", .exactly(-0.18663223)),
        Claim("same", "the library's SGD with momentum: largest difference", "与库中带动量的 SGD 的最大差", .below(1e-9)),
        Claim("sum", "β = 0.9, gradients of 1: v in the long run", "β = 0.9，梯度恒为 1：v 最终的值", .exactly(10)),
        Claim("training", "loss after two epochs beside that of least squares", "两轮后的损失与最小二乘的损失之比", .within(1...1.1)),
    ],
    figures: ["path", "weights", "loss"]
) { lab in
    // v ← βv + g and x ← x − ηv, for all elements at once. With β = 0 it is gradient descent.
    func step(_ x: inout Tensor, _ v: inout Tensor, _ g: Tensor, learningRate: Double, beta: Double) {
        v = beta * v + g
        x -= learningRate * v
    }

    // f = 0.1x₁² + 2x₂² is a valley, flat along x₁ and steep along x₂, with the gradient (0.2x₁, 4x₂).
    let (start, slopes) = (Tensor([-5, -2], dtype: .float64), Tensor([0.2, 4], dtype: .float64))
    func path(_ learningRate: Double, _ beta: Double) -> [[Double]] {
        var (x, v) = (start, Tensor.zeros(like: start))
        return [[-5, -2]]
            + (1...20).map { _ in
                step(&x, &v, slopes * x, learningRate: learningRate, beta: beta)
                return x.array(of: Double.self)
            }
    }
    let choices = [(0.4, 0.0), (0.6, 0.0), (0.6, 0.25), (0.6, 0.5)]
    let paths = choices.map { path($0.0, $0.1) }
    lab.say(
        "The momentum method keeps a velocity v ← βv + g and steps by it, x ← x − ηv. In the valley f = 0.1x₁² + 2x₂² the slope changes twenty times as fast along x₂ as along x₁. A learning rate that is good for x₁ throws x₂ out of the valley, unless its swings cancel:",
        "动量法保存一个速度 v ← βv + g，并按它更新 x ← x − ηv。在山谷 f = 0.1x₁² + 2x₂² 中，x₂ 方向的坡度变化是 x₁ 方向的 20 倍。适合 x₁ 的学习率会使 x₂ 冲出山谷，除非来回的摆动互相抵消："
    )
    lab.table(
        ["η", "β", Words("x₁ after 20 steps", "20 步后的 x₁"), Words("x₂ after 20 steps", "20 步后的 x₂")],
        zip(choices, paths).map { choice, path in
            ["\(choice.0)", "\(choice.1)", "\(path[20][0], decimals: 6)", "\(path[20][1], decimals: 6)"]
        })
    lab.show("path") { t in
        func curve(_ name: String, _ points: [[Double]]) -> Curve {
            Curve(name, x: points.map { $0[0] }, y: points.map { $0[1] })
        }
        // Contour lines of f are ellipses.
        let angles = stride(from: 0, through: 2 * Double.pi, by: Double.pi / 30)
        let contours = [2.0, 8].map { level in
            curve("f = \(Int(level))", angles.map { [sqrt(10 * level) * cos($0), sqrt(level / 2) * sin($0)] })
        }
        let curves = [curve("η 0.4, β 0", paths[0]), curve("η 0.6, β 0.5", paths[3])]
        return .curves(t("Twenty steps in the valley", "在山谷中走 20 步"), curves + contours, x: Axis("x₁"), y: Axis("x₂"))
    }
    lab.check("away", paths[1][20][1])
    lab.check("half1", paths[3][20][0])
    lab.check("half2", paths[3][20][1])
    lab.check("quarter1", paths[2][20][0])
    lab.check("quarter2", paths[2][20][1])

    // The library does the same.
    let parameter = Parameter(start)
    let optimizer = SGD([parameter], learningRate: 0.6, momentum: 0.5)
    for _ in 1...20 {
        parameter.gradient = slopes * parameter.value
        optimizer.step()
    }
    lab.check("same", (parameter.value - Tensor(paths[3][20], dtype: .float64)).abs().max())
    // v = g_t + βg_{t−1} + β²g_{t−2} + …
    lab.say(
        "v is a sum of past gradients, in which one of τ steps ago counts β^τ. All weights together are 1/(1 − β), so with β = 0.9 and equal gradients the steps become ten times as long.",
        "v 是过去梯度的加权和，τ 步之前的梯度权重为 β^τ，权重之和为 1/(1 − β)。所以 β = 0.9 且梯度不变时，步长最终变为原来的 10 倍。")
    lab.show("weights") { t in
        let ages = (0..<40).map(Double.init)
        return .curves(
            t("What past gradients count", "过去梯度的权重"),
            [0.95, 0.9, 0.6].map { beta in Curve("β = \(beta)", x: ages, y: ages.map { pow(beta, $0) }) },
            x: Axis(t("steps ago, τ", "多少步之前，τ")), y: Axis(t("weight", "权重")))
    }
    var (x, v) = (Tensor([0.0]), Tensor([0.0]))
    for _ in 1...500 { step(&x, &v, Tensor([1.0]), learningRate: 0.1, beta: 0.9) }
    lab.check("sum", v)

    // Made-up data: the labels are a weighted sum of the features, with noise.
    let features = Tensor.normal([1500, 5])
    let labels = features.matmul(Tensor([0.5, -0.4, 0.3, -0.2, 0.1])) + Tensor.normal([1500], standardDeviation: 0.7)
    func loss(_ w: Tensor) -> Double { ((features.matmul(w) - labels).squared() / 2).mean().item() }
    let batches = DataLoader(TensorDataset(features, labels), batchSize: 10, shuffle: true, seed: lab.seed)
    var (w, velocity) = (Tensor.zeros([5]), Tensor.zeros([5]))
    var losses = [loss(w)]
    for _ in 1...2 {
        for (index, (x, y)) in batches.enumerated() {
            let gradient = x.transposed().matmul(x.matmul(w) - y) / 10
            step(&w, &velocity, gradient, learningRate: 0.02, beta: 0.5)
            if index % 5 == 4 { losses.append(loss(w)) }
        }
    }
    let least = loss(try leastSquares(features, labels))
    lab.say(
        "Linear regression on 1,500 made-up samples of five features, as many as in the book's airfoil data, which do not come with Yuyan; with η = 0.02 and β = 0.5: the loss after two epochs is \(losses.last!, decimals: 4); no weights have less than \(least, decimals: 4).",
        "在 1500 个人造样本（5 个特征，与书中的机翼噪声数据一样多，该数据不随 Yuyan 提供）上做线性回归，取 η = 0.02、β = 0.5：两轮后损失为 \(losses.last!, decimals: 4)，而任何权重的损失都不会低于 \(least, decimals: 4)。"
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
