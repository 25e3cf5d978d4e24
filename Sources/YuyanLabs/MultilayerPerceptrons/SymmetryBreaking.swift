import Yuyan

/// Hidden units can change places; those that begin as equals stay equals for ever, unless chance tells them apart.
let symmetryBreaking: Lab = Lab(
    "symmetry-breaking", "Breaking the symmetry of hidden units", "打破隐藏单元的对称性",
    book: "4.8", note: .multilayerPerceptrons, part: "4.2",
    claims: [
        Claim(
            "places", "hidden units in another order: largest change of the output", "隐藏单元换位：输出的最大变化", .below(1e-6)),
        Claim(
            "gradients", "constant weights: both units have the same gradient at each of 50 steps",
            "常数权重：50 步中两个单元的梯度始终相同", .yes),
        Claim("equal", "constant weights: both units are the same, bit for bit, afterwards", "常数权重：训练后两个单元逐位相同", .yes),
        Claim("random", "random weights: distance of the two units afterwards", "随机权重：训练后两个单元的距离", .above(0.01)),
        Claim(
            "dropout", "constant weights with dropout: distance of the two units afterwards", "常数权重加暂退法：训练后两个单元的距离",
            .above(0.001)),
        Claim(
            "one", "two equal units beside a single one: largest difference of the output", "两个相同的单元与一个单元：输出的最大差",
            .below(1e-5)),
    ],
    figures: ["distance"]
) { lab in
    // o = W⁽²⁾ tanh(W⁽¹⁾x): rows of W⁽¹⁾ and columns of W⁽²⁾ belong to hidden units, which can change places together.
    let x = Tensor.normal([64, 4])
    let (first, second) = (Tensor.normal([6, 4]), Tensor.normal([3, 6]))
    let order: Tensor = [3, 0, 5, 1, 4, 2]
    func output(_ first: Tensor, _ second: Tensor) -> Tensor {
        linear(linear(x, weight: first).tanh(), weight: second)
    }
    let moved = output(first[order], second.gathered(order, axis: 1))
    lab.check("places", (moved - output(first, second)).abs().max())

    // Two hidden units learn a curve that takes both of them.
    let y = (2 * x[0..<64, 0..<1]).tanh() - x[0..<64, 1..<2].tanh()
    func train(_ weights: Initializer, dropout: Double = 0) -> (net: Sequential, distances: [Double], isAlike: Bool) {
        let net = Sequential(
            Linear(inputSize: 4, outputSize: 2, hasBias: false), Tanh(), Dropout(probability: dropout),
            Linear(inputSize: 2, outputSize: 1, hasBias: false))
        let (hidden, last) = (net[0] as! Linear, net[3] as! Linear)
        for layer in [hidden, last] { layer.weight.initialize(weights) }
        let optimizer = SGD(net.parameters(), learningRate: 0.1)
        func distance() -> Double { (hidden.weight.value[0] - hidden.weight.value[1]).norm().item() }
        var (distances, isAlike) = ([distance()], true)
        for _ in 1...50 {
            let loss = meanSquaredError(net(x), y)
            optimizer.zeroGradients()
            loss.backward()
            let (rows, columns) = (hidden.weight.gradient!, last.weight.gradient!)
            isAlike =
                isAlike && (rows[0] .!= rows[1]).sum().item() == 0
                && columns[0, 0].item() == columns[0, 1].item()
            optimizer.step()
            distances.append(distance())
        }
        return (net, distances, isAlike)
    }
    let constant = train(.constant(0.5))
    let random = train(.normal(standardDeviation: 0.5))
    let dropped = train(.constant(0.5), dropout: 0.5)

    let weights = constant.net.parameters().map(\.value)
    lab.say(
        "Two hidden units, all weights 0.5 at first. After 50 steps the weights have moved, and the two rows are still the same:",
        "两个隐藏单元，所有权重从 0.5 开始。50 步之后权重变了，但两行依然相同：")
    lab.print(weights[0])
    lab.say(
        "The two of them do what one alone could do. Random weights tell them apart from the beginning; dropout does so too, since it switches off now one and now the other.",
        "两个单元只顶一个用。随机权重一开始就把它们区分开；暂退法也可以，因为它时而关掉这个，时而关掉那个。")
    lab.show("distance") { t in
        func curve(_ name: String, _ y: [Double]) -> Curve { Curve(name, x: (0...50).map(Double.init), y: y) }
        return .curves(
            t("Distance of the two hidden units", "两个隐藏单元之间的距离"),
            [
                curve(t("constant", "常数"), constant.distances), curve(t("random", "随机"), random.distances),
                curve(t("constant, dropout", "常数，暂退法"), dropped.distances),
            ], x: Axis(t("step", "步")), y: Axis("‖w₁ − w₂‖"))
    }
    lab.check("gradients", constant.isAlike)
    lab.check(
        "equal",
        (weights[0][0] .!= weights[0][1]).sum().item() == 0 && weights[1][0, 0].item() == weights[1][0, 1].item())
    lab.check("random", random.distances[50])
    lab.check("dropout", dropped.distances[50])

    // One unit with the weight of both toward the output.
    let single = linear(linear(x, weight: weights[0][0..<1]).tanh(), weight: 2 * weights[1][0..<1, 0..<1])
    lab.check("one", (single - constant.net(x).detached()).abs().max())
}
