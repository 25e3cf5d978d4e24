import Yuyan

/// The same straight line with what the library has: a loader, a layer, a loss and an optimizer.
let linregConcise: Lab = Lab(
    "linreg-concise", "Linear regression with layers", "线性回归的简洁实现",
    book: "3.3", note: .linearNetworks, part: "4.1–4.7",
    claims: [
        Claim("x", "features of a batch: [10, 2]", "一批特征的形状：[10, 2]", .yes),
        Claim("y", "labels of a batch: [10, 1]", "一批标签的形状：[10, 1]", .yes),
        Claim("shape", "a layer's weight has shape [outputs, inputs]: [1, 2]", "层的权重形状为 [输出, 输入]：[1, 2]", .yes),
        // Of 10,000 draws, a deviation is 0.7 % off.
        Claim(
            "spread", "deviation of 10,000 weights from .normal(standardDeviation: 0.01): it is no variance",
            "用 .normal(standardDeviation: 0.01) 得到的 10,000 个权重的标准差（不是方差）", .near(0.01, margin: 0.0005)),
        Claim(
            "double", "gradient of the mean of squares, in parts of that of the halved squares", "均方误差的梯度与带 ½ 的损失的梯度之比",
            .exactly(2)),
        // 1e-4 of noise, and 33 (1 − 2η)²⁰⁰ = 1.4e-4 of what is left to learn, ×/÷ 5 as the batches fall.
        Claim("first", "loss after epoch 1", "第 1 轮后的损失", .within(1.2e-4...8e-4)),
        // Steps of a tenth of an epoch's information leave 2ηd/2|B| = 0.9 % more than the noise, give or take as much.
        Claim(
            "floor", "loss after epoch 3 beside that of the true plane: only the noise is left",
            "第 3 轮后的损失与真实平面的损失之比：只剩下噪声", .within(0.97...1.06)),
        Claim("w", "largest error of a weight", "权重的最大误差", .below(0.003)),
        Claim("b", "error of the bias", "偏置的误差", .below(0.003)),
    ],
    figures: ["loss"]
) { lab in
    let (trueWeight, trueBias) = (Tensor([2, -3.4]), 4.2)
    let (features, labels) = syntheticLinearData(weight: trueWeight, bias: trueBias, count: 1000)

    // A data set knows its samples; a loader deals them in batches, shuffled anew for every epoch.
    func loadArray(_ features: Tensor, _ labels: Tensor, batchSize: Int, isTraining: Bool = true) -> DataLoader<
        TensorDataset<(Tensor, Tensor)>, (Tensor, Tensor)
    > {
        DataLoader(TensorDataset(features, labels), batchSize: batchSize, shuffle: isTraining, seed: lab.seed)
    }
    let batches = loadArray(features, labels, batchSize: 10)
    let (x, y) = batches.makeIterator().next()!
    lab.say("The first batch, features and labels:", "第一个小批量的特征和标签：")
    lab.print(x)
    lab.print(y)
    lab.check("x", x.shape == [10, 2])
    lab.check("y", y.shape == [10, 1])

    // One fully connected layer in a chain of one. net[0] is that layer.
    let net = Sequential(Linear(inputSize: 2, outputSize: 1))
    let layer = net[0] as! Linear
    layer.weight.initialize(.normal(mean: 0, standardDeviation: 0.01))
    layer.bias!.initialize(.zeros)
    lab.check("shape", layer.weight.shape == [1, 2])
    let wide = Linear(inputSize: 100, outputSize: 100)
    wide.weight.initialize(.normal(mean: 0, standardDeviation: 0.01))
    let spread = wide.weight.value.standardDeviation()
    lab.say(
        "One of the notes says that normal_(0, 0.01) draws with variance 1. The second number is the standard deviation: 10,000 weights drawn so have \(spread.item(), decimals: 4).",
        "有一篇笔记说 normal_(0, 0.01) 的方差为 1。第二个参数是标准差：这样抽取的 10,000 个权重，标准差为 \(spread.item(), decimals: 4)。")
    lab.check("spread", spread)

    // The mean of squares has no ½, unlike the loss from scratch: its gradients, and so the steps, are twice as long.
    meanSquaredError(net(x), y).backward()
    let gradient = layer.weight.gradient!
    layer.weight.gradient = nil
    ((net(x) - y).squared() / 2).mean().backward()
    lab.check("double", (gradient / layer.weight.gradient!).mean())

    let optimizer = SGD(net.parameters(), learningRate: 0.03)
    var losses: [Double] = []
    for _ in 1...3 {
        for (x, y) in batches {
            let loss = meanSquaredError(net(x), y)
            optimizer.zeroGradients()  // what earlier batches left
            loss.backward()
            optimizer.step()
        }
        losses.append(withoutGradients { meanSquaredError(net(features), labels).item() })
    }
    let floor = meanSquaredError(features.matmul(trueWeight.reshaped([2, 1])) + trueBias, labels).item()
    lab.say(
        "Three epochs with learning rate 0.03. Without the ½ of the book's loss the gradients are twice as large, so the first epoch already comes close to the noise, σ² = 0.0001:",
        "学习率 0.03，训练 3 轮。均方误差没有 ½，梯度是带 ½ 的损失的两倍，所以第 1 轮后就接近噪声 σ² = 0.0001：")
    lab.table(
        [Words("epoch", "轮次"), Words("loss", "损失")],
        losses.enumerated().map { ["\($0.offset + 1)", "\($0.element, decimals: 6)"] })
    lab.show("loss") { t in
        .curves(
            t("Loss over all points", "所有点上的损失"),
            [Curve(t("training", "训练"), losses), Curve(t("true plane", "真实平面"), losses.map { _ in floor })],
            x: Axis(t("epoch", "轮次")), y: Axis(t("loss", "损失"), scale: .logarithmic))
    }
    lab.check("first", losses[0])
    lab.check("floor", losses[2] / floor)

    // The weight is a row [1, 2]: it takes the true one's shape before they are compared.
    let weightErrors = trueWeight - layer.weight.value.reshaped(Array(trueWeight.shape))
    let biasError = trueBias - layer.bias!.value
    lab.say("Errors of w and b:", "w 和 b 的误差：")
    lab.print(weightErrors)
    lab.print(biasError)
    lab.check("w", weightErrors.abs().max())
    lab.check("b", biasError.abs())
}
