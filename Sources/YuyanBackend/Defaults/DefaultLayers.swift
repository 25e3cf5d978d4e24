// Pooling, normalisation, recurrence, losses and optimizers.

extension Backend {
    package func pool(_ kind: PoolKind, _ input: DeviceBuffer, outputShape: Shape, _ window: PoolingGeometry) -> Pooled
    {
        let results = throughReference([input]) { reference, operands in
            let found = reference.pool(kind, operands[0]!, outputShape: outputShape, window)
            return [found.output, found.workspace]
        }
        return Pooled(output: results[0]!, workspace: results[1])
    }

    package func poolGradient(
        _ kind: PoolKind, _ gradient: DeviceBuffer, workspace: DeviceBuffer?, inputShape: Shape,
        _ window: PoolingGeometry
    ) -> DeviceBuffer {
        throughReference([gradient, workspace]) {
            $0.poolGradient(kind, $1[0]!, workspace: $1[1], inputShape: inputShape, window)
        }
    }

    package func normalize(
        _ kind: NormalizationKind, _ x: DeviceBuffer, scale: DeviceBuffer?, offset: DeviceBuffer?,
        given: ChannelStatistics?, epsilon: Double
    ) -> Normalized {
        let results = throughReference([x, scale, offset, given?.mean, given?.variance]) { reference, operands in
            let given = given.map { _ in ChannelStatistics(mean: operands[3]!, variance: operands[4]!) }
            let found = reference.normalize(
                kind, operands[0]!, scale: operands[1], offset: operands[2], given: given, epsilon: epsilon)
            return [found.output, found.mean, found.variance, found.saved]
        }
        return Normalized(output: results[0]!, mean: results[1]!, variance: results[2]!, saved: results[3]!)
    }

    package func normalizeGradient(
        _ kind: NormalizationKind, _ gradient: DeviceBuffer, _ x: DeviceBuffer, scale: DeviceBuffer?,
        saved: DeviceBuffer, isOfBatch: Bool, wanted: NormalizationOperands
    ) -> NormalizationGradients {
        let results = throughReference([gradient, x, scale, saved]) { reference, operands in
            let found = reference.normalizeGradient(
                kind, operands[0]!, operands[1]!, scale: operands[2], saved: operands[3]!, isOfBatch: isOfBatch,
                wanted: wanted)
            return [found.input, found.scale, found.offset]
        }
        return NormalizationGradients(input: results[0], scale: results[1], offset: results[2])
    }

    package func recurrent(
        _ kind: RecurrenceKind, _ drive: DeviceBuffer, weight: DeviceBuffer, hidden: DeviceBuffer?, cell: DeviceBuffer?
    ) -> RecurrentSteps {
        let results = throughReference([drive, weight, hidden, cell]) { reference, operands in
            let steps = reference.recurrent(
                kind, operands[0]!, weight: operands[1]!, hidden: operands[2], cell: operands[3])
            return [steps.hidden, steps.cells, steps.gates]
        }
        return RecurrentSteps(hidden: results[0]!, cells: results[1]!, gates: results[2]!)
    }

    package func recurrentGradient(
        _ kind: RecurrenceKind, _ gradients: RecurrentOutputGradients, gates: DeviceBuffer, cells: DeviceBuffer,
        weight: DeviceBuffer, firstCell: DeviceBuffer?
    ) -> RecurrentGradients {
        let operands = [
            gradients.hidden, gradients.lastHidden, gradients.lastCell, gates, cells, weight, firstCell,
        ]
        let results = throughReference(operands) { reference, operands in
            let found = reference.recurrentGradient(
                kind,
                RecurrentOutputGradients(hidden: operands[0], lastHidden: operands[1], lastCell: operands[2]),
                gates: operands[3]!, cells: operands[4]!, weight: operands[5]!, firstCell: operands[6])
            return [found.sums, found.hidden, found.cell]
        }
        return RecurrentGradients(sums: results[0]!, hidden: results[1]!, cell: results[2]!)
    }

    package func loss(_ kind: LossKind, _ predictions: DeviceBuffer, _ targets: DeviceBuffer, _ options: LossOptions)
        throws(IndexError) -> Loss
    {
        let results = try throughReference(
            [predictions, targets, options.classWeights],
            checking: { (reference, operands) throws(IndexError) in
                let found = try reference.loss(kind, operands[0]!, operands[1]!, options.with(operands[2]))
                return [found.loss, found.saved]
            })
        return Loss(loss: results[0]!, saved: results[1])
    }

    package func lossGradient(
        _ kind: LossKind, _ gradient: DeviceBuffer, _ predictions: DeviceBuffer, _ targets: DeviceBuffer,
        saved: DeviceBuffer?, _ options: LossOptions
    ) -> DeviceBuffer {
        throughReference([gradient, predictions, targets, saved, options.classWeights]) {
            $0.lossGradient(kind, $1[0]!, $1[1]!, $1[2]!, saved: $1[3], options.with($1[4]))
        }
    }

    package func update(_ kind: UpdateKind, _ table: [ParameterUpdate], _ options: UpdateOptions) {
        for row in table {
            changeThroughReference([row.parameter, row.first, row.second, row.shadow, row.gradient], count: 4) {
                let row = ParameterUpdate(
                    $1[0]!, $1[4]!, first: $1[1], second: $1[2], shadow: $1[3], step: row.step)
                $0.update(kind, [row], options)
            }
        }
    }
}

extension LossOptions {
    fileprivate func with(_ classWeights: DeviceBuffer?) -> LossOptions {
        var options = self
        options.classWeights = classWeights
        return options
    }
}
