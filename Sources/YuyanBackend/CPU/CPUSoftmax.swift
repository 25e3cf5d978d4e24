#if OneDNN
    import YuyanKernels

    extension CPUBackend {
        package func softmax(_ x: DeviceBuffer) -> DeviceBuffer {
            guard x.dtype == .float32, x.elementCount > 0, x.rank > 0 else { return reference.softmax(x) }
            let result = makeBuffer(x.shape)
            let columns = x.shape[x.rank - 1]
            let source = contiguous(x)
            withExtendedLifetime(source) {
                yuyan_softmax(source.floats, result.floats, x.elementCount / columns, columns)
            }
            return result
        }

        package func softmaxGradient(_ gradient: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer {
            guard output.dtype == .float32, output.elementCount > 0, output.rank > 0 else {
                return reference.softmaxGradient(gradient, output: output)
            }
            let (g, y) = (contiguous(gradient), contiguous(output))
            let result = makeBuffer(output.shape)
            let columns = output.shape[output.rank - 1]
            withExtendedLifetime((g, y)) {
                yuyan_softmax_gradient(g.floats, y.floats, result.floats, output.elementCount / columns, columns)
            }
            return result
        }

        package func logSoftmax(_ x: DeviceBuffer) -> DeviceBuffer {
            guard x.dtype == .float32, x.elementCount > 0, x.rank > 0 else { return reference.logSoftmax(x) }
            let result = makeBuffer(x.shape)
            let columns = x.shape[x.rank - 1]
            let source = contiguous(x)
            withExtendedLifetime(source) {
                yuyan_log_softmax(source.floats, result.floats, x.elementCount / columns, columns)
            }
            return result
        }

        package func logSoftmaxGradient(_ gradient: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer {
            guard output.dtype == .float32, output.elementCount > 0, output.rank > 0 else {
                return reference.logSoftmaxGradient(gradient, output: output)
            }
            let (g, y) = (contiguous(gradient), contiguous(output))
            let result = makeBuffer(output.shape)
            let columns = output.shape[output.rank - 1]
            withExtendedLifetime((g, y)) {
                yuyan_log_softmax_gradient(g.floats, y.floats, result.floats, output.elementCount / columns, columns)
            }
            return result
        }

        package func crossEntropy(
            _ logits: DeviceBuffer, _ targets: DeviceBuffer, _ reduction: LossReduction
        ) -> (loss: DeviceBuffer, probabilities: DeviceBuffer) {
            guard logits.dtype == .float32, logits.elementCount > 0 else {
                return reference.crossEntropy(logits, targets, reduction)
            }
            let (x, labels) = (contiguous(logits), contiguous(targets))
            let (rows, columns) = (x.shape[0], x.shape[1])
            let probabilities = makeBuffer(x.shape)
            let losses = makeBuffer([rows])
            withExtendedLifetime((x, labels)) {
                yuyan_cross_entropy(
                    x.floats, labels.elements(as: Int64.self), probabilities.floats, losses.floats, rows, columns)
            }
            if reduction == .none { return (losses, probabilities) }
            let loss = makeBuffer(.scalar)
            let scale = reduction == .mean ? 1 / Double(rows) : 1
            withExtendedLifetime(losses) {
                yuyan_reduce(ReductionOperation.sum.rawValue, losses.floats, loss.floats, 1, rows, 1, scale)
            }
            return (loss, probabilities)
        }

        package func crossEntropyGradient(
            _ gradient: DeviceBuffer, probabilities: DeviceBuffer, _ targets: DeviceBuffer, _ reduction: LossReduction
        ) -> DeviceBuffer {
            guard probabilities.dtype == .float32, probabilities.elementCount > 0 else {
                return reference.crossEntropyGradient(gradient, probabilities: probabilities, targets, reduction)
            }
            let (g, p, labels) = (contiguous(gradient), contiguous(probabilities), contiguous(targets))
            let (rows, columns) = (p.shape[0], p.shape[1])
            let result = makeBuffer(p.shape)
            withExtendedLifetime((g, p, labels)) {
                yuyan_cross_entropy_gradient(
                    g.floats, reduction == .none ? 1 : 0, reduction == .mean ? 1 / Float(rows) : 1, p.floats,
                    labels.elements(as: Int64.self), result.floats, rows, columns)
            }
            return result
        }
    }
#endif
