import Yuyan

/// A small window of weights slides over a picture; at each place, the products are added up.
let corr2D: Lab = Lab(
    "corr2d", "Two-dimensional cross-correlation", "二维互相关运算",
    book: "6.2", note: .convolutionsAndTranslation, part: "Task05",
    claims: [
        Claim(
            "worked", "largest distance from [[19, 25], [37, 43]]", "与 [[19, 25], [37, 43]] 的最大差", .exactly(0)),
        Claim("float", "whole numbers go in, float32 comes out", "输入是整数，输出是 float32", .yes),
        Claim("height", "height of the output for 7 × 9 under 3 × 2", "7 × 9 的输入、3 × 2 的核：输出的高", .count(5)),
        Claim("width", "its width", "输出的宽", .count(8)),
        Claim("library", "largest distance from the library's conv2D", "与库中 conv2D 的最大差", .below(1e-5)),
        Claim("flip", "flipped kernel: distance from the sum of true convolution", "翻转核之后与真正卷积求和式之差", .below(1e-5)),
        Claim("differ", "without the flip it is another operation: largest distance", "不翻转就是另一种运算：最大差", .above(0.1)),
        Claim("impulse", "a single 1 shows the kernel flipped: distance", "单个 1 的输出就是翻转的核：差", .exactly(0)),
    ],
    figures: ["impulse"]
) { lab in
    // Y[i, j] = Σ X[i + u, j + v] · K[u, v]: the output has one element for each place where the kernel fits.
    func corr2D(_ x: Tensor, _ k: Tensor) -> Tensor {
        let (h, w) = (k.shape[0], k.shape[1])
        var y = Tensor.zeros([x.shape[0] - h + 1, x.shape[1] - w + 1])
        for i in 0..<y.shape[0] {
            for j in 0..<y.shape[1] { y[i, j] = (x[i..<(i + h), j..<(j + w)] * k).sum().cast(to: .float32) }
        }
        return y
    }

    let x = Tensor.arange(9).reshaped([3, 3])
    let k: Tensor = [[0, 1], [2, 3]]
    let y = corr2D(x, k)
    lab.say("A picture of 3 × 3 and a kernel of 2 × 2, both of whole numbers:", "3 × 3 的输入和 2 × 2 的核，元素都是整数：")
    lab.print(x)
    lab.print(k)
    lab.say(
        "The kernel fits in four places. At each, elements under it are multiplied with its own and added:",
        "核可以放在四个位置，每个位置上对应元素相乘再求和：")
    let weights = k.flattened().array(of: Int.self)
    lab.table(
        [Words("place", "位置"), Words("sum of products", "乘积之和"), Words("output", "输出")],
        (0..<4).map { place in
            let (i, j) = (place / 2, place % 2)
            let window = x[i..<(i + 2), j..<(j + 2)].flattened().array(of: Int.self)
            let products = zip(window, weights).map { "\($0)·\($1)" }.joined(separator: " + ")
            return ["(\(i), \(j))", "\(products)", "\(y[i, j].item(), decimals: 0)"]
        })
    lab.check("worked", (y - Tensor([[19.0, 25], [37, 43]])).abs().max())
    lab.check("float", x.dtype == .int64 && k.dtype == .int64 && y.dtype == .float32)

    // The output is smaller by the kernel's size less one. The library's convolution is this operation.
    let (picture, kernel) = (Tensor.normal([7, 9]), Tensor.normal([3, 2]))
    let result = corr2D(picture, kernel)
    let layer = conv2D(picture.reshaped([1, 1, 7, 9]), weight: kernel.reshaped([1, 1, 3, 2]))
    lab.say(
        "A picture of \(picture.shape) under a kernel of \(kernel.shape) gives \(result.shape). The library's conv2D computes the same for batches and channels.",
        "\(picture.shape) 的输入、\(kernel.shape) 的核，输出为 \(result.shape)。库中的 conv2D 做同样的运算，并支持批量和通道。")
    lab.check("height", result.shape[0])
    lab.check("width", result.shape[1])
    lab.check("library", (layer.squeezed() - result).abs().max())

    // True convolution counts the picture's elements backwards: (X ∗ K)[i, j] = Σ X[i − u, j − v] · K[u, v], which is the
    // cross-correlation with the kernel turned by half a turn.
    func flipped(_ k: Tensor) -> Tensor {
        let (h, w) = (k.shape[0], k.shape[1])
        return k[Tensor.arange(h) * -1 + (h - 1)].transposed()[Tensor.arange(w) * -1 + (w - 1)].transposed()
    }
    var convolution = Tensor.zeros(result.shape)
    for i in 0..<5 {
        for j in 0..<8 {
            for u in 0..<3 {
                for v in 0..<2 { convolution[i, j] = convolution[i, j] + picture[i + 2 - u, j + 1 - v] * kernel[u, v] }
            }
        }
    }
    lab.check("flip", (corr2D(picture, flipped(kernel)) - convolution).abs().max())
    lab.check("differ", (result - convolution).abs().max())

    // What a lone 1 becomes shows which way round the kernel acts.
    var impulse = Tensor.zeros([5, 5])
    impulse[2, 2] = Tensor(1.0)
    let numbered = Tensor.arange(1, 10, step: 1).reshaped([3, 3])
    let answer = corr2D(impulse, numbered)
    lab.say(
        "Mathematics calls the operation with a flipped kernel convolution. Networks leave the flip out: a learned kernel would just be learned the other way round. A lone 1 shows it, for the kernel 1 to 9:",
        "数学中的卷积要先把核翻转。神经网络省去了翻转：核是学出来的，反正会学成翻转后的样子。用核 1 到 9 作用在单个 1 上就能看到：")
    lab.show("impulse") { t in
        .heatMap(t("A single 1 under the kernel 1…9", "核 1…9 作用于单个 1"), answer, showsValues: true)
    }
    lab.check("impulse", (answer - flipped(numbered)).abs().max())
}
