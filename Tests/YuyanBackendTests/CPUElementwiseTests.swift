#if OneDNN
    import Testing
    import YuyanBackend

    @Suite struct CPUElementwiseTests {
        private static let floatOperations = UnaryKind.all.filter { $0 != .logicalNot }
        private static let binaryOperations = BinaryOperation.all.filter {
            $0 != .logicalAnd && $0 != .logicalOr
        }

        /// Polynomials are good to 2 units in the last place, the rest is rounded once or twice.
        private let tolerance = 3e-7

        /// Results below the smallest normal number may be flushed to 0. Left of 0, GELU is x times the small rest of 1 + erf,
        /// or of a large exponent, with the absolute error of either times x, as PyTorch's is.
        private func flushed(_ operation: UnaryKind) -> Double {
            switch operation {
            case .gelu, .geluTanh: 4e-7
            case .square: 1.5e-45
            default: 1.2e-38
            }
        }

        @Test(arguments: floatOperations) func unaryOverSizes(_ operation: UnaryKind) {
            for size in awkwardSizes {
                let x = randomBuffer([size], low: operation == .log || operation == .squareRoot ? 0.001 : -4, high: 4)
                for (name, buffer) in arrangements(of: x) {
                    expectClose(
                        cpu.unary(operation, buffer), reference.unary(operation, wide(x)), relative: tolerance,
                        absolute: flushed(operation), "\(operation.name) of \(size) elements, \(name)")
                }
            }
        }

        @Test(arguments: floatOperations) func unaryOverAllMagnitudes(_ operation: UnaryKind) {
            var values: [Float] = [
                0, -0.0, 1, -1, .infinity, -.infinity, .nan, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
                .leastNormalMagnitude, .leastNonzeroMagnitude, 88.72, 88.73, -87.3, -87.4, -103.9, -104.1, 300, -300,
                1000, -1000, 0.34657, 0.34658, 0.70710, 0.70711, 1.41421, 1.41422, 9.01, 10.5, 44.1, 44.5,
            ]
            var magnitude: Float = 1e-38
            while magnitude < 1e38 {
                values += [magnitude, -magnitude]
                magnitude *= 1.01
            }
            for step in -11_000...11_000 { values.append(Float(step) * 0.01) }
            let x = cpu.buffer(values)
            expectClose(
                cpu.unary(operation, x), reference.unary(operation, wide(x)), relative: tolerance,
                absolute: flushed(operation), "\(operation.name)")
        }

        @Test(arguments: [UnaryKind.sigmoid, .relu, .exp]) func keepsTheLayout(_ operation: UnaryKind) {
            let x = channelsLast(randomBuffer([2, 3, 4, 5]))
            let y = cpu.unary(operation, x)
            #expect(y.strides == x.strides)
            expectClose(y, reference.unary(operation, wide(x)), relative: tolerance, "\(operation.name)")
        }

        @Test(arguments: UnaryKind.all.filter { UnaryOperation($0).gradientReads != nil })
        func gradientsOverSizes(_ kind: UnaryKind) {
            for size in awkwardSizes {
                let (g, x) = (randomBuffer([size], seed: 1, low: 0.1, high: 2), randomBuffer([size], seed: 2))
                for (name, left) in arrangements(of: g) {
                    for (otherName, right) in arrangements(of: x) {
                        expectClose(
                            cpu.unaryGradient(kind, left, right), reference.unaryGradient(kind, wide(g), wide(x)),
                            relative: tolerance, absolute: 3e-7, "\(kind.name), \(size), \(name) and \(otherName)")
                    }
                }
            }
        }

        @Test(arguments: binaryOperations) func binaryOverSizes(_ operation: BinaryOperation) {
            for size in awkwardSizes {
                let a = randomBuffer([size], seed: 1, low: 0.1, high: 2)
                let b = randomBuffer([size], seed: 2)
                for (name, left) in arrangements(of: a) {
                    for (otherName, right) in arrangements(of: b) {
                        expectClose(
                            cpu.binary(operation, left, right), reference.binary(operation, wide(a), wide(b)),
                            relative: tolerance, absolute: 3e-7, "\(operation.name), \(size), \(name) and \(otherName)")
                    }
                }
            }
        }

        @Test(arguments: binaryOperations) func binaryWithScalar(_ operation: BinaryOperation) {
            for size in [0, 1, 17, 40_000] {
                let x = randomBuffer([size], low: 0.1, high: 2)
                for isLeft in [false, true] {
                    for scalar in [2, -0.5] where operation != .power || scalar > 0 {
                        expectClose(
                            cpu.binary(operation, x, scalar: scalar, scalarIsLeft: isLeft),
                            reference.binary(operation, wide(x), scalar: scalar, scalarIsLeft: isLeft),
                            relative: tolerance, absolute: 3e-7, "\(operation.name) with \(scalar), left: \(isLeft)")
                    }
                }
            }
        }

        private static let shapePairs: [(Shape, Shape)] = [
            ([4, 5], [5]), ([5], [4, 5]), ([4, 1], [4, 5]), ([4, 1], [1, 5]), ([2, 3, 4, 5], [3, 1, 1]),
            ([2, 3, 4, 5], [1]), ([], [3, 2]), ([1, 1], [7]), ([300, 1, 70], [300, 50, 1]), ([0, 3], [3]),
            ([64, 1000], [1000]), ([64, 1000], [64, 1]), ([3, 5, 7], [3, 5, 7]), ([70, 80, 90], [70, 80, 90]),
        ]

        @Test(arguments: shapePairs) func broadcasts(_ left: Shape, _ right: Shape) {
            let (a, b) = (randomBuffer(left, seed: 1), randomBuffer(right, seed: 2))
            let expected = reference.binary(.subtract, wide(a), wide(b))
            let order = reference.compare(.less, a, b)
            let mask = reference.compare(.greater, a, scalar: 0)
            let chosen = reference.select(mask, wide(a), wide(b))
            for (name, x) in arrangements(of: a) {
                for (otherName, y) in arrangements(of: b) {
                    let context = "\(left) and \(right), \(name) and \(otherName)"
                    expectClose(cpu.binary(.subtract, x, y), expected, relative: 2e-7, context)
                    expectSame(cpu.compare(.less, x, y), order, as: Bool.self, context)
                    let condition = cpu.compare(.greater, x, scalar: 0)
                    expectSame(condition, mask, as: Bool.self, context)
                    expectClose(cpu.select(condition, x, y), chosen, relative: 2e-7, context)
                }
            }
        }

        @Test func keepsTheLayoutOfTheFullOperand() {
            let image = randomBuffer([2, 3, 4, 5])
            let bias = randomBuffer([1, 3, 1, 1], seed: 2)
            let sum = cpu.binary(.add, channelsLast(image), bias)
            #expect(sum.strides == channelsLast(image).strides)
            expectClose(sum, reference.binary(.add, wide(image), wide(bias)), relative: 2e-7, "channel bias")
        }

        @Test(arguments: ComparisonOperation.all) func compares(_ operation: ComparisonOperation) {
            let a = cpu.buffer([1, 2, 2, .nan, -.infinity, 0, -0.0] as [Float])
            let b = cpu.buffer([2, 1, 2, .nan, -.infinity, -0.0, .nan] as [Float])
            expectSame(
                cpu.compare(operation, a, b), reference.compare(operation, a, b), as: Bool.self, "\(operation.name)")
            expectSame(
                cpu.compare(operation, a, scalar: 2), reference.compare(operation, a, scalar: 2), as: Bool.self,
                "\(operation.name)")
            for size in awkwardSizes {
                let (x, y) = (randomBuffer([size], seed: 1), randomBuffer([size], seed: 2))
                let context = "\(operation.name) of \(size)"
                expectSame(cpu.compare(operation, x, y), reference.compare(operation, x, y), as: Bool.self, context)
            }
        }

        @Test func treatsNaNAsTheReferenceDoes() {
            let a = cpu.buffer([.nan, 1, .nan, .infinity, -.infinity, 0, -0.0, -1] as [Float])
            let b = cpu.buffer([1, .nan, .nan, -.infinity, .infinity, -0.0, 0, .infinity] as [Float])
            for operation in CPUElementwiseTests.binaryOperations {
                expectClose(
                    cpu.binary(operation, a, b), reference.binary(operation, wide(a), wide(b)), relative: 2e-7,
                    "\(operation.name)")
            }
        }

        @Test func accumulatesIntoAnyLayout() {
            for shape in [[0], [17], [40_000], [3, 5], [2, 3, 4, 5], [90, 500]] as [Shape] {
                let (a, b) = (randomBuffer(shape, seed: 1), randomBuffer(shape, seed: 2))
                let expected = reference.binary(.add, wide(a), wide(b))
                for (name, source) in arrangements(of: b) {
                    for (otherName, view) in arrangements(of: cpu.copied(a)) {
                        cpu.accumulate(source, into: view)
                        expectClose(view, expected, relative: 2e-7, "\(shape), \(name) into \(otherName)")
                        cpu.copy(a, into: view)
                    }
                }
            }
        }

        @Test func otherTypesComeFromTheReference() {
            let x = cpu.buffer([3, -4, 0] as [Int32])
            #expect(cpu.elements(cpu.unary(.square, x)) == [9, 16, 0] as [Int32])
            #expect(cpu.elements(cpu.binary(.multiply, x, x)) == [9, 16, 0] as [Int32])
            #expect(cpu.unary(.square, x).device == .cpu)
            let doubles = cpu.buffer([0.5, 2] as [Double])
            #expect(cpu.elements(cpu.binary(.divide, doubles, scalar: 1, scalarIsLeft: true)) == [2, 0.5] as [Double])
        }
    }
#endif
