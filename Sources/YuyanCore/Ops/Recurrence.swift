import YuyanBackend

extension OperationFamily {
    package static let recurrence = OperationFamily("Recurrence", [Op.LSTM.entry])
}

extension Op {
    /// A long short-term memory over a whole sequence. Operands: input, first h, first c, input weight, recurrent weight and
    /// their biases; h, c and the biases may be absent. Results: h of every step, the last h and the last c.
    package enum LSTM: GeneralRule {
        package static let name = "lstm"
        package static var types: OperandTypes { .reals }
        private static let operandNames = ["input", "hidden", "cell", "weightIH", "weightHH", "biasIH", "biasHH"]
        package static func operandName(_ place: Int, _ options: Void) -> String { operandNames[place] }
        package static func resultName(_ place: Int) -> String { ["output", "hidden", "cell"][place] }
        package static func keeps(_ options: Void) -> Kept {
            [.operand(0), .operand(1), .operand(2), .operand(3), .operand(4), .operand(5), .operand(6), .result(0)]
        }

        package static func outputShapes(_ operands: Few<Shape?>, _ options: Void) throws(ShapeError) -> Few<Shape> {
            let (input, weightIH, weightHH) = (operands[0]!, operands[3]!, operands[4]!)
            let named = ShapeError.Operand("input", axes: "[T, N, in]", input)
            guard input.rank == 3 else { throw ShapeError(name, "the input must have 3 axes", [named]) }
            let recurrent = ShapeError.Operand("weightHH", axes: "[4H, H]", weightHH)
            guard weightHH.rank == 2, weightHH[0] == 4 * weightHH[1] else {
                throw ShapeError(name, "the recurrent weight must have four rows for each of its columns", [recurrent])
            }
            guard weightIH == [weightHH[0], input[2]] else {
                throw ShapeError(
                    name,
                    "the input weight must have a row for each of the recurrent weight's, and a column for each input",
                    [named, .init("weightIH", axes: "[4H, in]", weightIH), recurrent])
            }
            let state: Shape = [input[1], weightHH[1]]
            for place in 1...2 {
                guard let shape = operands[place], shape != state else { continue }
                throw ShapeError(
                    name, "the first \(place == 1 ? "h" : "c") must have a row for each sample",
                    [named, recurrent, .init(operandNames[place], axes: "[N, H]", shape)])
            }
            for place in 5...6 {
                guard let shape = operands[place], shape != [weightHH[0]] else { continue }
                throw ShapeError(
                    name, "a bias must have one element for each row of the weights",
                    [recurrent, .init(operandNames[place], axes: "[4H]", shape)])
            }
            return Few([input[0], state[0], state[1]], state, state)
        }

        /// The workspaces hold gates and cells of every step.
        package static func forward(_ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ options: Void) -> Computed {
            let input = operands[0]!
            let backend = input.device.backend
            var bias = operands[5] ?? operands[6]
            if let first = operands[5], let second = operands[6] { bias = backend.binary(.add, first, second) }
            // What the inputs of all steps give, in one product.
            let drive = backend.matmul(
                backend.contiguous(input), operands[3]!, transposeA: false, transposeB: true, bias: bias,
                activation: nil)
            let steps = backend.recurrent(.lstm, drive, weight: operands[4]!, hidden: operands[1], cell: operands[2])
            func last(of values: DeviceBuffer, orElse first: DeviceBuffer?) -> DeviceBuffer {
                let state = shapes[1]
                guard shapes[0][0] > 0 else {
                    return first.map(backend.copied) ?? backend.full(state, values.dtype, 0)
                }
                let last = Region(of: shapes[0], axis: 0, from: shapes[0][0] - 1, count: 1)
                return backend.copied(backend.reshaped(backend.sliced(values, last), state))
            }
            let hidden = last(of: steps.hidden, orElse: operands[1])
            let cell = last(of: steps.cells, orElse: operands[2])
            return Computed(Few(steps.hidden, hidden, cell), workspaces: Few(steps.gates, steps.cells))
        }

        package static func gradients(
            _ gradients: Few<Tensor?>, _ saved: SavedValues, _ options: Void
        ) -> Few<Tensor?> {
            let weight = saved.operand(4)
            let kept = (0..<7).filter { !saved.isAbsent($0) }.map { saved.operand($0) }
            let found: StateGradients
            if (gradients.compactMap { $0 } + kept).contains(where: \.isRecorded) {
                found = composedGradients(gradients, saved)
            } else {
                let result = weight.backend.recurrentGradient(
                    .lstm,
                    RecurrentOutputGradients(
                        hidden: gradients[0]?.buffer, lastHidden: gradients[1]?.buffer, lastCell: gradients[2]?.buffer),
                    gates: saved.workspaces[0], cells: saved.workspaces[1], weight: weight.buffer,
                    firstCell: saved.isAbsent(2) ? nil : saved.operand(2).buffer)
                found = StateGradients(
                    sums: Tensor(result.sums), hidden: Tensor(result.hidden), cell: Tensor(result.cell))
            }
            return operandGradients(found, saved)
        }

        private struct StateGradients {
            /// For the sums before σ and tanh, `[T, N, 4H]`.
            var sums: Tensor
            /// For the first h and c.
            var hidden: Tensor
            var cell: Tensor
        }

        /// The sums are X Wᵀ + Z Uᵀ + b + d for the inputs X and the h before each step, Z:
        /// ∂X = G W,  ∂W = Gᵀ X,  ∂U = Gᵀ Z,  ∂b = ∂d = Σ G over all rows.
        private static func operandGradients(_ found: StateGradients, _ saved: SavedValues) -> Few<Tensor?> {
            let (input, output) = (saved.operand(0), saved.result(0))
            let (steps, samples, size) = (output.shape[0], output.shape[1], output.shape[2])
            let rowCount = steps * samples
            let rows = found.sums.reshaped([rowCount, 4 * size])
            var contributions = Few<Tensor?>(repeating: nil, count: 7)
            if saved.needsGradient(0) {
                contributions[0] = Op.MatrixProduct.product(found.sums, saved.operand(3), false, false)
            }
            if saved.needsGradient(1) { contributions[1] = found.hidden }
            if saved.needsGradient(2) { contributions[2] = found.cell }
            if saved.needsGradient(3) {
                contributions[3] = Op.MatrixProduct.product(
                    rows, input.reshaped([rowCount, input.shape[2]]), true, false)
            }
            if saved.needsGradient(4) {
                // Without a first h the first step adds nothing.
                let first = saved.isAbsent(1) ? nil : saved.operand(1).expandingShape(at: 0)
                let skipped = first == nil ? 1 : 0
                if steps > skipped {
                    let before = (first.map { [$0] } ?? []) + [output[0..<steps - 1]]
                    contributions[4] = Op.MatrixProduct.product(
                        rows[skipped * samples..<rowCount],
                        concatenate(before).reshaped([(steps - skipped) * samples, size]), true, false)
                } else {
                    contributions[4] = .zeros(like: saved.operand(4))
                }
            }
            if saved.needsGradient(5) || saved.needsGradient(6) {
                let bias = rows.sum(axes: [0])
                for place in 5...6 where saved.needsGradient(place) { contributions[place] = bias }
            }
            return contributions
        }

        /// What the kernel computes, from operations that have gradients.
        private static func composedGradients(_ gradients: Few<Tensor?>, _ saved: SavedValues) -> StateGradients {
            let (input, weight) = (saved.operand(0), saved.operand(4))
            let size = weight.shape[1]
            let zeros = Tensor.zeros([input.shape[1], size], dtype: input.dtype, device: input.device)
            func operand(_ place: Int) -> Tensor? { saved.isAbsent(place) ? nil : saved.operand(place) }

            struct Step {
                let input, forget, candidate, output, oldCell, squashed: Tensor
            }
            var drive = linear(input, weight: saved.operand(3), bias: operand(5))
            if let bias = operand(6) { drive = drive + bias }
            var (h, c) = (operand(1) ?? zeros, operand(2) ?? zeros)
            var steps: [Step] = []
            for sums in drive.unstacked() {
                let parts = (sums + Op.MatrixProduct.product(h, weight, false, true)).split(count: 4, axis: 1)
                let (i, f, g, o) = (parts[0].sigmoid(), parts[1].sigmoid(), parts[2].tanh(), parts[3].sigmoid())
                let cell = f * c + i * g
                steps.append(
                    Step(input: i, forget: f, candidate: g, output: o, oldCell: c, squashed: cell.tanh()))
                (h, c) = (o * steps[steps.count - 1].squashed, cell)
            }

            let outer = gradients[0]?.unstacked()
            var (hidden, cell) = (gradients[1] ?? zeros, gradients[2] ?? zeros)
            var slopes: [Tensor] = []
            for (index, step) in steps.enumerated().reversed() {
                let (i, f, g, o) = (step.input, step.forget, step.candidate, step.output)
                if let outer { hidden = hidden + outer[index] }
                cell = cell + hidden * o * (1 - step.squashed.squared())
                let sums = concatenate(
                    [
                        cell * g * i * (1 - i), cell * step.oldCell * f * (1 - f), cell * i * (1 - g.squared()),
                        hidden * step.squashed * o * (1 - o),
                    ], axis: 1)
                slopes.append(sums)
                cell = cell * f
                hidden = Op.MatrixProduct.product(sums, weight, false, false)
            }
            let sums = slopes.isEmpty ? Tensor.zeros(like: drive) : stack(slopes.reversed())
            return StateGradients(sums: sums, hidden: hidden, cell: cell)
        }

        private static func joined(_ results: (output: Tensor, hidden: Tensor, cell: Tensor)) -> Tensor {
            concatenate([results.output.flattened(), results.hidden.flattened(), results.cell.flattened()])
        }

        /// All three results of PyTorch's, one behind the other.
        private static func torch(_ call: String) -> String { "torch.cat([y.flatten() for y in torch.lstm(\(call))])" }

        package static let entry = OperationEntry(
            name,
            "i, f, o = σ(W x + U h + b), g = tanh(W x + U h + b), c = f · c + i · g, h = o · tanh c for each step",
            swift: [
                "lstm(_ input: some TensorConvertible, hidden: (some TensorConvertible)? = Tensor?.none, "
                    + "cell: (some TensorConvertible)? = Tensor?.none, weightIH: some TensorConvertible, "
                    + "weightHH: some TensorConvertible, biasIH: (some TensorConvertible)? = Tensor?.none, "
                    + "biasHH: (some TensorConvertible)? = Tensor?.none) -> (output: Tensor, hidden: Tensor, cell: Tensor)"
            ],
            [
                Sample(
                    [
                        .real([3, 2, 2]), .real([2, 2]), .real([2, 2]), .real([8, 2]), .real([8, 2]), .real([8]),
                        .real([8]),
                    ], torch: torch("a, (b[None], c[None]), [d, e, f, g], True, 1, 0.0, False, False, False")
                ) {
                    joined(
                        lstm(
                            $0[0], hidden: $0[1], cell: $0[2], weightIH: $0[3], weightHH: $0[4], biasIH: $0[5],
                            biasHH: $0[6]))
                },
                Sample(
                    [.real([4, 3, 2]), .real([4, 2]), .real([4, 1]), .real([4])],
                    torch: torch(
                        "a, (a.new_zeros(1, 3, 1),) * 2, [b, c, d, torch.zeros_like(d)], True, 1, 0.0, False, False, False"
                    )
                ) {
                    joined(lstm($0[0], weightIH: $0[1], weightHH: $0[2], biasIH: $0[3]))
                },
                Sample(
                    [.real([1, 1, 3]), .real([8, 3]), .real([8, 2]), .real([1, 2])],
                    torch: torch("a, (d[None], a.new_zeros(1, 1, 2)), [b, c], False, 1, 0.0, False, False, False")
                ) {
                    joined(lstm($0[0], hidden: $0[3], weightIH: $0[1], weightHH: $0[2]))
                },
                Sample(
                    [.real([5, 7, 9]), .real([84, 9], -0.5...0.5), .real([84, 21], -0.5...0.5)],
                    torch: torch("a, (a.new_zeros(1, 7, 21),) * 2, [b, c], False, 1, 0.0, False, False, False"),
                    checksGradient: false
                ) {
                    joined(lstm($0[0], weightIH: $0[1], weightHH: $0[2]))
                },
            ])
    }
}

/// A long short-term memory over a whole sequence, as one operation.
///
/// For each step t, from h and c of the step before (σ is the sigmoid, ⊙ the product of elements):
///
///     i, f, g, o = σ, σ, tanh, σ of the four parts of  xₜ Wᵀ + b + h Uᵀ + d
///     c = f ⊙ c + i ⊙ g
///     h = o ⊙ tanh c
///
/// - Parameters: input x `[T, N, in]`, time first; hidden h and cell c before the first step `[N, H]`, zeros if absent;
///   weightIH W `[4H, in]`, weightHH U `[4H, H]`, biasIH b and biasHH d `[4H]`, zeros if absent. The rows of weights and
///   biases are those of the gates i (input), f (forget), g (candidate) and o (output), in PyTorch's order and by its names.
/// - Returns: h of every step `[T, N, H]`, and h and c after the last one `[N, H]`: what was given, if T is 0.
/// - Gradient: for all operands, through all three results.
///
/// Traps if the shapes do not fit, or unless all are of one floating-point type. Source: Hochreiter and Schmidhuber, Long
/// short-term memory (1997), with the forget gate of Gers, Schmidhuber and Cummins (2000); d2l chapter 9.2.
public func lstm(
    _ input: some TensorConvertible, hidden: (some TensorConvertible)? = Tensor?.none,
    cell: (some TensorConvertible)? = Tensor?.none, weightIH: some TensorConvertible, weightHH: some TensorConvertible,
    biasIH: (some TensorConvertible)? = Tensor?.none, biasHH: (some TensorConvertible)? = Tensor?.none,
    file: StaticString = #fileID, line: UInt = #line
) -> (output: Tensor, hidden: Tensor, cell: Tensor) {
    let operands: [Tensor?] = [
        input.tensor, hidden?.tensor, cell?.tensor, weightIH.tensor, weightHH.tensor, biasIH?.tensor, biasHH?.tensor,
    ]
    let results = apply(Op.LSTM.self, Few(contentsOf: operands), (), file, line)
    return (results[0], results[1], results[2])
}
