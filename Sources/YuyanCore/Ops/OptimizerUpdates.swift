import YuyanBackend

extension Parameter {
    /// One step of stochastic gradient descent, in place: g ← g + λp; v ← μv + g; p ← p − ηv.
    ///
    /// `velocity` is left nil without momentum (μ = 0), and starts as zeros with it. Does nothing without a gradient.
    package func descend(
        learningRate: Double, momentum: Double, weightDecay: Double, velocity: inout Tensor?
    ) {
        guard let gradient else { return }
        if momentum != 0 && velocity == nil { velocity = .zeros(like: value) }
        velocity?.makeUnique()
        value.makeUnique()
        value.backend.sgdUpdate(
            value.buffer, gradient.buffer, velocity: momentum == 0 ? nil : velocity?.buffer,
            SGDOptions(learningRate: learningRate, momentum: momentum, weightDecay: weightDecay))
    }
}
