#if OneDNN
    import Testing
    import YuyanBackend

    @Suite struct CPUMatrixProductTests {
        private static let sizes: [(m: Int, n: Int, k: Int)] = [
            (1, 1, 1), (10, 1, 2), (3, 4, 5), (7, 1, 300), (1, 65, 33), (17, 31, 1), (33, 16, 15), (256, 10, 784),
            (64, 120, 400), (100, 257, 129), (0, 3, 4), (3, 4, 0),
        ]

        @Test(arguments: sizes) func multiplies(_ m: Int, _ n: Int, _ k: Int) {
            let bias = randomBuffer([n], seed: 3)
            for transposeA in [false, true] {
                for transposeB in [false, true] {
                    let a = randomBuffer(transposeA ? [k, m] : [m, k], seed: 1)
                    let b = randomBuffer(transposeB ? [n, k] : [k, n], seed: 2)
                    for usesBias in [false, true] {
                        let expected = reference.matmul(
                            wide(a), wide(b), transposeA: transposeA, transposeB: transposeB,
                            bias: usesBias ? wide(bias) : nil)
                        for (name, left) in arrangements(of: a) {
                            for (otherName, right) in arrangements(of: b) {
                                expectClose(
                                    cpu.matmul(
                                        left, right, transposeA: transposeA, transposeB: transposeB,
                                        bias: usesBias ? bias : nil), expected, relative: 1e-5,
                                    absolute: 2e-6 * Double(k),
                                    "\(m)×\(n)×\(k), \(transposeA) \(transposeB), \(name) and \(otherName)")
                            }
                        }
                    }
                }
            }
        }

        /// The activation in the same pass, by oneDNN or by our loop, and on the logistic function's flat ends.
        @Test(arguments: activations) func appliesActivations(_ activation: UnaryOperation) {
            for (m, n, k) in [(3, 4, 5), (10, 1, 2), (33, 17, 65), (256, 130, 140), (300, 257, 70)] {
                for transposeB in [false, true] {
                    let a = randomBuffer([m, k], seed: 1)
                    let b = randomBuffer(transposeB ? [n, k] : [k, n], seed: 2)
                    for bias in [nil, randomBuffer([n], seed: 3)] {
                        let product = reference.matmul(
                            wide(a), wide(b), transposeA: false, transposeB: transposeB, bias: bias.map(wide))
                        expectClose(
                            cpu.matmul(
                                a, b, transposeA: false, transposeB: transposeB, bias: bias, activation: activation),
                            reference.unary(activation, product), relative: 1e-5,
                            absolute: 2e-6 * Double(k), "\(m)×\(n)×\(k), \(transposeB), \(activation)")
                    }
                }
            }
            let batch = (randomBuffer([3, 20, 30], seed: 4), randomBuffer([3, 30, 40], seed: 5))
            let product = reference.matmul(
                wide(batch.0), wide(batch.1), transposeA: false, transposeB: false, bias: nil)
            expectClose(
                cpu.matmul(
                    batch.0, batch.1, transposeA: false, transposeB: false, bias: nil, activation: activation),
                reference.unary(activation, product), relative: 1e-5, absolute: 6e-5, "a batch")
        }

        /// What is not a number stays so, fused or not: a run that diverges must show it.
        @Test(arguments: activations) func keepsNaN(_ activation: UnaryOperation) {
            for size in [4, 200] {
                let y = cpu.matmul(
                    cpu.full([size, size], .float32, .nan), cpu.full([size, size], .float32, 1), transposeA: false,
                    transposeB: true, bias: nil, activation: activation)
                #expect((elements(y) as [Float]).allSatisfy { $0.isNaN })
            }
        }

        private static let batches: [(Shape, Shape)] = [
            ([5], [5]), ([5], [1]), ([1], [5]), ([2, 3], [2, 3]), ([2, 3], [3]), ([3], [2, 1]), ([2, 1], [1, 3]),
            ([4, 2, 3], []), ([], [4]), ([0], [1]), ([256], [256]),
        ]

        @Test(arguments: batches) func multipliesBatches(_ left: Shape, _ right: Shape) {
            for (m, n, k) in [(4, 6, 5), (1, 6, 1), (10, 10, 8)] {
                for (transposeA, transposeB) in [(false, false), (true, false), (false, true), (true, true)] {
                    let a = randomBuffer(Shape(Array(left) + (transposeA ? [k, m] : [m, k])), seed: 1)
                    let b = randomBuffer(Shape(Array(right) + (transposeB ? [n, k] : [k, n])), seed: 2)
                    let bias = randomBuffer([n], seed: 3)
                    let expected = reference.matmul(
                        wide(a), wide(b), transposeA: transposeA, transposeB: transposeB, bias: wide(bias))
                    for (name, x) in arrangements(of: a) {
                        for (otherName, y) in arrangements(of: b) {
                            expectClose(
                                cpu.matmul(x, y, transposeA: transposeA, transposeB: transposeB, bias: bias), expected,
                                relative: 1e-5, absolute: 1e-5,
                                "\(a.shape)·\(b.shape), \(transposeA) \(transposeB), \(name) and \(otherName)")
                        }
                    }
                }
            }
        }

        /// The step of an axis may be shorter than the axis inside is long with the last step's gap.
        @Test func multipliesSteppedViews() {
            let memory = randomBuffer([6, 7, 22, 2])
            let stepped = memory.view([6, 7, 8, 2], Strides(lanes: [0, 0, 0, 0, 7 * 22 * 2, 22 * 2, 3 * 2, 1]))
            let b = randomBuffer([2, 30], seed: 2)
            let turned = randomBuffer([6, 7, 30, 8], seed: 3)
            for (name, x, y) in [("left", stepped, b), ("right", turned, stepped)] {
                expectClose(
                    cpu.matmul(x, y, transposeA: false, transposeB: false, bias: nil),
                    reference.matmul(wide(x), wide(y), transposeA: false, transposeB: false, bias: nil),
                    relative: 1e-5, absolute: 1e-5, name)
            }
        }

        @Test func multipliesBroadcastViews() {
            let row = randomBuffer([1, 40])
            let repeated = row.view([30, 40], Strides(lanes: [0, 0, 0, 0, 0, 0, 0, 1]))
            let b = randomBuffer([40, 50], seed: 2)
            expectClose(
                cpu.matmul(repeated, b, transposeA: false, transposeB: false, bias: nil),
                reference.matmul(wide(repeated), wide(b), transposeA: false, transposeB: false, bias: nil),
                relative: 1e-5, absolute: 1e-5, "repeated rows")
        }
    }
#endif
