import Yuyan

/// Classes become frequent or rare while their pictures stay as they were: a classifier's mistakes tell by how much.
let labelShiftCorrection: Lab = Lab(
    "label-shift-correction", "Correcting label shift", "标签偏移纠正",
    book: "4.9", note: .multilayerPerceptrons, part: "5.2", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim("two", "two classes: share of class 0", "两个类别：0 类所占的比例", .exactly(0.2)),
        Claim("none", "half sneakers: distances, estimate / source", "一半是运动鞋：距离之比，估计 / 源数据", .below(0.15)),
        Claim("raw", "distances, estimate / predictions", "距离之比，估计 / 预测", .below(1), needsFullSize: true),
        // Ten shares with standard errors of 0.005 to 0.015 are together 0.05 to 0.1 off; the source's are off by 0.46.
        Claim("rising", "rising shares: estimate / source", "比例递增：估计 / 源数据", .below(0.3), needsFullSize: true),
        Claim("gain", "half sneakers: gain in accuracy by weights", "一半是运动鞋：加权提高的准确率", .above(0), needsFullSize: true),
        Claim("library", "distance of p/q from the library's", "p/q 与库中权重的距离", .below(1e-5)),
        Claim("unseen", "a class without samples in the source is an error", "源数据中没有样本的类别会报错", .yes),
        Claim("useless", "so is a classifier that always says the same", "总给出同一类别的分类器也会报错", .yes),
    ],
    figures: ["sneakers"]
) { lab in
    // Of class j, the classifier takes the part Cᵢⱼ for class i. So it predicts class i with a share of μᵢ = Σⱼ Cᵢⱼ pⱼ: we
    // see μ, and solve for p. What chance makes negative becomes 0. (The reference device solves without LAPACK.)
    func targetShares(_ c: Tensor, _ predicted: Tensor) throws -> Tensor {
        let p = maximum(try solve(c.to(.reference), predicted.to(.reference)), 0)
        return (p / p.sum()).to(c.device)
    }
    let two = try targetShares(Tensor([[0.8, 0.1], [0.2, 0.9]]), Tensor([0.24, 0.76]))
    lab.say(
        "A classifier knows 80% of class 0, and takes 10% of class 1 for class 0. If it says 0 for 24% of the samples, \(two[0].item() * 100, decimals: 0)% are of class 0: that solves C p = μ, for its mistakes C, its predictions μ and the true shares p.",
        "分类器能认出 80% 的 0 类，又把 10% 的 1 类误认成 0 类。若它判 24% 的样本为 0 类，解 C p = μ 得 0 类占 \(two[0].item() * 100, decimals: 0)%。")
    lab.check("two", two[0])

    // The source: clothes of ten kinds, equally many. Some are held out to count the mistakes on.
    func load(_ split: FashionMNIST.Split, _ rows: Range<Int>) throws -> (x: Tensor, y: Tensor) {
        let (images, labels) = try FashionMNIST(split).batch(at: Array(rows)[...])
        return (images.reshaped([-1, 784]), labels)
    }
    let count = lab.full(50_000, quick: 8_000)
    let (training, test) = (try load(.train, 0..<count), try load(.test, 0..<10_000))
    let heldOut = try load(.train, count..<(count + 10_000))

    // Softmax regression, where a sample's loss counts as much as its class weighs.
    func train(_ classWeights: Tensor) -> Linear {
        let net = Linear(inputSize: 784, outputSize: 10)
        let optimizer = SGD(net.parameters(), learningRate: 0.1)
        let batches = DataLoader(TensorDataset(training.x, training.y), batchSize: 256, shuffle: true, seed: lab.seed)
        for _ in 0..<lab.full(10, quick: 3) {
            for (x, y) in batches {
                optimizer.zeroGradients()
                (classWeights[y] * crossEntropy(net(x), y, reduction: .none)).mean().backward()
                optimizer.step()
            }
        }
        return net
    }
    func predictions(_ net: Linear, _ x: Tensor) -> Tensor { withoutGradients { net(x).argmax(axis: 1) } }

    // C from the held-out clothes: counts[label, prediction], in parts of each label.
    func indicators(_ labels: Tensor) -> Tensor { oneHot(labels, classCount: 10).cast(to: .float64) }
    func shares(_ labels: Tensor) -> Tensor { indicators(labels).mean(axis: 0) }
    let (first, source) = (train(Tensor.ones([10])), shares(heldOut.y))
    let counts = indicators(heldOut.y).transposed().matmul(indicators(predictions(first, heldOut.x)))
    let c = (counts / counts.sum(axis: 1, keepDimensions: true)).transposed()

    // Targets: 4,000 test images with other shares of the classes. Their labels only serve to judge.
    var random = Generator.current
    let members = (0..<10).map { label in (test.y .== label).nonzero().array(of: Int.self) }
    func distance(_ a: Tensor, _ b: Tensor) -> Double { (a - b).abs().sum().item() }
    func correct(_ prior: [Double]) throws -> (truth: Tensor, estimate: Tensor, predictions: Tensor, numbers: [Double])
    {
        let classes = prior.indices.flatMap { Array(repeating: $0, count: Int((4000 * prior[$0]).rounded())) }
        let rows = Tensor(classes.map { members[$0].randomElement(using: &random)! })
        let (x, y) = (test.x[rows], test.y[rows])
        let predicted = predictions(first, x)
        let (truth, estimate) = (shares(y), try targetShares(c, shares(predicted)))
        let second = train((estimate / source).cast(to: .float32))
        let distances = [source, shares(predicted), estimate].map { distance($0, truth) }
        let accuracies = [first, second].map { (predictions($0, x) .== y).cast(to: .float64).mean().item() }
        return (truth, estimate, predicted, distances + accuracies)
    }
    let sneakers = try correct((0..<10).map { $0 == 7 ? 0.5 : 0.5 / 9 })
    let rising = try correct((1...10).map { Double($0) / 55 })
    lab.say(
        "Two targets: half of the clothes are sneakers, or the shares rise from class to class. How far each guess is from the true shares (sum of the absolute differences), and what training again gains, if class j has the weight pⱼ/qⱼ (share in the target / in the source):",
        "两个目标数据集：一个有一半是运动鞋，另一个的比例逐类递增。各种猜测与真实比例相差多少（差的绝对值之和），以及给 j 类权重 pⱼ/qⱼ（目标比例 / 源比例）重新训练提高了多少：")
    let names = [
        Words("as in the source", "与源数据相同"), Words("as predicted", "与预测相同"), Words("from C p = μ", "由 C p = μ 求出"),
        Words("accuracy before", "纠正前的准确率"), Words("accuracy after", "纠正后的准确率"),
    ]
    lab.table(
        ["", Words("half sneakers", "一半是运动鞋"), Words("rising", "逐类递增")],
        names.indices.map { row in [names[row]] + [sneakers, rising].map { "\($0.numbers[row], decimals: 3)" } })
    let bars = [sneakers.truth, sneakers.estimate, source].map { $0.array(of: Double.self) }
    lab.show("sneakers") { t in
        .bars(
            t("Half of them sneakers", "一半是运动鞋"),
            (0..<10).map { t(FashionMNIST.classNames[$0], FashionMNIST.chineseClassNames[$0]) },
            zip([t("true", "真实"), t("estimated", "估计"), t("source", "源数据")], bars).map { BarSeries($0, $1) },
            y: Axis(t("share", "比例")))
    }
    lab.check("none", sneakers.numbers[2] / sneakers.numbers[0])
    lab.check("raw", sneakers.numbers[2] / sneakers.numbers[1])
    lab.check("rising", rising.numbers[2] / rising.numbers[0])
    lab.check("gain", sneakers.numbers[4] - sneakers.numbers[3])

    // The library does the same. It refuses where p/q has no value, or where C p = μ has no single solution.
    let library = { try LabelShiftCorrection(counts: $0, targetPredictions: sneakers.predictions) }
    var table = (0..<10).map { counts[$0].cast(to: .int64).array(of: Int.self) }
    lab.check("library", distance(Tensor(try library(table).classWeights), sneakers.estimate / source))
    lab.say(
        "One of the notes writes that label shift means labels that training never had. What holds is that shares change and each class looks as before. A new class is the extreme, and cannot be corrected: no weight stands for samples that do not exist.",
        "有一份笔记写道，标签偏移就是出现了训练时没有的标签。其实，标签偏移是指各类的比例改变，而每一类的样子不变。出现新类别只是极端情形，而且无法纠正：权重代替不了不存在的样本。")
    table[7] = [Int](repeating: 0, count: 10)
    lab.check("unseen", (try? library(table)) == nil)
    lab.check("useless", (try? library((0..<10).map { _ in [100] + [Int](repeating: 0, count: 9) })) == nil)
}
