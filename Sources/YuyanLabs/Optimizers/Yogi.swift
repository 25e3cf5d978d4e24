import Foundation
import Yuyan

/// Adam whose memory of large gradients fades slowly, so that a quiet time does not make the next steps too long.
let yogi = Lab(
    "yogi", "Yogi", "Yogi 算法",
    book: "11.10", note: .beyond, part: "11.10",
    claims: [
        Claim("x1", "η = 0.4: x₁ after 20 steps", "η = 0.4：20 步后的 x₁", .exactly(0.982843552)),
        Claim("x2", "η = 0.4: x₂ after 20 steps", "η = 0.4：20 步后的 x₂", .exactly(-0.20740384)),
        // 100 · 0.001 − 1000 · 0.001 · 0.01; (1 − 0.999¹⁰⁰) 0.999¹⁰⁰⁰ + 0.01 (1 − 0.999¹⁰⁰⁰).
        Claim(
            "yogi", "100 gradients of 1, then 1,000 of 0.1: Yogi's s", "100 个大小为 1、再 1000 个大小为 0.1 的梯度：Yogi 的 s",
            .exactly(0.09)),
        Claim("adam", "the same: Adam's s", "同上：Adam 的 s", .exactly(0.0413305)),
        Claim(
            "silence", "1,000 gradients of 0: the part of s that Yogi keeps", "1000 个为 0 的梯度：Yogi 的 s 保留的比例",
            .exactly(1)),
        Claim("forgets", "the part that Adam keeps, 0.999¹⁰⁰⁰", "Adam 保留的比例 0.999¹⁰⁰⁰", .exactly(0.3676954)),
        Claim(
            "training", "loss after two epochs beside that of least squares", "两轮后的损失与最小二乘的损失之比",
            .within(1...1.1)),
    ],
    figures: ["path", "memory", "loss"]
) { lab in
    // f = 0.1x₁² + 2x₂²: a valley that is flat along x₁ and steep along x₂. Twenty steps from (−5, −2).
    typealias Step = () -> Void
    let slopes = Tensor([0.2, 4], dtype: .float64)
    func path(_ makeStep: ([Parameter]) -> Step, stepCount: Int = 20, scale: Double = 1) -> [[Double]] {
        let x = Parameter(Tensor([-5, -2], dtype: .float64))
        let step = makeStep([x])
        return [[-5, -2]]
            + (1...stepCount).map { _ in
                x.gradient = slopes * x.value * scale
                step()
                return x.value.array(of: Double.self)
            }
    }

    // As Adam, but s ← s + (1 − β₂) sign(g² − s) g²: s moves by the size of the gradient, not by its distance from it.
    let (beta1, beta2, epsilon) = (0.9, 0.999, 1e-3)
    func yogi(_ learningRate: Double) -> ([Parameter]) -> Step {
        { parameters in
            var means = parameters.map { Tensor.zeros(like: $0) }
            var squares = parameters.map { Tensor.zeros(like: $0) }
            var t = 0.0
            return {
                t += 1
                for (index, parameter) in parameters.enumerated() {
                    let gradient = parameter.gradient!
                    let square = gradient.squared()
                    means[index] = beta1 * means[index] + (1 - beta1) * gradient
                    squares[index] += (1 - beta2) * (square - squares[index]).sign() * square
                    let (m, s) = (means[index] / (1 - pow(beta1, t)), squares[index] / (1 - pow(beta2, t)))
                    parameter.value -= learningRate * m / (s.squareRoot() + epsilon)
                }
            }
        }
    }

    let long = path(yogi(0.4), stepCount: 60)
    lab.say(
        "In the valley it goes nearly as Adam does: after 20 steps x is (\(long[20][0], decimals: 3), \(long[20][1], decimals: 3)), after 60 (\(long[60][0], decimals: 3), \(long[60][1], decimals: 3)).",
        "在山谷里它与 Adam 差不多：20 步后 x 为 (\(long[20][0], decimals: 3), \(long[20][1], decimals: 3))，60 步后为 (\(long[60][0], decimals: 3), \(long[60][1], decimals: 3))。"
    )
    let angles = (0...60).map { 2 * Double.pi * Double($0) / 60 }
    lab.show("path") { t in
        func steps(_ name: String, _ path: [[Double]]) -> Curve {
            Curve(name, x: path.prefix(20).map { $0[0] }, y: path.prefix(20).map { $0[1] })
        }
        // Contour lines of f are ellipses.
        let contours = [2.0, 8].map { level in
            Curve(
                "f = \(Int(level))", x: angles.map { (level / 0.1).squareRoot() * cos($0) },
                y: angles.map { (level / 2).squareRoot() * sin($0) })
        }
        return .curves(
            t("Sixty steps in the valley, η = 0.4", "在山谷中走 60 步，η = 0.4"),
            [steps(t("every third step", "每 3 步一点"), stride(from: 0, to: 60, by: 3).map { long[$0] })]
                + contours, x: Axis("x₁"), y: Axis("x₂"))
    }
    lab.check("x1", long[20][0])
    lab.check("x2", long[20][1])

    // A burst of large gradients, then small ones: what do the two remember of the burst?
    func adamStep(_ s: Double, _ square: Double) -> Double { beta2 * s + (1 - beta2) * square }
    func yogiStep(_ s: Double, _ square: Double) -> Double {
        s + (1 - beta2) * (square > s ? 1 : square < s ? -1 : 0) * square
    }
    func memory(_ step: (Double, Double) -> Double, _ squares: [Double]) -> [Double] {
        squares.reduce(into: [0]) { $0.append(step($0.last!, $1)) }
    }
    let burst = Array(repeating: 1.0, count: 100)
    let quiet = burst + Array(repeating: 0.01, count: 1000)
    let (yogis, adams) = (memory(yogiStep, quiet), memory(adamStep, quiet))
    let shown = Array(stride(from: 0, through: 1100, by: 10))
    lab.say(
        "100 gradients of 1, then 1,000 of 0.1. Adam forgets the burst, so √s falls and its steps η/√s grow; Yogi takes off only (1 − β₂)g² in a step:",
        "先有 100 个大小为 1 的梯度，再有 1000 个大小为 0.1 的梯度。Adam 很快忘记前者，√s 变小，步长 η/√s 变大；Yogi 每步只减去 (1 − β₂)g²：")
    lab.show("memory") { t in
        .curves(
            t("What is left of a burst", "对大梯度的记忆"),
            [
                Curve("Yogi", x: shown.map(Double.init), y: shown.map { yogis[$0] }),
                Curve("Adam", x: shown.map(Double.init), y: shown.map { adams[$0] }),
            ], x: Axis(t("step", "步")), y: Axis("s"))
    }
    lab.check("yogi", yogis[1100])
    lab.check("adam", adams[1100])
    let silent = burst + Array(repeating: 0.0, count: 1000)
    let (yogiSilent, adamSilent) = (memory(yogiStep, silent), memory(adamStep, silent))
    lab.check("silence", yogiSilent[1100] / yogiSilent[100])
    lab.check("forgets", adamSilent[1100] / adamSilent[100])

    // 1,500 standardised samples of five features, as many as the airfoil data of the book, which do not come with Yuyan.
    func standardised(_ x: Tensor) -> Tensor { (x - x.mean(axis: 0)) / x.standardDeviation(axis: 0) }
    let features = standardised(Tensor.normal([1500, 5]))
    let signal = features.matmul(Tensor([0.6, -0.5, 0.4, -0.2, 0.1]).reshaped([5, 1]))
    let labels = standardised(signal + Tensor.normal([1500, 1], standardDeviation: 0.9))
    func loss(_ prediction: Tensor, _ y: Tensor) -> Tensor { ((prediction - y).squared() / 2).mean() }

    // The loss over all samples, ten times in each of two epochs with batches of 10.
    func train(_ makeStep: ([Parameter]) -> Step) -> [Double] {
        let (w, b) = (Parameter(.zeros([5, 1])), Parameter(.zeros([1])))
        let step = makeStep([w, b])
        var losses: [Double] = []
        for _ in 1...2 {
            let batches = DataLoader(TensorDataset(features, labels), batchSize: 10, shuffle: true, seed: lab.seed)
            for (index, (x, y)) in batches.enumerated() {
                loss(x.matmul(w) + b, y).backward()
                step()
                for parameter in [w, b] { parameter.gradient = nil }
                if index % 15 == 14 { losses.append(loss(features.matmul(w.value) + b.value, labels).item()) }
            }
        }
        return losses
    }
    // No plane does better than that of least squares: what is left of y off the columns of X = QR.
    let (q, _) = try features.qr()
    let floor = loss(q.matmul(q.transposed().matmul(labels)), labels).item()
    let losses = train(yogi(0.01))
    let epochs = losses.indices.map { Double($0 + 1) / 10 }
    lab.say(
        "Linear regression on 1,500 made-up samples of five features, as many as in the book's airfoil data, which do not come with Yuyan. With η = 0.01: after two epochs the loss is \(losses.last!, decimals: 4); the least that a plane can have is \(floor, decimals: 4).",
        "在 1500 个人造样本（5 个特征，与书中的机翼噪声数据一样多，该数据不随 Yuyan 提供）上做线性回归，η = 0.01：两轮后损失为 \(losses.last!, decimals: 4)，线性模型能达到的最小值为 \(floor, decimals: 4)。"
    )
    lab.show("loss") { t in
        .curves(
            t("Loss over all samples", "所有样本上的损失"),
            [
                Curve(t("training", "训练"), x: epochs, y: losses),
                Curve(t("least squares", "最小二乘"), x: epochs, y: epochs.map { _ in floor }),
            ], x: Axis(t("epoch", "轮次")), y: Axis(t("loss", "损失")))
    }
    lab.check("training", losses.last! / floor)
}
