/// What `Backend.recurrent` gives.
package struct RecurrentSteps {
    /// h of every step, `[T, N, H]`.
    package let hidden: DeviceBuffer
    /// c of every step, `[T, N, H]`.
    package let cells: DeviceBuffer
    /// i, f, g and o of every step, `[T, N, 4H]`.
    package let gates: DeviceBuffer
}

/// The gradients of a loss for what a recurrence gave, nil where the loss does not depend on it.
package struct RecurrentOutputGradients {
    /// For h of every step, `[T, N, H]`.
    package let hidden: DeviceBuffer?
    /// For the last h and the last c, `[N, H]`.
    package let lastHidden: DeviceBuffer?
    package let lastCell: DeviceBuffer?

    package init(hidden: DeviceBuffer?, lastHidden: DeviceBuffer?, lastCell: DeviceBuffer?) {
        self.hidden = hidden
        self.lastHidden = lastHidden
        self.lastCell = lastCell
    }
}

/// What `Backend.recurrentGradient` gives.
package struct RecurrentGradients {
    /// For the sums that i, f, g and o are functions of, `[T, N, 4H]`.
    package let sums: DeviceBuffer
    /// For the h and c before the first step, `[N, H]`.
    package let hidden: DeviceBuffer
    package let cell: DeviceBuffer
}
