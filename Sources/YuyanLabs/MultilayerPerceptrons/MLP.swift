import Yuyan

/// One hidden layer between pixels and classes, from scratch and with layers.
let mlp: Lab = Lab(
    "mlp", "Multilayer perceptron", "多层感知机",
    book: "4.2", note: .multilayerPerceptrons, part: "–", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim(
            "accuracy", "from scratch: test accuracy (mean of the last 3 epochs)", "从零实现：测试准确率（最后 3 轮平均）",
            .within(0.82...0.87), needsFullSize: true),
        Claim("loss", "training loss of the last epoch", "最后一轮的训练损失", .near(0.384, margin: 0.01), needsFullSize: true),
        Claim("training", "its training accuracy", "最后一轮的训练准确率", .near(0.865, margin: 0.005), needsFullSize: true),
        Claim(
            "layers", "with layers: test accuracy (mean of the last 3 epochs)", "用层实现：测试准确率（最后 3 轮平均）",
            .within(0.82...0.87), needsFullSize: true),
        Claim("parameters", "parameters of the network", "网络的参数个数", .exactly(203_530)),
        Claim("same", "both from the same weights: largest difference", "权重相同时两者预测的最大差", .below(1e-5)),
        Claim("linear", "two layers without activation beside one: difference", "没有激活函数的两层与一层的最大差", .below(1e-4)),
    ],
    figures: ["training", "activations"]
) { lab in
    let epochs = lab.full(10, quick: 1)
    let (trainingSet, testSet) = (try FashionMNIST(.train), try FashionMNIST(.test))
    let training = DataLoader(
        Subset(trainingSet, 0..<lab.full(60_000, quick: 6_000)), batchSize: 256, shuffle: true, seed: lab.seed)
    let test = DataLoader(testSet, batchSize: 1000)

    // 784 pixels, 256 hidden units, 10 classes.
    let (w1, b1) = (Parameter(Tensor.normal([784, 256], standardDeviation: 0.01)), Parameter(Tensor.zeros([256])))
    let (w2, b2) = (Parameter(Tensor.normal([256, 10], standardDeviation: 0.01)), Parameter(Tensor.zeros([10])))
    func relu(_ x: Tensor) -> Tensor { maximum(x, 0) }
    func logits(_ images: Tensor) -> Tensor {
        let x = images.reshaped([-1, 784])
        return relu(x.matmul(w1) + b1).matmul(w2) + b2
    }

    // What the hidden layer would be without relu: w1 and w2 multiply to one matrix, so nothing is gained.
    let sample = Tensor.normal([5, 784])
    let twice = (sample.matmul(w1) + b1).matmul(w2) + b2
    let once = sample.matmul(w1.matmul(w2)) + (b1.matmul(w2) + b2)
    lab.check("linear", (twice - once).abs().max())
    let x = Tensor.linspace(-4, 4, count: 81)
    let points = x.array(of: Double.self)
    lab.say("Between the layers stands a function that is not linear; three that are in use:", "两层之间必须有非线性函数；常用的三种：")
    lab.show("activations") { t in
        .curves(
            t("Activation functions", "激活函数"),
            [("ReLU", relu(x)), ("sigmoid", x.sigmoid()), ("tanh", x.tanh())].map {
                Curve($0.0, x: points, y: $0.1.array(of: Double.self))
            }, x: Axis("x"), y: Axis(range: -1.2...4.2))
    }

    // The same with layers, from the same weights; a layer's weight is [out, in].
    let net = Sequential(
        Flatten(), Linear(inputSize: 784, outputSize: 256), ReLU(), Linear(inputSize: 256, outputSize: 10))
    for (layer, (w, b)) in zip(net.compactMap { $0 as? Linear }, [(w1, b1), (w2, b2)]) {
        layer.weight.value = w.value.transposed()
        layer.bias!.value = b.value
    }
    let images = Tensor.uniform([4, 1, 28, 28])
    lab.check("same", (net(images) - logits(images)).abs().max())
    lab.check("parameters", net.parameters().reduce(0) { $0 + $1.elementCount })

    var (losses, trainingAccuracies, testAccuracies): ([Double], [Double], [Double]) = ([], [], [])
    func correct(_ logits: Tensor, _ labels: Tensor) -> Double { (logits.argmax(axis: 1) .== labels).sum().item() }
    for _ in 1...epochs {
        var (loss, right, count) = (0.0, 0.0, 0.0)
        for (images, labels) in training {
            let outputs = logits(images)
            let mean = crossEntropy(outputs, labels)
            mean.backward()
            for parameter in [w1, b1, w2, b2] {
                parameter.value -= 0.1 * parameter.gradient!
                parameter.gradient = nil
            }
            loss += mean.item() * Double(labels.count)
            right += correct(outputs, labels)
            count += Double(labels.count)
        }
        losses.append(loss / count)
        trainingAccuracies.append(right / count)
        testAccuracies.append(
            withoutGradients { test.reduce(0) { $0 + correct(logits($1.0), $1.1) } } / Double(testSet.count))
    }
    let trainer = Trainer(
        net, training: training, validation: test, optimizer: SGD(net.parameters(), learningRate: 0.1),
        loss: { crossEntropy($0, $1) }, metrics: [.accuracy])
    try trainer.fit(epochs: epochs)

    lab.say(
        "Learning rate 0.1, batches of 256. From scratch, and in the last column with layers:",
        "学习率 0.1，批量大小 256。从零实现，最后一列用层实现：")
    let columns = [
        (Words("training loss", "训练损失"), losses), (Words("training accuracy", "训练准确率"), trainingAccuracies),
        (Words("test accuracy", "测试准确率"), testAccuracies),
    ]
    let layerAccuracies = trainer.records.map { $0.validationAccuracy! }
    lab.table(
        [Words("epoch", "轮次")] + columns.map(\.0) + [Words("test, layers", "测试准确率（层）")],
        (0..<epochs).map { epoch in
            ["\(epoch + 1)"] + (columns.map(\.1) + [layerAccuracies]).map { "\($0[epoch], decimals: 3)" }
        })
    lab.show("training") { t in
        .curves(
            t("Multilayer perceptron on Fashion-MNIST", "Fashion-MNIST 上的多层感知机"),
            columns.map { Curve(t($0.0.english, $0.0.chinese), $0.1) }, x: Axis(t("epoch", "轮次")))
    }
    func last3(_ values: [Double]) -> Double { values.suffix(3).reduce(0, +) / Double(values.suffix(3).count) }
    lab.check("loss", losses.last!)
    lab.check("training", trainingAccuracies.last!)
    lab.check("accuracy", last3(testAccuracies))
    lab.check("layers", last3(layerAccuracies))
}
