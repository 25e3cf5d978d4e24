import Yuyan

/// Four ways through a block side by side, and 1 × 1 convolutions that make it affordable.
let googLeNet: Lab = Lab(
    "googlenet-inception", "GoogLeNet and its Inception blocks", "含并行连结的网络（GoogLeNet）",
    book: "7.4", note: .convolutionsAndTranslation, part: "Task05", on: .fast,
    claims: [
        Claim("parameters", "parameters of the network", "网络的参数个数", .count(5_977_530)),
        Claim("shapes", "the shapes on 96 × 96 are as stated", "96 × 96 输入时各部分的形状与书中一致", .yes),
        Claim("block", "parameters of the first block", "第一个块的参数个数", .count(163_696)),
        Claim("plain", "without its reductions", "去掉 1 × 1 降维后", .count(393_472)),
        Claim(
            "flops", "multiplications without them, beside those with", "乘法次数：没有降维与有降维之比", .near(2.4075, margin: 0.0001)
        ),
        Claim("network", "the same in the whole network", "整个网络：同上", .above(2)),
    ],
    figures: ["reductions"]
) { lab in
    func convolution(_ inputs: Int, _ outputs: Int, _ size: Int, stride: Int = 1, padding: Int = 0) -> Sequential {
        Sequential {
            Conv2D(
                inputChannels: inputs, outputChannels: outputs, kernelSize: Size2D(size), stride: Size2D(stride),
                padding: Size2D(padding))
            ReLU()
        }
    }
    // 1 × 1; 1 × 1 and 3 × 3; 1 × 1 and 5 × 5; pooling and 1 × 1: all keep height and width, and the channels are joined.
    final class Inception: Layer {
        let ways: [Sequential]
        init(_ ways: [Sequential]) { self.ways = ways }
        override func forward(_ x: Tensor) -> Tensor { concatenate(ways.map { $0(x) }, axis: 1) }
    }
    typealias Pair = (Int, Int)
    func inception(_ inputs: Int, _ c1: Int, _ c2: Pair, _ c3: Pair, _ c4: Int, reduces: Bool = true) -> Inception {
        func way(_ c: Pair, _ size: Int) -> Sequential {
            let window = convolution(reduces ? c.0 : inputs, c.1, size, padding: size / 2)
            return reduces ? Sequential(convolution(inputs, c.0, 1), window) : window
        }
        let pool = MaxPool2D(kernelSize: 3, stride: 1, padding: 1)
        let last = Sequential(pool, convolution(inputs, c4, 1))
        return Inception([convolution(inputs, c1, 1), way(c2, 3), way(c3, 5), last])
    }
    // The numbers of channels are what sets how complex it is.
    func makeGoogLeNet(reduces: Bool = true) -> Sequential {
        func block(_ inputs: Int, _ c1: Int, _ c2: Pair, _ c3: Pair, _ c4: Int) -> Inception {
            inception(inputs, c1, c2, c3, c4, reduces: reduces)
        }
        func pool() -> Layer { MaxPool2D(kernelSize: 3, stride: 2, padding: 1) }
        return Sequential(
            Sequential(convolution(1, 64, 7, stride: 2, padding: 3), pool()),
            Sequential(convolution(64, 64, 1), convolution(64, 192, 3, padding: 1), pool()),
            Sequential(block(192, 64, (96, 128), (16, 32), 32), block(256, 128, (128, 192), (32, 96), 64), pool()),
            Sequential(
                block(480, 192, (96, 208), (16, 48), 64), block(512, 160, (112, 224), (24, 64), 64),
                block(512, 128, (128, 256), (24, 64), 64), block(512, 112, (144, 288), (32, 64), 64),
                block(528, 256, (160, 320), (32, 128), 128), pool()),
            Sequential(
                block(832, 256, (160, 320), (32, 128), 128), block(832, 384, (192, 384), (48, 128), 128),
                GlobalAvgPool2D(), Flatten()),
            Linear(inputSize: 1024, outputSize: 10))
    }
    // A convolution multiplies once for each weight at each place.
    func multiplications(_ net: Layer, _ x: Tensor) -> Int {
        var count = 0
        for case let layer as Conv2D in net.namedModules().map(\.module) {
            layer.addForwardHook { _, _, outputs in
                count += outputs[0].shape[2] * outputs[0].shape[3] * layer.weight.elementCount
            }
        }
        _ = withoutGradients { net(x) }
        return count
    }

    let net = makeGoogLeNet()
    var x = Tensor.zeros([1, 1, 96, 96])
    var shapes: [[Int]] = []
    let rows = net.enumerated().map { index, part -> [Words] in
        x = withoutGradients { part(x) }
        shapes.append(Array(x.shape.dropFirst()))
        return [index < 5 ? "b\(index + 1)" : "Linear", "\(x.shape)", "\(part.parameterCount)"]
    }
    lab.say("GoogLeNet on 96 × 96, with nine Inception blocks:", "GoogLeNet 作用于 96 × 96 的图片，共有九个 Inception 块：")
    lab.table([Words("part", "部分"), Words("output", "输出"), Words("parameters", "参数个数")], rows)
    lab.check("shapes", shapes == [[64, 24, 24], [192, 12, 12], [480, 6, 6], [832, 3, 3], [1024], [10]])
    lab.check("parameters", net.parameterCount)

    let first = { inception(192, 64, (96, 128), (16, 32), 32, reduces: $0) }
    let (reduced, plain) = (first(true), first(false))
    let picture = Tensor.uniform([1, 192, 12, 12])
    lab.check("block", reduced.parameterCount)
    lab.check("plain", plain.parameterCount)
    let large = makeGoogLeNet(reduces: false)
    let inBlock = [reduced, plain].map { multiplications($0, picture) }
    let inAll = [net, large].map { multiplications($0, Tensor.zeros([1, 1, 96, 96])) }
    lab.say(
        "The numbers of channels in the blocks are what its size is chosen by. Before the 3 × 3 and the 5 × 5 convolutions, 1 × 1 convolutions reduce the channels. With and without them, for one picture (each multiplication comes with an addition, so FLOPs are twice as many):",
        "网络的大小由各个块中的通道数决定。在 3 × 3 和 5 × 5 卷积之前，用 1 × 1 卷积减少通道数。有与没有的比较（每张图片；每次乘法伴随一次加法，FLOPs 是乘法次数的两倍）：")
    lab.table(
        ["", Words("parameters", "参数个数"), Words("multiplications", "乘法次数")],
        [
            [Words("first block", "第一个块"), "\(reduced.parameterCount)", "\(inBlock[0])"],
            [Words("… without", "……没有降维"), "\(plain.parameterCount)", "\(inBlock[1])"],
            [Words("network", "整个网络"), "\(net.parameterCount)", "\(inAll[0])"],
            [Words("… without", "……没有降维"), "\(large.parameterCount)", "\(inAll[1])"],
        ])
    lab.show("reductions") { t in
        .bars(
            t("Millions of multiplications", "乘法次数（百万）"), [t("first block", "第一个块"), t("network", "整个网络")],
            [
                BarSeries(t("with 1 × 1", "有 1 × 1"), [inBlock[0], inAll[0]].map { Double($0) / 1e6 }),
                BarSeries(t("without", "没有"), [inBlock[1], inAll[1]].map { Double($0) / 1e6 }),
            ], y: Axis(t("millions", "百万")))
    }
    lab.check("flops", Double(inBlock[1]) / Double(inBlock[0]))
    lab.check("network", Double(inAll[1]) / Double(inAll[0]))
}
