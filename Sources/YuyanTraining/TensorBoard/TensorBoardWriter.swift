import Foundation
import SwiftProtobuf
import TensorBoardEvents
import YuyanData
import YuyanCore

/// Writes numbers and pictures over the steps of a training into a file for TensorBoard.
///
///     let writer = try TensorBoardWriter(folder: URL(fileURLWithPath: "runs/lenet"))
///     try writer.add("loss/train", 0.25, step: 100)
///     try writer.add("filters", image, step: 100)
///
/// `tensorboard --logdir runs` shows each folder with such files as a run. Every call writes one record at once.
public final class TensorBoardWriter {
    private let file: RecordFile
    /// The file that is written.
    public var url: URL { file.url }

    /// Creates a file with a new name, and the folder if it is missing (those above it must be there).
    ///
    /// - Parameters:
    ///   - firstStep: if it is above 0, TensorBoard forgets what other files of the folder say about this step and
    ///     later ones: where a training that was interrupted goes on.
    /// - Throws: `DataError` if it cannot be created.
    public init(folder: URL, firstStep: Int = 0) throws(DataError) {
        if mkdir(folder.path, 0o777) != 0, errno != EEXIST {
            throw DataError(path: folder.path, reason: "cannot be created: \(String(cString: strerror(errno)))")
        }
        // TensorBoard reads the files of a folder in the order of their names.
        let second = Int(Date().timeIntervalSince1970)
        func url(_ number: Int) -> URL {
            folder.appendingPathComponent(
                "\(TensorBoardWriter.namePrefix)\(second).yuyan." + (number < 10 ? "0" : "") + "\(number)")
        }
        let number = (0..<100).first { !FileManager.default.fileExists(atPath: url($0).path) } ?? 100
        file = try RecordFile(creating: url(number))
        try write { $0.fileVersion = "brain.Event:2" }
        if firstStep > 0 {
            try write(step: firstStep) { $0.sessionLog = .with { $0.status = .start } }
        }
    }

    /// The beginning of the names that TensorBoard looks for.
    private static let namePrefix = "events.out.tfevents."

    /// Whether a folder has files for TensorBoard.
    static func hasFiles(in folder: URL) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.contains { $0.hasPrefix(namePrefix) }
    }

    /// Adds a number. Tags with equal text before a slash, such as `"loss/train"`, stand together.
    public func add(_ tag: String, _ value: Double, step: Int) throws(DataError) {
        try add(step) {
            $0.tag = tag
            $0.simpleValue = Float(value)
        }
    }

    /// Adds a picture.
    public func add(_ tag: String, _ image: Image, step: Int) throws(DataError) {
        try add(step) {
            $0.tag = tag
            $0.image = .with {
                $0.height = Int32(image.height)
                $0.width = Int32(image.width)
                $0.colorspace = Int32(image.channelCount)
                $0.encodedImageString = Data(image.pngData)
            }
        }
    }

    private func add(_ step: Int, _ fill: (inout Tensorboard_Summary.Value) -> Void) throws(DataError) {
        try write(step: step) { event in
            event.summary = .with { $0.value = [.with(fill)] }
        }
    }

    private func write(step: Int = 0, _ fill: (inout Tensorboard_Event) -> Void) throws(DataError) {
        var event = Tensorboard_Event()
        event.wallTime = Date().timeIntervalSince1970
        event.step = Int64(step)
        fill(&event)
        let bytes: [UInt8]
        // Only required fields that lack values fail, and there are none in this version of the language.
        do { bytes = try event.serializedBytes() } catch { failure("TensorBoardWriter: \(error)") }
        try file.append(bytes)
    }
}
