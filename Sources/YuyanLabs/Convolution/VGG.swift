import Yuyan

/// A deep network out of one kind of block, with names for its parts.
let vgg11: Lab = Lab(
    "vgg", "VGG", "使用重复元素的网络（VGG）",
    book: "7.2", note: .convolutionsAndTranslation, part: "Task05", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim(
            "eighth", "parameters, channels / 8 and 512 hidden units", "参数个数（通道数 / 8、512 个隐藏单元）",
            .count(2_018_346)),
        Claim("quarter", "channels / 4", "通道数 / 4", .count(43_093_322), needsFullSize: true),
        Claim("whole", "VGG-11", "VGG-11", .count(128_806_154), needsFullSize: true),
        Claim("shapes", "the blocks' outputs on 224 × 224 are as stated", "224 × 224 输入时各块的输出与书中一致", .yes),
        Claim("names", "names of the parts", "各部分的名字", .yes),
        Claim("share", "share of the parameters in the full layers", "全连接层所占的参数比例", .near(0.928, margin: 0.001)),
        Claim("loss", "a narrow VGG learns: last training loss", "窄的 VGG 能学习：最后的训练损失", .below(2.0)),
    ],
    figures: ["features"]
) { lab in
    func vggBlock(_ convolutions: Int, _ inputs: Int, _ outputs: Int) -> Sequential {
        Sequential {
            for index in 0..<convolutions {
                Conv2D(inputChannels: index == 0 ? inputs : outputs, outputChannels: outputs, kernelSize: 3, padding: 1)
                ReLU()
            }
            MaxPool2D(kernelSize: 2, stride: 2)
        }
    }
    // Blocks under names of their own, then three full layers.
    func vgg(_ blocks: [(Int, Int, Int)], features: Int, hidden: Int = 4096) -> Sequential {
        let net = Sequential()
        for (index, block) in blocks.enumerated() {
            net.append(vggBlock(block.0, block.1, block.2), named: "vgg_block_\(index + 1)")
        }
        let full = Sequential {
            Flatten()
            Linear(inputSize: features, outputSize: hidden)
            ReLU()
            Dropout(probability: 0.5)
            Linear(inputSize: hidden, outputSize: hidden)
            ReLU()
            Dropout(probability: 0.5)
            Linear(inputSize: hidden, outputSize: 10)
        }
        net.append(full, named: "fc")
        return net
    }
    let blocks = [(1, 1, 64), (1, 64, 128), (2, 128, 256), (2, 256, 512), (2, 512, 512)]
    func narrow(_ ratio: Int) -> [(Int, Int, Int)] { blocks.map { ($0.0, max($0.1 / ratio, 1), $0.2 / ratio) } }

    // The blocks alone: the full layers are large.
    var x = Tensor.zeros([1, 1, 224, 224])
    var (maps, rows, inBlocks): ([[Int]], [[Words]], Int) = ([], [], 0)
    for (index, block) in blocks.enumerated() {
        let layer = vggBlock(block.0, block.1, block.2)
        x = withoutGradients { layer(x) }
        maps.append(Array(x.shape.dropFirst()))
        inBlocks += layer.parameterCount
        rows.append(["vgg_block_\(index + 1)", "\(block.0)", "\(x.shape)", "\(layer.parameterCount)"])
    }
    let inputs = 512 * 7 * 7
    let inFull = (inputs + 1) * 4096 + (4096 + 1) * 4096 + (4096 + 1) * 10
    rows.append(["fc", "", "[1, 10]", "\(inFull)"])
    lab.say(
        "VGG-11 on a picture of 224 × 224, eight convolutions in five blocks:", "VGG-11 作用于 224 × 224 的图片，五个块共八个卷积层：")
    lab.table(
        [Words("part", "部分"), Words("convolutions", "卷积层数"), Words("output", "输出"), Words("parameters", "参数个数")], rows)
    lab.check("shapes", maps == [[64, 112, 112], [128, 56, 56], [256, 28, 28], [512, 14, 14], [512, 7, 7]])
    lab.check("share", Double(inFull) / Double(inFull + inBlocks))

    let small = vgg(narrow(8), features: inputs / 8, hidden: 512)
    lab.check("names", small.names == (1...5).map { "vgg_block_\($0)" } + ["fc"])
    lab.check("eighth", small.parameterCount)
    if !lab.isQuick {
        lab.check("quarter", vgg(narrow(4), features: inputs / 4).parameterCount)
        lab.check("whole", vgg(blocks, features: inputs).parameterCount)
    }
    lab.say(
        "\(Double(inFull) / Double(inFull + inBlocks) * 100, decimals: 1)% of its \(inFull + inBlocks) parameters are in the full layers. With an eighth of the channels and 512 hidden units there are \(small.parameterCount).",
        "\(inFull + inBlocks) 个参数中有 \(Double(inFull) / Double(inFull + inBlocks) * 100, decimals: 1)% 在全连接层。通道数取八分之一、隐藏单元取 512 时，参数为 \(small.parameterCount) 个。"
    )

    // That one, on pictures of which each pixel is a square of 2 × 2. The weights start as He's: eight ReLU layers.
    let net = vgg(narrow(8), features: 64, hidden: 512)
    net.apply { if let layer = $0 as? Conv2D { layer.weight.initialize(.kaimingNormal()) } }
    let count = lab.full(2000, quick: 300)
    let samples = Subset(try FashionMNIST(.train), 0..<count)
    var losses: [Double] = []
    let optimizer = Adam(net.parameters(), learningRate: 0.001)
    let (enlarge, shirt) = (Upsample(scale: 2), try samples[5].0.reshaped([1, 1, 28, 28]))
    func features(of image: Tensor) -> Tensor {
        withoutGradients { (net["vgg_block_2"]!)((net["vgg_block_1"]!)(enlarge(image)))[0, 0..<8] }
    }
    let before = features(of: shirt)
    for _ in 1...lab.full(5, quick: 3) {
        for (images, labels) in DataLoader(samples, batchSize: 32, shuffle: true, seed: lab.seed) {
            let loss = crossEntropy(net(enlarge(images)), labels)
            optimizer.zeroGradients()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        }
    }
    func mean(_ part: ArraySlice<Double>) -> Double { part.reduce(0, +) / Double(part.count) }
    lab.say(
        "On \(count) pictures of 56 × 56 the small one's loss falls from \(mean(losses.prefix(5)), decimals: 2) to \(mean(losses.suffix(10)), decimals: 2). Eight maps of its second block for a t-shirt, before training (above) and after (below):",
        "用 \(count) 张 56 × 56 的图片训练，小网络的损失从 \(mean(losses.prefix(5)), decimals: 2) 降到 \(mean(losses.suffix(10)), decimals: 2)。一件 T 恤在第二个块中的八张特征图，上排是训练前，下排是训练后："
    )
    lab.show("features") { t in
        .images(
            t("Maps of the second block", "第二个块的特征图"), concatenate([before, features(of: shirt)]), columns: 8,
            range: nil
        )
    }
    lab.check("loss", mean(losses.suffix(10)))
}
