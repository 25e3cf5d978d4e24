#if OneDNN
    import YuyanKernels

    extension CPUBackend {
        package func recurrent(
            _ kind: RecurrenceKind, _ drive: DeviceBuffer, weight: DeviceBuffer, hidden: DeviceBuffer?,
            cell: DeviceBuffer?
        ) -> RecurrentSteps {
            guard computes(.recurrent, drive), drive.elementCount > 0 else {
                return elsewhere(.recurrent, drive.dtype).recurrent(
                    kind, drive, weight: weight, hidden: hidden, cell: cell)
            }
            let (steps, samples, size) = (drive.shape[0], drive.shape[1], weight.shape[1])
            let drive = contiguous(drive)
            // Turned once for all steps: see `multiply` for the products that are slow.
            let weight = steps > 1 || hidden != nil ? copied(turned(weight)) : weight
            let result = RecurrentSteps(
                hidden: makeBuffer([steps, samples, size]), cells: makeBuffer([steps, samples, size]),
                gates: makeBuffer(drive.shape))
            let zeros = full([samples, 4 * size], .float32, 0)
            var (oldHidden, oldCell) = (hidden, cell.map(contiguous) ?? zeros)
            for step in 0..<steps {
                let recurrent = oldHidden.map { product($0, weight) } ?? zeros
                let (h, c) = (result.hidden.step(step), result.cells.step(step))
                withExtendedLifetime((drive, recurrent, oldCell)) {
                    yuyan_lstm_cell(
                        drive.step(step).floats, recurrent.floats, oldCell.floats, result.gates.step(step).floats,
                        c.floats, h.floats, samples, size)
                }
                (oldHidden, oldCell) = (h, c)
            }
            return result
        }

        package func recurrentGradient(
            _ kind: RecurrenceKind, _ gradients: RecurrentOutputGradients, gates: DeviceBuffer, cells: DeviceBuffer,
            weight: DeviceBuffer, firstCell: DeviceBuffer?
        ) -> RecurrentGradients {
            guard computes(.recurrent, weight), gates.elementCount > 0 else {
                return elsewhere(.recurrent, weight.dtype).recurrentGradient(
                    kind, gradients, gates: gates, cells: cells, weight: weight, firstCell: firstCell)
            }
            let (steps, samples, size) = (cells.shape[0], cells.shape[1], cells.shape[2])
            let weight = contiguous(weight)
            let zeros = full([samples, size], .float32, 0)
            let (outer, firstCell) = (gradients.hidden.map(contiguous), firstCell.map(contiguous) ?? zeros)
            let sums = makeBuffer(gates.shape)
            // What later steps contribute to h and c of the step at hand.
            var later = gradients.lastHidden.map(contiguous) ?? zeros
            let cellGradient = gradients.lastCell.map(copied) ?? copied(zeros)
            for step in (0..<steps).reversed() {
                let slopes = sums.step(step)
                let oldCell = step > 0 ? cells.step(step - 1) : firstCell
                let outer = outer?.step(step) ?? zeros
                withExtendedLifetime((outer, later, oldCell)) {
                    yuyan_lstm_cell_gradient(
                        outer.floats, later.floats, gates.step(step).floats, cells.step(step).floats,
                        oldCell.floats, cellGradient.floats, slopes.floats, samples, size)
                }
                later = product(slopes, weight)
            }
            return RecurrentGradients(sums: sums, hidden: later, cell: cellGradient)
        }

        private func product(_ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
            matmul(a, b, transposeA: false, transposeB: false, bias: nil, activation: nil)
        }
    }

    extension DeviceBuffer {
        /// The matrix of one step of a contiguous `[T, N, size]`: a view.
        fileprivate func step(_ index: Int) -> DeviceBuffer {
            let matrix: Shape = [shape[1], shape[2]]
            return view(matrix, matrix.contiguousStrides, offset: index * shape[1] * shape[2])
        }
    }
#endif
