import Foundation
import Yuyan

/// The inputs move, and what they mean does not: photographs to learn from, drawings to be asked about.
let covariateShift: Lab = Lab(
    "covariate-shift", "Covariate shift", "协变量偏移",
    book: "4.9", note: .multilayerPerceptrons, part: "5.1", on: .fast, needs: .fashionMNIST,
    claims: [
        Claim("inputs", "p(x) moved: p-value of the inputs", "p(x) 变了：输入的 p 值", .below(1e-6)),
        Claim("labels", "P(y | x) did not: p-value of labels given inputs", "P(y | x) 没变：给定输入时标签的 p 值", .above(1e-4)),
        Claim("alarms", "random splits of one data set: share of alarms", "随机划分同一数据集：报警的比例", .below(0.11)),
        Claim("sorted", "a split of the sorted data: p-value", "排序后划分：p 值", .below(1e-6)),
        Claim("photos", "accuracy on photographs", "照片上的准确率", .above(0.7)),
        Claim("drawings", "accuracy on their edge pictures", "边缘图上的准确率", .below(0.55)),
        Claim("domain", "accuracy of telling photographs from edge pictures", "区分照片与边缘图的准确率", .above(0.9)),
        Claim("same", "the same between two halves of the photographs", "区分两半照片的准确率", .near(0.5, margin: 0.06)),
        // Four standard errors of a share of 2,000 draws are at most 0.045.
        Claim("missing", "splits that lack a class: distance from the formula", "缺少类别的划分：与公式的最大差", .below(0.045)),
    ],
    figures: ["inputs", "pictures", "missing"]
) { lab in
    // 1. One number x, and a label that is 1 with P(y = 1 | x) = σ(3x) everywhere; but the target has its x elsewhere.
    func sample(mean: Double, deviation: Double) -> LabeledSample {
        let x = Tensor.normal([2000], mean: mean, standardDeviation: deviation)
        return LabeledSample(features: x, labels: (Tensor.uniform([2000]) .< (3 * x).sigmoid()).cast(to: .int64))
    }
    let (source, target) = (sample(mean: -0.5, deviation: 1), sample(mean: 0.7, deviation: 0.7))
    lab.show("inputs") { t in
        let groups = [ValueGroup(t("source", "源"), source.features), ValueGroup(t("target", "目标"), target.features)]
        return .histogram(t("p(x) moves", "p(x) 改变"), groups, binCount: 24, x: Axis("x"), y: Axis(t("samples", "样本数")))
    }
    func percent(_ share: Double) -> String { "\(share * 100, decimals: 1)%" }
    let diagnosis = try ShiftDiagnosis(source: source, target: target)
    let (ofInputs, ofLabels) = (diagnosis.inputs.pValue, diagnosis.labelsGivenInputs.pValue)
    lab.say(
        "A model is made with inputs from a source and used on those of a target. How probable is such a difference by chance (its p-value)? \(ofInputs, decimals: 3) for the inputs: they moved. \(ofLabels, decimals: 3) for the labels at the same x: no sign that what an input means has changed.",
        "模型用源分布训练，却用于目标分布。差异纯属偶然的概率（p 值）：输入是 \(ofInputs, decimals: 3)，变了；x 相同时标签是 \(ofLabels, decimals: 3)，看不出变化。")
    lab.check("inputs", ofInputs)
    lab.check("labels", ofLabels)

    // 2. A random split of one data set cannot shift: its parts are drawn alike. A split of sorted rows does.
    let rows = Tensor(source.features.array(of: Float.self).sorted())
    func test(_ x: Tensor) throws -> TwoSampleTest { try kolmogorovSmirnovTest(x[..<400], x[400..<500]) }
    let alarms = try Double((0..<200).count { _ in try test(rows[Tensor.permutation(2000)]).isSignificant() }) / 200
    lab.say(
        "Splitting one data set at random prevents a shift: a test that gives a false alarm in 5 of 100 cases sounds in \(percent(alarms)) of 200 random splits. A split of sorted rows shifts.",
        "随机划分同一个数据集可以避免这种偏移：误报率为 5% 的检验在 200 次随机划分中报警 \(percent(alarms))。排序后再划分则会产生偏移。")
    lab.check("alarms", alarms)
    lab.check("sorted", try test(rows).pValue)

    // 3. Photographs of clothes to learn from. Drawings of them: the edges, where neighbouring pixels differ (by Sobel's
    // differences to the right and downwards).
    let (images, labels) = try FashionMNIST(.train).batch(at: Array(0..<lab.full(20_000, quick: 5000))[...])
    let (photos, kinds) = try FashionMNIST(.test).batch(at: Array(0..<4000)[...])
    let right = Tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]).cast(to: .float32) / 4
    let sobel = stack([right, right.transposed()]).reshaped([2, 1, 3, 3])
    let drawings = conv2D(photos, weight: sobel, padding: 1).abs().sum(axis: 1, keepDimensions: true).clamped(to: 0...1)
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
    let clothes = train(images, labels, classes: 10)
    let (onPhotos, onDrawings) = (accuracy(clothes, photos, kinds), accuracy(clothes, drawings, kinds))
    // A domain classifier learns from the first halves of two samples, and is asked about the others.
    func domainAccuracy(_ a: Tensor, _ b: Tensor) -> Double {
        let half = a.shape[0] / 2
        let which = Tensor((0..<(2 * half)).map { $0 < half ? 0 : 1 })
        let net = train(concatenate([a[..<half], b[..<half]]), which, classes: 2)
        return accuracy(net, concatenate([a[half...], b[half...]]), which)
    }
    let (told, same) = (domainAccuracy(photos, drawings), domainAccuracy(photos[..<2000], photos[2000...]))
    lab.say(
        "A classifier learns from photographs of clothes, and is asked about their edges. A shoe is still a shoe, but it is right for \(percent(onPhotos)) of the photographs and for \(percent(onDrawings)) of the drawings. A second classifier can warn without labels: it tells photographs from drawings in \(percent(told)) of the cases, and two halves of the photographs in \(percent(same)), no better than a coin.",
        "分类器用服装照片训练，再用它们的边缘图来测试。鞋还是鞋，但准确率在照片上是 \(percent(onPhotos))，在边缘图上只有 \(percent(onDrawings))。另一个分类器不需要标签就能发出警告：它区分照片和边缘图的准确率是 \(percent(told))；区分两半照片只有 \(percent(same))，和抛硬币差不多。"
    )
    let pairs = concatenate([photos[..<10], drawings[..<10]])
    lab.show("pictures") { t in .images(t("Photographs, and their edges", "照片及其边缘图"), pairs, columns: 10) }
    lab.check("photos", onPhotos)
    lab.check("drawings", onDrawings)
    lab.check("domain", told)
    lab.check("same", same)

    // 4. A small training part may lack a whole class: with m rows of 10 equally frequent ones, with the probability
    // Σ over s from 1 to 10 of (−1)^(s+1) (10 choose s) (1 − s/10)^m (inclusion and exclusion).
    let sizes = [20, 30, 40, 50, 60, 80, 100, 200, 500]
    let choices = [10.0, -45, 120, -210, 252, -210, 120, -45, 10, -1]
    let expected = sizes.map { size in
        (1...10).reduce(0) { $0 + choices[$1 - 1] * pow(1 - Double($1) / 10, Double(size * 4 / 5)) }
    }
    func lacks(_ m: Int) -> Bool { Set((10 * Tensor.uniform([m])).floor().array(of: Float.self)).count < 10 }
    let found = sizes.map { size in Double((0..<2000).count { _ in lacks(size * 4 / 5) }) / 2000 }
    lab.say(
        "With few pictures even a random split can shift: how often its training part, 80%, lacks a whole kind of clothes, in 2,000 splits of each size and by the formula:",
        "图片很少时，随机划分也会造成偏移：训练部分（80%）缺少某一整类服装的比例，每种大小划分 2000 次，与公式对照：")
    lab.show("missing") { t in
        let curves = [(t("2,000 splits", "2000 次划分"), found), (t("formula", "公式"), expected)]
        return .curves(
            t("Splits that lack a class", "缺少某一类的划分"), curves.map { Curve($0, x: sizes.map(Double.init), y: $1) },
            x: Axis(t("pictures", "图片数"), scale: .logarithmic), y: Axis(t("share of the splits", "划分的比例")))
    }
    lab.check("missing", zip(found, expected).map { abs($0 - $1) }.max()!)
}
