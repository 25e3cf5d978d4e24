#if OneDNN
    import YuyanKernels

    extension CPUBackend {
        package func softmax(_ kind: SoftmaxKind, _ x: DeviceBuffer) -> DeviceBuffer {
            guard computes(.softmax, x), x.elementCount > 0, x.rank > 0 else {
                return elsewhere(.softmax, x.dtype).softmax(kind, x)
            }
            let result = makeBuffer(x.shape)
            let columns = x.shape[x.rank - 1]
            let rows = x.elementCount / columns
            let source = contiguous(x)
            withExtendedLifetime(source) {
                switch kind {
                case .softmax: yuyan_softmax(source.floats, result.floats, rows, columns)
                case .logSoftmax: yuyan_log_softmax(source.floats, result.floats, rows, columns)
                }
            }
            return result
        }

        package func softmaxGradient(_ kind: SoftmaxKind, _ gradient: DeviceBuffer, output: DeviceBuffer)
            -> DeviceBuffer
        {
            guard computes(.softmax, output), output.elementCount > 0, output.rank > 0 else {
                return elsewhere(.softmax, output.dtype).softmaxGradient(kind, gradient, output: output)
            }
            let (g, y) = (contiguous(gradient), contiguous(output))
            let result = makeBuffer(output.shape)
            let columns = output.shape[output.rank - 1]
            let rows = output.elementCount / columns
            withExtendedLifetime((g, y)) {
                switch kind {
                case .softmax: yuyan_softmax_gradient(g.floats, y.floats, result.floats, rows, columns)
                case .logSoftmax: yuyan_log_softmax_gradient(g.floats, y.floats, result.floats, rows, columns)
                }
            }
            return result
        }
    }
#endif
