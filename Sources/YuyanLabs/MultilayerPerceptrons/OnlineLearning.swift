import Foundation
import Yuyan

/// Online learning: predict, then see the truth, then learn from the error, round after round.
let onlineLearning: Lab = Lab(
    "online-learning", "Online learning: a lesson from each round", "在线学习：每一轮都学一点",
    book: "4.9", note: .multilayerPerceptrons, part: "5.3",
    claims: [
        Claim(
            "regret", "a world that stays: regret per round after 2,000 rounds in parts of that after 200",
            "不变的世界：2000 轮后的平均遗憾与 200 轮后之比", .below(0.3)),
        Claim(
            "stays", "a world that stays: loss of the online model beside that of the fixed one, last 1,000 rounds",
            "不变的世界：最后 1000 轮在线模型与固定模型的损失之比", .near(1, margin: 0.2)),
        Claim(
            "turns", "a world that turns: the same of all rounds", "缓慢变化的世界：所有轮的损失之比", .below(0.1)),
        Claim(
            "overtaken", "a world that turns: the online model is ahead for good from round", "缓慢变化的世界：从第几轮起在线模型一直领先",
            .below(1000)),
    ],
    figures: ["stays", "turns"]
) { lab in
    let rounds = 2000
    let noise = Tensor.normal([rounds], standardDeviation: 0.1).array(of: Double.self)
    let inputs = Tensor.normal([rounds, 3])
    let rows = inputs.unstacked()

    // The truth y = w(t) · x + noise; w keeps its length and turns by a part of a full turn in all.
    func truth(_ round: Int, turns: Double) -> Tensor {
        let angle = 2 * Double.pi * turns * Double(round) / Double(rounds)
        return [Tensor(cos(angle)), Tensor(sin(angle)), 0.5]
    }

    // One pass: for each round a prediction, then the label, then a step. Losses of the model and of the truth itself.
    func play(turns: Double, rate: (Double) -> Double) -> (online: [Double], fixed: [Double], truth: [Double]) {
        var (w, fixed) = (Tensor.zeros([3]), Tensor.zeros([3]))
        var (online, still, best): ([Double], [Double], [Double]) = ([], [], [])
        for (round, x) in rows.enumerated() {
            let exact = x.matmul(truth(round, turns: turns)).item()
            let y = exact + noise[round]
            let error = x.matmul(w).item() - y
            online.append(error * error)
            w -= 2 * rate(Double(round + 1)) * error * x
            // The other model stops learning after 200 rounds.
            if round < 200 { fixed = w }
            let stillError = x.matmul(fixed).item() - y
            still.append(round < 200 ? error * error : stillError * stillError)
            best.append(noise[round] * noise[round])
        }
        return (online, still, best)
    }
    func sums(_ losses: [Double]) -> [Double] {
        var total = 0.0
        return losses.map { loss in
            total += loss
            return total
        }
    }
    let places = Array(stride(from: 19, to: rounds, by: 20))
    func curve(_ name: String, _ values: [Double]) -> Curve {
        Curve(name, x: places.map { Double($0 + 1) }, y: places.map { values[$0] })
    }

    // Smaller and smaller steps where the truth stays; steps of one size where it moves.
    let stays = play(turns: 0) { 0.2 / $0.squareRoot() }
    let regret = zip(sums(stays.online), sums(stays.truth)).enumerated().map { ($1.0 - $1.1) / Double($0 + 1) }
    lab.say(
        "A world that stays as it is. Regret, the loss above that of the true weights, is \(regret[199], digits: 3) per round after 200 rounds and \(regret[1999], digits: 3) after 2,000: the early errors are all there is to regret.",
        "不变的世界。遗憾是比真实权重多出的损失：200 轮后平均每轮 \(regret[199], digits: 3)，2000 轮后 \(regret[1999], digits: 3)：值得遗憾的只有早期的错误。")
    lab.show("stays") { t in
        .curves(
            t("Regret per round where nothing changes", "不变的世界里每轮的平均遗憾"), [curve(t("online", "在线"), regret)],
            x: Axis(t("round", "轮")), y: Axis(t("regret / rounds", "遗憾 / 轮数"), scale: .logarithmic))
    }
    lab.check("regret", regret[1999] / regret[199])
    lab.check("stays", stays.online[1000...].reduce(0, +) / stays.fixed[1000...].reduce(0, +))

    let turning = play(turns: 1) { _ in 0.05 }
    let (online, fixed) = (sums(turning.online), sums(turning.fixed))
    lab.say(
        "A world whose weights make a full turn in 2,000 rounds. A model that stops learning after 200 rounds has lost \(fixed[1999], decimals: 0) at the end, the one that goes on \(online[1999], decimals: 0).",
        "权重在 2000 轮里转一整圈的世界。200 轮后停止学习的模型最后累计损失 \(fixed[1999], decimals: 0)，一直学习的模型只有 \(online[1999], decimals: 0)。")
    lab.show("turns") { t in
        .curves(
            t("Loss so far in a world that turns", "变化的世界里的累计损失"),
            [curve(t("fixed after 200 rounds", "200 轮后固定"), fixed), curve(t("online", "在线"), online)],
            x: Axis(t("round", "轮")), y: Axis(t("loss so far", "累计损失"), scale: .logarithmic))
    }
    lab.check("turns", online[1999] / fixed[1999])
    let behind = (0..<rounds).last { online[$0] >= fixed[$0] } ?? -1
    lab.check("overtaken", behind + 2)
}
