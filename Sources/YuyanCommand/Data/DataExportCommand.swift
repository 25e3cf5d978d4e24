import ArgumentParser
import Foundation
import Yuyan

/// `yuyan data export NAME`: samples as picture files, such as `predict` reads.
struct DataExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write samples of a data set as PNG pictures, one file each.",
        discussion: """
            A picture is called by its place in the set and its class, such as 0000-ankle-boot.png.

            EXAMPLES:
              yuyan data export fashion-mnist --split test --output samples
              yuyan data export fashion-mnist --index 3 17 --output samples
              yuyan data export fashion-mnist --count 100 --seed 1 --output samples
            """)

    @Argument(help: "The data set.")
    var name: KnownDataset

    @Option(
        help: ArgumentHelp("Folder to write, a new or an empty one.", valueName: "folder"),
        completion: .directory)
    var output: String

    @Option(help: "Which part of it.")
    var split = DataShowCommand.Split.train

    @Option(
        parsing: .unconditional, help: ArgumentHelp("How many samples. (default: 10)", valueName: "n"))
    var count: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("These samples, counted from 0. (default: the first ones)", valueName: "n"))
    var index: [Int] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Draw the samples at random with this seed. (default: the first ones)", valueName: "n"))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp("Folder with the data set's files. (default: see yuyan data list)", valueName: "folder"),
        completion: .directory)
    var data: String?

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count must be a whole number above 0, not '\(count)'.") }
        if let negative = index.first(where: { $0 < 0 }) {
            throw ValidationError("--index must be 0 or above, not '\(negative)'.")
        }
        if !index.isEmpty, count != nil || seed != nil {
            throw ValidationError("--index cannot be given with --\(count != nil ? "count" : "seed").")
        }
        if data == "" { throw ValidationError("--data must be a folder, not ''.") }
        if output == "" { throw ValidationError("--output must be a folder, not ''.") }
    }

    func run() throws {
        let folder = data.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? name.folder
        let samples = try name.samples(split.rawValue, folder, pick)
        let names = zip(samples.indices, samples.labels).map { place, label in
            fileName(place, of: samples.count, name.classNames[label])
        }
        try Files.writeFolder(URL(fileURLWithPath: output, isDirectory: true)) { folder in
            for (row, name) in names.enumerated() {
                try Data(Image(samples.images[row]).pngData).write(to: folder.appendingPathComponent(name))
            }
        }
        let count = NumberText.grouped(names.count)
        let range = names.count == 1 ? names[0] : "\(names.first ?? "") … \(names.last ?? "")"
        let text =
            names.count == 1
            ? localized("1 picture in \(output): \(range)") : localized("\(count) pictures in \(output): \(range)")
        Terminal.standardOutput.write(text + "\n")
    }

    /// The places of the samples in ascending order, each once.
    private func pick(of total: Int) throws -> [Int] {
        func check(_ name: String, _ number: Int, _ limit: Int) throws {
            guard number <= limit else {
                let count = NumberText.grouped(total)
                throw ValidationError(
                    "--\(name) must be \(limit) at most, not '\(number)': the \(split) set holds \(count).")
            }
        }
        for place in index { try check("index", place, total - 1) }
        if !index.isEmpty { return Set(index).sorted() }
        if let count { try check("count", count, total) }
        let wanted = min(count ?? 10, total)
        guard let seed else { return Array(0..<wanted) }
        return RandomSampler(count: total, seed: seed).indices(epoch: 0).prefix(wanted).sorted()
    }

    /// With as many digits as the set's last place has, so that names are in the order of the samples.
    private func fileName(_ place: Int, of total: Int, _ className: String) -> String {
        let width = "\(total - 1)".count
        let digits = "\(place)"
        let zeros = String(repeating: "0", count: max(width - digits.count, 0))
        return "\(zeros)\(digits)-\(className.replacing(" ", with: "-")).png"
    }
}
