import Foundation
import Yuyan

/// What kind of pictures a folder holds, by the files in it.
enum PictureSource {
    case fashionMNIST
    case cifar10
    /// A folder for each class.
    case folders

    /// Throws if the folder is there, but holds nothing of that. A folder that is missing is Fashion-MNIST's, which says so.
    init(in folder: URL?) throws(DataError) {
        guard let folder, FileManager.default.fileExists(atPath: folder.path) else {
            self = .fashionMNIST
            return
        }
        if FashionMNIST.hasFiles(in: folder) {
            self = .fashionMNIST
        } else if CIFAR10.isPresent(in: folder) {
            self = .cifar10
        } else {
            self = .folders
        }
    }

    /// What people call it.
    var dataSet: String {
        switch self {
        case .fashionMNIST: "Fashion-MNIST"
        case .cifar10: "CIFAR-10"
        case .folders: "image folders"
        }
    }
}

extension Recipe {
    /// The recipe for other pictures.
    func adapted(to images: ImageSettings, dataSet: String) -> Recipe {
        var recipe = self
        recipe.images = images
        recipe.dataSet = dataSet
        recipe.sampleShape = images.shape
        // Not to be resized once more.
        recipe.dataImageSize = nil
        recipe.classNames = images.classNames
        recipe.chineseClassNames =
            switch images.classNames {
            case FashionMNIST.classNames: FashionMNIST.chineseClassNames
            case CIFAR10.classNames: CIFAR10.chineseClassNames
            default: nil
            }
        if dataSet != self.dataSet { recipe.curveRange = nil }
        recipe.makeBatches = { try PictureSource(in: $0.folder).batches(of: images, $0, $1) }
        return recipe
    }
}
