#if OneDNN
    import Testing
    import YuyanBackend

    @Suite struct CPUStorageTests {
        @Test func uploadsAndDownloads() {
            for size in awkwardSizes {
                let values = (0..<size).map { Float($0) }
                #expect(cpu.elements(cpu.buffer(values)) == values)
            }
        }

        private static let shapes: [Shape] = [
            [], [0], [1], [7], [3, 5], [33, 65], [2, 3, 4, 5], [0, 4], [300, 200], [20, 16, 25, 9], [64, 6, 28, 28],
            [5, 1, 7, 1, 3],
        ]

        // As sizes: in a debug build the compiler gives an argument of 64 bytes to a test less alignment than it needs.
        @Test(arguments: shapes.map(Array.init)) func copiesBetweenLayouts(_ sizes: [Int]) {
            let shape = Shape(sizes)
            let x = randomBuffer(shape)
            let expected = elements(x, as: Float.self)
            for (name, source) in arrangements(of: x) {
                expectSame(cpu.copied(source), x, as: Float.self, "\(shape) from \(name)")
                for (otherName, destination) in arrangements(of: cpu.full(shape, .float32, 7)) {
                    cpu.copy(source, into: destination)
                    #expect(elements(destination) == expected, "\(shape) from \(name) to \(otherName)")
                }
            }
        }

        @Test func repeatsBroadcastViews() {
            let row = randomBuffer([1, 300])
            let view = row.view([200, 300], Strides(lanes: [0, 0, 0, 0, 0, 0, 0, 1]))
            expectSame(cpu.copied(view), reference.copied(view), as: Float.self, "rows")
            let column = randomBuffer([200, 1])
            let wideView = column.view([200, 300], Strides(lanes: [0, 0, 0, 0, 0, 0, 1, 0]))
            expectSame(cpu.copied(wideView), reference.copied(wideView), as: Float.self, "columns")
        }

        @Test(arguments: DType.allCases, DType.allCases) func castsLikeTheReference(_ from: DType, _ to: DType) {
            let numbers: [Double] = [
                0, 1, -1, 0.5, -0.5, 1.99, -1.99, 2.5, 127, 128, 255, 256, 300, -300, 65_536, 2_147_483_647,
                2_147_483_648, -2_147_483_648, -2_147_483_649, 4_294_967_297, 1e10, -1e10, 9.3e18, -9.3e18, 1e30,
                -1e30, .infinity, -.infinity, .nan, 1.00390625, 3.14159,
            ]
            let source = reference.cast(reference.buffer(numbers), to: from)
            let many = DeviceBuffer([40_000], from, on: .cpu)
            cpu.fill(many, with: 3)
            cpu.copy(source, into: many.view(source.shape, source.shape.contiguousStrides, offset: 39_000))
            let converted = cpu.cast(many, to: to)
            #expect(converted.dtype == to)
            let isSame = bytes(converted) == bytes(reference.cast(many, to: to))
            #expect(isSame, "\(from) to \(to)")
            for (name, view) in arrangements(of: cpu.copied(source)) {
                let isSame = bytes(cpu.cast(view, to: to)) == bytes(reference.cast(source, to: to))
                #expect(isSame, "\(from) to \(to), \(name)")
            }
        }

        private func bytes(_ x: DeviceBuffer) -> [UInt8] {
            var result = [UInt8](repeating: 0, count: x.elementCount * x.dtype.byteCount)
            result.withUnsafeMutableBytes { reference.download(x, into: $0) }
            return result
        }

        @Test(arguments: DType.allCases) func fills(_ dtype: DType) {
            for value in [0, 1, -3.7, 1e10, .nan] {
                for size in [0, 1, 17, 40_000] {
                    let isSame =
                        bytes(cpu.full([size], dtype, value)) == bytes(reference.full([size], dtype, value))
                    #expect(isSame, "\(size) of \(dtype) with \(value)")
                }
            }
            let memory = cpu.full([4, 6], dtype, 1)
            cpu.fill(memory.view([4, 3], Strides(lanes: [0, 0, 0, 0, 0, 0, 6, 1])), with: 0)
            let half = [true, true, true]
            let expected: [[Bool]] = Array(repeating: half.map { !$0 } + half, count: 4)
            #expect(cpu.elements(cpu.cast(memory, to: .bool)) == expected.flatMap { $0 })
        }
    }
#endif
