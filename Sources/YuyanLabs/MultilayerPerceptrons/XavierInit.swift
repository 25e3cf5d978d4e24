import Foundation
import Yuyan

/// Xavier's weights: neither the values on the way forward nor the gradients on the way back grow or fade.
let xavierInit: Lab = Lab(
    "xavier-init", "Xavier initialization", "Xavier 初始化",
    book: "4.8", note: .multilayerPerceptrons, part: "4.2",
    claims: [
        Claim(
            "normal", "normal: variance of weights × (n_in + n_out)/2", "正态：权重方差 × (n_in + n_out)/2",
            .near(1, margin: 0.05)),
        Claim("uniform", "uniform: the same", "均匀：同上", .near(1, margin: 0.05)),
        // Fans of a convolution: channels × 3 × 3.
        Claim("convolution", "the library's for a convolution: the same", "库函数，卷积层：同上", .near(1, margin: 0.05)),
        Claim("library", "from scratch beside the library: largest difference", "从零实现与库函数的最大差", .below(1e-6)),
        Claim("forward", "10 layers: variance of output / input", "10 层：输出方差与输入方差之比", .within(0.3334...3)),
        Claim("explodes", "the same with N(0, 1)", "同上，N(0, 1)", .above(1e15)),
        Claim("vanishes", "the same with N(0, 0.01²)", "同上，N(0, 0.01²)", .below(1e-19)),
        Claim("backward", "10 layers: variance of first / last gradient", "10 层：首层与末层的梯度方差之比", .within(0.3334...3)),
        Claim("growing", "10 layers from 64 to 256 units: the same", "10 层，单元数从 64 增到 256：同上", .within(0.3334...3)),
        // A stack's factor scatters by 9 %, because the sums of one layer do not average out.
        Claim("forwardOnly", "the same with N(0, 1/n_in), about 256/64", "同上，N(0, 1/n_in)，约为 256/64", .within(2.5...6)),
        Claim(
            "law", "one layer with n_out = 4n_in: gradient's variance by 2n_out/(n_in + n_out)",
            "n_out = 4n_in 的一层：梯度方差乘以 2n_out/(n_in + n_out)", .near(1.6, margin: 0.16)),
    ],
    figures: ["xavier", "large", "small"]
) { lab in
    // From scratch: weights [n_out, n_in] of variance 2/(n_in + n_out). U(−a, a) has the variance a²/3.
    func xavierNormal(_ inputs: Int, _ outputs: Int) -> Tensor {
        .normal([outputs, inputs], standardDeviation: (2 / Double(inputs + outputs)).squareRoot())
    }
    func xavierUniform(_ inputs: Int, _ outputs: Int) -> Tensor {
        let bound = (6 / Double(inputs + outputs)).squareRoot()
        return .uniform([outputs, inputs], in: -bound..<bound)
    }
    lab.check("normal", xavierNormal(256, 128).variance().item() / (2.0 / 384))
    lab.check("uniform", xavierUniform(256, 128).variance().item() / (2.0 / 384))
    let kernels = Initializer.xavierUniform().tensor([64, 32, 3, 3])
    lab.check("convolution", kernels.variance().item() / (2.0 / (96 * 9)))
    let pairs: [(() -> Tensor, Initializer)] = [
        ({ xavierNormal(256, 128) }, .xavierNormal()), ({ xavierUniform(256, 128) }, .xavierUniform()),
    ]
    lab.check(
        "library",
        pairs.map { own, library in
            (withSeed(lab.seed) { own() } - withSeed(lab.seed) { library.tensor([128, 256]) }).abs().max().item()
        }.max()!)

    // A stack of ten linear layers: what comes out of each, and how the gradient changes on its way back.
    typealias Weights = (_ inputs: Int, _ outputs: Int) -> Tensor
    func pass(_ widths: [Int], _ weights: Weights) -> (values: [Tensor], backward: Double) {
        let x = Parameter(Tensor.normal([128, widths[0]]))
        var values: [Tensor] = []
        var h = x.tensor
        for (inputs, outputs) in zip(widths, widths.dropFirst()) {
            h = linear(h, weight: weights(inputs, outputs))
            values.append(h)
        }
        let last = Tensor.normal(h.shape)
        h.backward(last)
        return (
            values.map { $0.detached() / x.value.standardDeviation() },
            (x.gradient!.variance() / last.variance()).item()
        )
    }
    let square = [Int](repeating: 64, count: 11)
    func constant(_ deviation: Double) -> Weights { { .normal([$1, $0], standardDeviation: deviation) } }
    let (xavier, large, small) = (pass(square, xavierNormal), pass(square, constant(1)), pass(square, constant(0.01)))
    func variances(_ run: (values: [Tensor], backward: Double)) -> [Double] { run.values.map { $0.variance().item() } }
    let (kept, grown, faded) = (variances(xavier), variances(large), variances(small))
    lab.say(
        "Ten linear layers of 64 units: variance of what comes out of them, in parts of the input's. An output adds up n_in products, so its variance is n_inσ² times the input's.",
        "10 个线性层、每层 64 个单元：各层输出的方差与输入方差之比。每个输出是 n_in 个乘积之和，所以方差每层乘以 n_inσ²。")
    lab.table(
        [Words("layer", "层"), "Xavier", "N(0, 1)", "N(0, 0.01²)"],
        [1, 2, 5, 10].map {
            ["\($0)", "\(kept[$0 - 1], digits: 3)", "\(grown[$0 - 1], digits: 3)", "\(faded[$0 - 1], digits: 3)"]
        })
    for (name, title, run) in [
        ("xavier", "Xavier", xavier), ("large", "N(0, 1)", large), ("small", "N(0, 0.01²)", small),
    ] {
        lab.show(name) { t in
            .histogram(
                t("Sizes of values, \(title)", "各层数值的大小，\(title)"),
                [1, 5, 10].map { layer in
                    ValueGroup(t("layer \(layer)", "第 \(layer) 层"), run.values[layer - 1].abs().log() / log(10.0))
                }, binCount: 40, x: Axis("log₁₀ |h|"), y: Axis(t("count", "个数")))
        }
    }
    lab.check("forward", kept[9])
    lab.check("explodes", grown[9])
    lab.check("vanishes", faded[9])
    lab.check("backward", xavier.backward)

    // On the way back, n_out products are added up: n_outσ². With unequal sizes no σ² fits both; Xavier's is between.
    let growing = (0...10).map { Int((64 * pow(4, Double($0) / 10)).rounded()) }
    let (fair, oneSided) = (
        pass(growing, xavierNormal).backward,
        pass(growing) { .normal([$1, $0], standardDeviation: (1 / Double($0)).squareRoot()) }.backward
    )
    let single = pass([64, 256], xavierNormal).backward
    lab.say(
        "On the way back the sums have n_out terms. Ten layers that grow from 64 to 256 units multiply the gradient's variance by \(oneSided, decimals: 2) with N(0, 1/n_in), which only looks forward, and by \(fair, decimals: 2) with Xavier's weights.",
        "反向时求和的项数是 n_out。单元数从 64 增到 256 的 10 层网络，用只顾前向的 N(0, 1/n_in) 时梯度方差变为 \(oneSided, decimals: 2) 倍，用 Xavier 初始化时为 \(fair, decimals: 2) 倍。"
    )
    lab.say(
        "One of the notes says that the variance of gradients does not depend on the number of outputs. That is so where n_out = n_in; elsewhere a layer multiplies it by 2n_out/(n_in + n_out), \(single, decimals: 2) for n_out = 4n_in, and never by 2 or more.",
        "有一篇笔记说梯度的方差不受输出数量的影响。这在 n_out = n_in 时成立；否则每层乘以 2n_out/(n_in + n_out)，当 n_out = 4n_in 时为 \(single, decimals: 2)，但总小于 2。"
    )
    lab.check("growing", fair)
    lab.check("forwardOnly", oneSided)
    lab.check("law", single)
}
