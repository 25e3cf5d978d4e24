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
        network = recipe.network()
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
        let (recipe, _) = try configuration.recipe(of: run)
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
    init(_ settings: RecipeSettings, seed: UInt64) {
        self.init(
            folder: settings.dataFolder.map { URL(fileURLWithPath: $0, isDirectory: true) },
            batchSize: settings.batchSize, limit: settings.limit, validationFraction: settings.validationFraction,
            workerCount: settings.workers, seed: seed)
    }
}

extension RunConfiguration {
    /// What a run of `yuyan train` trains, and how. Throws if another program trains it, or another version of Yuyan.
    func recipe(of run: Run) throws -> (Recipe, RecipeSettings) {
        guard let settings = recipe else {
            throw DataError(
                path: run.folder.relativePath,
                reason: "is a run of the program '\(title)', which has its model: that program goes on with it; "
                    + "runs and report show it")
        }
        guard let recipe = Recipe(argument: settings.model) else {
            let known = Recipe.allValueStrings.joined(separator: ", ")
            throw DataError(
                path: run.configurationFile.path,
                reason: "the run trains '\(settings.model)', a model that this Yuyan does not have; it has \(known)")
        }
        return (recipe, settings)
    }
}

extension RecipeSettings {
    /// Takes the data from another folder.
    mutating func moveData(to folder: String, for recipe: Recipe) throws {
        guard recipe.readsFiles else { throw ValidationError("--data: \(recipe.name) makes its own data.") }
        // Absolute, so that the run can be continued from anywhere.
        dataFolder = URL(fileURLWithPath: folder, isDirectory: true).path
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
