import Testing
import YuyanBackend

@Suite struct ReferenceOptimizerTests {
    @Test func descends() {
        let p = reference.buffer([1, 2] as [Float])
        let g = reference.buffer([4, -8] as [Float])
        reference.update(.gradientDescent, [ParameterUpdate(p, g)], UpdateOptions(learningRate: 0.25))
        #expect(elements(p) == [0, 4] as [Float])
        #expect(elements(g) == [4, -8] as [Float])
    }

    @Test func decaysWeights() {
        let p = reference.buffer([2, -4] as [Double])
        let g = reference.buffer([1, 1] as [Double])
        reference.update(.gradientDescent, [ParameterUpdate(p, g)], UpdateOptions(learningRate: 0.5, weightDecay: 0.25))
        #expect(elements(p) == [1.25, -4] as [Double])  // 2 − ½ (1 + ½), −4 − ½ (1 − 1)
    }

    @Test func gathersMomentum() {
        let p = reference.buffer([1] as [Double])
        let g = reference.buffer([2] as [Double])
        let v = reference.full([1], .float64, 0)
        let options = UpdateOptions(learningRate: 0.125, decay: 0.5)
        reference.update(.gradientDescent, [ParameterUpdate(p, g, first: v)], options)
        #expect(elements(v) == [2.0])
        #expect(elements(p) == [0.75])
        reference.update(.gradientDescent, [ParameterUpdate(p, g, first: v)], options)
        #expect(elements(v) == [3.0])
        #expect(elements(p) == [0.375])
    }

    @Test func updatesAnyLayout() {
        let p = reference.full([2, 2], .float32, 0)
        let g = reference.buffer([1, 2, 3, 4] as [Float], [2, 2])
        reference.update(.gradientDescent, [ParameterUpdate(p, g.swappingAxes(0, 1))], UpdateOptions(learningRate: 1))
        #expect(elements(p) == [-1, -3, -2, -4] as [Float])
    }

    /// One step each, in numbers that have no rounding errors: the roots are 2, 2, 2 and 3.
    @Test func dividesByTheSizeOfGradients() {
        func step(_ kind: UpdateKind, _ options: UpdateOptions, first: [Double], second: [Double]) -> [[Double]] {
            let (p, g) = (reference.buffer([8.0]), reference.buffer([2.0]))
            let (x, y) = (reference.buffer(first), reference.buffer(second))
            reference.update(kind, [ParameterUpdate(p, g, first: x, second: y, step: 1)], options)
            return [elements(p), elements(x), elements(y)]
        }
        #expect(
            step(
                .rmsProp, UpdateOptions(learningRate: 3, decay: 0.5, epsilon: 1), first: [4], second: [0])
                == [[6], [4], [0]])  // s = ½ · 4 + ½ · 4; 8 − 3 · 2 / (2 + 1)
        #expect(
            step(.adagrad, UpdateOptions(learningRate: 4, epsilon: 2), first: [0], second: [0]) == [[6], [4], [0]])
        // m = 1, and 2 without its bias; s = 3, and 4 without its bias.
        for (kind, p) in [(UpdateKind.adam, 7.0), (.adamW, 3.0)] {
            #expect(
                step(
                    kind,
                    UpdateOptions(
                        learningRate: 1, weightDecay: kind == .adamW ? 0.5 : 0, decay: 0.5, secondDecay: 0.25),
                    first: [0], second: [0]) == [[p], [1], [3]])
        }
        // g² = 4 is above 1, equal to 4 and below 6: s = 1 + 3, 4, 6 − 3. Without its bias it is 4/3 as large.
        for (s, new) in [(1.0, 4.0), (4, 4), (6, 3)] {
            let options = UpdateOptions(learningRate: 1, decay: 0.5, secondDecay: 0.25)
            let results = step(.yogi, options, first: [0], second: [s])
            #expect(results == [[8 - 2 / (new / 0.75).squareRoot()], [1], [new]])
        }
        // s = 8, √(8 + 1) = 3; √(8 + 1) = 3: d = 2.
        #expect(
            step(.adadelta, UpdateOptions(learningRate: 1, decay: 0.5, epsilon: 1), first: [12], second: [8])
                == [[6], [8], [6]])
    }
}
