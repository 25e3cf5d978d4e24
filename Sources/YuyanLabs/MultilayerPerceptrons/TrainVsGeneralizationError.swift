import Foundation
import Yuyan

/// The error on the data that were learned from says little: what counts is the error on fresh data.
let trainVsGeneralizationError: Lab = Lab(
    "train-vs-generalization-error", "Training error and generalisation error", "训练误差与泛化误差",
    book: "4.4", note: .multilayerPerceptrons, part: "1.1",
    claims: [
        Claim(
            "six", "six tosses 0 1 1 1 0 1: training error of the majority", "六次抛掷 0 1 1 1 0 1：多数类的训练误差",
            .exactly(1.0 / 3)),
        Claim("few", "mean training error of 6 tosses: far below 1/2", "6 次抛掷的平均训练误差：远低于 1/2", .within(0.31...0.38)),
        Claim(
            "many", "mean training error of 10,000 tosses: nearly 1/2", "10000 次抛掷的平均训练误差：接近 1/2", .within(0.49...0.5)),
        Claim("fresh", "error of the majority on fresh tosses", "多数类在新数据上的误差", .near(0.5, margin: 0.01)),
        Claim(
            "features", "20 features: gap of the losses in parts of that of 4", "20 个特征：两种损失之差与 4 个特征时之比", .above(10)),
        Claim(
            "range", "weights held small (λ = 0.0001): gap in parts of that of free ones",
            "限制权重的大小（λ = 0.0001）：差距与不限制时之比",
            .below(0.5)),
        Claim("samples", "1,000 samples: gap in parts of that of 30", "1000 个样本：差距与 30 个样本时之比", .below(0.1)),
    ],
    figures: ["coins", "factors"]
) { lab in
    // A coin says nothing about its next toss. Who always predicts the side that came up more often is wrong in half of
    // all fresh tosses, but on the tosses that were counted looks better than that.
    func majority(_ tosses: [Int]) -> Int { tosses.reduce(0, +) * 2 >= tosses.count ? 1 : 0 }
    func error(of guess: Int, on tosses: [Int]) -> Double {
        Double(tosses.count { $0 != guess }) / Double(tosses.count)
    }
    let six = [0, 1, 1, 1, 0, 1]
    lab.check("six", error(of: majority(six), on: six))

    var random = Generator.current
    func toss(_ count: Int) -> [Int] { (0..<count).map { _ in Int.random(in: 0...1, using: &random) } }
    let counts = [6, 20, 60, 200, 600, 2000, 10000]
    let coins = counts.map { count -> (training: Double, fresh: Double) in
        let games = max(30, 20000 / count)
        let errors = (0..<games).map { _ -> (Double, Double) in
            let tosses = toss(count)
            return (error(of: majority(tosses), on: tosses), error(of: majority(tosses), on: toss(count)))
        }
        return (errors.map(\.0).reduce(0, +) / Double(games), errors.map(\.1).reduce(0, +) / Double(games))
    }
    lab.say(
        "Predicting a coin by the side that came up more often, on average over many series:",
        "用出现较多的一面来预测硬币，多组抛掷的平均结果：")
    lab.table(
        [Words("tosses", "抛掷次数"), Words("training error", "训练误差"), Words("error on fresh tosses", "新数据上的误差")],
        zip(counts, coins).map { ["\($0)", "\($1.training, decimals: 3)", "\($1.fresh, decimals: 3)"] })
    lab.show("coins") { t in
        .curves(
            t("Predicting a coin", "预测硬币"),
            [
                Curve(t("training error", "训练误差"), x: counts.map(Double.init), y: coins.map(\.training)),
                Curve(t("generalisation error", "泛化误差"), x: counts.map(Double.init), y: coins.map { _ in 0.5 }),
            ],
            x: Axis(t("tosses", "抛掷次数"), scale: .logarithmic), y: Axis(t("error", "误差"), range: 0.3...0.55))
    }
    lab.check("few", coins[0].training)
    lab.check("many", coins[6].training)
    lab.check("fresh", coins[6].fresh)

    // Three things that widen the gap between training and fresh data, on a cubic with noise of 0.1.
    func sample(_ count: Int, _ features: Int) -> (x: Tensor, y: Tensor) {
        let x = Tensor.normal([count, 1]).cast(to: .float64)
        let y = 5 + 1.2 * x - 3.4 * x.pow(2) / 2 + 5.6 * x.pow(3) / 6
        let powers = (0..<features).map { x.pow($0) / tgamma(Double($0) + 1) }
        return (concatenate(powers, axis: 1), y + 0.1 * Tensor.normal([count, 1]).cast(to: .float64))
    }
    // Least squares with a penalty λ‖w‖², as extra rows √(nλ)·I of the system. The median gap of several draws.
    func gap(samples: Int, features: Int, penalty: Double) throws -> Double {
        let gaps = try (0..<lab.full(21, quick: 11)).map { _ in
            let (training, fresh) = (sample(samples, features), sample(1000, features))
            let rows = Tensor.eye(features, dtype: .float64) * (penalty * Double(samples)).squareRoot()
            let w = try leastSquares(
                concatenate([training.x, rows]),
                concatenate([training.y, Tensor.zeros([features, 1], dtype: .float64)]))
            func loss(_ data: (x: Tensor, y: Tensor)) -> Double { (data.x.matmul(w) - data.y).squared().mean().item() }
            return loss(fresh) - loss(training)
        }
        return gaps.sorted()[gaps.count / 2]
    }
    // No penalty at all would leave a matrix that some draws cannot be solved with.
    let tiny = 1e-12
    let features = try [4, 8, 20].map { ("\($0)", try gap(samples: 30, features: $0, penalty: tiny)) }
    let ranges = try [1e-4, 1e-8, tiny].map {
        ($0 == tiny ? "0" : "\($0)", try gap(samples: 30, features: 20, penalty: $0))
    }
    let sizes = try [1000, 100, 30].map { ("\($0)", try gap(samples: $0, features: 20, penalty: tiny)) }
    lab.say(
        "Three things raise overfitting: more adjustable parameters, a wider range for them, and fewer samples. (One of the notes says that it begins when there are many samples; it is the other way round.) The gap between the loss on fresh data and the training loss:",
        "三个因素加重过拟合：可调参数更多、参数的取值范围更大、样本更少。（有一份笔记说样本多到一定程度会过拟合，正好相反。）新数据上的损失与训练损失之差：")
    lab.table(
        [Words("factor", "因素"), Words("little", "小"), Words("medium", "中"), Words("much", "大")],
        [
            (Words("parameters", "参数个数"), features), (Words("penalty λ", "惩罚 λ"), ranges),
            (Words("samples", "样本数"), sizes),
        ].map { name, gaps in [name] + gaps.map { "\($0.0): \($0.1, digits: 2)" } })
    lab.show("factors") { t in
        .curves(
            t("Gap between fresh and training loss", "新数据与训练损失之差"),
            [
                Curve(t("parameters", "参数"), features.map(\.1)),
                Curve(t("penalty", "惩罚"), ranges.map(\.1)),
                Curve(t("samples", "样本"), sizes.map(\.1)),
            ],
            x: Axis(t("step towards overfitting", "过拟合加重的步骤")), y: Axis(t("gap", "差距"), scale: .logarithmic))
    }
    lab.check("features", features[2].1 / features[0].1)
    lab.check("range", ranges[0].1 / ranges[2].1)
    lab.check("samples", sizes[0].1 / sizes[2].1)
}
