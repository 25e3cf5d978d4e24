import Foundation
import Testing

/// The public declarations of a module, as the compiler lists them.
struct SymbolGraph: Decodable {
    struct Symbol: Decodable {
        struct Kind: Decodable { var identifier: String }
        struct Fragment: Decodable { var spelling: String }
        struct Location: Decodable { var uri: String }

        var kind: Kind
        var declarationFragments: [Fragment]
        var location: Location?
    }

    var symbols: [Symbol]

    /// That of YuyanCore, extracted from the build that the tests belong to.
    static func ofCore() throws -> SymbolGraph {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("symbols-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let build = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let sources = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../Sources").standardized
        var arguments = [
            "swift", "symbolgraph-extract", "-module-name", "YuyanCore", "-output-dir", folder.path,
            "-minimum-access-level", "public", "-skip-synthesized-members", "-target", targetTriple,
            "-I", build.appendingPathComponent("Modules").path,
        ]
        for module in ["YuyanKernels", "COneDNN", "CLAPACK"] {
            let map = build.appendingPathComponent("\(module).build/module.modulemap").path
            let headers = sources.appendingPathComponent("\(module)/include").path
            arguments += ["-Xcc", "-fmodule-map-file=\(map)", "-Xcc", "-I\(headers)"]
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "swift symbolgraph-extract failed")
        let file = folder.appendingPathComponent("YuyanCore.symbols.json")
        return try JSONDecoder().decode(SymbolGraph.self, from: Data(contentsOf: file))
    }

    private static var targetTriple: String {
        #if arch(arm64)
            "aarch64-unknown-linux-gnu"
        #else
            "x86_64-unknown-linux-gnu"
        #endif
    }

    /// The declarations of functions, operators and subscripts that make tensors of tensors, as the catalogue lists them.
    func operations() -> Set<String> {
        let files = ["/Ops/", "/Tensor/Operators.swift", "/Tensor/Subscripts.swift"]
        let symbols = symbols.filter { symbol in
            let kinds = ["swift.func", "swift.func.op", "swift.method", "swift.subscript"]
            return kinds.contains(symbol.kind.identifier)
                && files.contains { symbol.location?.uri.contains($0) ?? false }
        }
        return Set(symbols.map(\.spelling).filter { $0.contains("Tensor") && !$0.hasSuffix("-> Bool") })
    }
}

extension SymbolGraph.Symbol {
    /// The declaration without the place of the call, a method as it is called on x.
    fileprivate var spelling: String {
        let place = "file: StaticString = #fileID, line: UInt = #line"
        var text = declarationFragments.map(\.spelling).joined()
            .replacingOccurrences(of: ", \(place)", with: "").replacingOccurrences(of: place, with: "")
            .replacing(#/^(static )?func /#, with: "")
        if kind.identifier == "swift.method" { text = "x.\(text)" }
        if kind.identifier == "swift.subscript" {
            text = text.replacing(#/^subscript\((.*)\) ->/#) { "x[\($0.output.1)] ->" }
                .replacing(#/ \{ get( set)? \}$/#, with: "")
        }
        return text
    }
}
