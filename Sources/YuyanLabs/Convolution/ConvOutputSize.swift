import Yuyan

/// How large the output of a convolution is: the one formula, and what padding and stride do.
let convOutputSize: Lab = Lab(
    "conv-output-size", "The size of a convolution's output", "卷积层输出张量的大小",
    book: "6.3", note: .convolutionsAndTranslation, part: "Task05",
    claims: [
        Claim("cases", "8 × 8: cases in which layer and table agree, of 4", "8 × 8：层与表一致的情形数（共 4 种）", .count(4)),
        Claim(
            "grid", "sizes 5…9, windows 1…5, padding 0…2, stride 1…3: layers that differ",
            "尺寸 5…9、窗口 1…5、填充 0…2、步幅 1…3：不符的层数", .count(0)),
        Claim(
            "book", "the book's form, with padding as a total: cases that differ", "书中的写法（填充按总数计）：不符的情形数", .count(0)),
        Claim("ten", "240 × 240 after ten 5 × 5 layers", "240 × 240 经过十个 5 × 5 的层之后", .count(200)),
        Claim("kept", "the same with padding 2", "同上，填充为 2", .count(240)),
        Claim("halved", "stride 2 halves an even size: cases that differ", "步幅 2 把偶数尺寸减半：不符的情形数", .count(0)),
        Claim("none", "a window of 5 on a size of 3: the formula gives", "尺寸 3 上放窗口 5：公式给出", .count(-1)),
    ],
    figures: ["sizes"]
) { lab in
    // The window starts at 0, s, 2s, … as long as it ends inside n + 2p.
    func size(_ n: Int, window k: Int, padding p: Int = 0, stride s: Int = 1) -> Int {
        // Rounded down, also below zero.
        let room = n + 2 * p - k
        return (room >= 0 ? room / s : (room - s + 1) / s) + 1
    }

    let picture = Tensor.uniform([1, 1, 8, 8])
    let cases: [(kernel: Size2D, padding: Size2D, stride: Size2D, result: [Int])] = [
        (3, 1, 1, [8, 8]), ([5, 3], [2, 1], 1, [8, 8]), (3, 1, 2, [4, 4]), ([3, 5], [0, 1], [3, 4], [2, 2]),
    ]
    var agreeing = 0
    lab.say(
        "Along each axis the output has ⌊(n + 2p − k) / s⌋ + 1 elements. Layers on 8 × 8:",
        "沿每个轴，输出有 ⌊(n + 2p − k) / s⌋ + 1 个元素。作用在 8 × 8 上的层：")
    lab.table(
        [
            Words("kernel", "核"), Words("padding", "填充"), Words("stride", "步幅"), Words("formula", "公式"),
            Words("layer", "层"),
        ],
        cases.map { kernel, padding, stride, result in
            let formula = [
                size(8, window: kernel.height, padding: padding.height, stride: stride.height),
                size(8, window: kernel.width, padding: padding.width, stride: stride.width),
            ]
            let layer = Conv2D(
                inputChannels: 1, outputChannels: 1, kernelSize: kernel, stride: stride, padding: padding)
            let output = Array(layer(picture).shape.suffix(2))
            if formula == result && output == result { agreeing += 1 }
            func text(_ size: Size2D) -> Words { "\(size.height) × \(size.width)" }
            return [
                text(kernel), text(padding), text(stride), "\(formula[0]) × \(formula[1])",
                "\(output[0]) × \(output[1])",
            ]
        })
    lab.check("cases", agreeing)

    var (wrong, wrongBook, wrongHalf, count) = (0, 0, 0, 0)
    for n in 5...9 {
        for k in 1...5 {
            for p in 0...2 {
                for s in 1...3 {
                    let weight = Tensor.ones([1, 1, k, k])
                    let output = conv2D(
                        Tensor.ones([1, 1, n, n]), weight: weight, stride: Size2D(s), padding: Size2D(p))
                    count += 1
                    if output.shape[2] != size(n, window: k, padding: p, stride: s) { wrong += 1 }
                    // The book counts both sides together: ⌊(n − k + p + s) / s⌋.
                    if output.shape[2] != (n - k + 2 * p + s) / s { wrongBook += 1 }
                    if n % 2 == 0, s == 2, k % 2 == 1, p == (k - 1) / 2, output.shape[2] != n / 2 { wrongHalf += 1 }
                }
            }
        }
    }
    lab.say(
        "\(count) layers of other sizes agree with it. PyTorch and Yuyan count the padding of one side, the book that of both together.",
        "另外 \(count) 种尺寸的层也都符合。PyTorch 和 Yuyan 的填充按单侧计，书中按两侧之和计。")
    lab.check("grid", wrong)
    lab.check("book", wrongBook)
    lab.check("halved", wrongHalf)

    // Every layer without padding takes k − 1 pixels away: the border is lost first.
    func sizes(padding: Int) -> [Int] {
        var x = Tensor.uniform([1, 1, 240, 240])
        let layer = Conv2D(inputChannels: 1, outputChannels: 1, kernelSize: 5, padding: Size2D(padding))
        return [240]
            + (1...10).map { _ in
                x = withoutGradients { layer(x) }
                return x.shape[2]
            }
    }
    let (shrinking, kept) = (sizes(padding: 0), sizes(padding: 2))
    let lost = 1 - Double(shrinking[10] * shrinking[10]) / (240 * 240)
    lab.say(
        "Ten layers of 5 × 5 turn 240 × 240 into \(shrinking[10]) × \(shrinking[10]): \(lost * 100, decimals: 0)% of the pixels are gone. With (5 − 1)/2 = 2 zeros on each side nothing is lost.",
        "十个 5 × 5 的层把 240 × 240 变成 \(shrinking[10]) × \(shrinking[10])：\(lost * 100, decimals: 0)% 的像素没有了。每侧填充 (5 − 1)/2 = 2 个零，大小就不变。"
    )
    lab.show("sizes") { t in
        let layers = (0...10).map(Double.init)
        return .curves(
            t("Height after each 5 × 5 layer", "每个 5 × 5 层之后的高"),
            [
                Curve(t("no padding", "无填充"), x: layers, y: shrinking.map(Double.init)),
                Curve(t("padding 2", "填充 2"), x: layers, y: kept.map(Double.init)),
            ], x: Axis(t("layers", "层数")), y: Axis(t("height in pixels", "高（像素）")))
    }
    lab.check("ten", shrinking[10])
    lab.check("kept", kept[10])
    lab.say(
        "Where the window does not fit, as 5 on 3, the formula gives 0 or less. That is an error: the layer ends the program with a message that names both sizes.",
        "窗口放不下时（例如在 3 上放 5），公式给出 0 或负数。这是错误：层会终止程序，并报告两者的大小。")
    lab.check("none", size(3, window: 5))
}
