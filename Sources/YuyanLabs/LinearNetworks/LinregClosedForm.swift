import Yuyan

/// Where the derivative of the squared loss is zero stands in a formula: no step, no learning rate.
let linregClosedForm: Lab = Lab(
    "linreg-closed-form", "Linear regression by a formula", "线性回归的解析解",
    book: "3.1", note: .linearNetworks, part: "1.2",
    claims: [
        // σ/√n = 0.0003 is a standard error.
        Claim("weight", "largest error of a weight", "权重的最大误差", .below(0.003)),
        Claim("bias", "error of the bias", "偏置的误差", .below(0.003)),
        Claim(
            "gradient", "largest part of the gradient at w*, by backward()", "backward() 在 w* 处求得的梯度的最大分量", .below(1e-4)
        ),
        Claim("lowest", "1,000 other (w, b) have a greater loss", "另外 1000 个 (w, b) 的损失都更大", .yes),
        Claim("library", "the library's leastSquares: largest difference", "与库函数 leastSquares 的最大差", .below(1e-5)),
        Claim("singular", "a matrix without an inverse is reported, not NaN", "没有逆矩阵时报告错误，而不是给出 NaN", .yes),
        Claim("reported", "so does the library, naming the same column", "库函数也报告错误，并指出同一列", .yes),
    ],
    figures: ["loss"]
) { lab in
    let (features, labels) = syntheticLinearData(weight: [2, -3.4], bias: 4.2, count: 1000)
    // A column of ones makes the bias one more weight: ŷ = Xw.
    func withOnes(_ features: Tensor) -> Tensor { concatenate([features, .ones([features.count, 1])], axis: 1) }
    let x = withOnes(features)

    // Solves A w = c by Gauss's elimination, with the largest pivot of each column.
    struct SingularMatrix: Error { let column: Int }
    func solve(_ a: [[Double]], _ c: [Double]) throws -> [Double] {
        var rows = zip(a, c).map { $0 + [$1] }
        let n = rows.count
        for column in 0..<n {
            let pivot = (column..<n).max { abs(rows[$0][column]) < abs(rows[$1][column]) }!
            guard abs(rows[pivot][column]) > 1e-9 * a[column][column] else { throw SingularMatrix(column: column) }
            rows.swapAt(column, pivot)
            for row in 0..<n where row != column {
                let factor = rows[row][column] / rows[column][column]
                for k in column...n { rows[row][k] -= factor * rows[column][k] }
            }
        }
        return (0..<n).map { rows[$0][n] / rows[$0][$0] }
    }

    // The derivative of ‖Xw − y‖²/2n is Xᵀ(Xw − y)/n. It is zero where XᵀX w = Xᵀy.
    func closedForm(_ x: Tensor, _ y: Tensor) throws -> [Double] {
        let x = x.cast(to: .float64)
        let (a, c) = (x.transposed().matmul(x), x.transposed().matmul(y.cast(to: .float64)))
        return try solve((0..<a.count).map { a[$0].array(of: Double.self) }, c.array(of: Double.self))
    }

    let solution = try closedForm(x, labels)
    lab.say(
        "1,000 points of y = 2x₁ − 3.4x₂ + 4.2 with noise 0.01. The formula w* = (XᵀX)⁻¹Xᵀy finds, in one go:",
        "由 y = 2x₁ − 3.4x₂ + 4.2 加标准差为 0.01 的噪声生成 1000 个点。由公式 w* = (XᵀX)⁻¹Xᵀy 一次得到：")
    lab.table(
        ["", Words("true", "真实值"), Words("found", "求得"), Words("error", "误差")],
        zip(["w₁", "w₂", "b"], zip([2, -3.4, 4.2], solution)).map { name, pair in
            ["\(name)", "\(pair.0)", "\(pair.1, decimals: 5)", "\(pair.1 - pair.0, decimals: 5)"]
        })
    lab.check("weight", max(abs(solution[0] - 2), abs(solution[1] + 3.4)))
    lab.check("bias", abs(solution[2] - 4.2))

    // There the loss is level, and everywhere else it is higher.
    let w = Parameter(Tensor(solution).reshaped([3, 1]))
    func loss(_ w: some TensorConvertible) -> Tensor { (x.matmul(w) - labels).squared().mean() / 2 }
    loss(w).backward()
    lab.say("The gradient of the loss at w*: zero up to rounding.", "损失在 w* 处的梯度，除舍入误差外为零。")
    lab.print(w.gradient!.flattened())
    lab.check("gradient", w.gradient!.abs().max())
    let others = w.value + Tensor.normal([3, 1000])
    let otherLosses = (x.matmul(others) - labels).squared().mean(axis: 0) / 2
    lab.check("lowest", otherLosses.min().item() > loss(w.value).item())
    let offsets = [-0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75]
    let losses = offsets.reversed().map { second in
        offsets.map { first in
            loss(Tensor([solution[0] + first, solution[1] + second, solution[2]]).reshaped([3, 1])).item()
        }
    }
    lab.say(
        "The loss around w*, for other weights and the same bias: a bowl with one lowest point, in the middle.",
        "w* 周围的损失（偏置不变）：像一只碗，只有一个最低点，就在中间。")
    lab.show("loss") { t in
        .heatMap(
            t("Loss around w*", "w* 附近的损失"), losses,
            rows: offsets.reversed().map { "\(solution[1] + $0, decimals: 2)" },
            columns: offsets.map { "\(solution[0] + $0, decimals: 2)" }, rowTitle: "w₂", columnTitle: "w₁",
            showsValues: true)
    }

    // The library goes another way, without XᵀX, which doubles the digits that are lost.
    lab.check("library", (try leastSquares(x, labels).flattened() - Tensor(solution)).abs().max())

    // Two equal columns: any split of the weight between them is as good, so XᵀX has no inverse.
    let twice = withOnes(features[.all, Tensor([0, 0])])
    do {
        lab.check("singular", try closedForm(twice, labels).isEmpty)
    } catch let error as SingularMatrix {
        lab.say(
            "With the first feature twice, XᵀX has no inverse: column \(error.column + 1) is made of those before it. The function says so instead of returning NaN, as the library's leastSquares does.",
            "如果第一个特征出现两次，XᵀX 就没有逆矩阵：第 \(error.column + 1) 列可由前面的列得到。函数和库中的 leastSquares 都会报告这一点，而不是返回 NaN。")
        lab.check("singular", true)
        do { _ = try leastSquares(twice, labels) } catch let byLibrary as RankError {
            lab.check("reported", byLibrary.column == error.column)
        }
    }
}
