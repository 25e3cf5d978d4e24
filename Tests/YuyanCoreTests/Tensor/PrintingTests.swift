import Testing
import YuyanCore

@Suite struct PrintingTests {
    private func text(_ x: Tensor) -> String { "\(x)" }

    @Test func numbers() {
        #expect(text(Tensor(3)) == "3")
        #expect(text(3.5) == "3.5000")
        #expect(text(Tensor([1, -20])) == "[  1, -20]")
        #expect(text(Tensor([true, false])) == "[ true, false]")
        #expect(text([[1, -2.5], [0, 3.25]]) == "[[ 1.0000, -2.5000],\n [ 0.0000,  3.2500]]")
        #expect(text(.arange(8).reshaped([2, 2, 2])) == "[[[0, 1],\n  [2, 3]],\n\n [[4, 5],\n  [6, 7]]]")
    }

    @Test func typesOtherThanTheCommonOnesAreNamed() {
        #expect(text(Tensor([1.0], dtype: .float64)) == "[1.0000] float64")
        #expect(text(Tensor([1] as [Int32])) == "[1] int32")
        #expect(text(Tensor([1.5] as [Float]).cast(to: .bfloat16)) == "[1.5000] bfloat16")
    }

    @Test func emptyTensors() {
        #expect(text(.zeros([0])) == "[]")
        #expect(text(.zeros([2, 0])) == "[[],\n []]")
    }

    @Test func unusualNumbers() {
        #expect(text(Tensor([Float.nan, 1, -.infinity])) == "[   nan, 1.0000,   -inf]")
        #expect(text(Tensor([1e-9, 1] as [Float])) == "[1.0000e-09, 1.0000e+00]")
        #expect(text(Tensor([2e8] as [Float])) == "[2.0000e+08]")
        #expect(text(Tensor([0, 0] as [Float])) == "[0.0000, 0.0000]")
    }

    @Test func largeTensorsAreShortened() {
        #expect(text(.arange(2000)) == "[   0,    1,    2, ..., 1997, 1998, 1999]")
        #expect(text(.zeros([2000, 1], dtype: .int64)) == "[[0],\n [0],\n [0],\n ...,\n [0],\n [0],\n [0]]")
    }

    /// Only what is shown is formatted, and looked at for the width.
    @Test func printingTakesNoLongerForLargerTensors() {
        let row = "[0.0000, 0.0000, 0.0000, ..., 0.0000, 0.0000, 0.0000]"
        let start = ContinuousClock.now
        let large = text(Tensor.zeros([1, 1]).broadcast(to: [60_000, 784]))
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(large == "[\(row),\n \(row),\n \(row),\n ...,\n \(row),\n \(row),\n \(row)]")
        let wide = [1, 1, 1] + [Int](repeating: 123_456, count: 394) + [1, 1, 1]
        let hidden = Tensor([[Int](repeating: 1, count: 400), [Int](repeating: 2, count: 400), wide, wide])
        #expect(
            text(hidden.transposed()) == "[[1, 2, 1, 1],\n [1, 2, 1, 1],\n [1, 2, 1, 1],\n ...,\n "
                + "[1, 2, 1, 1],\n [1, 2, 1, 1],\n [1, 2, 1, 1]]")
    }

    @Test func parameters() {
        #expect("\(Parameter([1.0, 2.0]))" == "Parameter([1.0000, 2.0000])")
    }
}
