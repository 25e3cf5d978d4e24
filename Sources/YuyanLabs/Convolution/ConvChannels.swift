import Yuyan

/// Several channels in, several out: one kernel for each pair, and what a 1 × 1 kernel is good for.
let convChannels: Lab = Lab(
    "conv-channels", "Several input and output channels", "多输入通道和多输出通道",
    book: "6.4", note: .convolutionsAndTranslation, part: "Task05",
    claims: [
        Claim(
            "in", "two channels in: distance from [[56, 72], [104, 120]]", "两个输入通道：与 [[56, 72], [104, 120]] 之差",
            .exactly(0)),
        Claim(
            "second", "second channel out: distance from [[76, 100], [148, 172]]",
            "第二个输出通道：与 [[76, 100], [148, 172]] 之差", .exactly(0)),
        Claim(
            "third", "third: distance from [[96, 128], [192, 224]]", "第三个输出通道：与 [[96, 128], [192, 224]] 之差", .exactly(0)
        ),
        Claim("library", "all three: distance from conv2D", "三个通道与 conv2D 之差", .exactly(0)),
        Claim(
            "pixel", "1 × 1 kernels are a matrix product at each pixel: distance", "1 × 1 卷积就是逐像素的矩阵乘法：差", .below(1e-6)),
        Claim("layer", "… and a fully connected layer over the channels: distance", "……也是通道上的全连接层：差", .below(1e-6)),
        Claim("count", "weights of 3 × 3 from 64 to 128 channels", "3 × 3、64 到 128 个通道的权重数", .count(73_728)),
        Claim("groups", "groups of one channel each: weights for 64 to 64", "每组一个通道：64 到 64 的权重数", .count(576)),
    ],
    figures: ["channels", "colors"]
) { lab in
    func corr2D(_ x: Tensor, _ k: Tensor) -> Tensor {
        let (h, w) = (k.shape[0], k.shape[1])
        var y = Tensor.zeros([x.shape[0] - h + 1, x.shape[1] - w + 1])
        for i in 0..<y.shape[0] {
            for j in 0..<y.shape[1] { y[i, j] = (x[i..<(i + h), j..<(j + w)] * k).sum() }
        }
        return y
    }
    // Each channel has a kernel of its own; what they find is added up.
    func manyIn(_ x: Tensor, _ k: Tensor) -> Tensor {
        zip(x.unstacked(), k.unstacked()).reduce(Tensor([0.0])) { $0 + corr2D($1.0, $1.1) }
    }
    // Each output channel is such a sum, with kernels of its own.
    func manyInOut(_ x: Tensor, _ k: Tensor) -> Tensor { stack(k.unstacked().map { manyIn(x, $0) }) }

    let channel = Tensor.arange(9, dtype: .float32).reshaped([3, 3])
    let x = stack([channel, channel + 1])
    let kernel: Tensor = [[[0.0, 1], [2, 3]], [[1, 2], [3, 4]]]
    let one = manyIn(x, kernel)
    lab.say(
        "Two channels, 0 to 8 and 1 to 9, under one kernel for each; the two results are added:",
        "两个通道（0 到 8 和 1 到 9），各有一个核，两个结果相加：")
    lab.print(one)
    lab.check("in", (one - Tensor([[56.0, 72], [104.0, 120]])).abs().max())

    let kernels = stack([kernel, kernel + 1, kernel + 2])
    let three = manyInOut(x, kernels)
    lab.say(
        "Three such kernels, K, K + 1 and K + 2, make three output channels. The kernels are a tensor \(kernels.shape): channels out, channels in, height, width.",
        "三组这样的核 K、K + 1、K + 2 得到三个输出通道。核是形状为 \(kernels.shape) 的张量：输出通道、输入通道、高、宽。")
    lab.show("channels") { t in
        .images(
            t("Two channels in (x, white is 10), three out (y, white is 240)", "两个输入通道（x，白为 10），三个输出通道（y，白为 240）"),
            x.unstacked().enumerated().map { CaptionedImage($1 / 10, caption: "x\($0)") }
                + three.unstacked().enumerated().map { CaptionedImage($1 / 240, caption: "y\($0)") },
            columns: 5)
    }
    lab.check("second", (three[1] - Tensor([[76.0, 100], [148, 172]])).abs().max())
    lab.check("third", (three[2] - Tensor([[96.0, 128], [192, 224]])).abs().max())
    lab.check("library", (conv2D(x.reshaped([1, 2, 3, 3]), weight: kernels)[0] - three).abs().max())

    // A kernel of one pixel sees no neighbors. It mixes the channels: at each pixel, a matrix times a vector.
    let (picture, weight) = (Tensor.uniform([3, 8, 8]), Tensor.uniform([2, 3]))
    let mixed = weight.matmul(picture.flattened(from: 1)).reshaped([2, 8, 8])
    lab.say(
        "A 1 × 1 kernel sees no neighbors; it mixes channels. On the pixels as columns it is a matrix product, and a fully connected layer that runs over all pixels.",
        "1 × 1 的核看不到相邻像素，只混合通道。把像素排成列，它就是矩阵乘法，也就是对每个像素使用同一个全连接层。")
    lab.check("pixel", (manyInOut(picture, weight.reshaped([2, 3, 1, 1])) - mixed).abs().max())
    let layer = Linear(inputSize: 3, outputSize: 2, hasBias: false)
    layer.weight.value = weight
    let byLayer = layer(picture.permuted([1, 2, 0])).permuted([2, 0, 1])
    lab.check("layer", (byLayer - mixed).abs().max())

    // As an example: brightness and the difference of red and blue, from a picture with three channels.
    let ramp = Tensor.arange(8, dtype: .float32) / 7
    let (across, down) = (ramp.broadcast(to: [8, 8]), ramp.broadcast(to: [8, 8]).transposed())
    let colors = stack([across, down, 1 - across])
    let gray = conv2D(
        colors.reshaped([1, 3, 8, 8]), weight: Tensor([[0.299, 0.587, 0.114], [1, 0, -1]]).reshaped([2, 3, 1, 1]))
    lab.show("colors") { t in
        .images(
            t("A 1 × 1 convolution mixes colors", "1 × 1 卷积混合颜色"),
            [
                CaptionedImage(colors, caption: t("colors", "彩色")),
                CaptionedImage(gray[0, 0], caption: t("gray", "亮度")),
                CaptionedImage((gray[0, 1] + 1) / 2, caption: t("red−blue", "红减蓝")),
            ], columns: 3)
    }

    // The price: a kernel for each pair of channels. Groups let only some pairs meet.
    func weights(_ outputs: Int, groups: Int = 1) -> Int {
        Conv2D(inputChannels: 64, outputChannels: outputs, kernelSize: 3, padding: 1, groups: groups, hasBias: false)
            .parameterCount
    }
    lab.check("count", weights(128))
    lab.check("groups", weights(64, groups: 64))
    lab.say(
        "From 64 to 128 channels, 3 × 3 kernels have 64 · 128 · 9 = \(weights(128)) weights; 64 groups of one channel each have \(weights(64, groups: 64)).",
        "64 到 128 个通道的 3 × 3 卷积有 64 · 128 · 9 = \(weights(128)) 个权重；分成 64 组、每组一个通道，则只有 \(weights(64, groups: 64)) 个。")
}
