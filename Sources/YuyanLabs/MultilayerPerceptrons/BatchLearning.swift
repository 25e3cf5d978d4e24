import Yuyan

/// Batch learning: a model is trained once, and then only used, on new data of the same kind.
let batchLearning: Lab = Lab(
    "batch-learning", "Batch learning: train once, then use", "批量学习：训练一次，然后部署",
    book: "4.9", note: .multilayerPerceptrons, part: "5.3",
    claims: [
        // Both kinds of points lie 1.5 deviations from the border: no model does better than Φ(1.5) = 0.9332. The margin
        // is four standard errors of 4,000 points, 0.016, and 0.004 for what 500 points teach.
        Claim(
            "deployed", "accuracy on 20 days of new data, at best 0.933", "在 20 天新数据上的准确率，最高可达 0.933",
            .near(0.9332, margin: 0.02)),
        // 200 points a day: a standard error of 0.018 between any two days, times four.
        Claim(
            "steady", "accuracy of the last ten days less that of the first ten", "后 10 天与前 10 天准确率之差",
            .near(0, margin: 0.032)),
        Claim("training", "accuracy in training less that on new data", "训练准确率与新数据准确率之差", .near(0, margin: 0.05)),
        Claim("changed", "accuracy once the world has changed", "世界改变之后的准确率", .below(0.88)),
    ],
    figures: ["days"]
) { lab in
    // Two kinds of points in the plane, around (a, b) and (−a, −b), at a distance of 1.5 from the border between them.
    func points(_ count: Int, around center: Tensor) -> (x: Tensor, labels: Tensor) {
        let labels = Tensor.bernoulli([count], probability: 0.5).cast(to: .int64)
        let signs = (2 * labels - 1).cast(to: .float32).reshaped([count, 1])
        return (Tensor.normal([count, 2]) + signs * center, labels)
    }
    let center: Tensor = [1.2, 0.9]

    // All training data are there at once; the model sees nothing else, ever.
    let training = points(500, around: center)
    let net = Linear(inputSize: 2, outputSize: 2)
    let optimizer = SGD(net.parameters(), learningRate: 0.5)
    for _ in 1...100 {
        let loss = crossEntropy(net(training.x), training.labels)
        optimizer.zeroGradients()
        loss.backward()
        optimizer.step()
    }

    func accuracy(on data: (x: Tensor, labels: Tensor)) -> Double {
        withoutGradients { (net(data.x).argmax(axis: 1) .== data.labels).cast(to: .float32).mean().item() }
    }
    let trained = accuracy(on: training)
    let days = (1...20).map { _ in accuracy(on: points(200, around: center)) }
    func mean(_ numbers: some Collection<Double>) -> Double { numbers.reduce(0, +) / Double(numbers.count) }
    lab.say(
        "A linear model learns from 500 points, with accuracy \(trained, decimals: 3). Then it is used for 20 days, on 200 new points of the same distribution a day: \(mean(days), decimals: 3) on average, from \(days.min()!, decimals: 3) to \(days.max()!, decimals: 3) by chance. It never changes.",
        "一个线性模型用 500 个点训练，准确率为 \(trained, decimals: 3)。然后部署 20 天，每天处理 200 个同分布的新点：平均准确率 \(mean(days), decimals: 3)，因偶然而在 \(days.min()!, decimals: 3) 到 \(days.max()!, decimals: 3) 之间。模型始终不变。"
    )
    lab.check("deployed", mean(days))
    lab.check("steady", mean(days[10...]) - mean(days[..<10]))
    lab.check("training", trained - mean(days))

    // From day 21 on the border is another one, and nobody tells the model.
    let later = (1...20).map { _ in accuracy(on: points(200, around: [-0.3, 1.47])) }
    lab.show("days") { t in
        .curves(
            t("Accuracy of a model that stays as it is", "不再改变的模型的准确率"), [Curve(t("accuracy", "准确率"), days + later)],
            x: Axis(t("day", "天")), y: Axis(t("accuracy", "准确率"), range: 0.4...1))
    }
    lab.say(
        "From day 21 on, the two kinds of points lie elsewhere: \(mean(later), decimals: 3). Batch learning trusts that tomorrow is like today; online-learning does not.",
        "从第 21 天起，两类点的位置变了：准确率降为 \(mean(later), decimals: 3)。批量学习相信明天和今天一样；online-learning 则不然。")
    lab.check("changed", mean(later))
}
