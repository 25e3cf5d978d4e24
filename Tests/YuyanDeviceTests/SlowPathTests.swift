import Testing
import Yuyan
import YuyanBackend

/// A profile names what has no fast path.
@Suite struct SlowPathTests {
    /// A convolution, a normalisation, a pooling and a linear layer, forward and backward.
    private func events(on device: Device, batchSize: Int = 2) -> [ProfileEvent] {
        withDevice(device) {
            let net = withSeed(1) {
                Sequential {
                    Conv2D(inputChannels: 16, outputChannels: 16, kernelSize: 3, padding: 1)
                    BatchNorm2D(channels: 16)
                    MaxPool2D(kernelSize: 2)
                    Conv2D(inputChannels: 16, outputChannels: 32, kernelSize: 1)
                    Flatten()
                    Linear(inputSize: 128, outputSize: 3)
                }
            }
            let x = withSeed(2) { Tensor.normal([batchSize, 16, 4, 4]) }
            let recorder = Recorder.ofModules()
            recorder.listen {
                var sum = Tensor.zeros([])
                recorder.measure(phase: "forward", scope: "loss") { sum = net(x).sum() }
                recorder.measure(phase: "backward", scope: "loss") { sum.backward() }
            }
            return recorder.events.filter { $0.kind == .kernel && $0.scope.contains("(") }
        }
    }

    @Test func everythingOnTheReferenceDeviceIsSlow() {
        let events = events(on: .reference)
        for name in ["convolution", "input gradient", "weight gradient", "batch norm", "max pool", "matmul a·bᵀ"] {
            #expect(events.contains { $0.name == name }, "\(name): \(events.map(\.name))")
        }
        #expect(Set(events.map(\.slowPath)) == [.reference])
        #expect(Set(events.map(\.implementation)) == ["Reference"])
    }

    #if OneDNN
        /// Without AVX2 oneDNN has none but gemm for the gradients, and for few channels.
        private static let hasKernels = Processor.instructionsInUse != "baseline"

        @Test func layersOfOrdinarySizesAreFast() {
            let events = events(on: .cpu)
            guard SlowPathTests.hasKernels else {
                #expect(events.contains { $0.name == "weight gradient" && $0.slowPath == .product }, "\(events)")
                return
            }
            #expect(events.filter { $0.slowPath != nil }.map { "\($0.scope): \($0.implementation)" } == [])
            #expect(events.contains { $0.name == "convolution" && $0.implementation != "own" })
        }

        /// No kernel takes a layer of integers, nor an empty batch.
        @Test func whatNoKernelTakesIsNamed() {
            func kernels(_ body: () -> Void) -> [ProfileEvent] {
                let recorder = Recorder.ofModules()
                recorder.listen { recorder.measure(phase: "forward", body) }
                return recorder.events.filter { $0.kind == .kernel }
            }
            withDevice(.cpu) {
                let (x, w) = (Tensor.zeros([0, 4, 6, 6]), Tensor.ones([8, 4, 3, 3]))
                let convolution = kernels { _ = conv2D(x, weight: w) }
                #expect(convolution.map(\.slowPath) == [.reference], "\(convolution)")
                let again = kernels { _ = conv2D(Tensor.ones([1, 4, 6, 6]), weight: w) }
                let expected: ProfileEvent.SlowPath? = SlowPathTests.hasKernels ? nil : .product
                #expect(again.contains { $0.name == "convolution" && $0.slowPath == expected }, "\(again)")
                let integers = Tensor([1, 2, 3, 4] as [Int64]).reshaped([2, 2])
                let product = kernels { _ = integers.matmul(integers) }
                #expect(product.map(\.slowPath) == [.reference], "\(product)")
            }
        }

        /// gemm is a convolution's slow path, by windows that are written out, and a product's fast one.
        @Test func implementationsAreJudgedByTheirNames() {
            func slowPath(_ name: String, _ implementation: String) -> ProfileEvent.SlowPath? {
                ProfileEvent.slowPath(of: name, computedBy: implementation)
            }
            for name in ["convolution", "convolution + relu", "input gradient", "weight gradient"] {
                for gemm in ["gemm:jit", "x64:gemm:jit"] { #expect(slowPath(name, gemm) == .product) }
                for plain in ["ref:any", "gemm:ref"] { #expect(slowPath(name, plain) == .oneDNNReference) }
                #expect(slowPath(name, "jit:avx512_core") == nil)
            }
            #expect(slowPath("matmul", "gemm") == nil)
            #expect(slowPath("matmul", "ref:any") == .oneDNNReference)
        }
    #endif
}
