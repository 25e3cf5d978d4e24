import Yuyan

/// What is best in a world that stands still can fail in one that moves: because it reacts, drifts or jumps.
let considerEnvironment = Lab(
    "consider-environment", "The environment moves, too", "考虑到环境",
    book: "4.9", note: .multilayerPerceptrons, part: "5.3",
    claims: [
        // Of 60 % who pay back, 9 of 10 wear such shoes; of the others 2 of 10: 0.54/0.62. The margins are four standard
        // errors, with 4,000 people.
        Claim(
            "before", "loans to people in Oxford shoes: part that is paid back", "只贷给穿牛津鞋的人：还款的比例",
            .near(0.871, margin: 0.03)),
        Claim(
            "after", "the same once it is known, and everybody wears them", "规则传开、人人都穿牛津鞋之后：同上",
            .near(0.6, margin: 0.032)),
        Claim(
            "still", "a price gap that stays: profit of the bold trader beside the modest one's", "价差不变时：大胆者与谨慎者的利润之比",
            .above(3)),
        Claim("closes", "a gap that closes as it is used: profit of the bold trader", "价差随套利缩小时：大胆者的利润", .below(0)),
        Claim("modest", "the same of the modest trader", "同上，谨慎者的利润", .above(0)),
        Claim(
            "stands", "nothing beats the mean of all values where the level stands still", "水平不变时，没有方法胜过全部数值的平均", .yes),
        Claim("drifts", "small bounded steps are best where it drifts", "水平缓慢变化时，步幅受限的更新最好", .yes),
        Claim("jumps", "detecting the change and starting anew is best where it jumps", "水平偶尔突变时，检测并重新开始最好", .yes),
    ],
    figures: ["gap", "drift", "jump"]
) { lab in
    // 1. The world reacts. A bank has found that people in Oxford shoes pay back.
    func partPaidBack(chance: (_ paysBack: Bool) -> Double) -> Double {
        let pays = Tensor.bernoulli([4000], probability: 0.6).array(of: Bool.self)
        let dice = Tensor.uniform([4000]).array(of: Double.self)
        let chosen = pays.indices.filter { dice[$0] < chance(pays[$0]) }
        return Double(chosen.filter { pays[$0] }.count) / Double(chosen.count)
    }
    let (before, after) = (partPaidBack { $0 ? 0.9 : 0.2 }, partPaidBack { _ in 1 })
    lab.say(
        "A bank lends to people in Oxford shoes: \(before * 100, decimals: 1)% of the loans are paid back. Then word gets round, everybody buys such shoes, and it is \(after * 100, decimals: 1)%, as without any rule.",
        "银行只贷款给穿牛津鞋的人：\(before * 100, decimals: 1)% 的贷款得到偿还。消息传开后人人都买这种鞋，比例变成 \(after * 100, decimals: 1)%，与没有规则时一样。")
    lab.check("before", before)
    lab.check("after", after)

    // Something costs 1 more in one town than in another; each piece that is carried over costs 0.3 and may close the gap.
    func trade(pieces: Double, closing: Double) -> (profits: [Double], gaps: [Double]) {
        var (gap, profit) = (1.0, 0.0)
        var (profits, gaps): ([Double], [Double]) = ([], [])
        for _ in 1...50 {
            profit += pieces * (gap - 0.3)
            gap += 0.1 * (1 - gap) - closing * pieces * gap
            profits.append(profit)
            gaps.append(gap)
        }
        return (profits, gaps)
    }
    let (boldStill, modestStill) = (trade(pieces: 10, closing: 0), trade(pieces: 2, closing: 0))
    let (bold, modest) = (trade(pieces: 10, closing: 0.03), trade(pieces: 2, closing: 0.03))
    lab.say(
        "A difference of prices, used for 50 days with 10 pieces a day or with 2. Where it stays, more is better; where each piece closes it a little, the bold trader soon loses money with what was best before.",
        "利用两地的价差 50 天，每天 10 件或 2 件。价差不变时越多越好；如果每一件都使价差缩小一点，大胆者原来最好的做法很快就开始亏钱。")
    lab.table(
        [Words("profit", "利润"), Words("10 a day", "每天 10 件"), Words("2 a day", "每天 2 件")],
        [
            [
                Words("gap stays", "价差不变"), "\(boldStill.profits[49], decimals: 1)",
                "\(modestStill.profits[49], decimals: 1)",
            ],
            [Words("gap closes", "价差缩小"), "\(bold.profits[49], decimals: 1)", "\(modest.profits[49], decimals: 1)"],
        ])
    lab.show("gap") { t in
        .curves(
            t("A price gap that reacts", "会反应的价差"),
            [Curve(t("10 a day", "每天 10 件"), bold.gaps), Curve(t("2 a day", "每天 2 件"), modest.gaps)],
            x: Axis(t("day", "天")),
            y: Axis(t("gap", "价差"), range: 0...1))
    }
    lab.check("still", boldStill.profits[49] / modestStill.profits[49])
    lab.check("closes", bold.profits[49])
    lab.check("modest", modest.profits[49])

    // 2. The world moves by itself. A level is to be known from values with noise of deviation 1.
    typealias Estimator = (_ values: [Double]) -> [Double]
    // The best for a level that stands still: the mean of all.
    let mean: Estimator = { values in
        var m = 0.0
        return values.enumerated().map { round, value in
            m += (value - m) / Double(round + 1)
            return m
        }
    }
    // For slow change: always the same small part of the error, and never more than a bound.
    let bounded: Estimator = { values in
        var m = 0.0
        return values.map { value in
            m += min(max(0.05 * (value - m), -0.1), 0.1)
            return m
        }
    }
    // For rare jumps: the mean since the last one. Errors add up, less 0.5 each; at 10 the level has changed (Page, 1954).
    let detecting: Estimator = { values in
        var (m, count, up, down) = (0.0, 0.0, 0.0, 0.0)
        return values.map { value in
            if count >= 10 { (up, down) = (max(0, up + value - m - 0.5), max(0, down + m - value - 0.5)) }
            if max(up, down) > 10 { (m, count, up, down) = (0, 0, 0, 0) }
            count += 1
            m += (value - m) / count
            return m
        }
    }
    let rounds = 1000
    let levels: [(name: Words, level: [Double])] = [
        (Words("stands still", "不变"), (0..<rounds).map { _ in 0 }),
        (Words("drifts", "缓慢变化"), (0..<rounds).map { 0.005 * Double($0) }),
        (Words("jumps", "突变"), (0..<rounds).map { [0, 4, -1, 3][$0 / 250] }),
    ]
    let estimators = [mean, bounded, detecting]
    let names = [Words("mean of all", "全部平均"), Words("bounded steps", "步幅受限"), Words("detect, reset", "检测并重置")]
    var errors = levels.map { _ in [0.0, 0, 0] }
    let games = lab.full(20, quick: 10)
    var shown: [[[Double]]] = []
    for game in 0..<games {
        let noise = Tensor.normal([rounds]).array(of: Double.self)
        for (world, level) in levels.map(\.level).enumerated() {
            let estimates = estimators.map { $0(zip(level, noise).map { $0 + $1 }) }
            if game == 0 { shown.append(estimates) }
            for (index, estimate) in estimates.enumerated() {
                let squares = zip(estimate, level).map { ($0 - $1) * ($0 - $1) }
                errors[world][index] += squares.reduce(0, +) / Double(rounds * games)
            }
        }
    }
    lab.say(
        "A level under noise, estimated in three ways over \(rounds) rounds; the mean square error, of \(games) runs:",
        "在噪声下用三种方法估计一个水平，共 \(rounds) 轮；\(games) 次运行的均方误差：")
    lab.table(
        [Words("the level", "水平")] + names,
        zip(levels, errors).map { level, row in [level.name] + row.map { "\($0, decimals: 3)" } })
    for (name, world) in [("drift", 1), ("jump", 2)] {
        lab.show(name) { t in
            let places = Array(stride(from: 0, to: rounds, by: 5))
            func curve(_ name: Words, _ values: [Double]) -> Curve {
                Curve(t(name.english, name.chinese), x: places.map { Double($0 + 1) }, y: places.map { values[$0] })
            }
            return .curves(
                t("A level that \(levels[world].name.english)", "水平\(levels[world].name.chinese)"),
                [curve(Words("level", "水平"), levels[world].level)] + zip(names, shown[world]).map { curve($0, $1) },
                x: Axis(t("round", "轮")), y: Axis(t("level", "水平")))
        }
    }
    for (world, name) in ["stands", "drifts", "jumps"].enumerated() {
        lab.check(name, errors[world].min() == errors[world][world])
    }
}
