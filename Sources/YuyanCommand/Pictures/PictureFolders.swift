import Foundation
import Yuyan

/// The pictures of a folder in three parts: those to train on, those to test with, and perhaps those to validate with.
///
/// Below `train` and `test` or `val` they are what these are called; with `val` alone, it is what is tested with. Of folders
/// of classes alone, a fifth of each class is kept back to test with, the same for all runs.
struct PictureFolders {
    /// In a random order, always the same one, so that the first ones are of all classes.
    let training: Subset<ImageFolder>
    /// nil if they are to be kept back of those to train on.
    let validation: Subset<ImageFolder>?
    let test: Subset<ImageFolder>
    /// All folders that are read, by the parts' names.
    private let folders: [(name: String, data: ImageFolder)]

    private static let testFraction = 0.2

    /// Throws `DataError` if the pictures cannot be read, or there are too few.
    init(_ folder: URL, channelCount: Int?) throws(DataError) {
        func mixed(_ data: ImageFolder) -> Subset<ImageFolder> {
            Subset(data, RandomSampler(count: data.count, seed: 0).indices(epoch: 0))
        }
        if ImageFolder.Splits.isPresent(in: folder) {
            let splits = try ImageFolder.Splits(folder, channelCount: channelCount)
            training = mixed(splits.training)
            validation = splits.test == nil ? nil : splits.validation.map(mixed)
            guard let tested = splits.test ?? splits.validation else {
                throw DataError(path: folder.path, reason: "has no folder 'test' or 'val'")
            }
            test = mixed(tested)
            var folders = [(name: "train", data: splits.training)]
            if let data = splits.validation { folders.append((name: "validation", data: data)) }
            if let data = splits.test { folders.append((name: "test", data: data)) }
            self.folders = folders
        } else {
            let data = try ImageFolder(folder, channelCount: channelCount)
            let all = mixed(data)
            let parts = try PictureFolders.deal(
                all, [1 - PictureFolders.testFraction, PictureFolders.testFraction], seed: 0,
                classNames: data.classNames, folder: folder)
            training = Subset(data, parts[0].indices.map { all.indices[$0] })
            test = Subset(data, parts[1].indices.map { all.indices[$0] })
            validation = nil
            folders = [(name: "train", data: data)]
        }
        let names = training.base.classNames
        guard names.count > 1 else {
            throw DataError(
                path: training.base.folder.path,
                reason: "holds one class, '\(names[0].abbreviated)'; a classifier tells two or more apart")
        }
    }

    /// Class by class. Throws an error that names the class of which there are too few.
    static func deal<Source: LabeledDataset>(
        _ data: Source, _ fractions: [Double], seed: UInt64, classNames: [String], folder: URL
    ) throws(DataError) -> [Subset<Source>] {
        do {
            return try data.stratifiedSplit(fractions, seed: seed)
        } catch {
            let counts = data.labels.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            guard let rare = counts.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }), rare.value < 2 else {
                throw DataError(path: folder.path, reason: error.reason)
            }
            throw DataError(
                path: folder.path,
                reason:
                    "of the class '\(classNames[rare.key].abbreviated)' there is 1 image, and one is needed to train on "
                    + "and another to keep back")
        }
    }

    /// The shape of all pictures after the transforms. Throws an error that names the one which has another.
    func outputShape(_ transforms: ImageTransforms) throws(DataError) -> Shape {
        let first = try folders[0].data.outputShape(transforms)
        for (_, data) in folders.dropFirst() {
            let shape = try data.outputShape(transforms)
            guard shape == first else {
                throw DataError(
                    path: data.folder.path,
                    reason:
                        "has images of \(shape[2]) × \(shape[1]) pixels, \(folders[0].data.folder.lastPathComponent) "
                        + "\(first[2]) × \(first[1]): images of several sizes must be resized to one")
            }
        }
        return first
    }

    /// Throws an error that names a picture which cannot be decoded.
    func checkPictures() throws(DataError) {
        for (_, data) in folders { try data.checkPictures() }
    }

    func checksums() throws(DataError) -> [String: String] {
        var sums: [String: String] = [:]
        for (name, data) in folders { sums[name] = try data.checksum() }
        return sums
    }
}
