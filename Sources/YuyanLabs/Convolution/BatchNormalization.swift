import Yuyan

/// Each channel of a batch to mean 0 and deviation 1: from scratch, as a layer, and what it does for LeNet.
let batchNormalization: Lab = Lab(
    "batch-norm", "Batch normalization", "批量规范化",
    book: "7.5", note: .beyond, part: "–", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim("mean", "largest mean of a channel afterwards", "之后各通道均值的最大绝对值", .below(1e-5)),
        Claim("deviation", "largest distance of a deviation from 1", "标准差与 1 的最大差", .below(1e-3)),
        Claim("layer", "from scratch, pictures: distance from BatchNorm2D", "从零实现：与 BatchNorm2D 之差", .below(1e-4)),
        Claim("evaluation", "in evaluation, by the moving averages: distance", "评估时用移动平均：差", .below(1e-4)),
        Claim("vectors", "for vectors: distance from BatchNorm1D", "向量：与 BatchNorm1D 之差", .below(1e-4)),
        Claim(
            "alone", "in evaluation a picture alone gives the same: distance", "评估时单独一张图片的结果相同：差",
            .below(1e-5)),
        Claim("sooner", "loss of the first epoch with it, in parts of that without", "第一轮的损失：有与没有之比", .below(0.8)),
        Claim("accuracy", "LeNet with it: training accuracy", "有它的 LeNet：训练准确率", .above(0.88), needsFullSize: true),
        Claim("loss", "its training loss", "其训练损失", .within(0.22...0.32), needsFullSize: true),
    ],
    figures: ["training"]
) { lab in
    // Statistics over all axes but that of the channels; the averages move a tenth of the way in each batch.
    final class Scratch: Layer {
        let gamma, beta: Parameter
        var (movingMean, movingVariance): (Tensor, Tensor)
        let axes: [Int]
        init(channels: Int, forPictures: Bool) {
            let shape = Shape(forPictures ? [1, channels, 1, 1] : [1, channels])
            (gamma, beta) = (Parameter(.ones(shape)), Parameter(.zeros(shape)))
            (movingMean, movingVariance) = (Tensor.zeros(shape), Tensor.ones(shape))
            axes = forPictures ? [0, 2, 3] : [0]
        }
        override func forward(_ x: Tensor) -> Tensor {
            guard isTraining else { return gamma * ((x - movingMean) / (movingVariance + 1e-5).squareRoot()) + beta }
            let mean = x.mean(axes: axes, keepDimensions: true)
            let variance = (x - mean).squared().mean(axes: axes, keepDimensions: true)
            let count = Double(x.elementCount / mean.elementCount)
            movingMean = 0.9 * movingMean + 0.1 * mean.detached()
            movingVariance = 0.9 * movingVariance + 0.1 * variance.detached() * (count / (count - 1))
            return gamma * ((x - mean) / (variance + 1e-5).squareRoot()) + beta
        }
    }
    // Three channels of very different size and place.
    func batch(_ shape: Shape) -> Tensor {
        let scale = Tensor([1.0, 10, 100]).reshaped(shape.count == 4 ? [1, 3, 1, 1] : [1, 3])
        return Tensor.normal(shape) * scale + scale * 2
    }
    let (scratch, layer) = (Scratch(channels: 3, forPictures: true), BatchNorm2D(channels: 3))
    let x = batch([8, 3, 5, 5])
    let y = scratch(x)
    let channels = [x, y].map { $0.permuted([1, 0, 2, 3]).reshaped([3, -1]) }
    let statistics = channels.flatMap { [$0.mean(axis: 1), $0.standardDeviation(axis: 1, correction: 0)] }
    lab.say("Three channels of very different size and place, before and after:", "三个大小和位置差别很大的通道，规范化前后：")
    lab.table(
        [
            Words("mean", "均值"), Words("deviation", "标准差"), Words("mean after", "均值（后）"),
            Words("deviation after", "标准差（后）"),
        ],
        (0..<3).map { c in statistics.map { "\(abs($0[c].item() as Double), decimals: 3)" as Words } })
    lab.check("mean", channels[1].mean(axis: 1).abs().max())
    lab.check("deviation", (channels[1].standardDeviation(axis: 1, correction: 0) - 1).abs().max())
    lab.check("layer", (y - layer(x)).abs().max())
    for x in (0..<5).map({ _ in batch([8, 3, 5, 5]) }) { _ = (scratch(x), layer(x)) }
    scratch.eval()
    layer.eval()
    lab.check("evaluation", (scratch(x) - layer(x)).abs().max())
    lab.check("alone", (layer(x)[0..<1] - layer(x[0..<1])).abs().max())
    let vectors = batch([16, 3])
    lab.check(
        "vectors", (Scratch(channels: 3, forPictures: false)(vectors) - BatchNorm1D(channels: 3)(vectors)).abs().max())
    lab.say(
        "In training a batch is normalized by its own mean and variance. In evaluation the moving averages of both take their place, so that a picture's result does not depend on its neighbors.",
        "训练时用这一批自己的均值和方差规范化；评估时换成它们的移动平均，于是一张图片的结果与同批的其他图片无关。")

    // LeNet with and without it, before each activation.
    func leNet(_ isNormalized: Bool) -> Sequential {
        func norm(_ layer: @autoclosure () -> Layer) -> [Layer] { isNormalized ? [layer(), Sigmoid()] : [Sigmoid()] }
        return Sequential {
            Conv2D(inputChannels: 1, outputChannels: 6, kernelSize: 5)
            norm(BatchNorm2D(channels: 6))
            MaxPool2D(kernelSize: 2)
            Conv2D(inputChannels: 6, outputChannels: 16, kernelSize: 5)
            norm(BatchNorm2D(channels: 16))
            MaxPool2D(kernelSize: 2)
            Flatten()
            Linear(inputSize: 256, outputSize: 120)
            norm(BatchNorm1D(channels: 120))
            Linear(inputSize: 120, outputSize: 84)
            norm(BatchNorm1D(channels: 84))
            Linear(inputSize: 84, outputSize: 10)
        }
    }
    let training = DataLoader(
        Subset(try FashionMNIST(.train), 0..<lab.full(60_000, quick: 5_000)), batchSize: 256, shuffle: true,
        seed: lab.seed)
    let records = try [true, false].map { isNormalized -> [EpochRecord] in
        let net = leNet(isNormalized)
        net.apply {
            if let layer = $0 as? Conv2D { layer.weight.initialize(.xavierUniform()) }
            if let layer = $0 as? Linear { layer.weight.initialize(.xavierUniform()) }
        }
        let trainer = Trainer(
            net, training: training, optimizer: SGD(net.parameters(), learningRate: 1), loss: { crossEntropy($0, $1) },
            metrics: [.accuracy])
        return try trainer.fit(epochs: lab.full(10, quick: 1))
    }
    lab.say(
        "LeNet with learning rate 1: with batch normalization the loss of the first epoch is \(records[0][0].trainLoss, decimals: 3), without it \(records[1][0].trainLoss, decimals: 3). After \(records[0].count) of them it is \(records[0].last!.trainLoss, decimals: 3) and \(records[1].last!.trainLoss, decimals: 3).",
        "学习率为 1 的 LeNet：有批量规范化时第一轮的损失为 \(records[0][0].trainLoss, decimals: 3)，没有时为 \(records[1][0].trainLoss, decimals: 3)。\(records[0].count) 轮之后分别为 \(records[0].last!.trainLoss, decimals: 3) 和 \(records[1].last!.trainLoss, decimals: 3)。"
    )
    lab.show("training") { t in
        .curves(
            t("LeNet, learning rate 1", "LeNet，学习率 1"),
            zip([t("with batch norm", "有批量规范化"), t("without", "没有")], records).map { Curve($0, $1.map(\.trainLoss)) },
            x: Axis(t("epoch", "轮次")), y: Axis(t("training loss", "训练损失")))
    }
    lab.check("sooner", records[0][0].trainLoss / records[1][0].trainLoss)
    lab.check("accuracy", records[0].last!.trainAccuracy!)
    lab.check("loss", records[0].last!.trainLoss)
}
