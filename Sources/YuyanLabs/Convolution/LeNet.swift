import Yuyan

/// The first convolutional network that read checks: two convolutions with pooling, then three full layers.
let leNet: Lab = Lab(
    "lenet", "LeNet", "卷积神经网络（LeNet）",
    book: "6.6", note: .convolutionsAndTranslation, part: "Task05", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim("accuracy", "test accuracy after 10 epochs", "10 轮后的测试准确率", .within(0.72...0.86), needsFullSize: true),
        Claim("loss", "training loss of the last epoch", "最后一轮的训练损失", .within(0.42...0.52), needsFullSize: true),
        Claim("training", "its training accuracy", "最后一轮的训练准确率", .within(0.80...0.85), needsFullSize: true),
        Claim("shapes", "shapes from layer to layer are those of the book", "各层的形状与书中一致", .yes),
        Claim("parameters", "parameters of the network", "网络的参数个数", .count(61_706)),
        Claim("filters", "change of the filters beside their size", "卷积核的变化（与自身之比）", .above(0.1), needsFullSize: true),
        Claim("shift", "shift by a pixel: change after pooling beside before", "平移一个像素：池化后与池化前的变化之比", .below(1)),
    ],
    figures: ["training", "filters", "features"]
) { lab in
    let net = Sequential {
        Reshape([-1, 1, 28, 28])
        Conv2D(inputChannels: 1, outputChannels: 6, kernelSize: 5, padding: 2)
        Sigmoid()
        AvgPool2D(kernelSize: 2, stride: 2)
        Conv2D(inputChannels: 6, outputChannels: 16, kernelSize: 5)
        Sigmoid()
        AvgPool2D(kernelSize: 2, stride: 2)
        Flatten()
        Linear(inputSize: 16 * 5 * 5, outputSize: 120)
        Sigmoid()
        Linear(inputSize: 120, outputSize: 84)
        Sigmoid()
        Linear(inputSize: 84, outputSize: 10)
    }
    for case let layer as Conv2D in net { layer.weight.initialize(.xavierUniform()) }
    for case let layer as Linear in net { layer.weight.initialize(.xavierUniform()) }

    // One random picture, layer by layer: the maps get smaller and more.
    var x = Tensor.normal([1, 1, 28, 28])
    var shapes: [[Int]] = []
    let rows = net.map { layer -> [Words] in
        x = layer(x)
        shapes.append(Array(x.shape))
        return ["\(type(of: layer))", "\(x.shape)", "\(layer.parameterCount)"]
    }
    lab.say("What each layer makes of a picture of 28 × 28:", "28 × 28 的图片经过各层之后的形状：")
    lab.table([Words("layer", "层"), Words("output shape", "输出形状"), Words("parameters", "参数个数")], rows)
    let maps = [[1, 28, 28], [6, 28, 28], [6, 28, 28], [6, 14, 14], [16, 10, 10], [16, 10, 10], [16, 5, 5]]
    lab.check("shapes", shapes == (maps + [[400], [120], [120], [84], [84], [10]]).map { [1] + $0 })
    lab.check("parameters", net.parameterCount)

    let epochs = lab.full(10, quick: 1)
    let (trainingSet, testSet) = (try FashionMNIST(.train), try FashionMNIST(.test))
    let training = DataLoader(
        Subset(trainingSet, 0..<lab.full(60_000, quick: 4_000)), batchSize: 256, shuffle: true, seed: lab.seed)
    let test = DataLoader(Subset(testSet, 0..<lab.full(10_000, quick: 1_000)), batchSize: 1000)

    // The filters of the first layer, and what they find in a shoe, before and after.
    let first = net[1] as! Conv2D
    let shoe = testSet.batch(at: [0]).0
    func features() -> Tensor { withoutGradients { net[2](first(shoe)) } }
    let (filtersBefore, featuresBefore) = (first.weight.value, features())

    let trainer = Trainer(
        net, training: training, validation: test, optimizer: SGD(net.parameters(), learningRate: 0.9),
        loss: { crossEntropy($0, $1) }, metrics: [.accuracy])
    try trainer.fit(epochs: epochs)
    let records = trainer.records
    lab.say(
        "Trained with learning rate 0.9 and batches of 256, Xavier's weights at first (\(records.last!.samplesPerSecond, decimals: 0) pictures a second). Sigmoids make it slow to begin: the loss may stay near ln 10 for an epoch.",
        "学习率 0.9，批量大小 256，Xavier 初始化（每秒 \(records.last!.samplesPerSecond, decimals: 0) 张图片）。sigmoid 让起步很慢：损失可能有一轮停在 ln 10 附近。"
    )
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
            t("LeNet on Fashion-MNIST", "Fashion-MNIST 上的 LeNet"),
            columns.map { Curve(t($0.0.english, $0.0.chinese), $0.1) }, x: Axis(t("epoch", "轮次")))
    }
    lab.check("loss", records.last!.trainLoss)
    lab.check("training", records.last!.trainAccuracy!)
    lab.check("accuracy", records.last!.validationAccuracy!)

    let (filters, after) = (first.weight.value, features())
    lab.say(
        "The six filters of the first layer, random above and learned below; then what they make of the first test picture:",
        "第一层的六个卷积核，上排是随机的初始值，下排是学到的；接着是它们作用于第一张测试图片的结果：")
    let captions = (0..<12).map { "\($0 % 6)" }
    lab.show("filters") { t in
        .images(
            t("Filters before and after training", "训练前后的卷积核"),
            concatenate([filtersBefore, filters]), captions: captions, columns: 6, range: nil)
    }
    lab.show("features") { t in
        .images(
            t("Features before and after training", "训练前后的特征图"),
            concatenate([featuresBefore[0], after[0]]), captions: captions, columns: 6, range: nil)
    }
    lab.check("filters", (filters - filtersBefore).norm() / filtersBefore.norm())

    // Pooling makes it less sensitive to where things are: the same pictures, moved by one pixel.
    let pictures = testSet.batch(at: ArraySlice(0..<200)).0
    let moved = concatenate([Tensor.zeros([200, 1, 28, 1]), pictures[0..<200, 0..<1, 0..<28, 0..<27]], axis: 3)
    func change(_ layers: ClosedRange<Int>) -> Double {
        let part = Sequential(layers.map { net[$0] })
        let (a, b) = withoutGradients { (part(pictures), part(moved)) }
        return ((b - a).norm() / a.norm()).item()
    }
    let (unpooled, pooled) = (change(1...2), change(1...3))
    lab.say(
        "Moved by one pixel, \(pictures.count) pictures change the first layer's features by \(unpooled * 100, decimals: 1)%, and the pooled ones by \(pooled * 100, decimals: 1)%.",
        "把 \(pictures.count) 张图片平移一个像素，第一层的特征变化 \(unpooled * 100, decimals: 1)%，池化后的特征变化 \(pooled * 100, decimals: 1)%。"
    )
    lab.check("shift", pooled / unpooled)
}
