import Yuyan

/// Inputs come from elsewhere than in training: samples that look like the new ones get more weight.
let covariateShiftCorrection: Lab = Lab(
    "covariate-shift-correction", "Correcting covariate shift", "协变量偏移纠正",
    book: "4.9", note: .multilayerPerceptrons, part: "5.2",
    claims: [
        Claim("improves", "draws of 20 in which weights lower the loss", "20 次抽样中加权使损失下降的次数", .exactly(20)),
        Claim("ratio", "the loss with weights in parts of that without", "加权与不加权的损失之比", .below(0.15)),
        Claim("correlation", "correlation of estimated and true weights", "估计权重与真实权重的相关系数", .above(0.97)),
        // On 200 held-out samples a draw has a standard error of √(0.75 · 0.25 / 200) = 0.031, twenty of 0.007.
        Claim("accuracy", "how often source and target are told apart", "区分源数据与目标数据的准确率", .near(0.75, margin: 0.028)),
        // Fitted to x of N(μ, σ²), the line has the slope 3(μ² + σ²) − 1 and goes through the means: without weights
        // y = 0.5x − 0.25, with p/q y = −0.73x. From these and the moments of the target follow the losses.
        Claim("unweighted", "20,000 samples: loss without weights", "20000 个样本：不加权的损失", .near(0.2130, margin: 0.04)),
        Claim("weighted", "20,000 samples: loss with weights", "20000 个样本：加权的损失", .near(0.01437, margin: 0.0015)),
        Claim("library", "largest distance from the library's weights", "与库中权重的最大差", .below(0.001)),
        Claim("far", "a target far from the source: samples that count", "目标远离源数据：起作用的样本数", .below(5)),
    ],
    figures: ["weights", "lines"]
) { lab in
    // The same curve for both, y = x³ − x and noise of 0.1; but the source has its inputs to the right of the target's.
    typealias Sample = (x: Tensor, y: Tensor)
    func sample(_ count: Int, mean: Double, deviation: Double) -> Sample {
        let x = Tensor.normal([count], mean: mean, standardDeviation: deviation)
        return (x, x.pow(3) - x + Tensor.normal([count], standardDeviation: 0.1))
    }
    func sourceSample(_ count: Int = 200) -> Sample { sample(count, mean: 0.5, deviation: 0.5) }
    func targetSample(_ count: Int = 200) -> Sample { sample(count, mean: 0, deviation: 0.3) }
    // How much more frequent x is in the target, p(x) / q(x): here we know it.
    func trueWeights(_ x: Tensor) -> Tensor {
        (0.5 / 0.3) * ((x - 0.5).squared() / (2 * 0.25) - x.squared() / (2 * 0.09)).exp()
    }

    // In practice we have samples only. Let h tell the target's inputs (z = 1) from the source's (z = −1): logistic regression
    // in 1, x and x², by gradient descent on the mean of log(1 + exp(−z h)). No label y is needed.
    func terms(_ x: Tensor) -> Tensor { stack([Tensor.ones(like: x), x, x.squared()], axis: 1) }
    func domainClassifier(_ source: Tensor, _ target: Tensor) -> Tensor {
        let rows = terms(concatenate([source, target]))
        let z = concatenate([-Tensor.ones(like: source), Tensor.ones(like: target)])
        var w = Tensor.zeros([3])
        for _ in 1...2000 { w += 3 / Double(z.count) * (z * (-z * rows.matmul(w)).sigmoid()).matmul(rows) }
        return w
    }
    // P(target | x) = σ(h), and so p(x) / q(x) = eʰ · n/m for n and m samples. None may count more than ten times.
    func weights(_ w: Tensor, _ source: Tensor, targetCount: Int) -> Tensor {
        minimum(terms(source).matmul(w).exp(), 10) * Double(source.count) / Double(targetCount)
    }
    // The line with the smallest Σ βᵢ (yᵢ − ŷᵢ)²: least squares with rows times √β.
    func values(_ line: Tensor, _ x: Tensor) -> Tensor { terms(x)[0..., 0..<2].matmul(line) }
    func line(_ data: Sample, _ weights: Tensor) throws -> Tensor {
        let root = weights.squareRoot()
        return try leastSquares(terms(data.x)[0..., 0..<2] * root.reshaped([-1, 1]), data.y * root)
    }
    func loss(_ line: Tensor, _ data: Sample) -> Double { meanSquaredError(values(line, data.x), data.y).item() }

    let (source, target, fresh) = (sourceSample(), targetSample(), targetSample(1000))
    let w = domainClassifier(source.x, target.x)
    let estimated = weights(w, source.x, targetCount: target.x.count)
    let (plain, weighted) = (try line(source, Tensor.ones([200])), try line(source, estimated))
    lab.say(
        "Source and target follow the same curve, but their inputs lie elsewhere. The weight of a source sample, min(exp h, 10) with a classifier h that tells the two apart, beside what it should be; weighted, the 200 samples say as much as \(effectiveSampleSize(estimated), decimals: 0) of equal weight:",
        "源数据与目标数据服从同一条曲线，但输入的分布不同。下图是源样本的权重 min(exp h, 10)（h 是区分两者的分类器）与真实的密度比；加权后，200 个样本相当于 \(effectiveSampleSize(estimated), decimals: 0) 个等权样本："
    )
    let grid = Tensor.linspace(-1, 1.5, count: 101)
    func curve(_ name: String, _ y: Tensor) -> Curve { Curve(name, x: grid.array(), y: y.array()) }
    lab.show("weights") { t in
        let estimate = curve(t("estimated", "估计"), weights(w, grid, targetCount: grid.count))
        let truth = curve(t("true p(x)/q(x)", "真实的 p(x)/q(x)"), trueWeights(grid))
        return .curves(
            t("How much a sample at x counts", "x 处样本的权重"), [estimate, truth], x: Axis("x"), y: Axis(t("weight", "权重")))
    }
    lab.say(
        "A straight line cannot follow the whole curve. With equal weights it fits where the source lies, and its loss on the target is \(loss(plain, fresh), decimals: 3); with weights, where the target lies: \(loss(weighted, fresh), decimals: 4). The noise alone gives 0.01.",
        "直线不可能拟合整条曲线。等权时它贴近源数据，在目标上的损失为 \(loss(plain, fresh), decimals: 3)；加权后它贴近目标数据，损失降到 \(loss(weighted, fresh), decimals: 4)。其中噪声就占 0.01。"
    )
    lab.show("lines") { t in
        let (equal, unequal) = (
            curve(t("equal weights", "等权"), values(plain, grid)), curve(t("weights", "加权"), values(weighted, grid))
        )
        let truth = curve("x³ − x", grid.pow(3) - grid)
        return .curves(t("Two lines for one curve", "一条曲线，两条直线"), [truth, equal, unequal], x: Axis("x"), y: Axis("y"))
    }
    lab.check("library", (try importanceWeights(source: source.x, target: target.x) - estimated).abs().max())

    // Other draws, with the library's weights: loss without, loss with them, correlation, accuracy.
    let draws = try (0..<20).map { _ in
        let (source, target) = (sourceSample(), targetSample())
        let weights = try importanceWeights(source: source.x, target: target.x)
        let (a, b) = (weights - weights.mean(), trueWeights(source.x) - trueWeights(source.x).mean())
        return [
            loss(try line(source, Tensor.ones([200])), fresh), loss(try line(source, weights), fresh),
            ((a * b).sum() / (a.norm() * b.norm())).item(), try domainClassifierTest(source.x, target.x).statistic,
        ]
    }
    let means = (0..<4).map { column in draws.reduce(0) { $0 + $1[column] / 20 } }
    let improved = draws.count { $0[1] < $0[0] }
    lab.say(
        "In \(improved) of 20 other draws the weights lower the target's loss, on average from \(means[0], decimals: 3) to \(means[1], decimals: 4). How to notice the shift: a classifier tells \(means[3] * 100, decimals: 0)% of held-out inputs apart, and without a shift it would be 50%.",
        "另外 20 次抽样中，有 \(improved) 次加权降低了目标上的损失，其平均值从 \(means[0], decimals: 3) 降到 \(means[1], decimals: 4)。怎样发现偏移：分类器能正确区分 \(means[3] * 100, decimals: 0)% 的留出输入；没有偏移时应为 50%。"
    )
    lab.check("improves", improved)
    lab.check("ratio", means[1] / means[0])
    lab.check("correlation", means[2])
    lab.check("accuracy", means[3])
    let (many, others, judges) = (sourceSample(20_000), targetSample(20_000), targetSample(20_000))
    lab.check("unweighted", loss(try line(many, Tensor.ones([20_000])), judges))
    lab.check("weighted", loss(try line(many, try importanceWeights(source: many.x, target: others.x)), judges))
    let far = sample(200, mean: 3, deviation: 0.3)
    let left = effectiveSampleSize(try importanceWeights(source: source.x, target: far.x))
    lab.say(
        "The source must have samples wherever the target has some. For a target around 3, only \(left, decimals: 0) of the 200 source samples count: no weight replaces what was never seen.",
        "凡是目标有样本的地方，源数据也必须有样本。若目标在 3 附近，200 个源样本中只有约 \(left, decimals: 0) 个起作用：从未见过的样本，权重补不上。")
    lab.check("far", left)
}
