extension ReferenceBackend {
    package func sgdUpdate(_ updates: [SGDUpdate], _ options: SGDOptions) {
        for update in updates {
            switch update.parameter.dtype {
            case .float32: apply(update, options, as: Float.self)
            case .float64: apply(update, options, as: Double.self)
            default: unsupported("gradient descent", update.parameter.dtype)
            }
        }
    }

    private func apply<T: ReferenceReal>(_ update: SGDUpdate, _ options: SGDOptions, as type: T.Type) {
        let (parameter, gradient, velocity) = (update.parameter, update.gradient, update.velocity)
        let learningRate = T(converting: options.learningRate)
        let momentum = T(converting: options.momentum)
        let weightDecay = T(converting: options.weightDecay)
        let p = parameter.elements(as: T.self)
        let g = gradient.elements(as: T.self)
        let v = velocity?.elements(as: T.self)
        let loop = StridedLoop(
            parameter.shape, parameter.strides, gradient.strides, velocity?.strides ?? parameter.strides)
        loop.forEachElement { at in
            var step = g[at[1]] + weightDecay * p[at[0]]
            if let v {
                step = momentum * v[at[2]] + step
                v[at[2]] = step
            }
            p[at[0]] -= learningRate * step
        }
    }
}
