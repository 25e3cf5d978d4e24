import ArgumentParser
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
        do {
            try network.loadWeights(from: weights)
        } catch {
            guard let names = recipe.otherNames, (try? network.loadWeights(from: weights, renaming: names)) != nil
            else {
                throw error
            }
        }
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
    init(_ modelOrRun: String, in root: RunsCommand.Root, weights: String?) throws {
        let file = weights.map { URL(fileURLWithPath: $0) }
        if let recipe = Recipe(argument: modelOrRun), let file {
            try self.init(recipe, weights: file)
        } else {
            try self.init(try root.run(modelOrRun), weights: file)
        }
    }
}

extension Run {
    /// The run of that name in `root`; without one a folder, or the name of a run in `runs/`. A path with a slash is
    /// taken as it stands.
    init(named name: String, in root: String?) throws {
        let folder = URL(fileURLWithPath: name, isDirectory: true)
        let isHere = root == nil && FileManager.default.fileExists(atPath: folder.path)
        if name.contains("/") || isHere {
            self = try Run(at: folder)
        } else {
            let root = URL(fileURLWithPath: root ?? RunsCommand.defaultRoot, isDirectory: true)
            self = try Run(at: root.appendingPathComponent(name, isDirectory: true))
        }
    }
}

extension Recipe.DataSettings {
    /// The data of a run, loaded as it says.
    init(_ configuration: RunConfiguration) {
        self.init(
            folder: configuration.dataFolder.map { URL(fileURLWithPath: $0, isDirectory: true) },
            batchSize: configuration.batchSize, limit: configuration.limit,
            validationFraction: configuration.validationFraction, workerCount: configuration.workers,
            seed: configuration.seed)
    }
}

extension RunConfiguration {
    /// The same run where its data are in another folder.
    func movedData(to folder: String, for recipe: Recipe) throws -> RunConfiguration {
        guard recipe.readsFiles else { throw ValidationError("--data: \(recipe.name) makes its own data.") }
        var moved = self
        // Absolute, so that the run can be continued from anywhere.
        moved.dataFolder = URL(fileURLWithPath: folder, isDirectory: true).path
        return moved
    }

    /// Throws unless the sets with these checksums are those of the run. A run of an older version knows none.
    func check(_ checksums: [String: String]) throws {
        let different = checksums.keys.sorted().first { name in
            dataChecksums?[name].map { $0 != checksums[name] } ?? false
        }
        guard let different else { return }
        throw DataError(
            path: dataFolder ?? FashionMNIST.systemFolder.path,
            reason: "the \(different) set is another than the run began with; "
                + "--data FOLDER names the place of the same files")
    }
}
