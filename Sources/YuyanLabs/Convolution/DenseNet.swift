import Yuyan

/// Each layer sees what all layers before it found.
let denseNet: Lab = Lab(
    "densenet", "DenseNet", "稠密连接网络（DenseNet）",
    book: "7.7", note: .beyond, part: "–", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim("parameters", "parameters of DenseNet", "DenseNet 的参数个数", .count(758_226)),
        Claim("shapes", "the shapes on 96 × 96 are as stated", "96 × 96 输入时各部分的形状与书中一致", .yes),
        Claim("kept", "a block's first channels are its input: distance", "块的前几个通道就是输入：差", .exactly(0)),
        Claim(
            "sum", "it joins instead of adding: 64 channels become", "拼接而不是相加：64 个通道变成",
            .count(192)),
        Claim("loss", "a narrow DenseNet: last training loss", "窄的 DenseNet：最后的训练损失", .below(1.2)),
    ],
    figures: ["channels", "training"]
) { lab in
    // What a layer finds is put beside what it was given.
    final class DenseBlock: Layer {
        let layers: [Sequential]
        init(_ count: Int, inputs: Int, growth: Int) {
            layers = (0..<count).map { index in
                let channels = inputs + index * growth
                return Sequential {
                    BatchNorm2D(channels: channels)
                    ReLU()
                    Conv2D(inputChannels: channels, outputChannels: growth, kernelSize: 3, padding: 1)
                }
            }
        }
        override func forward(_ x: Tensor) -> Tensor { layers.reduce(x) { concatenate([$0, $1($0)], axis: 1) } }
    }
    // Between blocks, half of the channels and half of height and width.
    func transition(_ channels: Int) -> Sequential {
        Sequential {
            BatchNorm2D(channels: channels)
            ReLU()
            Conv2D(inputChannels: channels, outputChannels: channels / 2, kernelSize: 1)
            AvgPool2D(kernelSize: 2)
        }
    }
    func makeDenseNet(first: Int, growth: Int) -> Sequential {
        var channels = first
        let net = Sequential {
            Sequential {
                Conv2D(inputChannels: 1, outputChannels: first, kernelSize: 7, stride: 2, padding: 3)
                BatchNorm2D(channels: first)
                ReLU()
                MaxPool2D(kernelSize: 3, stride: 2, padding: 1)
            }
        }
        for block in 1...4 {
            net.append(DenseBlock(4, inputs: channels, growth: growth))
            channels += 4 * growth
            if block == 4 { break }
            net.append(transition(channels))
            channels /= 2
        }
        net.append(Sequential(BatchNorm2D(channels: channels), ReLU(), GlobalAvgPool2D(), Flatten()))
        net.append(Linear(inputSize: channels, outputSize: 10))
        return net
    }
    let net = makeDenseNet(first: 64, growth: 32)
    net.eval()
    var x = Tensor.zeros([1, 1, 96, 96])
    var shapes: [[Int]] = []
    var names = [Words("first layers", "开头的层")]
    for n in 1...4 { names += [Words("dense block \(n)", "稠密块 \(n)"), Words("transition \(n)", "过渡层 \(n)")] }
    names[8...] = [Words("global average", "全局平均"), Words("classes", "类别")]
    let rows = zip(names, net).map { name, part -> [Words] in
        x = withoutGradients { part(x) }
        shapes.append(Array(x.shape.dropFirst()))
        return [name, "\(x.shape)", "\(part.parameterCount)"]
    }
    lab.say(
        "DenseNet on a picture of 96 × 96: blocks add 4 · 32 channels, transitions halve them.",
        "DenseNet 作用于 96 × 96 的图片：每个稠密块增加 4 · 32 个通道，过渡层把通道数减半。")
    lab.table([Words("part", "部分"), Words("output", "输出"), Words("parameters", "参数个数")], rows)
    let maps = [
        [64, 24, 24], [192, 24, 24], [96, 12, 12], [224, 12, 12], [112, 6, 6], [240, 6, 6], [120, 3, 3], [248, 3, 3],
    ]
    lab.check("shapes", shapes == maps + [[248], [10]])
    lab.check("parameters", net.parameterCount)
    lab.show("channels") { t in
        .curves(
            t("Channels after each part: blocks add, transitions halve", "各部分之后的通道数：块增加，过渡层减半"),
            [Curve(t("channels", "通道数"), shapes.dropLast().map { Double($0[0]) })],
            x: Axis(t("part", "部分")), y: Axis(t("channels", "通道数")))
    }
    let image = Tensor.uniform([1, 64, 4, 4])
    let joined = net[1](image)
    lab.check("kept", (joined.split(sizes: [64, 128], axis: 1)[0] - image).abs().max())
    lab.check("sum", joined.shape[1])

    // A quarter of the channels, on pictures of which each pixel is a square of 2 × 2.
    let small = makeDenseNet(first: 16, growth: 8)
    let samples = Subset(try FashionMNIST(.train), 0..<lab.full(2000, quick: 500))
    let trainer = Trainer(
        Sequential(Upsample(scale: 2), small),
        training: DataLoader(samples, batchSize: 20, shuffle: true, seed: lab.seed),
        optimizer: Adam(small.parameters(), learningRate: 0.003), loss: { crossEntropy($0, $1) }, metrics: [.accuracy])
    let records = try trainer.fit(epochs: lab.full(5, quick: 3))
    lab.say(
        "With a quarter of the channels (\(small.parameterCount) parameters), on \(samples.count) pictures of 56 × 56, its training loss falls to \(records.last!.trainLoss, decimals: 2).",
        "通道数取四分之一（\(small.parameterCount) 个参数），用 \(samples.count) 张 56 × 56 的图片训练，训练损失降到 \(records.last!.trainLoss, decimals: 2)。"
    )
    lab.show("training") { t in
        .curves(
            t("A narrow DenseNet", "窄的 DenseNet"),
            [
                Curve(t("training loss", "训练损失"), records.map(\.trainLoss)),
                Curve(t("training accuracy", "训练准确率"), records.map { $0.trainAccuracy! }),
            ], x: Axis(t("epoch", "轮次")))
    }
    lab.check("loss", records.last!.trainLoss)
}
