import Foundation
import Yuyan

/// The table of rents as samples: of each row its numbers `[numberCount]`, its words one-hot `[wordCount]`, and the rent
/// `[1]`.
struct Rents {
    typealias Samples = TensorDataset<(Tensor, Tensor, Tensor)>

    private static let (numbers, words, target) = (["area", "year", "distance"], ["district", "heating"], "rent")

    let training: Samples
    let validation: Samples
    let test: Samples
    let numberCount: Int
    let wordCount: Int
    /// What has been read.
    let summary: String
    /// Makes numbers of mean 0 and deviation 1 of the columns, by the rows to train on.
    private let scale: Standardization

    /// Reads the table, or makes one up if the file is missing.
    init(contentsOf url: URL, seed: UInt64) throws {
        if !FileManager.default.fileExists(atPath: url.path) { try Rents.makeUp(at: url) }
        let table = try Table(contentsOf: url)
        let parts = try table.randomSplit([0.7, 0.15, 0.15], seed: seed)
        // Only the rows to train on may say what is usual: the others stand for flats that are not known yet.
        let first = parts[0]
        let scale = try Standardization(of: first, columns: Rents.numbers + [Rents.target])
        let oneHot = try OneHotEncoding(of: first, columns: Rents.words, includesMissing: true)
        func samples(_ part: Table) throws -> (numbers: Tensor, words: Tensor, rents: Tensor) {
            // After standardization 0 is the mean.
            let numbers = try scale.applied(to: part).fillingMissing(with: 0, in: Rents.numbers)
            return (
                try numbers.selecting(Rents.numbers).tensor(),
                try oneHot.applied(to: part.selecting(Rents.words)).tensor(),
                try numbers.selecting([Rents.target]).tensor()
            )
        }
        let all = try parts.map(samples)
        (numberCount, wordCount) = (all[0].numbers.shape[1], all[0].words.shape[1])
        let sets = all.map { Samples($0.numbers, $0.words, $0.rents) }
        (training, validation, test) = (sets[0], sets[1], sets[2])
        self.scale = scale
        let missing = table.missingCounts.values.reduce(0, +)
        summary = "\(table.rowCount) flats, \(missing) values missing; to train on: \(training.count)"
    }

    /// A rent in money from what the network computes with.
    func rent(_ standardized: Double) -> Double {
        standardized * scale.standardDeviations[Rents.target]! + scale.means[Rents.target]!
    }

    /// How far predictions are off, in money.
    var absoluteError: Metric {
        let deviation = scale.standardDeviations[Rents.target]!
        return Metric(
            "absolute_error", title: "off by",
            measure: { outputs, rents in .sum((outputs - rents).abs().sum(), count: rents.count) },
            transform: { $0 * deviation })
    }

    /// Writes 600 flats that do not exist: their rent is the area times a price that depends on the district, less for old
    /// houses and bad heating, and a tenth is chance. Some years and heatings are missing.
    private static func makeUp(at url: URL) throws {
        let districts = [("centre", 18.0), ("harbour", 15), ("hills", 13), ("north", 10)]
        let heatings = [("district", 1.0), ("gas", 0.97), ("stove", 0.85)]
        let count = 600
        let random = withSeed(7) { Tensor.uniform([count, 8]) }.array(of: Double.self)
        var lines = ["area,year,distance,district,heating,rent"]
        for row in 0..<count {
            let u = random[8 * row..<8 * (row + 1)].map { $0 }
            let (area, year, distance) = (20 + 100 * u[0] * u[0], (1900 + 120 * u[1]).rounded(), 12 * u[2])
            let district = districts[Int(u[3] * 4)]
            let heating = heatings[Int(u[4] * 3)]
            let price = district.1 * heating.1 * (0.8 + 0.2 * (year - 1900) / 120) * (1 - distance / 60)
            let rent = area * price * (0.9 + 0.2 * u[5])
            let cells = [
                String(format: "%.1f", area), u[6] < 0.1 ? "" : String(Int(year)), String(format: "%.1f", distance),
                district.0, u[7] < 0.1 ? "NA" : heating.0, String(format: "%.0f", rent),
            ]
            lines.append(cells.joined(separator: ","))
        }
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: url, options: .atomic)
    }
}
