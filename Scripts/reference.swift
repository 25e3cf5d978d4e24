// Joins the symbol graphs of Yuyan's modules into those of a module Yuyan, which is what programs import, names public
// symbols without a comment, and writes the page that lists what there is. GRAPHS and JOINED are folders.
//   swift -swift-version 6 Scripts/reference.swift GRAPHS JOINED PAGE
import Foundation

struct Symbol {
    var id: String
    var kind: String
    var path: [String]
    /// The declaration as it is written.
    var declaration: String
    /// The first sentence of the comment; empty if there is none.
    var summary: String
    /// The file it stands in, without its folders.
    var file: String
    var line: Int
    var module: String

    init(_ json: [String: Any], module: String) {
        id = (json["identifier"] as? [String: Any])?["precise"] as? String ?? ""
        kind = (json["kind"] as? [String: Any])?["identifier"] as? String ?? ""
        path = json["pathComponents"] as? [String] ?? []
        let fragments = json["declarationFragments"] as? [[String: Any]] ?? []
        declaration = fragments.compactMap { $0["spelling"] as? String }.joined()
        let lines = ((json["docComment"] as? [String: Any])?["lines"] as? [[String: Any]] ?? [])
            .map { ($0["text"] as? String ?? "").trimmingCharacters(in: .whitespaces) }
        let paragraph = lines.prefix { !$0.isEmpty }.joined(separator: " ")
        summary = Symbol.firstSentence(paragraph)
        let location = json["location"] as? [String: Any]
        file = (location?["uri"] as? String)?.split(separator: "/").last.map(String.init) ?? ""
        line = (location?["position"] as? [String: Any])?["line"] as? Int ?? 0
        self.module = module
    }

    private static func firstSentence(_ text: String) -> String {
        guard let end = text.firstMatch(of: /[.:;](?= [A-Z`\[]|$)/) else { return text }
        return text[..<end.range.lowerBound] + "."
    }

    var name: String { path.joined(separator: ".") }
}

struct Graphs {
    var symbols: [Symbol] = []
    /// Sources by their targets, of one kind.
    private var relations: [String: [(source: String, target: String)]] = [:]
    /// By the name of the file: what is added to Swift's own types stays apart.
    private var joined: [String: [String: Any]] = [:]

    init(_ folder: URL) throws {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
        for file in files {
            guard let graph = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any],
                let symbols = graph["symbols"] as? [[String: Any]],
                let relations = graph["relationships"] as? [[String: Any]],
                var module = graph["module"] as? [String: Any]
            else { throw CocoaError(.fileReadCorruptFile) }
            let name = module["name"] as? String ?? ""
            self.symbols += symbols.map { Symbol($0, module: name) }
            for relation in relations {
                self.relations[relation["kind"] as? String ?? "", default: []].append(
                    (relation["source"] as? String ?? "", relation["target"] as? String ?? ""))
            }
            module["name"] = "Yuyan"
            let target = file.lastPathComponent.hasSuffix("@Swift.symbols.json") ? "Yuyan@Swift" : "Yuyan"
            var other = joined[target] ?? ["module": module, "metadata": graph["metadata"] ?? [:]]
            other["symbols"] = (other["symbols"] as? [Any] ?? []) + symbols
            other["relationships"] = (other["relationships"] as? [Any] ?? []) + relations
            joined[target] = other
        }
    }

    func write(to folder: URL) throws {
        for (name, graph) in joined {
            let file = folder.appendingPathComponent("\(name).symbols.json")
            try JSONSerialization.data(withJSONObject: graph).write(to: file)
        }
    }

    var undocumented: [Symbol] { symbols.filter { $0.summary.isEmpty && $0.kind != "swift.extension" } }

    /// The symbol of a type.
    func type(_ name: String) -> Symbol? { symbols.first { $0.name == name && $0.kind != "swift.extension" } }

    func members(of symbol: Symbol) -> [Symbol] {
        let ids = Set(relations["memberOf", default: []].filter { $0.target == symbol.id }.map(\.source))
        return symbols.filter { ids.contains($0.id) }.sorted { ($0.file, $0.line) < ($1.file, $1.line) }
    }

    /// Classes below one, and types that conform to a protocol, with those below them.
    func kinds(of name: String) -> [Symbol] {
        guard let base = type(name) else { return [] }
        var found = Set([base.id])
        let edges = relations["inheritsFrom", default: []] + relations["conformsTo", default: []]
        while true {
            let more = edges.filter { found.contains($0.target) && !found.contains($0.source) }.map(\.source)
            if more.isEmpty { break }
            found.formUnion(more)
        }
        found.remove(base.id)
        let kinds = ["swift.class", "swift.struct", "swift.enum"]
        return symbols.filter { found.contains($0.id) && kinds.contains($0.kind) }.sorted { $0.name < $1.name }
    }
}

extension Graphs {
    /// The initializers of a type; a class without its own has those that it inherits.
    func initializers(of symbol: Symbol) -> [Symbol] {
        let own = members(of: symbol).filter { $0.kind == "swift.init" }
        let parent = relations["inheritsFrom", default: []].first { $0.source == symbol.id }?.target
        guard own.isEmpty, let base = symbols.first(where: { $0.id == parent }) else { return own }
        return initializers(of: base)
    }

    /// Static members of a type that give a value of it.
    func statics(of name: String) -> [Symbol] {
        guard let symbol = type(name) else { return [] }
        return members(of: symbol).filter {
            ["swift.type.property", "swift.type.method"].contains($0.kind) && $0.declaration.hasSuffix(name)
        }
    }

    func functions(_ condition: (Symbol) -> Bool) -> [Symbol] {
        symbols.filter { $0.kind == "swift.func" && condition($0) }.sorted { $0.name < $1.name }
    }
}

/// How a symbol is used: a declaration without what callers never write.
func usage(_ declaration: String) -> String {
    var text = declaration
        .replacing(/(, )?file: StaticString = #fileID, line: UInt = #line/, with: "")
        .replacing(/\ where .*/, with: "")
    for word in ["convenience ", "final ", "static ", "class ", "@discardableResult ", "@escaping ", "@Sendable "] {
        text = text.replacing(word, with: "")
    }
    return text
}

/// A symbol with the ways to make or to call it.
func entry(_ symbol: Symbol, _ graphs: Graphs) -> String {
    var calls: [String] = []
    switch symbol.kind {
    case "swift.class", "swift.struct", "swift.enum":
        let members = graphs.initializers(of: symbol)
        calls = members.map { usage($0.declaration).replacing(/^init/, with: symbol.name) }
        if calls.isEmpty, symbol.kind == "swift.class" { calls = ["\(symbol.name)()"] }
    case "swift.type.property", "swift.type.method":
        calls = [usage(symbol.declaration).replacing(/^(let|var|func)\s|:?\s*(->)?\s\w+(\s\{\sget\s\})?$/, with: "")]
        calls = calls.map { ".\($0)" }
    default: calls = [usage(symbol.declaration).replacing(/^func\s/, with: "")]
    }
    let link = symbol.path.joined(separator: "/")
    let lines = ["- ``\(link)``: \(symbol.summary)"] + calls.map { "  - `\($0)`" }
    return lines.joined(separator: "\n")
}

let arguments = CommandLine.arguments.dropFirst().map { URL(fileURLWithPath: $0) }
guard arguments.count == 3 else { fatalError("GRAPHS JOINED PAGE") }
let graphs = try Graphs(arguments[0])
try graphs.write(to: arguments[1])

let sections: [(title: String, text: String, symbols: [Symbol])] = [
    ("Layers", "From tensor to tensor.", graphs.kinds(of: "Layer")),
    ("Initializers", "First values of parameters.", graphs.statics(of: "Initializer")),
    ("Losses", "", graphs.functions { $0.file == "Losses.swift" }),
    ("Optimizers", "", graphs.kinds(of: "Optimizer").filter { $0.name != "GroupedOptimizer" }),
    ("Learning rates", "Factors by step or epoch.", graphs.kinds(of: "LearningRateSchedule")),
    ("Data sets", "", graphs.kinds(of: "Dataset") + graphs.functions { $0.module == "YuyanData" }),
    ("Orders of samples", "", graphs.kinds(of: "Sampler")),
    ("Metrics", "", graphs.statics(of: "Metric")),
    ("Callbacks", "For a trainer.", graphs.kinds(of: "TrainerCallback")),
    (
        "Distribution shift", "",
        ["LabelShiftCorrection", "ShiftDiagnosis", "ShiftExample"].compactMap(graphs.type)
            + graphs.functions { $0.module == "YuyanShift" }
    ),
    ("Models", "", graphs.functions { $0.module == "YuyanModels" }),
]
var page = """
    # What there is

    Layers, losses, optimizers, data sets and the like, each with its first sentence and the ways to make or call it.

    Written by `Scripts/reference.sh --update` from the comments in the sources.

    """
for (title, text, symbols) in sections {
    guard !symbols.isEmpty else { fatalError("nothing is found for \(title)") }
    page += "\n## \(title)\n\n" + (text.isEmpty ? "" : text + "\n\n")
    page += symbols.map { entry($0, graphs) }.joined(separator: "\n") + "\n"
}
try page.write(to: arguments[2], atomically: true, encoding: .utf8)

for symbol in graphs.undocumented {
    FileHandle.standardError.write(Data("\(symbol.file):\(symbol.line + 1): \(symbol.name) is not documented\n".utf8))
}
exit(graphs.undocumented.isEmpty ? 0 : 1)
