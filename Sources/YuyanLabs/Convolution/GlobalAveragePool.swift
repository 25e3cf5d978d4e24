import Yuyan

/// One number of each channel: the mean over the whole picture.
let globalAveragePool: Lab = Lab(
    "global-average-pool", "Global average pooling", "全局平均池化层",
    book: "7.3", note: .convolutionsAndTranslation, part: "Task05",
    claims: [
        Claim("mean", "0…15 in 4 × 4: the mean", "4 × 4 的 0…15：平均值", .exactly(7.5)),
        Claim("loops", "distance from sums by hand", "与手工求和之差", .below(1e-6)),
        Claim("window", "a pooling window as large as the picture: distance", "与图片一样大的池化窗口：差", .below(1e-6)),
        Claim("library", "the library's GlobalAvgPool2D: distance", "与库中的 GlobalAvgPool2D 之差", .below(1e-6)),
        Claim("gradient", "gradient of each of 16 pixels", "16 个像素各自的梯度", .exactly(1.0 / 16)),
        Claim("shift", "moved round the edge, the picture has the same means: distance", "循环平移后平均值不变：差", .below(1e-6)),
        Claim(
            "commutes", "classifying the mean is the mean of classifying pixels: distance", "对平均值分类等于逐像素分类再平均：差",
            .below(1e-5)),
        Claim(
            "dense", "weights of a full layer from 384 × 5 × 5 to 10 classes", "从 384 × 5 × 5 到 10 类的全连接层的权重数",
            .count(96_000)),
        Claim("one", "of 1 × 1 kernels and the mean instead", "换成 1 × 1 卷积加平均", .count(3840)),
    ],
    figures: ["means", "evidence"]
) { lab in
    func globalAverage(_ x: some TensorConvertible) -> Tensor { x.tensor.mean(axes: [2, 3], keepDimensions: true) }

    let sixteen = Parameter(Tensor.arange(16, dtype: .float32).reshaped([1, 1, 4, 4]))
    let mean = globalAverage(sixteen)
    mean.sum().backward()
    lab.check("mean", mean)
    lab.check("gradient", sixteen.gradient!.max())

    let x = Tensor.uniform([2, 3, 6, 8])
    let means = globalAverage(x)
    let numbers = x.array(of: Double.self)
    let byHand = (0..<6).map { (channel: Int) -> Double in
        numbers[(channel * 48)..<(channel * 48 + 48)].reduce(0, +) / 48
    }
    lab.say(
        "Of each sample and channel the mean over height and width: \(x.shape) becomes \(means.shape).",
        "对每个样本的每个通道求高和宽上的平均：\(x.shape) 变成 \(means.shape)。")
    lab.print(means.squeezed())
    lab.check("loops", (means.flattened() - Tensor(byHand)).abs().max())
    lab.check("window", (AvgPool2D(kernelSize: [6, 8])(x) - means).abs().max())

    lab.check("library", (GlobalAvgPool2D()(x) - means).abs().max())

    // Pictures of other sizes give as many numbers: what follows does not care.
    let layer = Linear(inputSize: 3, outputSize: 10)
    lab.say("The same classifier behind it takes pictures of any size:", "后面的同一个分类器可以接受任何大小的图片：")
    lab.table(
        [Words("picture", "图片"), Words("means", "平均值"), Words("logits", "logit")],
        [[6, 8], [28, 28], [40, 24]].map { size in
            let pooled = globalAverage(Tensor.uniform([2, 3, size[0], size[1]]))
            return ["\(size[0]) × \(size[1])", "\(pooled.shape)", "\(layer(pooled.flattened(from: 1)).shape)"]
        })

    // Where a thing is does not matter to the mean.
    let moved = concatenate([x[0..<2, 0..<3, 0..<6, 5..<8], x[0..<2, 0..<3, 0..<6, 0..<5]], axis: 3)
    lab.check("shift", (globalAverage(moved) - means).abs().max())

    // A linear classifier may come before the mean or after it. Before it, it is a 1 × 1 convolution whose channels say
    // where in the picture each class is seen.
    let maps = conv2D(x, weight: layer.weight.value.reshaped([10, 3, 1, 1]), bias: layer.bias!.value)
    lab.check("commutes", (globalAverage(maps).flattened(from: 1) - layer(means.flattened(from: 1))).abs().max())
    let dense = Linear(inputSize: 384 * 5 * 5, outputSize: 10, hasBias: false).parameterCount
    let pointwise = Conv2D(inputChannels: 384, outputChannels: 10, kernelSize: 1, hasBias: false).parameterCount
    lab.check("dense", dense)
    lab.check("one", pointwise)
    lab.say(
        "Instead of a full layer with \(dense) weights over 384 maps of 5 × 5, ten 1 × 1 kernels with \(pointwise) weights and the mean: the weights no longer depend on the place.",
        "384 张 5 × 5 的特征图上的全连接层有 \(dense) 个权重；换成十个 1 × 1 核再求平均，只有 \(pointwise) 个：权重不再依赖位置。")

    // Two detectors, of upright and of lying edges, on a picture with three upright bars and one lying bar.
    var picture = Tensor.zeros([1, 1, 20, 20])
    for column in [3, 8, 13] { picture[0, 0, 2..<10, column..<(column + 2)] = Tensor.ones([8, 2]) }
    picture[0, 0, 14..<16, 4..<12] = Tensor.ones([2, 8])
    let upright = Tensor([-1.0, 1]).reshaped([1, 1, 1, 2])
    func edges(_ weight: Tensor) -> Tensor { conv2D(picture, weight: weight).abs() }
    let found = [edges(upright), edges(upright.transposed())]
    let sums = found.map { globalAverage($0).item() as Double }
    lab.show("evidence") { t in
        .images(
            t("A picture, its upright and its lying edges", "图片、竖直边缘与水平边缘"),
            [picture, found[0], found[1]].map { CaptionedImage($0[0]) }, columns: 3)
    }
    lab.show("means") { t in
        .bars(
            t("Means of the two maps", "两张特征图的平均值"), [t("upright", "竖直"), t("lying", "水平")],
            [BarSeries(t("mean", "平均值"), sums)])
    }
    lab.say(
        "The mean says how much of a thing there is, and no longer where: here \(sums[0] / sums[1], decimals: 1) times as many upright edges as lying ones.",
        "平均值只说明某种东西有多少，不再说明在哪里：这里竖直边缘是水平边缘的 \(sums[0] / sums[1], decimals: 1) 倍。")
}
