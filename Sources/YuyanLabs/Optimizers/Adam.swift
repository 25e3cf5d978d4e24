import Foundation
import Yuyan

/// Momentum and RMSProp in one, with both averages freed of the zeros that they begin with.
let adam = Lab(
    "adam", "Adam", "Adam 算法",
    book: "11.10", note: .beyond, part: "11.10",
    claims: [
        Claim("x1", "η = 0.4: x₁ after 20 steps", "η = 0.4：20 步后的 x₁", .exactly(0.996028654)),
        Claim("x2", "η = 0.4: x₂ after 20 steps", "η = 0.4：20 步后的 x₂", .exactly(-0.212750295)),
        Claim("same", "path by hand and by the library: largest difference", "手写与库的路径：最大差", .below(1e-9)),
        Claim(
            "first", "first step in times of η, for gradients of 0.01 to 1,000: largest",
            "梯度为 0.01 到 1000 时，第一步与 η 之比的最大值", .near(1, margin: 1e-3)),
        Claim("last", "and smallest", "最小值", .near(1, margin: 1e-3)),
        Claim(
            "biased", "without the correction it would be 0.1 / √0.001", "不做修正则为 0.1 / √0.001",
            .near(3.16227766, margin: 1e-3)),
        Claim(
            "corrected", "gradients of 1: the corrected mean in every step, largest distance from 1",
            "梯度恒为 1：修正后的均值与 1 的最大差", .exactly(0)),
        Claim(
            "library", "training by hand and by the library: largest difference of the loss", "手写与库的训练：损失的最大差",
            .below(1e-5)),
        Claim(
            "training", "loss after two epochs beside that of least squares", "两轮后的损失与最小二乘的损失之比",
            .within(1...1.1)),
    ],
    figures: ["path", "bias", "loss"]
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

    // The book's form: m ← β₁m + (1 − β₁)g, s ← β₂s + (1 − β₂)g², divided by 1 − βᵗ in step t,
    // and x ← x − η m̂ / (√ŝ + ε).
    let (beta1, beta2, epsilon) = (0.9, 0.999, 1e-6)
    func adam(_ learningRate: Double, corrects: Bool = true) -> ([Parameter]) -> Step {
        { parameters in
            var means = parameters.map { Tensor.zeros(like: $0) }
            var squares = parameters.map { Tensor.zeros(like: $0) }
            var t = 0.0
            return {
                t += 1
                for (index, parameter) in parameters.enumerated() {
                    let gradient = parameter.gradient!
                    means[index] = beta1 * means[index] + (1 - beta1) * gradient
                    squares[index] = beta2 * squares[index] + (1 - beta2) * gradient.squared()
                    let mean = means[index] / (corrects ? 1 - pow(beta1, t) : 1)
                    let square = squares[index] / (corrects ? 1 - pow(beta2, t) : 1)
                    parameter.value -= learningRate * mean / (square.squareRoot() + epsilon)
                }
            }
        }
    }

    let long = path(adam(0.4), stepCount: 60)
    lab.say(
        "Both directions start with steps of η, and the momentum carries them beyond 0 and back: after 20 steps x is (\(long[20][0], decimals: 3), \(long[20][1], decimals: 3)), after 60 (\(long[60][0], decimals: 3), \(long[60][1], decimals: 3)).",
        "两个方向开始时每步都约为 η，动量使它们越过 0 再折返：20 步后 x 为 (\(long[20][0], decimals: 3), \(long[20][1], decimals: 3))，60 步后为 (\(long[60][0], decimals: 3), \(long[60][1], decimals: 3))。"
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
    let libraryPath = path { parameters in
        let optimizer = Adam(parameters, learningRate: 0.4, epsilon: epsilon)
        return { optimizer.step() }
    }
    lab.check("same", zip(long.prefix(21).joined(), libraryPath.joined()).map { abs($0 - $1) }.max()!)

    // m is 0 before the first gradient, so it is too small at first, and s even more so.
    let steps = (1...100).map(Double.init)
    var (mean, means) = (0.0, [Double]())
    for _ in steps {
        mean = beta1 * mean + (1 - beta1)
        means.append(mean)
    }
    let corrected = zip(means, steps).map { $0 / (1 - pow(beta1, $1)) }
    lab.say(
        "Averages that start at 0 are too small at first. Divided by 1 − βᵗ they are right from the first step on; here with gradients of 1:",
        "平均值从 0 开始，起初偏小。除以 1 − βᵗ 之后，从第一步起就是正确的；这里梯度恒为 1：")
    lab.show("bias") { t in
        .curves(
            t("The mean of gradients of 1", "梯度恒为 1 时的均值"),
            [Curve("m", x: steps, y: means), Curve("m / (1 − β₁ᵗ)", x: steps, y: corrected)],
            x: Axis(t("step", "步")), y: Axis(t("mean", "均值")))
    }
    lab.check("corrected", corrected.map { abs($0 - 1) }.max()!)
    func firstStep(_ gradient: Double, _ makeStep: ([Parameter]) -> Step) -> Double {
        let x = Parameter(Tensor([0], dtype: .float64))
        x.gradient = Tensor([gradient], dtype: .float64)
        let step = makeStep([x])
        step()
        return -x.value.item() / 0.4
    }
    let firstSteps = [0.01, 1, 1000].map { firstStep($0, adam(0.4)) }
    lab.check("first", firstSteps.max()!)
    lab.check("last", firstSteps.min()!)
    lab.check("biased", firstStep(1, adam(0.4, corrects: false)))

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
    let losses = train(adam(0.01))
    let byLibrary = train { parameters in
        let optimizer = Adam(parameters, learningRate: 0.01, epsilon: epsilon)
        return { optimizer.step() }
    }
    let epochs = losses.indices.map { Double($0 + 1) / 10 }
    lab.say(
        "Linear regression on 1,500 made-up samples of five features, as many as in the book's airfoil data, which do not come with Yuyan. With η = 0.01: after two epochs the loss is \(losses.last!, decimals: 4); the least that a plane can have is \(floor, decimals: 4). In the library: Adam(parameters, learningRate: 0.01, epsilon: 1e-6).",
        "在 1500 个人造样本（5 个特征，与书中的机翼噪声数据一样多，该数据不随 Yuyan 提供）上做线性回归，η = 0.01：两轮后损失为 \(losses.last!, decimals: 4)，线性模型能达到的最小值为 \(floor, decimals: 4)。库中的写法：Adam(parameters, learningRate: 0.01, epsilon: 1e-6)。"
    )
    lab.show("loss") { t in
        .curves(
            t("Loss over all samples", "所有样本上的损失"),
            [
                Curve(t("training", "训练"), x: epochs, y: losses),
                Curve(t("least squares", "最小二乘"), x: epochs, y: epochs.map { _ in floor }),
            ], x: Axis(t("epoch", "轮次")), y: Axis(t("loss", "损失")))
    }
    lab.check("library", zip(losses, byLibrary).map { abs($0 - $1) }.max()!)
    lab.check("training", losses.last! / floor)
}
