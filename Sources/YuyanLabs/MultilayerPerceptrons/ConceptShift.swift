import Foundation
import Yuyan

/// What an input means changes, although the inputs look as ever; and how to tell the three kinds of shift apart.
let conceptShift = Lab(
    "concept-shift", "Concept shift", "概念偏移",
    book: "4.9", note: .multilayerPerceptrons, part: "5.1",
    claims: [
        Claim("alarms", "p(x) did not move: share of alarms at 5 %", "p(x) 没变：5% 水平下的报警比例", .below(0.11)),
        Claim(
            "meaning", "P(y | x) did: p-value of the labels within parts of x", "P(y | x) 变了：x 各区间内标签的 p 值",
            .below(1e-6)),
        // The means of σ(4|x|) and, with the other border, of σ(±4(x − 1)), over N(0, 1); margins of four standard errors.
        Claim("before", "accuracy of the source's rule in the source", "源分布的规则在源分布上的准确率", .near(0.8712, margin: 0.014)),
        Claim("after", "accuracy of the source's rule in the target", "源分布的规则在目标分布上的准确率", .near(0.6773, margin: 0.019)),
        Claim("own", "rights of our own diagnosis, of 60", "自己写的诊断函数判断正确的次数（共 60 次）", .above(53.5)),
        Claim("library", "rights of the library's, of 60", "库的诊断判断正确的次数（共 60 次）", .above(53.5)),
        // Of all directions, those between two borders: angle / 180°. Four standard errors of 1,000 samples.
        Claim(
            "frozen", "slow drift: error of the first model after 96 degrees, 96 / 180",
            "缓慢漂移：转动 96 度后最初模型的错误率，96 / 180",
            .near(0.5333, margin: 0.07)),
        Claim("updated", "error of a model that is made anew each month, at most", "每月更新的模型的最大错误率", .below(0.06)),
    ],
    figures: ["meaning", "diagnosis", "drift"]
) { lab in
    // One number x ~ N(0, 1), and labels with P(y = 1 | x) = σ(4 (x − b)): b is the border between the classes. What is called
    // "soda" here is called "pop" over there: the border moves, and x does not.
    func labels(_ x: Tensor, border: Double) -> Tensor {
        (Tensor.uniform(x.shape) .< ((x - border) * 4).sigmoid()).cast(to: .int64)
    }
    func sample(_ border: Double, mean: Double = 0, count: Int = 1000) -> LabeledSample {
        let x = Tensor.normal([count], mean: mean)
        return LabeledSample(features: x, labels: labels(x, border: border))
    }
    // How many labels are 0 and how many 1, in ten parts of x.
    let edges = [-1.28, -0.84, -0.52, -0.25, 0, 0.25, 0.52, 0.84, 1.28]
    func counts(_ sample: LabeledSample) -> [[Int]] {
        var counts = [[Int]](repeating: [0, 0], count: edges.count + 1)
        for (x, y) in zip(sample.features.array(of: Double.self), sample.labels.array(of: Int.self)) {
            counts[edges.count { $0 <= x }][y] += 1
        }
        return counts
    }
    // Several tests together: the least of their p-values times their number (Bonferroni).
    func together(_ tables: [[[Int]]]) throws -> Double {
        FeatureTests(features: try tables.map { try chiSquaredTest(counts: $0) }).pValue
    }
    // P(y | x): in each part of x, the labels of source and target.
    func meaning(_ a: [[Int]], _ b: [[Int]]) throws -> Double { try together(zip(a, b).map { [$0, $1] }) }

    let (source, target) = (sample(0, count: 10_000), sample(1, count: 10_000))
    let (before, after) = (counts(source), counts(target))
    func accuracy(_ sample: LabeledSample) -> Double {
        ((sample.features.flattened() .> 0).cast(to: .int64) .== sample.labels).cast(to: .float32).mean().item()
    }
    lab.say(
        "What soft drinks are called depends on where one asks. The inputs are the same in source and target, but labels change: the source's rule is right for \(accuracy(source) * 100, decimals: 1)% at home and for \(accuracy(target) * 100, decimals: 1)% over there.",
        "软饮料叫什么名字，要看在哪里问。源和目标的输入相同，标签却变了：源分布的规则在源分布上的准确率是 \(accuracy(source) * 100, decimals: 1)%，在目标分布上是 \(accuracy(target) * 100, decimals: 1)%。"
    )
    lab.show("meaning") { t in
        let middles = [-1.6, -1.05, -0.67, -0.39, -0.13, 0.13, 0.39, 0.67, 1.05, 1.6]
        func shares(_ counts: [[Int]]) -> [Double] { counts.map { Double($0[1]) / Double(max(1, $0[0] + $0[1])) } }
        return .curves(
            t("P(y = 1 | x) moves", "P(y = 1 | x) 改变"),
            [
                Curve(t("source", "源"), x: middles, y: shares(before)),
                Curve(t("target", "目标"), x: middles, y: shares(after)),
            ], x: Axis("x"), y: Axis(t("share of label 1", "标签 1 的比例")))
    }
    let alarms = try (0..<200).count { _ in
        try kolmogorovSmirnovTest(sample(0).features.flattened(), sample(1).features.flattened()).isSignificant()
    }
    lab.say(
        "Who looks at the inputs alone notices nothing: a test that is allowed 5 false alarms of 100 sounds \(alarms) times in 200. It takes labels of the target.",
        "只看输入什么也发现不了：一个允许 5% 误报的检验，200 次中报警 \(alarms) 次。必须要有目标分布的标签。")
    lab.check("alarms", Double(alarms) / 200)
    lab.check("meaning", try meaning(before, after))
    lab.check("before", accuracy(source))
    lab.check("after", accuracy(target))

    // A diagnosis: which part of the distribution stayed? p-values for each; above 1 % it may have stayed.
    func diagnosis(_ a: [[Int]], _ b: [[Int]]) throws -> ShiftKind {
        // p(x): how many are in each part. P(y | x): the labels in each part. p(x | y): the parts of each label.
        let parts = [a, b].map { $0.map { $0[0] + $0[1] } }
        let classes = [a, b].map { counts in [0, 1].map { y in counts.reduce(0) { $0 + $1[y] } } }
        let (inputs, labels) = (try together([parts]), try together([classes]))
        let labelsOfInputs = try meaning(a, b)
        let inputsOfLabels = try together([0, 1].map { y in [a.map { $0[y] }, b.map { $0[y] }] })
        if min(inputs, labels, labelsOfInputs) > 0.01 / 3 { return .none }
        let stayed = max(inputs, labelsOfInputs, inputsOfLabels)
        return stayed == labelsOfInputs ? .covariate : stayed == inputsOfLabels ? .label : .concept
    }
    func byClass(_ share: Double) -> LabeledSample {
        let y = Tensor.bernoulli([1000], probability: share).cast(to: .int64)
        return LabeledSample(features: Tensor.normal([1000]) + y * 2 - 1, labels: y)
    }
    let kinds: [(kind: ShiftKind, source: () -> LabeledSample, target: () -> LabeledSample)] = [
        (.covariate, { sample(0) }, { sample(0, mean: 1) }), (.label, { byClass(0.35) }, { byClass(0.65) }),
        (.concept, { sample(0) }, { sample(1) }),
    ]
    var (own, library) = ([ShiftKind: [ShiftKind: Int]](), 0)
    for (kind, source, target) in kinds {
        for _ in 0..<20 {
            let (a, b) = (source(), target())
            own[kind, default: [:]][try diagnosis(counts(a), counts(b)), default: 0] += 1
            library += try ShiftDiagnosis(source: a, target: b).kind == kind ? 1 : 0
        }
    }
    let names: [(kind: ShiftKind, words: Words)] = [
        (.none, Words("none", "无")), (.covariate, Words("covariate", "协变量")), (.label, Words("label", "标签")),
        (.concept, Words("concept", "概念")),
    ]
    lab.say(
        "Each kind leaves one part as it was: covariate shift P(y | x), label shift p(x | y), concept shift here p(x). What 20 pairs of samples of each kind are taken for by the part that moved least (the library's ShiftDiagnosis: \(library) of 60 right):",
        "每种偏移都有一部分不变：协变量偏移是 P(y | x)，标签偏移是 p(x | y)，这里的概念偏移是 p(x)。按变化最小的部分来判断，每种 20 对样本的结果如下（库中的 ShiftDiagnosis 判断正确 \(library) 次，共 60 次）："
    )
    lab.table(
        [Words("truth", "真实")] + names.map(\.words),
        names.dropFirst().map { truth in [truth.words] + names.map { "\(own[truth.kind]?[$0.kind] ?? 0)" } })
    lab.show("diagnosis") { t in
        .heatMap(
            t("Taken for", "判断结果"),
            names.dropFirst().map { truth in names.map { Double(own[truth.kind]?[$0.kind] ?? 0) } },
            rows: names.dropFirst().map { t($0.words.english, $0.words.chinese) },
            columns: names.map { t($0.words.english, $0.words.chinese) }, rowTitle: t("truth", "真实"),
            columnTitle: t("diagnosis", "诊断"))
    }
    lab.check("own", kinds.reduce(0) { $0 + (own[$1.kind]?[$1.kind] ?? 0) })
    lab.check("library", library)

    // Concepts mostly change slowly. The border turns by 4 degrees a month; each month brings 1,000 labelled samples, and the
    // model of one month decides in the next. The model: a line by least squares, for labels −1 and 1.
    func month(_ number: Int) -> (x: Tensor, y: Tensor) {
        let angle = Double(number) * 4 * Double.pi / 180
        let x = Tensor.normal([1000, 2])
        let side = x.matmul(Tensor([[cos(angle)], [sin(angle)]]))
        return (x, (side .> 0).cast(to: .float32) * 2 - 1)
    }
    func error(_ w: Tensor, _ data: (x: Tensor, y: Tensor)) -> Double {
        (data.x.matmul(w) * data.y .<= 0).cast(to: .float32).mean().item()
    }
    let start = month(0)
    let frozen = try leastSquares(start.x, start.y)
    var (updated, errors) = (frozen, (frozen: [Double](), updated: [Double]()))
    for number in 1...24 {
        let data = month(number)
        errors.frozen.append(error(frozen, data))
        errors.updated.append(error(updated, data))
        updated = try leastSquares(data.x, data.y)
    }
    lab.say(
        "Concepts mostly change slowly, and that helps: the border turns by 4 degrees a month. The first model is wrong for \(errors.frozen[23] * 100, decimals: 1)% after two years; one that is made anew each month, from new samples, for \(errors.updated[23] * 100, decimals: 1)%.",
        "概念大多变化缓慢，这正好可以利用：分界线每月转动 4 度。两年后，最初的模型的错误率是 \(errors.frozen[23] * 100, decimals: 1)%；每月用新样本更新的模型只有 \(errors.updated[23] * 100, decimals: 1)%。"
    )
    lab.show("drift") { t in
        .curves(
            t("Error while the concept drifts", "概念漂移时的错误率"),
            [Curve(t("first model", "最初的模型"), errors.frozen), Curve(t("updated", "每月更新"), errors.updated)],
            x: Axis(t("month", "月")), y: Axis(t("error", "错误率")))
    }
    lab.check("frozen", errors.frozen[23])
    lab.check("updated", errors.updated.max()!)
}
