import Yuyan

/// A deep convolutional network, and whether what it learns to see is better than what people thought up.
let alexNet: Lab = Lab(
    "alexnet-seed", "AlexNet", "深度卷积神经网络（AlexNet）",
    book: "7.1", note: .convolutionsAndTranslation, part: "Task05", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim(
            "parameters", "parameters, one hidden layer as in the note", "参数个数（笔记：一个隐藏层）", .near(29_983_434, margin: 0)),
        Claim("two", "with two hidden layers, as in the book", "两个隐藏层（书中的形式）", .near(46_764_746, margin: 0)),
        Claim("shapes", "the shapes from a 224 × 224 picture on are as stated", "224 × 224 图片经过各层的形状与书中一致", .yes),
        Claim("padding", "padding 1 at first, as in the book: the same height", "第一层填充 1（书）：高不变", .exactly(54)),
        Claim("learned", "accuracy gained by learning features", "学到的特征多出的准确率", .above(0), needsFullSize: true),
        Claim("handmade", "accuracy of hand-made features, where guessing has 0.1", "手工特征的准确率（随机猜测为 0.1）", .above(0.5)),
    ],
    figures: ["filters", "features"]
) { lab in
    // Two parts: convolutions find features, full layers decide.
    final class AlexNet: Layer {
        let conv, fc: Sequential
        override init() {
            func convolution(_ from: Int, _ to: Int, _ size: Size2D, stride: Size2D = 1, padding: Size2D = 0) -> Conv2D
            {
                Conv2D(inputChannels: from, outputChannels: to, kernelSize: size, stride: stride, padding: padding)
            }
            conv = Sequential {
                convolution(1, 96, 11, stride: 4)
                ReLU()
                MaxPool2D(kernelSize: 3, stride: 2)
                convolution(96, 256, 5, padding: 2)
                ReLU()
                MaxPool2D(kernelSize: 3, stride: 2)
                convolution(256, 384, 3, padding: 1)
                ReLU()
                convolution(384, 384, 3, padding: 1)
                ReLU()
                convolution(384, 256, 3, padding: 1)
                ReLU()
                MaxPool2D(kernelSize: 3, stride: 2)
            }
            fc = Sequential {
                Linear(inputSize: 256 * 5 * 5, outputSize: 4096)
                ReLU()
                Dropout(probability: 0.5)
                Linear(inputSize: 4096, outputSize: 10)
            }
        }
        override func forward(_ image: Tensor) -> Tensor { fc(conv(image).flattened(from: 1)) }
    }
    let net = AlexNet()
    var x = Tensor.zeros([1, 1, 224, 224])
    var (maps, rows): ([[Int]], [[Words]]) = ([], [])
    for layer in net.conv {
        x = withoutGradients { layer(x) }
        if layer is ReLU { continue }
        maps.append(Array(x.shape.dropFirst()))
        rows.append(["\(type(of: layer))", "\(x.shape)", "\(layer.parameterCount)"])
    }
    rows.append(["fc", "[1, 10]", "\(net.fc.parameterCount)"])
    lab.say("What its layers make of a picture of 224 × 224:", "224 × 224 的图片经过各层的形状：")
    lab.table([Words("layer", "层"), Words("output", "输出"), Words("parameters", "参数个数")], rows)
    let first = [[96, 54, 54], [96, 26, 26], [256, 26, 26], [256, 12, 12]]
    lab.check("shapes", maps == first + [[384, 12, 12], [384, 12, 12], [256, 12, 12], [256, 5, 5]])
    lab.check("parameters", net.parameterCount)
    lab.check("two", net.parameterCount + 4096 * 4096 + 4096)
    let padded = Conv2D(inputChannels: 1, outputChannels: 1, kernelSize: 11, stride: 4, padding: 1)
    lab.check("padding", padded(Tensor.zeros([1, 1, 224, 224])).shape[2])

    let (trainingSet, testSet) = (try FashionMNIST(.train), try FashionMNIST(.test))
    let training = DataLoader(
        Subset(trainingSet, 0..<lab.full(20_000, quick: 2_000)), batchSize: 64, shuffle: true, seed: lab.seed)
    // By hand: in which of 8 directions brightness changes, and how much, added up over cells of 7 × 7 pixels.
    final class Histograms: Layer {
        override func forward(_ images: Tensor) -> Tensor {
            let across = Tensor([-1.0, 0, 1]).reshaped([1, 1, 1, 3])
            let right = conv2D(images, weight: across, padding: [0, 1])
            let slopes = concatenate([right, conv2D(images, weight: across.transposed(), padding: [1, 0])], axis: 1)
            let angles = Tensor((0..<8).map { Double($0) * .pi / 4 })
            let directions = stack([angles.cos(), angles.sin()], axis: 1).reshaped([8, 2, 1, 1])
            let cells = conv2D(slopes, weight: directions).relu().avgPool2D(kernelSize: 7).flattened(from: 1)
            return cells / (cells.norm(axis: 1, keepDimensions: true) + 1e-3) * 8
        }
    }
    let handmade = Sequential(Histograms(), Linear(inputSize: 128, outputSize: 10))
    let learned = Sequential {
        Conv2D(inputChannels: 1, outputChannels: 16, kernelSize: 5, padding: 2)
        ReLU()
        MaxPool2D(kernelSize: 2)
        Conv2D(inputChannels: 16, outputChannels: 32, kernelSize: 3, padding: 1)
        ReLU()
        MaxPool2D(kernelSize: 2)
        Flatten()
        Linear(inputSize: 32 * 7 * 7, outputSize: 10)
    }
    let test = DataLoader(Subset(testSet, 0..<lab.full(10_000, quick: 1_000)), batchSize: 500)
    let before = (learned[0] as! Conv2D).weight.value
    let accuracies = try [handmade, learned].map { net -> Double in
        let trainer = Trainer(
            net, training: training, optimizer: Adam(net.parameters(), learningRate: 0.002),
            loss: { crossEntropy($0, $1) })
        try trainer.fit(epochs: lab.full(6, quick: 3))
        return try evaluate(net, on: test, loss: { crossEntropy($0, $1) }, metrics: [.accuracy]).accuracy!
    }
    lab.say(
        "The same linear classifier on two kinds of features of the same pictures: histograms of edge directions, thought up by people, and those of a small network that learns them. Its filters are random at first (top) and learned at last (below).",
        "同样的线性分类器，用同样的图片：一种是人设计的边缘方向直方图，一种是小网络自己学到的特征。它的卷积核起初是随机的（上），后来是学到的（下）。")
    lab.show("features") { t in
        .bars(
            t("Test accuracy", "测试准确率"), [t("hand-made", "手工特征"), t("learned", "学到的特征")],
            [BarSeries(t("accuracy", "准确率"), accuracies)])
    }
    lab.show("filters") { t in
        .images(
            t("Filters before and after training", "训练前后的卷积核"),
            concatenate([before, (learned[0] as! Conv2D).weight.value]), columns: 16,
            range: nil)
    }
    lab.check("handmade", accuracies[0])
    lab.check("learned", accuracies[1] - accuracies[0])
}
