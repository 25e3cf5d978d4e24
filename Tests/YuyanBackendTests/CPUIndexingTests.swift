#if OneDNN
    import Testing
    import YuyanBackend

    @Suite struct CPUIndexingTests {
        private static let shapes: [Shape] = [[7], [5, 3], [40, 1000], [6, 7, 8], [3, 4, 5, 6]]

        // As sizes: in a debug build the compiler gives an argument of 64 bytes to a test less alignment than it needs.
        @Test(arguments: shapes.map(Array.init)) func movesSlices(_ sizes: [Int]) {
            let shape = Shape(sizes)
            let x = randomBuffer(shape)
            for axis in 0..<shape.rank {
                let size = shape[axis]
                let positions = (0..<(size + 3)).map { Int64($0 * 5 % size) }
                let indices = cpu.buffer(positions)
                let gathered = try! reference.gather(x, axis: axis, indices: indices)
                let values = randomBuffer(gathered.shape, seed: 2)
                let sums = try! reference.scatterAdd(wide(values), axis: axis, indices: indices, size: size)
                for (name, source) in arrangements(of: x) {
                    let context = "\(shape), axis \(axis), \(name)"
                    expectSame(
                        try! cpu.gather(source, axis: axis, indices: indices), gathered, as: Float.self, context)
                }
                for (name, source) in arrangements(of: values) {
                    let context = "\(shape), axis \(axis), \(name)"
                    expectClose(
                        try! cpu.scatterAdd(source, axis: axis, indices: indices, size: size), sums, relative: 1e-6,
                        absolute: 1e-6, context)
                    for (otherName, destination) in arrangements(of: cpu.copied(x)) {
                        let expected = reference.copied(x)
                        try! reference.scatter(values, into: expected, axis: axis, indices: indices)
                        try! cpu.scatter(source, into: destination, axis: axis, indices: indices)
                        expectSame(destination, expected, as: Float.self, "\(context) into \(otherName)")
                    }
                }
            }
        }

        @Test func movesOtherTypes() {
            let bytes = cpu.buffer((0..<12).map { UInt8($0) }, [4, 3])
            let indices = cpu.buffer([2, 0] as [Int64])
            #expect(cpu.elements(try! cpu.gather(bytes, axis: 0, indices: indices)) == [6, 7, 8, 0, 1, 2] as [UInt8])
            #expect(
                cpu.elements(try! cpu.gather(bytes, axis: 1, indices: indices)) == [2, 0, 5, 3, 8, 6, 11, 9] as [UInt8])
            let labels = cpu.buffer([5, 6, 7] as [Int64])
            #expect(cpu.elements(try! cpu.gather(labels, axis: 0, indices: indices)) == [7, 5] as [Int64])
            let sums = try! cpu.scatterAdd(cpu.buffer([1, 2] as [Int32]), axis: 0, indices: indices, size: 4)
            #expect(cpu.elements(sums) == [2, 0, 1, 0] as [Int32])
            #expect(sums.device == .cpu)
        }

        @Test func gathersFromMany() {
            let x = randomBuffer([60_000, 64])
            let order = cpu.randomPermutation(2_000, RandomKey(seed: 3, draw: 1))
            expectSame(
                try! cpu.gather(x, axis: 0, indices: order), try! reference.gather(x, axis: 0, indices: order),
                as: Float.self,
                "rows")
            let values = randomBuffer([2_000, 64], seed: 2)
            expectClose(
                try! cpu.scatterAdd(values, axis: 0, indices: order, size: 3_000),
                try! reference.scatterAdd(wide(values), axis: 0, indices: order, size: 3_000), relative: 1e-6,
                "rows back")
        }

        @Test func findsTrueElements() {
            let mask = cpu.buffer([true, false, true, true], [2, 2])
            #expect(cpu.elements(cpu.nonzero(mask)) == [0, 2, 3] as [Int64])
            #expect(cpu.elements(cpu.nonzero(mask.swappingAxes(0, 1))) == [0, 1, 3] as [Int64])
        }
    }
#endif
