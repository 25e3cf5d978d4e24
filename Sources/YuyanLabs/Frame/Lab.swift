import Foundation
import Yuyan

/// One idea of the book as a program: what it does stands in `body`, what comes out is held against `claims`.
///
///     let gradientDescent: Lab = Lab(
///         "gradient-descent", "Gradient descent", "梯度下降", book: "11.3", note: .linearNetworks, part: "2.1",
///         claims: [Claim("x", "x after 10 steps", "10 步后的 x", .exactly(0.060466))]
///     ) { lab in
///         var x = 10.0
///         for _ in 1...10 { x -= 0.2 * 2 * x }
///         lab.check("x", x)
///     }
public struct Lab: Sendable {
    /// The device whose numbers a lab prints.
    public enum Machine: String, Codable, Sendable {
        /// The reference device: the same digits on every machine.
        case reference
        /// The fast device: digits differ a little from machine to machine.
        case fast
    }

    /// Data that do not come with Yuyan.
    public enum DataPackage: String, Codable, Sendable {
        /// Pictures of clothing.
        case fashionMNIST = "Fashion-MNIST"

        /// The Debian package that has it.
        public var debianPackage: String { "dataset-fashion-mnist" }

        /// Whether its files are where the package puts them.
        var isInstalled: Bool { FileManager.default.fileExists(atPath: FashionMNIST.systemFolder.path) }
    }

    /// Lower-case words with hyphens, as at the shell.
    public let id: String
    /// What it is about.
    public let title: Words
    /// The section of the book, such as `3.2`.
    public let book: String
    /// The note that asks for it.
    public let note: Note
    /// Where in the note, such as `3.4–3.7`.
    public let part: String
    /// Where it computes.
    public let machine: Machine
    /// The data that must be installed; nil for none.
    public let needs: DataPackage?
    /// What must hold; the first one stands for the lab in tables.
    public let claims: [Claim]
    /// The names of the pictures that it draws.
    public let figures: [String]
    let body: @Sendable (Notebook) throws -> Void

    /// A lab.
    ///
    /// - Parameters:
    ///   - machine: `.reference` for labs of a few seconds.
    ///   - body: computes, and tells the notebook, which traps for names of claims and figures that are not declared here.
    public init(
        _ id: String, _ title: String, _ chineseTitle: String, book: String, note: Note, part: String,
        on machine: Machine = .reference, needs: DataPackage? = nil, claims: [Claim], figures: [String] = [],
        body: @escaping @Sendable (Notebook) throws -> Void
    ) {
        self.id = id
        self.title = Words(title, chineseTitle)
        self.book = book
        self.note = note
        self.part = part
        self.machine = machine
        self.needs = needs
        self.claims = claims
        self.figures = figures
        self.body = body
    }

    /// The chapter of the book: the number before the point.
    public var chapter: Int { Int(book.prefix { $0 != "." }) ?? 0 }

    /// Where its subject stands: `Book 3.2 · note 002, 3.4–3.7`.
    var place: Words {
        let inBook = Words("Book \(book)", "书 \(book)")
        if note == .beyond { return inBook }
        return Words(
            inBook.english + " · note \(note.rawValue), \(part)", inBook.chinese + " · 笔记 \(note.rawValue)，\(part)")
    }
}

/// A study note of the course; it goes through one or two chapters of the book.
public enum Note: String, Codable, Sendable, CaseIterable {
    /// Linear regression, and gradient descent.
    case linearNetworks = "002"
    /// From overfitting to fairness.
    case multilayerPerceptrons = "000"
    /// Deep networks, convolutions, sequences.
    case convolutionsAndTranslation = "004"
    /// What the book has and the notes do not.
    case beyond

    /// What the note is about.
    public var title: Words {
        switch self {
        case .linearNetworks: Words("Linear neural networks", "线性神经网络")
        case .multilayerPerceptrons: Words("Multilayer perceptrons: concepts", "多层感知机：概念")
        case .convolutionsAndTranslation:
            Words("Overfitting, convolutions and translation", "过拟合、卷积与翻译")
        case .beyond: Words("Beyond the notes", "笔记之外")
        }
    }

    /// The title with the note's number in front.
    var heading: Words {
        if self == .beyond { return title }
        return Words("Note \(rawValue): \(title.english)", "笔记 \(rawValue)：\(title.chinese)")
    }
}
