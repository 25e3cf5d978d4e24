import Classifier
import Foundation

/// The one classifier of the server. Requests come on any thread, and wait here for their turn.
actor Predictor {
    private let executor = ThreadExecutor(name: "predictor")
    private let classifier: Classifier

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(weights: URL) throws {
        classifier = try Classifier(weights: weights)
    }

    func predict(_ image: Image) -> Prediction { classifier.predict(image) }
}
