import ArgumentParser
import Foundation
import Yuyan

extension CompletionKind {
    /// Names of runs, and folders.
    static var runs: CompletionKind { runs(and: []) }

    /// Names of runs, and folders, and other words.
    static func runs(and others: [String]) -> CompletionKind {
        .custom { words, index, prefix in
            let word = index < words.count && prefix.isEmpty ? words[index] : prefix
            let root = words.firstIndex(of: "--root").flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
            return candidates(word, root: root ?? RunsCommand.defaultRoot) + others.filter { $0.hasPrefix(word) }
        }
    }

    /// What a word can become: the names of runs, or folders where it is the beginning of one's path.
    private static func candidates(_ word: String, root: String) -> [String] {
        if let slash = word.lastIndex(of: "/") {
            let parent = String(word[...slash])
            return folders(in: parent).map { parent + $0 }.filter { $0.hasPrefix(word) }
        }
        let runs = (try? Run.all(in: URL(fileURLWithPath: root, isDirectory: true)).map(\.name)) ?? []
        let here = word.isEmpty ? [] : folders(in: ".").filter { !runs.contains($0) }
        return (runs + here).filter { $0.hasPrefix(word) }
    }

    private static func folders(in parent: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        return names.sorted().filter { name in
            var isFolder: ObjCBool = false
            let path = URL(fileURLWithPath: parent, isDirectory: true).appendingPathComponent(name).path
            return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
        }
    }
}
