import ArgumentParser
import Foundation
import Yuyan

/// The form of a network where it can be chosen.
struct NetworkOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Divide the channels and hidden units by n, of alexnet and the networks after it. (default: 1)",
            valueName: "n"))
    var widthRatio: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Resize images to n × n pixels, also those of other networks. (default: \(Recipe.imageSizes))",
            valueName: "n"))
    var resize: Int?

    /// More than networks of this kind are trained with; an image of it takes 4 MB for each channel.
    static let largestImage = 1024

    /// The recipe with what was asked for. Throws if its network does not have the choice.
    func applied(to recipe: Recipe) throws -> Recipe {
        var recipe = recipe
        if let widthRatio {
            guard widthRatio > 0 else {
                throw ValidationError("--width-ratio must be a whole number above 0, not '\(widthRatio)'.")
            }
            guard recipe.widthRatio != nil else {
                throw ValidationError("--width-ratio: the width of \(recipe.name) cannot be chosen.")
            }
            recipe = recipe.narrowed(by: widthRatio)
        }
        if let resize {
            guard recipe.dataImageSize != nil else {
                throw ValidationError("--resize: \(recipe.name) does not look at images.")
            }
            let sizes = recipe.minimumImageSize...NetworkOptions.largestImage
            guard sizes.contains(resize) else {
                throw ValidationError(
                    "--resize must be \(sizes.lowerBound) to \(sizes.upperBound) for \(recipe.name), not '\(resize)'.")
            }
            recipe = recipe.resized(to: resize)
        }
        return recipe
    }

    /// The same for the pictures in a folder; see `Recipe.reading(_:resizingTo:channelCount:augment:)`.
    func applied(to recipe: Recipe, data: String?, channelCount: Int? = nil) throws -> Recipe {
        let recipe = try applied(to: recipe)
        let folder = data.map { URL(fileURLWithPath: $0, isDirectory: true) }
        return try recipe.reading(folder, resizingTo: resize ?? recipe.imageSize, channelCount: channelCount)
    }

    /// Throws if something was asked for beside a run.
    func refuseBesideRun() throws {
        if widthRatio != nil { throw ValidationError("--width-ratio cannot be given: the run has its own.") }
        if resize != nil { throw ValidationError("--resize cannot be given: the run has its own.") }
    }
}
