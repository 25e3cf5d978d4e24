import Testing
import YuyanBackend

@Suite struct ReferenceOptimizerTests {
    @Test func descends() {
        let p = reference.buffer([1, 2] as [Float])
        let g = reference.buffer([4, -8] as [Float])
        reference.sgdUpdate([SGDUpdate(p, g)], SGDOptions(learningRate: 0.25))
        #expect(elements(p) == [0, 4] as [Float])
        #expect(elements(g) == [4, -8] as [Float])
    }

    @Test func decaysWeights() {
        let p = reference.buffer([2, -4] as [Double])
        let g = reference.buffer([1, 1] as [Double])
        reference.sgdUpdate([SGDUpdate(p, g)], SGDOptions(learningRate: 0.5, weightDecay: 0.25))
        #expect(elements(p) == [1.25, -4] as [Double])  // 2 − ½ (1 + ½), −4 − ½ (1 − 1)
    }

    @Test func gathersMomentum() {
        let p = reference.buffer([1] as [Double])
        let g = reference.buffer([2] as [Double])
        let v = reference.full([1], .float64, 0)
        let options = SGDOptions(learningRate: 0.125, momentum: 0.5)
        reference.sgdUpdate([SGDUpdate(p, g, velocity: v)], options)
        #expect(elements(v) == [2.0])
        #expect(elements(p) == [0.75])
        reference.sgdUpdate([SGDUpdate(p, g, velocity: v)], options)
        #expect(elements(v) == [3.0])
        #expect(elements(p) == [0.375])
    }

    @Test func updatesAnyLayout() {
        let p = reference.full([2, 2], .float32, 0)
        let g = reference.buffer([1, 2, 3, 4] as [Float], [2, 2])
        reference.sgdUpdate([SGDUpdate(p, g.swappingAxes(0, 1))], SGDOptions(learningRate: 1))
        #expect(elements(p) == [-1, -3, -2, -4] as [Float])
    }
}
