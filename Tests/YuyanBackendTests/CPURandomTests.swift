#if OneDNN
    import Testing
    import YuyanBackend

    @Suite struct CPURandomTests {
        private static let keys = [
            RandomKey(seed: 0, draw: 0), RandomKey(seed: 0x1234_5678_9ABC_DEF0, draw: 0xFEDC_BA98_7654_3210),
        ]

        @Test(arguments: keys) func sameBitsAsTheReference(_ key: RandomKey) {
            for dtype in [DType.float32, .float64] {
                for size in awkwardSizes {
                    let uniform = cpu.randomUniform([size], dtype, low: -0.3, high: 1.7, key)
                    let normal = cpu.randomNormal([size], dtype, mean: 0.1, deviation: 0.7, key)
                    let expected = reference.randomUniform([size], dtype, low: -0.3, high: 1.7, key)
                    let expectedNormal = reference.randomNormal([size], dtype, mean: 0.1, deviation: 0.7, key)
                    if dtype == .float32 {
                        expectSame(uniform, expected, as: Float.self, "uniform \(size)")
                        expectSame(normal, expectedNormal, as: Float.self, "normal \(size)")
                    } else {
                        expectSame(uniform, expected, as: Double.self, "uniform \(size)")
                        expectSame(normal, expectedNormal, as: Double.self, "normal \(size)")
                    }
                }
            }
            expectSame(
                cpu.randomPermutation(1000, key), reference.randomPermutation(1000, key), as: Int64.self, "permutation")
        }

        /// In these draws of seed 0 a number lies so near the middle of two floats that the fast way, which differs by
        /// some 2⁻⁵⁰, would take the other one: found by trying 6 million.
        @Test(arguments: [214_886, 4_147_692, 4_172_456, 4_736_200, 5_372_339, 5_416_877] as [UInt64])
        func normalNumbersBetweenTwoFloats(_ draw: UInt64) {
            let key = RandomKey(seed: 0, draw: draw)
            expectSame(
                cpu.randomNormal([64], .float32, mean: 0, deviation: 1, key),
                reference.randomNormal([64], .float32, mean: 0, deviation: 1, key), as: Float.self, "draw \(draw)")
        }

        @Test func normalNumbersOfRareParameters() {
            let key = CPURandomTests.keys[1]
            for (mean, deviation) in [(0, 0), (1e30, 1), (-3, 1e-30), (0, 1e30), (.infinity, 1), (0, .infinity)] {
                expectSame(
                    cpu.randomNormal([1000], .float32, mean: mean, deviation: deviation, key),
                    reference.randomNormal([1000], .float32, mean: mean, deviation: deviation, key), as: Float.self,
                    "mean \(mean), deviation \(deviation)")
            }
        }

        @Test(arguments: [0, 0.1, 0.5, 0.999]) func dropout(_ probability: Double) {
            let key = CPURandomTests.keys[1]
            for shape in [[0], [1], [17], [40_000], [100_003], [4, 5], [2, 3, 4, 5]] as [Shape] {
                let x = randomBuffer(shape)
                let expected = reference.dropout(x, probability: probability, key)
                for (name, buffer) in arrangements(of: x) {
                    expectSame(
                        cpu.dropout(buffer, probability: probability, key), expected, as: Float.self,
                        "\(shape), \(name)")
                }
            }
            let infinite = cpu.full([1000], .float32, .infinity)
            expectSame(
                cpu.dropout(infinite, probability: probability, key),
                reference.dropout(infinite, probability: probability, key), as: Float.self, "infinity")
        }
    }
#endif
