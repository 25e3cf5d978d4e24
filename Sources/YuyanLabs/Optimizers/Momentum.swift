import Foundation
import Yuyan

/// A step goes by the average of past gradients: what swings from side to side cancels, what points downhill adds up.
let momentum = Lab(
    "momentum", "Momentum", "动量法",
    book: "11.6", note: .beyond, part: "11.6",
    claims: [
        Claim(
            "away", "without momentum, η = 0.6: x₂ after 20 steps", "没有动量，η = 0.6：20 步后的 x₂",
            .near(-1673.365, margin: 0.001)),
        Claim("half1", "η = 0.6, β = 0.5: x₁ after 20 steps", "η = 0.6，β = 0.5：20 步后的 x₁", .exactly(0.007187867)),
        Claim("half2", "η = 0.6, β = 0.5: x₂ after 20 steps", "η = 0.6，β = 0.5：20 步后的 x₂", .exactly(0.002553275)),
        Claim("quarter1", "η = 0.6, β = 0.25: x₁ after 20 steps", "η = 0.6，β = 0.25：20 步后的 x₁", .exactly(-0.12633963)),
        Claim("quarter2", "η = 0.6, β = 0.25: x₂ after 20 steps", "η = 0.6，β = 0.25：20 步后的 x₂", .exactly(-0.18663223)),
        Claim("same", "path by hand and by the library: largest difference", "手写与库的路径：最大差", .below(1e-9)),
        Claim(
            "sum", "β = 0.9 and equal gradients: a step in the long run, in times of ηg, 1 / (1 − β)",
            "β = 0.9、梯度不变：最终步长是 ηg 的多少倍，即 1 / (1 − β)", .exactly(10)),
        Claim(
            "limit", "largest η that does not diverge with β = 0.5, 2(1 + β)/4", "β = 0.5 时不发散的最大 η，即 2(1 + β)/4",
            .near(0.75, margin: 0.011)),
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

    // The book's form, for each parameter: v ← βv + g and x ← x − ηv. With β = 0 it is gradient descent.
    func momentum(_ learningRate: Double, _ beta: Double) -> ([Parameter]) -> Step {
        { parameters in
            var velocities = parameters.map { Tensor.zeros(like: $0) }
            return {
                for (index, parameter) in parameters.enumerated() {
                    velocities[index] = beta * velocities[index] + parameter.gradient!
                    parameter.value -= learningRate * velocities[index]
                }
            }
        }
    }

    let choices = [(0.4, 0.0), (0.6, 0.0), (0.6, 0.25), (0.6, 0.5)]
    let paths = choices.map { path(momentum($0.0, $0.1)) }
    lab.say(
        "Along x₂ the slope changes twenty times as fast as along x₁. A learning rate that is good for x₁ throws x₂ out of the valley, unless its swings cancel:",
        "x₂ 方向的坡度变化是 x₁ 方向的 20 倍。适合 x₁ 的学习率会使 x₂ 冲出山谷，除非来回的摆动互相抵消：")
    lab.table(
        ["η", "β", Words("x₁ after 20 steps", "20 步后的 x₁"), Words("x₂ after 20 steps", "20 步后的 x₂")],
        zip(choices, paths).map { choice, path in
            ["\(choice.0)", "\(choice.1)", "\(path[20][0], decimals: 6)", "\(path[20][1], decimals: 6)"]
        })
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
            t("Twenty steps: η = 0.4, β = 0 and η = 0.6, β = 0.5", "走 20 步：η = 0.4、β = 0 与 η = 0.6、β = 0.5"),
            [steps("β = 0", paths[0]), steps("β = 0.5", paths[3])]
                + contours, x: Axis("x₁"), y: Axis("x₂"))
    }
    lab.check("away", paths[1][20][1])
    lab.check("half1", paths[3][20][0])
    lab.check("half2", paths[3][20][1])
    lab.check("quarter1", paths[2][20][0])
    lab.check("quarter2", paths[2][20][1])
    let libraryPath = path { parameters in
        let optimizer = SGD(parameters, learningRate: 0.6, momentum: 0.5)
        return { optimizer.step() }
    }
    lab.check("same", zip(paths[3].joined(), libraryPath.joined()).map { abs($0 - $1) }.max()!)

    // v = g_t + βg_{t−1} + β²g_{t−2} + …: a gradient τ steps ago counts β^τ.
    let ages = (0..<40).map(Double.init)
    lab.say(
        "v is a sum of past gradients in which one of τ steps ago counts β^τ, all together 1/(1 − β):",
        "v 是过去梯度的加权和，τ 步之前的梯度权重为 β^τ，权重之和为 1/(1 − β)：")
    lab.show("weights") { t in
        .curves(
            t("What past gradients count", "过去梯度的权重"),
            [0.95, 0.9, 0.6].map { beta in Curve("β = \(beta)", x: ages, y: ages.map { pow(beta, $0) }) },
            x: Axis(t("steps ago, τ", "多少步之前，τ")), y: Axis(t("weight", "权重")))
    }
    let hill = Parameter(Tensor([0], dtype: .float64))
    let step = momentum(0.1, 0.9)([hill])
    var before = hill.value
    for _ in 1...500 {
        before = hill.value
        hill.gradient = Tensor([3], dtype: .float64)
        step()
    }
    lab.check("sum", (before - hill.value) / (0.1 * 3))
    // How far can η go? Gradient descent diverges from 2/4 = 0.5 on.
    let rates = (40...90).map { Double($0) / 100 }
    lab.check("limit", rates.last { abs(path(momentum($0, 0.5), stepCount: 200)[200][1]) < 2 }!)

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
    let losses = train(momentum(0.02, 0.5))
    let byLibrary = train { parameters in
        let optimizer = SGD(parameters, learningRate: 0.02, momentum: 0.5)
        return { optimizer.step() }
    }
    let epochs = losses.indices.map { Double($0 + 1) / 10 }
    lab.say(
        "Linear regression on 1,500 made-up samples of five features, as many as in the book's airfoil data, which do not come with Yuyan. With η = 0.02, β = 0.5: after two epochs the loss is \(losses.last!, decimals: 4); the least that a plane can have is \(floor, decimals: 4). In the library: SGD(parameters, learningRate: 0.02, momentum: 0.5).",
        "在 1500 个人造样本（5 个特征，与书中的机翼噪声数据一样多，该数据不随 Yuyan 提供）上做线性回归，η = 0.02、β = 0.5：两轮后损失为 \(losses.last!, decimals: 4)，线性模型能达到的最小值为 \(floor, decimals: 4)。库中的写法：SGD(parameters, learningRate: 0.02, momentum: 0.5)。"
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
