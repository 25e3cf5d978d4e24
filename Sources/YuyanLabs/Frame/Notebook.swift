import Yuyan

/// What a lab writes into as it runs: sentences, tables, figures, and the values that its claims are held against.
public final class Notebook {
    /// The run's seed; random numbers come from it unless the lab says otherwise.
    public let seed: UInt64
    /// Whether less than the whole is to be computed.
    public let isQuick: Bool

    let lab: Lab
    private(set) var entries: [Entry] = []
    private var measured: [String: Double] = [:]
    private let onEntry: (Entry, Figure?) -> Void
    private let folder: FigureFolder?
    private let language: Language

    /// What stands in the notebook, in order.
    package enum Entry: Codable, Hashable, Sendable {
        case text(Words)
        /// Lines as they stand, such as a tensor.
        case lines(String)
        case table(titles: [Words], rows: [[Words]])
        case figure(LabFigure)
    }

    init(
        _ lab: Lab, seed: UInt64, isQuick: Bool, language: Language, folder: FigureFolder?,
        onEntry: @escaping (Entry, Figure?) -> Void
    ) {
        self.lab = lab
        self.seed = seed
        self.isQuick = isQuick
        self.language = language
        self.folder = folder
        self.onEntry = onEntry
    }

    /// `value`; in a quick run `quick`, which takes less time.
    public func full<Value>(_ value: Value, quick: Value) -> Value { isQuick ? quick : value }

    /// Writes a paragraph.
    public func say(_ english: String, _ chinese: String) { add(.text(Words(english, chinese))) }

    /// Writes a value as `print` does: a tensor, for example.
    public func print(_ value: Any) { add(.lines("\(value)")) }

    /// Writes a table.
    public func table(_ titles: [Words], _ rows: [[Words]]) {
        guard rows.allSatisfy({ $0.count == titles.count }) else {
            failure("table of lab \(lab.id): a row does not have a cell for each of the \(titles.count) titles")
        }
        add(.table(titles: titles, rows: rows))
    }

    /// Draws a figure that the lab declares. `figure` is called for each language, with what picks a text in it:
    ///
    ///     lab.show("loss") { t in
    ///         .curves(t("Loss", "损失"), [Curve(t("training", "训练"), losses)], x: Axis(t("epoch", "轮次")))
    ///     }
    public func show(_ name: String, _ figure: (_ t: (String, String) -> String) -> Figure) {
        guard lab.figures.contains(name) else { failure("lab \(lab.id): it does not declare a figure \"\(name)\"") }
        var drawn = LabFigure(name: name, title: "", text: "")
        var shown: Figure?
        for language in Language.allCases {
            let picture = figure { language == .chinese ? $1 : $0 }
            drawn.set(picture, language)
            if language == self.language { shown = picture }
            if let fault = folder?.write(picture, name, language) { drawn.fault = fault }
        }
        add(.figure(drawn), shown)
    }

    /// Holds a value against the claim of that name.
    public func check(_ name: String, _ value: some BinaryFloatingPoint) { measure(name, Double(value)) }
    /// Holds a count against the claim of that name.
    public func check(_ name: String, _ value: some BinaryInteger) { measure(name, Double(value)) }
    /// Says whether what is claimed under that name is so.
    public func check(_ name: String, _ isSo: Bool) { measure(name, isSo ? 1 : 0) }
    /// Holds a tensor's only element against the claim of that name.
    public func check(_ name: String, _ value: Tensor) { measure(name, value.item()) }

    private func measure(_ name: String, _ value: Double) {
        guard lab.claims.contains(where: { $0.name == name }) else {
            failure("lab \(lab.id): it does not declare a claim \"\(name)\"")
        }
        guard measured.updateValue(value, forKey: name) == nil else {
            failure("lab \(lab.id): the claim \"\(name)\" is checked twice")
        }
    }

    private func add(_ entry: Entry, _ figure: Figure? = nil) {
        entries.append(entry)
        onEntry(entry, figure)
    }

    /// The claims in order, with what was found. What a full run did not measure has failed.
    var checks: [Check] {
        lab.claims.map { claim in
            let value = isQuick && claim.needsFullSize ? nil : measured[claim.name]
            let verdict: Check.Verdict =
                if let value { claim.expectation.holds(for: value) ? .passed : .failed } else {
                    isQuick && claim.needsFullSize ? .notChecked : .failed
                }
            return Check(words: claim.words, expectation: claim.expectation, measured: value, verdict: verdict)
        }
    }
}
