import Testing
import YuyanBackend
import YuyanCore

/// Y[i,j] = Σ X[i..<i+h, j..<j+w] · K, element by element.
private func correlation(_ x: Tensor, _ kernel: Tensor) -> Tensor {
    let (height, width) = (kernel.shape[0], kernel.shape[1])
    var y = Tensor.zeros([x.shape[0] - height + 1, x.shape[1] - width + 1])
    for i in 0..<y.shape[0] {
        for j in 0..<y.shape[1] {
            y[i, j] = (x[i..<i + height, j..<j + width] * kernel).sum()
        }
    }
    return y
}

private func image(_ x: Tensor) -> Tensor { x.reshaped([1, 1] + Array(x.shape)) }

@Suite struct ConvolutionTests {
    @Test func nineByFour() {
        let x = Tensor.arange(9, dtype: .float32).reshaped([3, 3])
        let kernel: Tensor = [[0.0, 1.0], [2.0, 3.0]]
        expectElements(correlation(x, kernel), [2, 2], [19, 25, 37, 43] as [Float])
        let y = conv2D(image(x), weight: image(kernel))
        expectElements(y[0, 0], [2, 2], [19, 25, 37, 43] as [Float])
    }

    @Test func verticalEdges() {
        var x = Tensor.ones([6, 8])
        x[.all, 2..<6] = 0
        let kernel: Tensor = [[1.0, -1.0]]
        var expected = Tensor.zeros([6, 7])
        expected[.all, 1] = 1
        expected[.all, 5] = -1
        expectElements(correlation(x, kernel), [6, 7], expected.array(of: Float.self))
        expectElements(conv2D(image(x), weight: image(kernel))[0, 0], [6, 7], expected.array(of: Float.self))
        #expect(!conv2D(image(x.transposed()), weight: image(kernel)).any())
    }

    @Test func channels() {
        let x = stack([Tensor.arange(9), Tensor.arange(1, 10)]).cast(to: .float32).reshaped([1, 2, 3, 3])
        let kernel: Tensor = [[[0.0, 1.0], [2.0, 3.0]], [[1.0, 2.0], [3.0, 4.0]]]
        let weight = stack([kernel, kernel + 1, kernel + 2])
        let expected: [Float] = [56, 72, 104, 120, 76, 100, 148, 172, 96, 128, 192, 224]
        expectElements(conv2D(x, weight: weight), [1, 3, 2, 2], expected)
    }

    @Test func kernelsOfOneElementAreProducts() {
        let (x, weight) = withSeed(1) { (Tensor.normal([1, 3, 3, 3]), Tensor.normal([2, 3, 1, 1])) }
        let product = weight.reshaped([2, 3]).matmul(x.reshaped([3, 9])).reshaped([1, 2, 3, 3])
        expectClose(conv2D(x, weight: weight), product, tolerance: 1e-6)
    }

    @Test func layerShapes() {
        let y = conv2D(
            Tensor.ones([4, 2, 3, 5]), weight: Tensor.ones([3, 2, 3, 5]), bias: Tensor.ones([3]), padding: [1, 2])
        #expect(y.shape == [4, 3, 3, 5])
        #expect(y[0, 0, 1, 2].item() == 31)
    }

    @Test(
        arguments: [
            ([3, 3], [1, 1], [1, 1], [8, 8]), ([5, 3], [2, 1], [1, 1], [8, 8]), ([3, 3], [1, 1], [2, 2], [4, 4]),
            ([3, 5], [0, 1], [3, 4], [2, 2]),
        ] as [([Int], [Int], [Int], [Int])])
    func outputSizes(_ kernel: [Int], _ padding: [Int], _ stride: [Int], _ expected: [Int]) {
        let y = conv2D(
            Tensor.ones([1, 1, 8, 8]), weight: Tensor.ones(Shape([1, 1] + kernel)),
            stride: Size2D(height: stride[0], width: stride[1]), padding: Size2D(height: padding[0], width: padding[1]))
        #expect(Array(y.shape) == [1, 1] + expected)
    }

    @Test func tenLayersOfFiveByFive() throws {
        var shape: Shape = [1, 1, 240, 240]
        for _ in 0..<10 { shape = try Op.Conv2D.outputShape(shape, [1, 1, 5, 5], nil, .init(geometry: .init())) }
        #expect(shape == [1, 1, 200, 200])
    }

    @Test func shiftedInputsGiveShiftedOutputs() {
        let (x, weight) = withSeed(2) { (Tensor.normal([1, 1, 8, 8]), Tensor.normal([1, 1, 3, 3])) }
        var shifted = Tensor.zeros([1, 1, 8, 8])
        shifted[.all, .all, 1..., 2...] = x[.all, .all, ..<7, ..<6]
        let (y, z) = (conv2D(x, weight: weight), conv2D(shifted, weight: weight))
        expectClose(z[.all, .all, 1..., 2...], y[.all, .all, ..<5, ..<4])
    }
}

@Suite struct PoolingTests {
    private let nine = Tensor.arange(9, dtype: .float32).reshaped([1, 1, 3, 3])
    private let sixteen = Tensor.arange(16, dtype: .float32).reshaped([1, 1, 4, 4])

    @Test func windowsOfStrideOne() {
        expectElements(nine.maxPool2D(kernelSize: 2, stride: 1), [1, 1, 2, 2], [4, 5, 7, 8] as [Float])
        expectElements(nine.avgPool2D(kernelSize: 2, stride: 1), [1, 1, 2, 2], [2, 3, 5, 6] as [Float])
    }

    @Test func stridePaddingAndRectangles() {
        expectElements(sixteen.maxPool2D(kernelSize: 3), [1, 1, 1, 1], [10] as [Float])
        expectElements(
            sixteen.maxPool2D(kernelSize: 3, stride: 2, padding: 1), [1, 1, 2, 2], [5, 7, 13, 15] as [Float])
        expectElements(
            sixteen.maxPool2D(kernelSize: [2, 3], stride: [2, 3], padding: [0, 1]), [1, 1, 2, 2],
            [5, 7, 13, 15] as [Float])
    }

    @Test func paddingCountsAsInfinityOrZero() {
        let x = Tensor.full([1, 1, 2, 2], -4)
        expectElements(
            x.maxPool2D(kernelSize: 2, padding: 1), [1, 1, 2, 2], [-4, -4, -4, -4] as [Float])
        expectElements(
            x.avgPool2D(kernelSize: 2, padding: 1), [1, 1, 2, 2], [-1, -1, -1, -1] as [Float])
    }

    @Test func channelsArePooledSeparately() {
        let x = concatenate([sixteen, sixteen + 1], axis: 1)
        expectElements(
            x.maxPool2D(kernelSize: 3, stride: 2, padding: 1), [1, 2, 2, 2], [5, 7, 13, 15, 6, 8, 14, 16] as [Float])
    }
}
