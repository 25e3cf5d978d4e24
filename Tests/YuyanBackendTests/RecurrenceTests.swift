import Foundation
import Testing
import YuyanBackend

@Suite struct ReferenceRecurrenceTests {
    /// One sample, one unit, two steps, by hand.
    @Test func smallNumbersByHand() {
        func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
        let drive = reference.buffer([0.5, -1, 2, 0.25, 1, 3, -0.5, 0] as [Double], [2, 1, 4])
        let weight = reference.buffer([1, 2, -1, 0.5] as [Double], [4, 1])
        let steps = reference.lstm(
            drive, weight: weight, hidden: reference.buffer([0.1] as [Double], [1, 1]),
            cell: reference.buffer([-0.2] as [Double], [1, 1]))
        let first = [sigmoid(0.6), sigmoid(-0.8), tanh(1.9), sigmoid(0.3)]
        let firstCell = first[1] * -0.2 + first[0] * first[2]
        let h = first[3] * tanh(firstCell)
        let second = [sigmoid(1 + h), sigmoid(3 + 2 * h), tanh(-0.5 - h), sigmoid(0.5 * h)]
        let secondCell = second[1] * firstCell + second[0] * second[2]
        func expectClose(_ found: DeviceBuffer, _ wanted: [Double]) {
            let found = elements(found, as: Double.self)
            #expect(found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-15 })
        }
        expectClose(steps.gates, first + second)
        expectClose(steps.cells, [firstCell, secondCell])
        expectClose(steps.hidden, [h, second[3] * tanh(secondCell)])
    }
}

#if OneDNN
    @Suite struct CPURecurrenceTests {
        /// Steps, samples, units: none, one, widths around a vector's, and enough for parallel loops.
        static let sizes = [
            [0, 2, 3], [1, 1, 1], [2, 0, 3], [3, 1, 5], [1, 4, 16], [4, 3, 17], [6, 2, 40], [2, 40, 300],
        ]

        @Test(arguments: sizes, [true, false]) func isThatOfReference(_ size: [Int], _ hasState: Bool) {
            let (steps, samples, units) = (size[0], size[1], size[2])
            let scale = 1 / Double(units).squareRoot()
            let drive = randomBuffer([steps, samples, 4 * units])
            let weight = randomBuffer([4 * units, units], seed: 2, low: -scale, high: scale)
            let hidden = hasState ? randomBuffer([samples, units], seed: 3, low: -1, high: 1) : nil
            let cell = hasState ? randomBuffer([samples, units], seed: 4) : nil
            let outer = randomBuffer([steps, samples, units], seed: 5)
            let last = randomBuffer([samples, units], seed: 6)
            let expected = reference.lstm(
                wide(drive), weight: wide(weight), hidden: hidden.map(wide), cell: cell.map(wide))
            let gradients = [
                RecurrentOutputGradients(hidden: outer, lastHidden: nil, lastCell: nil),
                RecurrentOutputGradients(hidden: nil, lastHidden: last, lastCell: nil),
                RecurrentOutputGradients(hidden: outer, lastHidden: last, lastCell: last),
            ]
            for (place, (name, x)) in arrangements(of: drive).enumerated() {
                let weights = arrangements(of: weight)
                let weight = weights[place % weights.count].buffer
                let found = cpu.lstm(x, weight: weight, hidden: hidden, cell: cell)
                let title = "\(size), \(name)"
                expectClose(found.hidden, expected.hidden, relative: 1e-5, absolute: 1e-6, title)
                expectClose(found.cells, expected.cells, relative: 1e-5, absolute: 1e-6, title)
                expectClose(found.gates, expected.gates, relative: 1e-5, absolute: 1e-6, title)
                for (kind, gradient) in gradients.enumerated() {
                    let slopes = cpu.lstmGradient(
                        gradient, gates: found.gates, cells: found.cells, weight: weight, firstCell: cell)
                    let wanted = reference.lstmGradient(
                        RecurrentOutputGradients(
                            hidden: gradient.hidden.map(wide), lastHidden: gradient.lastHidden.map(wide),
                            lastCell: gradient.lastCell.map(wide)), gates: expected.gates, cells: expected.cells,
                        weight: wide(weight), firstCell: cell.map(wide))
                    let title = "\(title), gradient \(kind)"
                    expectClose(slopes.sums, wanted.sums, relative: 1e-4, absolute: 1e-5, title)
                    expectClose(slopes.hidden, wanted.hidden, relative: 1e-4, absolute: 1e-5, title)
                    expectClose(slopes.cell, wanted.cell, relative: 1e-4, absolute: 1e-5, title)
                }
            }
        }

        /// Gates that are shut or open to the last bit, and numbers that are none.
        @Test func extremeNumbers() {
            let drive = cpu.buffer([100, -100, 100, -100, .nan, 0, 0, 0] as [Float], [2, 1, 4])
            let weight = cpu.full([4, 1], .float32, 0)
            let found = cpu.lstm(drive, weight: weight, hidden: nil, cell: cpu.full([1, 1], .float32, 7))
            #expect(cpu.elements(found.cells, as: Float.self)[0] == 1)
            #expect(abs(cpu.elements(found.hidden, as: Float.self)[0]) < 1e-30)
            #expect(cpu.elements(found.cells, as: Float.self)[1].isNaN)
        }
    }
#endif
