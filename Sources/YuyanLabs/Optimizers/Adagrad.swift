import Foundation
import Yuyan

/// Each number has a learning rate of its own, which falls with the gradients that it has seen.
let adagrad: Lab = Lab(
    "adagrad", "AdaGrad", "AdaGrad 算法",
    book: "11.7", note: .beyond, part: "11.7",
    claims: [
        Claim("slow1", "η = 0.4: x₁ after 20 steps", "η = 0.4：20 步后的 x₁", .exactly(-2.382562772)),
        Claim("slow2", "η = 0.4: x₂ after 20 steps", "η = 0.4：20 步后的 x₂", .exactly(-0.15859055)),
        Claim("fast1", "η = 2: x₁ after 20 steps", "η = 2：20 步后的 x₁", .exactly(-0.002295340)),
        Claim("fast2", "η = 2: x₂ after 20 steps", "η = 2：20 步后的 x₂", .exactly(0)),
        Claim("same", "the library's Adagrad: largest difference", "与库中 Adagrad 的最大差", .below(1e-9)),
        Claim(
            "rare", "learning rate of a rare word, in times of a common one's", "罕见词与常见词的学习率之比", .exactly(3.16227766)),
        Claim("training", "loss after two epochs beside that of least squares", "两轮后的损失与最小二乘的损失之比", .within(1...1.1)),
    ],
    figures: ["path", "rates", "loss"]
) { lab in
    // s ← s + g² and x ← x − η g / √(s + ε), for each element by itself.
    func step(_ x: inout Tensor, _ s: inout Tensor, _ g: Tensor, learningRate: Double, epsilon: Double = 1e-6) {
        s += g.squared()
        x -= learningRate * g / (s + epsilon).squareRoot()
    }

    // f = 0.1x₁² + 2x₂² is a valley, flat along x₁ and steep along x₂, with the gradient (0.2x₁, 4x₂).
    let (start, slopes) = (Tensor([-5, -2], dtype: .float64), Tensor([0.2, 4], dtype: .float64))
    func path(_ learningRate: Double, epsilon: Double = 1e-6) -> [[Double]] {
        var (x, s) = (start, Tensor.zeros(like: start))
        return [[-5, -2]]
            + (1...20).map { _ in
                step(&x, &s, slopes * x, learningRate: learningRate, epsilon: epsilon)
                return x.array(of: Double.self)
            }
    }
    let (slow, fast) = (path(0.4), path(2))
    lab.say(
        "AdaGrad sums up the squares of all gradients, s ← s + g², and divides by the root, x ← x − ηg/√(s + ε). In the valley f = 0.1x₁² + 2x₂² both directions then move alike, although one is twenty times as steep. But s only grows: with η = 0.4 the steps shrink before x₁ is at 0, and after 20 steps x is (\(slow[20][0], decimals: 3), \(slow[20][1], decimals: 3)); with η = 2 it gets to x₁ = \(fast[20][0], decimals: 3).",
        "AdaGrad 累加所有梯度的平方，s ← s + g²，再除以它的平方根，x ← x − ηg/√(s + ε)。在山谷 f = 0.1x₁² + 2x₂² 中，虽然一个方向的坡度变化是另一个的 20 倍，两个方向却走得差不多。但 s 只增不减：η = 0.4 时 x₁ 还没到 0 步子就变小了，20 步后 x 为 (\(slow[20][0], decimals: 3), \(slow[20][1], decimals: 3))；η = 2 时则能走到 x₁ = \(fast[20][0], decimals: 3)。"
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
        let curves = [curve("η = 0.4", slow), curve("η = 2", fast)]
        return .curves(t("Twenty steps in the valley", "在山谷中走 20 步"), curves + contours, x: Axis("x₁"), y: Axis("x₂"))
    }
    lab.check("slow1", slow[20][0])
    lab.check("slow2", slow[20][1])
    lab.check("fast1", fast[20][0])
    lab.check("fast2", fast[20][1])

    // The library adds its ε = 1e-10 after taking the root: under the root that is about 1e-20.
    let parameter = Parameter(start)
    let optimizer = Adagrad([parameter], learningRate: 0.4)
    for _ in 1...20 {
        parameter.gradient = slopes * parameter.value
        optimizer.step()
    }
    lab.check("same", (parameter.value - Tensor(path(0.4, epsilon: 1e-20)[20], dtype: .float64)).abs().max())

    // Two words, one in every sentence and one in every tenth: the gradient is 1 where a word occurs, and 0 elsewhere.
    var (words, sums) = (Tensor([0.0, 0]), Tensor([0.0, 0]))
    let rates = (1...1000).map { sentence in
        step(&words, &sums, Tensor([1, sentence % 10 == 0 ? 1 : 0]), learningRate: 0.4)
        return (0.4 / (sums + 1e-6).squareRoot()).array(of: Double.self)
    }
    lab.say(
        "Why it suits words: a rare word has had few gradients, so it keeps a larger learning rate η/√s.",
        "为什么适合处理词：罕见词得到的梯度少，学习率 η/√s 就保持得较大。")
    lab.show("rates") { t in
        let sentences = Array(stride(from: 10, through: 1000, by: 10))
        let names = [t("a word in every sentence", "每句都出现的词"), t("a word in one of ten", "十句出现一次的词")]
        let curves = names.enumerated().map { index, name in
            Curve(name, x: sentences.map(Double.init), y: sentences.map { rates[$0 - 1][index] })
        }
        return .curves(
            t("Learning rates with η = 0.4", "η = 0.4 时的学习率"), curves, x: Axis(t("sentences", "句数")),
            y: Axis("η / √s", scale: .logarithmic))
    }
    lab.check("rare", rates[999][1] / rates[999][0])

    // Made-up data: the labels are a weighted sum of the features, with noise.
    let features = Tensor.normal([1500, 5])
    let labels = features.matmul(Tensor([0.5, -0.4, 0.3, -0.2, 0.1])) + Tensor.normal([1500], standardDeviation: 0.7)
    func loss(_ w: Tensor) -> Double { ((features.matmul(w) - labels).squared() / 2).mean().item() }
    let batches = DataLoader(TensorDataset(features, labels), batchSize: 10, shuffle: true, seed: lab.seed)
    var (w, s) = (Tensor.zeros([5]), Tensor.zeros([5]))
    var losses = [loss(w)]
    for _ in 1...2 {
        for (index, (x, y)) in batches.enumerated() {
            let gradient = x.transposed().matmul(x.matmul(w) - y) / 10
            step(&w, &s, gradient, learningRate: 0.1)
            if index % 5 == 4 { losses.append(loss(w)) }
        }
    }
    let least = loss(try leastSquares(features, labels))
    lab.say(
        "Linear regression on 1,500 made-up samples of five features, as many as in the book's airfoil data, which do not come with Yuyan; with η = 0.1: the loss after two epochs is \(losses.last!, decimals: 4); no weights have less than \(least, decimals: 4).",
        "在 1500 个人造样本（5 个特征，与书中的机翼噪声数据一样多，该数据不随 Yuyan 提供）上做线性回归，取 η = 0.1：两轮后损失为 \(losses.last!, decimals: 4)，而任何权重的损失都不会低于 \(least, decimals: 4)。"
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
