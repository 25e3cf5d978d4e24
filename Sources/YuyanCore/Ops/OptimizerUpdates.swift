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
    /// zeros with it. Traps unless gradient and velocity have the parameter's shape, element type and device: they are
    /// read and written as such.
    package mutating func add(_ parameter: Parameter, velocity: inout Tensor?) {
        guard let gradient = parameter.gradient else { return }
        if !gradient.hasForm(of: parameter.value) { GradientDescent.refuse("gradient", gradient, parameter) }
        if options.momentum == 0 {
            velocity = nil
        } else if velocity == nil {
            velocity = .zeros(like: parameter.value)
        }
        if let velocity, !velocity.hasForm(of: parameter.value) {
            GradientDescent.refuse("velocity", velocity, parameter)
        }
        velocity?.makeUnique()
        parameter.value.makeUnique()
        updates.append(SGDUpdate(parameter.value.buffer, gradient.buffer, velocity: velocity?.buffer))
    }

    @inline(never)
    private static func refuse(_ what: String, _ tensor: Tensor, _ parameter: Parameter) -> Never {
        let hint =
            what == "gradient"
            ? "its value was replaced after backward(): call zeroGradients() and backward() again"
            : "its value was replaced after the last step: make a new optimizer, or restore(savedState()) to convert it"
        shapeFailure(
            .ofForms(
                "step", "a \(what) must have its parameter's shape, element type and device", parameter.title,
                parameter.value, what, tensor, hint: hint), #fileID, #line)
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
