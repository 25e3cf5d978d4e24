import YuyanBackend
import YuyanCore

extension RandomOperation {
    /// Steps of optimizers, with several parameters at once.
    static let updates: [RandomOperation] = UpdateKind.all.map { kind in
        RandomOperation("step of \(kind)", entries: []) { draw in
            let stateCount = kind.stateNames.count
            let parameterCount = draw.int(1...3)
            for _ in 0..<parameterCount {
                let form = draw.operand(draw.shape(), draw.dtype(DType.reals), .finite)
                draw.operand(form.shape, form.dtype, .finite)
                // Means of squares, and such, are not negative.
                for _ in 0..<stateCount { draw.operand(form.shape, form.dtype, .range(0...1)) }
            }
            let options = UpdateOptions(
                learningRate: 0.1, weightDecay: draw.pick([0, 0.01]),
                decay: kind == .gradientDescent ? draw.pick([0, 0.9]) : 0.9, secondDecay: 0.99, epsilon: 1e-3)
            let steps = draw.int(0...5)
            return Call(several: "\(kind), \(options), step \(steps + 1)", .close, isDifferentiable: false) { x in
                step(kind, options, x, stepCount: steps)
            }
        }
    }

    /// The parameters and their states after the step, and what must not have changed.
    private static func step(_ kind: UpdateKind, _ options: UpdateOptions, _ x: [Tensor], stepCount: Int) -> [Tensor] {
        let width = 2 + kind.stateNames.count
        var updates = ParameterUpdates(kind, options, capacity: x.count / width)
        var parameters: [Parameter] = []
        var states: [ParameterState?] = []
        for start in stride(from: 0, to: x.count, by: width) {
            let parameter = Parameter(x[start])
            parameter.gradient = x[start + 1]
            var state: ParameterState?
            if updates.hasState {
                state = ParameterState(tensors: Array(x[start + 2..<start + width]), stepCount: stepCount)
                updates.add(parameter, state: &state)
            } else {
                updates.add(parameter)
            }
            parameters.append(parameter)
            states.append(state)
        }
        updates.apply()
        return parameters.map(\.value) + states.flatMap { $0?.tensors ?? [] } + x
    }
}
