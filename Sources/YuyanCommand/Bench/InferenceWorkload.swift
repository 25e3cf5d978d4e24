import Yuyan

/// A prediction to be timed: the networks and shapes of Benchmarks/torch_steps.py --inference.
struct InferenceWorkload: Sendable {
    var name: String
    var imageShape: [Int]
    var makeModel: @Sendable () -> Layer

    static let defaultBatchSizes = [1, 32]

    /// The training workloads that look at images, and those of predictions alone.
    static let all =
        Workload.all.compactMap { workload in
            workload.imageShape.map {
                InferenceWorkload(name: workload.name, imageShape: $0, makeModel: workload.makeModel)
            }
        } + predictionOnly

    static let predictionOnly = [
        InferenceWorkload(name: "densenet", imageShape: [1, 96, 96], makeModel: { makeDenseNet() }),
        InferenceWorkload(name: "efficientnet-lite0", imageShape: [3, 224, 224], makeModel: { EfficientNetLite0() }),
    ]

    /// Random images.
    func batch(of count: Int) -> Tensor { .normal(Shape([count] + imageShape)) }

    /// A network that only predicts.
    func makeNetwork() -> Layer { makeModel().inferenceCopy(example: batch(of: 1), makeModel) }
}
