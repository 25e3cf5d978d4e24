import Testing
import Yuyan

/// The book's convolutional networks against PyTorch, at a sixteenth of their width: the same weights and images give the
/// same logits, losses over five steps, gradients, running statistics and weights.
@Suite struct NetworkComparisonTests {
    private static let networks: [(name: String, make: @Sendable () -> Sequential)] = [
        ("alexnet", { makeAlexNet(imageSize: 68, widthRatio: 16, dropout: 0) }),
        ("vgg11", { makeVGG11(imageSize: 64, widthRatio: 16, hiddenUnits: 256, dropout: 0) }),
        ("nin", { makeNiN(widthRatio: 16, dropout: 0) }),
        ("googlenet", { makeGoogLeNet(widthRatio: 16) }),
        ("lenet-batchnorm", { makeBatchNormLeNet(widthRatio: 2) }),
        ("resnet18", { makeResNet18(widthRatio: 16) }),
        ("torchvision-resnet18", { makeTorchvisionResNet18(classCount: 10, widthRatio: 16) }),
        ("densenet", { makeDenseNet(widthRatio: 16) }),
    ]

    /// The types and the errors that their results may have, relative to the largest number of the same kind. In float32
    /// PyTorch's own losses are up to 1e-5 from those in float64, its gradients more.
    private static let types: [(dtype: DType, tolerance: Double)] = [(.float32, 2e-4), (.float64, 1e-10)]

    @Test(arguments: networks.map(\.name))
    func fiveSteps(name: String) throws {
        let reference = try NetworkReference(name)
        let make = try #require(Self.networks.first { $0.name == name }).make
        for (dtype, tolerance) in Self.types {
            let net = make().cast(to: dtype)
            try net.load(reference.start)
            func compare(_ numbers: [Double], _ key: String) throws {
                let expected = try reference.numbers(key, dtype)
                #expect(numbers.count == expected.count, "\(key)")
                let largest = expected.map(abs).max() ?? 0
                let error = zip(numbers, expected).map { abs($0 - $1) }.max() ?? 0
                #expect(error <= tolerance * largest, "\(name) \(dtype) \(key): \(error) of \(largest)")
            }
            /// Relative to the largest norm: a bias before batch normalisation has no influence, and all of its gradient
            /// is rounding.
            func compareRows(_ rows: [[Double]], _ key: String) throws {
                let expected = try reference.numbers(key, dtype)
                let largest = stride(from: 0, to: expected.count, by: 5).map { expected[$0] }.max() ?? 0
                #expect(rows.count * 5 == expected.count)
                for (index, row) in rows.enumerated() {
                    let other = Array(expected[index * 5..<index * 5 + 5])
                    let error = zip(row, other).map { abs($0 - $1) }.max() ?? 0
                    #expect(error <= tolerance * largest, "\(name) \(dtype) \(key) \(index): \(row), PyTorch \(other)")
                }
            }
            let (images, labels) = (reference.images.cast(to: dtype), reference.labels)
            let optimizer = SGD(net.parameters(), learningRate: reference.settings.learningRate)
            var losses: [Double] = []
            for step in 0..<5 {
                let logits = net(images)
                let loss = crossEntropy(logits, labels)
                optimizer.zeroGradients()
                loss.backward()
                losses.append(loss.item())
                if step == 0 {
                    try compare(logits.array(of: Double.self), "logits")
                    try compareRows(net.parameters().map { NetworkReference.digest($0.gradient!) }, "gradients")
                    for (name, buffer) in net.namedBuffers() {
                        try compare(buffer.value.cast(to: .float64).array(of: Double.self), "running.\(name)")
                    }
                }
                optimizer.step()
            }
            #expect(Set(losses).count == 5)
            try compare(losses, "losses")
            try compareRows(net.parameters().map { NetworkReference.digest($0.value) }, "end")
            let evaluation = withoutGradients { net.evaluating { net(images) } }
            try compare(evaluation.array(of: Double.self), "evaluation")
        }
    }

    /// States written by the book's Python definitions and by torchvision's load by name.
    @Test func namesAndShapesOfPyTorch() throws {
        for (name, make) in Self.networks {
            let reference = try NetworkReference(name)
            let state = make().stateDictionary()
            #expect(state.keys.sorted() == reference.settings.names.sorted(), "\(name)")
            for (key, shape) in zip(reference.settings.names, reference.settings.shapes) {
                #expect(state[key].map { Array($0.shape) } == shape, "\(name) \(key)")
            }
        }
    }
}
