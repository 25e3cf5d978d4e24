import Foundation
import Yuyan

/// The gradient of some samples instead of all: nearly as good a direction, for a fraction of the work.
let minibatchSgd = Lab(
    "minibatch-sgd", "Minibatch stochastic gradient descent", "小批量随机梯度下降",
    book: "11.5", note: .linearNetworks, part: "2.3",
    claims: [
        Claim(
            "formula", "the update by hand and by backward(): largest difference", "手写的更新与 backward() 的更新：最大差",
            .below(1e-6)),
        Claim(
            "mean", "mean of all minibatch gradients beside the full gradient: largest difference",
            "一轮中所有小批量梯度的均值与全部样本的梯度：最大差", .below(1e-5)),
        // Squared distances vary about as much as √2 of their mean: of 1,000 draws, a ratio of roots is 3 % off.
        Claim(
            "noise", "ten times the batch, √10 less noise: ratio", "批量大 10 倍，噪声小 √10 倍：比值", .near(3.1623, margin: 0.5),
            needsFullSize: true),
        Claim(
            "speed", "one epoch in batches of 1, in times of one in batches of 100", "批量为 1 时一轮的时间是批量为 100 时的几倍",
            .above(5), needsFullSize: true, isTimed: true),
        Claim(
            "short", "a last batch of 100 whose sum is divided by 300: its step, in parts of that by the mean",
            "最后一批只有 100 个样本，却把和除以 300：步长与按均值计算之比", .exactly(1.0 / 3)),
        Claim("twin", "every sample twice: change of the gradient, in parts of it", "每个样本出现两次：梯度的相对变化", .below(1e-5)),
        Claim(
            "cost", "every sample twice: how many times as long a gradient takes", "每个样本出现两次：求梯度的时间是几倍", .above(1.3),
            needsFullSize: true, isTimed: true),
    ],
    figures: ["noise"]
) { lab in
    let (features, labels) = syntheticLinearData(weight: [2, -3.4], bias: 4.2, count: 1000)

    // The gradient of (1/|B|) Σ ½(wᵀx + b − y)²: the errors times x, and the errors.
    func gradients(_ x: Tensor, _ y: Tensor, _ w: Tensor, _ b: Tensor) -> (w: Tensor, b: Tensor) {
        let errors = x.matmul(w) + b - y
        return (x.transposed().matmul(errors) / Double(x.count), errors.mean(axis: 0))
    }
    func step(_ x: Tensor, _ y: Tensor, _ w: inout Tensor, _ b: inout Tensor, learningRate: Double) {
        let slope = gradients(x, y, w, b)
        w -= learningRate * slope.w
        b -= learningRate * slope.b
    }

    // Ten samples at random, one update by hand and one by the recorded graph.
    let start = (w: Tensor.normal([2, 1]), b: Tensor.normal([1]))
    var (w, b) = start
    let rows = Tensor.permutation(1000)[0..<10]
    step(features[rows], labels[rows], &w, &b, learningRate: 0.03)
    let (weight, bias) = (Parameter(start.w), Parameter(start.b))
    let optimizer = SGD([weight, bias], learningRate: 0.03)
    ((features[rows].matmul(weight) + bias - labels[rows]).squared() / 2).mean().backward()
    optimizer.step()
    lab.say(
        "One step with ten samples drawn at random: w from \(start.w.flattened()) to \(w.flattened()).",
        "随机抽 10 个样本走一步：w 从 \(start.w.flattened()) 变为 \(w.flattened())。")
    lab.check("formula", max((w - weight.value).abs().max().item(), (b - bias.value).abs().max().item()))

    // With w fixed, the batches of an epoch together say what all samples say.
    let batches = (0..<100).map { batch in
        gradients(features[batch * 10..<batch * 10 + 10], labels[batch * 10..<batch * 10 + 10], start.w, start.b)
    }
    let full = gradients(features, labels, start.w, start.b)
    lab.check(
        "mean",
        max(
            (stack(batches.map(\.w)).mean(axis: 0) - full.w).abs().max().item(),
            (stack(batches.map(\.b)).mean(axis: 0) - full.b).abs().max().item()))

    // A last batch that is shorter.
    let rest = 900..<1000
    let (sum, mean) = (Parameter(start.w), Parameter(start.w))
    ((features[rest].matmul(sum) + start.b - labels[rest]).squared() / 2).sum().backward()
    ((features[rest].matmul(mean) + start.b - labels[rest]).squared() / 2).mean().backward()
    lab.say(
        "One of the notes divides the sum of a batch's losses by the batch size. That is their mean as long as the batches come out even, as 10 in 1,000 do; after three batches of 300 the last has 100, and steps only a third as far as its mean says.",
        "有一篇笔记把一批损失的和除以批量大小。只要能整除（如 1000 与 10），这就是均值；批量大小为 300 时最后一批只有 100 个样本，步长就只有按均值计算的三分之一。")
    lab.check("short", sum.gradient!.norm() / 300 / mean.gradient!.norm())

    // How far a minibatch gradient lies from the full one.
    func noise(_ batchSize: Int) -> Double {
        let distances = (0..<lab.full(1000, quick: 100)).map { _ in
            let rows = (Tensor.uniform([batchSize]) * 1000).cast(to: .int64)
            return (gradients(features[rows], labels[rows], start.w, start.b).w - full.w).squared().sum()
        }
        return stack(distances).mean().item().squareRoot()
    }
    let sizes = [1, 10, 100, 1000]
    let noises = sizes.map { noise($0) }

    // What an epoch costs. Processor time: what other programs do meanwhile does not count.
    func seconds(_ body: () -> Void) -> Double {
        let start = clock()
        body()
        return Double(clock() - start) / Double(CLOCKS_PER_SEC)
    }
    func epoch(_ batchSize: Int) -> (seconds: Double, loss: Double) {
        var (w, b) = (Tensor.zeros([2, 1]), Tensor.zeros([1]))
        let time = seconds {
            for first in stride(from: 0, to: 1000, by: batchSize) {
                let rows = first..<first + batchSize
                step(features[rows], labels[rows], &w, &b, learningRate: 0.03)
            }
        }
        return (time, ((features.matmul(w) + b - labels).squared() / 2).mean().item())
    }
    let epochs = sizes.map { size in (0..<2).map { _ in epoch(size) }.min { $0.seconds < $1.seconds }! }
    lab.say(
        "One pass over 1,000 samples with η = 0.03. Single samples cost a thousand small operations; the whole set makes one step only, and needs all data in memory at once.",
        "用 η = 0.03 遍历一次 1000 个样本。批量为 1 时要做上千次很小的运算；用全部样本时一轮只更新一次，而且所有数据要同时放在内存里。")
    lab.table(
        [
            Words("|B|", "批量大小"), Words("steps", "更新次数"), Words("time in ms", "时间（毫秒）"), Words("loss after", "一轮后的损失"),
            Words("gradient noise", "梯度噪声"),
        ],
        sizes.indices.map { index in
            [
                "\(sizes[index])", "\(1000 / sizes[index])", "\(epochs[index].seconds * 1000, decimals: 2)",
                "\(epochs[index].loss, digits: 3)", "\(noises[index], digits: 3)",
            ]
        })
    lab.show("noise") { t in
        .curves(
            t("How far a minibatch gradient is off", "小批量梯度偏离多少"),
            [
                Curve(t("measured", "测得"), x: sizes.map(Double.init), y: noises),
                Curve("1/√|B|", x: sizes.map(Double.init), y: sizes.map { noises[0] / Double($0).squareRoot() }),
            ], x: Axis(t("batch size", "批量大小"), scale: .logarithmic),
            y: Axis(t("distance from the full gradient", "与全部样本的梯度的距离"), scale: .logarithmic))
    }
    lab.check("noise", noises[1] / noises[2])
    lab.check("speed", epochs[0].seconds / epochs[2].seconds)

    // Identical samples add nothing but work.
    func twice(_ x: Tensor) -> Tensor { x.repeated([2, 1]) }
    let twin = gradients(twice(features), twice(labels), start.w, start.b)
    // Many samples, so that the time can be measured.
    let copies = lab.full(50, quick: 1)
    let (x, y) = (features.repeated([copies, 1]), labels.repeated([copies, 1]))
    func time(_ x: Tensor, _ y: Tensor) -> Double {
        seconds { _ = gradients(x, y, start.w, start.b).w.array(of: Double.self) }
    }
    let (twiceX, twiceY) = (twice(x), twice(y))
    let times = (0..<10).map { _ in (once: time(x, y), twice: time(twiceX, twiceY)) }
    let (once, double) = (times.map(\.once).min()!, times.map(\.twice).min()!)
    lab.say(
        "Every sample twice: the gradient is the same, and takes \(double / once, decimals: 1) times as long.",
        "每个样本出现两次：梯度不变，所用时间是原来的 \(double / once, decimals: 1) 倍。")
    lab.check("twin", (full.w - twin.w).norm() / full.w.norm())
    lab.check("cost", double / once)
}
