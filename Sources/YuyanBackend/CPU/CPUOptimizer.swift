#if OneDNN
    import YuyanKernels

    extension CPUBackend {
        package func sgdUpdate(_ parameter: Buffer, _ gradient: Buffer, velocity: Buffer?, _ options: SGDOptions) {
            guard parameter.dtype == .float32, parameter.isContiguous, velocity?.isContiguous ?? true else {
                reference.sgdUpdate(parameter, gradient, velocity: velocity, options)
                return
            }
            let g = contiguous(gradient)
            withExtendedLifetime(g) {
                yuyan_sgd(
                    parameter.floats, g.floats, velocity?.floats, parameter.elementCount, Float(options.learningRate),
                    Float(options.momentum), Float(options.weightDecay))
            }
        }
    }
#endif
