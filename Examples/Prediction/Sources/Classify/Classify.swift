import ArgumentParser
import Classifier
import Foundation

@main
struct Classify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what kind of clothing is on images of 28 × 28 gray pixels.",
        discussion:
            "An image is a file of 784 bytes, row after row: 0 is black, 255 is white. Clothing is light on black.")

    @Option(help: ArgumentHelp("The weights that yuyan train lenet --output wrote.", valueName: "file"))
    var weights: String

    @Argument(help: "The images.")
    var images: [String]

    func run() throws {
        let classifier = try Classifier(weights: URL(fileURLWithPath: weights))
        for path in images {
            let prediction = classifier.predict(try GrayImage(contentsOf: URL(fileURLWithPath: path)))
            let best = prediction.classes.prefix(3)
                .map { "\($0.name) \(String(format: "%.1f", 100 * $0.probability))%" }
            print("\(path): \(best.joined(separator: ", "))")
        }
    }
}
