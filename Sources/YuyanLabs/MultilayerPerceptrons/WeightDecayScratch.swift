import Foundation
import Yuyan

/// Weight decay: each step shrinks the weights a little, and 20 points no longer fool 200 weights.
let weightDecayScratch: Lab = Lab(
    "weight-decay-scratch", "Weight decay from scratch", "权重衰减的从零开始实现",
    book: "4.5", note: .multilayerPerceptrons, part: "2.1",
    claims: [
        Claim(
            "step", "one step by the formula beside one by backward(): largest difference",
            "公式与 backward() 各走一步：最大差", .below(1e-6)),
        Claim(
            "note", "the form without (1 − ηλ): its distance from that step, in parts of ηλ‖w‖",
            "缺少 (1 − ηλ) 的写法：与这一步的距离，以 ηλ‖w‖ 为单位", .near(1, margin: 0.001)),
        // 180 of the 200 directions hold no training point: there w stays as it was drawn, and χ with 180 degrees of
        // freedom has the deviation 0.71. The margin is four of them.
        Claim("long", "λ = 0: ‖w‖, about √180", "λ = 0 时的 ‖w‖，约为 √180", .near(13.42, margin: 2.9)),
        Claim(
            "shrunk", "λ = 3: ‖w‖ in parts of that, about (1 − ηλ)⁴⁰⁰", "λ = 3 时的 ‖w‖ 与前者之比，约为 (1 − ηλ)⁴⁰⁰",
            .near(0.0269, margin: 0.003)),
        Claim("overfit", "λ = 0: test loss beside training loss", "λ = 0 时测试损失与训练损失之比", .above(10_000)),
        Claim("training", "the training loss is higher with λ = 3", "λ = 3 时训练损失更高", .yes),
        Claim("test", "test loss with λ = 3 in parts of that without", "λ = 3 与 λ = 0 的测试损失之比", .below(0.002)),
    ],
    figures: ["without", "with"]
) { lab in
    // y = 0.05 + 0.01 Σ xᵢ + noise, with 200 inputs and only 20 points to learn from.
    let (batchSize, learningRate) = (5, 0.003)
    let trueWeight = Tensor.full([200], 0.01)
    let train = syntheticLinearData(weight: trueWeight, bias: 0.05, count: 20)
    let test = syntheticLinearData(weight: trueWeight, bias: 0.05, count: 100)

    func model(_ x: Tensor, _ w: Parameter, _ b: Parameter) -> Tensor { x.matmul(w) + b }
    func squaredLoss(_ prediction: Tensor, _ y: Tensor) -> Tensor { (prediction - y).squared() / 2 }
    func penalty(_ w: Parameter) -> Tensor { w.squared().sum() / 2 }

    // Half the squared length of w is added to the loss of each point; the step takes the mean over the batch.
    func step(_ x: Tensor, _ y: Tensor, _ w: Parameter, _ b: Parameter, decay: Double) {
        (squaredLoss(model(x, w, b), y) + decay * penalty(w)).sum().backward()
        for parameter in [w, b] {
            parameter.value -= parameter.gradient! * learningRate / Double(batchSize)
            parameter.gradient = nil
        }
    }

    let start = Tensor.normal([200, 1])

    // The same step by hand: w ← (1 − ηλ)w − η/|B| Σ x(wᵀx + b − y).
    let (w, b) = (Parameter(start), Parameter(Tensor.zeros([1])))
    let (x, y) = (train.features[0..<batchSize], train.labels[0..<batchSize])
    let slope = x.transposed().matmul(x.matmul(start) - y) * learningRate / Double(batchSize)
    step(x, y, w, b, decay: 3)
    lab.check("step", ((1 - learningRate * 3) * start - slope - w.value).abs().max())
    let lost = start - slope
    lab.check("note", (lost - w.value).norm().item() / (learningRate * 3 * start.norm().item()))
    lab.say(
        "One of the notes writes the step twice, and the second form, w − η/|B| Σ x(wᵀx + b − y), has lost the factor (1 − ηλ): that is a step without weight decay. What backward() gives is the first form, (1 − ηλ)w − η/|B| Σ x(wᵀx + b − y).",
        "有一篇笔记把更新式写了两遍，第二种写法 w − η/|B| Σ x(wᵀx + b − y) 漏掉了因子 (1 − ηλ)，那其实是没有权重衰减的更新。backward() 得到的是第一种写法：(1 − ηλ)w − η/|B| Σ x(wᵀx + b − y)。"
    )

    // The losses that are compared are those of the points, without the penalty.
    func fit(decay: Double) -> (epochs: [Double], train: [Double], test: [Double], length: Double) {
        let (w, b) = (Parameter(start), Parameter(Tensor.zeros([1])))
        var (epochs, losses, testLosses): ([Double], [Double], [Double]) = ([], [], [])
        for epoch in 1...100 {
            let order = Tensor.permutation(20)
            for first in stride(from: 0, to: 20, by: batchSize) {
                let rows = order[first..<first + batchSize]
                step(train.features[rows], train.labels[rows], w, b, decay: decay)
            }
            guard epoch == 1 || epoch % 5 == 0 else { continue }
            epochs.append(Double(epoch))
            withoutGradients {
                losses.append(squaredLoss(model(train.features, w, b), train.labels).mean().item())
                testLosses.append(squaredLoss(model(test.features, w, b), test.labels).mean().item())
            }
        }
        return (epochs, losses, testLosses, w.value.norm().item())
    }
    let (without, with) = (fit(decay: 0), fit(decay: 3))

    lab.say(
        "100 epochs from the same weights, with learning rate \(learningRate) and \(batchSize) points a step:",
        "从相同的权重出发训练 100 轮，学习率 \(learningRate)，每步 \(batchSize) 个点：")
    lab.table(
        ["λ", Words("‖w‖ at the end", "最后的 ‖w‖"), Words("training loss", "训练损失"), Words("test loss", "测试损失")],
        [("0", without), ("3", with)].map {
            [Words($0, $0), "\($1.length, decimals: 3)", "\($1.train.last!, digits: 2)", "\($1.test.last!, digits: 3)"]
        })
    for (name, run, decay) in [("without", without, 0), ("with", with, 3)] {
        lab.show(name) { t in
            .curves(
                t("Loss with λ = \(decay)", "λ = \(decay) 时的损失"),
                [
                    Curve(t("training", "训练"), x: run.epochs, y: run.train),
                    Curve(t("test", "测试"), x: run.epochs, y: run.test),
                ],
                x: Axis(t("epoch", "轮次")), y: Axis(t("loss", "损失"), scale: .logarithmic))
        }
    }
    lab.say(
        "Without weight decay 20 points are learned by heart, and new ones are far off: the points lie in 20 of the 200 directions, and nothing corrects w in the other ones. With λ = 3, each step takes \(learningRate * 300, decimals: 1)% of w away, there too.",
        "没有权重衰减时，20 个训练点几乎被背了下来，新的点却错得离谱：训练点只占 200 个方向中的 20 个，其余方向上的 w 没有任何东西去纠正。取 λ = 3 后，每一步都让 w 缩小 \(learningRate * 300, decimals: 1)%，其余方向也不例外。"
    )
    lab.check("long", without.length)
    lab.check("shrunk", with.length / without.length)
    lab.check("overfit", without.test.last! / without.train.last!)
    lab.check("training", with.train.last! > without.train.last!)
    lab.check("test", with.test.last! / without.test.last!)
}
