import Yuyan

/// Forward and back through a network of two layers: five formulas of the chain rule, and what backward() must keep.
let forwardBackwardMLP: Lab = Lab(
    "forward-backward-mlp", "Forward propagation and backpropagation", "前向传播和反向传播",
    book: "4.7", note: .multilayerPerceptrons, part: "3",
    claims: [
        Claim("autograd", "largest distance of the formulas from backward()", "五个公式与 backward() 的最大差", .below(1e-5)),
        Claim("differences", "the same from central differences", "五个公式与中心差分的最大差", .below(1e-3)),
        Claim("order", "backward() finishes W⁽²⁾ before W⁽¹⁾", "backward() 先算完 W⁽²⁾，再算完 W⁽¹⁾", .yes),
        Claim("layers", "numbers kept by 16 layers beside 8", "16 层与 8 层所保存的数的个数之比", .exactly(2)),
        Claim("batch", "numbers kept for 64 samples beside 32", "64 个样本与 32 个样本所保存的数的个数之比", .exactly(2)),
        Claim("none", "numbers kept without gradients", "不求梯度时所保存的数的个数", .exactly(0)),
    ],
    figures: ["graph", "kept"]
) { lab in
    // One sample: 3 inputs, 4 hidden units with tanh, 2 outputs, and a penalty on the weights.
    let decay = 0.1
    let (x, y) = (Tensor.normal([3, 1]), Tensor.normal([2, 1]))
    let (w1, w2) = (Parameter(Tensor.normal([4, 3])), Parameter(Tensor.normal([2, 4])))
    func lossOfOutput(_ o: Tensor) -> Tensor { (o - y).squared().sum() / 2 }
    func penalty(_ w1: Tensor, _ w2: Tensor) -> Tensor { decay / 2 * (w1.squared().sum() + w2.squared().sum()) }

    // Forward, from the input to the objective; z, h and o are kept on the way.
    let z = w1.matmul(x)
    let h = z.tanh()
    let o = w2.matmul(h)
    let objective = lossOfOutput(o) + penalty(w1.tensor, w2.tensor)
    lab.say(
        "The objective J = ½‖o − y‖² + λ/2 (‖W⁽¹⁾‖² + ‖W⁽²⁾‖²) is \(objective.item(), decimals: 4). What was computed on the way to it, inputs above:",
        "目标函数 J = ½‖o − y‖² + λ/2 (‖W⁽¹⁾‖² + ‖W⁽²⁾‖²) 的值为 \(objective.item(), decimals: 4)。计算过程如下，输入在上：")
    let names = [(name: "W1", parameter: w1), (name: "W2", parameter: w2)]
    lab.show("graph") { t in .computation(t("Forward: from top to bottom", "前向：自上而下"), of: objective, names: names) }
    let steps = objective.recordedGraph(names: names).nodes.filter { $0.kind == .operation }.map(\.name)
    lab.say(
        "Forward: \(steps.joined(separator: ", ")). Backward goes through the same operations from the last to the first: \(steps.reversed().joined(separator: ", ")).",
        "前向：\(steps.joined(separator: "、"))。反向时按相反的顺序经过同样的运算：\(steps.reversed().joined(separator: "、"))。")

    // Backward by hand: the chain rule from the output to the input. Each line uses the one before and a value kept above.
    let (byHand, kept) = withoutGradients {
        let dO = o - y
        let dW2 = dO.matmul(h.transposed()) + decay * w2
        let dH = w2.transposed().matmul(dO)
        let dZ = dH * (1 - h.squared())  // tanh′(z) = 1 − tanh²(z)
        let dW1 = dZ.matmul(x.transposed()) + decay * w1
        return ([dO, dW2, dH, dZ, dW1], (z: z.detached(), h: h.detached(), o: o.detached()))
    }

    // The same by backward(), which says when a parameter's gradient is complete.
    let probes = [o, h, z].map { GradientProbe($0) }
    var finished: [String] = []
    objective.backward(completing: [w1, w2]) { finished.append($0 === w1 ? "W1" : "W2") }
    let byAutograd = [probes[0].gradient, w2.gradient, probes[1].gradient, probes[2].gradient, w1.gradient].map { $0! }

    // And by changing one number at a time: (J(+0.01) − J(−0.01)) / 0.02.
    func slopes(_ function: (Tensor) -> Tensor, at point: Tensor) -> Tensor {
        let slopes = (0..<point.elementCount).map { index -> Double in
            let change = 0.01 * oneHot(Tensor(index), classCount: point.elementCount).reshaped(point.shape)
            return ((function(point + change) - function(point - change)) / 0.02).item()
        }
        return Tensor(slopes, shape: point.shape)
    }
    let byDifferences = withoutGradients {
        [
            slopes(lossOfOutput, at: kept.o),
            slopes({ lossOfOutput($0.matmul(kept.h)) + penalty(w1.value, $0) }, at: w2.value),
            slopes({ lossOfOutput(w2.matmul($0)) }, at: kept.h),
            slopes({ lossOfOutput(w2.matmul($0.tanh())) }, at: kept.z),
            slopes({ lossOfOutput(w2.matmul($0.matmul(x).tanh())) + penalty($0, w2.value) }, at: w1.value),
        ]
    }
    func distances(_ others: [Tensor]) -> [Double] { zip(byHand, others).map { ($0 - $1).abs().max().item() } }
    let (fromAutograd, fromDifferences) = (distances(byAutograd), distances(byDifferences))
    lab.say(
        "The chain rule by hand, from the output back, and how far it is from the two other ways:",
        "手工使用链式法则，从输出往回算，并与另外两种方法比较：")
    let formulas: [[Words]] = [
        ["∂J/∂o", "o − y"], ["∂J/∂W⁽²⁾", "∂J/∂o hᵀ + λW⁽²⁾"], ["∂J/∂h", "W⁽²⁾ᵀ ∂J/∂o"],
        ["∂J/∂z", "∂J/∂h ⊙ φ′(z)"], ["∂J/∂W⁽¹⁾", "∂J/∂z xᵀ + λW⁽¹⁾"],
    ]
    let titles = [Words("backward()", "与 backward() 之差"), Words("differences", "与差分之差")]
    lab.table(
        [Words("gradient", "梯度"), Words("formula", "公式")] + titles,
        formulas.indices.map { formulas[$0] + ["\(fromAutograd[$0], digits: 2)", "\(fromDifferences[$0], digits: 2)"] })
    lab.check("autograd", fromAutograd.max()!)
    lab.check("differences", fromDifferences.max()!)
    lab.check("order", finished == ["W2", "W1"])

    // How many numbers are kept for the way back: those of every operation's result.
    func keptNumbers(layers: Int, batch: Int) -> Double {
        let weights = (0..<layers).map { _ in Parameter(Tensor.normal([16, 16], standardDeviation: 0.25)) }
        let output = weights.reduce(Tensor.normal([batch, 16])) { $0.matmul($1).tanh() }
        guard output.isRecorded else { return 0 }
        let results = output.recordedGraph().nodes.filter { $0.kind == .operation }
        return Double(results.reduce(0) { $0 + $1.shape.elementCount })
    }
    let depths = [2, 4, 8, 16]
    let small = depths.map { keptNumbers(layers: $0, batch: 32) }
    let large = depths.map { keptNumbers(layers: $0, batch: 64) }
    lab.say(
        "The way back needs what the way forward computed: 16 layers of 16 units keep \(small[3], decimals: 0) numbers for 32 samples and \(large[3], decimals: 0) for 64. This is why training takes more memory than prediction, where nothing is kept.",
        "反向传播需要前向传播算出的中间值：16 层、每层 16 个单元，32 个样本要保存 \(small[3], decimals: 0) 个数，64 个样本要保存 \(large[3], decimals: 0) 个。所以训练比预测更占内存：预测时什么都不用保存。"
    )
    let curves = [(Words("64 samples", "64 个样本"), large), (Words("32 samples", "32 个样本"), small)]
    lab.show("kept") { t in
        .curves(
            t("Numbers kept for backward()", "为 backward() 保存的数"),
            curves.map { Curve(t($0.english, $0.chinese), x: depths.map(Double.init), y: $1) },
            x: Axis(t("layers", "层数")), y: Axis(t("numbers", "个数")))
    }
    lab.check("layers", small[3] / small[2])
    lab.check("batch", large[3] / small[3])
    lab.check("none", withoutGradients { keptNumbers(layers: 16, batch: 64) })
}
