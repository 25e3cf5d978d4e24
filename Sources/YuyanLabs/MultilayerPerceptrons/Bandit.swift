import Foundation
import Yuyan

/// A row of slot machines: only the reward of the one that is played is seen, so trying and earning compete.
let bandit: Lab = Lab(
    "bandit", "Bandits: trying and earning", "老虎机：探索与利用",
    book: "4.9", note: .multilayerPerceptrons, part: "5.3",
    claims: [
        Claim(
            "random", "at random, regret doubles with time: regret(4000) / regret(2000)",
            "随机选择时遗憾随时间翻倍：regret(4000) / regret(2000)", .near(2, margin: 0.1)),
        Claim(
            "greedy", "ε-greedy: regret per round of the last 1,000 rounds, in parts of that of the first 100",
            "ε-贪心：最后 1000 轮的每轮遗憾与前 100 轮之比", .below(0.5)),
        Claim(
            "ucb", "UCB grows more slowly than time: regret(4000) / regret(2000)",
            "UCB 的遗憾增长慢于时间：regret(4000) / regret(2000)", .below(1.5)),
        Claim("best", "both pull the best arm most often", "两者都最常选择最好的臂", .yes),
    ],
    figures: ["regret", "pulls"]
) { lab in
    // Ten arms; arm k pays 1 with this chance, else 0. The player does not know.
    let chances = [0.1, 0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.8]
    let best = chances.max()!
    let (rounds, games) = (4000, lab.full(50, quick: 20))
    var random = Generator.current

    // What a player knows: how often each arm was pulled, and what it paid.
    struct Memory {
        var pulls: [Int]
        var rewards: [Double]
        func mean(_ arm: Int) -> Double { pulls[arm] == 0 ? 0 : rewards[arm] / Double(pulls[arm]) }
        func best(_ value: (Int) -> Double) -> Int { pulls.indices.max { value($0) < value($1) }! }
    }
    typealias Strategy = (Memory, _ round: Int) -> Int

    let atRandom: Strategy = { memory, _ in Int.random(in: memory.pulls.indices, using: &random) }
    // Mostly the arm that has paid best; in one round of ten any.
    let greedy: Strategy = { memory, round in
        Double.random(in: 0..<1, using: &random) < 0.1 ? atRandom(memory, round) : memory.best(memory.mean)
    }
    // The arm that may be best: its mean and what chance could have hidden. (Auer et al., 2002)
    let upperConfidence: Strategy = { memory, round in
        memory.best { arm in
            memory.pulls[arm] == 0
                ? .infinity : memory.mean(arm) + (2 * log(Double(round)) / Double(memory.pulls[arm])).squareRoot()
        }
    }

    // Regret: what always pulling the best arm would have paid more, on average over the games.
    func play(_ strategy: Strategy) -> (regret: [Double], pulls: [Double]) {
        var regret = [Double](repeating: 0, count: rounds)
        var pulls = [Double](repeating: 0, count: chances.count)
        for _ in 0..<games {
            var memory = Memory(pulls: chances.map { _ in 0 }, rewards: chances.map { _ in 0 })
            var total = 0.0
            for round in 0..<rounds {
                let arm = strategy(memory, round + 1)
                memory.pulls[arm] += 1
                memory.rewards[arm] += Double.random(in: 0..<1, using: &random) < chances[arm] ? 1 : 0
                total += best - chances[arm]
                regret[round] += total / Double(games)
            }
            for arm in chances.indices { pulls[arm] += Double(memory.pulls[arm]) / Double(games) }
        }
        return (regret, pulls)
    }

    let (blind, greedily, confident) = (play(atRandom), play(greedy), play(upperConfidence))
    lab.say(
        "Ten arms pay with chances \(chances[0]) to \(best). What three players lose against one who knows the best arm, over \(rounds) rounds:",
        "十个臂的中奖概率从 \(chances[0]) 到 \(best)。与知道最好的臂的玩家相比，三种策略在 \(rounds) 轮中的损失：")
    let rows = [500, 1000, 2000, 4000]
    lab.table(
        [Words("rounds", "轮数"), Words("random", "随机"), Words("ε-greedy", "ε-贪心"), "UCB"],
        rows.map { row in ["\(row)"] + [blind, greedily, confident].map { "\($0.regret[row - 1], decimals: 1)" } })
    let places = stride(from: 19, to: rounds, by: 20)
    func curve(_ name: String, _ regret: [Double]) -> Curve {
        Curve(name, x: places.map { Double($0 + 1) }, y: places.map { regret[$0] })
    }
    lab.show("regret") { t in
        .curves(
            t("Regret", "遗憾"),
            [
                curve(t("random", "随机"), blind.regret), curve(t("ε-greedy", "ε-贪心"), greedily.regret),
                curve("UCB", confident.regret),
            ],
            x: Axis(t("round", "轮")), y: Axis(t("regret so far", "累计遗憾")))
    }
    lab.show("pulls") { t in
        .bars(
            t("How often each arm was pulled", "每个臂被选择的次数"), chances.map { "\($0)" },
            [BarSeries(t("ε-greedy", "ε-贪心"), greedily.pulls), BarSeries("UCB", confident.pulls)],
            y: Axis(t("pulls", "次数")))
    }

    lab.check("random", blind.regret[3999] / blind.regret[1999])
    let late = (greedily.regret[3999] - greedily.regret[2999]) / 1000
    lab.check("greedy", late / (greedily.regret[99] / 100))
    lab.check("ucb", confident.regret[3999] / confident.regret[1999])
    lab.check("best", [greedily, confident].allSatisfy { $0.pulls.max() == $0.pulls[9] })
}
