import Foundation
import Yuyan

/// A figure of a lab, as its page shows it.
package struct LabFigure: Codable, Hashable, Sendable {
    package let name: String
    package private(set) var title: Words
    /// The figure in characters, for where it cannot be drawn.
    package private(set) var text: Words
    /// Why there is no picture; nil if there is one.
    package var fault: String?

    init(name: String, title: Words, text: Words) {
        self.name = name
        self.title = title
        self.text = text
    }

    mutating func set(_ figure: Figure, _ language: Language) {
        let lines = figure.text(TextStyle(width: 60, usesUnicode: true, usesColor: false))
        switch language {
        case .english: (title.english, text.english) = (figure.title, lines)
        case .chinese: (title.chinese, text.chinese) = (figure.title, lines)
        }
    }

    /// `loss.svg`, and `loss.zh.svg` in Chinese.
    static func file(_ name: String, _ language: Language, _ ending: String = "svg") -> String {
        language == .english ? "\(name).\(ending)" : "\(name).\(language.rawValue).\(ending)"
    }
}

/// Where a lab's pictures go.
struct FigureFolder {
    let url: URL

    /// Draws the picture, with its numbers beside it.
    ///
    /// - Returns: why it could not be drawn; nil if it was.
    func write(_ figure: Figure, _ name: String, _ language: Language) -> String? {
        do {
            try figure.write(to: url.appendingPathComponent(LabFigure.file(name, language)))
            return nil
        } catch {
            return "\(error)"
        }
    }
}
