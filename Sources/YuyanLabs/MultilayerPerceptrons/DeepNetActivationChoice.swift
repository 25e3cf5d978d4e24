import Foundation
import Yuyan

/// Twenty layers with sigmoid, tanh and ReLU: which of them let a gradient come back, and with which first weights.
let deepNetActivationChoice: Lab = Lab(
    "deep-net-activation-choice", "Activations for deep networks", "深层网络的激活函数",
    book: "4.8", note: .convolutionsAndTranslation, part: "Task03",
    claims: [
        Claim("reluSlope", "largest slope of ReLU", "ReLU 的最大导数", .exactly(1)),
        Claim("sigmoidSlope", "largest slope of the sigmoid", "sigmoid 的最大导数", .exactly(0.25)),
        Claim("tanhSlope", "largest slope of tanh", "tanh 的最大导数", .exactly(1)),
        Claim("zero", "slope of ReLU at 0", "ReLU 在 0 处的导数", .exactly(0)),
        Claim(
            "related", "tanh(x) + 1 = 2σ(2x): largest difference", "tanh(x) + 1 = 2σ(2x)：最大差", .below(1e-6)),
        Claim(
            "sigmoid", "sigmoid: gradient that is left after 20 layers, best of three initializations",
            "sigmoid：经过 20 层后剩下的梯度，三种初始化中最好的", .below(1e-8)),
        Claim("relu", "ReLU with He's weights: the same", "ReLU 加 He 初始化：同上", .within(0.1...10)),
        Claim("tanh", "tanh with Xavier's weights: the same", "tanh 加 Xavier 初始化：同上", .within(0.03...1)),
        Claim(
            "depends", "tanh: Xavier's weights beside the default ones", "tanh：Xavier 初始化与默认初始化之比", .above(1000)),
    ],
    figures: ["activations", "slopes", "gradients"]
) { lab in
    let activations: [(name: String, function: (Tensor) -> Tensor)] = [
        ("sigmoid", { $0.sigmoid() }), ("tanh", { $0.tanh() }), ("ReLU", { $0.relu() }),
    ]
    let grid = Tensor.arange(-5, 5.05, step: 0.1)
    let places = grid.array(of: Double.self)
    func slope(_ function: (Tensor) -> Tensor, at x: Tensor) -> [Double] {
        gradient(of: { function($0).sum() }, at: x).array()
    }
    lab.say(
        "Three activations and their slopes. On the way back, a gradient is multiplied by the slope at each layer.",
        "三种激活函数及其导数。反向传播时，梯度在每一层都要乘以该层激活函数的导数。")
    lab.show("activations") { t in
        .curves(
            t("Activations", "激活函数"),
            activations.map { Curve($0.name, x: places, y: $0.function(grid).array(of: Double.self)) }, x: Axis("x"),
            y: Axis(range: -1.5...2.5))
    }
    let slopes = activations.map { slope($0.function, at: grid) }
    lab.show("slopes") { t in
        .curves(
            t("Their slopes", "激活函数的导数"), zip(activations, slopes).map { Curve($0.name, x: places, y: $1) },
            x: Axis("x"))
    }
    lab.check("sigmoidSlope", slopes[0].max()!)
    lab.check("tanhSlope", slopes[1].max()!)
    lab.check("reluSlope", slopes[2].max()!)
    lab.check("zero", slope(activations[2].function, at: [0.0])[0])
    lab.check("related", (grid.tanh() + 1 - 2 * (2 * grid).sigmoid()).abs().max())

    // Norms of the gradient at h⁰ … h²⁰ of 20 layers of 64 units, in parts of that at h²⁰, which begins as random numbers.
    func gradients(_ activation: (Tensor) -> Tensor, _ weights: Initializer) -> [Double] {
        var (h, probes) = (Tensor.normal([128, 64]), [GradientProbe]())
        let x = Parameter(h)
        h = x.tensor
        for _ in 1...20 {
            h = activation(linear(h, weight: weights.tensor([64, 64])))
            probes.append(GradientProbe(h))
        }
        h.backward(Tensor.normal(h.shape))
        let norms = [x.gradient!.norm().item()] + probes.map { $0.gradient!.norm().item() }
        return norms.map { $0 / norms[20] }
    }
    let initializers: [(name: Words, weights: Initializer)] = [
        ("Xavier", .xavierNormal()), (Words("default", "默认"), .uniform(-0.125..<0.125)), ("He", .kaimingNormal()),
    ]
    let norms = activations.map { activation in
        initializers.map { gradients(activation.function, $0.weights) }
    }
    lab.say(
        "20 layers of 64 units: what is left of a gradient that comes back from the last to the input.",
        "20 层、每层 64 个单元：梯度从最后一层传回输入时还剩多少。")
    lab.table(
        [Words("activation", "激活函数")] + initializers.map(\.name),
        zip(activations, norms).map { activation, rows in
            [Words(activation.name, activation.name)] + rows.map { "\($0[0], digits: 2)" }
        })
    lab.show("gradients") { t in
        func curve(_ activation: Int, _ initializer: Int) -> Curve {
            let name = initializers[initializer].name
            return Curve(
                "\(activations[activation].name), \(t(name.english, name.chinese))", x: (0...20).map(Double.init),
                y: norms[activation][initializer])
        }
        return .curves(
            t("Gradient on its way back", "反向传播中的梯度"), [curve(2, 2), curve(1, 0), curve(1, 1), curve(0, 0)],
            x: Axis(t("layer", "层")), y: Axis(t("norm, in parts of the last", "范数（与最后一层之比）"), scale: .logarithmic))
    }
    lab.say(
        "One of the notes advises against sigmoid and tanh in deep networks. Sigmoids do vanish with any of these weights: each layer multiplies by a quarter at most. Tanh depends on the first weights: its slope is 1 near 0, and with Xavier's it lets the gradient through. ReLU needs the right ones, too: He's.",
        "有一篇笔记建议深层网络避免 sigmoid 和 tanh。sigmoid 确实在哪种初始化下都会消失：每层至多乘以四分之一。tanh 则取决于初始权重：它在 0 附近的导数为 1，用 Xavier 初始化时梯度可以通过。ReLU 同样需要合适的初始权重，即 He 初始化。"
    )
    lab.check("sigmoid", norms[0].map { $0[0] }.max()!)
    lab.check("relu", norms[2][2][0])
    lab.check("tanh", norms[1][0][0])
    lab.check("depends", norms[1][0][0] / norms[1][1][0])
}
