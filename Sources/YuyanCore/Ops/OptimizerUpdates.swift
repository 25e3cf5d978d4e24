import YuyanBackend

/// Steps of stochastic gradient descent for many parameters at once, in place:
/// g ← g + λp; v ← μv + g; p ← p − ηv.
///
/// Parameters are collected with `add`, and changed together by `apply`.
package struct GradientDescent {
    private let options: SGDOptions
    private var updates: [SGDUpdate] = []

    /// - Parameter capacity: the number of parameters that are expected.
    package init(learningRate: Double, momentum: Double, weightDecay: Double, capacity: Int) {
        options = SGDOptions(learningRate: learningRate, momentum: momentum, weightDecay: weightDecay)
        updates.reserveCapacity(capacity)
    }

    /// Without a gradient the parameter stays as it is. `velocity` is left nil without momentum (μ = 0), and starts as
    /// zeros with it.
    package mutating func add(_ parameter: Parameter, velocity: inout Tensor?) {
        guard let gradient = parameter.gradient else { return }
        if options.momentum == 0 {
            velocity = nil
        } else if velocity == nil {
            velocity = .zeros(like: parameter.value)
        }
        velocity?.makeUnique()
        parameter.value.makeUnique()
        updates.append(SGDUpdate(parameter.value.buffer, gradient.buffer, velocity: velocity?.buffer))
    }

    package func apply() {
        guard let device = updates.first?.parameter.device else { return }
        // Parameters of one model are nearly always on one device.
        guard updates.contains(where: { $0.parameter.device != device }) else {
            device.backend.sgdUpdate(updates, options)
            return
        }
        for update in updates { update.parameter.device.backend.sgdUpdate([update], options) }
    }
}
