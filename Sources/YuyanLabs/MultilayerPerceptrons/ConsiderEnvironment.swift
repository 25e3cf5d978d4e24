import Yuyan

/// What is best in a world that stands still can fail in one that moves: because it reacts, drifts or jumps.
let considerEnvironment: Lab = Lab(
    "consider-environment", "The environment moves, too", "考虑到环境",
    book: "4.9", note: .multilayerPerceptrons, part: "5.3",
    claims: [
        // Of 60 % who pay back, 9 of 10 wear such shoes; of the others 2 of 10: 0.54/0.62. The margins are four standard
        // errors, with 4,000 people.
        Claim("before", "loans to those in Oxford shoes: part paid back", "只贷给穿牛津鞋的人：还款比例", .near(0.871, margin: 0.03)),
        Claim("after", "the same once everybody wears them", "人人都穿牛津鞋之后：同上", .near(0.6, margin: 0.032)),
        Claim("still", "a price gap that stays: profit of 10 a day beside 2", "价差不变时：每天 10 件与 2 件的利润之比", .above(3)),
        Claim("closes", "a gap that closes as it is used: profit of 10 a day", "价差随套利缩小时：每天 10 件的利润", .below(0)),
        Claim("modest", "the same of 2 a day", "同上，每天 2 件", .above(0)),
        Claim("stands", "nothing beats the mean of all values where the level stands still", "水平不变时，没有方法胜过全部平均", .yes),
        Claim("drifts", "small bounded steps are best where it drifts", "水平缓慢变化时，步幅受限的更新最好", .yes),
        Claim("jumps", "detecting the change and starting anew is best where it jumps", "水平偶尔突变时，检测并重新开始最好", .yes),
    ],
    figures: ["gap", "drift", "jump"]
) { lab in
    // 1. The world reacts. A bank has found that people in Oxford shoes pay back.
    func partPaidBack(wearsShoes: (_ paysBack: Bool) -> Double) -> Double {
        let pays = Tensor.bernoulli([4000], probability: 0.6).array(of: Bool.self)
        let chances = Tensor.uniform([4000]).array(of: Double.self)
        let loans = zip(pays, chances).filter { $1 < wearsShoes($0) }
        return Double(loans.count { $0.0 }) / Double(loans.count)
    }
    let (before, after) = (partPaidBack { $0 ? 0.9 : 0.2 }, partPaidBack { _ in 1 })
    lab.say(
        "A bank lends to people in Oxford shoes: \(before * 100, decimals: 1)% of the loans are paid back. Then word gets round, everybody buys such shoes, and it is \(after * 100, decimals: 1)%, as without any rule.",
        "银行只贷款给穿牛津鞋的人：\(before * 100, decimals: 1)% 的贷款得到偿还。消息传开后人人都买这种鞋，比例变成 \(after * 100, decimals: 1)%，与没有规则时一样。")
    lab.check("before", before)
    lab.check("after", after)

    // Something costs 1 more in one town than in another; each piece that is carried over costs 0.3 and may close the gap.
    func trade(pieces: Double, closing: Double) -> (profit: Double, gaps: [Double]) {
        var (gap, profit, gaps): (Double, Double, [Double]) = (1, 0, [])
        for _ in 1...50 {
            profit += pieces * (gap - 0.3)
            gap += 0.1 * (1 - gap) - closing * pieces * gap
            gaps.append(gap)
        }
        return (profit, gaps)
    }
    let (boldStill, modestStill) = (trade(pieces: 10, closing: 0).profit, trade(pieces: 2, closing: 0).profit)
    let (bold, modest) = (trade(pieces: 10, closing: 0.03), trade(pieces: 2, closing: 0.03))
    lab.say(
        "Goods cost 1 more in the next town, and carrying a piece there costs 0.3. Carrying 10 pieces a day for 50 days earns \(boldStill, decimals: 0), and 2 a day \(modestStill, decimals: 0), if that gap stays. But where each piece closes it a little, 10 a day earn \(bold.profit, decimals: 1), and 2 a day \(modest.profit, decimals: 1): what was best before now loses money.",
        "同一种货物在邻城贵 1 元，运费每件 0.3 元。如果价差不变，每天运 10 件，50 天赚 \(boldStill, decimals: 0)，每天运 2 件赚 \(modestStill, decimals: 0)。但如果每一件都使价差缩小一点，每天 10 件赚 \(bold.profit, decimals: 1)，每天 2 件赚 \(modest.profit, decimals: 1)：原来最好的做法现在反而亏钱。"
    )
    lab.show("gap") { t in
        .curves(
            t("A price gap that reacts", "随套利变化的价差"),
            [Curve(t("10 a day", "每天 10 件"), bold.gaps), Curve(t("2 a day", "每天 2 件"), modest.gaps)],
            x: Axis(t("day", "天")), y: Axis(t("gap", "价差"), range: 0...1))
    }
    lab.check("still", boldStill / modestStill)
    lab.check("closes", bold.profit)
    lab.check("modest", modest.profit)

    // 2. The world moves by itself. A level is to be known from values with noise of deviation 1.
    // The mean of all values is best for a level that stands still. With a limit, it detects rare jumps: it adds up how far
    // values lie above or below, less 0.5 each, and begins anew when a sum passes the limit (Page, 1954).
    func mean(_ values: [Double], limit: Double = .infinity) -> [Double] {
        var (m, count, up, down) = (0.0, 0.0, 0.0, 0.0)
        return values.map { value in
            if count >= 10 { (up, down) = (max(0, up + value - m - 0.5), max(0, down + m - value - 0.5)) }
            if max(up, down) > limit { (m, count, up, down) = (0, 0, 0, 0) }
            count += 1
            m += (value - m) / count
            return m
        }
    }
    // For slow change: always the same small part of the error, and never more than a bound.
    func bounded(_ values: [Double]) -> [Double] {
        var m = 0.0
        return values.map { value in
            m += min(max(0.05 * (value - m), -0.1), 0.1)
            return m
        }
    }
    let ways = [Words("mean of all", "全部平均"), Words("bounded steps", "步幅受限"), Words("detect, reset", "检测并重置")]
    func estimates(_ values: [Double]) -> [[Double]] { [mean(values), bounded(values), mean(values, limit: 10)] }
    let (rounds, games) = (1000, lab.full(20, quick: 10))
    let worlds = [Words("stands still", "不变"), Words("drifts", "缓慢变化"), Words("jumps", "突变")]
    let levels: [[Double]] = [
        (0..<rounds).map { _ in 0 }, (0..<rounds).map { 0.005 * Double($0) },
        (0..<rounds).map { [0, 4, -1, 3][$0 / 250] },
    ]
    func values(_ level: [Double]) -> [Double] { (Tensor(level) + Tensor.normal([rounds])).array() }
    let errors = levels.map { level -> [Double] in
        let runs = (0..<games).map { _ in (Tensor(estimates(values(level))) - Tensor(level)).squared().mean(axis: 1) }
        return stack(runs).mean(axis: 0).array()
    }
    lab.say(
        "A level under noise, estimated in three ways over \(rounds) rounds; the mean square error of \(games) runs:",
        "在噪声下用三种方法估计一个水平，共 \(rounds) 轮；\(games) 次运行的均方误差：")
    lab.table(
        [Words("the level", "水平")] + ways,
        zip(worlds, errors).map { world, row in [world] + row.map { "\($0, decimals: 3)" } })
    let places = Array(stride(from: 0, to: rounds, by: 5))
    for (name, world) in [("drift", 1), ("jump", 2)] {
        let curves = [(Words("level", "水平"), levels[world])] + zip(ways, estimates(values(levels[world])))
        lab.show(name) { t in
            .curves(
                t("A level that \(worlds[world].english)", "水平\(worlds[world].chinese)"),
                curves.map { name, level in
                    Curve(t(name.english, name.chinese), x: places.map { Double($0 + 1) }, y: places.map { level[$0] })
                }, x: Axis(t("round", "轮")), y: Axis(t("level", "水平")))
        }
    }
    for (world, name) in ["stands", "drifts", "jumps"].enumerated() {
        lab.check(name, errors[world].min() == errors[world][world])
    }
}
