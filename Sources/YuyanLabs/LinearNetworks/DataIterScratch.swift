import Yuyan

/// Small batches in random order: shuffle the numbers of the samples, then cut the list into slices.
let dataIterScratch: Lab = Lab(
    "data-iter-scratch", "Reading a data set in batches", "读取数据集",
    book: "3.2", note: .linearNetworks, part: "3.3",
    claims: [
        Claim("count", "batches of 10 in 1,000 samples", "1000 个样本、批量大小 10 时的批数", .exactly(100)),
        Claim("x", "features of a batch: [10, 2]", "一批特征的形状：[10, 2]", .yes),
        Claim("y", "labels of a batch: [10, 1]", "一批标签的形状：[10, 1]", .yes),
        Claim("once", "a pass reads every sample exactly once", "一轮中每个样本恰好读一次", .yes),
        Claim(
            "pairs", "features and labels stay together: largest distance of y from Xw + b",
            "特征与标签仍然对应：y 与 Xw + b 的最大差", .below(0.1)),
        Claim("anew", "another pass has another order", "下一轮顺序不同", .yes),
        Claim("short", "batches of 300: the last has 100", "批量大小为 300 时最后一批有 100 个", .exactly(100)),
        Claim("lazy", "batches gathered by a loop that leaves after the first", "取一批就退出的循环实际取出的批数", .exactly(1)),
        Claim("library", "samples in an epoch of the library's loader, each once", "库的加载器一轮读到的不同样本数", .exactly(1000)),
    ]
) { lab in
    let (features, labels) = syntheticLinearData(weight: [2, -3.4], bias: 4.2, count: 1000)
    var random = Generator.current
    var (gathered, orders): (Int, [[Int]]) = (0, [])

    // What Python calls a generator: a sequence that makes each batch when it is asked for.
    func dataIter(_ batchSize: Int, _ features: Tensor, _ labels: Tensor) -> some Sequence<(Tensor, Tensor)> {
        let count = features.count
        var indices = Array(0..<count)
        indices.shuffle(using: &random)  // in place, as random.shuffle does
        orders.append(indices)
        return stride(from: 0, to: count, by: batchSize).lazy.map { [indices] start in
            // The last slice ends with the list.
            let rows = Tensor(Array(indices[start..<min(start + batchSize, count)]))
            gathered += 1
            return (features[rows], labels[rows])
        }
    }

    lab.say("The first batch of ten, features and labels:", "第一个小批量：10 个样本的特征和标签：")
    for (x, y) in dataIter(10, features, labels) {
        lab.print(x)
        lab.print(y)
        lab.check("x", x.shape == [10, 2])
        lab.check("y", y.shape == [10, 1])
        break
    }
    // Nothing was made ahead.
    lab.check("lazy", gathered)

    let batches = Array(dataIter(10, features, labels))
    lab.check("count", batches.count)
    lab.check("once", orders[1].sorted() == Array(0..<1000))
    lab.check("anew", orders[0] != orders[1])
    let distances = batches.map { x, y in (y.flattened() - x.matmul(Tensor([2, -3.4])) - 4.2).abs().max().item() }
    lab.check("pairs", distances.max()!)

    let sizes = dataIter(300, features, labels).map { x, _ in x.count }
    lab.say(
        "1,000 samples are \(batches.count) batches of 10. In batches of 300, the last one is shorter: \(sizes).",
        "1000 个样本分成 \(batches.count) 批，每批 10 个。批量大小为 300 时，最后一批较少：\(sizes)。")
    lab.check("short", sizes.last!)

    // The library's loader does the same.
    let numbers = Tensor.arange(1000)
    let loader = DataLoader(TensorDataset(numbers), batchSize: 10, shuffle: true, seed: lab.seed)
    lab.say(
        "In the library: DataLoader(TensorDataset(features, labels), batchSize: 10, shuffle: true).",
        "库中的写法：DataLoader(TensorDataset(features, labels), batchSize: 10, shuffle: true)。")
    lab.check("library", Set(loader.flatMap { $0.array(of: Int.self) }).count)
}
