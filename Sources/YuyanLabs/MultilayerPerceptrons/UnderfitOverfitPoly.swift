import Foundation
import Yuyan

/// A cubic seen through too few, just enough and too many powers of x.
let underfitOverfitPoly: Lab = Lab(
    "underfit-overfit-poly", "Underfitting and overfitting", "欠拟合与过拟合",
    book: "4.4", note: .multilayerPerceptrons, part: "1.3",
    claims: [
        // Medians of several data sets, as in a single one a far-out x decides. The noise has a variance of 0.01, and the mean
        // of 100 squared noises a standard error of 0.0014.
        Claim("normal", "4 powers: test loss, near that of the noise", "4 个幂：测试损失接近噪声的损失", .near(0.01, margin: 0.005)),
        Claim("weights", "4 powers: largest error of a weight", "4 个幂：权重的最大误差", .below(0.15)),
        Claim("under", "2 powers: lowest training loss", "2 个幂：最低的训练损失", .above(1)),
        Claim("gap", "2 powers: test / training loss", "2 个幂：测试 / 训练损失", .within(0.3...3), needsFullSize: true),
        Claim("patient", "20 powers by descent: test loss", "20 个幂，梯度下降：测试损失", .below(0.03), needsFullSize: true),
        Claim("solved", "20 powers solved on 20 samples: test / training", "20 个样本求解 20 个幂：测试 / 训练损失", .above(1e4)),
        Claim("same", "from scratch and with layers: weights differ by", "从零实现与用层实现：权重的最大差", .below(0.02)),
    ],
    figures: ["normal", "under", "complexity"]
) { lab in
    // y = 5 + 1.2x − 3.4x²/2! + 5.6x³/3! + noise, and the features xⁱ/i!.
    let trueWeights = [5, 1.2, -3.4, 5.6]
    typealias Data = (features: Tensor, labels: Tensor)
    func sample(_ count: Int) -> Data {
        let x = Tensor.normal([count, 1])
        let features = concatenate((0..<20).map { x.pow($0) / tgamma(Double($0) + 1) }, axis: 1)
        let y = features[.all, 0..<4].matmul(Tensor(trueWeights).cast(to: .float32).reshaped([4, 1]))
        return (features, y + Tensor.normal([count, 1], standardDeviation: 0.1))
    }
    let sets = (0..<lab.full(5, quick: 3)).map { _ in (training: sample(100), test: sample(100)) }
    func first(_ powers: Int, of data: Data) -> Data { (data.features[.all, 0..<powers], data.labels) }

    // Gradient descent on the first powers, ten samples at a time.
    typealias Outcome = (epochs: [Double], training: [Double], test: [Double], weights: [Double])
    func train(_ set: (training: Data, test: Data), _ powers: Int, epochs: Int) -> Outcome {
        let ((features, labels), test) = (first(powers, of: set.training), first(powers, of: set.test))
        let batches = DataLoader(TensorDataset(features, labels), batchSize: 10, shuffle: true, seed: lab.seed)
        let net = Linear(inputSize: powers, outputSize: 1, hasBias: false)
        let optimizer = SGD(net.parameters(), learningRate: 0.01)
        var outcome: Outcome = ([], [], [], [])
        for epoch in 1...epochs {
            for (x, y) in batches {
                optimizer.zeroGradients()
                meanSquaredError(net(x), y).backward()
                optimizer.step()
            }
            guard epoch == 1 || epoch % 20 == 0 else { continue }
            outcome.epochs.append(Double(epoch))
            withoutGradients {
                outcome.training.append(meanSquaredError(net(features), labels).item())
                outcome.test.append(meanSquaredError(net(test.features), test.labels).item())
            }
        }
        outcome.weights = net.weight.value.array()
        return outcome
    }
    let normals = sets.map { train($0, 4, epochs: 400) }
    let unders = sets.map { train($0, 2, epochs: 400) }
    let overs = sets.map { train($0, 20, epochs: lab.full(1500, quick: 50)) }
    // 4 powers without layers: the gradient of the mean square is 2 xᵀ(xw − y) / n.
    var w = Tensor.zeros([4, 1])
    let (features, labels) = first(4, of: sets[0].training)
    let batches = DataLoader(TensorDataset(features, labels), batchSize: 10, shuffle: true, seed: lab.seed)
    for _ in 1...400 {
        for (x, y) in batches { w -= 0.01 * 2 / 10 * x.transposed().matmul(x.matmul(w) - y) }
    }
    lab.say(
        "100 noisy samples of a cubic; models that see the first 4 powers of x (just right), 2 (too few) and 20 (too many), trained by gradient descent. A model underfits where both losses are high, and overfits where the test loss is clearly above the training loss:",
        "三次多项式的 100 个带噪声样本；模型分别看到 x 的前 4 个（正好）、2 个（太少）、20 个（太多）幂，用梯度下降训练。两种损失都高是欠拟合，测试损失明显高于训练损失是过拟合：")
    lab.table(
        [Words("powers", "幂的个数"), Words("training loss", "训练损失"), Words("test loss", "测试损失")],
        zip(["4", "2", "20"], [normals[0], unders[0], overs[0]]).map { powers, outcome in
            [powers, "\(outcome.training.last!, digits: 3)", "\(outcome.test.last!, digits: 3)"]
        })
    func show(_ name: String, _ title: Words, _ axis: Words, _ x: [Double], _ losses: [[Double]], top: Double) {
        lab.show(name) { t in
            let curves = zip([t("training", "训练"), t("test", "测试")], losses).map { Curve($0, x: x, y: $1) }
            let y = Axis(t("loss", "损失"), scale: .logarithmic, range: 1e-3...top)
            return .curves(t(title.english, title.chinese), curves, x: Axis(t(axis.english, axis.chinese)), y: y)
        }
    }
    let (normal, under, epoch) = (normals[0], unders[0], Words("epoch", "轮次"))
    let low = Words("4 powers: both losses reach the noise", "4 个幂：两种损失都降到噪声水平")
    let high = Words("2 powers: both losses stay high", "2 个幂：两种损失都居高不下")
    show("normal", low, epoch, normal.epochs, [normal.training, normal.test], top: 1e2)
    show("under", high, epoch, under.epochs, [under.training, under.test], top: 1e2)

    // Descent needs very long to reach the weights that fit the noise. Solving for them shows where it leads.
    let few = sample(20)
    let fits = (1...20).compactMap { powers -> (powers: Double, training: Double, test: Double)? in
        let parts = [few, sets[0].test].map { data in
            (x: data.features[.all, 0..<powers].cast(to: .float64), y: data.labels.cast(to: .float64))
        }
        // Where one power is a sum of others on all 20 samples, there is no single solution.
        guard let w = try? leastSquares(parts[0].x, parts[0].y) else { return nil }
        let losses = parts.map { meanSquaredError($0.x.matmul(w), $0.y).item() }
        return (Double(powers), max(losses[0], 1e-12), losses[1])
    }
    lab.say(
        "Descent is slow to use the extra powers: 20 of them do little harm here. Least squares uses them at once: on 20 samples its training loss falls with every power, and its test loss explodes.",
        "梯度下降很慢才会用到多余的幂，所以 20 个幂在这里并无大碍。最小二乘立刻就用上：在 20 个样本上，训练损失随幂的个数一路下降，测试损失却急剧上升。")
    let title = Words("Loss by number of powers (least squares, 20 samples)", "损失与幂的个数（最小二乘，20 个样本）")
    show(
        "complexity", title, Words("powers", "幂的个数"), fits.map(\.powers), [fits.map(\.training), fits.map(\.test)],
        top: 1e6)

    func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    lab.check("normal", median(normals.map { $0.test.last! }))
    lab.check("weights", median(normals.map { zip($0.weights, trueWeights).map { abs($0 - $1) }.max()! }))
    lab.check("under", unders.map { $0.training.min()! }.min()!)
    lab.check("gap", median(unders.map { $0.test.last! / $0.training.last! }))
    lab.check("patient", median(overs.map { $0.test.last! }))
    lab.check("solved", fits.last!.test / fits.last!.training)
    lab.check("same", zip(normal.weights, w.array(of: Double.self)).map { abs($0 - $1) }.max()!)
}
