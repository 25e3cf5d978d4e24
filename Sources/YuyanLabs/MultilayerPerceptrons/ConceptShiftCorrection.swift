import Foundation
import Yuyan

/// A concept that turns slowly: go on from the weights that are there, rather than begin anew or stand still.
let conceptShiftCorrection: Lab = Lab(
    "concept-shift-correction", "Following a concept that shifts", "概念偏移的纠正",
    book: "4.9", note: .multilayerPerceptrons, part: "5.2",
    claims: [
        Claim(
            "warm", "mean error of the model that goes on, in parts of the one that begins anew", "继续训练与从头训练的平均误差之比",
            .below(0.7)),
        Claim(
            "scratch", "mean error of the model that begins anew, in parts of the frozen one", "从头训练与冻结模型的平均误差之比",
            .below(0.8)),
        // In the end the concept has turned by 117°: a model that knew the first one exactly errs in 117/180.
        Claim(
            "frozen", "error of the frozen model in the end, about 117°/180°", "冻结模型最后的误差，约为 117°/180°",
            .near(0.65, margin: 0.03)),
        Claim(
            "angle", "error by the angle beside error on 20,000 points", "由角度算出的误差与 20,000 个点上的误差之差",
            .near(0, margin: 0.015)),
    ],
    figures: ["error"]
) { lab in
    // Ten inputs; the label says on which side of a plane a point lies. The plane turns by 3° from period to period.
    let (inputs, periods, budget) = (10, 40, 20)
    func truth(_ period: Int) -> Tensor {
        let angle = Double(period) * 3 * .pi / 180
        return Tensor([cos(angle), sin(angle)] + [Double](repeating: 0, count: inputs - 2))
    }
    func points(_ count: Int, _ period: Int) -> (x: Tensor, y: Tensor) {
        let x = Tensor.normal([count, inputs])
        return (x, (x.matmul(truth(period)) .> 0).cast(to: .float32))
    }

    // Logistic regression: steps along the gradient Xᵀ(σ(Xw) − y)/n.
    func trained(_ start: Tensor, on data: (x: Tensor, y: Tensor), steps: Int) -> Tensor {
        var w = start
        for _ in 1...steps {
            w -= 0.5 * data.x.transposed().matmul((data.x.matmul(w)).sigmoid() - data.y) / Double(data.x.count)
        }
        return w
    }
    // For points from N(0, I), two planes disagree in angle/180° of them.
    func error(_ w: Tensor, _ period: Int) -> Double {
        let truth = truth(period)
        return acos((w.matmul(truth) / (w.norm() * truth.norm())).item()) / .pi
    }

    // Much data and time at first; later 20 points and 10 steps a period, for both models that learn.
    let zero = Tensor.zeros([inputs])
    let frozen = trained(zero, on: points(500, 0), steps: 200)
    var (warm, errors) = (frozen, [[Double]](repeating: [], count: 3))
    for period in 1..<periods {
        let data = points(budget, period)
        warm = trained(warm, on: data, steps: 10)
        let scratch = trained(zero, on: data, steps: 10)
        for (index, w) in [warm, scratch, frozen].enumerated() { errors[index].append(error(w, period)) }
    }
    let means = errors.map { $0.reduce(0, +) / Double($0.count) }
    let names = [Words("goes on", "继续训练"), Words("begins anew", "从头训练"), Words("frozen", "冻结")]
    lab.say(
        "A concept turns by 3° a period, and each period brings \(budget) new samples. Errors of three models:",
        "一个概念每个时期转动 3°，每个时期有 \(budget) 个新样本。三个模型的误差：")
    lab.table(
        [Words("model", "模型"), Words("mean error", "平均误差"), Words("error at the end", "最后的误差")],
        names.indices.map { [names[$0], "\(means[$0], decimals: 3)", "\(errors[$0].last!, decimals: 3)"] })
    lab.show("error") { t in
        .curves(
            t("Error while the concept turns", "概念转动时的误差"),
            names.indices.map { Curve(t(names[$0].english, names[$0].chinese), errors[$0]) },
            x: Axis(t("period", "时期")),
            y: Axis(t("error", "误差")))
    }
    lab.say(
        "\(budget) samples are too few to learn ten weights from nothing, but enough to correct weights that were nearly right a period ago. The frozen model is what batch learning would leave.",
        "\(budget) 个样本不足以从头学会 10 个权重，但足以修正上一个时期还基本正确的权重。冻结的模型就是批量学习留下的模型。")
    lab.check("warm", means[0] / means[1])
    lab.check("scratch", means[1] / means[2])
    lab.check("frozen", errors[2].last!)
    let fresh = points(20_000, periods - 1)
    let wrong = ((fresh.x.matmul(frozen) .> 0).cast(to: .float32) .!= fresh.y).cast(to: .float32).mean().item()
    lab.check("angle", errors[2].last! - wrong)
}
