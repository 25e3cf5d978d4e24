import Testing
import YuyanCore

/// `x += y` keeps the shape and element type of x, or ends the process.
@Suite struct InPlaceTests {
    @Test func operatorsKeepShapeAndType() {
        var x: Tensor = [[1.0, 2.0], [3.0, 4.0]]
        let row: Tensor = [1.0, 2.0]
        x += row
        expectElements(x, [2, 2], [2, 4, 4, 6] as [Float])
        x -= 1
        x *= row
        x /= Tensor(2)
        expectElements(x, [2, 2], [0.5, 3, 1.5, 5] as [Float])
        x += Tensor([1, 1])
        x -= 0.5
        x *= 2
        x /= 2
        expectElements(x, [2, 2], [1, 3.5, 2, 5.5] as [Float])
        var integers = Tensor([1, 2])
        integers += 3
        integers *= Tensor([2, 2])
        integers -= Tensor([true, false])
        expectElements(integers, [2], [7, 10] as [Int])
        let p = Parameter([1.0, 2.0])
        p.value -= 0.5 * Tensor([2.0, 2.0])
        expectElements(p.value, [2], [0, 1] as [Float])
    }

    @Test func anotherShape() async {
        let subtracted = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let b = Parameter(.zeros([1]))
            b.value -= Tensor.ones([10, 1])
        }
        expectText(
            subtracted, "-=: the result must have the shape and element type of what it replaces",
            "left   = float32 [1]", "right  = float32 [10, 1]", "result = float32 [10, 1]", "x = x - … may change them")
        let added = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var x = Tensor.ones([])
            x += Tensor.ones([3])
        }
        expectText(added, "+=: ", "float32 []", "float32 [3]")
        let multiplied = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var x = Tensor.ones([3])
            x *= Parameter(.ones([1, 3]))
        }
        expectText(multiplied, "*=: ", "result = float32 [1, 3]")
        let divided = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var x = Tensor.ones([1])
            x /= Tensor.ones([2])
        }
        expectText(divided, "/=: ", "result = float32 [2]")
    }

    @Test func anotherType() async {
        let number = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var x = Tensor([1, 2])
            x += 0.5
        }
        expectText(number, "+=: ", "left   = int64 [2]", "result = float32 [2]", "x = x + … may change them")
        let divided = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var x = Tensor([1, 2])
            x /= 2
        }
        expectText(divided, "/=: ", "left   = int64 [2]", "result = float32 [2]")
        let wide = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var x = Tensor.ones([2])
            x -= Tensor.ones([2], dtype: .float64)
        }
        expectText(wide, "-=: ", "left   = float32 [2]", "right  = float64 [2]", "result = float64 [2]")
        let flags = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var x = Tensor([true])
            x *= 2
        }
        expectText(flags, "*=: ", "left   = bool [1]", "result = int64 [1]")
    }
}
