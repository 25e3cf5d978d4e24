import Foundation
import Yuyan

/// LeNet with trained weights, which tells ten kinds of clothing apart.
///
/// It is not Sendable, as no model of Yuyan's is: use it on one thread, or keep it in an actor.
public final class Classifier {
    private let model: Sequential

    /// - Parameter weights: the `weights.safetensors` that `yuyan train lenet --output FOLDER` writes.
    public init(weights: URL) throws(DataError) {
        let trained = makeLeNet()
        try trained.loadWeights(from: weights)
        // A copy in evaluation mode that only predicts. A model with batch normalization gets faster by it; LeNet has none.
        model = trained.inferenceCopy(example: Tensor.zeros([1, 1, GrayImage.side, GrayImage.side])) { makeLeNet() }
    }

    /// The probability of each class.
    public func predict(_ image: GrayImage) -> Prediction {
        // [1, 1, 28, 28] in 0…1, as in training.
        let images = Tensor(image.pixels, shape: [1, 1, GrayImage.side, GrayImage.side]).cast(to: .float32) / 255
        // Without withoutGradients the model would remember what a gradient needs.
        let probabilities = withoutGradients { model(images).softmax(axis: 1) }
        return Prediction(probabilities: probabilities.array(of: Double.self))
    }
}

/// The classes of an image, the likeliest first.
public struct Prediction: Sendable, Encodable {
    public struct Candidate: Sendable, Encodable {
        public let name: String
        /// The number of the class in the data set, 0 to 9.
        public let label: Int
        /// 0 to 1; those of all classes add up to 1.
        public let probability: Double
    }

    public let classes: [Candidate]

    init(probabilities: [Double]) {
        classes = zip(FashionMNIST.classNames, probabilities).enumerated()
            .map { Candidate(name: $1.0, label: $0, probability: $1.1) }
            .sorted { $0.probability > $1.probability }
    }
}
