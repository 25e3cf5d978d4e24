import Foundation
import Yuyan

/// No learning rate: steps are as large as the latest steps were, in the units of the parameter itself.
let adadelta = Lab(
    "adadelta", "Adadelta", "Adadelta 算法",
    book: "11.9", note: .beyond, part: "11.9",
    claims: [
        Claim("x1", "ρ = 0.9: x₁ after 20 steps", "ρ = 0.9：20 步后的 x₁", .exactly(-4.782488318)),
        Claim("x2", "ρ = 0.9: x₂ after 20 steps", "ρ = 0.9：20 步后的 x₂", .exactly(-1.787588865)),
        Claim("far1", "x₁ after 500 steps", "500 步后的 x₁", .exactly(-0.055144238)),
        Claim("far2", "x₂ after 500 steps", "500 步后的 x₂", .exactly(0.015879328)),
        Claim("same", "path by hand and by the library: largest difference", "手写与库的路径：最大差", .below(1e-9)),
        // √ε / √(0.1 + ε/g²) = √(10⁻⁵ / 0.1), up to ε.
        Claim(
            "first", "length of the first step along x₁, √(ε / (1 − ρ))", "x₁ 方向第一步的长度 √(ε / (1 − ρ))",
            .near(0.01, margin: 1e-5)),
        Claim(
            "alike", "first step along x₂ in times of that along x₁: the slope does not matter",
            "第一步在 x₂ 与 x₁ 方向的长度之比：与坡度无关", .near(1, margin: 1e-3)),
        Claim(
            "library", "training by hand and by the library: largest difference of the loss", "手写与库的训练：损失的最大差",
            .below(1e-5)),
        Claim(
            "training", "loss after two epochs beside that of least squares", "两轮后的损失与最小二乘的损失之比",
            .within(1...1.1)),
    ],
    figures: ["path", "rates", "loss"]
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

    // The book's form: s ← ρs + (1 − ρ)g², g′ = g √(Δ + ε) / √(s + ε), x ← x − g′, Δ ← ρΔ + (1 − ρ)g′².
    func adadelta(_ rho: Double, rates: @escaping (Tensor) -> Void = { _ in }) -> ([Parameter]) -> Step {
        { parameters in
            var squares = parameters.map { Tensor.zeros(like: $0) }
            var changes = parameters.map { Tensor.zeros(like: $0) }
            return {
                for (index, parameter) in parameters.enumerated() {
                    squares[index] = rho * squares[index] + (1 - rho) * parameter.gradient!.squared()
                    let rate = (changes[index] + 1e-5).squareRoot() / (squares[index] + 1e-5).squareRoot()
                    let change = rate * parameter.gradient!
                    parameter.value -= change
                    changes[index] = rho * changes[index] + (1 - rho) * change.squared()
                    rates(rate)
                }
            }
        }
    }

    var rates: [[Double]] = []
    let long = path(adadelta(0.9) { rates.append($0.array(of: Double.self)) }, stepCount: 500)
    lab.say(
        "Δ starts at 0, so the first steps are of length √(ε/(1 − ρ)) = 0.01 whatever the slope is, and each lets the next be a little longer. After 20 steps x is (\(long[20][0], decimals: 3), \(long[20][1], decimals: 3)), after 500 (\(long[500][0], decimals: 3), \(long[500][1], decimals: 3)).",
        "Δ 从 0 开始，所以无论坡度如何，第一步的长度都是 √(ε/(1 − ρ)) = 0.01，之后每一步都可以稍长一些。20 步后 x 为 (\(long[20][0], decimals: 3), \(long[20][1], decimals: 3))，500 步后为 (\(long[500][0], decimals: 3), \(long[500][1], decimals: 3))。"
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
            t("500 steps in the valley", "在山谷中走 500 步"),
            [steps(t("every 25th step", "每 25 步一点"), stride(from: 0, to: 500, by: 25).map { long[$0] })]
                + contours, x: Axis("x₁"), y: Axis("x₂"))
    }
    let shown = Array(stride(from: 0, to: 500, by: 5))
    lab.show("rates") { t in
        .curves(
            t("The learning rates that it finds", "算法自己得到的学习率"),
            ["x₁", "x₂"].enumerated().map { axis, name in
                Curve(name, x: shown.map { Double($0 + 1) }, y: shown.map { rates[$0][axis] })
            }, x: Axis(t("step", "步")), y: Axis("√(Δ + ε) / √(s + ε)", scale: .logarithmic))
    }
    lab.check("x1", long[20][0])
    lab.check("x2", long[20][1])
    lab.check("far1", long[500][0])
    lab.check("far2", long[500][1])
    lab.check("first", long[1][0] - long[0][0])
    lab.check("alike", (long[1][1] - long[0][1]) / (long[1][0] - long[0][0]))
    let libraryPath = path { parameters in
        let optimizer = Adadelta(parameters, rho: 0.9, epsilon: 1e-5)
        return { optimizer.step() }
    }
    lab.check("same", zip(long.prefix(21).joined(), libraryPath.joined()).map { abs($0 - $1) }.max()!)

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
    let losses = train(adadelta(0.9))
    let byLibrary = train { parameters in
        let optimizer = Adadelta(parameters, rho: 0.9, epsilon: 1e-5)
        return { optimizer.step() }
    }
    let epochs = losses.indices.map { Double($0 + 1) / 10 }
    lab.say(
        "Linear regression on 1,500 made-up samples of five features, as many as in the book's airfoil data, which do not come with Yuyan. With ρ = 0.9: after two epochs the loss is \(losses.last!, decimals: 4); the least that a plane can have is \(floor, decimals: 4). In the library: Adadelta(parameters, rho: 0.9, epsilon: 1e-5).",
        "在 1500 个人造样本（5 个特征，与书中的机翼噪声数据一样多，该数据不随 Yuyan 提供）上做线性回归，ρ = 0.9：两轮后损失为 \(losses.last!, decimals: 4)，线性模型能达到的最小值为 \(floor, decimals: 4)。库中的写法：Adadelta(parameters, rho: 0.9, epsilon: 1e-5)。"
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
