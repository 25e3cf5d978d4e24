import Foundation
import Yuyan

/// AdaGrad that forgets: the size of the latest gradients instead of the sum of all.
let rmsprop = Lab(
    "rmsprop", "RMSProp", "RMSProp 算法",
    book: "11.8", note: .beyond, part: "11.8",
    claims: [
        Claim("x1", "η = 0.4, γ = 0.9: x₁ after 20 steps", "η = 0.4，γ = 0.9：20 步后的 x₁", .exactly(-0.01059867)),
        Claim("x2", "η = 0.4, γ = 0.9: x₂ after 20 steps", "η = 0.4，γ = 0.9：20 步后的 x₂", .exactly(0)),
        Claim("same", "path by hand and by the library: largest difference", "手写与库的路径：最大差", .below(1e-8)),
        Claim("steady", "step after 1,000 equal gradients, in times of η", "1000 个相同的梯度之后，步长与 η 之比", .exactly(1)),
        Claim(
            "adagrad", "the same in times of AdaGrad's step, √1000", "此时步长是 AdaGrad 的多少倍，即 √1000",
            .exactly(31.6227766)),
        Claim(
            "library", "training by hand and by the library: largest difference of the loss", "手写与库的训练：损失的最大差",
            .below(1e-5)),
        Claim(
            "training", "loss after two epochs beside that of least squares", "两轮后的损失与最小二乘的损失之比",
            .within(1...1.1)),
    ],
    figures: ["path", "weights", "loss"]
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

    // The book's form: s ← γs + (1 − γ)g² and x ← x − η g / √(s + ε), element by element.
    func rmsprop(_ learningRate: Double, _ gamma: Double, epsilon: Double = 1e-6) -> ([Parameter]) -> Step {
        { parameters in
            var means = parameters.map { Tensor.zeros(like: $0) }
            return {
                for (index, parameter) in parameters.enumerated() {
                    let gradient = parameter.gradient!
                    means[index] = gamma * means[index] + (1 - gamma) * gradient.squared()
                    parameter.value -= learningRate * gradient / (means[index] + epsilon).squareRoot()
                }
            }
        }
    }

    let steps = path(rmsprop(0.4, 0.9))
    lab.say(
        "With η = 0.4, with which AdaGrad gets stuck on the way, x is (\(steps[20][0], decimals: 6), \(steps[20][1], decimals: 6)) after 20 steps: s follows the gradients down, so the steps do not die away.",
        "同样取 η = 0.4，AdaGrad 会停在半路，这里 20 步后 x 为 (\(steps[20][0], decimals: 6), \(steps[20][1], decimals: 6))：s 随梯度一起变小，步子不会越走越小。"
    )
    let angles = (0...60).map { 2 * Double.pi * Double($0) / 60 }
    lab.show("path") { t in
        func points(_ name: String, _ path: [[Double]]) -> Curve {
            Curve(name, x: path.prefix(20).map { $0[0] }, y: path.prefix(20).map { $0[1] })
        }
        // Contour lines of f are ellipses.
        let contours = [2.0, 8].map { level in
            Curve(
                "f = \(Int(level))", x: angles.map { (level / 0.1).squareRoot() * cos($0) },
                y: angles.map { (level / 2).squareRoot() * sin($0) })
        }
        return .curves(
            t("Twenty steps in the valley", "在山谷中走 20 步"),
            [points("η = 0.4, γ = 0.9", steps)]
                + contours, x: Axis("x₁"), y: Axis("x₂"))
    }
    lab.check("x1", steps[20][0])
    lab.check("x2", steps[20][1])
    // The library adds its ε behind the root: where it counts, 1e-10 there is 1e-20 under the root.
    let libraryPath = path { parameters in
        let optimizer = RMSprop(parameters, learningRate: 0.4, alpha: 0.9, epsilon: 1e-10)
        return { optimizer.step() }
    }
    lab.check(
        "same", zip(path(rmsprop(0.4, 0.9, epsilon: 1e-20)).joined(), libraryPath.joined()).map { abs($0 - $1) }.max()!)

    // s = (1 − γ)(g_t² + γg_{t−1}² + …): a weighted mean.
    let ages = (0..<40).map(Double.init)
    lab.say(
        "s is a mean of past squares: one of τ steps ago counts (1 − γ)γ^τ, all together 1. A larger γ remembers longer:",
        "s 是过去平方的加权平均：τ 步之前的平方权重为 (1 − γ)γ^τ，权重之和为 1。γ 越大，记忆越长：")
    lab.show("weights") { t in
        .curves(
            t("What past squares count", "过去的平方的权重"),
            [0.95, 0.9, 0.8, 0.7].map { gamma in
                Curve("γ = \(gamma)", x: ages, y: ages.map { (1 - gamma) * pow(gamma, $0) })
            }, x: Axis(t("steps ago, τ", "多少步之前，τ")), y: Axis(t("weight", "权重")))
    }
    // The last of 1,000 steps with gradients of 3.
    func lastStep(_ makeStep: ([Parameter]) -> Step) -> Double {
        let x = Parameter(Tensor([0], dtype: .float64))
        let step = makeStep([x])
        var before = x.value
        for _ in 1...1000 {
            before = x.value
            x.gradient = Tensor([3], dtype: .float64)
            step()
        }
        return (before - x.value).item()
    }
    let steady = lastStep(rmsprop(0.4, 0.9))
    let shrunk = lastStep { parameters in
        let optimizer = Adagrad(parameters, learningRate: 0.4)
        return { optimizer.step() }
    }
    lab.say(
        "After 1,000 gradients of 3 with η = 0.4, a step still is \(steady, decimals: 3) long; AdaGrad's is \(shrunk, decimals: 4).",
        "η = 0.4，经过 1000 个大小为 3 的梯度后，步长仍是 \(steady, decimals: 3)；AdaGrad 的步长只有 \(shrunk, decimals: 4)。")
    lab.check("steady", steady / 0.4)
    lab.check("adagrad", steady / shrunk)

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
    let losses = train(rmsprop(0.01, 0.9, epsilon: 1e-20))
    let byLibrary = train { parameters in
        let optimizer = RMSprop(parameters, learningRate: 0.01, alpha: 0.9, epsilon: 1e-10)
        return { optimizer.step() }
    }
    let epochs = losses.indices.map { Double($0 + 1) / 10 }
    lab.say(
        "Linear regression on 1,500 made-up samples of five features, as many as in the book's airfoil data, which do not come with Yuyan. With η = 0.01, γ = 0.9: after two epochs the loss is \(losses.last!, decimals: 4); the least that a plane can have is \(floor, decimals: 4). In the library: RMSprop(parameters, learningRate: 0.01, alpha: 0.9, epsilon: 1e-10).",
        "在 1500 个人造样本（5 个特征，与书中的机翼噪声数据一样多，该数据不随 Yuyan 提供）上做线性回归，η = 0.01、γ = 0.9：两轮后损失为 \(losses.last!, decimals: 4)，线性模型能达到的最小值为 \(floor, decimals: 4)。库中的写法：RMSprop(parameters, learningRate: 0.01, alpha: 0.9, epsilon: 1e-10)。"
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
