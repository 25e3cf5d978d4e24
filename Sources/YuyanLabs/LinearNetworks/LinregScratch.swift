import Yuyan

/// A straight line through noisy points, with nothing but tensors and gradients: data, model, loss, descent.
let linregScratch: Lab = Lab(
    "linreg-scratch", "Linear regression from scratch", "线性回归的从零开始实现",
    book: "3.2", note: .linearNetworks, part: "3.4–3.7",
    claims: [
        // Each of the 200 steps of two epochs leaves (1 − η)² of the loss: 16.6 · 0.97²⁰⁰ after the first.
        Claim(
            "first", "loss after epoch 1, about ½‖(w, b)‖²(1 − η)²⁰⁰", "第 1 轮后的损失，约为 ½‖(w, b)‖²(1 − η)²⁰⁰",
            .within(0.0188...0.0752)),
        Claim(
            "floor", "loss after epoch 3 beside that of the true plane: only the noise is left",
            "第 3 轮后的损失与真实平面的损失之比：只剩下噪声", .within(0.97...1.03)),
        Claim("w", "largest error of a weight", "权重的最大误差", .below(0.003)),
        Claim("b", "error of the bias", "偏置的误差", .below(0.003)),
        Claim("zeros", "largest error of a weight when it starts at zero", "权重从零开始时的最大误差", .below(0.003)),
    ],
    figures: ["loss"]
) { lab in
    // The data: 1,000 points near the plane y = 2x₁ − 3.4x₂ + 4.2.
    let trueWeight: Tensor = [2, -3.4]
    let trueBias = 4.2
    let features = Tensor.normal([1000, 2])
    let labels =
        features.matmul(trueWeight).reshaped([1000, 1]) + trueBias + Tensor.normal([1000, 1], standardDeviation: 0.01)

    // Small batches, in a new random order in every epoch.
    func batches(of size: Int) -> [(Tensor, Tensor)] {
        let order = Tensor.permutation(1000)
        return stride(from: 0, to: 1000, by: size).map { start in
            let rows = order[start..<min(start + size, 1000)]
            return (features[rows], labels[rows])
        }
    }

    func model(_ x: Tensor, _ w: Parameter, _ b: Parameter) -> Tensor { x.matmul(w) + b }

    func squaredLoss(_ prediction: Tensor, _ y: Tensor) -> Tensor {
        (prediction - y.reshaped(Array(prediction.shape))).squared() / 2
    }

    // The sum of a batch's losses has been differentiated: its mean is what steps are taken by.
    func descend(_ parameters: [Parameter], learningRate: Double, batchSize: Int) {
        for parameter in parameters {
            parameter.value -= parameter.gradient! * learningRate / Double(batchSize)
            parameter.gradient = nil
        }
    }

    // Trains w and b, and returns the loss over all points after each epoch.
    func train(_ w: Parameter, _ b: Parameter) -> [Double] {
        (1...3).map { _ in
            for (x, y) in batches(of: 10) {
                squaredLoss(model(x, w, b), y).sum().backward()
                descend([w, b], learningRate: 0.03, batchSize: 10)
            }
            return withoutGradients { squaredLoss(model(features, w, b), labels).mean().item() }
        }
    }

    let w = Parameter(Tensor.normal([2, 1], standardDeviation: 0.01))
    let b = Parameter(Tensor.zeros([1]))
    let losses = train(w, b)
    lab.say(
        "Three passes over 1,000 points, ten at a time, with learning rate 0.03:",
        "对 1000 个点训练 3 轮，每批 10 个点，学习率 0.03：")
    lab.table(
        [Words("epoch", "轮次"), Words("loss", "损失")],
        losses.enumerated().map { ["\($0.offset + 1)", "\($0.element, decimals: 6)"] })
    lab.show("loss") { t in
        .curves(
            t("Loss over all points", "所有点上的损失"), [Curve(t("training", "训练"), losses)],
            x: Axis(t("epoch", "轮次")), y: Axis(t("loss", "损失"), scale: .logarithmic))
    }

    let (weightError, biasError) = ((w.value.flattened() - trueWeight).abs().max(), (b.value - trueBias).abs())
    lab.say(
        "It found w = \(w.value.flattened()) and b = \(b.value); the points were made with w = \(trueWeight) and b = \(trueBias).",
        "学到 w = \(w.value.flattened())，b = \(b.value)；生成数据时 w = \(trueWeight)，b = \(trueBias)。")
    lab.check("first", losses[0])
    lab.check(
        "floor", losses[2] / squaredLoss(features.matmul(trueWeight.reshaped([2, 1])) + trueBias, labels).mean().item())
    lab.check("w", weightError)
    lab.check("b", biasError)

    // The loss is a bowl with a single lowest point: where the walk starts does not matter.
    let (zeroWeight, zeroBias) = (Parameter(Tensor.zeros([2, 1])), Parameter(Tensor.zeros([1])))
    _ = train(zeroWeight, zeroBias)
    lab.say(
        "The same from a weight of zeros ends in the same place, because the loss has one minimum.",
        "权重从零开始也到达同一个位置，因为损失只有一个极小值。")
    lab.check("zeros", (zeroWeight.value.flattened() - trueWeight).abs().max())
}
