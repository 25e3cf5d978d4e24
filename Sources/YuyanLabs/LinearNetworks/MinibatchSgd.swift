import Foundation
import Yuyan

/// The gradient of some samples instead of all: nearly as good a direction, for a fraction of the work.
let minibatchSgd: Lab = Lab(
    "minibatch-sgd", "Minibatch stochastic gradient descent", "小批量随机梯度下降",
    book: "11.5", note: .linearNetworks, part: "2.3",
    claims: [
        Claim("formula", "step by hand and by backward(): largest difference", "手写与 backward() 的更新：最大差", .below(1e-6)),
        Claim("mean", "mean of the batch gradients and full gradient: difference", "小批量梯度的均值与全部样本的梯度之差", .below(1e-5)),
        Claim("short", "sum of 100 losses / 300: step beside the mean's", "100 个损失之和除以 300：步长之比", .exactly(1.0 / 3)),
        // Squared distances vary about as much as √2 of their mean: of 1,000 draws, a ratio of roots is 3 % off.
        Claim(
            "noise", "noise of 10 samples to that of 100", "批量为 10 与 100 时的噪声之比", .near(3.1623, margin: 0.5),
            needsFullSize: true),
        Claim(
            "speed", "time of an epoch, batches of 1 to those of 100", "批量为 1 与 100 时一轮的时间之比", .above(5),
            needsFullSize: true, isTimed: true),
        Claim("twin", "every sample twice: change of the gradient, in parts of it", "每个样本出现两次：梯度的相对变化", .below(1e-5)),
        Claim(
            "cost", "every sample twice: times as long", "每个样本出现两次：时间的倍数", .above(1.3), needsFullSize: true,
            isTimed: true),
    ],
    figures: ["noise"]
) { lab in
    let (inputs, labels) = syntheticLinearData(weight: [2, -3.4], bias: 4.2, count: 1000)
    // One more feature, which is always 1: its weight is the bias.
    let features = concatenate([inputs, .ones([1000, 1])], axis: 1)
    // The gradient of (1/|B|) Σ ½(wᵀx − y)² is the mean of x(wᵀx − y); for the bias, where x is 1, that of wᵀx − y.
    func gradient(_ x: Tensor, _ y: Tensor, _ w: Tensor) -> Tensor {
        x.transposed().matmul(x.matmul(w) - y) / Double(x.count)
    }
    func losses(_ x: Tensor, _ y: Tensor, _ w: some TensorConvertible) -> Tensor { (x.matmul(w) - y).squared() / 2 }

    // Ten samples at random, and one step, w ← w − (η/|B|) Σ x(wᵀx − y): by hand and by the recorded operations.
    let start = Tensor.normal([3, 1])
    let rows = Tensor.permutation(1000)[0..<10]
    let stepped = start - 0.03 * gradient(features[rows], labels[rows], start)
    let parameter = Parameter(start)
    losses(features[rows], labels[rows], parameter).mean().backward()
    SGD([parameter], learningRate: 0.03).step()
    lab.say(
        "One step with ten samples drawn at random: (w₁, w₂, b) from \(start.flattened()) to \(stepped.flattened()).",
        "随机抽 10 个样本更新一步：(w₁, w₂, b) 从 \(start.flattened()) 变为 \(stepped.flattened())。")
    lab.check("formula", (stepped - parameter.value).abs().max())

    // With w fixed, the batches of an epoch together say what all samples say.
    let full = gradient(features, labels, start)
    let parts = stride(from: 0, to: 1000, by: 10).map { gradient(features[$0..<$0 + 10], labels[$0..<$0 + 10], start) }
    lab.check("mean", (stack(parts).mean(axis: 0) - full).abs().max())
    // A last batch that is shorter.
    parameter.value = start
    parameter.gradient = nil
    losses(features[900..<1000], labels[900..<1000], parameter).sum().backward()
    lab.say(
        "One of the notes divides the sum of a batch's losses by the batch size. That is their mean as long as the batches come out even, as 10 in 1,000 do. After three batches of 300, the last has 100, and steps only a third as far as its mean says.",
        "有一篇笔记把一批损失的和除以批量大小。只要能整除（如 1000 与 10），这就是均值；批量大小为 300 时最后一批只有 100 个样本，步长就只有按均值计算的三分之一。")
    lab.check(
        "short", parameter.gradient!.norm() / 300 / gradient(features[900..<1000], labels[900..<1000], start).norm())

    // How far a minibatch gradient lies from the full one.
    let sizes = [1, 10, 100, 1000]
    let noises = sizes.map { size in
        let distances = (0..<lab.full(1000, quick: 100)).map { _ in
            let rows = (Tensor.uniform([size]) * 1000).cast(to: .int64)
            return (gradient(features[rows], labels[rows], start) - full).squared().sum()
        }
        return stack(distances).mean().item().squareRoot()
    }
    lab.show("noise") { t in
        let root = Curve("1/√|B|", x: sizes.map(Double.init), y: sizes.map { noises[0] / Double($0).squareRoot() })
        return .curves(
            t("How far a minibatch gradient is off", "小批量梯度的偏差"),
            [Curve(t("measured", "测得"), x: sizes.map(Double.init), y: noises), root],
            x: Axis(t("batch size", "批量大小"), scale: .logarithmic),
            y: Axis(t("distance from the full gradient", "与全部样本的梯度的距离"), scale: .logarithmic))
    }
    lab.check("noise", noises[1] / noises[2])

    // What an epoch costs. Processor time: what other programs do meanwhile does not count.
    func seconds(_ body: () -> Void) -> Double {
        let start = clock()
        body()
        return Double(clock() - start) / Double(CLOCKS_PER_SEC)
    }
    let epochs = sizes.map { size in
        var w = Tensor.zeros([3, 1])
        let time = seconds {
            for first in stride(from: 0, to: 1000, by: size) {
                w -= 0.03 * gradient(features[first..<first + size], labels[first..<first + size], w)
            }
        }
        return (time: time, loss: losses(features, labels, w).mean().item())
    }
    lab.say(
        "One pass over 1,000 samples with η = 0.03. Single samples cost a thousand small operations; the whole set makes one step only, and needs all data in memory at once.",
        "用 η = 0.03 遍历一次 1000 个样本。批量为 1 时要做上千次很小的运算；用全部样本时一轮只更新一次，而且所有数据要同时放在内存里。")
    lab.table(
        [Words("|B|", "批量大小"), Words("steps", "更新次数"), Words("time in ms", "时间（毫秒）"), Words("loss after", "一轮后的损失")],
        zip(sizes, epochs).map { size, epoch in
            ["\(size)", "\(1000 / size)", "\(epoch.time * 1000, decimals: 2)", "\(epoch.loss, digits: 3)"]
        })
    lab.check("speed", epochs[0].time / epochs[2].time)

    // Identical samples add nothing but work. Fifty copies of the data, or a hundred: the time can be measured.
    func copies(_ count: Int) -> (Tensor, Tensor) { (features.repeated([count, 1]), labels.repeated([count, 1])) }
    let ((x, y), (x2, y2)) = (copies(lab.full(50, quick: 1)), copies(lab.full(100, quick: 2)))
    let once = (0..<10).map { _ in seconds { _ = gradient(x, y, start).array(of: Double.self) } }.min()!
    let twice = (0..<10).map { _ in seconds { _ = gradient(x2, y2, start).array(of: Double.self) } }.min()!
    lab.say(
        "Every sample twice: the gradient is the same, and takes \(twice / once, decimals: 1) times as long.",
        "每个样本出现两次：梯度不变，所用时间是原来的 \(twice / once, decimals: 1) 倍。")
    lab.check("twin", (gradient(x2, y2, start) - full).norm() / full.norm())
    lab.check("cost", twice / once)
}
