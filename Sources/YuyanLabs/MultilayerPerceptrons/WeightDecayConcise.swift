import Yuyan

/// Weight decay as an option of the optimizer: for the weights, and not for the bias.
let weightDecayConcise = Lab(
    "weight-decay-concise", "Weight decay with the optimizer", "权重衰减的简洁实现",
    book: "4.5", note: .multilayerPerceptrons, part: "2.1",
    claims: [
        Claim(
            "weight", "the optimizer's step beside (1 − ηλ)w − ηg: largest difference",
            "优化器的一步与 (1 − ηλ)w − ηg：最大差", .below(1e-6)),
        Claim("bias", "the same for the bias and b − ηg", "偏置的一步与 b − ηg：最大差", .below(1e-6)),
        Claim(
            "default", "one group for all: how much more the bias loses, in parts of ηλb",
            "所有参数同一组时，偏置多减少的量，以 ηλb 为单位", .near(1, margin: 0.01)),
        Claim(
            "override", "a group's own option goes before the optimizer's: largest difference",
            "参数组自己的选项优先于优化器的选项：最大差", .exactly(0)),
        Claim(
            "half", "gradient of the mean square beside that of half of it", "均方误差与其一半的梯度之比", .exactly(2)),
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
    func optimizer(_ net: Linear, decay: Double) -> SGD {
        SGD(
            groups: [ParameterGroup([net.weight], weightDecay: decay), ParameterGroup([net.bias!])],
            learningRate: 0.003)
    }

    // One step, in three spellings.
    func step(_ makeOptimizer: (Linear) -> SGD) -> (net: Linear, weightGradient: Tensor, biasGradient: Tensor) {
        let net = network()
        meanSquaredError(net(train.features), train.labels).backward()
        makeOptimizer(net).step()
        return (net, net.weight.gradient!, net.bias!.gradient!)
    }
    let spared = step { optimizer($0, decay: 3) }
    lab.check(
        "weight",
        ((1 - 0.003 * 3) * start.weight - 0.003 * spared.weightGradient - spared.net.weight.value).abs().max())
    lab.check("bias", (start.bias - 0.003 * spared.biasGradient - spared.net.bias!.value).abs().max())

    let shared = step { SGD($0.parameters(), learningRate: 0.003, weightDecay: 3) }
    lab.check("default", (spared.net.bias!.value - shared.net.bias!.value) / (0.003 * 3 * start.bias))

    let excepted = step {
        SGD(
            groups: [ParameterGroup([$0.weight]), ParameterGroup([$0.bias!], weightDecay: 0)], learningRate: 0.003,
            weightDecay: 3)
    }
    lab.check(
        "override",
        maximum(
            (excepted.net.weight.value - spared.net.weight.value).abs().max(),
            (excepted.net.bias!.value - spared.net.bias!.value).abs().max()))
    lab.say(
        "The optimizer adds λp to the gradient of p. Unless told otherwise it does so for biases, too: from b = \(start.bias.item(), decimals: 3), the first step leads to \(spared.net.bias!.value.item(), decimals: 4) with a group of its own and to \(shared.net.bias!.value.item(), decimals: 4) without.",
        "优化器把 λp 加到 p 的梯度上，默认对偏置也这样做：从 b = \(start.bias.item(), decimals: 3) 出发，第一步之后，偏置单独成组时为 \(spared.net.bias!.value.item(), decimals: 4)，不单独成组时为 \(shared.net.bias!.value.item(), decimals: 4)。"
    )

    // The library's loss has no ½: gradients are twice those of the lab from scratch.
    let halved = network()
    (meanSquaredError(halved(train.features), train.labels) / 2).backward()
    lab.check("half", spared.weightGradient.norm() / halved.weight.gradient!.norm())

    func fit(decay: Double) -> (epochs: [Double], train: [Double], test: [Double], net: Linear) {
        let net = network()
        let optimizer = optimizer(net, decay: decay)
        let loader = DataLoader(
            TensorDataset(train.features, train.labels), batchSize: 5, shuffle: true, seed: lab.seed)
        var (epochs, losses, testLosses): ([Double], [Double], [Double]) = ([], [], [])
        for epoch in 1...100 {
            for (x, y) in loader {
                let loss = meanSquaredError(net(x), y)
                optimizer.zeroGradients()
                loss.backward()
                optimizer.step()
            }
            guard epoch == 1 || epoch % 5 == 0 else { continue }
            epochs.append(Double(epoch))
            withoutGradients {
                losses.append(meanSquaredError(net(train.features), train.labels).item())
                testLosses.append(meanSquaredError(net(test.features), test.labels).item())
            }
        }
        return (epochs, losses, testLosses, net)
    }
    let (without, with) = (fit(decay: 0), fit(decay: 3))
    lab.say(
        "100 epochs from the same parameters. The decay shortens w; what b does, it changes only through w.",
        "从相同的参数出发训练 100 轮。权重衰减使 w 变短，对 b 只有通过 w 的间接影响。")
    lab.table(
        ["λ", "‖w‖", "b", Words("training loss", "训练损失"), Words("test loss", "测试损失")],
        [("0", without), ("3", with)].map {
            [
                Words($0, $0), "\($1.net.weight.value.norm().item(), decimals: 3)",
                "\($1.net.bias!.value.item(), decimals: 3)", "\($1.train.last!, digits: 2)",
                "\($1.test.last!, digits: 3)",
            ]
        })
    for (name, run, decay) in [("without", without, 0), ("with", with, 3)] {
        lab.show(name) { t in
            .curves(
                t("Loss with λ = \(decay)", "λ = \(decay) 时的损失"),
                [
                    Curve(t("training", "训练"), x: run.epochs, y: run.train),
                    Curve(t("test", "测试"), x: run.epochs, y: run.test),
                ],
                x: Axis(t("epoch", "轮次")), y: Axis(t("loss", "损失"), scale: .logarithmic))
        }
    }
    let lengths = [without, with].map { $0.net.weight.value.norm().item() }
    lab.check("long", lengths[0])
    lab.check("shrunk", lengths[1] / lengths[0])
    lab.check("test", with.test.last! / without.test.last!)
}
