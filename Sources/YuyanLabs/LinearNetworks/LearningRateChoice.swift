import Foundation
import Yuyan

/// The length of the step: too short and it takes forever, too long and it climbs out of the valley.
let learningRateChoice: Lab = Lab(
    "learning-rate-choice", "Choosing a learning rate", "选择学习率",
    book: "11.3", note: .linearNetworks, part: "2.2",
    claims: [
        Claim("small", "η = 0.05: x after 10 steps, 10 · 0.9¹⁰", "η = 0.05：10 步后的 x，即 10 · 0.9¹⁰", .exactly(3.486784)),
        Claim("good", "η = 0.2: x after 10 steps, 10 · 0.6¹⁰", "η = 0.2：10 步后的 x，即 10 · 0.6¹⁰", .exactly(0.0604662)),
        Claim("large", "η = 1.1: x after 10 steps, 10 · 1.2¹⁰", "η = 1.1：10 步后的 x，即 10 · 1.2¹⁰", .exactly(61.917364)),
        Claim("swings", "η = 1.1: changes of sign in 10 steps", "η = 1.1：10 步中变号的次数", .exactly(10)),
        Claim(
            "damped", "η = 0.9 swings as often, and still comes closer: |x| after 10 steps",
            "η = 0.9 也每步变号，但仍越来越近：10 步后的 |x|", .exactly(1.0737418)),
        Claim("flat", "two variables, η = 0.4: x₁ after 20 steps", "两个变量，η = 0.4：20 步后的 x₁", .exactly(-0.943467)),
        Claim("steep", "two variables, η = 0.4: x₂ after 20 steps", "两个变量，η = 0.4：20 步后的 x₂", .exactly(-7.31232e-5)),
        Claim(
            "away", "two variables, η = 0.6: x₂ after 20 steps", "两个变量，η = 0.6：20 步后的 x₂",
            .near(-1673.365, margin: 0.001)),
        Claim("library", "the library's SGD on the same: largest difference", "库的 SGD：最大差", .below(1e-6)),
    ],
    figures: ["small", "good", "large", "valley"]
) { lab in
    // f(x) = x², f′(x) = 2x.
    func path(_ learningRate: Double) -> [Double] {
        var path = [10.0]
        for _ in 1...10 { path.append(path.last! - learningRate * 2 * path.last!) }
        return path
    }
    lab.say("f(x) = x² from x = 10, ten steps with three learning rates.", "f(x) = x²，从 x = 10 出发，用三种学习率各走 10 步。")
    let rates: [(name: String, rate: Double)] = [("small", 0.05), ("good", 0.2), ("large", 1.1)]
    let comments = [
        Words("too small: it crawls", "太小：走得很慢"), Words("good", "合适"), Words("too large: it climbs out", "太大：越走越远"),
    ]
    lab.table(
        ["η", Words("x after 1", "1 步后的 x"), Words("after 2", "2 步后"), Words("after 10", "10 步后"), ""],
        zip(rates, comments).map { choice, comment in
            let x = path(choice.rate)
            return ["\(choice.rate)"] + [1, 2, 10].map { "\(x[$0], decimals: 4)" } + [comment]
        })
    for (choice, comment) in zip(rates, comments) {
        let x = path(choice.rate)
        let reach = x.map(abs).max()! * 1.05
        let curve = (-30...30).map { reach * Double($0) / 30 }
        lab.show(choice.name) { t in
            .curves(
                t("η = \(choice.rate): \(comment.english)", "η = \(choice.rate)：\(comment.chinese)"),
                [
                    Curve("f(x) = x²", x: curve, y: curve.map { $0 * $0 }),
                    Curve(t("steps", "每一步"), x: x, y: x.map { $0 * $0 }),
                ], x: Axis("x"), y: Axis("f(x)"))
        }
        lab.check(choice.name, x[10])
    }
    func signChanges(_ x: [Double]) -> Int { zip(x, x.dropFirst()).filter { $0 * $1 < 0 }.count }
    lab.check("swings", signChanges(path(1.1)))
    lab.say(
        "Every step multiplies x by 1 − 2η. From η = 0.5 on that is negative, so x swings from side to side; but only from η = 1 on does it move away. With η = 0.9 it swings \(signChanges(path(0.9))) times and comes closer.",
        "每一步 x 都乘以 1 − 2η。η 超过 0.5 时它为负，x 左右振荡；但只有 η 超过 1 才会发散。η = 0.9 时振荡 \(signChanges(path(0.9))) 次，仍越来越近。")
    lab.check("damped", abs(path(0.9)[10]))

    // Two variables: f = 0.1x₁² + 2x₂² is flat one way and steep the other, and both share the learning rate.
    func valley(_ learningRate: Double) -> [(x: Double, y: Double)] {
        var path = [(x: -5.0, y: -2.0)]
        for _ in 1...20 {
            let (x, y) = path.last!
            path.append((x - learningRate * 0.2 * x, y - learningRate * 4 * y))
        }
        return path
    }
    let (slow, fast) = (valley(0.4), valley(0.6))
    lab.say(
        "f = 0.1x₁² + 2x₂² from (−5, −2), 20 steps. With η = 0.4, x₂ is soon at 0 while x₁ still is \(slow[20].x, decimals: 3); with η = 0.6, x₁ is quicker, but x₂ flies off to \(fast[20].y, decimals: 1). The steepest direction sets the limit.",
        "f = 0.1x₁² + 2x₂²，从 (−5, −2) 出发走 20 步。η = 0.4 时 x₂ 很快到 0，x₁ 却还是 \(slow[20].x, decimals: 3)；η = 0.6 时 x₁ 快一些，x₂ 却发散到 \(fast[20].y, decimals: 1)。最陡的方向决定了学习率的上限。"
    )
    // The path over two contour lines: ellipses.
    let angles = (0...60).map { 2 * Double.pi * Double($0) / 60 }
    lab.show("valley") { t in
        .curves(
            t("η = 0.4: down a long valley", "η = 0.4：沿狭长的山谷下降"),
            [Curve(t("steps", "每一步"), x: Array(slow.map(\.x).prefix(20)), y: Array(slow.map(\.y).prefix(20)))]
                + [8.0, 2].map { level in
                    Curve(
                        "f = \(Int(level))", x: angles.map { (level / 0.1).squareRoot() * cos($0) },
                        y: angles.map { (level / 2).squareRoot() * sin($0) })
                }, x: Axis("x₁"), y: Axis("x₂"))
    }
    lab.check("flat", slow[20].x)
    lab.check("steep", slow[20].y)
    lab.check("away", fast[20].y)

    let parameter = Parameter(Tensor([-5, -2], dtype: .float64))
    let optimizer = SGD([parameter], learningRate: 0.4)
    for _ in 1...20 {
        optimizer.zeroGradients()
        (parameter.squared() * Tensor([0.1, 2])).sum().backward()
        optimizer.step()
    }
    let ends = parameter.value.array(of: Double.self)
    lab.check("library", max(abs(ends[0] - slow[20].x), abs(ends[1] - slow[20].y)))
}
