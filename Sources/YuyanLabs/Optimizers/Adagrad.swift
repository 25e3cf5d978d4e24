import Foundation
import Yuyan

/// Each number has a learning rate of its own, which falls with the gradients that it has seen.
let adagrad = Lab(
    "adagrad", "AdaGrad", "AdaGrad 算法",
    book: "11.7", note: .beyond, part: "11.7",
    claims: [
        Claim("slow1", "η = 0.4: x₁ after 20 steps", "η = 0.4：20 步后的 x₁", .exactly(-2.382562772)),
        Claim("slow2", "η = 0.4: x₂ after 20 steps", "η = 0.4：20 步后的 x₂", .exactly(-0.15859055)),
        Claim("fast1", "η = 2: x₁ after 20 steps", "η = 2：20 步后的 x₁", .exactly(-0.002295340)),
        Claim("fast2", "η = 2: x₂ after 20 steps", "η = 2：20 步后的 x₂", .exactly(0)),
        Claim("same", "path by hand and by the library: largest difference", "手写与库的路径：最大差", .below(1e-8)),
        Claim(
            "scale", "f a thousand times as large: largest difference of the path", "f 放大 1000 倍：路径的最大差", .below(1e-5)),
        Claim(
            "rare", "a feature that is there in one step of ten: its learning rate in times of the common one's, √10",
            "十步才出现一次的特征：学习率是常见特征的多少倍，即 √10", .exactly(3.16227766)),
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

    // The book's form: s ← s + g² and x ← x − η g / √(s + ε), element by element.
    func adagrad(_ learningRate: Double, epsilon: Double = 1e-6) -> ([Parameter]) -> Step {
        { parameters in
            var sums = parameters.map { Tensor.zeros(like: $0) }
            return {
                for (index, parameter) in parameters.enumerated() {
                    let gradient = parameter.gradient!
                    sums[index] += gradient.squared()
                    parameter.value -= learningRate * gradient / (sums[index] + epsilon).squareRoot()
                }
            }
        }
    }

    let (slow, fast) = (path(adagrad(0.4)), path(adagrad(2)))
    lab.say(
        "Both directions of the valley move alike, although one is twenty times as steep: each gradient is divided by the size of those before. But the sum s only grows, so with η = 0.4 the steps shrink before x₁ is at 0; η = 2 gets there:",
        "虽然一个方向的坡度变化是另一个的 20 倍，两个方向走得差不多：每个梯度都除以以往梯度的大小。但 s 只增不减，η = 0.4 时 x₁ 还没到 0 步子就变小了；η = 2 则可以到达：")
    lab.table(
        ["η", Words("x₁ after 20 steps", "20 步后的 x₁"), Words("x₂ after 20 steps", "20 步后的 x₂")],
        [("0.4", slow), ("2", fast)].map { rate, path in
            ["\(rate)", "\(path[20][0], decimals: 6)", "\(path[20][1], decimals: 6)"]
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
            t("Twenty steps in the valley", "在山谷中走 20 步"),
            [steps("η = 0.4", slow), steps("η = 2", fast)]
                + contours, x: Axis("x₁"), y: Axis("x₂"))
    }
    lab.check("slow1", slow[20][0])
    lab.check("slow2", slow[20][1])
    lab.check("fast1", fast[20][0])
    lab.check("fast2", fast[20][1])
    let scaled = path(adagrad(0.4), scale: 1000)
    lab.check("scale", zip(slow.joined(), scaled.joined()).map { abs($0 - $1) }.max()!)
    // The library adds its ε = 1e-10 behind the root: where it counts, that is 1e-20 under the root.
    let libraryPath = path { parameters in
        let optimizer = Adagrad(parameters, learningRate: 0.4)
        return { optimizer.step() }
    }
    lab.check(
        "same", zip(path(adagrad(0.4, epsilon: 1e-20)).joined(), libraryPath.joined()).map { abs($0 - $1) }.max()!)

    // A word that occurs in every sentence and one that occurs in one of ten: gradients of 1 where there is one.
    let words = Parameter(Tensor([0, 0], dtype: .float64))
    let step = adagrad(0.4)([words])
    var rates: [[Double]] = []
    for sentence in 1...1000 {
        let before = words.value
        words.gradient = Tensor([1, sentence % 10 == 0 ? 1 : 0], dtype: .float64)
        step()
        if sentence % 10 == 0 { rates.append((before - words.value).array(of: Double.self)) }
    }
    lab.say(
        "Why it is liked for words: a rare feature has seen few gradients, so it keeps a larger learning rate η/√s.",
        "为什么适合处理词：罕见特征见过的梯度少，学习率 η/√s 就保持得较大。")
    lab.show("rates") { t in
        let names = [t("in every step", "每步都出现"), t("in one of ten", "十步一次")]
        return .curves(
            t("Learning rates with η = 0.4", "η = 0.4 时的学习率"),
            names.enumerated().map { index, name in
                Curve(name, x: rates.indices.map { Double(10 * $0 + 10) }, y: rates.map { $0[index] })
            }, x: Axis(t("step", "步")), y: Axis("η / √s", scale: .logarithmic))
    }
    lab.check("rare", rates[99][1] / rates[99][0])

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
    let losses = train(adagrad(0.1, epsilon: 1e-20))
    let byLibrary = train { parameters in
        let optimizer = Adagrad(parameters, learningRate: 0.1)
        return { optimizer.step() }
    }
    let epochs = losses.indices.map { Double($0 + 1) / 10 }
    lab.say(
        "Linear regression on 1,500 made-up samples of five features, as many as in the book's airfoil data, which do not come with Yuyan. With η = 0.1: after two epochs the loss is \(losses.last!, decimals: 4); the least that a plane can have is \(floor, decimals: 4). In the library: Adagrad(parameters, learningRate: 0.1).",
        "在 1500 个人造样本（5 个特征，与书中的机翼噪声数据一样多，该数据不随 Yuyan 提供）上做线性回归，η = 0.1：两轮后损失为 \(losses.last!, decimals: 4)，线性模型能达到的最小值为 \(floor, decimals: 4)。库中的写法：Adagrad(parameters, learningRate: 0.1)。"
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
