import Foundation
import Yuyan

/// A product of 100 random matrices has 25 digits, and a network that begins like that is lost after its first step.
let explodingGradientMatrices: Lab = Lab(
    "exploding-gradient-matrices", "Exploding gradients: a product of matrices", "梯度爆炸：矩阵的连乘",
    book: "4.8", note: .multilayerPerceptrons, part: "4.1",
    claims: [
        Claim("largest", "log₁₀ of the largest element after 100 products", "连乘 100 次后最大元素的 log₁₀", .within(18...32)),
        Claim("finite", "and Float32 still holds all of them", "此时 Float32 仍能表示所有元素", .yes),
        // The log of the length of a vector grows by ½(ψ(2) + ln 2) = 0.558 on average for a 4 × 4 matrix of N(0, 1), with
        // a deviation of ½√ψ′(2) = 0.40 each time: 4 % for the mean of 100. (Cohen and Newman, 1984)
        Claim("factor", "growth with each product, about 1.75", "每乘一次的增长倍数，约为 1.75", .near(1.747, margin: 0.28)),
        Claim(
            "update", "N(0, 1): the first step beside the weights, smallest of the layers",
            "N(0, 1)：第一步的更新与权重之比，各层的最小值",
            .above(1000)),
        // Weights of N(0, 1) are 4 times as large as He's for 32 inputs: each of ten layers multiplies by 4 more.
        Claim(
            "beside", "the same in parts of He's, smallest of the layers", "同上，与 He 初始化之比，各层的最小值",
            .above(100_000)),
        Claim("lost", "N(0, 1): steps until the loss is no finite number", "N(0, 1)：经过几步损失不再是有限的数", .below(5)),
        Claim("learns", "He: loss after 50 steps in parts of the first", "He 初始化：50 步后的损失与最初之比", .below(0.8)),
    ],
    figures: ["product", "updates"]
) { lab in
    var product = Tensor.normal([4, 4])
    lab.say("A matrix of numbers from N(0, 1):", "一个元素取自 N(0, 1) 的矩阵：")
    lab.print(product)
    var largest = [product.abs().max().item()]
    for _ in 1...100 {
        product = product.matmul(Tensor.normal([4, 4]))
        largest.append(product.abs().max().item())
    }
    lab.say("The same after it was multiplied by 100 other ones:", "乘以另外 100 个这样的矩阵之后：")
    lab.print(product)
    lab.show("product") { t in
        .curves(
            t("Largest element of the product", "乘积中的最大元素"),
            [Curve("max |M|", x: (0...100).map(Double.init), y: largest)],
            x: Axis(t("matrices multiplied", "相乘的矩阵个数")), y: Axis(t("size", "大小"), scale: .logarithmic))
    }
    lab.check("largest", log10(largest[100]))
    lab.check("finite", largest[100].isFinite)
    lab.check("factor", pow(largest[100] / largest[0], 1.0 / 100))

    // A gradient is such a product, too: one matrix for each layer that it comes back through. Ten layers of 32 units:
    let inputs = Tensor.normal([128, 32])
    let targets = inputs.mean(axis: 1, keepDimensions: true) * 4
    func train(_ weights: Initializer) -> (losses: [Double], ratios: [Double]) {
        let layers = (0..<10).flatMap { _ -> [Layer] in [Linear(inputSize: 32, outputSize: 32), ReLU()] }
        let net = Sequential(layers + [Linear(inputSize: 32, outputSize: 1)])
        for case let layer as Linear in net { layer.weight.initialize(weights) }
        let optimizer = SGD(net.parameters(), learningRate: 0.01)
        var (losses, ratios): ([Double], [Double]) = ([], [])
        for step in 0...50 {
            let loss = meanSquaredError(net(inputs), targets)
            losses.append(loss.item())
            guard loss.item().isFinite else { break }
            optimizer.zeroGradients()
            loss.backward()
            if step == 0 {
                ratios = net.compactMap { $0 as? Linear }.map {
                    0.01 * $0.weight.gradient!.norm().item() / $0.weight.value.norm().item()
                }
            }
            optimizer.step()
        }
        return (losses, ratios)
    }
    let (exploding, good) = (train(.normal()), train(.kaimingNormal()))
    lab.say(
        "Ten layers of 32 ReLU units, learning rate 0.01. Weights from N(0, 1): the loss begins at \(exploding.losses[0], digits: 3), and the first step moves weights by \(exploding.ratios.min()!, digits: 2) times their size or more. He's weights: from \(good.losses[0], digits: 3), by \(good.ratios.max()!, digits: 2) or less.",
        "10 层、每层 32 个 ReLU 单元，学习率 0.01。权重取自 N(0, 1) 时，损失从 \(exploding.losses[0], digits: 3) 开始，第一步对权重的改动至少是权重大小的 \(exploding.ratios.min()!, digits: 2) 倍；用 He 初始化时，损失从 \(good.losses[0], digits: 3) 开始，改动至多是 \(good.ratios.max()!, digits: 2) 倍。"
    )
    lab.show("updates") { t in
        .curves(
            t("First update beside weight", "第一步的更新与权重之比"),
            [Curve("N(0, 1)", exploding.ratios), Curve("He", good.ratios)], x: Axis(t("layer", "层")),
            y: Axis(t("‖update‖ / ‖weight‖", "‖更新‖ / ‖权重‖"), scale: .logarithmic))
    }
    func row(_ losses: [Double]) -> [Words] {
        [0, 1, 2, 10, 50].map { step in
            guard step < losses.count else { return "–" }
            return losses[step].isFinite ? "\(losses[step], digits: 3)" : Words("not finite", "非有限")
        }
    }
    lab.table(
        [Words("loss after step", "各步后的损失"), "0", "1", "2", "10", "50"],
        [["N(0, 1)"] + row(exploding.losses), ["He"] + row(good.losses)])
    lab.say(
        "An update so much larger than the weight throws away what was there, and each further step is larger still; an update that is too small moves nothing (see vanishing-gradient-sigmoid).",
        "更新比权重大这么多，原有的权重就荡然无存，而且一步比一步更大；更新太小则寸步难移（见 vanishing-gradient-sigmoid）。")
    lab.check("update", exploding.ratios.min()!)
    lab.check("beside", zip(exploding.ratios, good.ratios).map { $0 / $1 }.min()!)
    lab.check("lost", exploding.losses.last!.isFinite ? .infinity : Double(exploding.losses.count - 1))
    lab.check("learns", good.losses.last! / good.losses[0])
}
