import Foundation
import Yuyan

/// The shares of the classes move, and what a class looks like does not: an illness becomes frequent.
let labelShift: Lab = Lab(
    "label-shift", "Label shift", "标签偏移",
    book: "4.9", note: .multilayerPerceptrons, part: "5.1",
    claims: [
        Claim("labels", "p(y) moved: p-value of the labels", "p(y) 变了：标签的 p 值", .below(1e-6)),
        Claim("inputs", "p(x) moved with it: p-value of the inputs", "p(x) 也随之改变：输入的 p 值", .below(1e-6)),
        Claim("classes", "p(x | y) did not: p-value of the inputs of a class", "p(x | y) 没变：各类内输入的 p 值", .above(1e-4)),
        // Φ(1 − t) and Φ(1 + t), averaged, for the thresholds t = ½ ln 9 and 0.
        Claim("old", "accuracy in the target with the source's shares", "沿用源比例，目标上的准确率", .near(0.7214, margin: 0.018)),
        Claim("new", "accuracy with the target's shares", "使用目标比例，目标上的准确率", .near(0.8413, margin: 0.018)),
        Claim("unseen", "a label that the source never had is an error", "源数据中从未出现的标签会报错", .yes),
        Claim("moved", "labels by a rule: p(x) and p(y) moved", "标签由规则确定：p(x) 和 p(y) 都变了", .yes),
        Claim("both", "but p(x | y) did not: its p-value", "但 p(x | y) 没变：p 值", .above(1e-4)),
        Claim("missing", "splits that miss a label: distance from the formula", "缺少标签的划分：与公式的最大差", .below(0.025)),
    ],
    figures: ["classes", "missing"]
) { lab in
    // y causes x: the ill have x ~ N(1, 1) and the others N(−1, 1), in source and target.
    func sample(_ share: Double, _ count: Int) -> LabeledSample {
        let y = Tensor.bernoulli([count], probability: share).cast(to: .int64)
        return LabeledSample(features: y * 2 - 1 + Tensor.normal([count]), labels: y)
    }
    func inputs(_ data: LabeledSample, of label: Int) -> Tensor { data.features[(data.labels .== label).nonzero()] }
    let (source, target) = (sample(0.1, 4000), sample(0.5, 10_000))
    lab.say(
        "An illness: 1 of 10 people has it in the source, every second one in the target. What is measured of the ill is the same in both, and so it is for the others.",
        "一种疾病：源分布中每 10 人有 1 人患病，目标分布中每 2 人有 1 人。患者的测量值在两处分布相同，其他人也一样。")
    // The density of x: the share of the samples in each step of ½, by its width.
    let middles = (0..<16).map { Double($0) / 2 - 3.75 }
    func density(_ x: Tensor) -> [Double] {
        middles.map { 2 * ((x - $0).abs() .< 0.25).cast(to: .float32).mean().item() }
    }
    lab.show("classes") { t in
        let curves = [
            Curve(t("ill, source", "患者，源"), x: middles, y: density(inputs(source, of: 1))),
            Curve(t("ill, target", "患者，目标"), x: middles, y: density(inputs(target, of: 1))),
            Curve(t("others, source", "其他人，源"), x: middles, y: density(inputs(source, of: 0))),
            Curve(t("others, target", "其他人，目标"), x: middles, y: density(inputs(target, of: 0))),
        ]
        return .curves(t("p(x | y) stays", "p(x | y) 不变"), curves, x: Axis("x"), y: Axis(t("density", "密度")))
    }
    // p-values: how probable such a difference is by chance. Of several tests, the least times their number (Bonferroni).
    typealias Tests = (inputs: FeatureTests, labels: TwoSampleTest, classes: FeatureTests)
    func tests(_ a: LabeledSample, _ b: LabeledSample) throws -> Tests {
        let (x, y) = (try kolmogorovSmirnovTests(a.features, b.features), try chiSquaredTest(a.labels, b.labels))
        let classes = try [0, 1].flatMap { try kolmogorovSmirnovTests(inputs(a, of: $0), inputs(b, of: $0)).features }
        return (x, y, FeatureTests(features: classes))
    }
    let moved = try tests(source, target)
    lab.check("labels", moved.labels.pValue)
    lab.check("inputs", moved.inputs.pValue)
    lab.check("classes", moved.classes.pValue)

    // Who knows the share π of the ill says "ill" if π N(x; 1, 1) > (1 − π) N(x; −1, 1): if x > ½ ln((1 − π) / π).
    func accuracy(_ share: Double) -> Double {
        let isIll = target.features.flattened() .> log((1 - share) / share) / 2
        return (isIll.cast(to: .int64) .== target.labels).cast(to: .float32).mean().item()
    }
    lab.say(
        "The best rule of the source seldom says “ill”, and is right for only \(accuracy(0.1) * 100, decimals: 1)% of the target. The best rule for the new share is right for \(accuracy(0.5) * 100, decimals: 1)%.",
        "源分布上的最优规则很少判人患病，在目标分布上的准确率只有 \(accuracy(0.1) * 100, decimals: 1)%；改用新的患病比例后是 \(accuracy(0.5) * 100, decimals: 1)%。"
    )
    lab.check("old", accuracy(0.1))
    lab.check("new", accuracy(0.5))

    lab.say(
        "One of the notes writes that label shift means labels in the test that training never had. What holds: it is any change of p(y) while p(x | y) stays. The weights p(y) of the target / p(y) of the source correct it, except in that extreme case: nothing can be divided by 0, and the library refuses.",
        "有一份笔记写道，标签偏移就是测试时出现了训练时没有的标签。其实，只要 p(y) 改变而 p(x | y) 不变，就是标签偏移，可以用权重“目标的 p(y) ÷ 源的 p(y)”来纠正；唯独这种极端情形不行：除数为 0，库会报错。"
    )
    let correction = try? LabelShiftCorrection(counts: [[50, 0], [0, 0]], targetPredictions: Tensor([0, 1, 1]))
    lab.check("unseen", correction == nil)

    // Covariate and label shift at once: by one rule, y is 1 where x ≥ 0 and else 0. Each half of −1 to 1 is evenly filled; the
    // right one has 50 % of the source and 80 % of the target.
    func ruled(_ share: Double) -> LabeledSample {
        let y = Tensor.bernoulli([2000], probability: share).cast(to: .int64)
        return LabeledSample(features: Tensor.uniform([2000]) - 1 + y, labels: y)
    }
    let (first, second) = (ruled(0.5), ruled(0.8))
    let both = try tests(first, second)
    lab.say(
        "Covariate and label shift can hold together. Let y be 1 exactly where x ≥ 0, and let more of the target lie there: p(x) and p(y) move, but neither what an x means nor what a class looks like.",
        "协变量偏移和标签偏移可以同时成立。设 x ≥ 0 时 y 为 1，否则为 0，而目标中更多样本落在 x ≥ 0 一侧：p(x) 和 p(y) 都变了，但 x 的含义没变，每一类的样子也没变。")
    lab.check("moved", max(both.inputs.pValue, both.labels.pValue) < 1e-6)
    lab.check("both", both.classes.pValue)

    // Few samples: with a share π of the ill, a random split into m to train on and t to test has an ill person in the test but
    // none in training with probability (1 − π)^m (1 − (1 − π)^t). Four standard errors of 2,000 splits: 0.025.
    let (share, sizes) = (0.02, [20, 50, 100, 150, 200, 300, 400, 500])
    let formula = sizes.map { n in pow(1 - share, Double(n) * 0.8) * (1 - pow(1 - share, Double(n) * 0.2)) }
    func isMissed(_ n: Int) -> Bool {
        let isIll = Tensor.bernoulli([n], probability: share).array(of: Double.self)
        return !isIll[..<(n * 4 / 5)].contains(1) && isIll[(n * 4 / 5)...].contains(1)
    }
    let found = sizes.map { n in Double((0..<2000).count { _ in isMissed(n) }) / 2000 }
    lab.say(
        "Few samples can bring that extreme about: 2 of 100 people are ill, and 80% of the samples train. How often the test has a label that training lacks, in 2,000 random splits of each size and by the formula:",
        "样本很少时，随机划分就会造成这种极端情形：每 100 人有 2 人患病，80% 的样本用于训练。测试部分有、训练部分却没有患者的比例，每种大小划分 2000 次，与公式对照：")
    lab.show("missing") { t in
        let curves = [(t("2,000 splits", "2000 次划分"), found), (t("formula", "公式"), formula)]
        return .curves(
            t("A label in the test that training lacks", "测试部分有、训练部分没有的标签"),
            curves.map { Curve($0, x: sizes.map(Double.init), y: $1) },
            x: Axis(t("samples", "样本数")), y: Axis(t("share of the splits", "划分的比例")))
    }
    lab.check("missing", zip(found, formula).map { abs($0 - $1) }.max()!)
}
