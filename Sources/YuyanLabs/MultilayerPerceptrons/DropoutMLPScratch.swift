import Yuyan

/// A network with two hidden layers whose units are dropped at random while it learns.
let dropoutMLPScratch: Lab = Lab(
    "dropout-mlp-scratch", "An MLP with dropout, from scratch", "从零开始实现带暂退法的多层感知机",
    book: "4.6", note: .multilayerPerceptrons, part: "2.2", on: .fast, needs: .fashionMNIST,
    claims: [
        // A learning rate of 0.5 is noisy: single epochs dip.
        Claim(
            "accuracy", "best test accuracy of the last 3 epochs", "最后 3 轮中最好的测试准确率", .above(0.84), needsFullSize: true),
        Claim("loss", "training loss of the last epoch", "最后一轮的训练损失", .within(0.32...0.38), needsFullSize: true),
        Claim(
            "training", "training accuracy of the last epoch", "最后一轮的训练准确率", .within(0.86...0.885), needsFullSize: true),
        Claim("parameters", "parameters of the network", "网络的参数个数", .exactly(269_322)),
        Claim("steady", "in evaluation two passes give the same", "评估时两次前向结果相同", .yes),
        Claim("noisy", "in training they do not", "训练时不同", .yes),
        Claim(
            "mean", "mean of 4,000 outputs of the first dropout, beside its input", "第一个暂退层 4000 次输出的平均，与输入之差",
            .below(0.05)),
    ],
    figures: ["training"]
) { lab in
    let epochs = lab.full(10, quick: 1)
    let (trainingSet, testSet) = (try FashionMNIST(.train), try FashionMNIST(.test))
    let training = DataLoader(
        Subset(trainingSet, 0..<lab.full(60_000, quick: 6_000)), batchSize: 256, shuffle: true, seed: lab.seed)
    let test = DataLoader(testSet, batchSize: 1000)

    // Close to the input few units are dropped: what is lost there is lost to all layers.
    let (dropout1, dropout2) = (0.2, 0.5)
    func dropout(_ x: Tensor, _ p: Double) -> Tensor {
        (Tensor.uniform(x.shape) .>= p).cast(to: .float32) * x / (1 - p)
    }

    final class Net: Module {
        let linear1 = Linear(inputSize: 784, outputSize: 256)
        let linear2 = Linear(inputSize: 256, outputSize: 256)
        let linear3 = Linear(inputSize: 256, outputSize: 10)
    }
    let net = Net()
    // After each hidden layer's activation, and only while it learns.
    func logits(_ images: Tensor) -> Tensor {
        var h = net.linear1(images.reshaped([-1, 784])).relu()
        if net.isTraining { h = dropout(h, dropout1) }
        h = net.linear2(h).relu()
        if net.isTraining { h = dropout(h, dropout2) }
        return net.linear3(h)
    }
    lab.check("parameters", net.parameters().reduce(0) { $0 + $1.elementCount })

    let images = Tensor.uniform([8, 1, 28, 28])
    func difference() -> Double { (logits(images) - logits(images)).abs().max().item() }
    lab.check("noisy", difference() > 0)
    lab.check("steady", net.evaluating { difference() } == 0)
    // What comes out is the input on average: evaluation needs no other scale.
    let h = Tensor.uniform([1, 256])
    lab.check("mean", (dropout(h.broadcast(to: [4000, 256]), dropout1).mean(axis: 0) - h).abs().max())

    func correct(_ logits: Tensor, _ labels: Tensor) -> Double { (logits.argmax(axis: 1) .== labels).sum().item() }
    let optimizer = SGD(net.parameters(), learningRate: 0.5)
    var (losses, trainingAccuracies, testAccuracies): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 1...epochs {
        var (loss, right, count) = (0.0, 0.0, 0.0)
        for (images, labels) in training {
            let outputs = logits(images)
            let mean = crossEntropy(outputs, labels)
            optimizer.zeroGradients()
            mean.backward()
            optimizer.step()
            loss += mean.item() * Double(labels.count)
            right += correct(outputs, labels)
            count += Double(labels.count)
        }
        losses.append(loss / count)
        trainingAccuracies.append(right / count)
        testAccuracies.append(
            withoutGradients { net.evaluating { test.reduce(0) { $0 + correct(logits($1.0), $1.1) } } }
                / Double(testSet.count))
    }
    lab.say(
        "784–256–256–10 units, dropout 0.2 and 0.5, learning rate 0.5, batches of 256:",
        "784–256–256–10 个单元，暂退概率 0.2 和 0.5，学习率 0.5，批量大小 256：")
    lab.table(
        [
            Words("epoch", "轮次"), Words("loss", "损失"), Words("training accuracy", "训练准确率"),
            Words("test accuracy", "测试准确率"),
        ],
        losses.indices.map {
            [
                "\($0 + 1)", "\(losses[$0], decimals: 3)", "\(trainingAccuracies[$0], decimals: 3)",
                "\(testAccuracies[$0], decimals: 3)",
            ]
        })
    lab.show("training") { t in
        .curves(
            t("An MLP with dropout", "带暂退法的多层感知机"),
            [
                Curve(t("training loss", "训练损失"), losses), Curve(t("training accuracy", "训练准确率"), trainingAccuracies),
                Curve(t("test accuracy", "测试准确率"), testAccuracies),
            ],
            x: Axis(t("epoch", "轮次")))
    }
    lab.check("loss", losses.last!)
    lab.check("training", trainingAccuracies.last!)
    lab.check("accuracy", testAccuracies.suffix(3).max()!)
}
