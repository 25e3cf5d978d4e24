import Yuyan

/// Points whose true plane is known, so that a model can be marked like an exam.
let syntheticData: Lab = Lab(
    "synthetic-data", "A data set of one's own", "生成数据集",
    book: "3.2", note: .linearNetworks, part: "3.2",
    claims: [
        Claim("features", "the features have shape [1000, 2]", "特征的形状为 [1000, 2]", .yes),
        Claim("labels", "the labels have shape [1000, 1]", "标签的形状为 [1000, 1]", .yes),
        // The standard error of a mean is 1/√1000 = 0.03.
        Claim("means", "largest mean of a column, which is 0 in the long run", "各列均值的最大绝对值（总体均值为 0）", .below(0.1)),
        Claim("noise", "standard deviation of y − Xw − b", "y − Xw − b 的标准差", .near(0.01, margin: 0.001)),
        // 2x₁ acts as noise here: the standard error is 2/√1000 = 0.06.
        Claim("slope", "slope of y over x₂ alone", "y 对 x₂ 的斜率", .near(-3.4, margin: 0.3)),
        Claim("library", "the library's function with the same seed: largest difference", "库函数用同一种子：最大差", .below(1e-5)),
        Claim(
            "list", "means 0, 10, 20 and deviations 1, 0.1, 0: error of the last number",
            "均值 0、10、20，标准差 1、0.1、0：最后一个数的误差", .exactly(0)),
    ],
    figures: ["scatter"]
) { lab in
    // X from N(0, 1), y = Xw + b and a little noise from N(0, 0.01²).
    func syntheticData(_ w: Tensor, _ b: Double, _ count: Int) -> (features: Tensor, labels: Tensor) {
        let x = Tensor.normal([count, w.count])
        let y = x.matmul(w) + b
        let noisy = y + Tensor.normal(y.shape, standardDeviation: 0.01)
        return (x, noisy.reshaped([-1, 1]))
    }

    let (w, b) = (Tensor([2, -3.4]), 4.2)
    let (features, labels) = withSeed(lab.seed) { syntheticData(w, b, 1000) }
    lab.say(
        "1,000 samples of y = 2x₁ − 3.4x₂ + 4.2 + noise. Xw is a vector of 1,000 numbers; reshaped, the labels are a column \(labels.shape), one row a sample like the features \(features.shape). The first three:",
        "1000 个样本：y = 2x₁ − 3.4x₂ + 4.2 + 噪声。Xw 是含 1000 个数的向量；改变形状后，标签成为一列 \(labels.shape)，与特征 \(features.shape) 一样每行一个样本。前三个："
    )
    lab.table(
        ["x₁", "x₂", "y", "2x₁ − 3.4x₂ + 4.2"],
        (0..<3).map { row in
            let x = features[row]
            return ["\(x[0].item(), decimals: 4)", "\(x[1].item(), decimals: 4)", "\(labels[row].item(), decimals: 4)"]
                + ["\((x.matmul(w) + b).item(), decimals: 4)"]
        })
    lab.check("features", features.shape == [1000, 2])
    lab.check("labels", labels.shape == [1000, 1])
    lab.check("means", features.mean(axis: 0).abs().max())
    let residuals = labels.flattened() - features.matmul(w) - b
    lab.check("noise", residuals.standardDeviation())

    lab.say(
        "Over x₂ the points fall by about 3.4 for each 1; they spread because x₁ differs from point to point, too.",
        "横轴为 x₂ 时，x₂ 每增加 1，y 约下降 3.4；点之所以分散，是因为各点的 x₁ 也不同。")
    lab.show("scatter") { t in
        .scatter(
            t("Labels over the second feature", "标签与第二个特征"),
            [PointGroup(x: features[.all, 1].array(of: Double.self), y: labels.array(of: Double.self))],
            x: Axis("x₂"), y: Axis("y"))
    }
    let x2 = features[.all, 1] - features[.all, 1].mean()
    lab.check("slope", (x2 * (labels.flattened() - labels.mean())).sum() / x2.squared().sum())

    let ready = withSeed(lab.seed) { syntheticLinearData(weight: w, bias: b, count: 1000) }
    lab.check(
        "library",
        max((ready.features - features).abs().max().item(), (ready.labels - labels).abs().max().item()))

    // Numbers from a normal distribution, in both spellings.
    lab.say(
        "Tensor.normal does what torch.normal does. In torch, size must be a tuple, even for one axis; here it is a shape. The second number is a standard deviation, not a variance:",
        "Tensor.normal 对应 torch.normal。在 torch 里，即使只有一个轴，size 也要写成元组；这里写成形状。第二个数是标准差，不是方差：")
    lab.table(
        ["PyTorch", "Yuyan"],
        [
            ["torch.normal(0, 1, (3,))", "Tensor.normal([3])"],
            ["torch.normal(0, 0.01, (2, 1))", "Tensor.normal([2, 1], standardDeviation: 0.01)"],
            ["torch.normal(mean, std)", "Tensor.normal(mean: mean, standardDeviation: std)"],
            ["out=y", "y = Tensor.normal(…)"],
        ])
    let each = Tensor.normal(mean: Tensor([0.0, 10, 20]), standardDeviation: Tensor([1.0, 0.1, 0]))
    lab.say("With a mean and a deviation for each number:", "每个数各有均值和标准差：")
    lab.print(each)
    lab.check("list", each[2] - 20)
}
