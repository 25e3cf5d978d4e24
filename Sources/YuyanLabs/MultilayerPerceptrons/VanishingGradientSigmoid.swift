import Foundation
import Yuyan

/// The slope of the sigmoid is at most a quarter, and ten of them in a row leave a gradient of nothing.
let vanishingGradientSigmoid: Lab = Lab(
    "vanishing-gradient-sigmoid", "Vanishing gradients: the sigmoid", "梯度消失：sigmoid",
    book: "4.8", note: .multilayerPerceptrons, part: "4.1",
    claims: [
        Claim("peak", "slope at 0", "0 处的导数", .exactly(0.25)),
        Claim("edge", "slope at −8", "−8 处的导数", .exactly(3.3524e-4)),
        Claim("formula", "largest distance of the gradient from σ(1 − σ)", "梯度与 σ(1 − σ) 的最大差", .below(1e-6)),
        Claim(
            "bell", "the bell is symmetric: largest difference of the slopes at x and −x", "钟形对称：x 与 −x 处导数的最大差",
            .below(1e-6)),
        Claim("chain", "ten in a row multiply by at most 0.25¹⁰", "连续十个的乘积上限 0.25¹⁰", .exactly(9.5367e-7)),
        Claim(
            "stuck", "10 sigmoid layers: part of the loss that is left after 200 steps", "10 层 sigmoid：200 步后损失剩下的比例",
            .within(0.98...1.02)),
        Claim("moves", "10 ReLU layers with He's weights: the same", "10 层 ReLU 加 He 初始化：同上", .below(0.5)),
        Claim(
            "ratio", "update beside weight, first layer: sigmoid in parts of ReLU", "第一层的更新与权重之比：sigmoid 相对 ReLU",
            .below(1e-4)),
    ],
    figures: ["sigmoid", "training", "updates"]
) { lab in
    let x = Parameter(Tensor.arange(-8, 8, step: 0.1))
    let y = x.sigmoid()
    y.backward(Tensor.ones(like: y))
    let slope = x.gradient!
    let (points, values, slopes) = (
        x.value.array(of: Double.self), y.array(of: Double.self), slope.array(of: Double.self)
    )
    lab.say(
        "The sigmoid at \(points.count) points from −8 on, and its gradient by backward():",
        "sigmoid 在从 −8 开始的 \(points.count) 个点上的值，以及 backward() 得到的梯度：")
    lab.show("sigmoid") { t in
        .curves(
            t("Sigmoid and its gradient", "sigmoid 及其梯度"),
            [Curve("sigmoid", x: points, y: values), Curve(t("gradient", "梯度"), x: points, y: slopes)], x: Axis("x"))
    }
    lab.check("peak", slopes[80])
    lab.check("edge", slopes[0])
    lab.check("formula", (slope - y.detached() * (1 - y.detached())).abs().max())
    let differences = (1..<80).map { (offset: Int) -> Double in abs(slopes[80 + offset] - slopes[80 - offset]) }
    lab.check("bell", differences.max()!)
    lab.check("chain", pow(slopes[80], 10))

    // Ten layers of 32 units learn the sum of their inputs.
    let inputs = Tensor.normal([128, 32])
    let targets = inputs.mean(axis: 1, keepDimensions: true) * 4
    func train(_ activation: () -> Layer, _ weights: Initializer) -> (losses: [Double], ratios: [Double]) {
        let layers = (0..<10).flatMap { _ -> [Layer] in [Linear(inputSize: 32, outputSize: 32), activation()] }
        let net = Sequential(layers + [Linear(inputSize: 32, outputSize: 1)])
        for case let layer as Linear in net { layer.weight.initialize(weights) }
        let optimizer = SGD(net.parameters(), learningRate: 0.01)
        var (losses, ratios): ([Double], [Double]) = ([], [])
        for step in 0..<200 {
            let loss = meanSquaredError(net(inputs), targets)
            optimizer.zeroGradients()
            loss.backward()
            if step == 0 {
                // How far a step moves a weight, beside the weight's size.
                ratios = net.compactMap { $0 as? Linear }.map {
                    0.01 * $0.weight.gradient!.norm().item() / $0.weight.value.norm().item()
                }
            }
            optimizer.step()
            losses.append(loss.item())
        }
        return (losses, ratios)
    }
    let sigmoid = train({ Sigmoid() }, .xavierUniform())
    let relu = train({ ReLU() }, .kaimingNormal())
    lab.say(
        "Ten layers of 32 units, 200 steps: with sigmoids the loss stays at \(sigmoid.losses[199], decimals: 4); with ReLU and He's weights it falls from \(relu.losses[0], decimals: 3) to \(relu.losses[199], decimals: 3).",
        "10 层、每层 32 个单元，训练 200 步：用 sigmoid 时损失停在 \(sigmoid.losses[199], decimals: 4)；用 ReLU 和 He 初始化时从 \(relu.losses[0], decimals: 3) 降到 \(relu.losses[199], decimals: 3)。"
    )
    lab.show("training") { t in
        .curves(
            t("Loss of ten layers", "十层网络的损失"), [Curve("sigmoid", sigmoid.losses), Curve("ReLU", relu.losses)],
            x: Axis(t("step", "步")), y: Axis(t("loss", "损失")))
    }
    lab.say(
        "Why: how far the first step moves the weights of each layer, beside their size.", "原因：第一步使每层权重移动多少（与权重大小之比）。")
    lab.show("updates") { t in
        .curves(
            t("Update beside weight, layer by layer", "各层的更新与权重之比"),
            [Curve("sigmoid", sigmoid.ratios), Curve("ReLU", relu.ratios)], x: Axis(t("layer", "层")),
            y: Axis(t("‖update‖ / ‖weight‖", "‖更新‖ / ‖权重‖"), scale: .logarithmic))
    }
    // The output bias learns the targets' mean in both; what is left after that is what the layers must learn.
    lab.check("stuck", sigmoid.losses[199] / sigmoid.losses[20])
    lab.check("moves", relu.losses[199] / relu.losses[0])
    lab.check("ratio", sigmoid.ratios[0] / relu.ratios[0])
}
