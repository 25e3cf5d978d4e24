import Foundation
import Yuyan

extension PictureSource {
    /// Batches of pictures that are changed as a run says.
    func batches(
        of images: ImageSettings, _ settings: Recipe.DataSettings, _ wanted: Set<DataSplit>
    ) throws -> Recipe.Batches {
        let folder = settings.folder ?? FashionMNIST.systemFolder
        var batches = Recipe.Batches()
        func check(_ names: [String]) throws {
            guard names == images.classNames else {
                let shown = [names, images.classNames].map { list in
                    list.prefix(5).map(\.abbreviated).joined(separator: ", ") + (list.count > 5 ? ", …" : "")
                }
                throw DataError(
                    path: folder.path, reason: "holds the classes \(shown[0]); the run was told of \(shown[1])")
            }
        }
        let needsTraining = !wanted.isDisjoint(with: [.train, .validation])
        switch self {
        case .fashionMNIST:
            try check(FashionMNIST.classNames)
            let training = needsTraining ? try FashionMNIST(.train, folder: folder) : nil
            let test = wanted.contains(.test) ? try FashionMNIST(.test, folder: folder) : nil
            try batches.add(
                training, test: test, settings, wanted: wanted, training: images.training,
                evaluation: images.evaluation)
            batches.checksums = { PictureSource.checksums(train: training?.checksum, test: test?.checksum) }
        case .cifar10:
            try check(CIFAR10.classNames)
            let training = needsTraining ? try CIFAR10(.train, folder: folder) : nil
            let test = wanted.contains(.test) ? try CIFAR10(.test, folder: folder) : nil
            try batches.add(
                training, test: test, settings, wanted: wanted, training: images.training,
                evaluation: images.evaluation)
            batches.checksums = { PictureSource.checksums(train: training?.checksum, test: test?.checksum) }
        case .folders:
            let data = try PictureFolders(folder, channelCount: images.channels)
            let names = data.training.base.classNames
            try check(names)
            let seed = settings.seed
            try batches.add(
                data.training, validation: data.validation, test: data.test, settings, wanted: wanted,
                training: images.training, evaluation: images.evaluation,
                deal: { try PictureFolders.deal($0, $1, seed: seed, classNames: names, folder: folder) })
            batches.checksums = { try data.checksums() }
            batches.check = { try data.checkPictures() }
        }
        return batches
    }

    private static func checksums(train: String?, test: String?) -> [String: String] {
        var sums: [String: String] = [:]
        sums[DataSplit.train.rawValue] = train
        sums[DataSplit.test.rawValue] = test
        return sums
    }
}
