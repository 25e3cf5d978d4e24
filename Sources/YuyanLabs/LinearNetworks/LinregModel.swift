import Foundation
import Yuyan

/// The price of a house as a weighted sum: for one house, for many at once, and as a network of one layer.
let linregModel: Lab = Lab(
    "linreg-model", "The linear model", "线性模型",
    book: "3.1", note: .linearNetworks, part: "1.1",
    claims: [
        Claim("one", "price of the first house, worked out by hand", "第一套房的价格（手算）", .exactly(365)),
        Claim(
            "matrix", "X·w + b beside one house at a time: largest difference", "X·w + b 与逐个样本计算的最大差", .below(1e-4)),
        Claim("bias", "the prediction for a house of zeros is the bias: difference", "特征全为 0 时的预测值与偏置之差", .exactly(0)),
        Claim(
            "layer", "a fully connected layer with the same w and b: largest difference", "权重、偏置相同的全连接层：最大差",
            .below(1e-4)),
        Claim(
            "sum", "sum of two vectors, whole and element by element: largest difference", "两个向量整体相加与逐个元素相加：最大差",
            .exactly(0)),
        Claim(
            "speed", "how many times faster the whole vectors are added", "整体相加快多少倍", .above(100), needsFullSize: true,
            isTimed: true),
    ],
    figures: ["network"]
) { lab in
    // Bedrooms, bathrooms, area in m². The weights say what one more of each adds to the price, in 10,000 yuan.
    let w: Tensor = [10, 7.5, 2.5]
    let b = 20.0
    let houses: Tensor = [[3, 2, 120], [2, 1, 80], [4, 2, 150], [1, 1, 45.5]]

    // One house: ŷ = wᵀx + b = w₁x₁ + w₂x₂ + w₃x₃ + b.
    func price(_ x: Tensor) -> Tensor { w.matmul(x) + b }
    lab.say(
        "A house with 3 bedrooms, 2 bathrooms and 120 m² costs 10·3 + 7.5·2 + 2.5·120 + 20 = \(price(houses[0]).item(), decimals: 0), in 10,000 yuan.",
        "3 间卧室、2 个卫生间、120 m² 的房子：10·3 + 7.5·2 + 2.5·120 + 20 = \(price(houses[0]).item(), decimals: 0) 万元。")
    lab.check("one", price(houses[0]))

    // All of them: ŷ = Xw + b. Each row of X is a house, and b is added to every row.
    let prices = houses.matmul(w) + b
    lab.say("All four at once: the matrix times w, plus b.", "四套房一起算：矩阵乘 w，再加 b。")
    lab.table(
        [Words("bedrooms", "卧室"), Words("bathrooms", "卫生间"), Words("area in m²", "面积（m²）"), Words("price", "价格（万元）")],
        (0..<houses.count).map { house in
            (houses[house].array(of: Double.self) + [prices[house].item()]).map { "\($0, digits: 5)" }
        })
    lab.check("matrix", (0..<houses.count).map { abs((prices[$0] - price(houses[$0])).item()) }.max()!)
    lab.check("bias", price(.zeros([3])).item() - b)

    // The same as a network: three inputs, one output, and an edge for each weight.
    let layer = Linear(inputSize: 3, outputSize: 1)
    layer.weight.value = w.reshaped([1, 3])
    layer.bias!.value = Tensor([b])
    lab.check("layer", (layer(houses).flattened() - prices).abs().max())
    lab.say("A network of one layer: every input is connected to the output.", "单层神经网络：每个输入都与输出相连。")
    lab.show("network") { t in
        let inputs = [t("bedrooms", "卧室"), t("bathrooms", "卫生间"), t("area", "面积")]
        return .graph(
            t("Linear regression as a network", "线性回归是单层神经网络"),
            inputs.enumerated().map { GraphNode(["x\($0.offset + 1)", $0.element], role: .input) }
                + [GraphNode(["ŷ", t("price", "价格")], role: .output)],
            w.array(of: Double.self).enumerated().map {
                GraphEdge(from: $0.offset, to: 3, label: "w\($0.offset + 1) = \($0.element)")
            })
    }

    // Why whole tensors: an operation costs about the same time for one element as for some thousands.
    let n = lab.full(10_000, quick: 500)
    let (left, right) = (Tensor.normal([n]), Tensor.normal([n]))
    var sums: [Tensor] = []
    let loopTime = seconds { sums = (0..<n).map { left[$0] + right[$0] } }
    var sum = left
    // Too short for one measurement.
    let vectorTime = seconds { for _ in 0..<100 { sum = left + right } } / 100
    // Processor time: what other programs do meanwhile does not count.
    func seconds(_ body: () -> Void) -> Double {
        let start = clock()
        body()
        return Double(clock() - start) / Double(CLOCKS_PER_SEC)
    }
    lab.say(
        "Two vectors of \(n) numbers: \(loopTime * 1000, digits: 2) ms element by element, \(vectorTime * 1000, digits: 2) ms as a whole. (Times differ from machine to machine.)",
        "两个各有 \(n) 个数的向量相加：逐个元素 \(loopTime * 1000, digits: 2) 毫秒，整体相加 \(vectorTime * 1000, digits: 2) 毫秒。（时间因机器而异。）")
    lab.check("sum", (stack(sums) - sum).abs().max())
    lab.check("speed", loopTime / vectorTime)
}
