import Yuyan

/// Predictions become decisions about people: whom they miss, what mistakes cost, and how they feed on themselves.
let fairnessAccountability: Lab = Lab(
    "fairness-accountability", "Fairness, costs and feedback", "公平、代价与反馈",
    book: "4.9", note: .multilayerPerceptrons, part: "5.4",
    claims: [
        Claim("accuracy", "accuracy of all together", "总体准确率", .above(0.8)),
        // Φ(1) − Φ(1 − 0.8), and four standard errors of 6,000 draws of B.
        Claim("gap", "yet true positive rate of A less that of B", "但 A 与 B 的真正例率之差", .near(0.2621, margin: 0.026)),
        Claim("library", "difference from the library's GroupFairness", "与库中 GroupFairness 的结果之差", .below(1e-6)),
        Claim("equal", "that gap with a threshold for each group", "每组各用一个阈值：真正例率之差", .near(0, margin: 0.026)),
        Claim("selection", "but then the gap of the selection rates", "但这时入选率之差", .above(0.1)),
        Claim("threshold", "a miss costs 9 false alarms: best threshold", "漏报的代价是误报的 9 倍：最佳阈值", .exactly(0.1)),
        Claim("cheapest", "its cost / least cost of 49 thresholds", "该阈值的代价与 49 个阈值中最小代价之比", .below(1.02)),
        Claim("half", "cost with the threshold 0.5 / its cost", "阈值 0.5 与该阈值的代价之比", .above(1.3)),
        Claim("hotspot", "patrols where most is recorded: A's share at the end", "巡逻总去记录多的街区：最后 A 的份额", .above(0.75)),
        // Pólya's urn has no drift; its standard deviation is below 0.05, that of a mean of 1,000 below 0.0016.
        Claim("proportional", "patrols in proportion: the same", "按记录的比例巡逻：同上", .near(0.51, margin: 0.006)),
        // (51 + 150)/400, and four standard errors.
        Claim("random", "patrols at random: the same", "随机巡逻：同上", .near(0.5025, margin: 0.003)),
    ],
    figures: ["patrols"]
) { lab in
    // 1. Groups. People of class 1 score N(1, 1), the others N(−1, 1). But the test was made for group A, four fifths of all,
    // and gives those of B 0.8 less. Who scores above a threshold is selected.
    let count = 100_000
    func draw(_ probability: Tensor) -> Tensor { (Tensor.uniform([count]) .< probability).cast(to: .float32) }
    let inB = draw(Tensor(0.2))
    let label = draw(0.5 - 0.2 * inB)
    let score = Tensor.normal([count]) + (2 * label - 1) - 0.8 * inB
    func decide(thresholdOfB: Double) -> Tensor { (score .> thresholdOfB * inB).cast(to: .float32) }
    let (one, own) = (decide(thresholdOfB: 0), decide(thresholdOfB: -0.8))
    let accuracy = (one .== label).cast(to: .float32).mean().item()
    // The true positive rate: the part of a group's class 1 that is selected.
    func truePositiveRate(_ group: Tensor) -> Double { ((one * label * group).sum() / (label * group).sum()).item() }
    let (rateOfA, rateOfB) = (truePositiveRate(1 - inB), truePositiveRate(inB))
    lab.say(
        "Group B, a fifth of all, gets scores that are too low by 0.8. With one threshold for all, \(accuracy * 100, decimals: 1)% of \(count) decisions are right, and B's look as good as A's. But of B's members who belong to class 1, only \(rateOfB * 100, decimals: 0)% are selected, of A's \(rateOfA * 100, decimals: 0)%:",
        "B 组占总人数的五分之一，得分偏低 0.8。所有人用同一个阈值，\(count) 人中有 \(accuracy * 100, decimals: 1)% 判断正确，单看 B 组的准确率也不差；但 B 组中属于类别 1 的人只有 \(rateOfB * 100, decimals: 0)% 入选，A 组则有 \(rateOfA * 100, decimals: 0)%："
    )
    let (labels, groups) = (label.array(of: Int.self), inB.array(of: Int.self).map { ["A", "B"][$0] })
    let decisions: [[Int]] = [one.array(), own.array()]
    let fairness = decisions.map { GroupFairness(labels: labels, predictions: $0, groups: groups) }
    let names: [Words] = ["A", "B", Words("A, own threshold", "A，各自阈值"), Words("B, own threshold", "B，各自阈值")]
    lab.table(
        ["", Words("accuracy", "准确率"), Words("selected", "入选率"), Words("TPR", "真正例率"), Words("FPR", "假正例率")],
        zip(names, fairness.flatMap(\.groups)).map { name, group in
            let rates = [group.accuracy, group.selectionRate, group.truePositiveRate!, group.falsePositiveRate!]
            return [name] + rates.map { "\($0, decimals: 3)" }
        })
    lab.say(
        "TPR, the true positive rate: the part of class 1 that is selected; FPR, the false positive rate: that of the others. With a threshold of its own B gets the same chances: both rates agree. The selected parts still differ, because class 1 is rarer in B: not all measures can be fair at once.",
        "真正例率（TPR）：属于类别 1 的人中入选的比例；假正例率（FPR）：其余的人中入选的比例。B 组用自己的阈值后，两组机会相同，两个比率都一致。但入选率仍不相等，因为 B 组中类别 1 较少：各种公平指标不能同时满足。"
    )
    lab.check("accuracy", accuracy)
    lab.check("gap", rateOfA - rateOfB)
    lab.check("library", abs(fairness[0].truePositiveRateGap! - (rateOfA - rateOfB)))
    lab.check("equal", fairness[1].truePositiveRateGap!)
    lab.check("selection", fairness[1].selectionRateGap)

    // 2. Costs. Half of all are ill. A test gives N(1, 1) for them and N(−1, 1) for the others: p = σ(2x) is the probability of
    // being ill. Treating costs c_FP (1 − p) on average, not treating c_FN p: so treat if p > c_FP / (c_FP + c_FN).
    let (alarm, miss) = (1.0, 9.0)
    let ill = draw(Tensor(0.5))
    let p = (2 * (Tensor.normal([count]) + (2 * ill - 1))).sigmoid()
    func cost(_ threshold: Double) -> Double {
        let treated = (p .> threshold).cast(to: .float32)
        return (alarm * treated * (1 - ill) + miss * (1 - treated) * ill).mean().item()
    }
    let best = alarm / (alarm + miss)
    let leastCost = (1...49).map { cost(Double($0) / 50) }.min()!
    lab.say(
        "Where a miss costs \(miss, digits: 2) times a false alarm, it pays to treat from a probability of \(best, decimals: 2) on: a person costs \(cost(best), decimals: 3) on average, and \(cost(0.5), decimals: 3) with the usual 0.5.",
        "如果漏报的代价是误报的 \(miss, digits: 2) 倍，患病概率超过 \(best, decimals: 2) 就值得治疗：平均每人的代价是 \(cost(best), decimals: 3)，用通常的 0.5 则是 \(cost(0.5), decimals: 3)。"
    )
    lab.check("threshold", DecisionCosts(falsePositive: alarm, falseNegative: miss).threshold)
    lab.check("cheapest", cost(best) / leastCost)
    lab.check("half", cost(0.5) / cost(best))

    // 3. Feedback. In two districts the same happens, on 3 days of 10. It is recorded only where the patrol is, and the
    // records, 51 and 49 so far, tell where the patrol goes next.
    let (weeks, towns) = (200, 1000)
    var random = Generator.current
    func chance() -> Double { Double.random(in: 0..<1, using: &random) }
    func patrol(_ goesToA: (_ shareOfA: Double) -> Bool) -> [Double] {
        var mean = [Double](repeating: 0, count: weeks)
        for _ in 0..<towns {
            var (recordsOfA, records) = (51.0, 100.0)
            for day in 0..<(5 * weeks) {
                let toA = goesToA(recordsOfA / records)
                if chance() < 0.3 { (recordsOfA, records) = (recordsOfA + (toA ? 1 : 0), records + 1) }
                if day % 5 == 4 { mean[day / 5] += recordsOfA / records / Double(towns) }
            }
        }
        return mean
    }
    let (hotspot, proportional, blind) = (patrol { $0 > 0.5 }, patrol { chance() < $0 }, patrol { _ in chance() < 0.5 })
    let ends = [hotspot, proportional, blind].map { "\($0[weeks - 1] * 100, decimals: 1)%" }
    lab.say(
        "Two districts where the same happens; by chance 51 of 100 records are from A. If the patrol always goes where most is recorded, A has \(ends[0]) of the records after \(weeks) weeks (mean of \(towns) towns). In proportion to the records, the first difference never heals: \(ends[1]). At random, it does: \(ends[2]).",
        "两个街区的实际情况相同，100 条记录中碰巧有 51 条来自 A。如果巡逻总去记录最多的街区，\(weeks) 周后 A 占记录的 \(ends[0])（\(towns) 个城市的平均）；按记录的比例巡逻，最初的差别不会消失：\(ends[1])；随机巡逻则会消失：\(ends[2])。"
    )
    lab.show("patrols") { t in
        .curves(
            t("Share of the records that are from A", "来自 A 的记录所占份额"),
            [
                Curve(t("most recorded", "去记录最多处"), hotspot), Curve(t("in proportion", "按比例"), proportional),
                Curve(t("at random", "随机"), blind),
            ], x: Axis(t("week of five days", "周（每周五天）")), y: Axis(t("share of A", "A 的份额")))
    }
    lab.check("hotspot", hotspot[weeks - 1])
    lab.check("proportional", proportional[weeks - 1])
    lab.check("random", blind[weeks - 1])
}
