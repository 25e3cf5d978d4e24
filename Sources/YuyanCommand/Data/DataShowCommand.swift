import ArgumentParser
import Foundation
import Yuyan

/// `yuyan data show NAME`: some samples with their labels.
struct DataShowCommand: ParsableCommand {
    enum Split: String, CaseIterable, ExpressibleByArgument {
        case train
        case test
    }

    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show samples of a data set with their labels, as text or as a picture.",
        discussion: """
            EXAMPLES:
              yuyan data show fashion-mnist
              yuyan data show fashion-mnist --count 3 --split test
              yuyan data show fashion-mnist --seed 1 --output samples.png
            """)

    @Argument(help: "The data set.")
    var name: KnownDataset

    @Option(help: "Which part of it.")
    var split = Split.train

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How many samples, 1 to 400. (default: 8, in a picture 24)", valueName: "n"))
    var count: Int?

    @Option(help: ArgumentHelp("Folder with the data set's files. (default: see yuyan data list)", valueName: "folder"))
    var data: String?

    @Option(
        help: ArgumentHelp(
            "Picture to write, .png or .svg, with the numbers beside it as CSV. (default: text)", valueName: "file"))
    var output: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Draw the samples at random with this seed. (default: the first ones)", valueName: "n"))
    var seed: UInt64?

    func validate() throws {
        if let count, !(1...400).contains(count) {
            throw ValidationError("--count must be 1 to 400, not '\(count)'.")
        }
        if data == "" { throw ValidationError("--data must be a folder, not ''.") }
        try output.map(PictureFile.validate)
    }

    func run() throws {
        let wanted = count ?? (output == nil ? 8 : 24)
        let folder = data.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? name.folder
        let samples = try name.samples(split.rawValue, folder) { labels in
            let total = labels.count
            guard let seed else { return Array(0..<min(wanted, total)) }
            return Array(RandomSampler(count: total, seed: seed).indices(epoch: 0).prefix(wanted))
        }
        let captions = zip(samples.labels, samples.indices).map {
            "\(name.shownClassNames[$0])\n\(localized("no. \($1)"))"
        }
        let (shown, all) = (samples.indices.count, NumberText.grouped(samples.count))
        let set = localized(word: split.rawValue)
        let title = localized("\(name.name), \(set): \(shown) of \(all)")
        try PictureFile.show(.images(title, samples.images, captions: captions), output)
    }
}
