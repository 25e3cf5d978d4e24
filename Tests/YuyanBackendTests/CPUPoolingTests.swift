#if OneDNN
    import Testing
    import YuyanBackend

    @Suite struct CPUPoolingTests {
        static let cases: [(Shape, PoolingGeometry)] = [
            ([4, 6, 28, 28], .init(size: [2, 2], stride: [2, 2])),
            ([4, 16, 10, 10], .init(size: [2, 2], stride: [2, 2])),
            ([3, 1, 8, 8], .init(size: [2, 2], stride: [2, 2])),
            ([2, 3, 7, 9], .init(size: [2, 2], stride: [2, 2])),
            ([2, 7, 5, 4], .init(size: [2, 2], stride: [2, 2])),
            ([2, 8, 4, 5], .init(size: [2, 2], stride: [2, 2])),
            ([2, 3, 2, 2], .init(size: [2, 2], stride: [2, 2])),
            ([2, 17, 13, 11], .init(size: [3, 3], stride: [2, 2])),
            ([2, 5, 9, 8], .init(size: [3, 2], stride: [1, 2], padding: [1, 1])),
            ([1, 4, 6, 6], .init(size: [2, 2], stride: [3, 3])),
            ([2, 10, 5, 5], .init(size: [5, 5], stride: [5, 5])),
            ([0, 3, 8, 8], .init(size: [2, 2], stride: [2, 2])),
            ([32, 32, 27, 27], .init(size: [3, 3], stride: [2, 2])),
        ]

        @Test(arguments: cases) func averages(_ shape: Shape, _ window: PoolingGeometry) {
            let x = randomBuffer(shape)
            let expected = reference.averagePool(wide(x), window)
            let gradient = randomBuffer(expected.shape, seed: 2)
            let expectedGradient = reference.averagePoolGradient(wide(gradient), inputShape: shape, window)
            for (name, buffer) in arrangements(of: x) {
                let y = cpu.averagePool(buffer, window)
                expectClose(y, expected, relative: 1e-6, absolute: 1e-6, "\(shape), \(window), \(name)")
            }
            for (name, buffer) in arrangements(of: gradient) {
                expectClose(
                    cpu.averagePoolGradient(buffer, inputShape: shape, window), expectedGradient, relative: 1e-6,
                    absolute: 1e-6, "gradient, \(shape), \(window), \(name)")
            }
        }

        @Test(arguments: cases) func findsMaxima(_ shape: Shape, _ window: PoolingGeometry) {
            let x = randomBuffer(shape)
            let expected = reference.maxPool(wide(x), window)
            let gradient = randomBuffer(expected.output.shape, seed: 2)
            let expectedGradient = reference.maxPoolGradient(
                wide(gradient), workspace: expected.workspace, inputShape: shape, window)
            for (name, buffer) in arrangements(of: x) {
                let found = cpu.maxPool(buffer, window)
                expectClose(found.output, expected.output, relative: 0, "\(shape), \(window), \(name)")
                for (otherName, g) in arrangements(of: gradient) {
                    expectClose(
                        cpu.maxPoolGradient(g, workspace: found.workspace, inputShape: shape, window),
                        expectedGradient, relative: 1e-6, absolute: 1e-6,
                        "gradient, \(shape), \(window), \(name) and \(otherName)")
                }
            }
        }

        @Test func maximaOfEqualsInfinitiesAndNaN() {
            let window = PoolingGeometry(size: [2, 2], stride: [2, 2], padding: [1, 1])
            var values = [Float](repeating: -.infinity, count: 2 * 3 * 6 * 6)
            for i in 0..<values.count {
                switch i % 11 {
                case 0: values[i] = .nan
                case 1...4: values[i] = Float(i % 3)
                default: break
                }
            }
            let x = cpu.buffer(values, [2, 3, 6, 6])
            let expected = reference.maxPool(wide(x), window)
            let found = cpu.maxPool(x, window)
            expectClose(found.output, expected.output, relative: 0, "output")
            let gradient = randomBuffer(expected.output.shape)
            expectClose(
                cpu.maxPoolGradient(gradient, workspace: found.workspace, inputShape: x.shape, window),
                reference.maxPoolGradient(
                    wide(gradient), workspace: expected.workspace, inputShape: x.shape, window), relative: 0,
                "gradient")
        }
    }
#endif
