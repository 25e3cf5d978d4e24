import Yuyan

/// Weight decay as an option of the optimizer: for the weights, and not for the bias.
let weightDecayConcise: Lab = Lab(
    "weight-decay-concise", "Weight decay with the optimizer", "权重衰减的简洁实现",
    book: "4.5", note: .multilayerPerceptrons, part: "2.1",
    claims: [
        Claim(
            "weight", "one step beside (1 − ηλ)w − ηg: largest difference", "一步更新与 (1 − ηλ)w − ηg 的最大差", .below(1e-6)),
        Claim("bias", "the bias beside b − ηg: the same", "偏置与 b − ηg：同上", .below(1e-6)),
        Claim(
            "default", "one group for all: bias loses this many ηλb more", "只有一组时，偏置多减少几倍的 ηλb", .near(1, margin: 0.01)),
        Claim("override", "a group's option goes before the optimizer's: difference", "组的选项优先于优化器的选项：差", .exactly(0)),
        Claim("half", "gradient of the mean square beside that of half of it", "均方误差与其一半的梯度之比", .exactly(2)),
        // As in weight-decay-scratch: χ with 180 degrees of freedom, and four deviations.
        Claim("long", "λ = 0: ‖w‖, about √180", "λ = 0 时的 ‖w‖，约为 √180", .near(13.42, margin: 2.9)),
        // (1 − ηλ)⁴⁰⁰ is 0.027. A bias that starts far from zero keeps some weights busy: up to 0.06 more for |b| = 3.
        Claim("shrunk", "λ = 3: ‖w‖ in parts of that", "λ = 3 时的 ‖w‖ 与前者之比", .within(0.02...0.1)),
        Claim("test", "test loss with λ = 3 in parts of that without", "λ = 3 与 λ = 0 的测试损失之比", .below(0.1)),
    ],
    figures: ["without", "with"]
) { lab in
    // The data of weight-decay-scratch: 200 inputs, 20 points to learn from.
    let trueWeight = Tensor.full([200], 0.01)
    let train = syntheticLinearData(weight: trueWeight, bias: 0.05, count: 20)
    let test = syntheticLinearData(weight: trueWeight, bias: 0.05, count: 100)

    // All parameters N(0, 1), the same ones each time.
    let start = (weight: Tensor.normal([1, 200]), bias: Tensor.normal([1]))
    func network() -> Linear {
        let net = Linear(inputSize: 200, outputSize: 1)
        (net.weight.value, net.bias!.value) = start
        return net
    }
    // Two groups: the option stands with the weights, so the bias is left alone.
    let (rate, decay) = (0.003, 3.0)
    func spare(_ net: Linear, decay: Double) -> SGD {
        SGD(
            groups: [ParameterGroup([net.weight], weightDecay: decay), ParameterGroup([net.bias!])], learningRate: rate)
    }

    // One step in three spellings: two groups, one for all, and an option of the bias that goes before the optimizer's.
    func step(_ makeOptimizer: (Linear) -> SGD) -> (w: Tensor, b: Tensor, gradients: (w: Tensor, b: Tensor)) {
        let net = network()
        meanSquaredError(net(train.features), train.labels).backward()
        makeOptimizer(net).step()
        return (net.weight.value, net.bias!.value, (net.weight.gradient!, net.bias!.gradient!))
    }
    let spared = step { spare($0, decay: decay) }
    let shared = step { SGD($0.parameters(), learningRate: rate, weightDecay: decay) }
    let excepted = step {
        let groups = [ParameterGroup([$0.weight]), ParameterGroup([$0.bias!], weightDecay: 0)]
        return SGD(groups: groups, learningRate: rate, weightDecay: decay)
    }
    lab.check("weight", ((1 - rate * decay) * start.weight - rate * spared.gradients.w - spared.w).abs().max())
    lab.check("bias", (start.bias - rate * spared.gradients.b - spared.b).abs().max())
    lab.check("default", (spared.b - shared.b) / (rate * decay * start.bias))
    lab.check("override", maximum((excepted.w - spared.w).abs().max(), (excepted.b - spared.b).abs().max()))
    lab.say(
        "The optimizer adds λp to the gradient of p. Unless told otherwise it does so for biases, too: from b = \(start.bias.item(), decimals: 3), the first step leads to \(spared.b.item(), decimals: 4) with a group of its own and to \(shared.b.item(), decimals: 4) without.",
        "优化器把 λp 加到 p 的梯度上，默认对偏置也这样做：从 b = \(start.bias.item(), decimals: 3) 出发，第一步之后，偏置单独成组时为 \(spared.b.item(), decimals: 4)，不单独成组时为 \(shared.b.item(), decimals: 4)。"
    )

    // The library's loss has no ½: gradients are twice those of the lab from scratch.
    let halved = network()
    (meanSquaredError(halved(train.features), train.labels) / 2).backward()
    lab.check("half", spared.gradients.w.norm() / halved.weight.gradient!.norm())

    func fit(decay: Double) -> (net: Linear, losses: [(train: Double, test: Double)]) {
        let net = network()
        let optimizer = spare(net, decay: decay)
        let samples = TensorDataset(train.features, train.labels)
        let loader = DataLoader(samples, batchSize: 5, shuffle: true, seed: lab.seed)
        let losses = (1...100).map { _ in
            for (x, y) in loader {
                optimizer.zeroGradients()
                meanSquaredError(net(x), y).backward()
                optimizer.step()
            }
            let now = withoutGradients { [train, test].map { meanSquaredError(net($0.features), $0.labels).item() } }
            return (now[0], now[1])
        }
        return (net, losses)
    }
    let (without, with) = (fit(decay: 0), fit(decay: decay))
    lab.say(
        "100 epochs from the same parameters. The decay shortens w; what b does, it changes only through w.",
        "从相同的参数出发训练 100 轮。权重衰减使 w 变短，对 b 只有通过 w 的间接影响。")
    let runs = [("without", "0", without), ("with", "\(decay, digits: 2)", with)]
    lab.table(
        ["λ", "‖w‖", "b", Words("training loss", "训练损失"), Words("test loss", "测试损失")],
        runs.map { _, decay, run in
            let (w, b) = (run.net.weight.value.norm().item(), run.net.bias!.value.item())
            return [Words(stringLiteral: decay), "\(w, decimals: 3)", "\(b, decimals: 3)"]
                + ["\(run.losses.last!.train, digits: 2)", "\(run.losses.last!.test, digits: 3)"]
        })
    for (name, decay, run) in runs {
        lab.show(name) { t in
            .curves(
                t("Loss with λ = \(decay)", "λ = \(decay) 时的损失"),
                [Curve(t("training", "训练"), run.losses.map(\.train)), Curve(t("test", "测试"), run.losses.map(\.test))],
                x: Axis(t("epoch", "轮次")), y: Axis(t("loss", "损失"), scale: .logarithmic))
        }
    }
    let lengths = [without, with].map { $0.net.weight.value.norm().item() }
    lab.check("long", lengths[0])
    lab.check("shrunk", lengths[1] / lengths[0])
    lab.check("test", with.losses.last!.test / without.losses.last!.test)
}
