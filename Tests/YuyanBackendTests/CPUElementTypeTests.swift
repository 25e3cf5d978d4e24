#if OneDNN
    import Testing
    import YuyanBackend

    /// What the table of element types says: these are computed by the kernels, and as Reference computes.
    @Suite(.serialized) struct CPUElementTypeTests {
        /// Products and convolutions have tests of their own, as have random numbers and qr.
        private static let families = PrimitiveFamily.allCases.filter {
            ![.product, .convolution, .random, .qr].contains($0)
        }

        @Test(arguments: families, DType.allCases) func table(_ family: PrimitiveFamily, _ dtype: DType) {
            guard family.kernelTypes.contains(dtype) || dtype == .bfloat16 && family.widensHalves else { return }
            let calls = PrimitiveCall.ofNumbers + (dtype.isFloatingPoint ? PrimitiveCall.ofReals : [])
            let ofFamily = calls.filter { $0.family == family && (dtype != .bool || family == .select) }
            #expect(!ofFamily.isEmpty || dtype == .bool)
            for call in ofFamily {
                for hasGaps in [false, true] {
                    let name = "\(call.name) of \(dtype)\(hasGaps ? ", with gaps" : "")"
                    let uses = CPUBackend.referenceUseCount
                    let found = call.results(cpu, .init(backend: cpu, dtype: dtype, hasGaps: hasGaps))
                    // Integers are divided by Reference. What has gaps is changed there, too.
                    let isElsewhere =
                        !dtype.isFloatingPoint && call.name.contains("divide")
                        || hasGaps && (family == .update || family == .indexing)
                    #expect(isElsewhere || CPUBackend.referenceUseCount == uses, "\(name)")
                    let wanted = call.results(reference, .init(backend: reference, dtype: dtype, hasGaps: hasGaps))
                    expectClose(found, wanted, name)
                }
            }
        }

        private func expectClose(_ found: [DeviceBuffer?], _ wanted: [DeviceBuffer?], _ name: String) {
            #expect(found.count == wanted.count)
            for (place, pair) in zip(found, wanted).enumerated() {
                guard let found = pair.0, let wanted = pair.1 else { continue }
                #expect(found.shape == wanted.shape && found.dtype == wanted.dtype, "\(name)")
                guard found.shape == wanted.shape else { continue }
                let (x, y) = (elements(wide(found), as: Double.self), elements(wide(wanted), as: Double.self))
                // One unit in the last place for bfloat16, of which both results are rounded; sums take some more.
                let tolerance: Double =
                    switch found.dtype {
                    case .float32: 1e-5
                    case .float64: 1e-13
                    case .bfloat16: 0x1p-7
                    default: 0
                    }
                let wrong = x.indices.first { i in
                    !(x[i] == y[i] || (x[i].isNaN && y[i].isNaN) || abs(x[i] - y[i]) <= tolerance * max(abs(y[i]), 1))
                }
                if let wrong {
                    Issue.record("\(name), result \(place): \(x[wrong]) at \(wrong), expected \(y[wrong])")
                }
            }
        }

        @Test func integersWrapAround() {
            let (a, b) = ([Int32.max, .min, -7, 100_000], [1, -1, 3, 100_000] as [Int32])
            let (x, y) = (cpu.buffer(a), cpu.buffer(b))
            let wanted: [(BinaryOperation, (Int32, Int32) -> Int32)] = [
                (.add, { $0 &+ $1 }), (.subtract, { $0 &- $1 }), (.multiply, { $0 &* $1 }),
                (.maximum, { max($0, $1) }), (.minimum, { min($0, $1) }),
            ]
            for (operation, function) in wanted {
                #expect(cpu.elements(cpu.binary(operation, x, y)) == zip(a, b).map(function), "\(operation.name)")
            }
            let sum = cpu.reduce(.sum, x, axes: AxisSet(axes: [0]))
            #expect(cpu.elements(sum) == [a.reduce(0, &+)])
            let large = cpu.buffer([Int64.max, 1, 1 << 60 + 1])
            #expect(
                cpu.elements(cpu.reduce(.sum, large, axes: AxisSet(axes: [0]))) == [Int64.max &+ 1 &+ (1 << 60 + 1)])
            #expect(cpu.elements(cpu.reduce(.maximum, large, axes: AxisSet(axes: [0]))) == [Int64.max])
            #expect(cpu.elements(cpu.unary(.absolute, cpu.buffer([Int64.min, -3]))) == [Int64.min, 3])
        }

        @Test func integersAreComparedWithNumbersBetweenThem() {
            let x = cpu.buffer([2, 3] as [Int64])
            #expect(cpu.elements(cpu.compare(.less, x, scalar: 2.5)) == [true, false])
            #expect(cpu.elements(cpu.compare(.lessOrEqual, x, scalar: 3)) == [true, true])
            #expect(cpu.elements(cpu.compare(.less, x, scalar: .nan)) == [false, false])
        }

        @Test func nanWinsInFloat64() {
            let x = cpu.buffer([1, .nan, 3, 2] as [Double])
            for operation in [ReductionOperation.maximum, .minimum, .sum] {
                #expect(cpu.elements(cpu.reduce(operation, x, axes: AxisSet(axes: [0])), as: Double.self)[0].isNaN)
            }
            let y = cpu.binary(.maximum, x, cpu.buffer([.nan, 1, 1, 1] as [Double]))
            #expect(cpu.elements(y, as: Double.self)[0].isNaN && cpu.elements(y, as: Double.self)[1].isNaN)
        }

        @Test(arguments: [Shape([1_000_003]), [3, 200_001], [200_001, 3], [70, 3000]].map { Array($0) })
        func reductionsDoNotDependOnThreads(_ sizes: [Int]) {
            let numbers = randomBuffer(Shape(sizes))
            let threads = CPUBackend.threadCount
            defer { CPUBackend.threadCount = threads }
            for dtype in [DType.float64, .bfloat16] {
                let x = cpu.cast(numbers, to: dtype)
                for axes in [AxisSet.all(rank: sizes.count), AxisSet(axes: [0]), AxisSet(axes: [sizes.count - 1])] {
                    CPUBackend.threadCount = 1
                    let alone = wide(cpu.reduce(.sum, x, axes: axes))
                    CPUBackend.threadCount = 2
                    let together = wide(cpu.reduce(.sum, x, axes: axes))
                    #expect(elements(alone, as: Double.self) == elements(together, as: Double.self))
                }
            }
        }

        @Test(arguments: UpdateKind.all) func updatesWithHalves(_ kind: UpdateKind) {
            let options = UpdateOptions(
                learningRate: 0.125, weightDecay: 0.25, decay: 0.5, secondDecay: 0.75, epsilon: 0.5)
            for count in [1, 33, 1023, 1025, 40_009] {
                func updated(_ backend: some Backend, halfGradient: Bool, shadow: Bool) -> [[Float]] {
                    func draw(_ seed: UInt64) -> DeviceBuffer {
                        let low: Double = seed > 2 ? 0 : -2
                        let x = reference.randomUniform(
                            [count], .float32, low: low, high: 2, RandomKey(seed: seed, draw: 0))
                        return backend.buffer(elements(x, as: Float.self))
                    }
                    let half = backend.cast(draw(2), to: .bfloat16)
                    let row = ParameterUpdate(
                        draw(1), halfGradient ? half : backend.cast(half, to: .float32), first: draw(3),
                        second: kind.stateNames.count > 1 ? draw(4) : nil,
                        shadow: shadow ? backend.full([count], .bfloat16, 7) : nil, step: 3)
                    backend.update(kind, [row], options)
                    let expected = backend.cast(row.parameter, to: .bfloat16)
                    if let shadow = row.shadow {
                        #expect(backend.elements(shadow, as: BFloat16.self) == backend.elements(expected))
                    }
                    return [row.parameter, row.first, row.second].compactMap { $0.map { backend.elements($0) } }
                }
                // The same bits with and without halves.
                let plain = updated(cpu, halfGradient: false, shadow: false)
                #expect(updated(cpu, halfGradient: true, shadow: true) == plain, "\(count)")
                #expect(updated(cpu, halfGradient: false, shadow: true) == plain, "\(count)")
                let slow = updated(reference, halfGradient: false, shadow: false)
                #expect(updated(reference, halfGradient: true, shadow: true) == slow, "\(count)")
            }
        }
    }
#endif
