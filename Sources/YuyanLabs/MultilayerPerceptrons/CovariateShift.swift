import Foundation
import Yuyan

/// The inputs move, and what they mean does not: photographs to learn from, drawings to be asked about.
let covariateShift = Lab(
    "covariate-shift", "Covariate shift", "协变量偏移",
    book: "4.9", note: .multilayerPerceptrons, part: "5.1", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim("inputs", "p(x) moved: p-value of the inputs", "p(x) 变了：输入的 p 值", .below(1e-6)),
        Claim(
            "labels", "P(y | x) did not: p-value of the labels within parts of x", "P(y | x) 没变：x 各区间内标签的 p 值",
            .above(1e-4)),
        Claim("alarms", "random splits of one data set: share of alarms at 5 %", "随机划分同一数据集：5% 水平下的报警比例", .below(0.11)),
        Claim("sorted", "a split of the sorted data: p-value", "按大小顺序划分：p 值", .below(1e-6)),
        Claim("photos", "accuracy on photographs", "照片上的准确率", .above(0.7)),
        Claim("drawings", "accuracy on their edge pictures", "边缘图上的准确率", .below(0.55)),
        Claim("domain", "accuracy of telling photographs from edge pictures", "区分照片与边缘图的准确率", .above(0.9)),
        Claim("same", "the same between two halves of the photographs", "区分两半照片的准确率", .near(0.5, margin: 0.06)),
        Claim(
            "library", "p-value of domainClassifierTest of the library", "库中 domainClassifierTest 的 p 值", .below(1e-6)),
        Claim(
            "missing", "largest distance of the share of splits without some label from the formula",
            "缺少某类标签的划分所占比例与公式的最大差", .below(0.045)),
    ],
    figures: ["inputs", "meaning", "pictures", "missing"]
) { lab in
    // 1. One number x and a label with P(y = 1 | x) = σ(3x), in source and target. The target's x come from elsewhere.
    func labels(_ x: Tensor) -> Tensor { (Tensor.uniform(x.shape) .< (x * 3).sigmoid()).cast(to: .int64) }
    let source = Tensor.normal([2000], mean: -0.5)
    let target = Tensor.normal([2000], mean: 0.7, standardDeviation: 0.7)
    let (sourceLabels, targetLabels) = (labels(source), labels(target))
    let edges = [-1, -0.5, 0, 0.5, 1, 1.5]
    // How many of the labels are 0 and how many 1, in each part of x.
    func counts(_ x: Tensor, _ y: Tensor) -> [[Int]] {
        var counts = [[Int]](repeating: [0, 0], count: edges.count + 1)
        for (x, y) in zip(x.array(of: Double.self), y.array(of: Int.self)) { counts[edges.count { $0 <= x }][y] += 1 }
        return counts
    }
    let (before, after) = (counts(source, sourceLabels), counts(target, targetLabels))
    let inputs = try kolmogorovSmirnovTest(source, target)
    // Bonferroni: the least of the p-values times their number.
    let meaning = FeatureTests(features: try zip(before, after).map { try chiSquaredTest(counts: [$0, $1]) })
    lab.say(
        "A model is made with one kind of inputs (source) and meets another (target). What an input means stays: at the same x, labels are as often 1.",
        "模型用一种输入训练（源分布），却用在另一种输入上（目标分布）。输入的含义不变：x 相同时，标签为 1 的可能性相同。")
    lab.show("inputs") { t in
        .histogram(
            t("p(x) moves", "p(x) 改变"),
            [ValueGroup(t("source", "源"), source), ValueGroup(t("target", "目标"), target)], binCount: 24,
            x: Axis("x"), y: Axis(t("samples", "样本数")))
    }
    lab.show("meaning") { t in
        let middles = [-1.25, -0.75, -0.25, 0.25, 0.75, 1.25, 1.75]
        func shares(_ counts: [[Int]]) -> [Double] { counts.map { Double($0[1]) / Double(max(1, $0[0] + $0[1])) } }
        return .curves(
            t("P(y = 1 | x) stays", "P(y = 1 | x) 不变"),
            [
                Curve(t("source", "源"), x: middles, y: shares(before)),
                Curve(t("target", "目标"), x: middles, y: shares(after)),
            ], x: Axis("x"), y: Axis(t("share of label 1", "标签 1 的比例")))
    }
    lab.check("inputs", inputs.pValue)
    lab.check("labels", meaning.pValue)

    // 2. A random split of one data set cannot shift: its parts are drawn alike. A split of sorted rows does.
    let rows = Tensor(source.array(of: Float.self).sorted())
    func alarm(_ order: Tensor) throws -> TwoSampleTest {
        try kolmogorovSmirnovTest(rows[order[..<400]], rows[order[400..<500]])
    }
    let splits = try (0..<200).map { _ in try alarm(Tensor.permutation(2000)) }
    let alarms = Double(splits.count { $0.isSignificant() }) / 200
    lab.say(
        "Splitting one data set at random prevents it: a test that gives a false alarm in 5 of 100 cases sounds in \(alarms * 100, decimals: 1)% of 200 random splits. A split of sorted rows shifts.",
        "随机划分同一个数据集可以避免这种偏移：一个误报率为 5% 的检验，在 200 次随机划分中报警 \(alarms * 100, decimals: 1)%。按大小顺序划分则会产生偏移。")
    lab.check("alarms", alarms)
    lab.check("sorted", try alarm(Tensor.arange(2000)).pValue)

    // 3. Photographs of clothes to learn from. Drawings of them: the edges, where neighbouring pixels differ.
    func load(_ split: FashionMNIST.Split, _ count: Int) throws -> (images: Tensor, labels: Tensor) {
        let batches = DataLoader(Subset(try FashionMNIST(split), 0..<count), batchSize: count)
        return try batches.makeIterator().nextBatch()!
    }
    let (training, test) = (try load(.train, lab.full(20_000, quick: 5000)), try load(.test, 4000))
    // Sobel's two differences, to the right and downwards.
    let sobel = Tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]).cast(to: .float32) / 4
    let differences = stack([sobel, sobel.transposed()]).reshaped([2, 1, 3, 3])
    func drawn(_ images: Tensor) -> Tensor {
        conv2D(images, weight: differences, padding: 1).abs().sum(axis: 1, keepDimensions: true).clamped(to: 0...1)
    }
    // A linear classifier, for clothes and for telling two kinds of pictures apart.
    func train(_ images: Tensor, _ labels: Tensor, classes: Int) -> Sequential {
        let net = Sequential(Flatten(), Linear(inputSize: 784, outputSize: classes))
        let optimizer = SGD(net.parameters(), learningRate: 0.1)
        let batches = DataLoader(TensorDataset(images, labels), batchSize: 100, shuffle: true, seed: lab.seed)
        for _ in 1...5 {
            for (x, y) in batches {
                optimizer.zeroGradients()
                crossEntropy(net(x), y).backward()
                optimizer.step()
            }
        }
        return net
    }
    func accuracy(_ net: Sequential, _ images: Tensor, _ labels: Tensor) -> Double {
        withoutGradients { (net(images).argmax(axis: 1) .== labels).cast(to: .float32).mean().item() }
    }
    let clothes = train(training.images, training.labels, classes: 10)
    let drawings = drawn(test.images)
    let (onPhotos, onDrawings) = (
        accuracy(clothes, test.images, test.labels), accuracy(clothes, drawings, test.labels)
    )
    // A domain classifier learns from the first halves of two samples, and is asked about the others.
    func domainAccuracy(_ a: Tensor, _ b: Tensor) -> Double {
        let half = a.shape[0] / 2
        let which = Tensor((0..<(2 * half)).map { $0 < half ? 0 : 1 })
        let net = train(concatenate([a[..<half], b[..<half]]), which, classes: 2)
        return accuracy(net, concatenate([a[half...], b[half...]]), which)
    }
    let (told, same) = (
        domainAccuracy(test.images, drawings), domainAccuracy(test.images[..<2000], test.images[2000...])
    )
    lab.say(
        "A classifier of clothes learns from photographs; then it is asked about their edges. A shoe is still a shoe, but of the photographs it knows \(onPhotos * 100, decimals: 1)%, of the drawings \(onDrawings * 100, decimals: 1)%. A second classifier gives a warning without any labels: it tells photographs from drawings in \(told * 100, decimals: 1)% of the cases; two halves of the photographs in \(same * 100, decimals: 1)%, no better than a coin.",
        "服装分类器用照片训练，再用它们的边缘图来测试。鞋还是鞋，但照片的准确率是 \(onPhotos * 100, decimals: 1)%，边缘图只有 \(onDrawings * 100, decimals: 1)%。另一个分类器不需要标签就能发出警告：它区分照片和边缘图的准确率是 \(told * 100, decimals: 1)%；区分两半照片只有 \(same * 100, decimals: 1)%，和抛硬币差不多。"
    )
    lab.show("pictures") { t in
        .images(
            t("Photographs, and their edges", "照片及其边缘图"),
            concatenate([test.images[..<10], drawings[..<10]]), columns: 10)
    }
    lab.check("photos", onPhotos)
    lab.check("drawings", onDrawings)
    lab.check("domain", told)
    lab.check("same", same)
    // On 49 grey values a picture, as its regressions have a coefficient for each.
    func small(_ images: Tensor) -> Tensor { images[..<1000].avgPool2D(kernelSize: 4).reshaped([1000, 49]) }
    lab.check("library", try domainClassifierTest(small(test.images), small(drawings), terms: .linear).pValue)

    // 4. Few pictures: the training part, 80 % of a random split, may lack a whole kind of clothes. By inclusion and exclusion,
    // with K = 10 classes and m rows to train on: Σ over s from 1 to K of (−1)^(s+1) (K choose s) (1 − s/K)^m.
    func formula(_ m: Int) -> Double {
        var (sum, choices) = (0.0, 1.0)
        for s in 1...10 {
            choices *= Double(11 - s) / Double(s)
            sum += (s % 2 == 1 ? 1 : -1) * choices * pow(1 - Double(s) / 10, Double(m))
        }
        return sum
    }
    let sizes = [20, 30, 40, 50, 60, 80, 100, 200, 500]
    let kinds = training.labels.array(of: Int.self)
    var random = Generator.current
    let found = sizes.map { size in
        let lacking = (0..<2000).count { _ in
            Set((0..<(size * 4 / 5)).map { _ in kinds.randomElement(using: &random)! }).count < 10
        }
        return Double(lacking) / 2000
    }
    let expected = sizes.map { formula($0 * 4 / 5) }
    lab.say(
        "With few pictures even a random split can shift: how often the training part (80 %) lacks a whole kind of clothes, of 2,000 splits each, beside the formula.",
        "图片很少时，随机划分也会造成偏移：训练部分（80%）缺少某一整类服装的比例（各划分 2000 次），与公式对照。")
    lab.show("missing") { t in
        .curves(
            t("Splits that lack a class", "缺少某一类的划分"),
            [
                Curve(t("2,000 splits", "2000 次划分"), x: sizes.map(Double.init), y: found),
                Curve(t("formula", "公式"), x: sizes.map(Double.init), y: expected),
            ],
            x: Axis(t("pictures", "图片数"), scale: .logarithmic), y: Axis(t("share of the splits", "划分的比例")))
    }
    // Four standard errors of a share of 2,000 draws are at most 0.045.
    lab.check("missing", zip(found, expected).map { abs($0 - $1) }.max()!)
}
