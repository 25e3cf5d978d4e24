import Yuyan

/// Prices of houses from what is known about them, and five folds that tell how far off the next price will be.
let housePrice5Fold: Lab = Lab(
    "house-price-5fold", "House prices and five folds", "房价预测与 5 折交叉验证",
    book: "4.10", note: .convolutionsAndTranslation, part: "1", on: .fast,
    claims: [
        Claim("features", "features of a house", "每套房子的特征数", .exactly(314)),
        Claim("numbers", "of these, numbers", "其中数值特征的个数", .exactly(33)),
        Claim("training", "mean log-RMSE of the training parts", "各折训练部分的平均对数均方根误差", .within(0.15...0.19)),
        Claim("validation", "mean log-RMSE of the validation parts", "各折验证部分的平均对数均方根误差", .within(0.15...0.19)),
        Claim(
            "agree", "error of 5 folds in parts of that on a held-out third (mean of 10 splits)",
            "5 折误差与留出部分误差之比（10 次划分的平均）", .within(0.9...1.1), needsFullSize: true),
    ],
    figures: ["training", "estimates"]
) { lab in
    // The houses sold in Ames, Iowa. Numbers become (x − mean) / σ, and each category a column of zeros and ones.
    let table = AmesHouses.table()
    let houses = try HousePrices(table, target: "Sale_Price")
    let (features, prices) = (Tensor(houses.features), Tensor(houses.prices))
    let numbers = table.columnNames(of: .number).count - 1  // all but the price
    lab.say(
        "\(features.shape[0]) houses. What is known about each becomes \(features.shape[1]) features: \(numbers) numbers, brought to mean 0 and standard deviation 1, and \(features.shape[1] - numbers) indicators of categories.",
        "共 \(features.shape[0]) 套房子。每套房子的信息变成 \(features.shape[1]) 个特征：\(numbers) 个标准化（均值 0、标准差 1）的数值，以及 \(features.shape[1] - numbers) 个类别指示变量。"
    )
    lab.check("features", features.shape[1])
    lab.check("numbers", numbers)

    // 10,000 dollars matter more for a cheap house: what counts is the error of the logarithm.
    func logRMSE(_ net: Linear, _ rows: [Int]) -> Double {
        let rows = Tensor(rows)
        let differences = withoutGradients { maximum(net(features[rows]), 1).log() - prices[rows].log() }
        return differences.squared().mean().squareRoot().item()
    }
    // A linear model, learned from some of the houses. Adam moves each weight by about the learning rate; as prices are
    // large numbers, that must be large, too.
    func train(_ rows: [Int], afterEpoch: (Linear) -> Void = { _ in }) -> Linear {
        let net = Linear(inputSize: 314, outputSize: 1)
        let optimizer = Adam(net.parameters(), learningRate: 5)
        let samples = TensorDataset(features[Tensor(rows)], prices[Tensor(rows)])
        let batches = DataLoader(samples, batchSize: 64, shuffle: true, seed: lab.seed)
        for _ in 1...100 {
            for (x, y) in batches {
                optimizer.zeroGradients()
                meanSquaredError(net(x), y).backward()
                optimizer.step()
            }
            afterEpoch(net)
        }
        return net
    }

    // Each fifth of the houses validates once.
    var curves: (training: [Double], validation: [Double]) = ([], [])
    let folds = kFolds(count: features.shape[0], folds: 5)
    let errors = folds.enumerated().map { index, fold -> (training: Double, validation: Double) in
        let net = train(fold.training) { net in
            guard index == 0 else { return }
            curves.training.append(logRMSE(net, fold.training))
            curves.validation.append(logRMSE(net, fold.validation))
        }
        return (logRMSE(net, fold.training), logRMSE(net, fold.validation))
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let (training, validation) = (mean(errors.map(\.training)), mean(errors.map(\.validation)))
    lab.say(
        "A linear model with Adam, learning rate 5, batches of 64, 100 epochs. The log-RMSE of each fold:",
        "线性模型，Adam，学习率 5，批量大小 64，训练 100 轮。各折的对数均方根误差：")
    lab.table(
        [Words("fold", "折"), Words("training", "训练"), Words("validation", "验证")],
        errors.enumerated().map {
            ["\($0.offset + 1)", "\($0.element.training, decimals: 4)", "\($0.element.validation, decimals: 4)"]
        } + [[Words("mean", "平均"), "\(training, decimals: 4)", "\(validation, decimals: 4)"]])
    lab.show("training") { t in
        .curves(
            t("Log-RMSE in the first fold", "第 1 折的对数均方根误差"),
            [Curve(t("training", "训练"), curves.training), Curve(t("validation", "验证"), curves.validation)],
            x: Axis(t("epoch", "轮次")), y: Axis(t("log-RMSE", "对数均方根误差"), scale: .logarithmic))
    }
    lab.check("training", training)
    lab.check("validation", validation)

    // Is the estimate right? A third of the houses, drawn at random, stands for the prices that nobody knows yet.
    func split() -> (folds: Double, heldOut: Double) {
        let order = Tensor.permutation(features.shape[0]).array(of: Int.self)
        let (heldOut, known) = (Array(order[..<(order.count / 3)]), Array(order[(order.count / 3)...]))
        let errors = kFolds(count: known.count, folds: 5).map { fold in
            logRMSE(train(fold.training.map { known[$0] }), fold.validation.map { known[$0] })
        }
        return (mean(errors), logRMSE(train(known), heldOut))
    }
    let splits = (0..<lab.full(10, quick: 1)).map { _ in split() }
    let (estimates, truth) = (splits.map(\.folds), splits.map(\.heldOut))
    let ratio = mean(splits.map { $0.folds / $0.heldOut })
    lab.say(
        "One of the notes writes that scores of five folds differ little from those of the leaderboard. A held-out third stands for the leaderboard, and the folds divide the rest; random splits: \(splits.count). On average the estimate is \(ratio, decimals: 3) times the error on the third.",
        "有一篇笔记写道，5 折得到的线下分数与线上分数相差不大。这里用留出的三分之一代替线上数据，其余的房子做 5 折，随机划分 \(splits.count) 次。估计值平均是留出部分误差的 \(ratio, decimals: 3) 倍。"
    )
    lab.show("estimates") { t in
        .bars(
            t("Estimate and truth of each split", "各次划分的估计与实际"), splits.indices.map { "\($0 + 1)" },
            [BarSeries(t("five folds", "5 折"), estimates), BarSeries(t("held-out third", "留出部分"), truth)],
            y: Axis(t("log-RMSE", "对数均方根误差")))
    }
    lab.check("agree", ratio)
    lab.say(
        "The note adds that folds help most where training and test data are distributed differently. That is its opinion; here both are drawn from the same houses, so nothing above tests it.",
        "笔记还认为，训练集与测试集分布不同时，K 折交叉验证的效果较好。这只是笔记的看法：这里两部分来自同一批房子，上面的结果并不能检验它。")
    lab.say(
        "With train.csv and test.csv of Kaggle's competition House Prices, which you fetch from there, the example program HousePrices does the same and writes the file to hand in: swift run -c release HousePrices --training train.csv --test test.csv --output submission.csv",
        "如果从 Kaggle 的 House Prices 竞赛下载了 train.csv 和 test.csv，示例程序 HousePrices 用同样的方法训练，并写出可以提交的文件：swift run -c release HousePrices --training train.csv --test test.csv --output submission.csv"
    )
}
