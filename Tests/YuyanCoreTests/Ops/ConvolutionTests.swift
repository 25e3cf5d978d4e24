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

@Suite struct ConvolutionFormTests {
    /// An even kernel has its extra zero at the end: y[i] = x[i] + 10 · x[i + 1].
    @Test func samePaddingHasMoreAtTheEnd() {
        let y = conv1D(([[[1.0, 2, 3]]] as Tensor), weight: ([[[1.0, 10]]] as Tensor), padding: .same)
        expectElements(y, [1, 1, 3], [21, 32, 3] as [Float])
        let z = conv1D(([[[1.0, 2, 3]]] as Tensor), weight: ([[[1.0, 10, 100, 1000]]] as Tensor), padding: .same)
        expectElements(z, [1, 1, 3], [10 + 200 + 3000, 1 + 20 + 300, 2 + 30] as [Float])
        #expect(
            conv2D(Tensor.ones([2, 3, 1, 1]), weight: Tensor.ones([4, 3, 5, 2]), padding: .same).shape == [2, 4, 1, 1])
    }

    /// As TensorFlow lays the zeros: ⌈n/s⌉ windows, and of an odd number of zeros the one more after the last element.
    @Test func samePaddingWithAStride() {
        let w = ([[[1.0, 10, 100]]] as Tensor)
        // One zero, at the end: windows 1 2 3 and 3 4 0.
        let y = conv1D(([[[1.0, 2, 3, 4]]] as Tensor), weight: w, stride: 2, padding: .same)
        expectElements(y, [1, 1, 2], [321, 43] as [Float])
        // Two: windows 0 1 2, 2 3 4 and 4 5 0.
        let z = conv1D(([[[1.0, 2, 3, 4, 5]]] as Tensor), weight: w, stride: 2, padding: .same)
        expectElements(z, [1, 1, 3], [210, 432, 54] as [Float])
        // None, where the windows do not even meet.
        let apart = conv1D(([[[1.0, 2, 3, 4, 5]]] as Tensor), weight: ([[[2.0]]] as Tensor), stride: 3, padding: .same)
        expectElements(apart, [1, 1, 2], [2, 8] as [Float])
        for size in 1...9 {
            let image = conv2D(
                Tensor.ones([1, 2, size, 9]), weight: Tensor.ones([4, 1, 3, 2]), stride: [3, 2], padding: .same,
                dilation: [2, 1], groups: 2)
            #expect(image.shape == [1, 4, (size + 2) / 3, 5])
        }
    }

    /// As products of matrices over channels, by groups: one sample, one place.
    @Test func groupsSeeTheirOwnChannels() {
        let (x, w) = withSeed(3) { (Tensor.normal([3, 6, 1, 1]), Tensor.normal([4, 3, 1, 1])) }
        let y = conv2D(x, weight: w, groups: 2).reshaped([3, 4])
        let (left, right) = (x.reshaped([3, 6]), w.reshaped([4, 3]))
        let expected = concatenate(
            [
                left[.all, ..<3].matmul(right[..<2].transposed()), left[.all, 3...].matmul(right[2...].transposed()),
            ], axis: 1)
        expectClose(y, expected)
    }

    @Test func sequencesAreImagesOfOneRow() {
        let (x, w, b) = withSeed(4) { (Tensor.normal([2, 4, 9]), Tensor.normal([6, 2, 3]), Tensor.normal([6])) }
        let y = conv1D(x, weight: w, bias: b, stride: 2, padding: 2, dilation: 2, groups: 2)
        let image = conv2D(
            x.reshaped([2, 4, 9, 1]), weight: w.reshaped([6, 2, 3, 1]), bias: b, stride: [2, 1], padding: [2, 0],
            dilation: [2, 1], groups: 2)
        expectClose(y, image.squeezingShape(at: 3))
    }

    /// ⟨conv(x), g⟩ = ⟨x, convTranspose(g)⟩ for every x and g.
    @Test func theTransposeIsTheTranspose() {
        let (x, w) = withSeed(5) { (Tensor.normal([2, 4, 7, 8]), Tensor.normal([6, 2, 3, 2])) }
        let y = conv2D(x, weight: w, stride: [2, 3], padding: 1, dilation: [1, 2], groups: 2)
        let g = withSeed(6) { Tensor.normal(y.shape) }
        let back = convTranspose2D(
            g, weight: w, stride: [2, 3], padding: 1, outputPadding: [0, 1], dilation: [1, 2], groups: 2)
        #expect(back.shape == x.shape)
        expectClose((y * g).sum(), (x * back).sum(), tolerance: 1e-4)  // sums of hundreds of products
    }

    /// d2l, chapter 14.10.
    @Test func theTransposeByHand() {
        let x = ([[[[0.0, 1], [2, 3]]]] as Tensor)
        expectElements(
            convTranspose2D(x, weight: x), [1, 1, 3, 3], [0, 0, 1, 0, 4, 6, 4, 12, 9] as [Float])
        expectElements(
            convTranspose2D(x, weight: x, stride: 2), [1, 1, 4, 4],
            [0, 0, 0, 1, 0, 0, 2, 3, 0, 2, 0, 3, 4, 6, 6, 9] as [Float])
        expectElements(convTranspose2D(x, weight: x, padding: 1), [1, 1, 1, 1], [4] as [Float])
    }

    @Test func emptyBatchesAndViews() {
        let w = Parameter(.ones([3, 2, 2, 2]))
        let y = conv2D(Tensor.zeros([0, 2, 4, 4]), weight: w, padding: .same)
        #expect(y.shape == [0, 3, 4, 4])
        y.sum().backward()
        expectClose(w.gradient!, .zeros([3, 2, 2, 2]), tolerance: 0)
        #expect(convTranspose2D(Tensor.zeros([0, 3, 4, 4]), weight: w, stride: 2).shape == [0, 2, 8, 8])
        #expect(conv1D(Tensor.zeros([0, 2, 4]), weight: Tensor.ones([3, 2, 2])).shape == [0, 3, 3])
        let (x, kernel) = withSeed(7) { (Tensor.normal([9, 5, 4, 2]), Tensor.normal([4, 3, 2, 3])) }
        let (view, turned) = (x.permuted([3, 2, 1, 0]), kernel.permuted([3, 0, 1, 2]))
        expectClose(
            conv2D(view, weight: turned, padding: .same), conv2D(copy(view), weight: copy(turned), padding: .same),
            tolerance: 1e-5)
        let filter = kernel.permuted([0, 3, 1, 2])
        expectClose(
            convTranspose2D(view, weight: filter, stride: 2),
            convTranspose2D(copy(view), weight: copy(filter), stride: 2),
            tolerance: 1e-5)
    }

    private func copy(_ x: Tensor) -> Tensor { Tensor(x.array(of: Float.self), shape: x.shape) }

    @Test func whatDoesNotFitTraps() async {
        let rank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = conv1D(Tensor.zeros([2, 3, 4, 4]), weight: Tensor.zeros([4, 3, 3]))
        }
        expectText(rank, "conv1D: input and weight must have 3 axes", "input [N, C, L]", "4 axes")
        let fit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = conv1D(Tensor.zeros([2, 3, 4]), weight: Tensor.zeros([4, 3, 5]))
        }
        expectText(fit, "conv1D: the kernel must fit into the padded input", "padding = 0", "dilation = 1")
        let stride = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = conv1D(Tensor.zeros([2, 3, 4]), weight: Tensor.zeros([4, 3, 3]), stride: 0)
        }
        expectText(stride, "conv1D: stride, dilation and groups must be above 0", "stride = 0")
        let channels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = convTranspose2D(Tensor.zeros([2, 3, 4, 4]), weight: Tensor.zeros([4, 3, 3, 3]))
        }
        expectText(
            channels, "convTranspose2D: input channels must equal weight.shape[0]", "weight [C, O/groups, kH, kW]",
            "C = 3", "C = 4")
        let bias = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = convTranspose2D(
                Tensor.zeros([2, 4, 4, 4]), weight: Tensor.zeros([4, 3, 3, 3]), bias: Tensor.zeros([3]), groups: 2)
        }
        expectText(bias, "convTranspose2D: the bias must have one element for each output channel", "so O = 6")
        let padding = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = convTranspose2D(Tensor.zeros([2, 4, 1, 1]), weight: Tensor.zeros([4, 3, 3, 3]), padding: 2)
        }
        expectText(padding, "convTranspose2D: the padding leaves nothing of the output", "H' = -1")
        let more = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = convTranspose2D(
                Tensor.zeros([2, 4, 1, 1]), weight: Tensor.zeros([4, 3, 3, 3]), stride: 2, outputPadding: 2)
        }
        expectText(more, "convTranspose2D: outputPadding must be 0 or more, and below the stride", "outputPadding = 2")
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

    /// Of 5 × 5 with windows of 2: the last ones have one row or column.
    @Test func lastWindowsMayReachBeyondTheEnd() {
        let x = Tensor.arange(25, dtype: .float32).reshaped([1, 1, 5, 5])
        expectElements(
            x.maxPool2D(kernelSize: 2, roundsUp: true), [1, 1, 3, 3], [6, 8, 9, 16, 18, 19, 21, 23, 24] as [Float])
        expectElements(
            x.avgPool2D(kernelSize: 2, roundsUp: true), [1, 1, 3, 3],
            [3, 5, 6.5, 13, 15, 16.5, 20.5, 22.5, 24] as [Float])
        // A window that began in the padding behind the image is none.
        #expect(x.maxPool2D(kernelSize: 2, stride: 3, padding: 1, roundsUp: true).shape == [1, 1, 2, 2])
        #expect(Tensor.ones([1, 1, 1, 1]).maxPool2D(kernelSize: 2, roundsUp: true).shape == [1, 1, 1, 1])
    }

    @Test func paddingCountsOrNot() {
        let x = Tensor.full([1, 1, 3, 3], -4)
        let counted = x.avgPool2D(kernelSize: 3, stride: 2, padding: 1)
        expectClose(counted, Tensor.full([1, 1, 2, 2], -4 * 4.0 / 9))
        expectElements(
            x.avgPool2D(kernelSize: 3, stride: 2, padding: 1, countsPadding: false), [1, 1, 2, 2],
            [-4, -4, -4, -4] as [Float])
    }

    /// Rows 0…2 and 2…4 of 5, columns 0…1, 1…2 and 2…3 of 4.
    @Test func adaptiveWindowsOverlapWhereTheyMust() {
        let x = Tensor.arange(20, dtype: .float32).reshaped([1, 1, 5, 4])
        expectElements(
            x.adaptiveMaxPool2D(outputSize: [2, 3]), [1, 1, 2, 3], [9, 10, 11, 17, 18, 19] as [Float])
        expectClose(
            x.adaptiveAvgPool2D(outputSize: [2, 3]), ([[[[4.5, 5.5, 6.5], [12.5, 13.5, 14.5]]]] as Tensor),
            tolerance: 1e-6)
        expectClose(x.adaptiveAvgPool2D(outputSize: 1), ([[[[9.5]]]] as Tensor), tolerance: 1e-6)
        expectElements(x.adaptiveMaxPool2D(outputSize: [5, 4]), [1, 1, 5, 4], x.array(of: Float.self))
        let small = ([[[[1.0, 2]]]] as Tensor)
        expectElements(small.adaptiveAvgPool2D(outputSize: [2, 3]), [1, 1, 2, 3], [1, 1.5, 2, 1, 1.5, 2] as [Float])
        #expect(Tensor.zeros([0, 3, 5, 5]).adaptiveAvgPool2D(outputSize: 2).shape == [0, 3, 2, 2])
        #expect(Tensor.zeros([0, 3, 5, 5]).adaptiveMaxPool2D(outputSize: 2).shape == [0, 3, 2, 2])
    }

    @Test func dilatedWindows() {
        expectElements(
            sixteen.maxPool2D(kernelSize: 2, stride: 1, dilation: 2), [1, 1, 2, 2], [10, 11, 14, 15] as [Float])
        // The element before the padded corner is skipped, not the one in it.
        let x = ([[[[9.0, 1, 2], [3, 4, 5], [6, 7, 8]]]] as Tensor)
        expectElements(
            x.maxPool2D(kernelSize: 2, stride: 1, padding: 1, dilation: 2), [1, 1, 3, 3],
            [4, 5, 4, 7, 9, 7, 4, 5, 4] as [Float])
    }

    /// Every form for images of views and of many channels, against the reference device in Double.
    @Test func allFormsInAllLayouts() {
        let forms: [(Tensor) -> Tensor] = [
            { $0.maxPool2D(kernelSize: 3, stride: 2, roundsUp: true) },
            { $0.maxPool2D(kernelSize: 2, stride: 1, padding: 1, dilation: 3) },
            { $0.avgPool2D(kernelSize: 3, stride: 2, padding: 1, roundsUp: true, countsPadding: false) },
            { $0.avgPool2D(kernelSize: 2, roundsUp: true) }, { $0.adaptiveAvgPool2D(outputSize: [3, 5]) },
            { $0.adaptiveMaxPool2D(outputSize: [3, 5]) }, { $0.adaptiveAvgPool2D(outputSize: [13, 2]) },
            { $0.adaptiveAvgPool2D(outputSize: 1) },
        ]
        for (shape, order) in [
            ([2, 3, 9, 8], [0, 1, 2, 3]), ([8, 9, 2, 16], [2, 3, 1, 0]), ([2, 9, 8, 32], [0, 3, 1, 2]),
        ] {
            let x = withSeed(8) { Tensor.normal(Shape(shape)) }
            for (place, form) in forms.enumerated() {
                let function: (Tensor) -> Tensor = { form($0.permuted(order)) }
                let y = function(x)
                let weights = withSeed(9) { Tensor.normal(y.shape) }
                func wide(_ x: Tensor) -> Tensor { x.cast(to: .float64).to(.reference) }
                func narrow(_ x: Tensor) -> Tensor { x.cast(to: .float32).to(.current) }
                expectClose(y, narrow(function(wide(x))), "form \(place) of \(shape)")
                let found = gradients(of: { (function($0[0]) * $0[1]).sum() }, at: [x, weights])
                let wanted = gradients(of: { (function($0[0]) * $0[1]).sum() }, at: [wide(x), wide(weights)])
                expectClose(found[0], narrow(wanted[0]), "gradient of form \(place) of \(shape)")
            }
        }
    }

    @Test func whatDoesNotFitTraps() async {
        let size = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([1, 1, 4, 4]).adaptiveAvgPool2D(outputSize: 0)
        }
        expectText(size, "adaptiveAvgPool2D: outputSize must be above 0, not 0")
        let rank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([1, 4, 4]).adaptiveMaxPool2D(outputSize: 2)
        }
        expectText(rank, "adaptiveMaxPool2D: the input must have 4 axes, with rows and columns", "[1, 4, 4]")
        let dilation = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([1, 1, 4, 4]).maxPool2D(kernelSize: 3, dilation: 2)
        }
        expectText(dilation, "maxPool2D: the window must fit into the padded input", "dilation = 2, 2")
        let padding = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([1, 1, 4, 4]).avgPool2D(kernelSize: 2, padding: 2)
        }
        expectText(
            padding, "avgPool2D: kernelSize, stride and dilation must be above 0, padding 0 to half the kernelSize")
    }
}
