import Foundation
import Yuyan

/// The shares of the classes move, and what a class looks like does not: an illness becomes frequent.
let labelShift = Lab(
    "label-shift", "Label shift", "标签偏移",
    book: "4.9", note: .multilayerPerceptrons, part: "5.1",
    claims: [
        Claim("labels", "p(y) moved: p-value of the labels", "p(y) 变了：标签的 p 值", .below(1e-6)),
        Claim("inputs", "p(x) moved with it: p-value of the inputs", "p(x) 也随之改变：输入的 p 值", .below(1e-6)),
        Claim(
            "classes", "p(x | y) did not: p-value of the inputs within the classes", "p(x | y) 没变：各类内输入的 p 值",
            .above(1e-4)),
        Claim(
            "kind", "of 20 such pairs of samples, the library names label shift for", "20 对这样的样本中，库判断为标签偏移的次数",
            .above(16.5)),
        // Φ(1 − t) and Φ(1 + t), averaged, for the thresholds t = ½ ln 9 and 0.
        Claim(
            "old", "accuracy in the target with the source's shares", "在目标分布上沿用源分布比例的准确率", .near(0.7214, margin: 0.018)),
        Claim("new", "accuracy with the target's shares", "使用目标分布比例的准确率", .near(0.8413, margin: 0.018)),
        Claim("unseen", "a label that the source never had is an error", "源分布中从未出现的标签会报错", .yes),
        Claim("both", "labels by a rule: neither P(y | x) nor p(x | y) moved", "标签由规则确定：P(y | x) 与 p(x | y) 都没变", .yes),
        Claim("moved", "but p(x) and p(y) did", "但 p(x) 和 p(y) 变了", .yes),
        Claim(
            "missing", "largest distance of the shares of splits from the formula", "划分的比例与公式的最大差", .below(0.025)),
    ],
    figures: ["classes", "inputs", "missing"]
) { lab in
    // y causes x: the ill have x ~ N(1, 1), the others N(−1, 1), wherever they are. In the source 1 of 10 is ill, in the target
    // every second one.
    func sample(_ share: Double, _ count: Int) -> LabeledSample {
        let y = Tensor.bernoulli([count], probability: share).cast(to: .int64)
        return LabeledSample(features: y * 2 - 1 + Tensor.normal([count]), labels: y)
    }
    func inputs(_ sample: LabeledSample, of label: Int) -> Tensor {
        let labels = sample.labels.array(of: Int.self)
        return sample.features.flattened()[Tensor(labels.indices.filter { labels[$0] == label })]
    }
    let (source, target) = (sample(0.1, 4000), sample(0.5, 10_000))
    lab.say(
        "An illness: 1 of 10 people has it in the source, every second one in the target. What is measured of the ill is the same in both, and of the others, too.",
        "一种疾病：源分布中每 10 人有 1 人患病，目标分布中每 2 人有 1 人。患者的测量值在两处分布相同，其他人的也相同。")
    func density(_ values: Tensor) -> [Double] {
        var counts = [Double](repeating: 0, count: 16)
        for value in values.array(of: Double.self) where abs(value) < 4 { counts[Int((value + 4) * 2)] += 2 }
        return counts.map { $0 / Double(values.count) }
    }
    let middles = (0..<16).map { -3.75 + Double($0) / 2 }
    lab.show("classes") { t in
        .curves(
            t("p(x | y) stays", "p(x | y) 不变"),
            [
                Curve(t("ill, source", "患者，源"), x: middles, y: density(inputs(source, of: 1))),
                Curve(t("ill, target", "患者，目标"), x: middles, y: density(inputs(target, of: 1))),
                Curve(t("others, source", "其他，源"), x: middles, y: density(inputs(source, of: 0))),
                Curve(t("others, target", "其他，目标"), x: middles, y: density(inputs(target, of: 0))),
            ], x: Axis("x"), y: Axis(t("density", "密度")))
    }
    lab.show("inputs") { t in
        .curves(
            t("p(x) moves, because p(y) does", "p(y) 改变，p(x) 随之改变"),
            [
                Curve(t("source", "源"), x: middles, y: density(source.features)),
                Curve(t("target", "目标"), x: middles, y: density(target.features)),
            ], x: Axis("x"), y: Axis(t("density", "密度")))
    }
    lab.check("labels", try chiSquaredTest(source.labels, target.labels).pValue)
    lab.check("inputs", try kolmogorovSmirnovTest(source.features.flattened(), target.features.flattened()).pValue)
    let within = FeatureTests(
        features: try [0, 1].map { try kolmogorovSmirnovTest(inputs(source, of: $0), inputs(target, of: $0)) })
    lab.check("classes", within.pValue)
    let pairs = try (0..<20).map { _ in try ShiftDiagnosis(source: sample(0.3, 1000), target: sample(0.7, 1000)) }
    lab.check("kind", pairs.count { $0.kind == .label })

    // Who knows the share π of the ill says "ill" if π N(x; 1, 1) > (1 − π) N(x; −1, 1): if x > ½ ln((1 − π) / π).
    func accuracy(_ share: Double) -> Double {
        let isIll = target.features.flattened() .> log((1 - share) / share) / 2
        return (isIll.cast(to: .int64) .== target.labels).cast(to: .float32).mean().item()
    }
    lab.say(
        "The best rule of the source is right for \(accuracy(0.1) * 100, decimals: 1)% of the target, because it hardly expects the illness; the rule for the new share for \(accuracy(0.5) * 100, decimals: 1)%.",
        "源分布上的最优规则在目标分布上的准确率是 \(accuracy(0.1) * 100, decimals: 1)%，因为它很少料到有人患病；按新的患病比例，准确率是 \(accuracy(0.5) * 100, decimals: 1)%。"
    )
    lab.check("old", accuracy(0.1))
    lab.check("new", accuracy(0.5))

    // One of the notes: label shift means labels that training never had. That is its extreme.
    lab.say(
        "One of the notes writes that label shift means labels in the test that training never had. That is only its extreme: label shift is any change of p(y) while p(x | y) stays. It can be corrected by weights p(y) of the target / p(y) of the source, except in this extreme: nothing divided by 0 is a weight, and the library refuses.",
        "有一篇笔记写道，标签偏移就是测试时出现了训练时没有的标签。这只是极端情形：只要 p(y) 改变而 p(x | y) 不变，就是标签偏移。一般可以用权重“目标的 p(y) ÷ 源的 p(y)”来纠正，唯独这种极端情形不行：分母为 0，库会报错。"
    )
    var isRefused = false
    do {
        _ = try LabelShiftCorrection(counts: [[50, 0], [0, 0]], targetPredictions: Tensor([0, 1, 1]))
    } catch ShiftError.unseenClass { isRefused = true }
    lab.check("unseen", isRefused)

    // Covariate and label shift at once: y is 1 exactly where x > 0. x is even within each half, in source and target, but the
    // right half has 50 % of the source and 80 % of the target.
    func ruled(_ share: Double) -> LabeledSample {
        let y = Tensor.bernoulli([2000], probability: share).cast(to: .int64)
        return LabeledSample(features: Tensor.uniform([2000]) - 1 + y, labels: y)
    }
    let (first, second) = (ruled(0.5), ruled(0.8))
    let isRule = [first, second].allSatisfy { sample in
        ((sample.features.flattened() .>= 0).cast(to: .int64) .!= sample.labels).sum().item() == 0
    }
    let halves = FeatureTests(
        features: try [0, 1].map { try kolmogorovSmirnovTest(inputs(first, of: $0), inputs(second, of: $0)) })
    lab.say(
        "Covariate and label shift can hold together. Let y be 1 exactly where x > 0, and let more of the target lie there: p(x) and p(y) move, but neither what an x means nor what a class looks like.",
        "协变量偏移和标签偏移可以同时成立。设 x > 0 时 y 恰好为 1，而目标分布中更多样本落在这一侧：p(x) 和 p(y) 都变了，但 x 的含义没变，每一类的样子也没变。")
    lab.check("both", isRule && halves.pValue > 1e-4)
    let (movedInputs, movedLabels) = (
        try kolmogorovSmirnovTest(first.features.flattened(), second.features.flattened()),
        try chiSquaredTest(first.labels, second.labels)
    )
    lab.check("moved", movedInputs.pValue < 1e-6 && movedLabels.pValue < 1e-6)

    // Small data: with a share π of the ill, a random split into m to train on and t to test has an ill person in the test but
    // none in training with probability (1 − π)^m (1 − (1 − π)^t).
    let share = 0.02
    func formula(_ m: Int, _ t: Int) -> Double { pow(1 - share, Double(m)) * (1 - pow(1 - share, Double(t))) }
    // Samples are drawn in random order, so that the first 80 % are a random part; four standard errors are below 0.025.
    let sizes = [20, 50, 100, 150, 200, 300, 400, 500]
    var random = Generator.current
    let found = sizes.map { size in
        let misses = (0..<2000).count { _ in
            let isIll = (0..<size).map { _ in Double.random(in: 0..<1, using: &random) < share }
            return !isIll[..<(size * 4 / 5)].contains(true) && isIll[(size * 4 / 5)...].contains(true)
        }
        return Double(misses) / 2000
    }
    let expected = sizes.map { formula($0 * 4 / 5, $0 / 5) }
    lab.say(
        "Few samples can bring that extreme about by themselves: 2 of 100 are ill, 80 % of the samples train. How often the test has the label and training does not, of 2,000 random splits each:",
        "样本很少时，随机划分本身就会造成这种极端情形：每 100 人有 2 人患病，80% 的样本用于训练。测试部分有这个标签而训练部分没有的比例（各划分 2000 次）：")
    lab.table(
        [Words("samples", "样本数"), Words("splits", "划分"), Words("formula", "公式")],
        sizes.indices.map { ["\(sizes[$0])", "\(found[$0], decimals: 4)", "\(expected[$0], decimals: 4)"] })
    lab.show("missing") { t in
        .curves(
            t("A label in the test that training lacks", "测试部分有、训练部分没有的标签"),
            [
                Curve(t("2,000 splits", "2000 次划分"), x: sizes.map(Double.init), y: found),
                Curve(t("formula", "公式"), x: sizes.map(Double.init), y: expected),
            ], x: Axis(t("samples", "样本数")), y: Axis(t("share of the splits", "划分的比例")))
    }
    lab.check("missing", zip(found, expected).map { abs($0 - $1) }.max()!)
}
