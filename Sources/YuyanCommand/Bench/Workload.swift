import Yuyan

/// A training step to be timed: the networks, shapes and settings of Benchmarks/torch_steps.py.
struct Workload: Sendable {
    var name: String
    var batchSize: Int
    var makeModel: @Sendable () -> Sequential
    var makeBatch: @Sendable (_ size: Int) -> (inputs: Tensor, targets: Tensor)
    var loss: @Sendable (Tensor, Tensor) -> Tensor
    /// The shape of an image; nil if the inputs are none.
    var imageShape: [Int]?

    static let all = [
        Workload(
            name: "linear-regression", batchSize: 10, makeModel: makeLinearRegression,
            makeBatch: { (.normal([$0, 2]), .normal([$0, 1])) },
            loss: { meanSquaredError($0, $1) }),
        images("softmax-regression", { makeSoftmaxRegression() }),
        images("mlp", { makeMLP() }),
        images("dropout-mlp", { makeDropoutMLP() }),
        images("lenet", { makeLeNet() }),
        images("alexnet", batchSize: 32, size: 224, { makeAlexNet() }),
        images("vgg11-4", batchSize: 16, size: 224, { makeVGG11(widthRatio: 4) }),
        images("nin", batchSize: 16, size: 224, { makeNiN() }),
        images("googlenet", batchSize: 32, size: 96, { makeGoogLeNet() }),
        images("resnet18", batchSize: 32, size: 96, { makeResNet18() }),
    ]

    /// A classifier of square images of one channel, with random pixels and labels.
    private static func images(
        _ name: String, batchSize: Int = 256, size: Int = 28, _ makeModel: @escaping @Sendable () -> Sequential
    ) -> Workload {
        Workload(
            name: name, batchSize: batchSize, makeModel: makeModel,
            makeBatch: { count in
                let labels = (Tensor.uniform([count]) * 10).cast(to: .int64)
                return (.normal([count, 1, size, size]), labels)
            },
            loss: { crossEntropy($0, $1) }, imageShape: [1, size, size])
    }
}

/// A workload at work: a model, an optimizer and one batch that every step uses.
final class WorkloadRun {
    let workload: Workload
    let network: Sequential
    let inputs: Tensor
    let targets: Tensor
    let optimizer: SGD

    init(_ workload: Workload) {
        self.workload = workload
        network = workload.makeModel()
        (inputs, targets) = workload.makeBatch(workload.batchSize)
        optimizer = SGD(network.parameters(), learningRate: 0.01)
    }

    /// Forward, loss, backward and update.
    func step() {
        let loss = workload.loss(network(inputs), targets)
        optimizer.zeroGradients()
        loss.backward()
        optimizer.step()
    }
}
