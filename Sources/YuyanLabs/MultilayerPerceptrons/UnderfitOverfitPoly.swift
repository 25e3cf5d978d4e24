import Foundation
import Yuyan

/// A cubic seen through too few, just enough and too many powers of x.
let underfitOverfitPoly = Lab(
    "underfit-overfit-poly", "Underfitting and overfitting", "欠拟合与过拟合",
    book: "4.4", note: .multilayerPerceptrons, part: "1.3",
    claims: [
        // Medians of several data sets: in single ones a far-out x decides. One mean of 100 squared noises has a standard
        // error of 0.0014.
        Claim(
            "normal", "4 powers: test loss (median of 5 data sets), near the noise variance 0.01",
            "4 个幂：测试损失（5 组数据的中位数），接近噪声方差 0.01",
            .near(0.01, margin: 0.005)),
        Claim("weights", "4 powers: largest error of a weight (median)", "4 个幂：权重的最大误差（中位数）", .below(0.15)),
        Claim("under", "2 powers: training loss stays above 1", "2 个幂：训练损失始终大于 1", .above(1)),
        Claim(
            "gap", "2 powers: test loss in parts of training loss (median): no large gap", "2 个幂：测试损失与训练损失之比（中位数）：差距不大",
            .within(0.3...3)),
        Claim(
            "patient", "20 powers by descent: test loss (median), hardly worse than 4",
            "20 个幂用梯度下降：测试损失（中位数）几乎不比 4 个幂差",
            .below(0.03), needsFullSize: true),
        Claim(
            "solved", "as many powers as samples, by least squares: test loss in parts of training loss",
            "幂与样本一样多，用最小二乘：测试损失与训练损失之比", .above(10000)),
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
    typealias Data = (features: Tensor, labels: Tensor)
    let sets = (0..<lab.full(5, quick: 3)).map { _ in (training: sample(100), test: sample(100)) }

    struct Outcome {
        var epochs: [Double] = []
        var training: [Double] = []
        var test: [Double] = []
        var weights: [Double] = []
    }
    // Descent on the first `count` powers, ten samples at a time.
    func descend(
        _ set: (training: Data, test: Data), _ count: Int, epochs: Int, step: (Tensor, Tensor) -> Void,
        _ predict: (Tensor) -> Tensor
    ) -> Outcome {
        var outcome = Outcome()
        let batches = DataLoader(
            TensorDataset(set.training.features[.all, 0..<count], set.training.labels), batchSize: 10, shuffle: true,
            seed: lab.seed)
        for epoch in 1...epochs {
            for (x, y) in batches { step(x, y) }
            guard epoch == 1 || epoch % 20 == 0 else { continue }
            outcome.epochs.append(Double(epoch))
            withoutGradients {
                func loss(_ data: Data) -> Double {
                    meanSquaredError(predict(data.features[.all, 0..<count]), data.labels).item()
                }
                outcome.training.append(loss(set.training))
                outcome.test.append(loss(set.test))
            }
        }
        return outcome
    }

    func withLayers(_ set: (training: Data, test: Data), _ count: Int, epochs: Int) -> Outcome {
        let net = Linear(inputSize: count, outputSize: 1, hasBias: false)
        let optimizer = SGD(net.parameters(), learningRate: 0.01)
        var outcome = descend(set, count, epochs: epochs) { x, y in
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
    func fromScratch(_ set: (training: Data, test: Data), _ count: Int, epochs: Int) -> Outcome {
        var w = Tensor.zeros([count, 1])
        var outcome = descend(set, count, epochs: epochs) { x, y in
            w -= 0.01 * 2 / Double(x.count) * x.transposed().matmul(x.matmul(w) - y)
        } _: {
            $0.matmul(w)
        }
        outcome.weights = w.array(of: Double.self)
        return outcome
    }

    let normals = sets.map { withLayers($0, 4, epochs: 400) }
    let unders = sets.map { withLayers($0, 2, epochs: 400) }
    let overs = sets.map { withLayers($0, 20, epochs: lab.full(1500, quick: 50)) }
    let scratch = fromScratch(sets[0], 4, epochs: 400)
    let (normal, under, over) = (normals[0], unders[0], overs[0])
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
    let fits = degrees.compactMap { count -> (powers: Double, training: Double, test: Double)? in
        func part(_ data: Data) -> (x: Tensor, y: Tensor) {
            (data.features[.all, 0..<count].cast(to: .float64), data.labels.cast(to: .float64))
        }
        let (training, fresh) = (part(few), part(sets[0].test))
        // Where one power is a sum of others on all 20 samples, there is no single solution.
        guard let w = try? leastSquares(training.x, training.y) else { return nil }
        func loss(_ data: (x: Tensor, y: Tensor)) -> Double { meanSquaredError(data.x.matmul(w), data.y).item() }
        return (Double(count), loss(training), loss(fresh))
    }
    lab.say(
        "Descent is slow to use the extra powers. Least squares uses them at once: on 20 samples its training loss falls with every power, and its test loss explodes.",
        "梯度下降很慢才会用到多余的幂。最小二乘立刻就用上：在 20 个样本上，训练损失随幂的个数一路下降，测试损失却急剧上升。")
    lab.show("complexity") { t in
        .curves(
            t("Loss and the number of powers (least squares, 20 samples)", "损失与幂的个数（最小二乘，20 个样本）"),
            [
                Curve(t("training", "训练"), x: fits.map(\.powers), y: fits.map { max($0.training, 1e-12) }),
                Curve(t("test", "测试"), x: fits.map(\.powers), y: fits.map(\.test)),
            ],
            x: Axis(t("powers", "幂的个数")), y: Axis(t("loss", "损失"), scale: .logarithmic))
    }

    func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    lab.check("normal", median(normals.map { $0.test.last! }))
    lab.check("weights", median(normals.map { zip($0.weights, trueWeights).map { abs($0 - $1) }.max()! }))
    lab.check("under", unders.map { $0.training.min()! }.min()!)
    lab.check("gap", median(unders.map { $0.test.last! / $0.training.last! }))
    lab.check("patient", median(overs.map { $0.test.last! }))
    lab.check("solved", fits.last!.test / max(fits.last!.training, 1e-12))
    lab.check("same", zip(normal.weights, scratch.weights).map { abs($0 - $1) }.max()!)
}
