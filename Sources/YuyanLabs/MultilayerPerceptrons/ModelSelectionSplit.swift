import Foundation
import Yuyan

/// Three parts of the data: to learn from, to choose with, and to ask once at the end.
let modelSelectionSplit: Lab = Lab(
    "model-selection-split", "Choosing a model: training, validation and test set", "模型选择：训练集、验证集与测试集",
    book: "4.4", note: .multilayerPerceptrons, part: "1.2",
    claims: [
        Claim("parts", "the three parts are disjoint and cover everything", "三部分互不相交且覆盖全部", .yes),
        Claim("low", "of 20 choices, those of a degree below 3", "20 次选择中低于 3 次的", .exactly(0)),
        Claim("three", "of 20 choices, those of the true degree 3", "20 次选择中选到真实次数 3 的", .within(6...20)),
        Claim(
            "test", "median test loss of the chosen models, near the noise variance 0.01", "所选模型测试损失的中位数，接近噪声方差 0.01",
            .within(0.0085...0.0125)),
        Claim(
            "picked", "best of 50 coin predictors by its test set: accuracy there", "50 个猜硬币的预测器中按测试集选出的：在测试集上的准确率",
            .within(0.59...0.64)),
        Claim("fresh", "the same on fresh data", "它在新数据上的准确率", .near(0.5, margin: 0.02)),
    ],
    figures: ["degrees", "optimism"]
) { lab in
    var random = Generator.current
    // Shuffle the rows, then cut: 100 to train on, 100 to choose with, 100 for the end.
    func split(_ count: Int) -> (training: [Int], validation: [Int], test: [Int]) {
        let rows = (0..<count).shuffled(using: &random)
        return (
            Array(rows[..<(count / 3)]), Array(rows[(count / 3)..<(count * 2 / 3)]), Array(rows[(count * 2 / 3)...])
        )
    }
    let parts = split(300)
    lab.check("parts", Set(parts.training + parts.validation + parts.test) == Set(0..<300) && parts.test.count == 100)

    // A cubic with noise, and polynomials of degree 0 to 8 that are fitted to the training part.
    let degrees = Array(0...8)
    func choose() throws -> (degree: Int, test: Double, losses: [(training: Double, validation: Double)]) {
        let x = Tensor.normal([300, 1]).cast(to: .float64)
        let powers = concatenate(degrees.map { x.pow($0) / tgamma(Double($0) + 1) }, axis: 1)
        let y =
            powers[.all, 0..<4].matmul(Tensor([[5], [1.2], [-3.4], [5.6]]).cast(to: .float64)) + 0.1
            * Tensor.normal([300, 1]).cast(to: .float64)
        let parts = split(300)
        func loss(_ w: Tensor, _ rows: [Int]) -> Double {
            let rows = Tensor(rows)
            return (powers[rows][.all, 0..<w.count].matmul(w) - y[rows]).squared().mean().item()
        }
        let models = try degrees.map { degree in
            let rows = Tensor(parts.training)
            return try leastSquares(powers[rows][.all, 0...degree], y[rows])
        }
        let losses = models.map { (training: loss($0, parts.training), validation: loss($0, parts.validation)) }
        let best = degrees.min { losses[$0].validation < losses[$1].validation }!
        // The test part is asked once, about the model that was chosen.
        return (best, loss(models[best], parts.test), losses)
    }
    let choices = try (0..<20).map { _ in try choose() }
    lab.say(
        "A cubic with noise; polynomials of degree 0 to 8 are fitted to 100 samples, and 100 others choose among them. The losses of one of 20 such choices:",
        "带噪声的三次多项式：用 100 个样本拟合 0 到 8 次多项式，再用另外 100 个样本从中选择。20 次选择中一次的损失：")
    lab.table(
        [Words("degree", "次数"), Words("training loss", "训练损失"), Words("validation loss", "验证损失")],
        degrees.map {
            ["\($0)", "\(choices[0].losses[$0].training, digits: 4)", "\(choices[0].losses[$0].validation, digits: 4)"]
        })
    lab.show("degrees") { t in
        .curves(
            t("Loss and degree", "损失与次数"),
            [
                Curve(t("training", "训练"), x: degrees.map(Double.init), y: choices[0].losses.map(\.training)),
                Curve(t("validation", "验证"), x: degrees.map(Double.init), y: choices[0].losses.map(\.validation)),
            ],
            x: Axis(t("degree", "次数")), y: Axis(t("loss", "损失"), scale: .logarithmic))
    }
    let picks = degrees.map { degree in choices.count { $0.degree == degree } }
    lab.say(
        "In \(picks[3]) of 20 choices the validation loss picks degree 3, in \(picks[4...].reduce(0, +)) a higher one, which hardly does harm.",
        "20 次选择中，验证损失有 \(picks[3]) 次选到 3 次，\(picks[4...].reduce(0, +)) 次选到更高的次数，后者几乎没有害处。")
    lab.check("low", picks[..<3].reduce(0, +))
    lab.check("three", picks[3])
    lab.check("test", choices.map(\.test).sorted()[10])

    // Why the test part must not choose: fifty predictors of a coin, none of which can know anything.
    func bestByTest() -> (test: Double, fresh: Double) {
        let (test, fresh) = (Tensor.bernoulli([100], probability: 0.5), Tensor.bernoulli([1000], probability: 0.5))
        let accuracies = (0..<50).map { _ in
            (Tensor.bernoulli([100], probability: 0.5) .== test).cast(to: .float32).mean().item()
        }
        return (
            accuracies.max()!, (Tensor.bernoulli([1000], probability: 0.5) .== fresh).cast(to: .float32).mean().item()
        )
    }
    let rounds = (0..<20).map { _ in bestByTest() }
    let (picked, honest): (Double, Double) = (
        rounds.map(\.test).reduce(0, +) / 20, rounds.map(\.fresh).reduce(0, +) / 20
    )
    lab.say(
        "Fifty predictors guess tosses of a coin. The one that does best on a test set of 100 seems right in \(picked * 100, decimals: 1)%, on fresh data in \(honest * 100, decimals: 1)%: a set that chooses is too kind to its choice.",
        "50 个预测器猜硬币。在 100 个样本的测试集上最好的那个看起来有 \(picked * 100, decimals: 1)% 正确，在新数据上只有 \(honest * 100, decimals: 1)%：用来挑选的数据对选中的模型总是过于乐观。"
    )
    lab.show("optimism") { t in
        .bars(
            t("The best of fifty guessers", "50 个猜测者中最好的"), [t("on the test set", "测试集"), t("on fresh data", "新数据")],
            [BarSeries("", [picked, honest])], y: Axis(t("accuracy", "准确率")))
    }
    lab.check("picked", picked)
    lab.check("fresh", honest)
}
