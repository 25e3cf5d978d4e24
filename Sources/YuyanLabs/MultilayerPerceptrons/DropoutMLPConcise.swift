import Yuyan

/// The network with dropout as a list of layers, and what dropout is good for.
let dropoutMLPConcise: Lab = Lab(
    "dropout-mlp-concise", "An MLP with dropout, concisely", "带暂退法的多层感知机的简洁实现",
    book: "4.6", note: .multilayerPerceptrons, part: "2.2", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim(
            "accuracy", "best test accuracy of the last 3 epochs", "最后 3 轮中最好的测试准确率", .above(0.84), needsFullSize: true),
        Claim("loss", "training loss of the last epoch", "最后一轮的训练损失", .within(0.32...0.38), needsFullSize: true),
        Claim("training", "its training accuracy", "最后一轮的训练准确率", .within(0.86...0.885), needsFullSize: true),
        Claim("parameters", "parameters of the network", "网络的参数个数", .exactly(269_322)),
        Claim("steady", "in evaluation two passes give the same", "评估时两次前向结果相同", .yes),
        Claim("plain", "in evaluation: distance from the net without dropout", "评估时与没有暂退层的网络之差", .below(1e-6)),
        Claim(
            "gap",
            "accuracy lost from training to test samples, in parts of that without dropout (400 samples, 5 seeds)",
            "从训练样本到测试样本损失的准确率，与没有暂退时之比（400 个样本，5 个种子）", .below(1), needsFullSize: true),
    ],
    figures: ["training", "few"]
) { lab in
    let epochs = lab.full(10, quick: 1)
    let (trainingSet, testSet) = (try FashionMNIST(.train), try FashionMNIST(.test))
    let training = DataLoader(
        Subset(trainingSet, 0..<lab.full(60_000, quick: 6_000)), batchSize: 256, shuffle: true, seed: lab.seed)
    let test = DataLoader(testSet, batchSize: 1000)

    func makeNet(_ dropout1: Double, _ dropout2: Double) -> Sequential {
        let net = Sequential {
            Flatten()
            Linear(inputSize: 784, outputSize: 256)
            ReLU()
            Dropout(probability: dropout1)
            Linear(inputSize: 256, outputSize: 256)
            ReLU()
            Dropout(probability: dropout2)
            Linear(inputSize: 256, outputSize: 10)
        }
        for case let layer as Linear in net { layer.weight.initialize(.normal(standardDeviation: 0.01)) }
        return net
    }
    let net = makeNet(0.2, 0.5)
    lab.check("parameters", net.parameters().reduce(0) { $0 + $1.elementCount })

    let trainer = Trainer(
        net, training: training, validation: test, optimizer: SGD(net.parameters(), learningRate: 0.5),
        loss: { crossEntropy($0, $1) }, metrics: [.accuracy])
    try trainer.fit(epochs: epochs)
    let records = trainer.records
    lab.say("Dropout 0.2 and 0.5, learning rate 0.5, batches of 256:", "暂退概率 0.2 和 0.5，学习率 0.5，批量大小 256：")
    let columns = [
        (Words("training loss", "训练损失"), records.map(\.trainLoss)),
        (Words("training accuracy", "训练准确率"), records.map { $0.trainAccuracy! }),
        (Words("test accuracy", "测试准确率"), records.map { $0.validationAccuracy! }),
    ]
    lab.table(
        [Words("epoch", "轮次")] + columns.map(\.0),
        (0..<epochs).map { epoch in ["\(epoch + 1)"] + columns.map { "\($0.1[epoch], decimals: 3)" } })
    lab.show("training") { t in
        .curves(
            t("An MLP with dropout", "带暂退法的多层感知机"), columns.map { Curve(t($0.0.english, $0.0.chinese), $0.1) },
            x: Axis(t("epoch", "轮次")))
    }
    lab.check("loss", records.last!.trainLoss)
    lab.check("training", records.last!.trainAccuracy!)
    lab.check("accuracy", records.suffix(3).compactMap(\.validationAccuracy).max()!)

    // In evaluation the dropout layers let everything through.
    let images = Tensor.uniform([8, 1, 28, 28])
    let withoutDropout = Sequential(net.filter { !($0 is Dropout) })
    net.evaluating {
        lab.check("steady", (net(images) - net(images)).abs().max().item() == 0)
        lab.check("plain", (net(images) - withoutDropout(images)).abs().max())
    }

    // With all images there is little to gain. With 400, the net without dropout all but learns them by heart.
    let few = Subset(trainingSet, 0..<400)
    func gap(_ dropout1: Double, _ dropout2: Double, seed: UInt64) throws -> (training: Double, test: Double) {
        try withSeed(seed) {
            let net = makeNet(dropout1, dropout2)
            let batches = DataLoader(few, batchSize: 50, shuffle: true, seed: seed)
            let optimizer = Adam(net.parameters(), learningRate: 0.001)
            try Trainer(net, training: batches, optimizer: optimizer, loss: { crossEntropy($0, $1) }).fit(
                epochs: lab.full(30, quick: 2))
            let training = try evaluate(net, on: batches, loss: { crossEntropy($0, $1) }, metrics: [.accuracy])
            let fresh = try evaluate(net, on: test, loss: { crossEntropy($0, $1) }, metrics: [.accuracy])
            return (training.accuracy!, fresh.accuracy!)
        }
    }
    let seeds = (0..<lab.full(5, quick: 1)).map { lab.seed + UInt64($0) }
    let (dropped, plain) = (try seeds.map { try gap(0.2, 0.5, seed: $0) }, try seeds.map { try gap(0, 0, seed: $0) })
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let rows = [(Words("without dropout", "没有暂退"), plain), (Words("with dropout", "有暂退"), dropped)]
    lab.say(
        "From 400 images only, with Adam, on average over \(seeds.count) seeds (one seed proves nothing):",
        "只用 400 张图片，用 Adam 训练，\(seeds.count) 个种子的平均（一个种子说明不了问题）：")
    lab.table(
        ["", Words("training accuracy", "训练准确率"), Words("test accuracy", "测试准确率")],
        rows.map { [$0, "\(mean($1.map(\.training)), decimals: 3)", "\(mean($1.map(\.test)), decimals: 3)"] })
    lab.show("few") { t in
        .bars(
            t("400 training images", "400 张训练图片"), rows.map { t($0.0.english, $0.0.chinese) },
            [
                BarSeries(t("training", "训练"), rows.map { mean($0.1.map(\.training)) }),
                BarSeries(t("test", "测试"), rows.map { mean($0.1.map(\.test)) }),
            ], y: Axis(t("accuracy", "准确率")))
    }
    lab.check("gap", mean(dropped.map { $0.training - $0.test }) / mean(plain.map { $0.training - $0.test }))
}
