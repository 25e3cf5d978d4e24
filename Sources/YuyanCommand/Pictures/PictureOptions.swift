import ArgumentParser
import Foundation
import Yuyan

/// Random changes of the pictures to train on.
enum Augmentation: String, CaseIterable, ExpressibleByArgument {
    case flip
    case crop
    case rotate
    case color

    /// Common strengths: an eighth of the side to move by, 15 degrees, and a fifth of brightness, contrast and saturation.
    func transform(of shape: Shape) -> ImageTransform {
        switch self {
        case .flip: .randomHorizontalFlip()
        case .crop: .randomCrop([shape[1], shape[2]], padding: max(1, min(shape[1], shape[2]) / 8))
        case .rotate: .randomRotation(degrees: 15)
        case .color: .colorJitter(brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.05)
        }
    }
}

/// How the pictures to train on are read and changed.
struct PictureOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Change the pictures to train on at random, anew in each epoch: flip left and right, crop after moving by up "
                + "to an eighth, rotate by up to 15 degrees, change color a little. (default: none)",
            valueName: "change"))
    var augment: [Augmentation] = []

    @Flag(help: "Take colored pictures as gray ones.")
    var gray = false

    /// The first that was given.
    var given: String? { !augment.isEmpty ? "--augment" : gray ? "--gray" : nil }

    /// The recipe for the pictures in a folder. As it is for Fashion-MNIST without random changes.
    ///
    /// - Parameter side: height and width to resize to; nil keeps those of the pictures.
    func applied(to recipe: Recipe, folder: URL?, resizingTo side: Int?) throws -> Recipe {
        if recipe.dataImageSize == nil, let given {
            throw ValidationError("\(given): \(recipe.name) does not look at images.")
        }
        return try recipe.reading(folder, resizingTo: side, channelCount: gray ? 1 : nil, augment: augment)
    }
}

extension Recipe {
    /// The recipe for the pictures in a folder. As it is for Fashion-MNIST without random changes, and for other data.
    ///
    /// - Parameters:
    ///   - side: height and width to resize to; nil keeps those of the pictures.
    ///   - channelCount: 1 takes all pictures as gray, 3 as colored; nil as they are.
    ///   - augment: random changes of the pictures to train on.
    func reading(
        _ folder: URL?, resizingTo side: Int?, channelCount: Int? = nil, augment: [Augmentation] = []
    ) throws -> Recipe {
        guard dataImageSize != nil else { return self }
        let source = try PictureSource(in: folder)
        let place = folder ?? FashionMNIST.systemFolder
        let classNames: [String]
        let shape: Shape
        var transforms: ImageTransforms = []
        switch source {
        case .fashionMNIST:
            if augment.isEmpty { return self }
            classNames = FashionMNIST.classNames
            transforms.steps = imageSize.map { [.resize(Size2D($0))] } ?? []
            shape = try transforms.outputShape([1, FashionMNIST.side, FashionMNIST.side])
        case .cifar10:
            classNames = CIFAR10.classNames
            transforms = Recipe.fitting(Size2D(side ?? CIFAR10.side))
            if channelCount == 1 { transforms.steps.insert(.grayscale, at: 0) }
            shape = try transforms.outputShape([3, CIFAR10.side, CIFAR10.side])
        case .folders:
            let data = try PictureFolders(place, channelCount: channelCount)
            classNames = data.training.base.classNames
            if let side { transforms = Recipe.fitting(Size2D(side)) }
            do { shape = try data.outputShape(transforms) } catch {
                throw side == nil ? DataError(path: error.path, reason: "\(error.reason): --resize N") : error
            }
            // The pictures have that size; others that are predicted need not.
            if side == nil { transforms = Recipe.fitting([shape[1], shape[2]]) }
        }
        guard min(shape[1], shape[2]) >= minimumImageSize else {
            throw DataError(
                path: place.path,
                reason: "the pictures have \(shape[2]) × \(shape[1]) pixels; \(name) needs "
                    + "\(minimumImageSize) or more: --resize N makes them larger")
        }
        let changes = Augmentation.allCases.filter(augment.contains).map { $0.transform(of: shape) }
        let images = ImageSettings(
            classNames: classNames, shape: shape, training: ImageTransforms(transforms.steps + changes),
            evaluation: transforms)
        return adapted(to: images, dataSet: source.dataSet)
    }

    /// The middle of a picture, as large as can be, in this size; of sides that differ, all of it.
    private static func fitting(_ size: Size2D) -> ImageTransforms {
        size.height == size.width ? [.resizeShorterSide(size.height), .centerCrop(size)] : [.resize(size)]
    }
}
