#if OneDNN
    import Testing
    import YuyanBackend

    @Suite struct CPUSoftmaxTests {
        private static let shapes: [Shape] = [
            [1, 1], [5, 3], [256, 10], [3, 16], [3, 17], [2, 64], [2, 65], [4, 1000], [2, 100_003], [2, 3, 33], [7],
            [0, 4], [4000, 10], [640, 200],
        ]

        // As sizes: in a debug build the compiler gives an argument of 64 bytes to a test less alignment than it needs.
        @Test(arguments: shapes.map(Array.init)) func matchesTheReference(_ sizes: [Int]) {
            let shape = Shape(sizes)
            let x = randomBuffer(shape, low: -20, high: 20)
            let g = randomBuffer(shape, seed: 2)
            let (softmax, logSoftmax) = (reference.softmax(wide(x)), reference.logSoftmax(wide(x)))
            let (p, logP) = (cpu.softmax(x), cpu.logSoftmax(x))
            let softmaxGradient = reference.softmaxGradient(wide(g), output: wide(p))
            let logGradient = reference.logSoftmaxGradient(wide(g), output: wide(logP))
            for (name, buffer) in arrangements(of: x) {
                // The distance to the largest, up to 40, is rounded to float: 2e-6.
                expectClose(cpu.softmax(buffer), softmax, relative: 5e-6, absolute: 1e-37, "\(shape), \(name)")
                expectClose(cpu.logSoftmax(buffer), logSoftmax, relative: 1e-6, absolute: 1e-6, "\(shape), \(name)")
            }
            for (name, gradient) in arrangements(of: g) {
                expectClose(
                    cpu.softmaxGradient(gradient, output: p), softmaxGradient, relative: 1e-5, absolute: 1e-6,
                    "gradient, \(shape), \(name)")
                expectClose(
                    cpu.logSoftmaxGradient(gradient, output: logP), logGradient, relative: 1e-5, absolute: 1e-5,
                    "log gradient, \(shape), \(name)")
            }
        }

        @Test func extremes() {
            for rows in [
                [300, -300, 1000, -1000], [1000, 1000, 1000, 999], [-1e30, -1e30, 0, 1e30], [.nan, 0, 1, 2],
                [.infinity, 0, 1, 2], [-.infinity, 0, 1, 2], [-88, -87, -86.9, 0],
            ] as [[Float]] {
                for padding in [0, 14, 70] {
                    let x = cpu.buffer(rows + [Float](repeating: -5, count: padding), [1, 4 + padding])
                    expectClose(
                        cpu.softmax(x), reference.softmax(wide(x)), relative: 1e-6, absolute: 1.2e-38, "\(rows)")
                    expectClose(
                        cpu.logSoftmax(x), reference.logSoftmax(wide(x)), relative: 1e-6, absolute: 1e-6, "\(rows)")
                }
            }
        }

        @Test(arguments: [LossReduction.none, .mean, .sum]) func crossEntropy(_ reduction: LossReduction) {
            for (rows, columns) in [(1, 1), (3, 5), (256, 10), (7, 100), (5000, 10), (100, 8000)] {
                let logits = randomBuffer([rows, columns], low: -20, high: 20)
                let targets = cpu.buffer((0..<rows).map { Int64($0 * 7 % columns) })
                let expected = reference.crossEntropy(wide(logits), targets, reduction)
                let g = randomBuffer(reduction == .none ? [rows] : .scalar, seed: 2)
                let expectedGradient = reference.crossEntropyGradient(
                    wide(g), probabilities: expected.probabilities, targets, reduction)
                for (name, x) in arrangements(of: logits) {
                    let context = "[\(rows), \(columns)], \(name)"
                    let found = cpu.crossEntropy(x, targets, reduction)
                    expectClose(found.loss, expected.loss, relative: 2e-6, absolute: 2e-6, context)
                    expectClose(
                        found.probabilities, expected.probabilities, relative: 5e-6, absolute: 1e-37, context)
                    expectClose(
                        cpu.crossEntropyGradient(g, probabilities: found.probabilities, targets, reduction),
                        // p − 1 has the absolute error of p, here times a gradient up to 2.
                        expectedGradient, relative: 5e-6, absolute: 5e-7, context)
                }
            }
        }
    }
#endif
