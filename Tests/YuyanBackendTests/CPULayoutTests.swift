#if OneDNN
    import Testing
    import YuyanBackend

    /// Chains of operations whose images lie in blocks of channels.
    @Suite struct CPULayoutTests {
        static let channels = [(3, 32), (16, 32), (32, 64), (64, 48), (32, 24), (40, 32), (32, 17)]

        private func block(_ x: DeviceBuffer) -> Int? {
            if case .channelBlocks(let block) = x.layout { return block }
            return nil
        }

        /// An image of 13 × 11 that a convolution has left in blocks of channels.
        private func blockedImage(channels: Int = 32) throws -> DeviceBuffer {
            let input = randomBuffer([2, 32, 13, 11], seed: 5)
            let weight = randomBuffer([channels, 32, 1, 1], seed: 6, low: -0.5, high: 0.5)
            let image = cpu.convolution(input, weight, bias: nil, .init(), activation: nil)
            try #require(block(image) != nil, "\(CPUBackend.lastImplementation)")
            return image
        }

        /// What an empty operand stands beside goes to the Reference loops, which know no blocks.
        @Test func besideEmptyOperands() throws {
            let blocked = try blockedImage(channels: 32)
            let none = cpu.full([0, 32, 13, 11], .float32, 0)
            // Two outputs of 32 channels with kernels as large as the image.
            let weight = blocked
            let output = cpu.convolution(none, weight, bias: nil, .init(), activation: nil)
            #expect(output.shape == [0, 2, 1, 1])
            let gradient = cpu.full([0, 2, 1, 1], .float32, 0)
            #expect(cpu.convolutionInputGradient(gradient, weight, inputShape: none.shape, .init()).elementCount == 0)
            let ofWeight = cpu.convolutionWeightGradient(
                blocked, cpu.full([2, 0, 13, 11], .float32, 0), weightShape: [32, 0, 1, 1], .init(), includesBias: true)
            let expected = reference.reduce(.sum, wide(blocked), axes: AxisSet(axes: [0, 2, 3]))
            expectClose(
                try #require(ofWeight.bias), expected.reshapedView([32])!, relative: 1e-5, absolute: 1e-3, "bias")
            let product = cpu.matmul(
                cpu.full([2, 32, 0, 13], .float32, 0), blocked, transposeA: false, transposeB: false, bias: nil)
            #expect(product.shape == [2, 32, 0, 11])
            let square = cpu.convolution(
                randomBuffer([2, 32, 5, 5], seed: 7), randomBuffer([32, 32, 1, 1], seed: 8), bias: nil, .init(),
                activation: nil)
            try #require(block(square) != nil)
            let solution = cpu.triangularSolve(
                square, cpu.full([2, 32, 5, 0], .float32, 0), isUpper: true, isTransposed: false)
            #expect(solution.shape == [2, 32, 5, 0])
        }

        /// convolution → ReLU → pool → convolution and back, against Reference in Double.
        @Test(arguments: channels, [true, false])
        func chainsAgreeWithReference(_ channels: (Int, Int), usesMaxima: Bool) {
            let (c, o) = channels
            let same = ConvolutionGeometry(padding: [1, 1])
            let window = PoolingGeometry(size: [3, 3], stride: [2, 2])
            let x = randomBuffer([2, c, 13, 11], seed: 1)
            let first = randomBuffer([o, c, 3, 3], seed: 2, low: -0.1, high: 0.1)
            let bias = randomBuffer([o], seed: 3)
            let second = randomBuffer([32, o, 3, 3], seed: 4, low: -0.1, high: 0.1)
            let seed = randomBuffer([2, 32, 6, 5], seed: 5)

            struct Outcome {
                var hidden, output: DeviceBuffer
                var inputGradient, firstGradient, biasGradient, secondGradient: DeviceBuffer
            }
            func run(
                _ backend: some Backend, _ x: DeviceBuffer, _ w: DeviceBuffer, _ b: DeviceBuffer, _ v: DeviceBuffer,
                _ g: DeviceBuffer
            )
                -> Outcome
            {
                let y = backend.convolution(x, w, bias: b, same, activation: nil)
                let rectified = backend.unary(.relu, y)
                let (pooled, workspace) =
                    usesMaxima
                    ? backend.maxPool(rectified, window) : (backend.averagePool(rectified, window), rectified)
                let z = backend.convolution(pooled, v, bias: nil, same, activation: nil)
                let ofSecond = backend.convolutionWeightGradient(
                    g, pooled, weightShape: v.shape, same, includesBias: false)
                let ofPooled = backend.convolutionInputGradient(g, v, inputShape: pooled.shape, same)
                let ofRectified =
                    usesMaxima
                    ? backend.maxPoolGradient(ofPooled, workspace: workspace, inputShape: y.shape, window)
                    : backend.averagePoolGradient(ofPooled, inputShape: y.shape, window)
                let ofY = backend.unaryGradient(.relu, ofRectified, rectified)
                let ofFirst = backend.convolutionWeightGradient(
                    ofY, x, weightShape: w.shape, same, includesBias: true)
                return Outcome(
                    hidden: pooled, output: z,
                    inputGradient: backend.convolutionInputGradient(ofY, w, inputShape: x.shape, same),
                    firstGradient: ofFirst.weight, biasGradient: ofFirst.bias!, secondGradient: ofSecond.weight)
            }

            let expected = run(reference, wide(x), wide(first), wide(bias), wide(second), wide(seed))
            let found = run(cpu, x, first, bias, second, seed)
            // oneDNN's blocks are as wide as its vectors; with narrower ones than AVX2's it has none for some sizes.
            switch Processor.instructionsInUse {
            case "AVX-512":
                // Channels that fill no blocks of 16 stay together, and so do those that are made of them.
                let isBlocked = o % 16 == 0 && o > 16 && (c % 16 == 0 || c <= 4)
                #expect(block(found.hidden) == (isBlocked ? 16 : nil), "\(c) to \(o)")
            case "AVX2": #expect(block(found.hidden) == (o % 8 == 0 && o > 8 ? 8 : nil), "\(c) to \(o)")
            default: break
            }
            let pairs = [
                (found.hidden, expected.hidden, "hidden"), (found.output, expected.output, "output"),
                (found.inputGradient, expected.inputGradient, "input"),
                (found.firstGradient, expected.firstGradient, "first weight"),
                (found.biasGradient, expected.biasGradient, "bias"),
                (found.secondGradient, expected.secondGradient, "second weight"),
            ]
            for (actual, wanted, name) in pairs {
                expectClose(actual, wanted, relative: 1e-5, absolute: 2e-4, "\(c) to \(o), \(name)")
            }
        }

        @Test func elementwiseOperationsKeepBlocks() throws {
            let x = try blockedImage()
            let plain = cpu.copied(x)
            for operation in [UnaryKind.relu, .sigmoid, .tanh, .exp, .negate] {
                let y = cpu.unary(operation, x)
                #expect(block(y) == block(x), "\(operation.name)")
                expectSame(y, cpu.unary(operation, plain), as: Float.self, "\(operation.name)")
            }
            let other = randomBuffer(x.shape, seed: 8)
            for operation in [BinaryOperation.add, .subtract, .maximum] {
                for (name, b) in arrangements(of: other) + [("blocks", cpu.unary(.negate, x))] {
                    let y = cpu.binary(operation, x, b)
                    #expect(block(y) == block(x), "\(operation.name), \(name)")
                    expectSame(
                        y, cpu.binary(operation, plain, cpu.copied(b)), as: Float.self, "\(operation.name), \(name)")
                    let z = cpu.binary(operation, b, x)
                    #expect(block(z) == block(x), "\(operation.name), \(name)")
                    expectSame(
                        z, cpu.binary(operation, cpu.copied(b), plain), as: Float.self, "\(operation.name), \(name)")
                }
            }
            for kind in [UnaryKind.relu, .sigmoid] {
                for (name, g) in arrangements(of: other) + [("blocks", cpu.unary(.negate, x))] {
                    let slope = cpu.unaryGradient(kind, g, x)
                    #expect(block(slope) == block(x), "\(kind.name), \(name)")
                    let expected = cpu.unaryGradient(kind, cpu.copied(g), plain)
                    expectSame(slope, expected, as: Float.self, "\(kind.name), \(name)")
                }
            }
            let scaled = cpu.binary(.multiply, x, scalar: 3, scalarIsLeft: false)
            #expect(block(scaled) == block(x))
            expectSame(scaled, cpu.binary(.multiply, plain, scalar: 3, scalarIsLeft: false), as: Float.self, "scaled")
        }

        @Test func otherOperationsSeeThePlainImage() throws {
            let x = try blockedImage(channels: 48)
            let plain = cpu.copied(x)
            #expect(plain.isContiguous)
            let bias = randomBuffer([1, 48, 1, 1], seed: 3)
            for (name, b) in [("bias", bias), ("row", randomBuffer([11], seed: 4))] {
                expectSame(cpu.binary(.add, x, b), cpu.binary(.add, plain, b), as: Float.self, name)
                expectSame(cpu.compare(.less, x, b), cpu.compare(.less, plain, b), as: Bool.self, name)
            }
            let mask = cpu.compare(.greater, x, scalar: 0)
            expectSame(mask, cpu.compare(.greater, plain, scalar: 0), as: Bool.self, "compare")
            expectSame(cpu.select(mask, x, bias), cpu.select(mask, plain, bias), as: Float.self, "select")
            for axes in [[0, 2, 3], [1], [3], [0], [2, 3]] {
                expectClose(
                    cpu.reduce(.sum, x, axes: AxisSet(axes: axes)),
                    reference.reduce(.sum, wide(x), axes: AxisSet(axes: axes)), relative: 1e-6, absolute: 1e-4,
                    "sum over \(axes)")
            }
            expectSame(
                cpu.reduce(.maximum, x, axes: .all(rank: 4)), cpu.reduce(.maximum, plain, axes: .all(rank: 4)),
                as: Float.self, "maximum")
            for axis in 0..<4 {
                expectSame(
                    cpu.argReduce(.largest, x, axis: axis), cpu.argReduce(.largest, plain, axis: axis), as: Int64.self,
                    "largest along \(axis)")
                expectSame(
                    cpu.cumulativeSum(x, axis: axis, isReversed: false),
                    cpu.cumulativeSum(plain, axis: axis, isReversed: false), as: Float.self, "running sums")
            }
            expectSame(cpu.softmax(x), cpu.softmax(plain), as: Float.self, "softmax")
            let indices = cpu.buffer([1, 0, 1] as [Int64])
            expectSame(
                try! cpu.gather(x, axis: 0, indices: indices), try! cpu.gather(plain, axis: 0, indices: indices),
                as: Float.self,
                "gather")
            let matrix = randomBuffer([11, 5], seed: 7)
            expectSame(
                cpu.matmul(x, matrix, transposeA: false, transposeB: false, bias: nil, activation: nil),
                cpu.matmul(plain, matrix, transposeA: false, transposeB: false, bias: nil, activation: nil),
                as: Float.self, "product")
            expectSame(cpu.cast(x, to: .float64), cpu.cast(plain, to: .float64), as: Double.self, "cast")
        }

        @Test func copiesInAllDirections() throws {
            let x = try blockedImage()
            let values = cpu.elements(x, as: Float.self)
            for (name, arranged) in arrangements(of: cpu.copied(x)) {
                let back = DeviceBuffer(x.shape, .float32, on: .cpu, layout: x.layout)
                cpu.copy(arranged, into: back)
                #expect(cpu.elements(back, as: Float.self) == values, "from \(name)")
                cpu.fill(arranged, with: 0)
                cpu.copy(x, into: arranged)
                #expect(cpu.elements(arranged, as: Float.self) == values, "to \(name)")
            }
            for block in [8, 16] {
                let other = DeviceBuffer(x.shape, .float32, on: .cpu, layout: .channelBlocks(block))
                cpu.copy(x, into: other)
                #expect(cpu.elements(other, as: Float.self) == values, "to blocks of \(block)")
            }
        }

        @Test func accumulatesIntoAndFromBlocks() throws {
            let x = try blockedImage()
            let doubled = cpu.elements(cpu.binary(.add, x, x), as: Float.self)
            for (name, arranged) in arrangements(of: cpu.copied(x)) {
                let sum = cpu.unary(.relu, x)
                cpu.copy(x, into: sum)
                cpu.accumulate(arranged, into: sum)
                #expect(cpu.elements(sum, as: Float.self) == doubled, "\(name) into blocks")
                cpu.accumulate(x, into: arranged)
                #expect(cpu.elements(arranged, as: Float.self) == doubled, "blocks into \(name)")
            }
        }

        // MARK: Movement

        /// An image in blocks of channels, or channels-last with all of them together.
        private func image(_ x: DeviceBuffer, block: Int) -> DeviceBuffer {
            if block == x.shape[1] { return YuyanBackendTests.channelsLast(x) }
            let result = DeviceBuffer(
                x.shape, x.dtype, on: .cpu, layout: block == 1 ? .contiguous : .channelBlocks(block))
            cpu.copy(x, into: result)
            return result
        }

        private func isChannelsLast(_ x: DeviceBuffer) -> Bool {
            if case .strided(let strides) = x.layout { return strides[1, rank: 4] == 1 }
            return false
        }

        /// Along each axis, from all pairs of layouts.
        @Test(arguments: [1, 8, 16, 32], [1, 8, 16, 32]) func concatenates(_ left: Int, _ right: Int) {
            let plain = [randomBuffer([2, 32, 5, 3], seed: 1), randomBuffer([2, 32, 5, 3], seed: 2)]
            let parts = [image(plain[0], block: left), image(plain[1], block: right)]
            for axis in 0..<4 {
                var shape: Shape = [2, 32, 5, 3]
                shape[axis] *= 2
                var whole: DeviceBuffer?
                let reorders = Reorders.count { whole = cpu.concatenated(parts, axis: axis, shape) }
                expectSame(
                    whole!, reference.concatenated(plain, axis: axis, shape), as: Float.self, "along \(axis)")
                #expect(reorders == (left == right ? 0 : 1), "along \(axis)")
                if left == right { #expect(block(whole!) == (left == 1 || left == 32 ? nil : left)) }
                if left == right && left == 32 { #expect(isChannelsLast(whole!)) }
            }
        }

        /// Between blocks a slice keeps them; elsewhere it is channels-last. What is placed comes back.
        @Test(arguments: [1, 8, 16, 64]) func slicesAndPlaces(_ lying: Int) {
            let plain = randomBuffer([3, 64, 5, 4], seed: 3)
            let x = image(plain, block: lying)
            for (start, count) in [(0, 64), (16, 32), (32, 16), (8, 24), (48, 8), (3, 7), (63, 1)] {
                for rows in [5, 2] {
                    var region = Region(of: x.shape, axis: 1, from: start, count: count)
                    region.restrict(axis: 2, from: 5 - rows, count: rows)
                    region.restrict(axis: 0, from: 1, count: 2)
                    let expected = cpu.copied(reference.sliced(plain, region))
                    let context = "\(count) channels from \(start), \(rows) rows"
                    let part = cpu.sliced(x, region)
                    expectSame(part, expected, as: Float.self, context)
                    let isKept = start % lying == 0 && count % lying == 0
                    if lying < 64 && lying > 1 && isKept && count > lying {
                        #expect(block(part) == lying, "\(context)")
                    }
                    var placed: DeviceBuffer?
                    let reorders = Reorders.count { placed = cpu.placed(part, in: region, of: x.shape) }
                    expectSame(
                        placed!, reference.placed(expected, in: region, of: x.shape), as: Float.self, context)
                    if isKept || lying == 64 { #expect(reorders == 0, "\(context)") }
                    for values in [part, expected, cpu.buffer([2] as [Float], [1])] {
                        let changed = cpu.duplicated(x)
                        #expect(block(changed) == block(x) && isChannelsLast(changed) == isChannelsLast(x))
                        let wanted = cpu.copied(plain)
                        cpu.replace(region, of: changed, with: values)
                        reference.replace(region, of: wanted, with: cpu.copied(values))
                        expectSame(changed, wanted, as: Float.self, "replaced, " + context)
                    }
                }
            }
        }

        @Test(arguments: [8, 16]) func partsOfAnyTypeKeepBlocks(_ lying: Int) {
            let numbers = randomBuffer([2, 48, 3, 3], low: -100, high: 100)
            for dtype in [DType.float64, .bfloat16, .int32, .bool] {
                let plain = cpu.cast(numbers, to: dtype)
                let x = image(plain, block: lying)
                let parts = cpu.split(x, axis: 1, sizes: [16, 32])
                #expect(block(parts[1]) == lying)
                let whole = cpu.concatenated(parts, axis: 1, x.shape)
                #expect(block(whole) == lying)
                expectSame(
                    cpu.cast(whole, to: .float64), cpu.cast(plain, to: .float64), as: Double.self, "\(dtype)")
                // Cut through a block.
                let cut = cpu.split(x, axis: 1, sizes: [4, 44])
                expectSame(
                    cpu.cast(cpu.concatenated(cut, axis: 1, x.shape), to: .float64), cpu.cast(plain, to: .float64),
                    as: Double.self, "\(dtype), cut")
            }
        }

        /// A number for each channel, row or sample, a comparison and a choice leave blocks as they are.
        @Test(arguments: [8, 16]) func broadcastsKeepBlocks(_ lying: Int) {
            let (plain, other) = (randomBuffer([2, 48, 5, 3], seed: 1), randomBuffer([2, 48, 5, 3], seed: 2))
            let x = image(plain, block: lying)
            for shape in [[1, 48, 1, 1], [48, 1, 1], [3], [2, 1, 1, 1], [5, 1], [2, 48, 1, 1], [1, 48, 5, 3]] as [Shape]
            {
                let b = randomBuffer(shape, seed: 4)
                var results: [DeviceBuffer] = []
                let reorders = Reorders.count {
                    let mask = cpu.compare(.greater, x, b)
                    results = [
                        cpu.binary(.subtract, x, b), cpu.binary(.subtract, b, x), cpu.select(mask, x, b),
                        cpu.select(mask, b, x),
                    ]
                    #expect(block(mask) == lying)
                }
                #expect(reorders == 0, "\(shape)")
                let mask = reference.compare(.greater, plain, b)
                let expected = [
                    reference.binary(.subtract, plain, b), reference.binary(.subtract, b, plain),
                    reference.select(mask, plain, b), reference.select(mask, b, plain),
                ]
                for (found, wanted) in zip(results, expected) {
                    #expect(block(found) == lying)
                    expectSame(found, wanted, as: Float.self, "\(shape)")
                }
            }
            let mask = cpu.compare(.less, x, other)
            #expect(block(mask) == lying)
            expectSame(mask, reference.compare(.less, plain, other), as: Bool.self, "compare")
        }

        /// The same elements are dropped, wherever they lie.
        @Test func dropoutKeepsLayoutAndDraw() {
            let images: [(Shape, Int)] = [
                ([2, 48, 13, 11], 16), ([2, 48, 2, 2], 8), ([3, 40, 9, 7], 8), ([2, 6, 28, 28], 6),
                ([1, 20, 61, 2], 20),
            ]
            for (shape, lying) in images {
                let plain = randomBuffer(shape)
                let x = image(plain, block: lying)
                let key = RandomKey(seed: 5, draw: 7)
                let found = cpu.dropout(x, probability: 0.3, key)
                #expect(block(found) == block(x) && isChannelsLast(found) == isChannelsLast(x))
                expectSame(found, cpu.dropout(plain, probability: 0.3, key), as: Float.self, "\(shape)")
            }
        }

        /// Sums over pixels and samples read blocks as they lie.
        @Test(arguments: [8, 16]) func reductionsReadBlocks(_ lying: Int) {
            let x = image(randomBuffer([3, 48, 7, 5]), block: lying)
            for kind in [ReductionOperation.sum, .mean, .maximum] {
                for axes in [[0, 2, 3], [2, 3], [1], [0], [3], [1, 2, 3], [0, 1]] {
                    var found: DeviceBuffer?
                    let reorders = Reorders.count { found = cpu.reduce(kind, x, axes: AxisSet(axes: axes)) }
                    #expect(reorders == 0, "\(kind) over \(axes)")
                    expectClose(
                        found!, reference.reduce(kind, wide(x), axes: AxisSet(axes: axes)), relative: 1e-6,
                        absolute: 1e-5, "\(kind) over \(axes)")
                }
            }
        }
    }
#endif
