import Glibc

extension ReferenceBackend {
    package func recurrent(
        _ kind: RecurrenceKind, _ drive: DeviceBuffer, weight: DeviceBuffer, hidden: DeviceBuffer?, cell: DeviceBuffer?
    )
        -> RecurrentSteps
    {
        switch drive.dtype {
        case .float32: lstm(drive, weight, hidden, cell, as: Float.self)
        case .float64: lstm(drive, weight, hidden, cell, as: Double.self)
        case .bfloat16: widened.recurrent(kind, drive, weight: weight, hidden: hidden, cell: cell)
        default: unsupported("LSTM", drive.dtype)
        }
    }

    private func lstm<T: ReferenceReal>(
        _ drive: DeviceBuffer, _ weight: DeviceBuffer, _ hidden: DeviceBuffer?, _ cell: DeviceBuffer?, as type: T.Type
    ) -> RecurrentSteps {
        let (steps, samples, size) = (drive.shape[0], drive.shape[1], weight.shape[1])
        let (drive, weight) = (contiguous(drive), contiguous(weight))
        let (hidden, cell) = (hidden.map(contiguous), cell.map(contiguous))
        let result = RecurrentSteps(
            hidden: makeBuffer([steps, samples, size], drive.dtype),
            cells: makeBuffer([steps, samples, size], drive.dtype), gates: makeBuffer(drive.shape, drive.dtype))
        let (sums, w) = (drive.elements(as: T.self), weight.elements(as: T.self))
        let (h, c) = (result.hidden.elements(as: T.self), result.cells.elements(as: T.self))
        let gates = result.gates.elements(as: T.self)
        for step in 0..<steps {
            let (oldH, oldC) = (
                step > 0 ? h + (step - 1) * samples * size : hidden?.elements(as: T.self),
                step > 0 ? c + (step - 1) * samples * size : cell?.elements(as: T.self)
            )
            for sample in 0..<samples {
                let row = (step * samples + sample) * size
                func sum(_ unit: Int) -> Double {
                    var sum = sums[4 * row + unit].wide
                    guard let oldH else { return sum }
                    for k in 0..<size { sum += oldH[sample * size + k].wide * w[unit * size + k].wide }
                    return sum
                }
                for unit in 0..<size {
                    let (i, f) = (logistic(sum(unit)), logistic(sum(size + unit)))
                    let (g, o) = (tanh(sum(2 * size + unit)), logistic(sum(3 * size + unit)))
                    let value = f * (oldC?[sample * size + unit].wide ?? 0) + i * g
                    for (gate, part) in [i, f, g, o].enumerated() {
                        gates[4 * row + gate * size + unit] = T(converting: part)
                    }
                    c[row + unit] = T(converting: value)
                    h[row + unit] = T(converting: o * tanh(value))
                }
            }
        }
        return result
    }

    package func recurrentGradient(
        _ kind: RecurrenceKind, _ gradients: RecurrentOutputGradients, gates: DeviceBuffer, cells: DeviceBuffer,
        weight: DeviceBuffer,
        firstCell: DeviceBuffer?
    ) -> RecurrentGradients {
        switch weight.dtype {
        case .float32: lstmGradient(gradients, gates, cells, weight, firstCell, as: Float.self)
        case .float64: lstmGradient(gradients, gates, cells, weight, firstCell, as: Double.self)
        case .bfloat16:
            widened.recurrentGradient(
                kind, gradients, gates: gates, cells: cells, weight: weight, firstCell: firstCell)
        default: unsupported("LSTM's gradient", weight.dtype)
        }
    }

    private func lstmGradient<T: ReferenceReal>(
        _ gradients: RecurrentOutputGradients, _ gates: DeviceBuffer, _ cells: DeviceBuffer, _ weight: DeviceBuffer,
        _ firstCell: DeviceBuffer?,
        as type: T.Type
    ) -> RecurrentGradients {
        let (steps, samples, size) = (cells.shape[0], cells.shape[1], cells.shape[2])
        let weight = contiguous(weight)
        let (hiddenGradient, firstCell) = (gradients.hidden.map(contiguous), firstCell.map(contiguous))
        let sums = makeBuffer(gates.shape, weight.dtype)
        // What later steps contribute to h and c of the step at hand.
        let state: Shape = [samples, size]
        let lastHidden = gradients.lastHidden.map(copied) ?? full(state, weight.dtype, 0)
        let lastCell = gradients.lastCell.map(copied) ?? full(state, weight.dtype, 0)
        let (dh, dc) = (lastHidden.elements(as: T.self), lastCell.elements(as: T.self))
        let (parts, c) = (gates.elements(as: T.self), cells.elements(as: T.self))
        let (w, slopes) = (weight.elements(as: T.self), sums.elements(as: T.self))
        for step in (0..<steps).reversed() {
            let old = step > 0 ? c + (step - 1) * samples * size : firstCell?.elements(as: T.self)
            for sample in 0..<samples {
                let (row, state) = ((step * samples + sample) * size, sample * size)
                let (rowGates, rowSlopes) = (parts + 4 * row, slopes + 4 * row)
                for unit in 0..<size {
                    let (i, f) = (rowGates[unit].wide, rowGates[size + unit].wide)
                    let (g, o) = (rowGates[2 * size + unit].wide, rowGates[3 * size + unit].wide)
                    let slope = dh[state + unit].wide + (hiddenGradient?.elements(as: T.self)[row + unit].wide ?? 0)
                    let squashed = tanh(c[row + unit].wide)
                    let cellSlope = dc[state + unit].wide + slope * o * (1 - squashed * squashed)
                    rowSlopes[unit] = T(converting: cellSlope * g * i * (1 - i))
                    rowSlopes[size + unit] = T(converting: cellSlope * (old?[state + unit].wide ?? 0) * f * (1 - f))
                    rowSlopes[2 * size + unit] = T(converting: cellSlope * i * (1 - g * g))
                    rowSlopes[3 * size + unit] = T(converting: slope * squashed * o * (1 - o))
                    dc[state + unit] = T(converting: cellSlope * f)
                }
                for k in 0..<size {
                    var sum = 0.0
                    for unit in 0..<4 * size { sum += rowSlopes[unit].wide * w[unit * size + k].wide }
                    dh[state + k] = T(converting: sum)
                }
            }
        }
        return RecurrentGradients(sums: sums, hidden: lastHidden, cell: lastCell)
    }
}
