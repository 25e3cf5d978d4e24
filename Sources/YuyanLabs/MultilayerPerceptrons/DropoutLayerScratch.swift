import Yuyan

/// Dropout: noise that switches units off while a network learns, and leaves their mean as it was.
let dropoutLayerScratch: Lab = Lab(
    "dropout-layer-scratch", "Dropout, from scratch", "从零开始实现暂退法",
    book: "4.6", note: .multilayerPerceptrons, part: "2.2",
    claims: [
        Claim("none", "p = 0 changes nothing", "p = 0 时什么都不变", .yes),
        Claim("all", "p = 1 leaves zeros only", "p = 1 时全部为 0", .yes),
        Claim("half", "p = 0.5: every element is 0 or doubled", "p = 0.5 时每个元素要么为 0，要么加倍", .yes),
        Claim("mean", "p = 0.2: mean of 100,000 ones afterwards", "p = 0.2 时 100,000 个 1 的均值", .near(1, margin: 0.02)),
        Claim("zeros", "p = 0.2: fraction of zeros", "p = 0.2 时 0 所占的比例", .near(0.2, margin: 0.01)),
        Claim("library", "the library's dropout: fraction of zeros", "库中的暂退法：0 所占的比例", .near(0.2, margin: 0.01)),
    ],
    figures: ["before", "after"]
) { lab in
    // h′ = 0 with probability p, else h / (1 − p): the mean stays h.
    func dropout(_ x: Tensor, _ p: Double) -> Tensor {
        precondition((0...1).contains(p), "a probability is 0 to 1")
        if p == 1 { return Tensor.zeros(like: x) }
        let mask = Tensor.uniform(x.shape) .>= p
        return mask.cast(to: .float32) * x / (1 - p)
    }

    let x = Tensor.arange(16, dtype: .float32).reshaped([2, 8])
    let half = dropout(x, 0.5)
    lab.say(
        "The numbers 0 to 15, and what is left of them with p = 0.5: about half, doubled.",
        "0 到 15，以及 p = 0.5 时剩下的数：约一半，并且加倍。")
    lab.print(x)
    lab.print(half)
    lab.check("none", (dropout(x, 0) .!= x).sum().item() == 0)
    lab.check("all", (dropout(x, 1) .!= 0).sum().item() == 0)
    lab.check("half", ((half .!= 0) .& (half .!= 2 * x)).sum().item() == 0)

    let ones = Tensor.ones([100_000])
    let thinned = dropout(ones, 0.2)
    let (mean, zeros) = (thinned.mean().item(), (thinned .== 0).cast(to: .float32).mean().item())
    lab.say(
        "Of 100,000 ones with p = 0.2, \(zeros * 100, decimals: 1)% become 0 and the others 1.25; their mean is \(mean, decimals: 3).",
        "对 100,000 个 1 取 p = 0.2，\(zeros * 100, decimals: 1)% 变成 0，其余变成 1.25，均值为 \(mean, decimals: 3)。")
    lab.check("mean", mean)
    lab.check("zeros", zeros)
    lab.check("library", (ones.dropout(probability: 0.2) .== 0).cast(to: .float32).mean())

    // A network of 4 inputs, 5 hidden units and 2 outputs; dropped units go with their edges.
    func network(without dropped: Set<Int>, _ title: String) -> Figure {
        let hidden = (0..<5).filter { !dropped.contains($0) }
        let nodes =
            (0..<4).map { GraphNode(["x\($0 + 1)"], role: .input) } + hidden.map { GraphNode(["h\($0 + 1)"]) }
            + (0..<2).map { GraphNode(["o\($0 + 1)"], role: .output) }
        let middle = 4..<(4 + hidden.count)
        let edges = middle.flatMap { unit in
            (0..<4).map { GraphEdge(from: $0, to: unit) }
                + (0..<2).map { GraphEdge(from: unit, to: middle.upperBound + $0) }
        }
        let rows = [Array(0..<4), Array(middle), [middle.upperBound, middle.upperBound + 1]]
        return .graph(title, nodes, edges, rows: rows)
    }
    lab.say(
        "In a network it looks as if some hidden units had been taken out, other ones at each step:",
        "放到网络里看，就像每一步都去掉了一些隐藏单元，每一步去掉的都不同：")
    lab.show("before") { t in network(without: [], t("Before dropout", "暂退之前")) }
    let mask = dropout(Tensor.ones([5]), 0.5).array(of: Double.self)
    lab.show("after") { t in
        network(without: Set(mask.indices.filter { mask[$0] == 0 }), t("After dropout with p = 0.5", "p = 0.5 的暂退之后"))
    }
}
