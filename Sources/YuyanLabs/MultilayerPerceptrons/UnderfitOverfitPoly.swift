import Foundation
import Yuyan

/// A cubic seen through too few, just enough and too many powers of x.
let underfitOverfitPoly = Lab(
    "underfit-overfit-poly", "Underfitting and overfitting", "欠拟合与过拟合",
    book: "4.4", note: .multilayerPerceptrons, part: "1.3",
    claims: [
        // The mean of 100 squared noises has a standard error of 0.0014.
        Claim(
            "normal", "4 powers: test loss, near the noise variance 0.01", "4 个幂：测试损失，接近噪声方差 0.01",
            .near(0.01, margin: 0.005)),
        Claim("weights", "4 powers: largest error of a weight", "4 个幂：权重的最大误差", .below(0.15)),
        Claim("under", "2 powers: training loss stays above 1", "2 个幂：训练损失始终大于 1", .above(1)),
        Claim(
            "gap", "2 powers: test loss in parts of training loss: no large gap", "2 个幂：测试损失与训练损失之比：差距不大",
            .within(0.3...3)),
        Claim(
            "patient", "20 powers by descent: test loss, hardly worse than 4", "20 个幂用梯度下降：测试损失几乎不比 4 个幂差",
            .below(0.03), needsFullSize: true),
        Claim(
            "solved", "20 powers by least squares, 20 samples: test loss in parts of training loss",
            "20 个幂、20 个样本用最小二乘：测试损失与训练损失之比", .above(10000)),
        Claim("same", "from scratch and with layers: largest difference of a weight", "从零实现与用层实现：权重的最大差", .below(0.02)),
    ],
    figures: ["normal", "under", "complexity"]
) { lab in
    // y = 5 + 1.2x − 3.4x²/2! + 5.6x³/3! + noise, and the features xⁱ/i!.
    let trueWeights = [5, 1.2, -3.4, 5.6]
    func sample(_ count: Int) -> (features: Tensor, labels: Tensor) {
        let x = Tensor.normal([count, 1])
        let features = concatenate((0..<20).map { x.pow($0) / tgamma(Double($0) + 1) }, axis: 1)
        let noise = Tensor.normal([count, 1], standardDeviation: 0.1)
        return (
            features, features[.all, 0..<4].matmul(Tensor(trueWeights).cast(to: .float32).reshaped([4, 1])) + noise
        )
    }
    let (training, test) = (sample(100), sample(100))

    struct Outcome {
        var epochs: [Double] = []
        var training: [Double] = []
        var test: [Double] = []
        var weights: [Double] = []
    }
    // Descent on the first `count` powers, ten samples at a time.
    func descend(_ count: Int, epochs: Int, step: (Tensor, Tensor) -> Void, _ predict: (Tensor) -> Tensor) -> Outcome {
        var outcome = Outcome()
        let batches = DataLoader(
            TensorDataset(training.features[.all, 0..<count], training.labels), batchSize: 10, shuffle: true,
            seed: lab.seed)
        for epoch in 1...epochs {
            for (x, y) in batches { step(x, y) }
            guard epoch == 1 || epoch % 20 == 0 else { continue }
            outcome.epochs.append(Double(epoch))
            withoutGradients {
                func loss(_ data: (features: Tensor, labels: Tensor)) -> Double {
                    meanSquaredError(predict(data.features[.all, 0..<count]), data.labels).item()
                }
                outcome.training.append(loss(training))
                outcome.test.append(loss(test))
            }
        }
        return outcome
    }

    func withLayers(_ count: Int, epochs: Int) -> Outcome {
        let net = Linear(inputSize: count, outputSize: 1, hasBias: false)
        let optimizer = SGD(net.parameters(), learningRate: 0.01)
        var outcome = descend(count, epochs: epochs) { x, y in
            optimizer.zeroGradients()
            meanSquaredError(net(x), y).backward()
            optimizer.step()
        } _: {
            net($0)
        }
        outcome.weights = net.weight.value.array(of: Double.self)
        return outcome
    }
    // The same without layers: the gradient of the mean square is 2 xᵀ(xw − y) / n.
    func fromScratch(_ count: Int, epochs: Int) -> Outcome {
        var w = Tensor.zeros([count, 1])
        var outcome = descend(count, epochs: epochs) { x, y in
            w -= 0.01 * 2 / Double(x.count) * x.transposed().matmul(x.matmul(w) - y)
        } _: {
            $0.matmul(w)
        }
        outcome.weights = w.array(of: Double.self)
        return outcome
    }

    let normal = withLayers(4, epochs: 400)
    let scratch = fromScratch(4, epochs: 400)
    let under = withLayers(2, epochs: 400)
    let over = withLayers(20, epochs: lab.full(1500, quick: 100))
    func row(_ name: Words, _ outcome: Outcome) -> [Words] {
        [name, "\(outcome.training.last!, digits: 3)", "\(outcome.test.last!, digits: 3)"]
    }
    lab.say(
        "100 noisy samples of a cubic; models that see the first 4, 2 and 20 powers of x, trained by gradient descent:",
        "三次多项式的 100 个带噪声样本；模型分别看到 x 的前 4、2、20 个幂，用梯度下降训练：")
    lab.table(
        [Words("powers", "幂的个数"), Words("training loss", "训练损失"), Words("test loss", "测试损失")],
        [
            row(Words("4: just right", "4：正好"), normal), row(Words("2: too simple", "2：太简单"), under),
            row(Words("20: too many", "20：太多"), over),
        ])
    func show(_ name: String, _ outcome: Outcome, _ english: String, _ chinese: String) {
        lab.show(name) { t in
            .curves(
                t(english, chinese),
                [
                    Curve(t("training", "训练"), x: outcome.epochs, y: outcome.training),
                    Curve(t("test", "测试"), x: outcome.epochs, y: outcome.test),
                ],
                x: Axis(t("epoch", "轮次")), y: Axis(t("loss", "损失"), scale: .logarithmic, range: 1e-3...1e2))
        }
    }
    show("normal", normal, "4 powers: both losses reach the noise", "4 个幂：两种损失都降到噪声水平")
    show("under", under, "2 powers: both losses stay high", "2 个幂：两种损失都居高不下")

    // Descent needs very long to reach the weights that fit the noise. Solving for them shows where it leads.
    let few = sample(20)
    let degrees = Array(1...20)
    let fits = try degrees.map { count -> (training: Double, test: Double) in
        func powers(_ data: (features: Tensor, labels: Tensor)) -> (x: Tensor, y: Tensor) {
            (data.features[.all, 0..<count].cast(to: .float64), data.labels.cast(to: .float64))
        }
        let (training, fresh) = (powers(few), powers(test))
        // The powers differ by many orders of magnitude: columns of one length keep the digits.
        let lengths = training.x.norm(axis: 0, keepDimensions: true)
        let w = try leastSquares(training.x / lengths, training.y) / lengths.transposed()
        return (
            meanSquaredError(training.x.matmul(w), training.y).item(),
            meanSquaredError(fresh.x.matmul(w), fresh.y).item()
        )
    }
    lab.say(
        "Descent is slow to use the extra powers. Least squares uses them at once: on 20 samples its training loss falls with every power, and its test loss explodes.",
        "梯度下降很慢才会用到多余的幂。最小二乘立刻就用上：在 20 个样本上，训练损失随幂的个数一路下降，测试损失却急剧上升。")
    lab.show("complexity") { t in
        .curves(
            t("Loss and the number of powers (least squares, 20 samples)", "损失与幂的个数（最小二乘，20 个样本）"),
            [
                Curve(t("training", "训练"), x: degrees.map(Double.init), y: fits.map { max($0.training, 1e-12) }),
                Curve(t("test", "测试"), x: degrees.map(Double.init), y: fits.map(\.test)),
            ],
            x: Axis(t("powers", "幂的个数")), y: Axis(t("loss", "损失"), scale: .logarithmic))
    }

    lab.check("normal", normal.test.last!)
    lab.check("weights", zip(normal.weights, trueWeights).map { abs($0 - $1) }.max()!)
    lab.check("under", under.training.min()!)
    lab.check("gap", under.test.last! / under.training.last!)
    lab.check("patient", over.test.last!)
    lab.check("solved", fits[19].test / max(fits[19].training, 1e-12))
    lab.check("same", zip(normal.weights, scratch.weights).map { abs($0 - $1) }.max()!)
}
