import Foundation
import Yuyan

/// Predictions become decisions about people: whom they miss, what mistakes cost, and how they feed on themselves.
let fairnessAccountability = Lab(
    "fairness-accountability", "Fairness, costs and feedback", "公平、代价与反馈",
    book: "4.9", note: .multilayerPerceptrons, part: "5.4",
    claims: [
        Claim("accuracy", "accuracy of all together", "总体准确率", .above(0.8)),
        // Φ(1) − Φ(1 − 0.8), and four standard errors of 6,000 draws of B.
        Claim("gap", "yet true positive rate of A less that of B", "但 A 与 B 的真正例率之差", .near(0.2621, margin: 0.026)),
        Claim("library", "GroupFairness of the library counts the same", "库中的 GroupFairness 结果相同", .yes),
        Claim(
            "opportunity", "a threshold for each group: gap of the true positive rates", "每组各用一个阈值：真正例率之差",
            .near(0, margin: 0.026)),
        Claim("selection", "but then the gap of the selection rates", "但这时入选率之差", .above(0.1)),
        Claim("threshold", "a miss costs 9 false alarms: threshold", "漏报的代价是误报的 9 倍：阈值", .exactly(0.1)),
        Claim(
            "cheapest", "cost with that threshold in parts of the least of 49 thresholds", "该阈值的代价与 49 个阈值中最小代价之比",
            .below(1.02)),
        Claim("half", "cost with 0.5 in parts of that with 0.1", "阈值 0.5 与 0.1 的代价之比", .above(1.3)),
        Claim(
            "hotspot", "patrols to where most was recorded: share of A at the end", "巡逻总去记录多的街区：最后 A 所占的份额",
            .above(0.75)),
        Claim(
            "proportional", "patrols in proportion: mean share of A stays at the first 0.51",
            "按比例巡逻：A 的平均份额停在最初的 0.51", .near(0.51, margin: 0.006)),
        Claim("random", "patrols at random: mean share of A", "随机巡逻：A 的平均份额", .near(0.5, margin: 0.005)),
    ],
    figures: ["rates", "cost", "patrols"]
) { lab in
    // 1. Groups. Who belongs to class 1 scores N(1, 1), the others N(−1, 1); but the test was made for group A, and gives those
    // of B 0.8 less. A has 80 % of the people. One threshold for all, at 0.
    let count = 100_000
    func normal(_ count: Int) -> [Double] { Tensor.normal([count]).array(of: Double.self) }
    func chances(_ count: Int) -> [Double] { Tensor.uniform([count]).array(of: Double.self) }
    let groups = chances(count).map { $0 < 0.8 ? "A" : "B" }
    let labels = zip(chances(count), groups).map { $0 < ($1 == "A" ? 0.5 : 0.3) ? 1 : 0 }
    let scores = zip(normal(count), zip(labels, groups)).map { noise, person in
        noise + (person.0 == 1 ? 1 : -1) - (person.1 == "B" ? 0.8 : 0)
    }
    struct Rates: Equatable { var accuracy, selected, truePositive, falsePositive: Double }
    func rates(_ decisions: [Int], _ group: String) -> Rates {
        let people = groups.indices.filter { groups[$0] == group }
        func share(of people: [Int], _ isSo: (Int) -> Bool) -> Double {
            Double(people.count(where: isSo)) / Double(people.count)
        }
        return Rates(
            accuracy: share(of: people) { decisions[$0] == labels[$0] },
            selected: share(of: people) { decisions[$0] == 1 },
            truePositive: share(of: people.filter { labels[$0] == 1 }) { decisions[$0] == 1 },
            falsePositive: share(of: people.filter { labels[$0] == 0 }) { decisions[$0] == 1 })
    }
    func decide(_ threshold: [String: Double]) -> [Int] { zip(scores, groups).map { $0 > threshold[$1]! ? 1 : 0 } }

    let decisions = decide(["A": 0, "B": 0])
    let accuracy = Double(zip(decisions, labels).count { $0 == $1 }) / Double(count)
    let (a, b) = (rates(decisions, "A"), rates(decisions, "B"))
    let separate = decide(["A": 0, "B": -0.8])
    let (c, d) = (rates(separate, "A"), rates(separate, "B"))
    lab.say(
        "Group B, a fifth of all, gets scores that are too low by 0.8. One threshold for all decides right for \(accuracy * 100, decimals: 1)% of \(count) people, and B's own accuracy looks as good; but of B's members who belong to class 1, only \(b.truePositive * 100, decimals: 0)% are selected, of A's \(a.truePositive * 100, decimals: 0)%:",
        "B 组占总人数的五分之一，得分偏低 0.8。所有人用同一个阈值，\(count) 人中有 \(accuracy * 100, decimals: 1)% 判断正确，单看 B 组的准确率也不差；但 B 组中属于类别 1 的人只有 \(b.truePositive * 100, decimals: 0)% 入选，A 组则有 \(a.truePositive * 100, decimals: 0)%："
    )
    func row(_ name: Words, _ rates: Rates) -> [Words] {
        [name] + [rates.accuracy, rates.selected, rates.truePositive, rates.falsePositive].map { "\($0, decimals: 3)" }
    }
    lab.table(
        ["", Words("accuracy", "准确率"), Words("selected", "入选率"), Words("TPR", "真正例率"), Words("FPR", "假正例率")],
        [
            row(Words("A, one threshold", "A，同一阈值"), a), row(Words("B, one threshold", "B，同一阈值"), b),
            row(Words("A, own threshold", "A，各自阈值"), c), row(Words("B, own threshold", "B，各自阈值"), d),
        ])
    lab.say(
        "TPR: of those who belong to class 1, how many are selected; FPR: of the others. With a threshold of its own, B's members get the same chance. Both rates agree then, but not the shares of the selected, because class 1 is rarer in B: not all measures can be fair at once.",
        "真正例率（TPR）：属于类别 1 的人中入选的比例；假正例率（FPR）：其余的人中入选的比例。B 组用自己的阈值后，两组机会相同。这时两个比率都一致，但入选率并不相等，因为 B 组中类别 1 较少：各种公平指标不能同时满足。"
    )
    lab.show("rates") { t in
        .bars(
            t("True positive rate by group", "各组的真正例率"), [t("one threshold", "同一阈值"), t("own thresholds", "各自阈值")],
            [BarSeries("A", [a.truePositive, c.truePositive]), BarSeries("B", [b.truePositive, d.truePositive])],
            y: Axis(t("true positive rate", "真正例率")))
    }
    lab.check("accuracy", accuracy)
    lab.check("gap", a.truePositive - b.truePositive)
    let fairness = GroupFairness(labels: labels, predictions: decisions, groups: groups)
    lab.check(
        "library",
        zip(fairness.groups, [a, b]).allSatisfy { group, own in
            Rates(
                accuracy: group.accuracy, selected: group.selectionRate, truePositive: group.truePositiveRate!,
                falsePositive: group.falsePositiveRate!) == own
        } && fairness.selectionRateGap == a.selected - b.selected)
    lab.check("opportunity", c.truePositive - d.truePositive)
    lab.check("selection", c.selected - d.selected)

    // 2. Costs. An illness whose test gives N(1, 1) for the ill half, N(−1, 1) for the others: p = σ(2x) is the probability of
    // being ill. To treat costs c_FP (1 − p) on average, not to treat c_FN p: treat if p > c_FP / (c_FP + c_FN).
    let (alarm, miss) = (1.0, 9.0)
    let ill = chances(count).map { $0 < 0.5 ? 1 : 0 }
    let probabilities = zip(normal(count), ill).map { 1 / (1 + exp(-2 * ($0 + ($1 == 1 ? 1 : -1)))) }
    func cost(_ threshold: Double) -> Double {
        zip(probabilities, ill).reduce(0) { total, person in
            let isTreated = person.0 > threshold
            return total + (isTreated && person.1 == 0 ? alarm : 0) + (!isTreated && person.1 == 1 ? miss : 0)
        } / Double(count)
    }
    let thresholds = (1...49).map { Double($0) / 50 }
    let costs = thresholds.map(cost)
    let best = alarm / (alarm + miss)
    lab.say(
        "Where a miss costs \(miss, digits: 2) times a false alarm, it pays to treat from a probability of \(best, decimals: 2) on: a person costs \(cost(best), decimals: 3) on average, and \(cost(0.5), decimals: 3) with the usual 0.5.",
        "如果漏报的代价是误报的 \(miss, digits: 2) 倍，患病概率超过 \(best, decimals: 2) 就值得治疗：平均每人的代价是 \(cost(best), decimals: 3)，用通常的 0.5 则是 \(cost(0.5), decimals: 3)。"
    )
    lab.show("cost") { t in
        .curves(
            t("Mean cost by threshold", "平均代价与阈值"), [Curve(t("cost", "代价"), x: thresholds, y: costs)],
            x: Axis(t("threshold", "阈值")), y: Axis(t("cost of a person", "每人的代价")))
    }
    lab.check("threshold", DecisionCosts(falsePositive: alarm, falseNegative: miss).threshold)
    lab.check("cheapest", cost(best) / costs.min()!)
    lab.check("half", cost(0.5) / cost(best))

    // 3. Feedback. Two districts where as much happens, 3 days of 10 that a patrol is there. It is recorded only where the patrol
    // is, and the records, 51 and 49 so far, tell where it goes next.
    let (days, towns) = (1000, 1000)
    var random = Generator.current
    func chance() -> Double { Double.random(in: 0..<1, using: &random) }
    func patrol(_ goesToA: (_ shareOfA: Double) -> Bool) -> [Double] {
        var mean = [Double](repeating: 0, count: days)
        for _ in 0..<towns {
            var records = (a: 51.0, b: 49.0)
            for day in 0..<days {
                let toA = goesToA(records.a / (records.a + records.b))
                if chance() < 0.3 { if toA { records.a += 1 } else { records.b += 1 } }
                mean[day] += records.a / (records.a + records.b) / Double(towns)
            }
        }
        return mean
    }
    let (hotspot, proportional, blind) = (patrol { $0 > 0.5 }, patrol { chance() < $0 }, patrol { _ in chance() < 0.5 })
    lab.say(
        "Two districts where the same happens; by chance 51 of 100 records are from A. If the patrol always goes to where most was recorded, A has \(hotspot[days - 1] * 100, decimals: 0)% of the records after \(days) days. In proportion to the records, the first difference never heals (\(proportional[days - 1] * 100, decimals: 1)%). At random, it does (\(blind[days - 1] * 100, decimals: 1)%). Means of \(towns) towns.",
        "两个街区的实际情况相同，100 条记录中碰巧有 51 条来自 A。如果巡逻总去记录最多的街区，\(days) 天后 A 占记录的 \(hotspot[days - 1] * 100, decimals: 0)%；按记录的比例巡逻，最初的差别不会消失（\(proportional[days - 1] * 100, decimals: 1)%）；随机巡逻则会消失（\(blind[days - 1] * 100, decimals: 1)%）。以上是 \(towns) 个城市的平均。"
    )
    let places = stride(from: 9, to: days, by: 10)
    func curve(_ name: String, _ shares: [Double]) -> Curve {
        Curve(name, x: places.map { Double($0 + 1) }, y: places.map { shares[$0] })
    }
    lab.show("patrols") { t in
        .curves(
            t("Share of the records that are from A", "来自 A 的记录所占份额"),
            [
                curve(t("to where most is recorded", "去记录最多处"), hotspot),
                curve(t("in proportion", "按比例"), proportional), curve(t("at random", "随机"), blind),
            ], x: Axis(t("day", "天")), y: Axis(t("share of A", "A 的份额")))
    }
    lab.check("hotspot", hotspot[days - 1])
    // The share of Pólya's urn has no drift; its standard deviation is below 0.05, that of a mean of 1,000 below 0.0016.
    lab.check("proportional", proportional[days - 1])
    lab.check("random", blind[days - 1])
}
