import Foundation
import Yuyan

/// The edge kernel need not be thought up: it can be learned from a picture and its edges.
let learnKernel: Lab = Lab(
    "learn-kernel", "Learning a kernel from data", "由数据学习卷积核",
    book: "6.2", note: .convolutionsAndTranslation, part: "Task05",
    claims: [
        // Along (1, 1) each step multiplies the error by 1 − 0.03 · 60 = −0.8, along (1, −1) by 1 − 0.03 · 12 = 0.64; from
        // U(±1/√2) on, 10 steps leave at most 0.8¹⁰/√2 + 0.64¹⁰ · 1.71 = 0.096 of each weight's error.
        Claim("kernel", "largest error of a weight after 10 steps", "10 步后权重的最大误差", .below(0.1)),
        // 30 · 1² · 0.8²⁰ + 6 · 2.41² · 0.64²⁰
        Claim("loss", "summed squared error after 10 steps", "10 步后的平方误差之和", .below(0.351)),
        Claim(
            "predicted", "its distance from what the two factors foretell", "它与由两个因子算出的损失之差", .below(1e-3)),
        Claim("limit", "greatest rate that can converge: 2 / 60", "能收敛的最大学习率 2 / 60", .exactly(1.0 / 30)),
        Claim(
            "gradient", "first gradient: largest distance from −2 Σ (y − ŷ) x", "第一步梯度与 −2 Σ (y − ŷ) x 的最大差",
            .below(1e-3)),
    ],
    figures: ["loss", "kernels"]
) { lab in
    // The picture of the edges' lab, and its edges by [1, −1].
    var picture = Tensor.ones([1, 1, 6, 8])
    picture[0, 0, 0..<6, 2..<6] = Tensor.zeros([6, 4])
    let edges = conv2D(picture, weight: Tensor([1.0, -1]).reshaped([1, 1, 1, 2]))

    let layer = Conv2D(inputChannels: 1, outputChannels: 1, kernelSize: [1, 2], hasBias: false)
    let rate = 3e-2
    let start = layer.weight.value.array(of: Double.self)
    var (losses, kernels) = ([Double](), [start])
    for step in 0..<10 {
        let loss = (layer(picture) - edges).squared().sum()
        layer.weight.gradient = nil
        loss.backward()
        if step == 0 {
            // The gradient by hand: each weight sees the columns that lie under it.
            let error = edges - layer(picture).detached()
            let columns = [picture[0, 0, 0..<6, 0..<7], picture[0, 0, 0..<6, 1..<8]]
            let byHand = stack(columns.map { ($0 * error.squeezed()).sum() * -2 })
            lab.check("gradient", (layer.weight.gradient!.flattened() - byHand).abs().max())
        }
        layer.weight.value -= layer.weight.gradient! * rate
        losses.append(loss.item())
        kernels.append(layer.weight.value.array(of: Double.self))
    }
    losses.append(withoutGradients { (layer(picture) - edges).squared().sum().item() })
    lab.say(
        "A layer with two random weights is shown the picture and its edges. Gradient descent on the summed squared error, rate \(rate):",
        "给一个只有两个随机权重的卷积层看图像及其边缘，对平方误差之和做梯度下降，学习率 \(rate)：")
    lab.table(
        [Words("steps", "步数"), Words("loss", "损失"), Words("weight 1", "权重 1"), Words("weight 2", "权重 2")],
        stride(from: 0, through: 10, by: 2).map {
            ["\($0)", "\(losses[$0], decimals: 4)", "\(kernels[$0][0], decimals: 4)", "\(kernels[$0][1], decimals: 4)"]
        })

    // The error e of the weights makes the loss 30 a² + 6 b², where a and b are its parts along (1, 1) and (1, −1): each
    // row of the picture has two pairs (1, 1), one (1, 0) and one (0, 1). Slopes are twice that.
    let (e1, e2) = (start[0] - 1, start[1] + 1)
    let (a, b) = ((e1 + e2) / 2.0.squareRoot(), (e1 - e2) / 2.0.squareRoot())
    let (factorA, factorB) = (1 - rate * 60, 1 - rate * 12)
    let predicted = (0...10).map {
        30 * pow(a * pow(factorA, Double($0)), 2) + 6 * pow(b * pow(factorB, Double($0)), 2)
    }
    lab.say(
        "Each step multiplies the error of the weights' sum by \(factorA, decimals: 2) (it swings about its goal), and that of their difference by \(factorB, decimals: 2). The loss that follows from these two numbers is the one that is measured: the two curves lie on each other. With a rate above 2/60 the swing would grow.",
        "每走一步，两权重之和的误差乘以 \(factorA, decimals: 2)（在目标两侧摆动），两权重之差的误差乘以 \(factorB, decimals: 2)。由这两个数推算出的损失与实际的损失一致，两条曲线重合。学习率超过 2/60 时，摆动会越来越大。"
    )
    lab.show("loss") { t in
        let steps = (0...10).map(Double.init)
        return .curves(
            t("Learning a kernel", "学习卷积核"),
            [Curve(t("measured", "实际"), x: steps, y: losses), Curve(t("foretold", "推算"), x: steps, y: predicted)],
            x: Axis(t("step", "步")), y: Axis(t("summed squared error", "平方误差之和"), scale: .logarithmic))
    }
    lab.show("kernels") { t in
        .heatMap(
            t("The kernel before and after training", "训练前后的卷积核"),
            [start, kernels[10], [1, -1]], rows: [t("before", "训练前"), t("after", "训练后"), t("true", "真实")],
            columns: ["1", "2"], columnTitle: t("weight", "权重"), showsValues: true)
    }
    lab.check("kernel", max(abs(kernels[10][0] - 1), abs(kernels[10][1] + 1)))
    lab.check("loss", losses[10])
    lab.check("predicted", abs(losses[10] - predicted[10]))
    // The steepest direction is (1, 1): its slope is that of all pairs (1, 1) and both single ones.
    let pairs = stack([picture[0, 0, 0..<6, 0..<7].flattened(), picture[0, 0, 0..<6, 1..<8].flattened()])
    let curvature = 2 * pairs.matmul(pairs.transposed())
    let direction = Tensor([1.0, 1]) / 2.0.squareRoot()
    lab.check("limit", 2 / direction.matmul(curvature.matmul(direction)).item())
}
