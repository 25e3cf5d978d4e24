import ArgumentParser
import Foundation
import Yuyan

/// A recipe's network with weights that it has learned.
struct TrainedModel {
    let recipe: Recipe
    private(set) var network: Sequential
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

    /// The same, to predict faster: for many inputs, as making it costs the time of some.
    func forPrediction() -> TrainedModel {
        var result = self
        let example = withSeed(0) { Tensor.uniform(Shape([1] + Array(recipe.sampleShape))) }
        result.network = network.inferenceCopy(example: example) { recipe.network() }
        return result
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

    /// A model's name with the file of its weights, or the folder of a run, which has the form of its network.
    ///
    /// - Parameter data: a folder of pictures, whose classes the model of that name tells apart.
    init(
        _ modelOrRun: String, _ form: NetworkOptions, in root: RunsCommand.Root, weights: String?, data: String?
    ) throws {
        let file = weights.map { URL(fileURLWithPath: $0) }
        if let recipe = Recipe(argument: modelOrRun), let file {
            try self.init(recipe, form, weights: file, data: data)
        } else {
            try form.refuseBesideRun()
            try self.init(try root.run(modelOrRun), weights: file)
        }
    }

    /// A model without its run, for the pictures in a folder, or for Fashion-MNIST's.
    init(_ model: Recipe, _ form: NetworkOptions, weights: URL, data: String?) throws {
        let recipe = try form.applied(to: model, data: data)
        do {
            try self.init(recipe, weights: weights)
        } catch let error as DataError {
            // Colored pictures may have been taken as gray ones.
            if recipe.images?.channels == 3, let gray = try? form.applied(to: model, data: data, channelCount: 1),
                let trained = try? TrainedModel(gray, weights: weights)
            {
                self = trained
                return
            }
            guard recipe.dataImageSize != nil || recipe.images != nil, recipe.differsInSizes(from: weights)
            else { throw error }
            let options = recipe.widthRatio == nil ? "--data and --resize" : "--data, --resize and --width-ratio"
            throw DataError(path: error.path, reason: "\(error.reason); \(options) must be as in the training")
        }
    }
}

extension Recipe {
    /// Whether a file has the weights of such a network, but of other sizes.
    fileprivate func differsInSizes(from weights: URL) -> Bool {
        guard let state = try? Safetensors.load(from: weights) else { return false }
        let (own, other) = (network().stateDictionary().mapValues(\.shape), state.mapValues(\.shape))
        return Set(own.keys) == Set(other.keys) && own != other
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
            batchSize: settings.batchSize, limit: settings.limit, imageSize: settings.imageSize,
            validationFraction: settings.validationFraction,
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
        return (try recipe.with(settings, of: run), settings)
    }
}

extension Recipe {
    /// The recipe with the network's form of a run.
    fileprivate func with(_ settings: RecipeSettings, of run: Run) throws -> Recipe {
        var recipe = self
        // Of a file that people may have changed.
        func check(_ isPossible: Bool, _ reason: String) throws {
            guard isPossible else { throw DataError(path: run.configurationFile.path, reason: reason) }
        }
        if let ratio = settings.widthRatio {
            try check(widthRatio != nil && ratio > 0, "\(name) cannot have a width ratio of \(ratio)")
            recipe = recipe.narrowed(by: ratio)
        }
        if let images = settings.images {
            let isPossible =
                dataImageSize != nil && [1, 3].contains(images.channels) && !images.classNames.isEmpty
                && min(images.height, images.width) >= minimumImageSize
            try check(isPossible, "\(name) cannot take images of the shape \(images.shape)")
            recipe = recipe.adapted(to: images, dataSet: settings.dataSet)
        } else if let size = settings.imageSize ?? dataImageSize {
            let sizes = minimumImageSize...NetworkOptions.largestImage
            try check(dataImageSize != nil && sizes.contains(size), "\(name) cannot take images of \(size) pixels")
            recipe = recipe.resized(to: size)
        }
        return recipe
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
