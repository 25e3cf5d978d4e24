import ArgumentParser
import Foundation
import Yuyan

/// `yuyan data export NAME`: samples as picture files, such as `predict` reads.
struct DataExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write samples of a data set as PNG pictures, one file each.",
        discussion: """
            A picture is called by its place in the set and its class, such as 0000-ankle-boot.png. --per-class makes a folder for each class, such as 'yuyan train --data' reads.

            EXAMPLES:
              yuyan data export fashion-mnist --split test --output samples
              yuyan data export fashion-mnist --index 3 17 --output samples
              yuyan data export fashion-mnist --count 100 --seed 1 --output samples
              yuyan data export fashion-mnist --per-class 20 --output pictures
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
        parsing: .unconditional,
        help: ArgumentHelp("So many samples of each class, in a folder for each.", valueName: "n"))
    var perClass: Int?

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
        if let perClass, perClass < 1 {
            throw ValidationError("--per-class must be a whole number above 0, not '\(perClass)'.")
        }
        if let negative = index.first(where: { $0 < 0 }) {
            throw ValidationError("--index must be 0 or above, not '\(negative)'.")
        }
        let others = [("count", count != nil), ("per-class", perClass != nil), ("seed", seed != nil)].filter(\.1)
        if !index.isEmpty, let other = others.first?.0 {
            throw ValidationError("--index cannot be given with --\(other).")
        }
        if count != nil, perClass != nil {
            throw ValidationError("--count cannot be given with --per-class.")
        }
        if data == "" { throw ValidationError("--data must be a folder, not ''.") }
        if output == "" { throw ValidationError("--output must be a folder, not ''.") }
    }

    func run() throws {
        let folder = data.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? name.folder
        let samples = try name.samples(split.rawValue, folder, pick)
        let names = zip(samples.indices, samples.labels).map { place, label in
            let className = name.classNames[label].replacing(" ", with: "-")
            let file = fileName(place, of: samples.count, className)
            return perClass == nil ? file : "\(className)/\(file)"
        }
        try Files.writeFolder(URL(fileURLWithPath: output, isDirectory: true)) { folder in
            for (row, name) in names.enumerated() {
                let file = folder.appendingPathComponent(name)
                if perClass != nil {
                    let place = file.deletingLastPathComponent()
                    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
                }
                try Data(Image(samples.images[row]).pngData).write(to: file)
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
    private func pick(among labels: [Int]) throws -> [Int] {
        let total = labels.count
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
        let places = seed.map { RandomSampler(count: total, seed: $0).indices(epoch: 0) } ?? Array(0..<total)
        guard let perClass else { return places.prefix(count ?? 10).sorted() }
        let classes = Dictionary(grouping: places) { labels[$0] }
        for (label, className) in name.classNames.enumerated() {
            let found = classes[label]?.count ?? 0
            guard perClass <= found else {
                let count = NumberText.grouped(found)
                throw ValidationError(
                    "--per-class must be \(found) at most, not '\(perClass)': there are \(count) of '\(className)'.")
            }
        }
        return classes.values.flatMap { $0.prefix(perClass) }.sorted()
    }

    /// With as many digits as the set's last place has, so that names are in the order of the samples.
    private func fileName(_ place: Int, of total: Int, _ className: String) -> String {
        let width = "\(total - 1)".count
        let digits = "\(place)"
        let zeros = String(repeating: "0", count: max(width - digits.count, 0))
        return "\(zeros)\(digits)-\(className).png"
    }
}
