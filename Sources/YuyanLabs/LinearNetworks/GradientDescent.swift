import Foundation
import Yuyan

/// Down the slope, step by step: for a parabola, and for a loss whose lowest point no formula gives.
let gradientDescent: Lab = Lab(
    "gradient-descent", "Gradient descent", "梯度下降",
    book: "11.3", note: .linearNetworks, part: "2, 2.1",
    claims: [
        Claim(
            "x", "f = x² from 10, η = 0.2: x after 10 steps, 10 · 0.6¹⁰",
            "f = x²，从 10 出发，η = 0.2：10 步后的 x，即 10 · 0.6¹⁰", .exactly(0.0604662)),
        Claim("library", "the library's SGD ends at the same x: difference", "与库中 SGD 所得 x 之差", .below(1e-6)),
        Claim(
            "steepest", "angle between the gradient and the direction of steepest rise, in degrees", "梯度与上升最快方向的夹角（度）",
            .below(0.51)),
        Claim(
            "formula", "logistic regression: Xᵀ(σ(Xw) − y)/n beside backward(): largest difference",
            "逻辑回归：Xᵀ(σ(Xw) − y)/n 与 backward() 的最大差", .below(1e-6)),
        Claim(
            "gradient", "norm of its gradient after the last step, in parts of the first", "最后一步后梯度的范数与最初之比",
            .below(1e-4)),
        Claim(
            "balance", "at the end, predicted and true sums of each feature agree: difference in parts of n",
            "结束时，每个特征按预测概率求的和等于按标签求的和：差除以 n", .below(1e-4)),
    ],
    figures: ["parabola", "gradient"]
) { lab in
    // x_t = x_{t−1} − η f′(x_{t−1}). The derivative points uphill, hence the minus.
    let learningRate = 0.2
    var path = [10.0]
    for _ in 1...10 { path.append(path.last! - learningRate * 2 * path.last!) }
    lab.say(
        "f(x) = x² from x = 10 with η = \(learningRate): every step leaves 1 − 2η = \(1 - 2 * learningRate, decimals: 1) of x, and after ten x is \(path[10], decimals: 6).",
        "f(x) = x²，从 x = 10 出发，η = \(learningRate)：每一步后 x 变为原来的 1 − 2η = \(1 - 2 * learningRate, decimals: 1) 倍，10 步后 x = \(path[10], decimals: 6)。"
    )
    let curve = Array(stride(from: -10.5, through: 10.5, by: 0.5))
    lab.show("parabola") { t in
        .curves(
            t("Ten steps down a parabola", "沿抛物线走 10 步"),
            [
                Curve("f(x) = x²", x: curve, y: curve.map { $0 * $0 }),
                Curve(t("steps", "每一步"), x: path, y: path.map { $0 * $0 }),
            ], x: Axis("x"), y: Axis("f(x)"))
    }
    lab.check("x", path[10])
    let x = Parameter(Tensor(10.0))
    let optimizer = SGD([x], learningRate: learningRate)
    for _ in 1...10 {
        optimizer.zeroGradients()
        x.squared().backward()
        optimizer.step()
    }
    lab.check("library", abs(x.value.item() - path[10]))

    // Which way is up? Of 360 small steps around a point, the one that rises most.
    func f(_ x: Double, _ y: Double) -> Double { 0.1 * x * x + 2 * y * y }
    let place = (x: -5.0, y: -2.0)
    let degrees = (0..<360).map(Double.init)
    let steepest = degrees.max { left, right in
        func rise(_ degree: Double) -> Double {
            f(place.x + 1e-4 * cos(degree * .pi / 180), place.y + 1e-4 * sin(degree * .pi / 180))
        }
        return rise(left) < rise(right)
    }!
    let upward = atan2(4 * place.y, 0.2 * place.x) * 180 / .pi + 360
    lab.say(
        "f = 0.1x₁² + 2x₂² at (−5, −2): of 360 directions, f rises most at \(steepest, decimals: 0)°; the gradient (0.2x₁, 4x₂) points to \(upward, decimals: 1)°.",
        "f = 0.1x₁² + 2x₂² 在 (−5, −2) 处：360 个方向中，\(steepest, decimals: 0)° 上升最快；梯度 (0.2x₁, 4x₂) 指向 \(upward, decimals: 1)°。"
    )
    lab.check("steepest", abs(steepest - upward))

    // Logistic regression: labels 0 and 1, with chance σ(wᵀx) of a 1.
    let n = 200
    let features = concatenate([Tensor.normal([n, 2]), .ones([n, 1])], axis: 1)
    let chances = features.matmul(Tensor([2, -1, 0.5])).sigmoid()
    let labels = (Tensor.uniform([n]) .< chances).cast(to: .float32)
    // −log of the probability of the labels, its mean: log(1 + e^z) − y z for z = wᵀx.
    func loss(_ w: some TensorConvertible) -> Tensor {
        let z = features.matmul(w)
        return ((1 + z.exp()).log() - labels * z).mean()
    }
    func slope(_ w: Tensor) -> Tensor {
        features.transposed().matmul(features.matmul(w).sigmoid() - labels) / Double(n)
    }
    var w = Tensor.zeros([3])
    lab.check("formula", (gradient(of: { loss($0) }, at: w + 0.3) - slope(w + 0.3)).abs().max())
    lab.say(
        "For most losses no formula gives the minimum. In logistic regression, the derivative is zero where Σ σ(wᵀx)x = Σ y x; here w stands inside every σ, and no algebra brings it to one side. Gradient descent only needs the gradient:",
        "大多数损失没有解析解。逻辑回归中，令导数为零得到 Σ σ(wᵀx)x = Σ y x；w 在每一个 σ 里面，无法用代数方法移到等式一边。梯度下降只需要梯度：")
    var (norms, losses): ([Double], [Double]) = ([], [])
    for _ in 0..<400 {
        norms.append(slope(w).norm().item())
        losses.append(loss(w).item())
        w -= 2 * slope(w)
    }
    let shown = Array(stride(from: 0, to: 400, by: 4))
    lab.show("gradient") { t in
        .curves(
            t("Logistic regression by gradient descent, η = 2", "用梯度下降训练逻辑回归，η = 2"),
            [
                Curve(t("norm of the gradient", "梯度的范数"), x: shown.map(Double.init), y: shown.map { norms[$0] }),
                Curve(t("loss", "损失"), x: shown.map(Double.init), y: shown.map { losses[$0] }),
            ], x: Axis(t("step", "步")), y: Axis(t("norm, loss", "范数、损失"), scale: .logarithmic))
    }
    lab.say(
        "It ends at w = \(w); the labels were drawn with [2, −1, 0.5].",
        "最后 w = \(w)；标签是用 [2, −1, 0.5] 抽取的。")
    lab.check("gradient", slope(w).norm().item() / norms[0])
    let predicted = features.transposed().matmul(features.matmul(w).sigmoid())
    lab.check("balance", ((predicted - features.transposed().matmul(labels)) / Double(n)).abs().max())
}
