import Yuyan

/// A linear classifier of clothes, from scratch and with layers.
let softmaxRegression: Lab = Lab(
    "softmax-regression", "Softmax regression", "softmax 回归",
    book: "3.6", note: .multilayerPerceptrons, part: "–", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim("accuracy", "from scratch: test accuracy", "从零实现：测试准确率", .within(0.80...0.85), needsFullSize: true),
        Claim("loss", "training loss of the last epoch", "最后一轮的训练损失", .near(0.447, margin: 0.01), needsFullSize: true),
        Claim("training", "its training accuracy", "最后一轮的训练准确率", .near(0.848, margin: 0.005), needsFullSize: true),
        Claim("layers", "with layers: test accuracy", "用层实现：测试准确率", .within(0.80...0.85), needsFullSize: true),
        Claim("picked", "y = [0, 2]: the second probability that is picked", "y = [0, 2]：取出的第二个概率", .exactly(0.5)),
        Claim("entropy", "its cross-entropy", "它的交叉熵", .exactly(0.6931472)),
        Claim("first", "cross-entropy of the first, whose probability is 0.1", "第一个的交叉熵，概率为 0.1", .exactly(2.302585)),
        Claim("half", "accuracy of the two predictions", "两个预测的准确率", .exactly(0.5)),
        Claim("gradient", "largest distance of gradient from softmax(o) − y", "梯度与 softmax(o) − y 的最大差", .below(1e-6)),
        Claim("finite", "logits of 1000: crossEntropy is finite", "logit 为 1000 时 crossEntropy 仍有限", .yes),
    ],
    figures: ["training", "predictions"]
) { lab in
    // Probabilities out of any numbers: positive by exp, and divided by their sum.
    func softmax(_ o: Tensor) -> Tensor {
        let positive = o.exp()
        return positive / positive.sum(axis: 1, keepDimensions: true)
    }
    // The loss looks only at the probability of the true class.
    func picked(_ p: Tensor, _ labels: Tensor) -> Tensor { p[Tensor.arange(labels.count), labels] }
    func lossOfEach(_ p: Tensor, _ labels: Tensor) -> Tensor { -picked(p, labels).log() }

    let (labels, probabilities): (Tensor, Tensor) = ([0, 2], Tensor([[0.1, 0.3, 0.6], [0.3, 0.2, 0.5]]))
    lab.check("picked", picked(probabilities, labels)[1])
    lab.check("first", lossOfEach(probabilities, labels)[0])
    lab.check("entropy", lossOfEach(probabilities, labels)[1])
    lab.check("half", (probabilities.argmax(axis: 1) .== labels).cast(to: .float32).mean())

    // The library computes log softmax at once and subtracts the maximum first: exp(1000) is infinite, exp(0) is not.
    let logits = Parameter(Tensor([[1.0, 2, 0.5], [0.1, 0.2, 3]]))
    crossEntropy(logits, labels, reduction: .sum).backward()
    let oneHot: Tensor = [[1.0, 0, 0], [0, 0, 1]]
    lab.check("gradient", (logits.gradient! - (softmax(logits.value) - oneHot)).abs().max())
    lab.check("finite", crossEntropy(Tensor([[1000.0, 0, -1000], [0, 1000, 1000]]), labels).item().isFinite)

    let epochs = lab.full(10, quick: 1)
    let (trainingSet, testSet) = (try FashionMNIST(.train), try FashionMNIST(.test))
    let training = DataLoader(
        Subset(trainingSet, 0..<lab.full(60_000, quick: 6_000)), batchSize: 256, shuffle: true, seed: lab.seed)
    let test = DataLoader(testSet, batchSize: 1000)

    let w = Parameter(Tensor.normal([784, 10], standardDeviation: 0.01))
    let b = Parameter(Tensor.zeros([10]))
    func predict(_ images: Tensor) -> Tensor { softmax(images.reshaped([-1, 784]).matmul(w) + b) }
    func correct(_ p: Tensor, _ labels: Tensor) -> Double { (p.argmax(axis: 1) .== labels).sum().item() }
    var (losses, trainingAccuracies, testAccuracies): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 1...epochs {
        var (loss, right, count) = (0.0, 0.0, 0.0)
        for (images, labels) in training {
            let probabilities = predict(images)
            let each = lossOfEach(probabilities, labels)
            each.mean().backward()
            for parameter in [w, b] {
                parameter.value -= 0.1 * parameter.gradient!
                parameter.gradient = nil
            }
            loss += each.sum().item()
            right += correct(probabilities, labels)
            count += Double(labels.count)
        }
        losses.append(loss / count)
        trainingAccuracies.append(right / count)
        testAccuracies.append(
            withoutGradients { test.reduce(0) { $0 + correct(predict($1.0), $1.1) } } / Double(testSet.count))
    }
    lab.say(
        "Softmax regression from scratch, learning rate 0.1, batches of 256:",
        "从零实现 softmax 回归，学习率 0.1，批量大小 256：")
    let columns = [
        (Words("training loss", "训练损失"), losses), (Words("training accuracy", "训练准确率"), trainingAccuracies),
        (Words("test accuracy", "测试准确率"), testAccuracies),
    ]
    lab.table(
        [Words("epoch", "轮次")] + columns.map(\.0),
        (0..<epochs).map { epoch in ["\(epoch + 1)"] + columns.map { "\($0.1[epoch], decimals: 3)" } })
    lab.show("training") { t in
        .curves(
            t("Softmax regression on Fashion-MNIST", "Fashion-MNIST 上的 softmax 回归"),
            columns.map { Curve(t($0.0.english, $0.0.chinese), $0.1) }, x: Axis(t("epoch", "轮次")))
    }
    lab.check("loss", losses.last!)
    lab.check("training", trainingAccuracies.last!)
    lab.check("accuracy", testAccuracies.last!)

    // The same with layers.
    let net = Sequential(Flatten(), Linear(inputSize: 784, outputSize: 10))
    for case let layer as Linear in net {
        layer.weight.initialize(.normal(standardDeviation: 0.01))
        layer.bias?.initialize(.zeros)
    }
    let trainer = Trainer(
        net, training: training, optimizer: SGD(net.parameters(), learningRate: 0.1), loss: { crossEntropy($0, $1) })
    try trainer.fit(epochs: epochs)
    let accuracy = try evaluate(net, on: test, loss: { crossEntropy($0, $1) }, metrics: [.accuracy]).accuracy!
    lab.say(
        "The same with layers reaches a test accuracy of \(accuracy, decimals: 3). The first test images, with the true class above the predicted one:",
        "用层实现的同一个模型，测试准确率为 \(accuracy, decimals: 3)。最前面的测试图片，上面是真实类别，下面是预测类别：")
    lab.check("layers", accuracy)
    for (images, labels) in DataLoader(Subset(testSet, 0..<18), batchSize: 18) {
        let (truth, guess) = (labels.array(of: Int.self), predict(images).argmax(axis: 1).array(of: Int.self))
        lab.show("predictions") { t in
            let names = zip(FashionMNIST.classNames, FashionMNIST.chineseClassNames).map { t($0, $1) }
            return .images(
                t("True class and prediction", "真实类别与预测"), images,
                captions: zip(truth, guess).map { "\(names[$0])\n\(names[$1])" }, columns: 9)
        }
    }
}
