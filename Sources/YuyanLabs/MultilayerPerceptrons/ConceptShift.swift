import Foundation
import Yuyan

/// What an input means changes, although the inputs look as ever; and how to tell the three kinds of shift apart.
let conceptShift: Lab = Lab(
    "concept-shift", "Concept shift", "概念偏移",
    book: "4.9", note: .multilayerPerceptrons, part: "5.1",
    claims: [
        Claim("inputs", "p(x) did not move: p-value of the inputs", "p(x) 没变：输入的 p 值", .above(1e-4)),
        Claim("meaning", "P(y | x) did: p-value of labels in parts of x", "P(y | x) 变了：x 各区间内标签的 p 值", .below(1e-6)),
        // The means of σ(4|x|) and, with the other border, of σ(±4(x − 1)), over N(0, 1); margins of four standard errors.
        Claim("before", "accuracy of the source's rule in the source", "源分布的规则在源分布上的准确率", .near(0.8712, margin: 0.014)),
        Claim("after", "accuracy of the source's rule in the target", "源分布的规则在目标分布上的准确率", .near(0.6773, margin: 0.019)),
        Claim("own", "how often our own diagnosis is right, of 60", "自己写的诊断判断正确的次数（共 60 次）", .above(53.5)),
        Claim("library", "how often the library's is right, of 60", "库中的诊断判断正确的次数（共 60 次）", .above(53.5)),
        // At best 0.917 − 0.677, the mean of σ(4|x − 1|) less that of the rule above; its standard error is 0.02.
        Claim("drift", "accuracy gained by updating in a slow drift", "缓慢漂移时更新模型提高的准确率", .above(0.1)),
    ],
    figures: ["meaning"]
) { lab in
    // One number x ~ N(0, 1), and labels with P(y = 1 | x) = σ(4 (x − b)): b is the border between the classes. What is called
    // "soda" here is called "pop" over there: the border moves, and x does not.
    func sample(border: Double, mean: Double = 0, count: Int = 1000) -> LabeledSample {
        let x = Tensor.normal([count], mean: mean)
        let y = Tensor.uniform([count]) .< ((x - border) * 4).sigmoid()
        return LabeledSample(features: x, labels: y.cast(to: .int64))
    }
    // A table: how many labels are 0 and how many 1, in ten parts of x.
    let edges = [-1.28, -0.84, -0.52, -0.25, 0, 0.25, 0.52, 0.84, 1.28]
    func counts(_ sample: LabeledSample) -> [[Int]] {
        var counts = [[Int]](repeating: [0, 0], count: 10)
        for (x, y) in zip(sample.features.array(of: Double.self), sample.labels.array(of: Int.self)) {
            counts[edges.count { $0 <= x }][y] += 1
        }
        return counts
    }
    // How probable are such differences between counts by chance? The least p-value times the number of tests (Bonferroni).
    func pValue(_ pairs: [[[Int]]]) throws -> Double {
        FeatureTests(features: try pairs.map { try chiSquaredTest(counts: $0) }).pValue
    }
    // For p(x): how many are in each part. For P(y | x): the labels in each part. For p(x | y): the parts of each label.
    func pValues(_ a: LabeledSample, _ b: LabeledSample) throws -> [Double] {
        let (a, b) = (counts(a), counts(b))
        let inputs = try pValue([[a, b].map { $0.map { $0[0] + $0[1] } }])
        let inputsOfLabels = try pValue([0, 1].map { y in [a.map { $0[y] }, b.map { $0[y] }] })
        return [inputs, try pValue(zip(a, b).map { [$0, $1] }), inputsOfLabels]
    }

    let (source, target) = (sample(border: 0, count: 10_000), sample(border: 1, count: 10_000))
    func accuracy(_ sample: LabeledSample, _ border: Double) -> Double {
        ((sample.features.flattened() .> border).cast(to: .int64) .== sample.labels).cast(to: .float32).mean().item()
    }
    let (home, away, parts) = (accuracy(source, 0), accuracy(target, 0), try pValues(source, target))
    lab.say(
        "What soft drinks are called depends on where one asks. The same inputs get other labels: the source's rule is right for \(home * 100, decimals: 1)% at home and for \(away * 100, decimals: 1)% over there. Who looks at the inputs alone notices nothing: how probable such a difference is by chance (its p-value) is \(parts[0], decimals: 2). It takes labels of the target.",
        "软饮料叫什么名字，要看在哪里问。同样的输入，标签却变了：源分布的规则在源分布上的准确率是 \(home * 100, decimals: 1)%，在目标分布上是 \(away * 100, decimals: 1)%。只看输入什么也发现不了：这样的差异纯属偶然的概率（p 值）是 \(parts[0], decimals: 2)。必须要有目标分布的标签。"
    )
    lab.show("meaning") { t in
        let middles = [-1.6, -1.05, -0.67, -0.39, -0.13, 0.13, 0.39, 0.67, 1.05, 1.6]
        let curves = [(t("source", "源"), source), (t("target", "目标"), target)].map { name, sample in
            Curve(name, x: middles, y: counts(sample).map { Double($0[1]) / Double($0[0] + $0[1]) })
        }
        return .curves("P(y = 1 | x)", curves, x: Axis("x"), y: Axis(t("share of label 1", "标签 1 的比例")))
    }
    lab.check("inputs", parts[0])
    lab.check("meaning", parts[1])
    lab.check("before", home)
    lab.check("after", away)

    // A diagnosis: the part with the largest p-value stayed, and so concept, covariate or label shift is what happened.
    func byClass(_ share: Double) -> LabeledSample {
        let y = Tensor.bernoulli([1000], probability: share).cast(to: .int64)
        return LabeledSample(features: Tensor.normal([1000]) + y * 2 - 1, labels: y)
    }
    let kinds: [(kind: ShiftKind, name: Words, pair: () -> (LabeledSample, LabeledSample))] = [
        (.concept, Words("concept", "概念"), { (sample(border: 0), sample(border: 1)) }),
        (.covariate, Words("covariate", "协变量"), { (sample(border: 0), sample(border: 0, mean: 1)) }),
        (.label, Words("label", "标签"), { (byClass(0.35), byClass(0.65)) }),
    ]
    var (rows, own, library) = ([[Words]](), 0, 0)
    for (index, (kind, name, pair)) in kinds.enumerated() {
        let pairs = (0..<20).map { _ in pair() }
        let parts = try pairs.map { try pValues($0, $1) }
        let right = parts.count { $0[index] == $0.max() }
        rows.append([name] + parts[0].map { "\($0, digits: 2)" } + ["\(right)"])
        own += right
        library += try pairs.count { try ShiftDiagnosis(source: $0, target: $1).kind == kind }
    }
    lab.say(
        "Each kind leaves one part as it was: concept shift here p(x), covariate shift P(y | x), label shift p(x | y). The p-values of one pair of samples, and how often of 20 the largest one names the kind. The library's ShiftDiagnosis is right for \(library) of 60.",
        "每种偏移都有一部分不变：这里的概念偏移是 p(x)，协变量偏移是 P(y | x)，标签偏移是 p(x | y)。下表是一对样本的 p 值，以及 20 对中最大的 p 值正确指出偏移种类的次数。库中的 ShiftDiagnosis 在 60 对中判断正确 \(library) 对。"
    )
    lab.table([Words("shift", "偏移"), "p(x)", "P(y | x)", "p(x | y)", Words("right of 20", "20 对中正确")], rows)
    lab.check("own", own)
    lab.check("library", library)

    // Concepts mostly change slowly: now the border moves by 0.1 a month. What fits the labels of one month best decides in the
    // next; the first model stays with its border at 0.
    func fit(_ sample: LabeledSample) -> Double {
        (-30...30).map { Double($0) / 10 }.max { accuracy(sample, $0) < accuracy(sample, $1) }!
    }
    var (data, border) = (sample(border: 0), 0.0)
    for month in 1...10 {
        border = fit(data)
        data = sample(border: Double(month) / 10)
    }
    let (first, updated) = (accuracy(data, 0), accuracy(data, border))
    lab.say(
        "Concepts mostly change slowly, and that helps. The border moves by 0.1 a month: after ten months the first model is right for \(first * 100, decimals: 1)%, one that is made anew each month for \(updated * 100, decimals: 1)%.",
        "概念大多变化缓慢，这正好可以利用。分界点每月移动 0.1：十个月后，最初的模型的准确率是 \(first * 100, decimals: 1)%，每月更新的模型是 \(updated * 100, decimals: 1)%。"
    )
    lab.check("drift", updated - first)
}
