import Testing
import Yuyan

/// Layers in bfloat16 from float32 parameters.
@Suite struct PrecisionTests {
    private func makeNet() -> Sequential {
        Sequential {
            Linear(inputSize: 6, outputSize: 16)
            ReLU()
            Linear(inputSize: 16, outputSize: 3)
        }
    }

    private func step(_ net: Sequential, _ optimizer: some Optimizer, _ x: Tensor, _ labels: Tensor) -> Double {
        let loss = crossEntropy(net(x), labels)
        optimizer.zeroGradients()
        loss.backward()
        optimizer.step()
        return loss.item()
    }

    @Test func parametersAreReadRounded() {
        let w = Parameter(Tensor([1.001, 2, -3]))
        #expect(w.tensor.dtype == .float32)
        withPrecision(.bfloat16) {
            #expect(w.tensor.dtype == .bfloat16)
            #expect(w.tensor.array(of: Float.self) == [1, 2, -3])
            #expect(w.value.array(of: Float.self) == [1.001, 2, -3])
            // A new value is rounded anew.
            w.value = Tensor([5.01, 6, 7])
            #expect(w.tensor.array(of: Float.self) == [5, 6, 7])
            let double = Parameter(Tensor([1.001], dtype: .float64))
            #expect(double.tensor.dtype == .float64)
        }
        #expect(w.tensor.dtype == .float32)
        #expect(Precision.current == .float32)
    }

    @Test func gradientsAreThoseOfFloat32ButForRounding() {
        withSeed(1) {
            let net = makeNet()
            let (x, labels) = (Tensor.normal([8, 6]), Tensor([0, 1, 2, 0, 1, 2, 0, 1]))
            crossEntropy(net(x), labels).backward()
            let expected = net.parameters().map { $0.gradient! }
            for parameter in net.parameters() { parameter.gradient = nil }
            withPrecision(.bfloat16) {
                let y = net(x)
                #expect(y.dtype == .bfloat16)
                let loss = crossEntropy(y, labels)
                #expect(loss.dtype == .float32)
                loss.backward()
            }
            for (parameter, gradient) in zip(net.parameters(), expected) {
                let found = parameter.gradient!
                #expect(found.dtype == .float32)
                // Each of the few factors and sums is rounded to 8 bits.
                let error = (found - gradient).abs().max().item() / gradient.abs().max().item()
                #expect(error < 0.05 && error > 0, "\(parameter.shape): \(error)")
            }
        }
    }

    /// The step writes the rounded parameter, which must be the parameter rounded.
    @Test(arguments: ["sgd", "momentum", "adam"]) func stepsRefreshTheRoundedParameters(_ name: String) {
        withSeed(2) {
            let net = makeNet()
            let (x, labels) = (Tensor.normal([8, 6]), Tensor([0, 1, 2, 0, 1, 2, 0, 1]))
            func train(_ optimizer: some Optimizer) {
                withPrecision(.bfloat16) {
                    for _ in 0..<3 { _ = step(net, optimizer, x, labels) }
                    for parameter in net.parameters() {
                        let rounded = parameter.value.cast(to: .bfloat16)
                        #expect(parameter.tensor.hostArray == rounded.hostArray)
                        #expect(parameter.value.dtype == .float32)
                    }
                }
            }
            switch name {
            case "sgd": train(SGD(net.parameters(), learningRate: 0.3))
            case "momentum": train(SGD(net.parameters(), learningRate: 0.3, momentum: 0.9))
            default: train(Adam(net.parameters(), learningRate: 0.01))
            }
        }
    }

    /// What a graph has read of a parameter stays as it was.
    @Test func stepsLeaveEarlierReadingsAlone() {
        let w = Parameter(Tensor([1.0, 2]))
        let optimizer = SGD([w], learningRate: 1)
        withPrecision(.bfloat16) {
            let before = w.tensor
            (w.tensor * Tensor([3.0, 4])).sum().backward()
            optimizer.step()
            #expect(before.array(of: Float.self) == [1, 2])
            #expect(w.tensor.array(of: Float.self) == [-2, -2])
        }
    }

    @Test func trainsAsFloat32Does() {
        func losses(_ precision: Precision) -> [Double] {
            withSeed(3) {
                withPrecision(precision) {
                    let net = makeNet()
                    let optimizer = SGD(net.parameters(), learningRate: 0.5)
                    let x = Tensor.normal([30, 6])
                    let labels = x[0..., 0..<3].argmax(axis: 1)
                    return (0..<60).map { _ in step(net, optimizer, x, labels) }
                }
            }
        }
        let (exact, rounded) = (losses(.float32), losses(.bfloat16))
        #expect(exact.last! < 0.5 * exact.first!)
        #expect(abs(rounded.last! - exact.last!) < 0.05)
        #expect(rounded != exact)
    }

    /// A convolution, pooling and batch of images in bfloat16, with the results of float32 but for rounding.
    @Test func convolves() {
        withSeed(4) {
            let net = Sequential {
                Conv2D(inputChannels: 1, outputChannels: 4, kernelSize: 3, padding: 1)
                Sigmoid()
                AvgPool2D(kernelSize: 2)
                Flatten()
                Linear(inputSize: 64, outputSize: 3)
            }
            let x = Tensor.uniform([5, 1, 8, 8])
            let (exact, rounded) = (net(x), withPrecision(.bfloat16) { net(x) })
            #expect(rounded.dtype == .bfloat16)
            let error = (rounded.cast(to: .float32) - exact).abs().max().item()
            #expect(error < 0.02 && error > 0)
        }
    }

    @Test func availability() {
        #expect(throws: Never.self) { try Precision.float32.check(on: .current) }
        let error = #expect(throws: PrecisionError.self) { try Precision.bfloat16.check(on: .reference) }
        #expect("\(error!)" == "bfloat16 gains nothing on the device reference, which computes in float32 for it")
    }
}
