import Yuyan

/// Reinforcement learning: nobody shows the way, but each step costs, and a table of values learns from its own guesses.
let reinforcementLearning: Lab = Lab(
    "reinforcement-learning", "Reinforcement learning: the way through a maze", "强化学习：走出迷宫",
    book: "4.9", note: .multilayerPerceptrons, part: "5.3",
    claims: [
        Claim("path", "steps of the learned way from S, the shortest being 14", "从 S 出发所学路线的步数，最短为 14", .exactly(14)),
        Claim("everywhere", "the learned way is a shortest one from every cell", "从每一格出发，所学路线都是最短的", .yes),
        Claim(
            "values", "value of a cell beside minus its distance from the goal: largest difference",
            "格子的价值与到目标距离的相反数：最大差", .below(0.01)),
        Claim(
            "faster", "steps of the last 100 episodes in parts of the first 20", "最后 100 回合与最初 20 回合的步数之比", .below(0.5)),
    ],
    figures: ["values", "steps"]
) { lab in
    let maze = ["S..#...", ".#.#.#.", ".#...#.", ".####..", ".....#G"].map(Array.init)
    let (height, width) = (maze.count, maze[0].count)
    let cells = (0..<height * width).filter { maze[$0 / width][$0 % width] != "#" }
    let goal = cells.last!

    // The environment: a step into a wall leads nowhere, and every step costs 1.
    let moves = [(0, 1), (1, 0), (0, -1), (-1, 0)]
    func next(_ cell: Int, _ action: Int) -> Int {
        let (row, column) = (cell / width + moves[action].0, cell % width + moves[action].1)
        guard maze.indices.contains(row), (0..<width).contains(column), maze[row][column] != "#" else { return cell }
        return row * width + column
    }

    // Q(cell, action): the return that is expected. Q ← Q + α(r + γ max Q′ − Q) after each step.
    let (alpha, gamma, reward) = (0.5, 1.0, -1.0)
    let episodes = 2000
    var random = Generator.current
    var q = [[Double]](repeating: [0, 0, 0, 0], count: height * width)
    func best(_ cell: Int) -> Int { moves.indices.max { q[cell][$0] < q[cell][$1] }! }
    var lengths: [Double] = []
    for _ in 0..<episodes {
        var cell = cells.dropLast().randomElement(using: &random)!
        var steps = 0.0
        while cell != goal {
            // Mostly what looks best; in one step of ten anything, to find out.
            let explores = Double.random(in: 0..<1, using: &random) < 0.1
            let action = explores ? Int.random(in: 0..<4, using: &random) : best(cell)
            let new = next(cell, action)
            q[cell][action] += alpha * (reward + gamma * q[new].max()! - q[cell][action])
            cell = new
            steps += 1
        }
        lengths.append(steps)
    }

    // The true distances, from the goal outward.
    var distances = [goal: 0]
    var queue = [goal]
    while !queue.isEmpty {
        let cell = queue.removeFirst()
        for action in moves.indices where distances[next(cell, action)] == nil {
            distances[next(cell, action)] = distances[cell]! + 1
            queue.append(next(cell, action))
        }
    }
    func wayLength(from start: Int) -> Int {
        var (cell, steps) = (start, 0)
        while cell != goal, steps < 100 { (cell, steps) = (next(cell, best(cell)), steps + 1) }
        return steps
    }

    let arrows: [Character] = ["→", "↓", "←", "↑"]
    lab.say(
        "A maze with walls #, and what is best in each cell after \(episodes) episodes that began anywhere. From S, the goal G is \(wayLength(from: 0)) steps away.",
        "一个带墙 # 的迷宫，以及 \(episodes) 回合（从任意格子开始）之后每一格的最佳动作。从 S 到目标 G 需要 \(wayLength(from: 0)) 步。")
    lab.print(
        (0..<height).map { row in
            let learned = (0..<width).map { column in
                let cell = row * width + column
                return cells.contains(cell) && cell != goal ? arrows[best(cell)] : maze[row][column]
            }
            return "\(String(maze[row]))    \(String(learned))"
        }.joined(separator: "\n"))
    lab.say("The value of each cell, max Q, is minus the number of steps that are left:", "每一格的价值 max Q 就是剩余步数的相反数：")
    lab.show("values") { t in
        .heatMap(
            t("Value of each cell", "每一格的价值"),
            Tensor(
                (0..<height * width).map { cells.contains($0) ? $0 == goal ? 0 : q[$0].max()! : .nan },
                shape: [height, width]), showsValues: true)
    }
    let places = stride(from: 0, to: 400, by: 10)
    func mean(_ range: Range<Int>) -> Double { lengths[range].reduce(0, +) / Double(range.count) }
    lab.show("steps") { t in
        .curves(
            t("Steps to the goal", "到达目标的步数"),
            [
                Curve(
                    t("mean of 10 episodes", "10 回合的平均"), x: places.map { Double($0 + 10) },
                    y: places.map { mean($0..<$0 + 10) })
            ],
            x: Axis(t("episode", "回合")), y: Axis(t("steps", "步数"), scale: .logarithmic))
    }
    lab.check("path", wayLength(from: 0))
    lab.check("everywhere", cells.allSatisfy { wayLength(from: $0) == distances[$0] })
    lab.check("values", cells.filter { $0 != goal }.map { abs(q[$0].max()! + Double(distances[$0]!)) }.max()!)
    lab.check("faster", mean(episodes - 100..<episodes) / mean(0..<20))
}
