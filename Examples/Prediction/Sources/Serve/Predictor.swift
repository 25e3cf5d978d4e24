import Classifier
import Foundation
import Yuyan

/// The one classifier of the server. Requests come on any thread, and wait here for their turn on the one that computes.
@ComputeActor
final class Predictor {
    private let classifier: Classifier

    init(weights: URL) throws {
        classifier = try Classifier(weights: weights)
    }

    func predict(_ image: GrayImage) -> Prediction { classifier.predict(image) }
}
