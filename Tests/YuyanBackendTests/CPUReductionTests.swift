#if OneDNN
    import Testing
    import YuyanBackend

    @Suite struct CPUReductionTests {
        @Test(arguments: ReductionOperation.all) func reducesVectors(_ operation: ReductionOperation) {
            for size in awkwardSizes where size > 0 || operation == .sum || operation == .product || operation == .mean
            {
                // Products stay near 1.
                let spread = operation == .product ? 0.5 / Double(max(size, 1)) : 2
                let x = randomBuffer([size], low: 1 - spread, high: 1 + spread)
                for (name, buffer) in arrangements(of: x) {
                    expectClose(
                        cpu.reduce(operation, buffer, axes: .all(rank: 1)),
                        reference.reduce(operation, wide(x), axes: .all(rank: 1)), relative: 1e-6,
                        "\(operation.name) of \(size), \(name)")
                }
            }
        }

        private static let shapes: [Shape] = [
            [1, 1], [256, 10], [10, 256], [1000, 6], [40_000, 3], [3, 40_000], [513, 129], [2, 3, 4], [2, 3, 4, 5],
            [5, 16, 9, 11], [64, 6, 28, 28], [3, 1, 65, 1], [100, 64], [100_003, 1], [17, 65, 33],
        ]

        // As sizes: in a debug build the compiler gives an argument of 64 bytes to a test less alignment than it needs.
        @Test(arguments: shapes.map(Array.init)) func reducesAnyAxes(_ sizes: [Int]) {
            let shape = Shape(sizes)
            let x = randomBuffer(shape)
            let expectedSource = wide(x)
            for bits in 0..<(1 << shape.rank) {
                let axes = AxisSet(rawValue: UInt8(bits))
                for operation in [ReductionOperation.sum, .mean, .maximum, .minimum] {
                    let expected = reference.reduce(operation, expectedSource, axes: axes)
                    for (name, buffer) in arrangements(of: x) {
                        expectClose(
                            cpu.reduce(operation, buffer, axes: axes), expected, relative: 1e-6,
                            absolute: operation == .sum ? 1e-4 : 1e-6,
                            "\(operation.name) of \(shape) over \(bits), \(name)")
                    }
                }
            }
        }

        @Test func reducesNothing() {
            let empty = cpu.buffer([] as [Float], [2, 0])
            #expect(cpu.elements(cpu.reduce(.sum, empty, axes: [.init(rawValue: 2)])) == [0, 0] as [Float])
            #expect(cpu.elements(cpu.reduce(.product, empty, axes: [.init(rawValue: 2)])) == [1, 1] as [Float])
            #expect(cpu.reduce(.sum, empty, axes: [.init(rawValue: 1)]).shape == [1, 0])
        }

        @Test func propagatesNaN() {
            for size in [3, 70, 40_000] {
                var values = [Float](repeating: 1, count: 2 * size)
                values[size / 2] = .nan
                for x in [cpu.buffer(values, [2, size]), cpu.buffer(values, [size, 2])] {
                    for operation in ReductionOperation.all {
                        for bits: UInt8 in 1...3 {
                            let axes = AxisSet(rawValue: bits)
                            expectClose(
                                cpu.reduce(operation, x, axes: axes), reference.reduce(operation, wide(x), axes: axes),
                                relative: 1e-6, "\(operation.name) of \(x.shape) over \(bits)")
                        }
                    }
                }
            }
        }

        @Test func longSumsStayExact() {
            // In float alone a sum of ones stops at 2²⁴.
            let ones = cpu.full([5_000, 4_000], .float32, 1)
            #expect(cpu.elements(cpu.reduce(.sum, ones, axes: .all(rank: 2))) == [20_000_000] as [Float])
            // Rows of every length around the vectors' and the parts'.
            for size in [16, 17, 31, 63, 64, 65, 79, 80, 95, 127, 129, 1000, 4080, 4081, 4095, 4096, 4097, 4112, 8200] {
                let rows = cpu.full([10, size], .float32, 1)
                #expect(
                    cpu.elements(cpu.reduce(.sum, rows, axes: AxisSet(axes: [1])))
                        == [Float](repeating: Float(size), count: 10), "\(size)")
            }
            let tall = cpu.full([20_000_000, 1], .float32, 1)
            #expect(cpu.elements(cpu.reduce(.mean, tall, axes: AxisSet(axes: [0]))) == [1] as [Float])
        }

        @Test func sameBitsOnAnyNumberOfThreads() {
            let x = randomBuffer([1000, 500])
            let before = CPUBackend.threadCount
            defer { CPUBackend.threadCount = before }
            for axes in [AxisSet(axes: [0]), AxisSet(axes: [1]), AxisSet(axes: [0, 1])] {
                CPUBackend.threadCount = 1
                let one = cpu.reduce(.sum, x, axes: axes)
                CPUBackend.threadCount = 2
                expectSame(cpu.reduce(.sum, x, axes: axes), one, as: Float.self, "two threads")
                expectSame(cpu.reduce(.sum, x, axes: axes), one, as: Float.self, "again")
            }
        }

        @Test(arguments: [ArgReductionOperation.largest, .smallest])
        func findsPositions(_ operation: ArgReductionOperation) {
            for shape in [[7], [256, 10], [3, 40_000], [4, 5, 6], [70, 150], [2, 130, 64], [5, 16, 3]] as [Shape] {
                let x = randomBuffer(shape)
                for axis in 0..<shape.rank {
                    for (name, buffer) in arrangements(of: x) {
                        expectSame(
                            cpu.argReduce(operation, buffer, axis: axis), reference.argReduce(operation, x, axis: axis),
                            as: Int64.self, "\(operation.name) of \(shape) along \(axis), \(name)")
                    }
                }
            }
            let ties = cpu.buffer([1, 3, 3, 1, .nan, 2, .nan, 0, .nan, .nan, 4, 4] as [Float], [3, 4])
            expectSame(
                cpu.argReduce(operation, ties, axis: 1), reference.argReduce(operation, ties, axis: 1),
                as: Int64.self, "ties and NaN")
        }

        /// Few values, so that ties are everywhere; NaN is in some rows and columns, more than once.
        @Test(arguments: [ArgReductionOperation.largest, .smallest])
        func findsTheFirstOfManyPositions(_ operation: ArgReductionOperation) {
            for (rows, columns) in [(9, 16), (40, 17), (33, 100), (5, 1000), (300, 64)] {
                for nanEvery in [0, 37, 100_000] {
                    var values = (0..<rows * columns).map { Float(($0 * 7919) % 5) - 2 }
                    for i in values.indices where nanEvery > 0 && i % nanEvery == nanEvery / 2 { values[i] = .nan }
                    if nanEvery > values.count { values = values.map { _ in -.infinity } }
                    let x = cpu.buffer(values, [rows, columns])
                    for axis in 0...1 {
                        expectSame(
                            cpu.argReduce(operation, x, axis: axis), reference.argReduce(operation, x, axis: axis),
                            as: Int64.self, "\(operation) of \(rows) × \(columns) along \(axis), NaN \(nanEvery)")
                    }
                }
            }
        }

        @Test(arguments: [[3, 50], [1], [8, 7], [19, 33], [2, 70, 5], [3, 5, 130], [2, 3, 4, 5], [200, 300]])
        func runningSums(_ sizes: [Int]) {
            let x = randomBuffer(Shape(sizes))
            for axis in sizes.indices {
                for isReversed in [false, true] {
                    let expected = reference.cumulativeSum(x, axis: axis, isReversed: isReversed)
                    for (name, buffer) in arrangements(of: x) {
                        expectSame(
                            cpu.cumulativeSum(buffer, axis: axis, isReversed: isReversed), expected, as: Float.self,
                            "\(sizes) along \(axis), reversed: \(isReversed), \(name)")
                    }
                }
            }
        }
    }
#endif
