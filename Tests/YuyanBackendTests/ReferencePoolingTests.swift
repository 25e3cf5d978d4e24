import Testing
import YuyanBackend

@Suite struct ReferencePoolingTests {
    private let nine = reference.buffer(counting(9) as [Float], [1, 1, 3, 3])
    private let sixteen = reference.buffer(counting(16) as [Float], [1, 1, 4, 4])

    @Test func poolsWindows() {
        let window = PoolingGeometry(size: [2, 2], stride: [1, 1])
        #expect(elements(reference.maxPool(nine, window).output) == [4, 5, 7, 8] as [Float])
        #expect(elements(reference.averagePool(nine, window)) == [2, 3, 5, 6] as [Float])
    }

    @Test(arguments: [
        (PoolingGeometry(size: [3, 3], stride: [3, 3]), [10] as [Float]),
        (PoolingGeometry(size: [3, 3], stride: [2, 2], padding: [1, 1]), [5, 7, 13, 15]),
        (PoolingGeometry(size: [2, 3], stride: [2, 3], padding: [0, 1]), [5, 7, 13, 15]),
    ])
    func findsMaxima(window: PoolingGeometry, expected: [Float]) {
        #expect(elements(reference.maxPool(sixteen, window).output) == expected)
    }

    @Test func paddingIsLessThanAnyNumber() {
        let x = reference.buffer([-5, -6, -7, -8] as [Float], [1, 1, 2, 2])
        let window = PoolingGeometry(size: [2, 2], stride: [2, 2], padding: [1, 1])
        #expect(elements(reference.maxPool(x, window).output) == [-5, -6, -7, -8] as [Float])
        #expect(elements(reference.averagePool(x, window)) == [-1.25, -1.5, -1.75, -2] as [Float])
        let infinite = reference.full([1, 1, 2, 2], .float32, -.infinity)
        let (output, workspace) = reference.maxPool(infinite, PoolingGeometry(size: [2, 2], stride: [2, 2]))
        #expect(elements(output) == [-.infinity] as [Float])
        #expect(elements(workspace) == [0] as [Int64])
    }

    @Test func poolsEveryPlane() {
        let x = reference.buffer(counting(16) as [Double], [2, 2, 2, 2]).swappingAxes(0, 1)
        let window = PoolingGeometry(size: [2, 2], stride: [2, 2])
        let (output, _) = reference.maxPool(x, window)
        #expect(output.shape == [2, 2, 1, 1])
        #expect(elements(output) == [3.0, 11, 7, 15])
        #expect(elements(reference.averagePool(x, window)) == [1.5, 9.5, 5.5, 13.5])
    }

    @Test func maximaPropagateNaN() {
        let x = reference.buffer([1, .nan, 3, 2, 5, 4] as [Float], [1, 1, 2, 3])
        let result = elements(
            reference.maxPool(x, PoolingGeometry(size: [2, 2], stride: [1, 1])).output, as: Float.self)
        #expect(result.map(\.isNaN) == [true, true])
    }

    @Test func sendsGradientsToMaxima() {
        let window = PoolingGeometry(size: [2, 2], stride: [1, 1])
        let x = reference.buffer([1, 9, 1, 1, 1, 1, 1, 1, 2] as [Float], [1, 1, 3, 3])
        let (output, workspace) = reference.maxPool(x, window)
        #expect(elements(output) == [9, 9, 1, 2] as [Float])
        #expect(elements(workspace) == [1, 1, 3, 8] as [Int64])
        let g = reference.buffer([1, 2, 3, 4] as [Float], [1, 1, 2, 2])
        let dx = reference.maxPoolGradient(g, workspace: workspace, inputShape: x.shape, window)
        #expect(elements(dx) == [0, 3, 0, 3, 0, 0, 0, 0, 4] as [Float])
    }

    @Test func sharesGradientsOfAverages() {
        let g = reference.buffer([4, 8, 12, 16] as [Float], [1, 1, 2, 2])
        let overlapping = PoolingGeometry(size: [2, 2], stride: [1, 1])
        let dx = reference.averagePoolGradient(g, inputShape: [1, 1, 3, 3], overlapping)
        #expect(elements(dx) == [1, 3, 2, 4, 10, 6, 3, 7, 4] as [Float])
        let padded = PoolingGeometry(size: [2, 2], stride: [2, 2], padding: [1, 1])
        let small = reference.averagePoolGradient(g, inputShape: [1, 1, 2, 2], padded)
        #expect(elements(small) == [1, 2, 3, 4] as [Float])
    }
}
