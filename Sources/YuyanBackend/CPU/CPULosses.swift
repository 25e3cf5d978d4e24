#if OneDNN
    import YuyanKernels

    extension CPUBackend {
        package func loss(
            _ kind: LossKind, _ predictions: DeviceBuffer, _ targets: DeviceBuffer, _ options: LossOptions
        ) throws(IndexError) -> Loss {
            guard computes(.loss, predictions), kind == .squaredError || predictions.elementCount > 0 else {
                return try elsewhere(.loss, predictions.dtype).loss(kind, predictions, targets, options)
            }
            switch kind {
            case .squaredError: return squaredError(predictions, targets, options.reduction)
            case .crossEntropy: return try crossEntropy(predictions, targets, options)
            }
        }

        package func lossGradient(
            _ kind: LossKind, _ gradient: DeviceBuffer, _ predictions: DeviceBuffer, _ targets: DeviceBuffer,
            saved: DeviceBuffer?, _ options: LossOptions
        ) -> DeviceBuffer {
            guard computes(.loss, predictions), kind == .squaredError || predictions.elementCount > 0 else {
                return elsewhere(.loss, predictions.dtype).lossGradient(
                    kind, gradient, predictions, targets, saved: saved, options)
            }
            switch kind {
            case .squaredError: return squaredErrorGradient(gradient, predictions, targets, options.reduction)
            case .crossEntropy: return crossEntropyGradient(gradient, saved!, targets, options)
            }
        }

        private func squaredError(_ a: DeviceBuffer, _ b: DeviceBuffer, _ reduction: LossReduction) -> Loss {
            let (x, y) = (contiguous(a), contiguous(b))
            let count = x.elementCount
            if reduction == .none {
                let result = makeBuffer(a.shape)
                withExtendedLifetime((x, y)) {
                    yuyan_squared_difference(x.floats, y.floats, result.floats, count)
                }
                return Loss(loss: result, saved: nil)
            }
            let result = makeBuffer(.scalar)
            let scale = reduction == .mean ? 1 / Double(count) : 1
            result.floats[0] = withExtendedLifetime((x, y)) {
                yuyan_squared_error(x.floats, y.floats, count, scale)
            }
            return Loss(loss: result, saved: nil)
        }

        private func squaredErrorGradient(
            _ gradient: DeviceBuffer, _ a: DeviceBuffer, _ b: DeviceBuffer, _ reduction: LossReduction
        ) -> DeviceBuffer {
            let (g, x, y) = (contiguous(gradient), contiguous(a), contiguous(b))
            let result = makeBuffer(a.shape)
            let scale = reduction == .mean ? 2 / Float(x.elementCount) : 2
            withExtendedLifetime((g, x, y)) {
                yuyan_squared_error_gradient(
                    g.floats, reduction == .none ? 1 : 0, scale, x.floats, y.floats, result.floats, x.elementCount)
            }
            return result
        }

        private func crossEntropy(_ logits: DeviceBuffer, _ targets: DeviceBuffer, _ options: LossOptions)
            throws(IndexError) -> Loss
        {
            let (x, labels, weights) = (contiguous(logits), contiguous(targets), options.classWeights.map(contiguous))
            let indices = labels.elements(as: Int64.self)
            let (rows, columns) = (x.shape[0], x.shape[1])
            let probabilities = makeBuffer(x.shape)
            let losses = makeBuffer([rows])
            var counts = yuyan_targets(options, weights)
            defer { withExtendedLifetime((x, labels, weights)) {} }
            let wrong = yuyan_cross_entropy(
                x.floats, indices, &counts, probabilities.floats, losses.floats, rows, columns)
            try check(wrong, labels, columns)
            if options.reduction == .none { return Loss(loss: losses, saved: probabilities) }
            let loss = makeBuffer(.scalar)
            let scale = options.reduction == .mean ? 1 / yuyan_target_weight(indices, &counts, rows) : 1
            withExtendedLifetime(losses) {
                yuyan_reduce(ReductionOperation.sum.rawValue, losses.floats, loss.floats, 1, rows, 1, scale)
            }
            return Loss(loss: loss, saved: probabilities)
        }

        private func crossEntropyGradient(
            _ gradient: DeviceBuffer, _ probabilities: DeviceBuffer, _ targets: DeviceBuffer, _ options: LossOptions
        ) -> DeviceBuffer {
            let (g, p, labels) = (contiguous(gradient), contiguous(probabilities), contiguous(targets))
            let weights = options.classWeights.map(contiguous)
            let (rows, columns) = (p.shape[0], p.shape[1])
            let result = makeBuffer(p.shape)
            var counts = yuyan_targets(options, weights)
            withExtendedLifetime((g, p, labels, weights)) {
                let indices = labels.elements(as: Int64.self)
                let scale = options.reduction == .mean ? 1 / Float(yuyan_target_weight(indices, &counts, rows)) : 1
                yuyan_cross_entropy_gradient(
                    g.floats, options.reduction == .none ? 1 : 0, scale, p.floats, indices, &counts, result.floats,
                    rows,
                    columns)
            }
            return result
        }
    }

    extension yuyan_targets {
        fileprivate init(_ options: LossOptions, _ weights: DeviceBuffer?) {
            self.init(
                weights: weights?.floats, smoothing: Float(options.smoothing), ignores: options.ignoredIndex != nil,
                ignored: options.ignoredIndex ?? 0)
        }
    }
#endif
