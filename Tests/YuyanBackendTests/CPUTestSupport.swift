#if OneDNN
    import Testing
    import YuyanBackend

    let cpu = CPUBackend()

    /// Sizes around the widths of vectors, and on both sides of where parallel loops begin.
    let awkwardSizes = [0, 1, 3, 7, 15, 16, 17, 31, 33, 1000, 40_000, 100_003]

    /// All that a product or a convolution can do to its result.
    let activations: [UnaryOperation] = [
        .relu, .sigmoid, .tanh, .gelu, .geluTanh, .silu, .leakyReLU(slope: 0.2), .softplus(beta: 2),
    ]

    /// Numbers from [-2, 2) on the CPU, the same for the same seed.
    func randomBuffer(_ shape: Shape, seed: UInt64 = 1, low: Double = -2, high: Double = 2) -> DeviceBuffer {
        let numbers = reference.randomUniform(shape, .float32, low: low, high: high, RandomKey(seed: seed, draw: 0))
        return cpu.buffer(elements(numbers, as: Float.self), shape)
    }

    /// The same, rounded to bfloat16.
    func randomNarrow(_ shape: Shape, seed: UInt64 = 1) -> DeviceBuffer {
        cpu.cast(randomBuffer(shape, seed: seed), to: .bfloat16)
    }

    /// Copies of `x` that lie differently in memory: plain, not aligned, with gaps, with axes in other orders.
    func arrangements(of x: DeviceBuffer) -> [(name: String, buffer: DeviceBuffer)] {
        func arranged(_ strides: Strides, count: Int, offset: Int) -> DeviceBuffer {
            let memory = cpu.full([count], x.dtype, 99)
            let view = memory.view(x.shape, strides, offset: offset)
            cpu.copy(x, into: view)
            return view
        }
        var result = [("plain", x)]
        result.append(("unaligned", arranged(x.shape.contiguousStrides, count: x.elementCount + 1, offset: 1)))
        if x.rank == 0 { return result }
        var doubled = x.shape.contiguousStrides
        doubled.lanes = doubled.lanes &* 2
        result.append(("gaps", arranged(doubled, count: 2 * x.elementCount + 1, offset: 1)))
        if x.rank >= 2 {
            var swapped = x.shape
            (swapped[x.rank - 2], swapped[x.rank - 1]) = (x.shape[x.rank - 1], x.shape[x.rank - 2])
            let memory = cpu.copied(x.swappingAxes(x.rank - 2, x.rank - 1))
            result.append(("transposed", memory.swappingAxes(x.rank - 2, x.rank - 1)))
        }
        if x.rank == 4 { result.append(("channels last", channelsLast(x))) }
        return result
    }

    /// A copy of `[N, C, H, W]` whose memory is `[N, H, W, C]`.
    func channelsLast(_ x: DeviceBuffer) -> DeviceBuffer {
        let memory = cpu.copied(x.swappingAxes(1, 3).swappingAxes(1, 2))
        return memory.swappingAxes(1, 2).swappingAxes(1, 3)
    }

    /// The elements as Double on the Reference backend.
    func wide(_ x: DeviceBuffer) -> DeviceBuffer {
        let result = DeviceBuffer(x.shape, .float64, on: .reference)
        reference.copy(x.strided, into: result)
        return result
    }

    /// Expects float32 results of the CPU to be those that the Reference backend found in Double: within `relative` of
    /// the value, plus `absolute`; NaN for NaN, and infinity for what float32 cannot hold.
    func expectClose(
        _ actual: DeviceBuffer, _ expected: DeviceBuffer, relative: Double, absolute: Double = 0,
        _ context: @autoclosure () -> String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(actual.shape == expected.shape, "\(context())", sourceLocation: sourceLocation)
        #expect(actual.dtype == .float32, "\(context())", sourceLocation: sourceLocation)
        #expect(actual.device == .cpu, "\(context())", sourceLocation: sourceLocation)
        guard actual.shape == expected.shape, actual.dtype == .float32 else { return }
        let found = cpu.elements(actual, as: Float.self)
        let wanted = elements(expected, as: Double.self)
        var worst = 0.0
        var place = -1
        for i in 0..<found.count {
            let narrowed = Double(Float(wanted[i]))
            let value = Double(found[i])
            if value == narrowed || (value.isNaN && wanted[i].isNaN) { continue }
            let excess = abs(value - wanted[i]) / (relative * abs(wanted[i]) + absolute)
            // Also true for NaN and infinity.
            if !(excess <= max(worst, 1)) {
                worst = excess.isNaN ? .infinity : excess
                place = i
                if worst == .infinity { break }
            }
        }
        if place >= 0 {
            Issue.record(
                """
                \(context()): element \(place) of \(actual.shape) is \(found[place]), expected \(wanted[place]); \
                \(worst) times the tolerance
                """, sourceLocation: sourceLocation)
        }
    }

    /// Expects the same elements, bit for bit.
    func expectSame<T: TensorElement & Equatable>(
        _ actual: DeviceBuffer, _ expected: DeviceBuffer, as type: T.Type, _ context: @autoclosure () -> String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(actual.shape == expected.shape, "\(context())", sourceLocation: sourceLocation)
        #expect(actual.dtype == expected.dtype, "\(context())", sourceLocation: sourceLocation)
        #expect(actual.device == .cpu, "\(context())", sourceLocation: sourceLocation)
        guard actual.shape == expected.shape, actual.dtype == expected.dtype else { return }
        let isSame = cpu.elements(actual, as: type) == elements(expected.strided, as: type)
        #expect(isSame, "\(context())", sourceLocation: sourceLocation)
    }
#endif
