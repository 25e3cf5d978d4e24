import Yuyan

/// A block learns what to change, and passes the rest on: depth that does not hurt.
let resNet: Lab = Lab(
    "resnet", "Residual networks", "残差网络（ResNet）",
    book: "7.6", note: .beyond, part: "–", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim("parameters", "parameters of ResNet-18", "ResNet-18 的参数个数", .count(11_178_378)),
        Claim("shapes", "the shapes on 96 × 96 are as stated", "96 × 96 输入时各部分的形状与书中一致", .yes),
        Claim("identity", "a block that changes nothing: distance from its input", "什么都不改变的块：与输入之差", .exactly(0)),
        Claim("gradient", "24 layers: gradient of the first, residual beside plain", "24 层：第一层的梯度，残差与普通之比", .above(3)),
        Claim("deep", "after training: loss, plain beside residual", "训练之后的损失：普通与残差之比", .above(1)),
    ],
    figures: ["depth", "gradients"]
) { lab in
    // y = relu(x + f(x)). Where f changes the shape, a 1 × 1 convolution takes x there too.
    final class Residual: Layer {
        let change: Sequential
        let shortcut: Conv2D?
        init(_ inputs: Int, _ channels: Int, stride: Int = 1, hasShortcut: Bool = false) {
            let first = Conv2D(
                inputChannels: inputs, outputChannels: channels, kernelSize: 3, stride: Size2D(stride), padding: 1)
            let second = Conv2D(inputChannels: channels, outputChannels: channels, kernelSize: 3, padding: 1)
            change = Sequential {
                [first, BatchNorm2D(channels: channels), ReLU(), second, BatchNorm2D(channels: channels)]
            }
            shortcut =
                hasShortcut
                ? Conv2D(inputChannels: inputs, outputChannels: channels, kernelSize: 1, stride: Size2D(stride)) : nil
        }
        override func forward(_ x: Tensor) -> Tensor { (change(x) + (shortcut?(x) ?? x)).relu() }
    }
    let same = Residual(3, 3)
    (same.change[4] as! BatchNorm2D).weight!.initialize(.zeros)
    let input = Tensor.uniform([2, 3, 6, 6])
    lab.say(
        "If a block's last scale is 0, its change is 0, and what comes in goes out. To do nothing is easy for it; plain layers would have to learn it.",
        "如果块中最后的缩放为 0，改变量就是 0，输入原样输出。对它来说“什么都不做”很容易，而普通的层得学会这一点。")
    lab.check("identity", (same(input) - input).abs().max())

    let net = Sequential {
        Sequential {
            Conv2D(inputChannels: 1, outputChannels: 64, kernelSize: 7, stride: 2, padding: 3)
            BatchNorm2D(channels: 64)
            ReLU()
            MaxPool2D(kernelSize: 3, stride: 2, padding: 1)
        }
        Sequential(Residual(64, 64), Residual(64, 64))
        for (inputs, channels) in [(64, 128), (128, 256), (256, 512)] {
            Sequential(Residual(inputs, channels, stride: 2, hasShortcut: true), Residual(channels, channels))
        }
        Sequential(GlobalAvgPool2D(), Flatten())
        Linear(inputSize: 512, outputSize: 10)
    }
    net.eval()
    var x = Tensor.zeros([1, 1, 96, 96])
    var shapes: [[Int]] = []
    let rows = net.enumerated().map { index, part -> [Words] in
        x = withoutGradients { part(x) }
        shapes.append(Array(x.shape.dropFirst()))
        let name = ["b1", "b2", "b3", "b4", "b5", "global average", "Linear"][index]
        return ["\(name)", "\(x.shape)", "\(part.parameterCount)"]
    }
    lab.say("ResNet-18 on a picture of 96 × 96:", "ResNet-18 作用于 96 × 96 的图片：")
    lab.table([Words("part", "部分"), Words("output", "输出"), Words("parameters", "参数个数")], rows)
    let maps = [[64, 24, 24], [64, 24, 24], [128, 12, 12], [256, 6, 6], [512, 3, 3]]
    lab.check("shapes", shapes == maps + [[512], [10]])
    lab.check("parameters", net.parameterCount)
    // The same 24 convolutions with and without the ways around them, no normalization, on small pictures.
    final class Block: Layer {
        let first = Conv2D(inputChannels: 8, outputChannels: 8, kernelSize: 3, padding: 1)
        let second = Conv2D(inputChannels: 8, outputChannels: 8, kernelSize: 3, padding: 1)
        let isResidual: Bool
        init(isResidual: Bool) { self.isResidual = isResidual }
        override func forward(_ x: Tensor) -> Tensor {
            let change = second(first(x).relu())
            return (isResidual ? x + change : change).relu()
        }
    }
    func deepNet(isResidual: Bool) -> Sequential {
        Sequential {
            Conv2D(inputChannels: 1, outputChannels: 8, kernelSize: 4, stride: 4)
            for _ in 0..<12 { Block(isResidual: isResidual) }
            GlobalAvgPool2D()
            Flatten()
            Linear(inputSize: 8, outputSize: 10)
        }
    }
    // The gradients before the first step, and the mean loss of each epoch.
    let samples = Subset(try FashionMNIST(.train), 0..<lab.full(2000, quick: 500))
    let batches = DataLoader(samples, batchSize: 20, shuffle: true, seed: lab.seed)
    func train(_ net: Sequential) throws -> (gradients: [Double], losses: [Double]) {
        let (images, labels) = try samples.batch(at: ArraySlice(0..<20))
        crossEntropy(net(images), labels).backward()
        let gradients = net.compactMap { ($0 as? Block)?.first.weight.gradient!.norm().item() as Double? }
        let optimizer = Adam(net.parameters(), learningRate: 0.003)
        let trainer = Trainer(net, training: batches, optimizer: optimizer, loss: { crossEntropy($0, $1) })
        return (gradients, try trainer.fit(epochs: lab.full(5, quick: 4)).map(\.trainLoss))
    }
    let runs = try [true, false].map { try train(deepNet(isResidual: $0)) }
    let (residual, plain) = (runs[0].losses.last!, runs[1].losses.last!)
    lab.say(
        "24 convolutions, with a way around each pair of them and without: the loss of the last epoch is \(residual, decimals: 2) and \(plain, decimals: 2), where guessing has 2.30. Without the ways around, hardly any gradient comes back to the first layers:",
        "24 个卷积层，每两层有一条跳过它们的捷径，与没有捷径相比：最后一轮的损失为 \(residual, decimals: 2) 和 \(plain, decimals: 2)（随机猜测为 2.30）。没有捷径时，几乎没有梯度传回前面的层："
    )
    let names = [("residual", "残差"), ("plain", "普通")]
    lab.show("gradients") { t in
        .curves(
            t("Gradients before the first step", "第一步之前的梯度"),
            zip(names, runs).map { Curve(t($0.0, $0.1), $1.gradients) },
            x: Axis(t("block", "块")), y: Axis(t("‖gradient‖", "‖梯度‖"), scale: .logarithmic))
    }
    lab.show("depth") { t in
        .curves(
            t("Training loss of 24 layers", "24 层网络的训练损失"), zip(names, runs).map { Curve(t($0.0, $0.1), $1.losses) },
            x: Axis(t("epoch", "轮次")))
    }
    lab.check("gradient", runs[0].gradients[0] / runs[1].gradients[0])
    lab.check("deep", plain / residual)
}
