import Testing
import YuyanBackend
import YuyanCore

@Suite struct RecurrenceTests {
    /// The operands of a sequence of T steps of 3 samples, from 2 inputs to 4 units.
    private static func operands(_ steps: Int, _ dtype: DType = .float32) -> [Tensor] {
        let shapes: [Shape] = [[steps, 3, 2], [3, 4], [3, 4], [16, 2], [16, 4], [16], [16]]
        return shapes.map { .normal($0, dtype: dtype) }
    }

    private static func run(_ x: [Tensor]) -> (output: Tensor, hidden: Tensor, cell: Tensor) {
        lstm(
            x[0], hidden: x[1], cell: x[2], weightIH: x[3], weightHH: x[4], biasIH: x[5], biasHH: x[6])
    }

    @Test func aSequenceIsItsStepsOneByOne() {
        let x = RecurrenceTests.operands(5)
        let whole = RecurrenceTests.run(x)
        var (hidden, cell) = (x[1], x[2])
        for step in 0..<5 {
            let one = RecurrenceTests.run([x[0][step..<step + 1], hidden, cell] + x[3...])
            (hidden, cell) = (one.hidden, one.cell)
            expectClose(whole.output[step], one.output[0])
            expectClose(one.output[0], one.hidden, tolerance: 0)
        }
        expectClose(whole.hidden, hidden)
        expectClose(whole.cell, cell)
    }

    @Test func whatIsAbsentIsZero() {
        let x = RecurrenceTests.operands(4)
        let zeros = [x[0], .zeros([3, 4]), .zeros([3, 4]), x[3], x[4], .zeros([16]), .zeros([16])]
        let expected = RecurrenceTests.run(zeros)
        let found = lstm(x[0], weightIH: x[3], weightHH: x[4])
        expectClose(found.output, expected.output, tolerance: 0)
        expectClose(found.cell, expected.cell, tolerance: 0)
        let loss: ([Tensor]) -> Tensor = {
            let results =
                $0.count == 7 ? RecurrenceTests.run($0) : lstm($0[0], weightIH: $0[1], weightHH: $0[2])
            return results.output.squared().sum() + results.hidden.exp().sum() + results.cell.sum()
        }
        let wanted = gradients(of: loss, at: zeros)
        for (place, gradient) in zip([0, 3, 4], gradients(of: loss, at: [x[0], x[3], x[4]])) {
            expectClose(gradient, wanted[place])
        }
        // One bias does what two halves do.
        let halves = lstm(x[0], weightIH: x[3], weightHH: x[4], biasIH: x[5] / 2, biasHH: x[5] / 2)
        expectClose(lstm(x[0], weightIH: x[3], weightHH: x[4], biasHH: x[5]).output, halves.output)
    }

    /// Each of the three results alone, without the others' gradients.
    @Test(arguments: 0..<3, [1, 3]) func gradientOfOneResult(_ result: Int, _ steps: Int) throws {
        let operands = RecurrenceTests.operands(steps, .float64)
        try checkGradients(
            of: {
                let results = RecurrenceTests.run($0)
                return [results.output, results.hidden, results.cell][result]
            }, at: operands)
    }

    /// The composition whose gradient is recorded against the kernel.
    @Test func recordedGradientsAreTheSame() {
        let operands = RecurrenceTests.operands(4)
        let loss: ([Tensor]) -> Tensor = {
            let results = RecurrenceTests.run($0)
            return results.output.squared().sum() + (results.hidden * results.cell).sum()
        }
        let (plain, recorded) = (
            gradients(of: loss, at: operands), gradients(of: loss, at: operands, recordGraph: true)
        )
        for (one, other) in zip(plain, recorded) {
            #expect(other.isRecorded)
            expectClose(one, other.detached(), tolerance: Tolerance.of(.float32).gradient)
        }
    }

    @Test func noStepsGiveWhatWasGiven() {
        let operands = RecurrenceTests.operands(0)
        let results = RecurrenceTests.run(operands)
        #expect(results.output.shape == [0, 3, 4])
        expectClose(results.hidden, operands[1], tolerance: 0)
        expectClose(results.cell, operands[2], tolerance: 0)
        expectClose(lstm(operands[0], weightIH: operands[3], weightHH: operands[4]).cell, .zeros([3, 4]), tolerance: 0)
        for records in [false, true] {
            let found = gradients(
                of: {
                    let results = RecurrenceTests.run($0)
                    return results.output.sum() + (results.hidden * 2).sum() + (results.cell * 3).sum()
                }, at: operands, recordGraph: records)
            expectClose(found[1].detached(), .full([3, 4], 2), tolerance: 0)
            expectClose(found[2].detached(), .full([3, 4], 3), tolerance: 0)
            for place in [0, 3, 4, 5, 6] {
                expectClose(found[place].detached(), .zeros(operands[place].shape), tolerance: 0)
            }
        }
    }

    @Test func noSamples() {
        let weights = RecurrenceTests.operands(2)
        let results = lstm(Tensor.zeros([2, 0, 2]), weightIH: weights[3], weightHH: weights[4])
        #expect(results.output.shape == [2, 0, 4])
        #expect(results.cell.shape == [0, 4])
    }

    @Test func resultsAreValuesOfTheirOwn() {
        let x = RecurrenceTests.operands(2)
        var results = RecurrenceTests.run(x)
        let before = results.output[1].array(of: Float.self)
        results.hidden += 1
        #expect(results.output[1].array(of: Float.self) == before)
    }

    @Test func graphNamesTheResults() {
        let x = RecurrenceTests.operands(2).map { Parameter($0) }
        let results = RecurrenceTests.run(x.map(\.tensor))
        let names = (results.output.sum() + results.cell.sum()).recordedGraph().nodes.map(\.name)
        #expect(names.contains("lstm: output") && names.contains("lstm: cell") && names.contains("lstm"))
    }

    @Test func whatDoesNotFitTraps() async {
        let rank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = lstm(Tensor.ones([3, 2]), weightIH: Tensor.ones([16, 2]), weightHH: Tensor.ones([16, 4]))
        }
        expectText(rank, "lstm: the input must have 3 axes", "[T, N, in] = [3, 2]", "RecurrenceTests.swift:")
        let square = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = lstm(Tensor.ones([3, 1, 2]), weightIH: Tensor.ones([16, 2]), weightHH: Tensor.ones([16, 5]))
        }
        expectText(square, "lstm: the recurrent weight must have four rows", "weightHH [4H, H] = [16, 5]")
        let inputs = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = lstm(Tensor.ones([3, 1, 2]), weightIH: Tensor.ones([16, 3]), weightHH: Tensor.ones([16, 4]))
        }
        expectText(inputs, "lstm: the input weight must have", "input [T, N, in]  = [3, 1, 2]", "[4H, in]", "[16, 3]")
        let state = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = lstm(
                Tensor.ones([3, 1, 2]), hidden: Tensor.ones([2, 4]), weightIH: Tensor.ones([16, 2]),
                weightHH: Tensor.ones([16, 4]))
        }
        expectText(state, "lstm: the first h must have a row for each sample", "hidden [N, H]", "[2, 4]")
        let bias = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = lstm(
                Tensor.ones([3, 1, 2]), weightIH: Tensor.ones([16, 2]), weightHH: Tensor.ones([16, 4]),
                biasHH: Tensor.ones([4]))
        }
        expectText(bias, "lstm: a bias must have one element for each row of the weights", "biasHH [4H]", "[4]")
        let types = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = lstm(
                Tensor.ones([3, 1, 2], dtype: .int64), weightIH: Tensor.ones([16, 2], dtype: .int64),
                weightHH: Tensor.ones([16, 4], dtype: .int64))
        }
        expectText(types, "lstm: operands must have one element type of floating point")
    }
}
