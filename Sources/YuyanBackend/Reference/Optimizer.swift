extension ReferenceBackend {
    package func sgdUpdate(_ parameter: Buffer, _ gradient: Buffer, velocity: Buffer?, _ options: SGDOptions) {
        switch parameter.dtype {
        case .float32: sgdUpdate(parameter, gradient, velocity, options, as: Float.self)
        case .float64: sgdUpdate(parameter, gradient, velocity, options, as: Double.self)
        default: unsupported("gradient descent", parameter.dtype)
        }
    }

    private func sgdUpdate<T: ReferenceReal>(
        _ parameter: Buffer, _ gradient: Buffer, _ velocity: Buffer?, _ options: SGDOptions, as type: T.Type
    ) {
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
