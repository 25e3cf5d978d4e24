import Foundation
import Yuyan

/// Where samples are few, every fold takes its turn at validating.
let kFoldCV: Lab = Lab(
    "k-fold-cv", "K-fold cross-validation", "K 折交叉验证",
    book: "4.4", note: .multilayerPerceptrons, part: "1.2",
    claims: [
        Claim("covers", "the validation folds are disjoint and cover K·⌊n/K⌋ rows", "各验证折互不相交，共覆盖 K·⌊n/K⌋ 行", .yes),
        Claim("apart", "no row is in training and validation at once", "没有一行同时用于训练和验证", .yes),
        Claim("library", "kFolds of the library gives the same folds", "库中的 kFolds 给出相同的折", .yes),
        Claim(
            "honest", "mean of the estimates in parts of the error on fresh data", "估计的平均值与新数据上误差之比",
            .within(0.8...1.25)),
        Claim("steadier", "spread of the estimates in parts of that of a single fold", "估计的波动与只用一折时之比", .below(0.85)),
    ],
    figures: ["folds", "estimates"]
) { lab in
    // Fold i validates with rows i·f ..< (i + 1)·f, where f = ⌊n/K⌋; the others train. What is past K·f is left out.
    func folds(_ n: Int, _ k: Int) -> [(training: [Int], validation: [Int])] {
        precondition(k > 1, "one fold leaves nothing to train on")
        let size = n / k
        return (0..<k).map { i in
            let validation = Array((i * size)..<((i + 1) * size))
            return ((0..<(k * size)).filter { !validation.contains($0) }, validation)
        }
    }
    let parts = folds(103, 5)
    let validated = parts.flatMap(\.validation)
    lab.say(
        "103 rows in 5 folds of \(parts[0].validation.count): \(103 - validated.count) rows are left out.",
        "103 行分成 5 折，每折 \(parts[0].validation.count) 行，余下 \(103 - validated.count) 行不用。")
    lab.show("folds") { t in
        .heatMap(
            t("Which rows validate (dark)", "哪些行用于验证（深色）"),
            parts.map { part in stride(from: 0, to: 100, by: 5).map { part.validation.contains($0) ? 1 : 0 } },
            rows: (1...5).map { "\($0)" }, columns: stride(from: 0, to: 100, by: 5).map { "\($0)" },
            rowTitle: t("fold", "折"), columnTitle: t("row", "行"))
    }
    lab.check("covers", validated == Array(0..<100))
    lab.check("apart", parts.allSatisfy { Set($0.training).isDisjoint(with: $0.validation) && $0.training.count == 80 })
    lab.check(
        "library",
        zip(kFolds(count: 103, folds: 5), parts).allSatisfy {
            $0.training == $1.training && $0.validation == $1.validation
        })

    // A linear model of ten features, 60 samples: five trainings, each from a new model; their mean is the estimate.
    func sample(_ n: Int) -> (x: Tensor, y: Tensor) {
        let x = Tensor.normal([n, 10]).cast(to: .float64)
        return (x, x.sum(axis: 1, keepDimensions: true) + Tensor.normal([n, 1]).cast(to: .float64))
    }
    func errors(_ data: (x: Tensor, y: Tensor)) throws -> [Double] {
        try folds(data.x.count, 5).map { fold in
            let (training, validation) = (Tensor(fold.training), Tensor(fold.validation))
            let w = try leastSquares(data.x[training], data.y[training])
            return (data.x[validation].matmul(w) - data.y[validation]).squared().mean().item()
        }
    }
    let fresh = sample(2000)
    let trials = try (0..<lab.full(60, quick: 30)).map { _ -> (folds: Double, single: Double, fresh: Double) in
        let data = sample(60)
        let own = try errors(data)
        let w = try leastSquares(data.x, data.y)
        return (own.reduce(0, +) / 5, own[0], (fresh.x.matmul(w) - fresh.y).squared().mean().item())
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    func spread(_ values: [Double]) -> Double {
        let center = mean(values)
        return mean(values.map { ($0 - center) * ($0 - center) }).squareRoot()
    }
    let (all, single, truth) = (trials.map(\.folds), trials.map(\.single), trials.map(\.fresh))
    lab.say(
        "A linear model of 10 features and 60 samples, \(trials.count) times. Five folds estimate its error by \(mean(all), decimals: 2), one fold alone by \(mean(single), decimals: 2); on fresh data it is \(mean(truth), decimals: 2). The mean of five folds varies less from data set to data set: \(spread(all), decimals: 2) instead of \(spread(single), decimals: 2).",
        "10 个特征、60 个样本的线性模型，重复 \(trials.count) 次。五折估计的误差平均为 \(mean(all), decimals: 2)，只用一折为 \(mean(single), decimals: 2)；新数据上为 \(mean(truth), decimals: 2)。五折的平均值在不同数据集之间波动更小：\(spread(all), decimals: 2)，只用一折为 \(spread(single), decimals: 2)。"
    )
    lab.show("estimates") { t in
        .histogram(
            t("Estimates of the error", "误差的估计"),
            [ValueGroup(t("one fold", "一折"), single), ValueGroup(t("mean of five", "五折平均"), all)], binCount: 16,
            x: Axis(t("mean squared error", "均方误差")), y: Axis(t("data sets", "数据集个数")))
    }
    lab.check("honest", mean(all) / mean(truth))
    lab.check("steadier", spread(all) / spread(single))
}
