import Yuyan

/// A kernel of two numbers finds where black becomes white.
let edgeDetection: Lab = Lab(
    "edge-detection", "Finding edges by a change of color", "利用颜色变化检测边缘",
    book: "6.2", note: .convolutionsAndTranslation, part: "Task05",
    claims: [
        Claim("down", "column 1, white to black: elements that are 1", "第 1 列（白变黑）：等于 1 的元素个数", .count(6)),
        Claim("up", "column 5, black to white: elements that are −1", "第 5 列（黑变白）：等于 −1 的元素个数", .count(6)),
        Claim("others", "the other columns: largest size", "其余各列：绝对值的最大值", .exactly(0)),
        Claim("transposed", "the picture on its side: largest size", "转置后的图像：绝对值的最大值", .exactly(0)),
        Claim(
            "turned", "the kernel on its side finds those edges: how many elements", "转置的核能找到这些边缘：非零元素个数", .count(12)),
        Claim("constant", "a brighter picture has the same edges: largest distance", "整体变亮，边缘不变：最大差", .below(1e-6)),
        Claim(
            "square", "a square: share of its outline that both kernels together find", "正方形：两个核合起来找到的轮廓比例", .exactly(1)
        ),
    ],
    figures: ["picture", "edges", "square"]
) { lab in
    func corr2D(_ x: Tensor, _ k: Tensor) -> Tensor {
        let (h, w) = (k.shape[0], k.shape[1])
        var y = Tensor.zeros([x.shape[0] - h + 1, x.shape[1] - w + 1])
        for i in 0..<y.shape[0] {
            for j in 0..<y.shape[1] { y[i, j] = (x[i..<(i + h), j..<(j + w)] * k).sum() }
        }
        return y
    }

    // White is 1; a black bar of four columns is 0.
    var x = Tensor.ones([6, 8])
    x[0..<6, 2..<6] = Tensor.zeros([6, 4])
    // The difference of two neighbors: 0 where they are alike.
    let k: Tensor = [[1.0, -1]]
    let y = corr2D(x, k)
    lab.say(
        "White with a black bar, and what the kernel [1, −1] makes of it. In the picture white is 1 and black 0; in the kernel and the edges white is 1, gray 0 and black −1:",
        "白底上的一条黑带，以及核 [1, −1] 的输出。图像中白为 1、黑为 0；核与边缘中白为 1、灰为 0、黑为 −1：")
    lab.show("picture") { t in
        // The picture's 0…1 becomes −1…1: black is black. The range is a little wider: white stays apart from the page.
        .images(
            t("Picture, kernel, edges", "图像、核与边缘"),
            [
                CaptionedImage(x * 2 - 1, caption: t("picture", "图像")),
                CaptionedImage(k, caption: t("kernel", "核")),
                CaptionedImage(y, caption: t("edges", "边缘")),
            ], range: -1.2...1.2)
    }
    lab.show("edges") { t in
        .heatMap(
            t("Output of [1, −1]", "[1, −1] 的输出"), y, rowTitle: t("row", "行"), columnTitle: t("column", "列"),
            showsValues: true)
    }
    lab.say(
        "1 where white turns black, −1 where black turns white, and 0 wherever the color stays.",
        "白变黑处为 1，黑变白处为 −1，颜色不变处为 0。")
    lab.check("down", (y[0..<6, 1] .== 1).sum())
    lab.check("up", (y[0..<6, 5] .== -1).sum())
    let others = y.gathered([0, 2, 3, 4, 6], axis: 1)
    lab.check("others", others.abs().max())
    lab.check("constant", (corr2D(x + 0.5, k) - y).abs().max())

    // It looks to the side only: edges that run from left to right need a kernel that looks down.
    let side = x.transposed()
    let (missed, found) = (corr2D(side, k), corr2D(side, k.transposed()))
    lab.say(
        "On the picture laid on its side it finds nothing: it compares neighbors in a row only. The kernel laid on its side finds those edges.",
        "对转置后的图像它什么也找不到：它只比较同一行的相邻像素。把核也转置，就能找到这些边缘。")
    lab.check("transposed", missed.abs().max())
    lab.check("turned", (found .!= 0).sum())

    // A black square has edges both ways.
    var square = Tensor.ones([12, 12])
    square[3..<9, 3..<9] = Tensor.zeros([6, 6])
    let (vertical, horizontal) = (corr2D(square, k).abs(), corr2D(square, k.transposed()).abs())
    // One pixel beside each element of the outline: 6 on each of four sides.
    let count: Double = vertical.sum().item() + horizontal.sum().item()
    lab.show("square") { t in
        .images(
            t("A square and its edges", "正方形及其边缘"),
            [
                CaptionedImage(square, caption: t("picture", "图像")),
                CaptionedImage(vertical, caption: "[1, −1]"),
                CaptionedImage(horizontal, caption: t("transposed", "转置的核")),
            ], columns: 3, range: -0.2...1.2)
    }
    lab.check("square", count / (4 * 6))
}
