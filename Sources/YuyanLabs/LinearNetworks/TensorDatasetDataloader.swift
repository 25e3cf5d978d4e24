import Yuyan

/// What a loader can be told: how many samples a batch has, in which order, by how many threads, and how they are joined.
let tensorDatasetDataloader: Lab = Lab(
    "tensordataset-dataloader", "Data sets and loaders", "数据集与数据加载器",
    book: "3.3", note: .linearNetworks, part: "4.2",
    claims: [
        Claim("count", "samples of tensors with ten rows", "十行的张量有多少个样本", .exactly(10)),
        Claim("item", "sample 3 is row 3 of each tensor", "编号为 3 的样本就是每个张量中编号为 3 的行", .yes),
        Claim("sizes", "batches of 3: 3, 3, 3, 1", "批量大小为 3：3、3、3、1", .yes),
        Claim("batches", "their number", "批数", .exactly(4)),
        Claim("dropped", "without an incomplete last one: 3, 3, 3", "舍弃不完整的最后一批：3、3、3", .yes),
        Claim("fewer", "their number", "此时的批数", .exactly(3)),
        Claim("one", "the batch size, if none is given", "不指定时的批量大小", .exactly(1)),
        Claim("ordered", "without shuffle: the data set's own order", "不打乱：数据集原来的顺序", .yes),
        Claim("same", "the same seed shuffles the same way", "同一种子打乱的结果相同", .yes),
        Claim("new", "and another way in the next epoch, every sample once", "下一轮顺序不同，每个样本仍出现一次", .yes),
        Claim("sampler", "a sampler's order is obeyed", "按采样器的顺序读取", .yes),
        Claim("wins", "with sampler and shuffle, the sampler decides", "同时给出采样器和 shuffle 时，由采样器决定", .yes),
        Claim("workers", "two loading threads: the same batches in the same order", "两个加载线程：批的内容和顺序都相同", .yes),
        Claim("collate", "length of samples that collate has padded", "由 collate 补齐后样本的长度", .exactly(4)),
        Claim("pinned", "pinned memory changes no number", "锁页内存不改变任何数值", .yes),
    ]
) { lab in
    let features = Tensor.normal([10, 2])
    let numbers = Tensor.arange(10)

    // Any number of tensors with equally many rows; others end the program with a message that names the shapes.
    let dataset = TensorDataset(features, numbers)
    let (x, number) = dataset[3]
    lab.say(
        "Ten samples, each a row of two tensors. Number 3 is the pair \(x) and \(number).",
        "十个样本，每个样本由两个张量的同一行组成。编号为 3 的样本是 \(x) 和 \(number)。")
    lab.check("count", dataset.count)
    lab.check("item", (x .!= features[3]).sum().item() == 0 && number.item() == 3)

    // What one pass delivers: the numbers of the samples, batch by batch.
    typealias Loader = DataLoader<TensorDataset<(Tensor, Tensor)>, (Tensor, Tensor)>
    func pass(_ loader: Loader) -> [[Int]] { loader.map { _, numbers in numbers.array(of: Int.self) } }
    struct BackwardSampler: Sampler {
        let count: Int
        func indices(epoch: Int) -> [Int] { Array((0..<count).reversed()) }
    }

    let plain = Loader(dataset, batchSize: 3)
    let whole = Loader(dataset, batchSize: 3, dropLast: true)
    let shuffled = Loader(dataset, batchSize: 3, shuffle: true, seed: lab.seed)
    let (first, second) = (pass(shuffled), pass(shuffled))
    let again = pass(Loader(dataset, batchSize: 3, shuffle: true, seed: lab.seed))
    let backward = pass(Loader(dataset, batchSize: 3, sampler: BackwardSampler(count: 10)))
    let both = pass(Loader(dataset, batchSize: 3, shuffle: true, sampler: BackwardSampler(count: 10), seed: lab.seed))
    let threaded = pass(Loader(dataset, batchSize: 3, shuffle: true, workerCount: 2, seed: lab.seed))
    func text(_ batches: [[Int]]) -> Words {
        "\(batches.map { "[\($0.map(String.init).joined(separator: " "))]" }.joined(separator: " "))"
    }
    lab.say("What batches of three look like:", "批量大小为 3 时的小批量：")
    lab.table(
        [Words("loader", "加载器"), Words("samples", "样本编号")],
        [
            [Words("in order", "按顺序"), text(pass(plain))],
            ["dropLast: true", text(pass(whole))],
            [Words("shuffle: true, epoch 1", "shuffle: true，第 1 轮"), text(first)],
            [Words("shuffle: true, epoch 2", "shuffle: true，第 2 轮"), text(second)],
            [Words("the same seed, epoch 1", "同一种子，第 1 轮"), text(again)],
            ["workerCount: 2", text(threaded)],
            [Words("a sampler that goes backward", "逆序的采样器"), text(backward)],
        ])
    lab.check("sizes", pass(plain).map(\.count) == [3, 3, 3, 1])
    lab.check("batches", plain.count)
    lab.check("dropped", pass(whole).map(\.count) == [3, 3, 3])
    lab.check("fewer", whole.count)
    lab.check("one", Loader(dataset).batchSize)
    lab.check("ordered", pass(plain).flatMap { $0 } == Array(0..<10))
    lab.check("same", first == again)
    lab.check("new", first != second && second.flatMap { $0 }.sorted() == Array(0..<10))
    lab.check("sampler", backward.flatMap { $0 } == Array((0..<10).reversed()))
    lab.check("wins", both == backward)
    lab.check("workers", threaded == first)
    let pinned = Loader(dataset, batchSize: 3, shuffle: true, pinMemory: true, seed: lab.seed)
    lab.check("pinned", pass(pinned) == first)

    // Samples of different length do not stack; collate makes a batch of them.
    struct Sentences: Dataset {
        let lengths = [2, 4, 1]
        var count: Int { lengths.count }
        subscript(index: Int) -> Tensor { Tensor.arange(1, lengths[index] + 1) }
    }
    let padded = DataLoader(Sentences(), batchSize: 3) { samples in
        let longest = samples.map(\.count).max()!
        return stack(samples.map { concatenate([$0, .zeros([longest - $0.count], dtype: .int64)]) })
    }
    let batch = padded.makeIterator().next()!
    lab.say(
        "Samples of 2, 4 and 1 numbers, filled up with zeros by a function of one's own:",
        "长度为 2、4、1 的样本，由自己写的函数用 0 补齐：")
    lab.print(batch)
    lab.check("collate", batch.shape[1])

    lab.say("Every parameter of PyTorch's loader, and what it is called here:", "PyTorch 加载器的每个参数及其在这里的名称：")
    lab.table(
        ["PyTorch", "Yuyan", Words("what it does", "作用")],
        [
            ["batch_size=1", "batchSize: 1", Words("samples in a batch", "每批样本数")],
            ["shuffle=False", "shuffle: false", Words("a new order in each epoch", "每轮重新打乱")],
            ["sampler=None", "sampler: nil", Words("the order; wins over shuffle", "读取顺序，优先于 shuffle")],
            ["num_workers=0", "workerCount: 0", Words("threads that load ahead", "预先加载的线程数")],
            ["collate_fn", "collate", Words("makes a batch of samples", "把样本合成一批")],
            ["pin_memory=False", "pinMemory: false", Words("for copies to a GPU", "加快向 GPU 复制")],
            ["drop_last=False", "dropLast: false", Words("no incomplete last batch", "舍弃不完整的一批")],
            ["manual_seed", "seed", Words("makes the order repeatable", "使顺序可以重现")],
        ])
    lab.say(
        "Two differ. PyTorch raises an error for sampler with shuffle; here the sampler wins, as the note has it. Its workers are processes, ours are threads. Without a GPU, pinMemory has nothing to speed up.",
        "有两点不同：同时给出 sampler 和 shuffle 时 PyTorch 报错，这里与笔记一致，以采样器为准；PyTorch 的 worker 是进程，这里是线程。没有 GPU 时 pinMemory 不起作用。")
}
