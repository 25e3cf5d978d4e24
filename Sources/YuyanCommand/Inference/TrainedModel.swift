import Foundation
import Yuyan

/// A recipe's network with the weights of a file.
struct TrainedModel {
    let recipe: Recipe
    let network: Sequential
    let weights: URL

    init(_ recipe: Recipe, weights: URL) throws {
        self.recipe = recipe
        self.weights = weights
        network = recipe.makeModel()
        try network.loadWeights(from: weights)
        network.eval()
    }
}
