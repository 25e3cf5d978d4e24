import Testing
import Yuyan

/// CURRICULUM linreg-scratch and linreg-concise, on the synthetic data of d2l chapter 3: w = (2, −3.4), b = 4.2.
@Suite struct LinearRegressionTests {
    private let trueWeight: [Double] = [2, -3.4]
    private let trueBias = 4.2

    private func expectFound(_ w: Tensor, _ b: Tensor) {
        for (found, wanted) in zip(w.array(of: Double.self), trueWeight) { #expect(abs(found - wanted) < 0.003) }
        #expect(abs(b.item() - trueBias) < 0.003)
    }

    /// Everything by hand: ½ squared errors, summed, and p ← p − η g / |B|.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func scratch(seed: UInt64) {
        withSeed(seed) {
            let data = syntheticLinearData(weight: Tensor(trueWeight, dtype: .float32), bias: trueBias, count: 1000)
            let w = Parameter(.normal([2, 1], standardDeviation: 0.01))
            let b = Parameter(.zeros([1]))
            func squaredLoss(_ x: Tensor, _ y: Tensor) -> Tensor {
                let prediction = x.matmul(w) + b
                return (prediction - y.reshaped(prediction.shape)).squared() / 2
            }
            var losses: [Double] = []
            for _ in 0..<3 {
                let order = Tensor.permutation(1000)
                for start in stride(from: 0, to: 1000, by: 10) {
                    let indices = order[start..<start + 10]
                    squaredLoss(data.features[indices], data.labels[indices]).sum().backward()
                    for parameter in [w, b] {
                        parameter.value -= 0.03 * parameter.gradient! / 10
                        parameter.gradient = nil
                    }
                }
                losses.append(withoutGradients { squaredLoss(data.features, data.labels).mean().item() })
            }
            #expect((0.02...0.06).contains(losses[0]))
            #expect((0.00008...0.0003).contains(losses[1]))
            #expect((0.00004...0.00006).contains(losses[2]))  // the floor is σ²/2 = 5e-5
            expectFound(w.value, b.value)
        }
    }

    /// The same with layers, loss, optimizer and loader of the library. MSE has no ½, so steps are twice as long.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func concise(seed: UInt64) {
        withSeed(seed) {
            let data = syntheticLinearData(weight: Tensor(trueWeight, dtype: .float32), bias: trueBias, count: 1000)
            let batches = DataLoader(TensorDataset(data.features, data.labels), batchSize: 10, shuffle: true)
            let net = makeLinearRegression()
            let layer = net[0] as! Linear
            layer.weight.initialize(.normal(standardDeviation: 0.01))
            layer.bias!.initialize(.zeros)
            let optimizer = SGD(net.parameters(), learningRate: 0.03)
            var losses: [Double] = []
            for _ in 0..<3 {
                for (x, y) in batches {
                    let loss = meanSquaredError(net(x), y)
                    optimizer.zeroGradients()
                    loss.backward()
                    optimizer.step()
                }
                losses.append(withoutGradients { meanSquaredError(net(data.features), data.labels).item() })
            }
            #expect((0.0001...0.0004).contains(losses[0]))
            #expect((0.00008...0.00013).contains(losses[1]))  // the floor is σ² = 1e-4
            #expect((0.00008...0.00013).contains(losses[2]))
            #expect(layer.weight.shape == [1, 2])
            expectFound(layer.weight.value, layer.bias!.value)
        }
    }
}
