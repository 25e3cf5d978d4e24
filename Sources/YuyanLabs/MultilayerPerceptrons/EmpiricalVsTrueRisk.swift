import Foundation
import Yuyan

/// The mean loss of a sample is a guess at the true one: fair for a fixed model, too kind for one that was fitted to it.
let empiricalVsTrueRisk: Lab = Lab(
    "empirical-vs-true-risk", "Empirical and true risk", "经验风险与实际风险",
    book: "4.9", note: .multilayerPerceptrons, part: "5.2",
    claims: [
        // A root of the mean of 800 squares has a standard error of 2.5 %, 3.2 % for n = 10, and sizes from 10 to 640 make
        // that 0.009 for the slope. The margins are four standard errors and more.
        Claim(
            "size", "error of the empirical risk beside √(variance/n), n = 640", "n = 640 时经验风险的误差与 √(方差/n) 之比",
            .near(1, margin: 0.1)),
        Claim("slope", "slope of that error in a log-log plot", "该误差在双对数图中的斜率", .near(-0.5, margin: 0.05)),
        // E = σ²(1 − d/n) and σ²(1 + d/(n − d − 1)) for least squares. Means of 200 scatter by 0.005 each: four and five of that.
        Claim(
            "fitted", "fitted model: mean risk on its training data, σ²(1 − d/n)", "训练得到的模型：训练数据上的平均风险 σ²(1 − d/n)",
            .near(0.1875, margin: 0.021)),
        Claim(
            "true", "its mean true risk, σ²(1 + d/(n − d − 1))", "其平均实际风险 σ²(1 + d/(n − d − 1))",
            .near(0.3393, margin: 0.023)),
    ],
    figures: ["risk", "fitted"]
) { lab in
    // The world: y = 2x + noise, σ = 0.5. The fixed model says 1.5x: its error is 0.5x − noise, of variance 0.5, and so
    // the true risk is E[(ŷ − y)²] = 0.25 + 0.25.
    let trueRisk = 0.25 + 0.25
    func empiricalRisks(of samples: Int, repeats: Int) -> [Double] {
        let x = Tensor.normal([repeats, samples])
        let y = 2 * x + Tensor.normal([repeats, samples], standardDeviation: 0.5)
        return (1.5 * x - y).squared().mean(axis: 1).array()
    }
    let sizes = [10, 40, 160, 640]
    let repeats = 800
    let errors = sizes.map { samples in
        let squares = empiricalRisks(of: samples, repeats: repeats).map { ($0 - trueRisk) * ($0 - trueRisk) }
        return (squares.reduce(0, +) / Double(repeats)).squareRoot()
    }
    // The square of a normal error of variance v has the variance 2v².
    let expected = sizes.map { trueRisk * (2 / Double($0)).squareRoot() }
    lab.say(
        "The true risk of a fixed model is \(trueRisk). How far the mean loss of n samples lies from it, as the root of the mean square over \(repeats) samples of that size:",
        "一个固定模型的实际风险为 \(trueRisk)。n 个样本的平均损失与它的差距（\(repeats) 次抽样的均方根）：")
    lab.table(
        ["n", Words("error", "误差"), "√(2v²/n)"],
        sizes.indices.map { ["\(sizes[$0])", "\(errors[$0], decimals: 4)", "\(expected[$0], decimals: 4)"] })
    lab.show("risk") { t in
        .curves(
            t("Error of the empirical risk", "经验风险的误差"),
            [
                Curve(t("measured", "测得"), x: sizes.map(Double.init), y: errors),
                Curve("√(2v²/n)", x: sizes.map(Double.init), y: expected),
            ], x: Axis(t("samples", "样本数"), scale: .logarithmic), y: Axis(t("error", "误差"), scale: .logarithmic))
    }
    lab.check("size", errors[3] / expected[3])
    // The line of least squares through the points of that plot.
    let logSizes = Tensor(sizes.map { log(Double($0)) })
    let centered = logSizes - logSizes.mean()
    let slope = (centered * Tensor(errors).log()).sum() / centered.squared().sum()
    lab.check("slope", slope)

    // A model that is fitted: 5 weights, by least squares on 20 samples, for 200 such samples at once.
    let (runs, samples, inputs) = (200, 20, 5)
    let x = Tensor.normal([runs, samples, inputs])
    let y = x.sum(axis: 2, keepDimensions: true) + Tensor.normal([runs, samples, 1], standardDeviation: 0.5)
    var w = Tensor.zeros([runs, inputs, 1])
    for _ in 1...300 { w -= 0.3 * x.transposed().matmul(x.matmul(w) - y) / Double(samples) }
    let training = (x.matmul(w) - y).squared().mean(axes: [1, 2])
    // All true weights are 1, and x ~ N(0, 1): the true risk is ‖w − 1‖² + σ².
    let actual = (w - 1).squared().sum(axes: [1, 2]) + 0.25
    lab.say(
        "A model that was fitted to the sample looks better there than it is: \(training.mean().item(), decimals: 3) on its training data, \(actual.mean().item(), decimals: 3) in truth; the noise alone is 0.25. Empirical risk is what training lowers; it no longer measures the true one.",
        "用样本训练出来的模型，在该样本上看起来比实际更好：训练数据上的风险为 \(training.mean().item(), decimals: 3)，实际风险为 \(actual.mean().item(), decimals: 3)，而噪声本身为 0.25。训练降低的正是经验风险，它因此不再能衡量实际风险。"
    )
    lab.show("fitted") { t in
        .histogram(
            t("200 fitted models", "200 个训练得到的模型"),
            [
                ValueGroup(t("training data", "训练数据"), training), ValueGroup(t("in truth", "实际"), actual),
            ], binCount: 30, x: Axis(t("risk", "风险")), y: Axis(t("models", "模型个数")))
    }
    lab.check("fitted", training.mean())
    lab.check("true", actual.mean())
}
