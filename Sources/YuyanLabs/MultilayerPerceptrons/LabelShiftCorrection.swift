import Yuyan

/// Classes become frequent or rare while their pictures stay as they were: a classifier's mistakes tell by how much.
let labelShiftCorrection = Lab(
    "label-shift-correction", "Correcting label shift", "标签偏移纠正",
    book: "4.9", note: .multilayerPerceptrons, part: "5.2", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim("two", "two classes: share of the first", "两个类别：第一类所占的比例", .near(0.19067034, margin: 1e-6)),
        Claim("second", "another classifier: share of the first", "另一个分类器：第一类所占的比例", .near(0.18808059, margin: 1e-6)),
        // 2 · (0.5 − 0.1); the standard error of 4,000 draws is 2 · √(¼ / 4000) = 0.016.
        Claim(
            "none", "half sneakers: distance ‖p̂ − p‖₁ if no shift is assumed", "一半是运动鞋：假设没有偏移时的距离 ‖p̂ − p‖₁",
            .near(0.8, margin: 0.06)),
        Claim(
            "estimate", "half sneakers: distance of the estimate, in parts of that", "一半是运动鞋：估计值的距离与上一项之比", .below(0.15)
        ),
        Claim(
            "raw", "half sneakers: distance of the estimate, in parts of that of the predictions",
            "一半是运动鞋：估计值的距离与预测比例的距离之比", .below(1),
            needsFullSize: true),
        // Counts of 4,000 and of 1,000 a class give a share a standard error of about 0.005, and of 0.015 where classes are
        // often mistaken for one another: ten shares together 0.05 to 0.1, beside 0.46.
        Claim(
            "linear", "shares that rise by class: distance, in parts of that without a shift", "比例逐类上升：距离与假设没有偏移时之比",
            .below(0.3), needsFullSize: true),
        Claim(
            "gain", "half sneakers: accuracy that the weights gain", "一半是运动鞋：加权训练提高的准确率", .above(0), needsFullSize: true
        ),
        Claim(
            "library", "largest distance from the library's shares and weights", "与库中的比例和权重的最大差", .below(1e-5)),
        Claim("unseen", "a class without samples in the source is an error", "源数据中没有样本的类别会报错", .yes),
        Claim("useless", "a classifier that always says the same: not solvable", "总给出同一类别的分类器：方程无解", .yes),
    ],
    figures: ["confusion", "sneakers", "linear"]
) { lab in
    // Cᵢⱼ: how much of class j is taken for i. A column is one class, so that its sum is 1.
    func confusion(_ labels: Tensor, _ predictions: Tensor, classes: Int) -> Tensor {
        let (rows, columns) = (oneHot(predictions, classCount: classes), oneHot(labels, classCount: classes))
        let counts = rows.cast(to: .float64).transposed().matmul(columns.cast(to: .float64))
        return counts / counts.sum(axis: 0, keepDimensions: true)
    }
    func shares(_ labels: Tensor, classes: Int = 10) -> Tensor {
        oneHot(labels, classCount: classes).cast(to: .float64).mean(axis: 0)
    }
    // Class i is predicted for μᵢ = Σⱼ Cᵢⱼ pⱼ of the target. Chance can make a small share negative. (The reference device
    // solves without LAPACK.)
    func targetShares(_ c: Tensor, _ predicted: Tensor) throws -> Tensor {
        let p = maximum(try solve(c.to(.reference), predicted.to(.reference)), 0)
        return (p / p.sum()).to(c.device)
    }

    let c = Tensor([[0.85986954, 0.12766461], [0.14013031, 0.87233531]])
    let predicted = Tensor([0.26727438, 0.73272562])
    let two = try targetShares(c, predicted)
    lab.say(
        "A classifier finds \(c[0, 0].item() * 100, decimals: 0)% of class 0, and takes \(c[0, 1].item() * 100, decimals: 0)% of class 1 for it. Where it says 0 for \(predicted[0].item() * 100, decimals: 0)% of the samples, \(two[0].item() * 100, decimals: 0)% are of class 0.",
        "一个分类器能认出 \(c[0, 0].item() * 100, decimals: 0)% 的 0 类，又把 \(c[0, 1].item() * 100, decimals: 0)% 的 1 类误认成 0 类。如果它把 \(predicted[0].item() * 100, decimals: 0)% 的样本判为 0 类，那么真正的 0 类占 \(two[0].item() * 100, decimals: 0)%。"
    )
    lab.check("two", two[0])
    let other = Tensor([[0.91566265, 0.08964144], [0.08433735, 0.91035855]])
    lab.check("second", try targetShares(other, Tensor([0.245, 0.755]))[0])

    // The source: clothes of ten kinds, equally many. The last part is held out: only there do the mistakes count.
    let (trainingCount, heldOutCount) = (lab.full(50_000, quick: 8_000), lab.full(10_000, quick: 4_000))
    let (trainingSet, testSet) = (try FashionMNIST(.train), try FashionMNIST(.test))
    func all(_ set: FashionMNIST, _ count: Int) -> (Tensor, Tensor) {
        let (images, labels) = set.batch(at: Array(0..<count)[...])
        return (images.reshaped([-1, 784]), labels)
    }
    let (images, labels) = all(trainingSet, trainingCount + heldOutCount)
    let (testImages, testLabels) = all(testSet, testSet.count)
    let (trainingImages, trainingLabels) = (images[0..<trainingCount], labels[0..<trainingCount])

    // Softmax regression, whose losses count as much as their class weighs.
    typealias Model = (w: Parameter, b: Parameter)
    func train(_ classWeights: Tensor) -> Model {
        let (w, b) = (Parameter(Tensor.zeros([784, 10])), Parameter(Tensor.zeros([10])))
        let weights = classWeights.cast(to: .float32)
        for _ in 0..<lab.full(10, quick: 3) {
            let order = Tensor.permutation(trainingCount)
            for start in stride(from: 0, to: trainingCount, by: 256) {
                let rows = order[start..<min(start + 256, trainingCount)]
                let y = trainingLabels[rows]
                let losses = crossEntropy(trainingImages[rows].matmul(w) + b, y, reduction: .none)
                (weights[y] * losses).mean().backward()
                for parameter in [w, b] {
                    parameter.value -= 0.1 * parameter.gradient!
                    parameter.gradient = nil
                }
            }
        }
        return (w, b)
    }
    func predictions(_ model: Model, _ images: Tensor) -> Tensor {
        (images.matmul(model.w.value) + model.b.value).argmax(axis: 1)
    }
    func accuracy(_ model: Model, _ images: Tensor, _ labels: Tensor) -> Double {
        (predictions(model, images) .== labels).cast(to: .float32).mean().item()
    }

    let first = train(Tensor.ones([10]))
    let heldOut = (images: images[trainingCount...], labels: labels[trainingCount...])
    let heldOutPredictions = predictions(first, heldOut.images)
    let mistakes = confusion(heldOut.labels, heldOutPredictions, classes: 10)
    lab.say(
        "What held-out clothes are taken for: C in percent. A column is one class:", "留出的衣物被判成什么（C，以百分数表示）。每一列是一个类别：")
    func names(_ t: (String, String) -> String) -> [String] {
        (0..<10).map { t(FashionMNIST.classNames[$0], FashionMNIST.chineseClassNames[$0]) }
    }
    lab.show("confusion") { t in
        .heatMap(
            t("Confusion matrix, percent of each column", "混淆矩阵（各列的百分比）"), (100 * mistakes + 0.5).floor(),
            rows: names(t), columns: names(t),
            rowTitle: t("prediction", "预测"), columnTitle: t("label", "标签"), showsValues: true)
    }

    // Targets: 4,000 test images, in which the classes have other shares.
    var random = Generator.current
    let members = (0..<10).map { label in (testLabels .== label).nonzero().array(of: Int.self) }
    func target(_ prior: [Double]) -> Tensor {
        Tensor(
            (0..<4000).map { _ in
                var rest = Double.random(in: 0..<prior.reduce(0, +), using: &random)
                let label = prior.firstIndex { share in
                    rest -= share
                    return rest < 0
                }!
                return members[label].randomElement(using: &random)!
            })
    }
    func distance(_ a: Tensor, _ b: Tensor) -> Double { (a - b).abs().sum().item() }

    let source = shares(heldOut.labels)
    struct Outcome { var truth, estimate, predictions: Tensor; var none, raw, estimated, before, after: Double }
    func correct(_ prior: [Double]) throws -> Outcome {
        let rows = target(prior)
        let (x, y) = (testImages[rows], testLabels[rows])
        let (truth, predicted) = (shares(y), predictions(first, x))
        let estimate = try targetShares(mistakes, shares(predicted))
        let second = train(estimate / source)
        return Outcome(
            truth: truth, estimate: estimate, predictions: predicted, none: distance(source, truth),
            raw: distance(shares(predicted), truth), estimated: distance(estimate, truth),
            before: accuracy(first, x, y), after: accuracy(second, x, y))
    }
    let sneakers = try correct((0..<10).map { $0 == 7 ? 0.5 : 0.5 / 9 })
    let linear = try correct((1...10).map { Double($0) / 55 })

    lab.say(
        "Two targets of 4,000 images. How far from their true shares is what one would think (sum of the absolute differences), and what a second training with weights p/q gains:",
        "两个各有 4000 张图像的目标域。各种估计与真实比例相差多少（绝对差之和），以及用权重 p/q 重新训练提高了多少：")
    lab.table(
        ["", Words("half sneakers", "一半运动鞋"), Words("rising", "逐类上升")],
        [
            (Words("as in the source", "与源域相同"), \Outcome.none), (Words("as predicted", "按预测的比例"), \.raw),
            (Words("estimated by C p = μ", "由 C p = μ 估计"), \.estimated),
            (Words("accuracy before", "纠正前的准确率"), \.before),
            (Words("accuracy after", "纠正后的准确率"), \.after),
        ].map { name, value in
            [name] + [sneakers, linear].map { "\($0[keyPath: value], decimals: 3)" }
        })
    for (name, title, outcome) in [
        ("sneakers", Words("Half of them sneakers", "一半是运动鞋"), sneakers),
        ("linear", Words("Shares that rise by class", "比例逐类上升"), linear),
    ] {
        lab.show(name) { t in
            .bars(
                t(title.english, title.chinese), names(t),
                [
                    BarSeries(t("true", "真实"), outcome.truth.array(of: Double.self)),
                    BarSeries(t("estimated", "估计"), outcome.estimate.array(of: Double.self)),
                    BarSeries(t("source", "源域"), source.array(of: Double.self)),
                ], y: Axis(t("share", "比例")))
        }
    }
    lab.check("none", sneakers.none)
    lab.check("estimate", sneakers.estimated / sneakers.none)
    lab.check("raw", sneakers.estimated / sneakers.raw)
    lab.check("linear", linear.estimated / linear.none)
    lab.check("gain", sneakers.after - sneakers.before)

    // The library does the same from counts[label][prediction].
    var counts = [[Int]](repeating: [Int](repeating: 0, count: 10), count: 10)
    for (label, prediction) in zip(
        heldOut.labels.array(of: Int.self), heldOutPredictions.array(of: Int.self))
    {
        counts[label][prediction] += 1
    }
    let library = try LabelShiftCorrection(counts: counts, targetPredictions: sneakers.predictions)
    lab.check(
        "library",
        max(
            distance(Tensor(library.targetShares), sneakers.estimate),
            distance(Tensor(library.classWeights), sneakers.estimate / source)))

    // p/q has no value where q is 0: no weight makes up for samples that do not exist.
    counts[7] = [Int](repeating: 0, count: 10)
    func fault(_ counts: [[Int]]) -> ShiftError? {
        let result = Result { () throws(ShiftError) in
            try LabelShiftCorrection(counts: counts, targetPredictions: sneakers.predictions)
        }
        if case .failure(let fault) = result { return fault }
        return nil
    }
    lab.say(
        "One of the notes takes label shift for labels that training never had. It means that the shares change while each class looks as before; a class that is new is the extreme case, and the one that cannot be corrected. Without sneakers in the source: \(fault(counts).map { "\($0)" } ?? "").",
        "有一份笔记把标签偏移理解为测试时出现了训练时没有的标签。标签偏移是指各类的比例改变，而每一类的样子不变；出现新类别只是极端情形，恰恰无法纠正。源数据中没有运动鞋时，库会报错。")
    lab.check("unseen", fault(counts) == .unseenClass(7))
    let always = (0..<10).map { _ in (0..<10).map { $0 == 0 ? 100 : 0 } }
    lab.check("useless", fault(always) == .singularConfusion)
}
