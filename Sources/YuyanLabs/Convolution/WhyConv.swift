import Yuyan

/// From a layer that sees everything to one that sees a window: what is given up, and what is saved.
let whyConv: Lab = Lab(
    "why-conv", "From fully connected layers to convolutions", "从全连接层到卷积",
    book: "6.1", note: .convolutionsAndTranslation, part: "Task05",
    claims: [
        Claim("shift", "convolution: shifting before or after differs by", "卷积：先平移与后平移之差", .exactly(0)),
        Claim("dense", "weights between 10⁶ pixels and 10³ units", "10⁶ 个像素到 10³ 个单元的权重数", .count(1_000_000_000)),
        Claim("matrix", "an 8 × 8 convolution is a matrix product: distance", "8 × 8 上的卷积就是矩阵乘法：差", .below(1e-5)),
        Claim("entries", "entries of that matrix", "该矩阵的元素数", .count(2304)),
        Claim("local", "locality: entries that are not zero", "局部性：非零元素数", .count(324)),
        Claim("shared", "translation invariance: different values among them", "平移不变性：其中不同的值", .count(9)),
        Claim(
            "denseShift",
            "a full matrix of random weights: shifting before or after differs by, in parts of the output",
            "随机的稠密矩阵：先平移与后平移之差（与输出之比）", .above(0.5)),
        Claim("far", "a changed pixel changes outputs that are so many pixels away", "改动一个像素，影响到的最远距离（像素）", .count(1)),
        Claim("seen", "after three layers of 3 × 3: the same", "三个 3 × 3 的层之后：同上", .count(3)),
    ],
    figures: ["matrix", "equivariance"]
) { lab in
    // A picture of a million pixels and a thousand units that see all of them.
    let (pixels, units) = (1_000_000, 1_000)
    lab.say(
        "A fully connected layer from a picture of a million pixels to a thousand units has \(pixels * units) weights, \(pixels * units * 4 / 1_000_000_000) GB as float32. Ten kernels of 5 × 5 have \(10 * 5 * 5).",
        "从一百万个像素到一千个单元的全连接层有 \(pixels * units) 个权重，float32 下占 \(pixels * units * 4 / 1_000_000_000) GB。十个 5 × 5 的核只有 \(10 * 5 * 5) 个权重。"
    )
    lab.check("dense", pixels * units)

    // A convolution is linear, so a matrix can do it. Its columns are what becomes of single pixels.
    let kernel = Tensor.normal([1, 1, 3, 3])
    let unitPictures = oneHot(Tensor.arange(64), classCount: 64).cast(to: .float32).reshaped([64, 1, 8, 8])
    let matrix = conv2D(unitPictures, weight: kernel).reshaped([64, 36]).transposed()
    let picture = Tensor.normal([1, 1, 8, 8])
    let byMatrix = matrix.matmul(picture.flattened()).reshaped([1, 1, 6, 6])
    let values = Set(matrix.flattened().array(of: Float.self).filter { $0 != 0 })
    lab.say(
        "As a matrix, a 3 × 3 kernel on 8 × 8 pixels has 36 · 64 = \(matrix.elementCount) entries. Only \((matrix .!= 0).sum()) are not zero, because a unit sees its window only (locality); and these are \(values.count) numbers again and again, because every window is treated alike (translation invariance).",
        "写成矩阵，8 × 8 像素上的 3 × 3 核有 36 · 64 = \(matrix.elementCount) 个元素。其中只有 \((matrix .!= 0).sum()) 个不为零，因为每个单元只看自己的窗口（局部性）；而它们只是 \(values.count) 个数的重复，因为每个窗口用同样的权重（平移不变性）。"
    )
    lab.show("matrix") { t in
        .heatMap(
            t("A 3 × 3 kernel as a matrix", "写成矩阵的 3 × 3 核"), matrix, rowTitle: t("output", "输出"),
            columnTitle: t("pixel", "像素"))
    }
    lab.check("matrix", (byMatrix - conv2D(picture, weight: kernel)).abs().max())
    lab.check("entries", matrix.elementCount)
    lab.check("local", (matrix .!= 0).sum())
    lab.check("shared", values.count)

    // Shift what goes in, and what comes out is shifted: a thing is found wherever it is.
    let wide = Tensor.normal([1, 1, 8, 9])
    let (left, right) = (wide[0..<1, 0..<1, 0..<8, 0..<8], wide[0..<1, 0..<1, 0..<8, 1..<9])
    func outputs(_ layer: (Tensor) -> Tensor) -> (Tensor, Tensor) {
        let (a, b) = (layer(left), layer(right))
        // Column j + 1 of the first must be column j of the second.
        return (a[0..<1, 0..<1, 0..<6, 1..<6], b[0..<1, 0..<1, 0..<6, 0..<5])
    }
    let shifted = outputs { conv2D($0, weight: kernel) }
    let dense = Tensor.normal([36, 64])
    let denseShifted = outputs { dense.matmul($0.flattened()).reshaped([1, 1, 6, 6]) }
    lab.check("shift", (shifted.0 - shifted.1).abs().max())
    lab.check("denseShift", (denseShifted.0 - denseShifted.1).norm() / denseShifted.0.norm())
    lab.say(
        "If the picture moves by a pixel, what the convolution finds moves with it. A matrix of free weights would have to learn every place anew.",
        "图像平移一个像素，卷积的输出也随之平移。而自由的权重矩阵得在每个位置重新学习。")
    lab.show("equivariance") { t in
        var cross = Tensor.zeros([1, 1, 12, 12])
        cross[0, 0, 2..<7, 4] = Tensor.ones([5])
        cross[0, 0, 4, 2..<7] = Tensor.ones([5])
        var moved = Tensor.zeros([1, 1, 12, 12])
        moved[0, 0, 4..<12, 4..<12] = cross[0, 0, 0..<8, 0..<8]
        let plus = Tensor([[0.0, 1, 0], [1, 1, 1], [0, 1, 0]]).reshaped([1, 1, 3, 3]) / 5
        return .images(
            t("A cross, and where it is found", "十字，以及找到它的位置"),
            [
                CaptionedImage(cross[0], caption: t("picture", "图像")),
                CaptionedImage(conv2D(cross, weight: plus, padding: 1)[0], caption: t("its output", "它的输出")),
                CaptionedImage(moved[0], caption: t("moved", "平移后")),
                CaptionedImage(conv2D(moved, weight: plus, padding: 1)[0], caption: t("its output", "它的输出")),
            ], columns: 4)
    }

    // Locality again: how far a change of one pixel reaches. Layers in a row see more and more.
    func reach(_ layers: Int) -> Int {
        var change = Tensor.zeros([1, 1, 15, 15])
        change[0, 0, 7, 7] = Tensor(1.0)
        for _ in 0..<layers { change = conv2D(change, weight: kernel, padding: 1) }
        let columns = (change[0, 0].abs().sum(axis: 0) .!= 0).nonzero().flattened().array(of: Int.self)
        return columns.map { abs($0 - 7) }.max()!
    }
    lab.check("far", reach(1))
    lab.check("seen", reach(3))
    lab.say(
        "One layer carries a change \(reach(1)) pixel far, three carry it \(reach(3)): depth gives back the overview that the window took.",
        "一层把变化传到 \(reach(1)) 个像素远，三层传到 \(reach(3)) 个：窗口失去的视野由深度补回。")
}
