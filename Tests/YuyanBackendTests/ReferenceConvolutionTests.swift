import Testing
import YuyanBackend

@Suite struct ReferenceConvolutionTests {
    private func convolve(
        _ x: DeviceBuffer, _ w: DeviceBuffer, bias: DeviceBuffer? = nil,
        _ geometry: ConvolutionGeometry = ConvolutionGeometry()
    ) -> DeviceBuffer {
        reference.convolution(x, w, bias: bias, geometry)
    }

    /// 0 … 8 in a 3×3 plane with [[0, 1], [2, 3]].
    @Test func correlatesTwoDimensions() {
        let x = reference.buffer(counting(9) as [Float], [1, 1, 3, 3])
        let w = reference.buffer([0, 1, 2, 3] as [Float], [1, 1, 2, 2])
        let y = convolve(x, w)
        #expect(y.shape == [1, 1, 2, 2])
        #expect(elements(y) == [19, 25, 37, 43] as [Float])
        let bias = reference.buffer([0.5] as [Float])
        #expect(elements(convolve(x, w, bias: bias)) == [19.5, 25.5, 37.5, 43.5] as [Float])
        let padded = convolve(x, w, ConvolutionGeometry(padding: [1, 1]))
        #expect(elements(padded) == [0, 3, 8, 4, 9, 19, 25, 10, 21, 37, 43, 16, 6, 7, 8, 0] as [Float])
        let dilated = convolve(x, w, ConvolutionGeometry(dilation: [2, 2]))
        #expect(elements(dilated) == [2 + 12 + 24] as [Float])
    }

    @Test func findsEdges() {
        let row: [Float] = [1, 1, 0, 0, 0, 0, 1, 1]
        let x = reference.buffer([[Float]](repeating: row, count: 6).flatMap { $0 }, [1, 1, 6, 8])
        let w = reference.buffer([1, -1] as [Float], [1, 1, 1, 2])
        let edges: [Float] = [0, 1, 0, 0, 0, -1, 0]
        #expect(elements(convolve(x, w)) == [[Float]](repeating: edges, count: 6).flatMap { $0 })
        #expect(elements(convolve(x.swappingAxes(2, 3), w)) == [Float](repeating: 0, count: 8 * 5))
    }

    @Test(
        arguments: [
            (kernel: [3, 3], padding: [1, 1], stride: [1, 1], expected: [1, 1, 8, 8]),
            (kernel: [5, 3], padding: [2, 1], stride: [1, 1], expected: [1, 1, 8, 8]),
            (kernel: [3, 3], padding: [1, 1], stride: [2, 2], expected: [1, 1, 4, 4]),
            (kernel: [3, 5], padding: [0, 1], stride: [3, 4], expected: [1, 1, 2, 2]),
        ] as [(kernel: [Int], padding: SIMD2<Int32>, stride: SIMD2<Int32>, expected: Shape)])
    func hasOutputSize(kernel: [Int], padding: SIMD2<Int32>, stride: SIMD2<Int32>, expected: Shape) {
        let x = reference.full([1, 1, 8, 8], .float32, 1)
        let w = reference.full([1, 1, kernel[0], kernel[1]], .float32, 1)
        #expect(convolve(x, w, ConvolutionGeometry(stride: stride, padding: padding)).shape == expected)
    }

    @Test func addsChannels() {
        let x = reference.buffer(counting(9) + counting(9, from: 1) as [Float], [1, 2, 3, 3])
        let kernel: [Float] = [0, 1, 2, 3, 1, 2, 3, 4]
        #expect(elements(convolve(x, reference.buffer(kernel, [1, 2, 2, 2]))) == [56, 72, 104, 120] as [Float])
        let three = reference.buffer(kernel + kernel.map { $0 + 1 } + kernel.map { $0 + 2 }, [3, 2, 2, 2])
        let expected: [Float] = [56, 72, 104, 120, 76, 100, 148, 172, 96, 128, 192, 224]
        #expect(elements(convolve(x, three)) == expected)
    }

    @Test func keepsGroupsApart() {
        let x = reference.buffer([1, 2, 3, 4] as [Float], [1, 4, 1, 1])
        let w = reference.buffer([1, 10, 100, 1000] as [Float], [2, 2, 1, 1])
        #expect(elements(convolve(x, w, ConvolutionGeometry(groups: 2))) == [21, 4300] as [Float])
        let depthwise = reference.buffer([1, 2, 3, 4] as [Float], [4, 1, 1, 1])
        #expect(elements(convolve(x, depthwise, ConvolutionGeometry(groups: 4))) == [1, 4, 9, 16] as [Float])
    }

    @Test func hasExactGradients() {
        let x = reference.buffer(counting(9) as [Float], [1, 1, 3, 3])
        let w = reference.buffer([0, 1, 2, 3] as [Float], [1, 1, 2, 2])
        let g = reference.buffer([1, 2, 3, 4] as [Float], [1, 1, 2, 2])
        let geometry = ConvolutionGeometry()
        let inputGradient = reference.convolutionInputGradient(g, w, inputShape: x.shape, geometry)
        #expect(elements(inputGradient) == [0, 1, 2, 2, 10, 10, 6, 17, 12] as [Float])
        let gradients = reference.convolutionWeightGradient(g, x, weightShape: w.shape, geometry, includesBias: true)
        #expect(elements(gradients.weight) == [27, 37, 57, 67] as [Float])
        #expect(gradients.bias?.shape == [1])
        #expect(gradients.bias.map { elements($0) } == [10] as [Float])
    }

    /// ⟨g, conv(x, w)⟩ is linear in x and in w, so that ⟨x, dx⟩ = ⟨w, dw⟩ = ⟨g, y⟩; in whole numbers exactly.
    @Test(arguments: [
        ConvolutionGeometry(), ConvolutionGeometry(stride: [2, 1], padding: [1, 2]),
        ConvolutionGeometry(padding: [2, 1], dilation: [2, 3]),
        ConvolutionGeometry(stride: [2, 3], padding: [1, 1], dilation: [1, 2], groups: 2),
    ])
    func gradientsAreAdjoint(geometry: ConvolutionGeometry) {
        let wholeNumbers = { (shape: Shape, factor: Int) in
            reference.buffer((0..<shape.elementCount).map { Double($0 * factor % 11 - 5) }, shape)
        }
        let dot = { (a: DeviceBuffer, b: DeviceBuffer) -> Double in
            zip(elements(a, as: Double.self), elements(b, as: Double.self)).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let x = wholeNumbers([2, 7, 4, 8], 7).swappingAxes(1, 2)  // [2, 4, 7, 8], not contiguous
        let w = wholeNumbers([6, 4 / Int(geometry.groups), 3, 2], 5)
        let y = convolve(x, w, geometry)
        let g = wholeNumbers(y.shape, 3)
        let dx = reference.convolutionInputGradient(g, w, inputShape: x.shape, geometry)
        let dw = reference.convolutionWeightGradient(g, x, weightShape: w.shape, geometry, includesBias: false)
        #expect(dw.bias == nil)
        #expect(dot(g, y) != 0)
        #expect(dot(x, dx) == dot(g, y))
        #expect(dot(w, dw.weight) == dot(g, y))
    }

    @Test func handlesNoSamples() {
        let y = convolve(reference.full([0, 1, 3, 3], .float32, 0), reference.full([2, 1, 2, 2], .float32, 1))
        #expect(y.shape == [0, 2, 2, 2])
    }
}
