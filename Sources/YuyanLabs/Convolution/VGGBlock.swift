import Yuyan

/// The brick of VGG: convolutions of 3 × 3 that keep the size, and pooling that halves it.
let vggBlocks: Lab = Lab(
    "vgg-block", "The VGG block", "VGG 块",
    book: "7.2", note: .convolutionsAndTranslation, part: "Task05",
    claims: [
        Claim(
            "shape", "2 convolutions, 3 to 8 channels, 16 × 12: the output is 8 × 8 × 6",
            "2 个卷积层、3 到 8 通道、16 × 12：输出为 8 × 8 × 6", .yes),
        Claim("halves", "five blocks halve 224 to", "五个块把 224 减半为", .count(7)),
        Claim("parameters", "two 3 × 3 layers of 64 channels: parameters", "两个 64 通道的 3 × 3 层：参数个数", .count(73_856)),
        Claim("five", "one 5 × 5 layer, which sees as much", "看得同样远的一个 5 × 5 层", .count(102_464)),
        Claim("seen", "width of what one output of two 3 × 3 layers sees", "两个 3 × 3 层的一个输出所看到的宽度", .count(5)),
        Claim("three", "of three 3 × 3 layers", "三个 3 × 3 层", .count(7)),
        Claim(
            "linear", "without ReLU between them, two 3 × 3 kernels are one 5 × 5: distance",
            "中间没有 ReLU 时，两个 3 × 3 核就是一个 5 × 5 核：差", .below(1e-4)),
        Claim("relu", "with ReLU they are more than that: distance", "有 ReLU 时则不然：差", .above(0.01)),
    ],
    figures: ["parameters", "field"]
) { lab in
    // The first convolution changes the number of channels, the others keep it. Padding 1 keeps height and width.
    func vggBlock(_ convolutions: Int, _ inputs: Int, _ outputs: Int) -> Sequential {
        Sequential {
            for index in 0..<convolutions {
                Conv2D(inputChannels: index == 0 ? inputs : outputs, outputChannels: outputs, kernelSize: 3, padding: 1)
                ReLU()
            }
            MaxPool2D(kernelSize: 2, stride: 2)
        }
    }
    var x = Tensor.uniform([1, 3, 16, 12])
    let block = vggBlock(2, 3, 8)
    lab.say("A block of two convolutions from 3 to 8 channels, on \(x.shape):", "两个卷积层、3 到 8 个通道的块，输入 \(x.shape)：")
    lab.table(
        [Words("layer", "层"), Words("output", "输出"), Words("parameters", "参数个数")],
        block.map { layer in
            x = layer(x)
            return ["\(type(of: layer))", "\(x.shape)", "\(layer.parameterCount)"]
        })
    lab.check("shape", Array(x.shape) == [1, 8, 8, 6])
    var picture = Tensor.zeros([1, 1, 224, 224])
    let heights = (1...5).map { _ in
        picture = vggBlock(1, 1, 1)(picture)
        return picture.shape[2]
    }
    lab.say(
        "Blocks in a row halve 224 to \(heights.map(String.init).joined(separator: ", ")); VGG doubles the channels meanwhile.",
        "接连几个块把 224 减半为 \(heights.map(String.init).joined(separator: "、"))；VGG 同时把通道数加倍。")
    lab.check("halves", heights.last!)

    // Why 3 × 3 several times instead of something larger once: fewer weights for the same view.
    func layers(_ count: Int, _ size: Int) -> Int {
        count * Conv2D(inputChannels: 64, outputChannels: 64, kernelSize: Size2D(size)).parameterCount
    }
    let pairs = [(2, 5), (3, 7), (4, 9)]
    lab.say("Layers of 64 channels that see equally far:", "看得同样远的 64 通道的层：")
    lab.table(
        [
            Words("view", "视野"), Words("3 × 3 layers", "3 × 3 层数"), Words("parameters", "参数个数"),
            Words("one layer", "只用一层"),
        ],
        pairs.map { ["\($0.1) × \($0.1)", "\($0.0)", "\(layers($0.0, 3))", "\(layers(1, $0.1))"] })
    lab.show("parameters") { t in
        .bars(
            t("Parameters for the same view", "视野相同时的参数个数"), pairs.map { "\($0.1) × \($0.1)" },
            [
                BarSeries(t("3 × 3 layers", "若干 3 × 3 层"), pairs.map { Double(layers($0.0, 3)) }),
                BarSeries(t("one layer", "一层"), pairs.map { Double(layers(1, $0.1)) }),
            ], y: Axis(t("parameters", "参数个数")))
    }
    lab.check("parameters", layers(2, 3))
    lab.check("five", layers(1, 5))

    // What the output in the middle depends on: the pixels where its gradient is not zero.
    func view(_ count: Int) -> Tensor {
        let input = Parameter(Tensor.uniform([1, 1, 11, 11]))
        var y = input + 0
        for _ in 0..<count { y = conv2D(y, weight: Tensor.uniform([1, 1, 3, 3], in: 0.1..<1), padding: 1).relu() }
        y[0, 0, 5, 5].backward()
        return input.gradient![0, 0]
    }
    func width(_ gradient: Tensor) -> Int { Int((gradient.sum(axis: 0) .> 0).sum().item() as Double) }
    let views = (1...3).map(view)
    lab.show("field") { t in
        .images(
            t("What the middle output sees after 1, 2, 3 layers", "1、2、3 层之后中间的输出看到的范围"),
            views.map { CaptionedImage(($0 .> 0).cast(to: .float32)) }, columns: 3)
    }
    lab.check("seen", width(views[1]))
    lab.check("three", width(views[2]))

    // Depth is worth something only because of what lies between the layers.
    let image = Tensor.normal([1, 1, 12, 12])
    let (a, b) = (Tensor.normal([1, 1, 3, 3]), Tensor.normal([1, 1, 3, 3]))
    // The one kernel is what the two make of a lone 1, turned round.
    var impulse = Tensor.zeros([1, 1, 9, 9])
    impulse[0, 0, 4, 4] = Tensor(1.0)
    let backwards = Tensor([4, 3, 2, 1, 0])
    let response = conv2D(conv2D(impulse, weight: a), weight: b)[0, 0]
    let both = response[backwards].transposed()[backwards].transposed().reshaped([1, 1, 5, 5])
    let once = conv2D(image, weight: both)
    lab.check("linear", (conv2D(conv2D(image, weight: a), weight: b) - once).abs().max())
    lab.check("relu", (conv2D(conv2D(image, weight: a).relu(), weight: b) - once).abs().max())
    lab.say(
        "Without ReLU between them two 3 × 3 kernels could be replaced by one of 5 × 5; with it they can do more than that one, with fewer weights.",
        "若中间没有 ReLU，两个 3 × 3 核可以换成一个 5 × 5 核；有了 ReLU，它们用更少的权重做到更多。")
}
