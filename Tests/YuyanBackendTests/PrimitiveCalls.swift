import YuyanBackend

/// A call of every primitive that computes, for tests that compare element types and devices.
struct PrimitiveCall: Sendable {
    let family: PrimitiveFamily
    let name: String
    /// The results on a backend, with operands that `Operands` draws.
    let results: @Sendable (any Backend, Operands) -> [DeviceBuffer?]

    /// Draws operands: the same numbers for the same seed on every backend.
    struct Operands {
        let backend: any Backend
        /// The operands' element type.
        let dtype: DType
        /// What floating-point operands are cast to on the way, so that two types can get the same numbers.
        var rounding: DType?
        /// Whether operands lie with gaps between their elements.
        var hasGaps = false

        func callAsFunction(_ shape: Shape, seed: UInt64 = 1, low: Double = -2, high: Double = 2) -> DeviceBuffer {
            let numbers = reference.randomUniform(shape, .float32, low: low, high: high, RandomKey(seed: seed, draw: 0))
            // Integers: from ten times the range.
            let drawn =
                dtype.isFloatingPoint ? numbers : reference.binary(.multiply, numbers, scalar: 10, scalarIsLeft: false)
            let rounded = rounding.map { reference.cast(drawn, to: $0) } ?? drawn
            return moved(reference.cast(rounded, to: dtype))
        }

        func indices(_ values: [Int64], _ shape: Shape? = nil) -> DeviceBuffer { backend.buffer(values, shape) }

        func condition(_ shape: Shape) -> DeviceBuffer {
            let numbers = reference.randomUniform(shape, .float32, low: -1, high: 1, RandomKey(seed: 77, draw: 0))
            return moved(reference.compare(.less, numbers, scalar: 0))
        }

        /// On the backend.
        private func moved(_ x: DeviceBuffer) -> DeviceBuffer {
            let plain = withExtendedLifetime(x) {
                backend.upload(
                    UnsafeRawBufferPointer(start: x.pointer, count: x.elementCount * x.dtype.byteCount), x.shape,
                    x.dtype)
            }
            if !hasGaps { return plain }
            var strides = x.shape.contiguousStrides
            strides.lanes = strides.lanes &* 2
            let view = backend.full([2 * x.elementCount + 1], x.dtype, 1).view(x.shape, strides, offset: 1)
            backend.copy(plain, into: view)
            return view
        }
    }

    init(
        _ family: PrimitiveFamily, _ name: String,
        _ results: @escaping @Sendable (any Backend, Operands) -> [DeviceBuffer?]
    ) {
        self.family = family
        self.name = name
        self.results = results
    }
}

extension PrimitiveCall {
    private static let sizes: [Shape] = [[1], [7], [3, 33], [2, 3, 17], [40_009]]

    private static func forSizes(
        _ family: PrimitiveFamily, _ name: String,
        _ result: @escaping @Sendable (any Backend, Operands, Shape) -> DeviceBuffer
    ) -> PrimitiveCall {
        PrimitiveCall(family, name) { backend, x in sizes.map { result(backend, x, $0) } }
    }

    /// What int32 and int64 have, too.
    static let ofNumbers: [PrimitiveCall] = {
        var calls: [PrimitiveCall] = []
        calls += [UnaryKind.negate, .absolute, .sign, .square].map { kind in
            forSizes(.unary, kind.name) { $0.unary(kind, $1($2)) }
        }
        calls += [BinaryOperation.add, .subtract, .multiply, .divide, .maximum, .minimum].flatMap { kind in
            [
                forSizes(.binary, kind.name) { $0.binary(kind, $1($2), $1($2, seed: 2)) },
                PrimitiveCall(.binary, "\(kind.name), broadcast") { backend, x in
                    [
                        backend.binary(kind, x([5, 33]), x([33], seed: 2)),
                        backend.binary(kind, x([4, 1, 6]), x([3, 1], seed: 2)),
                        backend.binary(kind, x([64, 70]), x([64, 1], seed: 2)),
                    ]
                },
                forSizes(.binary, "\(kind.name), number") {
                    $0.binary(kind, $1($2), scalar: 3, scalarIsLeft: false)
                },
                forSizes(.binary, "number, \(kind.name)") { $0.binary(kind, $1($2), scalar: 3, scalarIsLeft: true) },
            ]
        }
        calls += ComparisonOperation.all.flatMap { kind in
            [
                forSizes(.compare, kind.name) { $0.compare(kind, $1($2), $1($2, seed: 2)) },
                forSizes(.compare, "\(kind.name), number") { $0.compare(kind, $1($2), scalar: 1) },
                PrimitiveCall(.compare, "\(kind.name), broadcast") {
                    [$0.compare(kind, $1([5, 33]), $1([33], seed: 2))]
                },
            ]
        }
        calls.append(forSizes(.select, "select") { $0.select($1.condition($2), $1($2), $1($2, seed: 2)) })
        calls.append(
            PrimitiveCall(.select, "select, broadcast") {
                [$0.select($1.condition([5, 1]), $1([33]), $1([5, 33], seed: 2))]
            })
        calls.append(
            forSizes(.accumulate, "accumulate") { backend, x, shape in
                let sum = x(shape, seed: 2)
                backend.accumulate(x(shape), into: sum)
                return sum
            })
        calls += [ReductionOperation.sum, .maximum, .minimum].map { kind in reductions(kind) }
        calls += ArgReductionOperation.all.map { kind in
            PrimitiveCall(.argReduce, kind.name) { backend, x in
                [
                    backend.argReduce(kind, x([7]), axis: 0), backend.argReduce(kind, x([3, 33]), axis: 1),
                    backend.argReduce(kind, x([300, 301]), axis: 1),
                ]
            }
        }
        calls.append(
            PrimitiveCall(.scan, "cumulativeSum") { backend, x in
                [
                    backend.scan(.sum, x([3, 33]), axis: 1, isReversed: false),
                    backend.scan(.sum, x([3, 33]), axis: 0, isReversed: true),
                ]
            })
        calls.append(
            PrimitiveCall(.indexing, "gather") { backend, x in
                [try! backend.gather(x([5, 6]), axis: 0, indices: x.indices([4, 0, -1]))]
            })
        calls.append(
            PrimitiveCall(.indexing, "scatter") { backend, x in
                let target = x([5, 6])
                try! backend.scatter(x([2, 6], seed: 2), into: target, axis: 0, indices: x.indices([3, -5]))
                return [target]
            })
        calls.append(
            PrimitiveCall(.scatterAdd, "scatterAdd") { backend, x in
                [
                    try! backend.scatterAdd(x([3, 6]), axis: 0, indices: x.indices([1, 0, 1]), size: 4),
                    try! backend.scatterAdd(
                        x([300, 301]), axis: 0, indices: x.indices((0..<300).map { $0 % 7 }), size: 7),
                ]
            })
        calls.append(
            PrimitiveCall(.product, "matmul") { backend, x in
                [
                    backend.matmul(
                        x([3, 5]), x([5, 4], seed: 2), transposeA: false, transposeB: false, bias: x([4], seed: 3))
                ]
            })
        return calls
    }()

    private static func reductions(_ kind: ReductionOperation) -> PrimitiveCall {
        PrimitiveCall(.reduce, kind.name) { backend, x in
            [
                backend.reduce(kind, x([7]), axes: AxisSet(axes: [0])),
                backend.reduce(kind, x([40_009]), axes: AxisSet(axes: [0])),
                backend.reduce(kind, x([3, 33]), axes: AxisSet(axes: [0])),
                backend.reduce(kind, x([3, 33]), axes: AxisSet(axes: [1])),
                backend.reduce(kind, x([300, 301]), axes: AxisSet(axes: [0])),
                backend.reduce(kind, x([300, 301]), axes: AxisSet(axes: [1])),
                backend.reduce(kind, x([3, 4, 5, 6]), axes: AxisSet(axes: [0, 2])),
                backend.reduce(kind, x([3, 4, 5, 6]), axes: AxisSet(axes: [])),
            ]
        }
    }

    private static let window = PoolingGeometry(size: [3, 2], stride: [2, 1], padding: [1, 0])

    /// What floating-point types alone have.
    static let ofReals: [PrimitiveCall] = {
        var calls: [PrimitiveCall] = []
        calls += UnaryKind.all.filter { ![.negate, .absolute, .sign, .square, .logicalNot].contains($0) }.map { kind in
            forSizes(.unary, kind.name) { $0.unary(kind, $1($2, low: kind == .log || kind == .squareRoot ? 0.01 : -3)) }
        }
        calls += UnaryKind.all.filter { UnaryOperation($0).gradientReads != nil }.map { kind in
            forSizes(.unaryGradient, kind.name) { $0.unaryGradient(kind, $1($2, seed: 2), $1($2)) }
        }
        calls.append(forSizes(.binary, "power") { $0.binary(.power, $1($2, low: 0.1), $1($2, seed: 2)) })
        calls.append(reductions(.mean))
        calls.append(
            PrimitiveCall(.reduce, "product") { backend, x in
                [
                    backend.reduce(.product, x([3, 33]), axes: AxisSet(axes: [1])),
                    backend.reduce(.product, x([3, 33]), axes: AxisSet(axes: [0])),
                ]
            })
        calls += SoftmaxKind.all.flatMap { kind in
            [
                PrimitiveCall(.softmax, kind.name) { backend, x in
                    [
                        backend.softmax(kind, x([7])), backend.softmax(kind, x([3, 10])),
                        backend.softmax(kind, x([5, 300], low: -9, high: 9)),
                    ]
                },
                PrimitiveCall(.softmax, "\(kind.name)'s gradient") { backend, x in
                    [
                        backend.softmaxGradient(kind, x([3, 10]), output: x([3, 10], seed: 2, low: 0, high: 1)),
                        backend.softmaxGradient(kind, x([5, 300]), output: x([5, 300], seed: 2, low: 0, high: 0.01)),
                    ]
                },
            ]
        }
        calls += [LossReduction.none, .mean, .sum].flatMap { reduction in
            [
                PrimitiveCall(.loss, "squaredError, \(reduction)") { backend, x in
                    let options = LossOptions(reduction)
                    let (a, b) = (x([33, 5]), x([33, 5], seed: 2))
                    let g = reduction == .none ? x([33, 5], seed: 3) : x(.scalar, seed: 3)
                    return [
                        try! backend.loss(.squaredError, a, b, options).loss,
                        backend.lossGradient(.squaredError, g, a, b, saved: nil, options),
                    ]
                },
                PrimitiveCall(.loss, "crossEntropy, \(reduction)") { backend, x in
                    var options = LossOptions(reduction)
                    let labels = x.indices((0..<33).map { $0 % 5 })
                    let (logits, p) = (x([33, 5]), x([33, 5], seed: 2, low: 0, high: 1))
                    let g = reduction == .none ? x([33], seed: 3) : x(.scalar, seed: 3)
                    func results() -> [DeviceBuffer?] {
                        let found = try! backend.loss(.crossEntropy, logits, labels, options)
                        return [
                            found.loss, found.saved,
                            backend.lossGradient(.crossEntropy, g, logits, labels, saved: p, options),
                        ]
                    }
                    let plain = results()
                    options.classWeights = x([5], seed: 4, low: 0.5)
                    options.smoothing = 0.125
                    return plain + results()
                },
            ]
        }
        calls.append(
            PrimitiveCall(.pool, "maximum") { backend, x in
                let found = backend.pool(.maximum, x([2, 3, 9, 7]), outputShape: [2, 3, 5, 6], window)
                let g = backend.poolGradient(
                    .maximum, x([2, 3, 5, 6], seed: 2), workspace: found.workspace, inputShape: [2, 3, 9, 7], window)
                return [found.output, g]
            })
        calls.append(
            PrimitiveCall(.pool, "average") { backend, x in
                [
                    backend.pool(.average, x([2, 3, 9, 7]), outputShape: [2, 3, 5, 6], window).output,
                    backend.poolGradient(
                        .average, x([2, 3, 5, 6], seed: 2), workspace: nil, inputShape: [2, 3, 9, 7], window),
                ]
            })
        calls.append(
            PrimitiveCall(.normalize, "batch") { backend, x in
                let (image, scale, g) = (x([4, 3, 5, 5]), x([3], seed: 2), x([4, 3, 5, 5], seed: 4))
                let found = backend.normalize(
                    .batch, image, scale: scale, offset: x([3], seed: 3), given: nil, epsilon: 1e-5)
                let slopes = backend.normalizeGradient(
                    .batch, g, image, scale: scale, saved: found.saved, isOfBatch: true,
                    wanted: [.input, .scale, .offset])
                let given = backend.normalize(
                    .batch, image, scale: nil, offset: nil,
                    given: ChannelStatistics(mean: x([3], seed: 5), variance: x([3], seed: 6, low: 0.5)), epsilon: 1e-5)
                return [
                    found.output, found.mean, found.variance, slopes.input, slopes.scale, slopes.offset, given.output,
                ]
            })
        calls.append(
            PrimitiveCall(.recurrent, "lstm") { backend, x in
                let weight = x([12, 3], seed: 2)
                let steps = backend.recurrent(
                    .lstm, x([4, 2, 12]), weight: weight, hidden: x([2, 3], seed: 3), cell: nil)
                let slopes = backend.recurrentGradient(
                    .lstm,
                    RecurrentOutputGradients(
                        hidden: x([4, 2, 3], seed: 4), lastHidden: nil, lastCell: x([2, 3], seed: 5)),
                    gates: x([4, 2, 12], seed: 6, low: 0, high: 1), cells: x([4, 2, 3], seed: 7), weight: weight,
                    firstCell: nil)
                return [steps.hidden, steps.cells, steps.gates, slopes.sums, slopes.hidden, slopes.cell]
            })
        calls.append(
            PrimitiveCall(.product, "matmul, activation") { backend, x in
                [
                    backend.matmul(
                        x([2, 5, 3]), x([5, 4], seed: 2), transposeA: true, transposeB: false, bias: nil,
                        activation: .relu)
                ]
            })
        calls.append(
            PrimitiveCall(.triangularSolve, "triangularSolve") { backend, x in
                [
                    backend.triangularSolve(
                        x([4, 4], low: 1, high: 2), x([4, 2], seed: 2), isUpper: true, isTransposed: false)
                ]
            })
        calls.append(
            PrimitiveCall(.convolution, "convolution") { backend, x in
                let geometry = ConvolutionGeometry(stride: [2, 1], padding: [1, 0])
                let (image, weight, g) = (x([2, 3, 7, 6]), x([4, 3, 3, 2], seed: 2), x([2, 4, 4, 5], seed: 3))
                let slopes = backend.convolutionWeightGradient(
                    g, image, weightShape: [4, 3, 3, 2], geometry, includesBias: true)
                return [
                    backend.convolution(image, weight, bias: x([4], seed: 4), geometry, activation: .relu),
                    backend.convolutionInputGradient(g, weight, inputShape: [2, 3, 7, 6], geometry), slopes.weight,
                    slopes.bias,
                ]
            })
        calls.append(
            forSizes(.dropout, "dropout") {
                $0.dropout($1($2), probability: 0.25, RandomKey(seed: 5, draw: 3))
            })
        calls += UpdateKind.all.map(update)
        return calls
    }()

    private static func update(_ kind: UpdateKind) -> PrimitiveCall {
        PrimitiveCall(.update, kind.name) { backend, x in
            let options = UpdateOptions(
                learningRate: 0.125, weightDecay: 0.25, decay: 0.5, secondDecay: 0.75, epsilon: 0.5)
            let rows = [1, 33, 40_009].map { count in
                ParameterUpdate(
                    x([count]), x([count], seed: 2), first: x([count], seed: 3, low: 0),
                    second: kind.stateNames.count > 1 ? x([count], seed: 4, low: 0) : nil, step: 3)
            }
            backend.update(kind, rows, options)
            return rows.flatMap { [$0.parameter, $0.first, $0.second] }
        }
    }
}
