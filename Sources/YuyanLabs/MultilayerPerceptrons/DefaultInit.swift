import Foundation
import Yuyan

/// What a layer's parameters are if nobody sets them.
let defaultInit: Lab = Lab(
    "default-init", "Default initialization", "默认初始化",
    book: "4.8", note: .multilayerPerceptrons, part: "4.2",
    claims: [
        // Of 8,000 numbers from U(−1, 1), the largest is above 0.99, but for a chance of 10⁻³⁵.
        Claim(
            "bound", "Linear(256, 128): largest |w| in parts of 1/√256", "Linear(256, 128)：最大的 |w| 与 1/√256 之比",
            .within(0.99...1)),
        Claim("deviation", "its standard deviation in parts of bound/√3", "其标准差与理论值（界/√3）之比", .near(1, margin: 0.05)),
        Claim(
            "narrow", "Linear(64, 128): largest |w| in parts of 1/√64", "Linear(64, 128)：最大的 |w| 与 1/√64 之比",
            .within(0.99...1)),
        Claim(
            "convolution", "convolution of 16 channels, 4 × 4: largest |w| in parts of 1/√(16 · 4 · 4)",
            "16 通道、4 × 4 的卷积：最大的 |w| 与 1/√(16 · 4 · 4) 之比", .within(0.99...1)),
        Claim(
            "convolutionDeviation", "its standard deviation in parts of bound/√3", "其标准差与理论值（界/√3）之比",
            .near(1, margin: 0.05)),
        // Of 128 such numbers, the largest is above 0.9, but for a chance of 10⁻⁶.
        Claim(
            "bias", "Linear(256, 128): largest |b| in parts of 1/√256", "Linear(256, 128)：最大的 |b| 与 1/√256 之比",
            .within(0.9...1)),
        Claim(
            "kaiming", "Kaiming's uniform numbers with slope √5: largest difference from the default",
            "斜率为 √5 的 Kaiming 均匀初始化：与默认值的最大差", .below(1e-6)),
        Claim(
            "variance", "variance after one linear layer, in parts of the input's: a third", "经过一个线性层后的方差与输入方差之比：三分之一",
            .near(0.3333, margin: 0.03)),
    ],
    figures: ["weights"]
) { lab in
    // Fan-in: how many numbers flow into one output. The bound of the uniform numbers is 1/√fan-in.
    let layers: [(name: String, weight: Parameter, bias: Parameter, fanIn: Int)] = [
        ("Linear(256, 128)", Linear(inputSize: 256, outputSize: 128)),
        ("Linear(64, 128)", Linear(inputSize: 64, outputSize: 128)),
    ].map { ($0, $1.weight, $1.bias!, $1.weight.shape[1]) }
    let convolution = Conv2D(inputChannels: 16, outputChannels: 32, kernelSize: 4)
    let all = layers + [("Conv2D(16, 32, 4 × 4)", convolution.weight, convolution.bias!, 16 * 4 * 4)]
    func inBounds(_ values: Parameter, _ fanIn: Int) -> Double {
        values.value.abs().max().item() * Double(fanIn).squareRoot()
    }
    func deviation(_ weight: Parameter, _ fanIn: Int) -> Double {
        weight.value.standardDeviation().item() * (3 * Double(fanIn)).squareRoot()
    }
    lab.say(
        "Without any word about initialization, weights and biases come from U(−1/√n, 1/√n), where n, the fan-in, is the number of inputs of one output:",
        "不指定初始化方法时，权重和偏置取自 U(−1/√n, 1/√n)，其中 n（扇入）是一个输出所接收的输入个数：")
    lab.table(
        [
            Words("layer", "层"), Words("fan-in", "扇入"), Words("bound", "界"), Words("largest |w|", "最大的 |w|"),
            Words("deviation", "标准差"),
        ],
        all.map {
            [
                Words($0.name, $0.name), "\($0.fanIn)", "\(1 / Double($0.fanIn).squareRoot(), decimals: 4)",
                "\($0.weight.value.abs().max().item(), decimals: 4)",
                "\($0.weight.value.standardDeviation().item(), decimals: 4)",
            ]
        })
    lab.show("weights") { t in
        .histogram(
            t("Weights as the layers come", "各层的初始权重"), layers.map { ValueGroup($0.name, $0.weight.value) },
            binCount: 40, x: Axis(t("weight", "权重")), y: Axis(t("count", "个数")))
    }
    lab.check("bound", inBounds(all[0].weight, 256))
    lab.check("deviation", deviation(all[0].weight, 256))
    lab.check("narrow", inBounds(all[1].weight, 64))
    lab.check("convolution", inBounds(all[2].weight, 256))
    lab.check("convolutionDeviation", deviation(all[2].weight, 256))
    lab.check("bias", inBounds(all[0].bias, 256))

    // PyTorch calls the same Kaiming's uniform initialization with a = √5: √(6 / ((1 + 5) n)) = 1/√n.
    let plain = withSeed(lab.seed) { Linear(inputSize: 256, outputSize: 128).weight.value }
    let named = withSeed(lab.seed) { Initializer.kaimingUniform(negativeSlope: 5.0.squareRoot()).tensor([128, 256]) }
    lab.check("kaiming", (plain - named).abs().max())

    // Such a weight has the variance 1/(3n): the sum of n products has a third of the input's.
    let x = Tensor.normal([500, 256])
    let variance = linear(x, weight: all[0].weight.value).variance().item() / x.variance().item()
    lab.say(
        "One linear layer leaves \(variance, decimals: 3) of the variance of its input. That is too little for deep networks: see xavier-init and deep-net-activation-choice.",
        "经过一个线性层后，方差只剩输入的 \(variance, decimals: 3)。对深层网络来说太小：见 xavier-init 和 deep-net-activation-choice。")
    lab.check("variance", variance)
}
