import Foundation
import Yuyan

/// How wrong a prediction is: half the square of the error, its mean over the data, and why the square.
let squaredLossMean: Lab = Lab(
    "squared-loss-mean", "The squared loss and its mean", "平方损失及其均值",
    book: "3.1", note: .linearNetworks, part: "1.2, 3.2, 4.5",
    claims: [
        Claim("second", "loss of the second sample, ½(2 − 0)²", "第二个样本的损失 ½(2 − 0)²", .exactly(2)),
        Claim("third", "loss of the third sample, ½(3 − 0)²", "第三个样本的损失 ½(3 − 0)²", .exactly(4.5)),
        Claim("mean", "mean loss, (0 + 2 + 4.5) / 3", "损失的均值 (0 + 2 + 4.5) / 3", .exactly(6.5 / 3)),
        Claim("least", "never negative, and 0 only where the prediction is perfect", "从不为负，只有预测完全正确时才为 0", .yes),
        Claim("norm", "squared L2 norm of the errors, 0 + 4 + 9", "误差的平方 L2 范数 0 + 4 + 9", .exactly(13)),
        Claim("mse", "what the library calls the mean squared error, 13 / 3", "库中的均方误差 13 / 3", .exactly(13.0 / 3)),
        Claim(
            "wrong", "(wrong) mean of the n×n losses of a column and a vector", "（错误）列减向量所得 n×n 个损失的均值",
            .exactly(16.5 / 9)),
        Claim("hessian", "second derivatives and XᵀX/n: largest difference", "自动求导的二阶导数与 XᵀX/n 的最大差", .below(1e-5)),
        Claim("convex", "the loss is convex: smallest eigenvalue of XᵀX/n", "损失是凸函数：XᵀX/n 的最小特征值", .above(0)),
        Claim("likelihood", "the slope of least loss is the one of greatest likelihood", "损失最小的斜率就是似然最大的斜率", .yes),
    ],
    figures: ["normal", "slope"]
) { lab in
    func squaredLoss(_ prediction: Tensor, _ y: Tensor) -> Tensor {
        (prediction - y.reshaped(Array(prediction.shape))).squared() / 2
    }

    let prediction: Tensor = [[1.0], [2.0], [3.0]]
    let y: Tensor = [1.0, 0.0, 0.0]
    let losses = squaredLoss(prediction, y)
    lab.say(
        "Predictions 1, 2, 3 where 1, 0, 0 is right. The loss of each sample is l = ½(ŷ − y)², that of all is the mean:",
        "预测为 1、2、3，真实值为 1、0、0。每个样本的损失 l = ½(ŷ − y)²，整个数据集的损失取均值：")
    lab.print(losses)
    lab.print(losses.mean())
    lab.check("second", losses[1, 0])
    lab.check("third", losses[2, 0])
    lab.check("mean", losses.mean())
    let errors = Tensor.normal([1000])
    lab.check(
        "least",
        squaredLoss(errors, .zeros([1000])).min().item() > 0 && squaredLoss(prediction, prediction).max().item() == 0)

    // Two numbers with similar names.
    let error = prediction.flattened() - y
    let meanError = meanSquaredError(prediction.flattened(), y)
    lab.say(
        "One of the notes calls MSELoss the squared L2 norm. It is the mean of the squares: \(meanError.item(), decimals: 4) = 13/3, while the squared norm is \(error.squared().sum().item(), decimals: 0). The book's ½ is in neither.",
        "有一篇笔记把 MSELoss 称为平方 L2 范数。其实它是平方的均值：\(meanError.item(), decimals: 4) = 13/3；平方 L2 范数是 \(error.squared().sum().item(), decimals: 0)。两者都没有书中的系数 ½。"
    )
    lab.check("norm", error.norm() * error.norm())
    lab.check("mse", meanError)

    // Shapes: a vector is neither a row nor a column.
    let table = (prediction - y).squared() / 2
    lab.say(
        "A vector of shape \(y.shape) has one axis: it is no row vector, which would be [1, 3], and no column, [3, 1]. A column minus a vector therefore is broadcast to \(table.shape), every prediction minus every label, and the mean of that says nothing. So y is reshaped first.",
        "形状为 \(y.shape) 的向量只有一个轴：它不是行向量（[1, 3]），也不是列向量（[3, 1]）。列减去向量会广播成 \(table.shape)，即每个预测减去每个标签，其均值毫无意义。因此要先改变 y 的形状。"
    )
    lab.print(table)
    lab.check("wrong", table.mean())

    // A bowl: the second derivatives of the mean loss over (w, b) make a matrix without a negative eigenvalue.
    let features = Tensor.normal([100, 2])
    let targets = features.matmul(Tensor([2, -3.4])) + Tensor.normal([100])
    func loss(_ w: Tensor) -> Tensor { squaredLoss(features.matmul(w), targets).mean() }
    let hessian = stack(
        (0..<2).map { row in gradient(of: { w in gradient(of: loss, at: w)[row] }, at: Tensor([0.5, 1])) })
    lab.check("hessian", (hessian - features.transposed().matmul(features) / 100).abs().max())
    let (a, c, d) = (hessian[0, 0].item(), hessian[0, 1].item(), hessian[1, 1].item())
    let smallest = (a + d - ((a - d) * (a - d) + 4 * c * c).squareRoot()) / 2
    lab.say(
        "One of the notes calls this loss 凹, the word that Chinese mathematics uses for concave. It is convex, a bowl: the matrix of its second derivatives is XᵀX/n, whose eigenvalues are never negative; here the smaller is \(smallest, decimals: 3). So a point where the slope is 0 is the lowest.",
        "有一篇笔记说平方损失是凹函数。按通常的定义它是凸函数，像一只碗：二阶导数矩阵是 XᵀX/n，特征值不会为负，这里较小的一个是 \(smallest, decimals: 3)。因此导数为 0 的点就是最低点。")
    lab.check("convex", smallest)

    func density(_ x: Double, _ mean: Double, _ deviation: Double) -> Double {
        exp(-pow((x - mean) / deviation, 2) / 2) / (deviation * (2 * Double.pi).squareRoot())
    }
    lab.say(
        "Why the square? It belongs to noise from a normal distribution, whose density falls as exp(−½(x − μ)²/σ²):",
        "为什么用平方？它对应服从正态分布的噪声，其密度按 exp(−½(x − μ)²/σ²) 下降：")
    let points = Array(stride(from: -7, to: 7, by: 0.1))
    lab.show("normal") { t in
        .curves(
            t("Normal distributions", "正态分布"),
            [(0, 1), (0, 2), (3, 1)].map { mean, deviation in
                Curve(
                    "μ = \(Int(mean)), σ = \(Int(deviation))", x: points, y: points.map { density($0, mean, deviation) }
                )
            }, x: Axis("x"), y: Axis(t("density", "密度")))
    }
    // Thirty points of a line with noise: which slope makes them most likely?
    let x = Tensor.normal([30]).array(of: Double.self)
    let values = zip(x, Tensor.normal([30]).array(of: Double.self)).map { 2 * $0 + $1 }
    let slopes = Array(stride(from: 0, through: 4, by: 0.05))
    let likelihoods = slopes.map { slope in zip(x, values).map { log(density($1, slope * $0, 1)) }.reduce(0, +) }
    let sums = slopes.map { slope in zip(x, values).map { pow(slope * $0 - $1, 2) / 2 }.reduce(0, +) }
    let best = slopes.indices.max { likelihoods[$0] < likelihoods[$1] }!
    lab.say(
        "If y = wx + ε with normal noise ε, the logarithm of the probability of all points is minus the sum of the squared losses, plus a constant. So the slope \(slopes[best], decimals: 2) that makes the points most likely is that of the least loss.",
        "如果 y = wx + ε，噪声 ε 服从正态分布，那么所有点的概率的对数等于平方损失之和的相反数加一个常数。所以使这些点出现可能性最大的斜率 \(slopes[best], decimals: 2)，也是损失最小的斜率。"
    )
    lab.show("slope") { t in
        .curves(
            t("Loss and likelihood of a slope", "斜率的损失与似然"),
            [
                Curve(t("sum of the losses", "损失之和"), x: slopes, y: sums),
                Curve(t("−log likelihood", "负对数似然"), x: slopes, y: likelihoods.map { -$0 }),
            ], x: Axis(t("slope", "斜率")), y: Axis(t("sum over the points", "各点之和")))
    }
    lab.check("likelihood", best == slopes.indices.min { sums[$0] < sums[$1] })
}
