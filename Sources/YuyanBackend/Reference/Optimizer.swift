extension ReferenceBackend {
    package func update(_ kind: UpdateKind, _ table: [ParameterUpdate], _ options: UpdateOptions) {
        for update in table {
            if let shadow = update.shadow {
                self.update(kind, [update.withoutShadow], options)
                copy(update.parameter, into: shadow)
                continue
            }
            switch update.parameter.dtype {
            case _ where update.gradient.dtype == .bfloat16: widened.update(kind, [update], options)
            case .float32: apply(kind, update, options, as: Float.self)
            case .float64: apply(kind, update, options, as: Double.self)
            default: unsupported("optimizer step", update.parameter.dtype)
            }
        }
    }

    private func apply<T: ReferenceReal>(
        _ kind: UpdateKind, _ update: ParameterUpdate, _ options: UpdateOptions, as type: T.Type
    ) {
        let learningRate = T(converting: options.learningRate)
        let weightDecay = T(converting: options.weightDecay)
        let decay = T(converting: options.decay)
        let epsilon = T(converting: options.epsilon)
        // What the averages take from the new value: rounded once.
        let rest = T(converting: 1 - options.decay)
        let parameter = update.parameter
        let (first, second) = (update.first ?? parameter, update.second ?? parameter)
        let p = parameter.elements(as: T.self)
        let g = update.gradient.elements(as: T.self)
        let (x, y) = (first.elements(as: T.self), second.elements(as: T.self))
        // Element i of the four lies at the offsets i[0] … i[3].
        let loop = StridedLoop(
            parameter.shape, parameter.strides, update.gradient.strides, first.strides, second.strides)

        switch kind {
        case .gradientDescent where update.first == nil:
            loop.forEachElement { i in p[i[0]] -= learningRate * (g[i[1]] + weightDecay * p[i[0]]) }
        case .gradientDescent:
            loop.forEachElement { i in
                x[i[2]] = decay * x[i[2]] + (g[i[1]] + weightDecay * p[i[0]])
                p[i[0]] -= learningRate * x[i[2]]
            }
        case .adam, .adamW, .yogi:
            let secondDecay = T(converting: options.secondDecay)
            let secondRest = T(converting: 1 - options.secondDecay)
            let kept = T(converting: 1 - options.learningRate * options.weightDecay)
            // In Double: of float32's 1 − β₂ few digits would be left.
            let bias = T(converting: 1 - Double.power(options.decay, Double(update.step)))
            let secondBias = T(converting: 1 - Double.power(options.secondDecay, Double(update.step)))
            loop.forEachElement { i in
                if kind == .adamW { p[i[0]] *= kept }
                let gradient = kind == .adamW ? g[i[1]] : g[i[1]] + weightDecay * p[i[0]]
                x[i[2]] = decay * x[i[2]] + rest * gradient
                let square = gradient * gradient
                if kind == .yogi {
                    let step = secondRest * square
                    if square > y[i[3]] { y[i[3]] += step } else if square < y[i[3]] { y[i[3]] -= step }
                } else {
                    y[i[3]] = secondDecay * y[i[3]] + secondRest * square
                }
                p[i[0]] -= learningRate * (x[i[2]] / bias) / ((y[i[3]] / secondBias).squareRoot() + epsilon)
            }
        case .rmsProp, .adagrad:
            let (kept, added): (T, T) = kind == .rmsProp ? (decay, rest) : (1, 1)
            loop.forEachElement { i in
                let gradient = g[i[1]] + weightDecay * p[i[0]]
                x[i[2]] = kept * x[i[2]] + added * gradient * gradient
                p[i[0]] -= learningRate * gradient / (x[i[2]].squareRoot() + epsilon)
            }
        case .adadelta:
            loop.forEachElement { i in
                let gradient = g[i[1]] + weightDecay * p[i[0]]
                x[i[2]] = decay * x[i[2]] + rest * gradient * gradient
                let change = gradient * (y[i[3]] + epsilon).squareRoot() / (x[i[2]] + epsilon).squareRoot()
                y[i[3]] = decay * y[i[3]] + rest * change * change
                p[i[0]] -= learningRate * change
            }
        }
    }
}
