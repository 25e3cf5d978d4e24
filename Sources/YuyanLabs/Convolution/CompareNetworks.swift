import Yuyan

/// The convolutional networks of the book side by side: what they hold, what they compute, and what they learn.
let compareNetworks: Lab = Lab(
    "compare-networks", "All convolutional networks compared", "各卷积神经网络的比较",
    book: "7.7", note: .beyond, part: "–", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim(
            "most", "VGG-11's multiplications beside AlexNet's", "VGG-11 与 AlexNet 的乘法次数之比", .above(5),
            needsFullSize: true),
        Claim(
            "share", "NiN's parameters beside AlexNet's", "NiN 与 AlexNet 的参数个数之比", .near(0.0664, margin: 0.0001)),
        Claim(
            "fewest", "DenseNet's parameters beside ResNet-18's", "DenseNet 与 ResNet-18 的参数个数之比",
            .near(0.0678, margin: 0.0001)),
        Claim(
            "accuracy", "least test accuracy of the networks after LeNet", "LeNet 之后各网络中最低的测试准确率", .above(0.5),
            needsFullSize: true),
        Claim(
            "norm", "accuracy that LeNet gains by batch normalization", "LeNet 因批量规范化提高的准确率", .above(0),
            needsFullSize: true),
    ],
    figures: ["networks"]
) { lab in
    // All of them from the library: whole, on the pictures they are made for, and narrow, to train on few small ones.
    let kinds: [(name: String, size: Int, whole: () -> Layer, narrow: () -> Layer)] = [
        ("LeNet", 28, { makeLeNet() }, { makeLeNet() }),
        ("LeNet, batch norm", 28, { makeBatchNormLeNet() }, { makeBatchNormLeNet() }),
        ("AlexNet", 224, { makeAlexNet() }, { makeAlexNet(imageSize: 84, widthRatio: 4) }),
        ("VGG-11", 224, { makeVGG11() }, { makeVGG11(imageSize: 84, widthRatio: 4, hiddenUnits: 512) }),
        ("NiN", 224, { makeNiN() }, { makeNiN(widthRatio: 4) }),
        ("GoogLeNet", 96, { makeGoogLeNet() }, { makeGoogLeNet(widthRatio: 4) }),
        ("ResNet-18", 96, { makeResNet18() }, { makeResNet18(widthRatio: 4) }),
        ("DenseNet", 96, { makeDenseNet() }, { makeDenseNet(widthRatio: 4) }),
    ]
    // Once for each weight at each place.
    func multiplications(_ net: Layer, _ size: Int) -> Double {
        var count = 0
        for (_, module) in net.namedModules() {
            module.addForwardHook { module, _, outputs in
                if let layer = module as? Conv2D {
                    count += layer.weight.elementCount * outputs[0].shape[2] * outputs[0].shape[3]
                }
                if let layer = module as? Linear { count += layer.weight.elementCount }
            }
        }
        net.evaluating { _ = withoutGradients { net(Tensor.zeros([1, 1, size, size])) } }
        return Double(count)
    }
    let samples = Subset(try FashionMNIST(.train), 0..<lab.full(2000, quick: 100))
    let batches = DataLoader(samples, batchSize: 25, shuffle: true, seed: lab.seed)
    let test = DataLoader(Subset(try FashionMNIST(.test), 0..<lab.full(2000, quick: 100)), batchSize: 100)
    let results = try kinds.map { kind -> (parameters: Int, count: Double, accuracy: Double, seconds: Double) in
        // VGG-11 is large: a quick run measures the narrow one.
        let isSmall = lab.isQuick && kind.name == "VGG-11"
        let whole = isSmall ? kind.narrow() : kind.whole()
        let (parameters, count) = (whole.parameterCount, multiplications(whole, isSmall ? 84 : kind.size))
        let narrow = kind.narrow()
        narrow.apply { if let layer = $0 as? Conv2D { layer.weight.initialize(.kaimingNormal()) } }
        let net = kind.size == 28 ? narrow : Sequential(Upsample(scale: 3), narrow)
        let trainer = Trainer(
            net, training: batches, optimizer: Adam(net.parameters(), learningRate: 0.001),
            loss: { crossEntropy($0, $1) })
        try trainer.fit(epochs: lab.full(5, quick: 1))
        let accuracy = try evaluate(net, on: test, loss: { crossEntropy($0, $1) }, metrics: [.accuracy]).accuracy!
        return (parameters, count, accuracy, 1000 / trainer.records.last!.samplesPerSecond)
    }
    lab.say(
        "First the networks as the book makes them: the height of their pictures in pixels, and, in millions, their parameters and what they multiply for one picture (each multiplication comes with an addition, so FLOPs are twice as many). Then narrow ones (a quarter of the channels, pictures of 84 × 84; both LeNets as they are), trained for \(lab.full(5, quick: 1)) epochs on \(samples.count) pictures: their accuracy on \(test.count * 100) others, and the seconds of training for 1,000 pictures.",
        "先看书中的原样：图片的边长（像素），以及每张图片所需的参数和乘法次数，以百万计（每次乘法伴随一次加法，FLOPs 是乘法次数的两倍）。再看窄的网络（通道数取四分之一，图片 84 × 84；两个 LeNet 不变），用 \(samples.count) 张图片训练 \(lab.full(5, quick: 1)) 轮：在另外 \(test.count * 100) 张上的准确率，以及训练 1000 张图片的秒数。"
    )
    lab.table(
        [
            Words("network", "网络"), Words("size", "边长"), Words("parameters", "参数"), Words("multiplications", "乘法"),
            Words("accuracy", "准确率"), Words("seconds", "秒"),
        ],
        zip(kinds, results).map { kind, result in
            [
                "\(kind.name)", "\(kind.size)", "\(Double(result.parameters) / 1e6, decimals: 2)",
                "\(result.count / 1e6, decimals: 1)", "\(result.accuracy, decimals: 3)",
                "\(result.seconds, decimals: 2)",
            ]
        })
    lab.show("networks") { t in
        .barTable(
            t("Whole networks, in millions (M), and narrow ones trained", "完整网络的参数与计算量，窄网络的训练结果"), kinds.map(\.name),
            [
                BarSeries(t("parameters (M)", "参数（百万）"), results.map { Double($0.parameters) / 1e6 }),
                BarSeries(t("multiplications (M)", "乘法（百万）"), results.map { $0.count / 1e6 }),
                BarSeries(t("accuracy, narrow", "准确率（窄）"), results.map(\.accuracy)),
                BarSeries(t("seconds, narrow", "秒（窄）"), results.map(\.seconds)),
            ])
    }
    let best = results.indices.max { results[$0].accuracy < results[$1].accuracy }!
    lab.say(
        "More parameters or more multiplications alone do not make a network better: the most accurate here is \(kinds[best].name).",
        "仅仅参数更多、计算更多，并不意味着更好：这里最准确的是 \(kinds[best].name)。")
    func ratio(_ value: (Int) -> Double, _ a: String, _ b: String) -> Double {
        let places = [a, b].map { name in kinds.firstIndex { $0.name == name }! }
        return value(places[0]) / value(places[1])
    }
    lab.check("most", ratio({ results[$0].count }, "VGG-11", "AlexNet"))
    lab.check("share", ratio({ Double(results[$0].parameters) }, "NiN", "AlexNet"))
    lab.check("fewest", ratio({ Double(results[$0].parameters) }, "DenseNet", "ResNet-18"))
    lab.check("accuracy", results.dropFirst(2).map(\.accuracy).min()!)
    lab.check("norm", results[1].accuracy - results[0].accuracy)
}
