import Foundation

extension ImageFolder {
    /// Pictures in folders for each part, and in these a folder for each class:
    ///
    ///     pictures/train/cat/1.jpg, …
    ///     pictures/val/cat/1.jpg, …      (or validation)
    ///     pictures/test/cat/1.jpg, …
    public struct Splits: Sendable {
        /// `train`.
        public var training: ImageFolder
        /// `val` or `validation`; nil if there is none.
        public var validation: ImageFolder?
        /// `test`; nil if there is none.
        public var test: ImageFolder?

        /// Reads the parts as `ImageFolder.init` does. All are gray unless a picture of any has colors.
        ///
        /// - Throws: `DataError` if a part cannot be read, or a class is missing in one of them.
        public init(_ folder: URL, channelCount: Int? = nil) throws(DataError) {
            func part(_ names: [String]) throws(DataError) -> ImageFolder? {
                let places = names.map { folder.appendingPathComponent($0, isDirectory: true) }
                guard let place = places.first(where: Files.isFolder) else { return nil }
                return try ImageFolder(place, channelCount: channelCount)
            }
            guard let training = try part([Splits.trainingName]) else {
                throw DataError(path: folder.path, reason: "has no folder '\(Splits.trainingName)'")
            }
            let validation = try part(Splits.validationNames)
            let test = try part([Splits.testName])
            let others = [validation, test].compactMap { $0 }
            for other in others {
                for (one, two) in [(training, other), (other, training)] {
                    if let missing = one.classNames.first(where: { !two.classNames.contains($0) }) {
                        throw DataError(
                            path: two.folder.path,
                            reason:
                                "lacks the class '\(missing.abbreviated)', which \(one.folder.lastPathComponent) has")
                    }
                }
            }
            let channels = ([training] + others).map(\.channelCount).max() ?? training.channelCount
            self.training = training.withChannels(channels)
            self.validation = validation?.withChannels(channels)
            self.test = test?.withChannels(channels)
        }

        /// Whether a folder has a part to train on and another.
        public static func isPresent(in folder: URL) -> Bool {
            func has(_ name: String) -> Bool { Files.isFolder(folder.appendingPathComponent(name)) }
            return has(trainingName) && (validationNames + [testName]).contains(where: has)
        }

        private static let trainingName = "train"
        private static let validationNames = ["val", "validation"]
        private static let testName = "test"
    }
}
