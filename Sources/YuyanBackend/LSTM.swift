/// What `Backend.lstm` gives.
package struct LSTMSteps {
    /// h of every step, `[T, N, H]`.
    package let hidden: DeviceBuffer
    /// c of every step, `[T, N, H]`.
    package let cells: DeviceBuffer
    /// i, f, g and o of every step, `[T, N, 4H]`.
    package let gates: DeviceBuffer
}

/// The gradients of a loss for what an LSTM gave, nil where the loss does not depend on it.
package struct LSTMOutputGradients {
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

/// What `Backend.lstmGradient` gives.
package struct LSTMGradients {
    /// For the sums that i, f, g and o are functions of, `[T, N, 4H]`.
    package let sums: DeviceBuffer
    /// For the h and c before the first step, `[N, H]`.
    package let hidden: DeviceBuffer
    package let cell: DeviceBuffer
}

extension Backend {
    package func lstm(_ drive: DeviceBuffer, weight: DeviceBuffer, hidden: DeviceBuffer?, cell: DeviceBuffer?)
        -> LSTMSteps
    {
        let results = throughReference([drive, weight, hidden, cell]) { reference, operands in
            let steps = reference.lstm(operands[0]!, weight: operands[1]!, hidden: operands[2], cell: operands[3])
            return [steps.hidden, steps.cells, steps.gates]
        }
        return LSTMSteps(hidden: results[0]!, cells: results[1]!, gates: results[2]!)
    }

    package func lstmGradient(
        _ gradients: LSTMOutputGradients, gates: DeviceBuffer, cells: DeviceBuffer, weight: DeviceBuffer,
        firstCell: DeviceBuffer?
    ) -> LSTMGradients {
        let operands = [
            gradients.hidden, gradients.lastHidden, gradients.lastCell, gates, cells, weight, firstCell,
        ]
        let results = throughReference(operands) { reference, operands in
            let found = reference.lstmGradient(
                LSTMOutputGradients(hidden: operands[0], lastHidden: operands[1], lastCell: operands[2]),
                gates: operands[3]!, cells: operands[4]!, weight: operands[5]!, firstCell: operands[6])
            return [found.sums, found.hidden, found.cell]
        }
        return LSTMGradients(sums: results[0]!, hidden: results[1]!, cell: results[2]!)
    }
}
