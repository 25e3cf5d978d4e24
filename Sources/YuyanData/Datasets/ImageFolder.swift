import Dispatch
import Foundation
import Synchronization
import YuyanCore

/// Pictures in folders, one folder for each class:
///
///     pictures/cat/1.jpg, pictures/cat/2.png, …
///     pictures/dog/1.jpg, …
///
/// Classes are sorted by name, and the pictures of a class too. Hidden files, and those that are called neither `.png`,
/// `.jpg` nor `.jpeg`, are passed over.
///
/// Sample i is an image, float32 `[C, H, W]` in 0…1, and its label, an int64 scalar. It is decoded when it is read, and read
/// as `Image.init(contentsOf:)` reads it. Images of several sizes make a batch once a `TransformedDataset` gives them one.
public struct ImageFolder: LabeledDataset {
    /// Where the folders of the classes are.
    public let folder: URL
    /// The classes' names, those of their folders.
    public let classNames: [String]
    /// The picture of each sample.
    public let files: [URL]
    public let labels: [Int]
    /// 1 for gray images, 3 for colors.
    public let channelCount: Int
    /// Height and width of each picture, as its header says.
    private let sizes: [Size2D]

    /// Lists the pictures, and looks at the first and last bytes of each, so that a file that is none or is cut off is found
    /// at once; `checkPictures()` finds all damage.
    ///
    /// - Parameters:
    ///   - folder: holds a folder for each class.
    ///   - channelCount: 1 makes all images gray, 3 colored; by default they are gray if no picture has colors.
    /// - Throws: `DataError` if there is no class or a class without pictures, or a picture cannot be read; it names the
    ///   file or the folder.
    public init(_ folder: URL, channelCount: Int? = nil) throws(DataError) {
        guard channelCount == nil || channelCount == 1 || channelCount == 3 else {
            failure("ImageFolder: channelCount must be 1 or 3, not \(channelCount ?? 0)")
        }
        let names = try Files.names(in: folder)
        let classes = names.filter { Files.isFolder(folder.appendingPathComponent($0)) }
        guard !classes.isEmpty else {
            let hasPictures = names.contains(where: ImageFolder.isPicture)
            throw DataError(
                path: folder.path,
                reason: hasPictures
                    ? "holds images, but no folders: it must hold one for each class, with the images of the class"
                    : "holds no images: it must hold a folder for each class, with PNG or JPEG images")
        }
        var (files, labels, sizes): ([URL], [Int], [Size2D]) = ([], [], [])
        var isColored = false
        for (label, name) in classes.enumerated() {
            let place = folder.appendingPathComponent(name, isDirectory: true)
            let pictures = try Files.names(in: place).filter(ImageFolder.isPicture)
            guard !pictures.isEmpty else {
                throw DataError(path: place.path, reason: "holds no PNG or JPEG images; each class needs some")
            }
            for picture in pictures {
                let file = place.appendingPathComponent(picture)
                let found = try Image.glance(at: file)
                files.append(file)
                labels.append(label)
                sizes.append(found.size)
                isColored = isColored || found.isColored
            }
        }
        self.init(
            folder: folder, classNames: classes, files: files, labels: labels,
            channelCount: channelCount ?? (isColored ? 3 : 1), sizes: sizes)
    }

    private init(
        folder: URL, classNames: [String], files: [URL], labels: [Int], channelCount: Int, sizes: [Size2D]
    ) {
        self.folder = folder
        self.classNames = classNames
        self.files = files
        self.labels = labels
        self.channelCount = channelCount
        self.sizes = sizes
    }

    private static func isPicture(_ name: String) -> Bool {
        let name = name.lowercased()
        return [".png", ".jpg", ".jpeg"].contains { name.hasSuffix($0) }
    }

    public var count: Int { files.count }

    /// A decoded image and its label. Throws `DataError` if the file cannot be read.
    public subscript(index: Int) -> (Tensor, Tensor) {
        get throws {
            let image = try Image(contentsOf: files[index])
            return (image.tensor(channelCount: channelCount), Tensor(Int64(labels[index])))
        }
    }

    /// Decodes all pictures once, on all cores, so that damage in the middle of a file is found before a training starts.
    ///
    /// - Throws: `DataError` if one cannot be read; it names the first.
    public func checkPictures() throws(DataError) {
        let found = Mutex((next: 0, damage: [(index: Int, error: DataError)]()))
        DispatchQueue.concurrentPerform(iterations: ProcessInfo.processInfo.activeProcessorCount) { _ in
            while true {
                // No more than the pictures in front of one that is damaged.
                let index = found.withLock { state -> Int? in
                    guard state.next < count, state.damage.isEmpty else { return nil }
                    defer { state.next += 1 }
                    return state.next
                }
                guard let index else { return }
                do throws(DataError) { _ = try Image(contentsOf: files[index]) } catch {
                    found.withLock { $0.damage.append((index, error)) }
                }
            }
        }
        if let first = found.withLock({ $0.damage.min { $0.index < $1.index } }) { throw first.error }
    }

    /// The same pictures in gray, or with three channels.
    public func withChannels(_ channelCount: Int) -> ImageFolder {
        guard channelCount == 1 || channelCount == 3 else {
            failure("ImageFolder: the channels must be 1 or 3, not \(channelCount)")
        }
        return ImageFolder(
            folder: folder, classNames: classNames, files: files, labels: labels, channelCount: channelCount,
            sizes: sizes)
    }

    /// The shape of all images after the transforms.
    ///
    /// - Throws: `DataError` if a transform cannot be applied to one of them, or they come out in several sizes; it names the
    ///   file.
    public func outputShape(_ transforms: ImageTransforms) throws(DataError) -> Shape {
        var known: [Size2D: Shape] = [:]
        var first: (file: URL, size: Size2D, shape: Shape)?
        for (file, size) in zip(files, sizes) where known[size] == nil {
            let shape: Shape
            do {
                shape = try transforms.outputShape([channelCount, size.height, size.width])
            } catch {
                throw DataError(path: file.path, reason: error.reason)
            }
            known[size] = shape
            guard let first else {
                first = (file, size, shape)
                continue
            }
            guard shape == first.shape else {
                throw DataError(
                    path: file.path,
                    reason: "has \(size.width) × \(size.height) pixels, \(first.file.lastPathComponent) "
                        + "\(first.size.width) × \(first.size.height): images of several sizes must be resized to one")
            }
        }
        return first?.shape ?? [channelCount, 0, 0]
    }

    /// The CRC-32 of the classes' names and the files' bytes as eight hexadecimal digits: the same for the same pictures in
    /// another place. All files are read.
    ///
    /// - Throws: `DataError` if one cannot be read.
    public func checksum() throws(DataError) -> String {
        var checksum = Checksum()
        for (file, label) in zip(files, labels) {
            checksum.add(Array(classNames[label].utf8))
            checksum.add(try Files.read(file, limit: Image.largestFile))
        }
        return checksum.text
    }
}

extension Image {
    /// Float32 `[C, H, W]` in 0…1, gray for one channel; a gray picture has its values three times for three.
    public func tensor(channelCount channels: Int) -> Tensor {
        switch (channels, channelCount) {
        case (1, _): return grayscale().tensor
        case (3, 3): return tensor
        case (3, _):
            // In host memory: loading threads must not wake the pool of the compute thread.
            let gray = tensor.array(of: Float.self)
            return Tensor(gray + gray + gray, shape: [3, height, width])
        default: failure("Image.tensor: the channels must be 1 or 3, not \(channels)")
        }
    }
}
