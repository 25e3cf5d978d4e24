import ArgumentParser

extension ParsableCommand {
    /// What is wrong if the arguments name a subcommand that does not exist, with the one that may be meant, and the
    /// command that lacks it. The parser only counts such words as too many.
    static func wrongName(
        in arguments: some Collection<String>, path: [String] = []
    ) -> (command: any ParsableCommand.Type, error: ValidationError)? {
        let subcommands = configuration.subcommands
        guard !subcommands.isEmpty, let word = arguments.first, !word.hasPrefix("-"), word != "help" else { return nil }
        if let subcommand = subcommands.first(where: { $0._commandName == word }) {
            return subcommand.wrongName(in: arguments.dropFirst(), path: path + [word])
        }
        let meant = nearestName(to: word, among: subcommands.map { $0._commandName })
        let name = (path + [word]).joined(separator: " ").abbreviated
        guard let meant else { return (self, ValidationError("there is no command '\(name)'.")) }
        return (self, ValidationError("there is no command '\(name)'; did you mean '\(meant)'?"))
    }
}

/// The one of `names` that may be meant by `word`, mistyped; nil if none is like it.
func nearestName(to word: String, among names: [String]) -> String? {
    let candidates = names.map { (name: $0, distance: distance($0, word)) }
    let nearest = candidates.min { $0.distance < $1.distance }
    // Two letters may be swapped or mistyped; in a short word that would be another word.
    return nearest.flatMap { $0.distance <= min(max(2, word.count / 5), word.count / 2) ? $0.name : nil }
}

/// How many letters must be changed, added or left out to turn one word into the other (Levenshtein 1966).
private func distance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for j in b.indices {
            let changed = diagonal + (letter == b[j] ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(changed, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[b.count]
}
