/// What `Backend.lstm` gives.
package struct LSTMSteps {
    /// h of every step, `[T, N, H]`.
    package let hidden: Buffer
    /// c of every step, `[T, N, H]`.
    package let cells: Buffer
    /// i, f, g and o of every step, `[T, N, 4H]`.
    package let gates: Buffer
}

/// The gradients of a loss for what an LSTM gave, nil where the loss does not depend on it.
package struct LSTMOutputGradients {
    /// For h of every step, `[T, N, H]`.
    package let hidden: Buffer?
    /// For the last h and the last c, `[N, H]`.
    package let lastHidden: Buffer?
    package let lastCell: Buffer?

    package init(hidden: Buffer?, lastHidden: Buffer?, lastCell: Buffer?) {
        self.hidden = hidden
        self.lastHidden = lastHidden
        self.lastCell = lastCell
    }
}

/// What `Backend.lstmGradient` gives.
package struct LSTMGradients {
    /// For the sums that i, f, g and o are functions of, `[T, N, 4H]`.
    package let sums: Buffer
    /// For the h and c before the first step, `[N, H]`.
    package let hidden: Buffer
    package let cell: Buffer
}

extension Backend {
    package func lstm(_ drive: Buffer, weight: Buffer, hidden: Buffer?, cell: Buffer?) -> LSTMSteps {
        let results = throughReference([drive, weight, hidden, cell]) { reference, operands in
            let steps = reference.lstm(operands[0]!, weight: operands[1]!, hidden: operands[2], cell: operands[3])
            return [steps.hidden, steps.cells, steps.gates]
        }
        return LSTMSteps(hidden: results[0]!, cells: results[1]!, gates: results[2]!)
    }

    package func lstmGradient(
        _ gradients: LSTMOutputGradients, gates: Buffer, cells: Buffer, weight: Buffer, firstCell: Buffer?
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
