import Testing
import Yuyan
import YuyanBackend

/// A device with the primitives of storage alone computes everything, as Reference does and with its bits.
@Suite struct DefaultsTests {
    private static let device = CountingDevice.device
    private let reference = ReferenceBackend()

    private static func numbers(_ shape: Shape, _ seed: UInt64, _ dtype: DType = .float32) -> DeviceBuffer {
        ReferenceBackend().random(.uniform, shape, dtype, [-1, 1], RandomKey(seed: seed, draw: 0))
    }

    private func moved(_ x: DeviceBuffer, to device: Device) -> DeviceBuffer { Tensor(x).to(device).buffer }

    /// Expects the same results on both, from operands that are views: with every other element of twice as many.
    private func expectSame(
        _ operands: [DeviceBuffer], _ name: String, sourceLocation: SourceLocation = #_sourceLocation,
        _ primitive: (any Backend, [DeviceBuffer]) throws -> [DeviceBuffer?]
    ) rethrows {
        let expected = try primitive(reference, operands)
        let views = operands.map { x in
            let tensor = Tensor(moved(x, to: DefaultsTests.device))
            if x.rank == 0 { return tensor.buffer }
            return stack([tensor, tensor], axis: x.rank)[.ellipsis, 0].buffer
        }
        let found = try primitive(DefaultsTests.device.backend, views)
        #expect(found.count == expected.count, "\(name)", sourceLocation: sourceLocation)
        for (a, b) in zip(found, expected) {
            #expect((a == nil) == (b == nil), "\(name)", sourceLocation: sourceLocation)
            guard let a, let b else { continue }
            #expect(a.device == DefaultsTests.device && a.dtype == b.dtype, "\(name)", sourceLocation: sourceLocation)
            #expect(Tensor(a).hostArray == Tensor(b).hostArray, "\(name)", sourceLocation: sourceLocation)
        }
    }

    @Test func elementwise() {
        let (a, b) = (DefaultsTests.numbers([3, 5], 1), DefaultsTests.numbers([3, 5], 2))
        for kind in UnaryKind.all where kind != .logicalNot {
            let operation = UnaryOperation(kind, slope: 0.1)
            expectSame([a], kind.name) { [$0.unary(operation, $1[0])] }
            if operation.gradientReads == nil { continue }
            expectSame([a, b], kind.name) { [$0.unaryGradient(operation, $1[0], x: $1[1], y: $1[1])] }
        }
        for operation in BinaryOperation.all where operation != .logicalAnd && operation != .logicalOr {
            expectSame([a, b], operation.name) { [$0.binary(operation, $1[0], $1[1])] }
            expectSame([a], operation.name) { [$0.binary(operation, $1[0], scalar: 2, scalarIsLeft: true)] }
        }
        for operation in ComparisonOperation.all {
            expectSame([a, b], operation.name) { [$0.compare(operation, $1[0], $1[1])] }
            expectSame([a], operation.name) { [$0.compare(operation, $1[0], scalar: 0)] }
        }
        let mask = reference.compare(.less, a, b)
        let other = reference.compare(.less, a, scalar: 0)
        expectSame([mask], "logical not") { [$0.unary(UnaryOperation(.logicalNot), $1[0])] }
        expectSame([mask, other], "and, or") {
            [$0.binary(.logicalAnd, $1[0], $1[1]), $0.binary(.logicalOr, $1[0], $1[1])]
        }
        expectSame([mask, a, b], "select") { [$0.select($1[0], $1[1], $1[2])] }
        expectSame([a, b], "accumulate") {
            let sum = $0.duplicated($1[0])
            $0.accumulate($1[1], into: sum)
            return [sum]
        }
        expectSame([a], "fill, cast") {
            let x = $0.duplicated($1[0])
            $0.fill(x, with: 3)
            return [x, $0.cast($1[0], to: .int32), $0.full([2], .bool, 1)]
        }
    }

    @Test func movement() {
        let x = DefaultsTests.numbers([2, 3, 4], 1)
        expectSame([x, DefaultsTests.numbers([2, 1, 4], 2)], "movement") { backend, x in
            var region = Region(of: x[0].shape, axis: 2, from: 1, count: 2, step: 2)
            region.restrict(axis: 0, from: 1, count: 1)
            let target = backend.duplicated(x[0])
            backend.replace(
                region, of: target,
                with: backend.sliced(x[1], Region(of: [2, 1, 4], axis: 2, from: 0, count: 2)).firstRow)
            return [
                backend.reshaped(x[0], [6, 4]), backend.permuted(x[0], [2, 0, 1]), backend.sliced(x[0], region),
                backend.broadcast(x[1], to: [5, 2, 3, 4]), backend.concatenated([x[0], x[1]], axis: 1, [2, 4, 4]),
                target,
            ] + backend.split(x[0], axis: 1, sizes: [1, 0, 2])
        }
    }

    @Test func reductionsAndSoftmax() {
        let x = DefaultsTests.numbers([3, 4, 5], 1)
        for operation in ReductionOperation.all {
            expectSame([x], operation.name) { [$0.reduce(operation, $1[0], axes: AxisSet(axes: [0, 2]))] }
        }
        for operation in ArgReductionOperation.all {
            expectSame([x], operation.name) { [$0.argReduce(operation, $1[0], axis: 1)] }
        }
        expectSame([x], "scan") { [$0.scan(.sum, $1[0], axis: 1, isReversed: true)] }
        for kind in SoftmaxKind.all {
            expectSame([x, DefaultsTests.numbers([3, 4, 5], 2)], kind.name) {
                let y = $0.softmax(kind, $1[0])
                return [y, $0.softmaxGradient(kind, $1[1], output: y)]
            }
        }
    }

    @Test func productsAndLinearAlgebra() throws {
        let (a, b, c) = (
            DefaultsTests.numbers([4, 3], 1), DefaultsTests.numbers([5, 3], 2), DefaultsTests.numbers([5], 3)
        )
        expectSame([a, b, c], "matmul") {
            [$0.matmul($1[0], $1[1], transposeA: false, transposeB: true, bias: $1[2], activation: .sigmoid)]
        }
        try DefaultsTests.device.backend.prepare(.qr)
        expectSame([a], "qr") { $0.linearAlgebra(.qr, [$1[0]], TriangularOptions()) }
        let square = DefaultsTests.numbers([3, 3], 4)
        let right = DefaultsTests.numbers([3, 2], 5)
        expectSame([square, right], "triangular") {
            $0.linearAlgebra(.triangularSolve, $1, TriangularOptions(isUpper: true, isTransposed: true))
        }
    }

    @Test func convolutionAndPooling() {
        let (x, w, bias) = (
            DefaultsTests.numbers([2, 3, 6, 5], 1), DefaultsTests.numbers([4, 3, 3, 3], 2),
            DefaultsTests.numbers([4], 3)
        )
        let geometry = ConvolutionGeometry(padding: [1, 1])
        let g = DefaultsTests.numbers([2, 4, 6, 5], 4)
        expectSame([x, w, bias, g], "convolution") {
            let gradients = $0.convolutionWeightGradient(
                $1[3], $1[0], weightShape: [4, 3, 3, 3], geometry, includesBias: true)
            return [
                $0.convolution($1[0], $1[1], bias: $1[2], outputShape: [2, 4, 6, 5], geometry, activation: .relu),
                $0.convolutionInputGradient($1[3], $1[1], inputShape: [2, 3, 6, 5], geometry), gradients.weight,
                gradients.bias,
            ]
        }
        let window = PoolingGeometry(size: [2, 2], stride: [2, 2])
        for kind in [PoolKind.maximum, .average] {
            expectSame([x, DefaultsTests.numbers([2, 3, 3, 2], 5)], "pool") {
                let pooled = $0.pool(kind, $1[0], outputShape: [2, 3, 3, 2], window)
                return [
                    pooled.output,
                    $0.poolGradient(kind, $1[1], workspace: pooled.workspace, inputShape: [2, 3, 6, 5], window),
                ]
            }
        }
    }

    @Test func normalizationAndRecurrence() {
        let x = DefaultsTests.numbers([4, 3, 2], 1)
        let (scale, offset) = (DefaultsTests.numbers([3], 2), DefaultsTests.numbers([3], 3))
        expectSame([x, scale, offset, DefaultsTests.numbers([4, 3, 2], 4)], "batch norm") {
            let found = $0.normalize(.batch, $1[0], scale: $1[1], offset: $1[2], given: nil, epsilon: 1e-5)
            let slopes = $0.normalizeGradient(
                .batch, $1[3], $1[0], scale: $1[1], saved: found.saved, isOfBatch: true,
                wanted: [.input, .scale, .offset])
            let given = ChannelStatistics(mean: found.mean, variance: found.variance)
            let fixed = $0.normalize(.batch, $1[0], scale: nil, offset: nil, given: given, epsilon: 1e-5)
            return [found.output, found.mean, found.variance, slopes.input, slopes.scale, slopes.offset, fixed.output]
        }
        let operands = [
            DefaultsTests.numbers([3, 2, 8], 5), DefaultsTests.numbers([8, 2], 6), DefaultsTests.numbers([2, 2], 7),
            DefaultsTests.numbers([3, 2, 2], 8),
        ]
        expectSame(operands, "lstm") {
            let steps = $0.recurrent(.lstm, $1[0], weight: $1[1], hidden: $1[2], cell: nil)
            let slopes = $0.recurrentGradient(
                .lstm, RecurrentOutputGradients(hidden: $1[3], lastHidden: nil, lastCell: $1[2]), gates: steps.gates,
                cells: steps.cells, weight: $1[1], firstCell: nil)
            return [steps.hidden, steps.cells, steps.gates, slopes.sums, slopes.hidden, slopes.cell]
        }
    }

    @Test func lossesAndIndices() throws {
        let (x, y) = (DefaultsTests.numbers([4, 3], 1), DefaultsTests.numbers([4, 3], 2))
        let targets = Tensor([2, 0, -100, 1], device: .reference).buffer
        let weights = DefaultsTests.numbers([3], 3)
        for reduction in LossReduction.allCases {
            let g = DefaultsTests.numbers(reduction == .none ? [4] : .scalar, 4)
            try expectSame([x, targets, weights, g], "cross-entropy") {
                let options = LossOptions(reduction, classWeights: $1[2], smoothing: 0.1, ignoredIndex: -100)
                let found = try $0.loss(.crossEntropy, $1[0], $1[1], options)
                return [
                    found.loss, found.saved,
                    $0.lossGradient(.crossEntropy, $1[3], $1[0], $1[1], saved: found.saved, options),
                ]
            }
        }
        try expectSame([x, y], "squared error") {
            let found = try $0.loss(.squaredError, $1[0], $1[1], LossOptions(.mean))
            return [
                found.loss,
                $0.lossGradient(.squaredError, found.loss, $1[0], $1[1], saved: nil, LossOptions(.mean)),
            ]
        }
        let indices = Tensor([2, -1, 0], device: .reference).buffer
        try expectSame([x, indices, DefaultsTests.numbers([4, 3], 5)], "indices") {
            let destination = $0.duplicated($1[2])
            try $0.scatter($1[0], into: destination, axis: 1, indices: $1[1])
            return [
                try $0.gather($1[0], axis: 1, indices: $1[1]),
                try $0.scatterAdd($1[0], axis: 1, indices: $1[1], size: 3),
                try $0.resolvedIndices($1[1], count: 3), destination,
                try $0.oneHot($0.resolvedIndices($1[1], count: 3), count: 3),
            ]
        }
        expectSame([reference.compare(.less, x, y)], "nonzero") { [$0.nonzero($1[0])] }
    }

    @Test func wrongIndicesAreNamed() {
        let backend = DefaultsTests.device.backend
        let x = Tensor.zeros([2, 3], device: DefaultsTests.device).buffer
        let indices = Tensor([0, 2, -3], device: DefaultsTests.device).buffer
        let wrong = IndexError(index: 2, place: 1, count: 2)
        #expect(throws: wrong) { _ = try backend.gather(x, axis: 0, indices: indices) }
        #expect(throws: wrong) { _ = try backend.resolvedIndices(indices, count: 2) }
        #expect(throws: IndexError(index: -3, place: 2, count: 3)) { _ = try backend.oneHot(indices, count: 3) }
        #expect(throws: IndexError(index: -3, place: 2, count: 2)) {
            let rows = Tensor.zeros([3, 3], device: DefaultsTests.device).buffer
            try backend.scatter(
                rows, into: x, axis: 0, indices: Tensor([0, 1, -3], device: DefaultsTests.device).buffer)
        }
    }

    @Test func randomNumbersAndUpdates() {
        let key = RandomKey(seed: 3, draw: 4)
        expectSame([DefaultsTests.numbers([7], 1)], "random") {
            [
                $0.random(.uniform, [3, 4], .float64, [-1, 2], key), $0.random(.normal, [5], .float32, [1, 2], key),
                $0.random(.permutation, [9], .int64, .zero, key), $0.dropout($1[0], probability: 0.5, key),
            ]
        }
        let operands = (1...4).map { DefaultsTests.numbers([2, 3], $0) }
        for kind in UpdateKind.all {
            expectSame(operands, kind.name) { backend, x in
                let states = [x[0], x[2], x[3]].map { backend.unary(UnaryOperation(.absolute), $0) }
                let row = ParameterUpdate(states[0], x[1], first: states[1], second: states[2], step: 3)
                let options = UpdateOptions(
                    learningRate: 0.1, weightDecay: 0.01, decay: 0.9, secondDecay: 0.99, epsilon: 1e-8)
                backend.update(kind, [row], options)
                return states
            }
        }
    }
}

extension DeviceBuffer {
    /// The first slice along axis 0, as `[1, …]`.
    fileprivate var firstRow: DeviceBuffer {
        device.backend.sliced(self, Region(of: shape, axis: 0, from: 0, count: 1))
    }
}
