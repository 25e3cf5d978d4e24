import Foundation
import Yuyan

/// A recipe's network with weights that it has learned.
struct TrainedModel {
    let recipe: Recipe
    let network: Sequential
    let weights: URL
    /// What the run was told, if the weights are those of one.
    let configuration: RunConfiguration?

    init(_ recipe: Recipe, weights: URL, configuration: RunConfiguration? = nil) throws {
        self.recipe = recipe
        self.weights = weights
        self.configuration = configuration
        network = recipe.makeModel()
        try network.loadWeights(from: weights)
        network.eval()
    }

    /// The model of a run, with the weights that it ended with, or others.
    init(_ run: Run, weights: URL? = nil) throws {
        let configuration = try run.configuration()
        guard let recipe = Recipe(argument: configuration.model) else {
            let known = Recipe.allValueStrings.joined(separator: ", ")
            throw DataError(
                path: run.configurationFile.path, reason: "the model is '\(configuration.model)'; there are \(known)")
        }
        if weights == nil, !FileManager.default.fileExists(atPath: run.weightsFile.path) {
            throw DataError(path: run.folder.path, reason: "has no weights yet: no epoch of the run has ended")
        }
        try self.init(recipe, weights: weights ?? run.weightsFile, configuration: configuration)
    }

    /// A model's name with the file of its weights, or the folder of a run.
    init(_ modelOrRun: String, weights: String?) throws {
        let file = weights.map { URL(fileURLWithPath: $0) }
        if let recipe = Recipe(argument: modelOrRun), let file {
            try self.init(recipe, weights: file)
        } else {
            try self.init(try Run(named: modelOrRun), weights: file)
        }
    }
}

extension Run {
    /// A folder, or the name of a run in `runs/`.
    init(named name: String) throws {
        let folder = URL(fileURLWithPath: name, isDirectory: true)
        if !name.contains("/"), !FileManager.default.fileExists(atPath: folder.path) {
            let root = URL(fileURLWithPath: RunsCommand.defaultRoot, isDirectory: true)
            self = try Run(at: root.appendingPathComponent(name, isDirectory: true))
        } else {
            self = try Run(at: folder)
        }
    }
}

extension Recipe.DataSettings {
    /// The data of a run, loaded between the steps.
    init(_ configuration: RunConfiguration) {
        self.init(
            folder: configuration.dataFolder.map { URL(fileURLWithPath: $0, isDirectory: true) },
            batchSize: configuration.batchSize, limit: configuration.limit, workerCount: 0, seed: configuration.seed)
    }
}
