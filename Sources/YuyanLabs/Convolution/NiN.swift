import Yuyan

/// Small full layers at each pixel instead of large ones at the end.
let nin: Lab = Lab(
    "nin", "Network in network", "网络中的网络（NiN）",
    book: "7.3", note: .convolutionsAndTranslation, part: "Task05", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim("parameters", "parameters", "参数个数", .count(1_992_166)),
        Claim(
            "alexnet", "parameters beside AlexNet's (one hidden layer)", "与 AlexNet（一个隐藏层）之比",
            .near(0.0664, margin: 0.0001)),
        Claim("shapes", "the shapes on 224 × 224 are as stated", "224 × 224 输入时各层的形状与书中一致", .yes),
        Claim("pixel", "1 × 1 kernels are a network at each pixel: distance", "1 × 1 的层就是逐像素的网络：差", .below(1e-5)),
        Claim("any", "it takes 112 × 112 pictures as well: classes", "也接受 112 × 112 的图片：类别数", .count(10)),
        Claim("loss", "a narrow NiN: last training loss", "窄的 NiN：最后的训练损失", .below(2.0), needsFullSize: true),
        Claim("accuracy", "its test accuracy", "它的测试准确率", .above(0.5), needsFullSize: true),
    ],
    figures: ["evidence"]
) { lab in
    // A convolution, and two of 1 × 1, which are full layers over the channels at each pixel.
    func ninBlock(_ inputs: Int, _ outputs: Int, _ size: Int, stride: Int = 1, padding: Int = 0) -> Sequential {
        Sequential {
            Conv2D(
                inputChannels: inputs, outputChannels: outputs, kernelSize: Size2D(size), stride: Size2D(stride),
                padding: Size2D(padding))
            ReLU()
            Conv2D(inputChannels: outputs, outputChannels: outputs, kernelSize: 1)
            ReLU()
            Conv2D(inputChannels: outputs, outputChannels: outputs, kernelSize: 1)
            ReLU()
        }
    }
    func makeNiN(narrow: Int = 1) -> Sequential {
        let (a, b, c) = (96 / narrow, 256 / narrow, 384 / narrow)
        return Sequential {
            ninBlock(1, a, 11, stride: 4)
            MaxPool2D(kernelSize: 3, stride: 2)
            ninBlock(a, b, 5, padding: 2)
            MaxPool2D(kernelSize: 3, stride: 2)
            ninBlock(b, c, 3, padding: 1)
            MaxPool2D(kernelSize: 3, stride: 2)
            Dropout(probability: 0.5)
            ninBlock(c, 10, 3, padding: 1)
            // The mean of each channel: one number for each class, from pictures of any size.
            GlobalAvgPool2D()
            Flatten()
        }
    }
    let net = makeNiN()
    net.eval()
    var x = Tensor.uniform([1, 1, 224, 224])
    var shapes: [[Int]] = []
    let rows = net.map { layer -> [Words] in
        x = withoutGradients { layer(x) }
        shapes.append(Array(x.shape.dropFirst()))
        return [
            layer is Sequential ? Words("NiN block", "NiN 块") : "\(type(of: layer))", "\(x.shape)",
            "\(layer.parameterCount)",
        ]
    }
    lab.say("NiN on a picture of 224 × 224:", "NiN 作用于 224 × 224 的图片：")
    lab.table([Words("part", "部分"), Words("output", "输出"), Words("parameters", "参数个数")], rows)
    let maps = [
        [96, 54, 54], [96, 26, 26], [256, 26, 26], [256, 12, 12], [384, 12, 12], [384, 5, 5], [384, 5, 5],
    ]
    lab.check("shapes", shapes == maps + [[10, 5, 5], [10, 1, 1], [10]])
    lab.check("parameters", net.parameterCount)
    let alexNet = 29_983_434
    lab.check("alexnet", Double(net.parameterCount) / Double(alexNet))
    lab.check("any", withoutGradients { net(Tensor.uniform([1, 1, 112, 112])) }.shape[1])
    lab.say(
        "There is no full layer at the end: \(net.parameterCount) parameters, where AlexNet has \(alexNet). The last block has a channel for each class, and the mean of the channel is the class's logit.",
        "末尾没有全连接层：参数 \(net.parameterCount) 个，而 AlexNet 有 \(alexNet) 个。最后一个块每个类别一个通道，通道的平均值就是该类别的 logit。")

    // The same network at each pixel: rows of pixels through full layers with the same weights.
    let block = ninBlock(3, 4, 1)
    let pixels = Tensor.uniform([2, 3, 5, 5])
    var values = pixels.permuted([0, 2, 3, 1])
    for case let layer as Conv2D in block {
        values = linear(values, weight: layer.weight.value.flattened(from: 1), bias: layer.bias!.value).relu()
    }
    lab.check("pixel", (values.permuted([0, 3, 1, 2]) - block(pixels)).abs().max())

    // A quarter of the widths, on enlarged pictures. The last ReLU must not shut a class off at the start: its biases are 1.
    let narrow = makeNiN(narrow: 4)
    narrow.apply { if let layer = $0 as? Conv2D { layer.weight.initialize(.kaimingNormal()) } }
    ((narrow[7] as! Sequential)[4] as! Conv2D).bias!.initialize(.constant(1))
    let small = Sequential(Upsample(scale: 6), narrow)
    let samples = Subset(try FashionMNIST(.train), 0..<lab.full(2000, quick: 300))
    let trainer = Trainer(
        small, training: DataLoader(samples, batchSize: 32, shuffle: true, seed: lab.seed),
        optimizer: Adam(small.parameters(), learningRate: 0.001), loss: { crossEntropy($0, $1) })
    let losses = try trainer.fit(epochs: lab.full(8, quick: 2)).map(\.trainLoss)
    let pictures = try FashionMNIST(.test)
    let test = DataLoader(Subset(pictures, 0..<lab.full(2000, quick: 100)), batchSize: 100)
    let result = try evaluate(small, on: test, loss: { crossEntropy($0, $1) }, metrics: [.accuracy])
    lab.check("loss", losses.last!)
    lab.check("accuracy", result.accuracy!)
    // Without the mean: where in the picture a class is found.
    let image = pictures.batch(at: [0]).0.resized(to: 168)
    let evidence = small.evaluating { withoutGradients { Sequential(narrow.dropLast(2))(image)[0] } }
    let answer = Int(evidence.mean(axes: [1, 2]).argmax().item())
    lab.say(
        "On \(samples.count) pictures of 168 × 168 the loss of a narrow one falls to \(losses.last!, decimals: 2); it is right in \(result.accuracy! * 100, decimals: 1)% of the test. The ten maps of its last block for an ankle boot (class 9): their means are the logits, of which that of class \(answer) is the greatest.",
        "用 \(samples.count) 张 168 × 168 的图片训练窄的 NiN，损失降到 \(losses.last!, decimals: 2)，测试正确率为 \(result.accuracy! * 100, decimals: 1)%。对一只短靴（类别 9），最后一个块的十张特征图如下，它们的平均值就是 logit，其中类别 \(answer) 的最大。"
    )
    lab.show("evidence") { t in
        .images(
            t("Evidence for classes 0 to 9", "类别 0 到 9 的依据"), evidence, captions: (0..<10).map { "\($0)" }, columns: 5,
            range: nil)
    }
}
