import Yuyan

/// Pooling keeps one number of each window, and with it forgets where exactly something was.
let pooling: Lab = Lab(
    "pooling", "Pooling", "池化层",
    book: "6.5", note: .convolutionsAndTranslation, part: "Task05",
    claims: [
        Claim(
            "max", "0…8, 2 × 2 windows: distance from [[4, 5], [7, 8]]", "0…8、2 × 2：与 [[4, 5], [7, 8]] 之差", .exactly(0)),
        Claim("mean", "means: distance from [[2, 3], [5, 6]]", "平均池化与 [[2, 3], [5, 6]] 之差", .exactly(0)),
        Claim("three", "0…15: MaxPool2D of 3 × 3", "0…15：3 × 3 的 MaxPool2D", .exactly(10)),
        Claim(
            "padded", "padding 1, stride 2: from [[5, 7], [13, 15]]", "填充 1、步幅 2：与 [[5, 7], [13, 15]] 之差", .exactly(0)),
        Claim("oblong", "2 × 3, padding 0 and 1: the same", "2 × 3、填充 0 和 1：同上", .exactly(0)),
        Claim("channels", "two channels are pooled apart: distance", "两个通道分别池化：差", .exactly(0)),
        Claim("negative", "below zero, padding never wins: maximum of −1", "负数时填充不会被取到：−1 的最大值", .exactly(-1)),
        Claim("zeros", "means count padding as zeros: corner of ones", "平均时填充按 0 计入：全 1 的角上", .exactly(4.0 / 9)),
        // Of two edges each changes its window with probability 1/k, and then adds 1/2 of 2 to the squared change: mean
        // 2/k, variance ½ at most, so that the mean of 400 pictures has a standard error of 0.035 at most. Margin: 4 of them.
        Claim("one", "shift by a pixel, no pooling: mean squared change", "平移一个像素、无池化：平方变化的均值", .exactly(2)),
        Claim("half", "pooled by 2 × 2: the same, expected 2/2", "2 × 2 平均池化后：同上，理论值 2/2", .near(1, margin: 0.15)),
        Claim("quarter", "pooled by 4 × 4: the same, expected 2/4", "4 × 4 平均池化后：同上，理论值 2/4", .near(0.5, margin: 0.15)),
    ],
    figures: ["pooled", "shift"]
) { lab in
    // From scratch, with a window that moves by one pixel. There is nothing to learn.
    func pool(_ x: Tensor, _ h: Int, _ w: Int, _ reduce: (Tensor) -> Tensor) -> Tensor {
        var y = Tensor.zeros([x.shape[0] - h + 1, x.shape[1] - w + 1])
        for i in 0..<y.shape[0] {
            for j in 0..<y.shape[1] { y[i, j] = reduce(x[i..<(i + h), j..<(j + w)]) }
        }
        return y
    }
    func distance(_ x: Tensor, _ y: Tensor) -> Tensor { (x.squeezed() - y).abs().max() }

    let nine = Tensor.arange(9, dtype: .float32).reshaped([3, 3])
    let (largest, mean) = (pool(nine, 2, 2) { $0.max() }, pool(nine, 2, 2) { $0.mean() })
    lab.say("The largest of each 2 × 2 window of 0…8, and the means:", "0…8 上每个 2 × 2 窗口的最大值与平均值：")
    lab.print(stack([largest, mean]))
    lab.check("max", distance(largest, [[4.0, 5], [7.0, 8]]))
    lab.check("mean", distance(mean, [[2.0, 3], [5.0, 6]]))

    // As layers. The stride is the window unless given: windows side by side.
    let x = Tensor.arange(16, dtype: .float32).reshaped([1, 1, 4, 4])
    let corners: Tensor = [[5.0, 7], [13.0, 15]]
    let layers = [
        MaxPool2D(kernelSize: 3), MaxPool2D(kernelSize: 3, stride: 2, padding: 1),
        MaxPool2D(kernelSize: [2, 3], stride: [2, 3], padding: [0, 1]),
    ]
    lab.say(
        "Layers on 0…15 as 4 × 4; unless a stride is given, windows lie side by side:",
        "作用在 4 × 4 的 0…15 上的层；不指定步幅时窗口互不重叠：")
    lab.table(
        [Words("layer", "层"), Words("output", "输出")],
        layers.map { layer in
            let rows = layer(x)[0, 0].unstacked().map { $0.array(of: Int.self).map(String.init).joined(separator: " ") }
            return ["\(layer.details)", "\(rows.joined(separator: " / "))"]
        })
    lab.check("three", layers[0](x))
    lab.check("padded", distance(layers[1](x), corners))
    lab.check("oblong", distance(layers[2](x), corners))
    let two = concatenate([x, x + 1], axis: 1)
    lab.check("channels", distance(layers[1](two), stack([corners, corners + 1])))
    lab.check("negative", layers[1](Tensor.zeros([1, 1, 4, 4]) - 1).max())
    lab.check("zeros", AvgPool2D(kernelSize: 3, stride: 2, padding: 1)(Tensor.ones([1, 1, 4, 4]))[0, 0, 0, 0])

    // Pictures with a rectangle each, and the edges that the kernel [1, −1] finds: two columns of equal length.
    let count = 400
    var random = Generator.current
    var pictures = Tensor.zeros([count, 1, 32, 36])
    for index in 0..<count {
        let (top, left) = (Int.random(in: 0..<12, using: &random), Int.random(in: 2..<10, using: &random))
        let (height, width) = (Int.random(in: 8...20, using: &random), Int.random(in: 10...20, using: &random))
        pictures[index, 0, top..<(top + height), left..<(left + width)] = Tensor.ones([height, width])
    }
    func edges(_ pictures: Tensor) -> Tensor {
        conv2D(pictures, weight: Tensor([1.0, -1]).reshaped([1, 1, 1, 2])).abs()
    }
    // The same, one pixel to the right.
    let before = edges(pictures[0..<count, 0..<1, 0..<32, 1..<36])
    let after = edges(pictures[0..<count, 0..<1, 0..<32, 0..<35])
    // ‖f(x′) − f(x)‖² / ‖f(x)‖² of each picture.
    func change(_ pooled: (Tensor) -> Tensor) -> Tensor {
        let (a, b) = (pooled(before).flattened(from: 1), pooled(after).flattened(from: 1))
        return ((b - a).squared().sum(axis: 1) / a.squared().sum(axis: 1)).mean()
    }
    let sizes = [1, 2, 4, 8]
    let changes = sizes.map { size in change { AvgPool2D(kernelSize: Size2D(size))($0) }.item() as Double }
    let maxima = sizes.map { size in change { MaxPool2D(kernelSize: Size2D(size))($0) }.item() as Double }
    lab.say(
        "What pooling is for: \(count) pictures of a rectangle, moved by one pixel to the right. Their edges are then somewhere else altogether. After pooling, many are still in the same window, and the more of them the larger it is:",
        "池化的用处：\(count) 张矩形图片，各向右平移一个像素。边缘的位置全都变了。池化之后，许多边缘仍在原来的窗口里，窗口越大，留下的越多：")
    lab.table(
        [
            Words("window", "窗口"), Words("mean", "平均池化"), Words("maximum", "最大池化"),
            Words("expected: 2/window", "理论值 2/窗口"),
        ],
        sizes.indices.map {
            [
                "\(sizes[$0])", "\(changes[$0], decimals: 3)", "\(maxima[$0], decimals: 3)",
                "\(2 / Double(sizes[$0]), decimals: 3)",
            ]
        })
    lab.show("pooled") { t in
        let small = AvgPool2D(kernelSize: 4)
        return .images(
            t("Edges before and after the shift, and pooled by 4 × 4", "平移前后的边缘，以及 4 × 4 池化之后"),
            [before[0], after[0], small(before[0..<1])[0], small(after[0..<1])[0]].enumerated().map {
                let moment = [t("before", "平移前"), t("after", "平移后")][$0 % 2]
                return CaptionedImage($1, caption: $0 < 2 ? moment : t("pooled, \(moment)", "池化，\(moment)"))
            }, columns: 4)
    }
    lab.show("shift") { t in
        .bars(
            t("Change under a shift by one pixel", "平移一个像素引起的变化"), sizes.map { "\($0) × \($0)" },
            [BarSeries(t("mean", "平均池化"), changes), BarSeries(t("maximum", "最大池化"), maxima)],
            y: Axis(t("mean squared change", "平方变化的均值")))
    }
    for (name, change) in zip(["one", "half", "quarter"], changes) { lab.check(name, change) }
}
