import Yuyan

/// Inputs come from elsewhere than in training: samples that look like the new ones get more weight.
let covariateShiftCorrection = Lab(
    "covariate-shift-correction", "Correcting covariate shift", "协变量偏移纠正",
    book: "4.9", note: .multilayerPerceptrons, part: "5.2",
    claims: [
        Claim(
            "improves", "draws out of 20 in which the weights lower the target's loss", "20 次抽样中权重使目标域损失下降的次数",
            .exactly(20)),
        Claim(
            "ratio", "loss with weights in parts of that without, mean of 20 draws", "加权与不加权的损失之比，20 次抽样平均",
            .below(0.15)),
        // Fitted to x of N(μ, σ²), the line has the slope 3(μ² + σ²) − 1 and goes through the means: without weights
        // y = 0.5x − 0.25, with p/q y = −0.73x. From these and the moments of the target follow the losses.
        Claim(
            "unweighted", "20,000 samples: the target's loss without weights", "20000 个样本：不加权的目标域损失",
            .near(0.2130, margin: 0.04)),
        Claim(
            "weighted", "20,000 samples: the target's loss with weights", "20000 个样本：加权的目标域损失",
            .near(0.01437, margin: 0.0015)),
        Claim(
            "correlation", "correlation of estimated and true weights, mean of 20 draws", "估计权重与真实权重的相关系数，20 次平均",
            .above(0.97)),
        // On 200 held-out samples a draw has a standard error of √(0.75 · 0.25 / 200) = 0.031, twenty of 0.007.
        Claim(
            "accuracy", "how often a classifier tells source from target, mean of 20 draws", "分类器区分源域与目标域的准确率，20 次平均",
            .near(0.75, margin: 0.028)),
        Claim("library", "largest distance from the library's weights", "与库中权重的最大差", .below(0.001)),
        Claim("risk", "the weighted line: gradient of the library's weighted risk", "加权直线处库中加权风险的梯度", .below(1e-4)),
        Claim("counts", "half as many target samples: mean weight", "目标样本减半：权重的均值", .near(1, margin: 0.2)),
        Claim(
            "far", "a target where the source has nothing: rows that count, out of 200", "源域没有样本的目标域：200 个样本中有效的个数",
            .below(5)),
    ],
    figures: ["samples", "weights", "lines"]
) { lab in
    // The same curve for both, y = x³ − x and noise of 0.1; but the source has its inputs to the right of the target's.
    typealias Sample = (x: Tensor, y: Tensor)
    func sample(_ count: Int, mean: Double, deviation: Double) -> Sample {
        let x = Tensor.normal([count], mean: mean, standardDeviation: deviation)
        return (x, x.pow(3) - x + Tensor.normal([count], standardDeviation: 0.1))
    }
    func sourceSample(_ count: Int = 200) -> Sample { sample(count, mean: 0.5, deviation: 0.5) }
    func targetSample(_ count: Int = 200) -> Sample { sample(count, mean: 0, deviation: 0.3) }
    // How much more frequent x is in the target: p(x) / q(x), for once known.
    func trueWeights(_ x: Tensor) -> Tensor {
        (0.5 / 0.3) * ((x - 0.5).squared() / (2 * 0.25) - x.squared() / (2 * 0.09)).exp()
    }

    // h tells the target's inputs (z = 1) from the source's (z = −1): logistic regression in 1, x and x², by gradient
    // descent on the mean of log(1 + exp(−z h)). No label is needed.
    func terms(_ x: Tensor) -> Tensor { stack([Tensor.ones(like: x), x, x.squared()], axis: 1) }
    func domainClassifier(_ source: Tensor, _ target: Tensor) -> Tensor {
        let rows = terms(concatenate([source, target]))
        let z = concatenate([-Tensor.ones(like: source), Tensor.ones(like: target)])
        var w = Tensor.zeros([3])
        for _ in 1...2000 {
            let slope = -z * (-z * rows.matmul(w)).sigmoid()
            w -= 3 / Double(z.count) * slope.matmul(rows)
        }
        return w
    }
    // P(target | x) = σ(h), and so p(x) / q(x) = eʰ · n/m. No sample may count more than ten times.
    func weights(_ w: Tensor, _ source: Tensor, targetCount: Int) -> Tensor {
        minimum(terms(source).matmul(w).exp(), 10) * Double(source.count) / Double(targetCount)
    }
    // The line with the smallest Σ βᵢ (yᵢ − ŷᵢ)²: least squares with rows times √β.
    func line(_ data: Sample, _ weights: Tensor) throws -> Tensor {
        let (root, rows) = (weights.squareRoot(), terms(data.x)[0..., 0..<2])
        return try leastSquares(rows * root.reshaped([-1, 1]), data.y * root)
    }
    func loss(_ line: Tensor, _ data: Sample) -> Double {
        meanSquaredError(terms(data.x)[0..., 0..<2].matmul(line), data.y).item()
    }

    let (source, target) = (sourceSample(), targetSample())
    let w = domainClassifier(source.x, target.x)
    let estimated = weights(w, source.x, targetCount: target.x.count)
    lab.say(
        "Source and target follow the same curve, but their inputs lie elsewhere. h(x) = \(w[0].item(), decimals: 2) + (\(w[1].item(), decimals: 2)) x + (\(w[2].item(), decimals: 2)) x² tells the target from the source:",
        "源域与目标域服从同一条曲线，但输入的分布不同。h(x) = \(w[0].item(), decimals: 2) + (\(w[1].item(), decimals: 2)) x + (\(w[2].item(), decimals: 2)) x² 用来区分目标域与源域："
    )
    func array(_ tensor: Tensor) -> [Double] { tensor.array(of: Double.self) }
    lab.show("samples") { t in
        .scatter(
            t("Training and test inputs differ", "训练输入与测试输入不同"),
            [
                PointGroup(t("source", "源域"), x: array(source.x), y: array(source.y)),
                PointGroup(t("target", "目标域"), x: array(target.x), y: array(target.y)),
            ], x: Axis("x"), y: Axis("y"))
    }
    let grid = Tensor.linspace(-1, 1.5, count: 101)
    lab.say(
        "The weight of a source sample, min(exp h, 10), beside what it should be. They count as much as \(effectiveSampleSize(estimated), decimals: 0) samples of equal weight:",
        "源域样本的权重 min(exp h, 10) 与真实的密度比。加权之后相当于 \(effectiveSampleSize(estimated), decimals: 0) 个等权样本：")
    lab.show("weights") { t in
        .curves(
            t("How much a sample at x counts", "x 处样本的权重"),
            [
                Curve(t("estimated", "估计"), x: array(grid), y: array(weights(w, grid, targetCount: grid.count))),
                Curve(t("true p(x)/q(x)", "真实的 p(x)/q(x)"), x: array(grid), y: array(trueWeights(grid))),
            ], x: Axis("x"), y: Axis(t("weight", "权重")))
    }
    let (plain, weighted) = (try line(source, Tensor.ones([200])), try line(source, estimated))
    let fresh = targetSample(1000)
    lab.say(
        "A straight line cannot follow the whole curve. With equal weights it fits where the source lies, and its loss on the target is \(loss(plain, fresh), decimals: 3); with weights, where the target lies: \(loss(weighted, fresh), decimals: 4). The noise alone gives 0.01.",
        "直线不可能拟合整条曲线。等权时它拟合源域所在的位置，在目标域上的损失为 \(loss(plain, fresh), decimals: 3)；加权后拟合目标域所在的位置：\(loss(weighted, fresh), decimals: 4)。噪声本身占 0.01。"
    )
    lab.show("lines") { t in
        .curves(
            t("One line, two fits", "同一种直线，两种拟合"),
            [
                Curve("x³ − x", x: array(grid), y: array(grid.pow(3) - grid)),
                Curve(t("without weights", "不加权"), x: array(grid), y: array(terms(grid)[0..., 0..<2].matmul(plain))),
                Curve(t("with weights", "加权"), x: array(grid), y: array(terms(grid)[0..., 0..<2].matmul(weighted))),
            ], x: Axis("x"), y: Axis("y"))
    }

    // The library: the same weights, and a weighted risk that is smallest at this line.
    lab.check("library", (try importanceWeights(source: source.x, target: target.x) - estimated).abs().max())
    let parameter = Parameter(weighted)
    let predictions = terms(source.x)[0..., 0..<2].matmul(parameter)
    weightedRisk(meanSquaredError(predictions, source.y, reduction: .none), weights: estimated).backward()
    lab.check("risk", parameter.gradient!.abs().max())

    // Other draws, with the library's weights.
    var (plainLosses, weightedLosses, accuracies, correlations): ([Double], [Double], [Double], [Double]) = (
        [], [], [], []
    )
    for _ in 0..<20 {
        let (source, target) = (sourceSample(), targetSample())
        let weights = try importanceWeights(source: source.x, target: target.x)
        plainLosses.append(loss(try line(source, Tensor.ones([200])), fresh))
        weightedLosses.append(loss(try line(source, weights), fresh))
        let (a, b) = (weights - weights.mean(), trueWeights(source.x) - trueWeights(source.x).mean())
        correlations.append(((a * b).sum() / (a.norm() * b.norm())).item())
        accuracies.append(try domainClassifierTest(source.x, target.x).statistic)
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let improved = zip(plainLosses, weightedLosses).count { $0 > $1 }
    lab.say(
        "In \(improved) of 20 other draws the weights lower the target's loss, from \(mean(plainLosses), decimals: 3) to \(mean(weightedLosses), decimals: 4) on average. A classifier tells \(mean(accuracies) * 100, decimals: 0)% of held-out inputs apart, where 50% would mean no shift.",
        "另外 20 次抽样中，有 \(improved) 次加权降低了目标域上的损失，平均从 \(mean(plainLosses), decimals: 3) 降到 \(mean(weightedLosses), decimals: 4)。分类器能正确区分 \(mean(accuracies) * 100, decimals: 0)% 的留出输入；没有偏移时应为 50%。"
    )
    lab.check("improves", improved)
    lab.check("ratio", mean(weightedLosses) / mean(plainLosses))
    lab.check("correlation", mean(correlations))
    lab.check("accuracy", mean(accuracies))
    let (many, others, judges) = (sourceSample(20_000), targetSample(20_000), targetSample(20_000))
    lab.check("unweighted", loss(try line(many, Tensor.ones([20_000])), judges))
    lab.check("weighted", loss(try line(many, try importanceWeights(source: many.x, target: others.x)), judges))
    lab.check("counts", try importanceWeights(source: source.x, target: targetSample(100).x).mean())
    let far = sample(200, mean: 3, deviation: 0.3)
    let left = effectiveSampleSize(try importanceWeights(source: source.x, target: far.x))
    lab.say(
        "The source must have samples wherever the target has some. For a target around 3, only \(left, decimals: 0) of its 200 samples count: no weight replaces what was never seen.",
        "凡是目标域有样本的地方，源域也必须有样本。若目标域在 3 附近，源域的 200 个样本中只有约 \(left, decimals: 0) 个起作用：没有见过的样本，权重无法补上。")
    lab.check("far", left)
}
