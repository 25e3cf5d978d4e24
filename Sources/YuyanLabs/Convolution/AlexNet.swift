import Yuyan

/// A deep convolutional network, and whether what it learns to see is better than what people thought up.
let alexNet: Lab = Lab(
    "alexnet-seed", "AlexNet", "深度卷积神经网络（AlexNet）",
    book: "7.1", note: .convolutionsAndTranslation, part: "Task05", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim(
            "parameters", "parameters, one hidden layer as in the note", "参数个数（笔记：一个隐藏层）", .count(29_983_434)),
        Claim("two", "with two hidden layers, as in the book", "两个隐藏层（书中的形式）", .count(46_764_746)),
        Claim("shapes", "the shapes from a 224 × 224 picture on are as stated", "224 × 224 图片经过各层的形状与书中一致", .yes),
        Claim("padding", "padding 1 at first, as in the book: the same height", "第一层填充 1（书）：高不变", .count(54)),
        Claim("loss", "training loss on 256 pictures", "256 张图片上的训练损失", .below(2.0), needsFullSize: true),
        Claim("learned", "accuracy gained by learning features", "学到的特征多出的准确率", .above(0), needsFullSize: true),
        Claim("handmade", "accuracy of hand-made features, where guessing has 0.1", "手工特征的准确率（随机猜测为 0.1）", .above(0.5)),
    ],
    figures: ["handmade", "maps", "filters"]
) { lab in
    func convolution(_ from: Int, _ to: Int, _ size: Size2D, stride: Size2D = 1, padding: Size2D = 0) -> [Layer] {
        [Conv2D(inputChannels: from, outputChannels: to, kernelSize: size, stride: stride, padding: padding), ReLU()]
    }
    final class AlexNet: Layer {
        let conv, fc: Sequential
        init(_ conv: Sequential, _ fc: Sequential) { (self.conv, self.fc) = (conv, fc) }
        override func forward(_ image: Tensor) -> Tensor { fc(conv(image).flattened(from: 1)) }
    }
    let net = AlexNet(
        Sequential {
            convolution(1, 96, 11, stride: 4)
            MaxPool2D(kernelSize: 3, stride: 2)
            convolution(96, 256, 5, padding: 2)
            MaxPool2D(kernelSize: 3, stride: 2)
            convolution(256, 384, 3, padding: 1)
            convolution(384, 384, 3, padding: 1)
            convolution(384, 256, 3, padding: 1)
            MaxPool2D(kernelSize: 3, stride: 2)
        },
        Sequential {
            Linear(inputSize: 256 * 5 * 5, outputSize: 4096)
            ReLU()
            Dropout(probability: 0.5)
            Linear(inputSize: 4096, outputSize: 10)
        })
    var x = Tensor.zeros([1, 1, 224, 224])
    var (shapes, rows): ([[Int]], [[Words]]) = ([], [])
    for layer in net.conv {
        x = withoutGradients { layer(x) }
        if layer is ReLU { continue }
        shapes.append(Array(x.shape.dropFirst()))
        rows.append(["\(type(of: layer))", "\(x.shape)", "\(layer.parameterCount)"])
    }
    rows.append(["fc", "[1, 10]", "\(net.fc.parameterCount)"])
    lab.say("What its layers make of a picture of 224 × 224:", "224 × 224 的图片经过各层的形状：")
    lab.table([Words("layer", "层"), Words("output", "输出"), Words("parameters", "参数个数")], rows)
    let first = [[96, 54, 54], [96, 26, 26], [256, 26, 26], [256, 12, 12]]
    lab.check("shapes", shapes == first + [[384, 12, 12], [384, 12, 12], [256, 12, 12], [256, 5, 5]])
    for (name, more) in [("parameters", 0), ("two", 4096 * 4097)] { lab.check(name, net.parameterCount + more) }
    let padded = Conv2D(inputChannels: 1, outputChannels: 1, kernelSize: 11, stride: 4, padding: 1)
    lab.check("padding", padded(Tensor.zeros([1, 1, 224, 224])).shape[2])
    let (trainingSet, testSet) = (try FashionMNIST(.train), try FashionMNIST(.test))
    func train(_ net: Layer, _ pictures: Range<Int>, batch: Int, rate: Double, epochs: Int) throws -> [Double] {
        let part = DataLoader(Subset(trainingSet, pictures), batchSize: batch, shuffle: true, seed: lab.seed)
        let optimizer = Adam(net.parameters(), learningRate: rate)
        let trainer = Trainer(net, training: part, optimizer: optimizer, loss: { crossEntropy($0, $1) })
        return try trainer.fit(epochs: epochs).map(\.trainLoss)
    }
    if !lab.isQuick {
        let losses = try train(Sequential(Upsample(scale: 8), net), 0..<256, batch: 32, rate: 0.0003, epochs: 5)
        lab.say(
            "On 256 pictures, each enlarged to 224 × 224, its loss falls in 5 epochs from \(losses[0], decimals: 2) to \(losses[4], decimals: 2).",
            "用 256 张放大到 224 × 224 的图片训练 5 轮，损失从 \(losses[0], decimals: 2) 降到 \(losses[4], decimals: 2)。")
        lab.check("loss", losses[4])
    }
    // By hand: how much brightness changes in 8 directions, added up over cells of 7 × 7 pixels.
    final class Histograms: Layer {
        static func maps(_ images: Tensor) -> Tensor {
            let across = Tensor([-1.0, 0, 1]).reshaped([1, 1, 1, 3])
            let right = conv2D(images, weight: across, padding: [0, 1])
            let slopes = concatenate([right, conv2D(images, weight: across.transposed(), padding: [1, 0])], axis: 1)
            let angles = Tensor((0..<8).map { Double($0) * .pi / 4 })
            let directions = stack([angles.cos(), angles.sin()], axis: 1).reshaped([8, 2, 1, 1])
            return conv2D(slopes, weight: directions).relu()
        }
        override func forward(_ images: Tensor) -> Tensor {
            let cells = Histograms.maps(images).avgPool2D(kernelSize: 7).flattened(from: 1)
            return cells / (cells.norm(axis: 1, keepDimensions: true) + 1e-3) * 8
        }
    }
    let handmade = Sequential(Histograms(), Linear(inputSize: 128, outputSize: 10))
    let learned = Sequential {
        convolution(1, 16, 5, padding: 2)
        MaxPool2D(kernelSize: 2)
        convolution(16, 32, 3, padding: 1)
        MaxPool2D(kernelSize: 2)
        Flatten()
        Linear(inputSize: 32 * 7 * 7, outputSize: 10)
    }
    let test = DataLoader(Subset(testSet, 0..<lab.full(10_000, quick: 1_000)), batchSize: 500)
    let shoe = testSet.batch(at: [0]).0
    func maps() -> Tensor { withoutGradients { learned[1](learned[0](shoe))[0, 0..<8] } }
    func filters() -> Tensor { (learned[0] as! Conv2D).weight.value[0..<8] }
    let (filtersBefore, mapsBefore) = (filters(), maps())
    let accuracies = try [handmade, learned].map { net -> Double in
        _ = try train(net, 0..<lab.full(20_000, quick: 2_000), batch: 64, rate: 0.002, epochs: lab.full(6, quick: 3))
        return try evaluate(net, on: test, loss: { crossEntropy($0, $1) }, metrics: [.accuracy]).accuracy!
    }
    lab.say(
        "Two kinds of features of the same pictures, and a linear classifier on each: histograms of edge directions, thought up by people, are right in \(accuracies[0] * 100, decimals: 1)% of the test; those of a small network that learns them, in \(accuracies[1] * 100, decimals: 1)%. What both make of an ankle boot: the eight directions of its edges; eight of the sixteen maps of the network before and after training; and the filters behind these:",
        "同样的图片、两种特征，各接一个线性分类器：人设计的边缘方向直方图，测试正确率为 \(accuracies[0] * 100, decimals: 1)%；小网络自己学到的特征，正确率为 \(accuracies[1] * 100, decimals: 1)%。下面是一只短靴在两者中的样子：八个方向的边缘；网络十六张特征图中的八张，训练前与训练后；以及得到它们的卷积核："
    )
    func show(_ name: String, _ english: String, _ chinese: String, _ images: Tensor) {
        lab.show(name) { t in .images(t(english, chinese), images, columns: 8, range: nil) }
    }
    show("handmade", "Hand-made: edges by direction", "手工特征：各个方向的边缘", Histograms.maps(shoe)[0])
    show("maps", "Learned: before (above) and after", "学到的特征图：训练前（上）与训练后（下）", concatenate([mapsBefore, maps()]))
    show("filters", "Their filters, likewise", "对应的卷积核（同上）", concatenate([filtersBefore, filters()]))
    lab.check("handmade", accuracies[0])
    lab.check("learned", accuracies[1] - accuracies[0])
}
