import Yuyan

extension Terminal {
    /// Words in lines that fit, after a title of `indent` characters that the caller puts before the first.
    func wrapped(_ words: [String], indent: Int) -> String {
        var lines: [String] = []
        for word in words {
            if let last = lines.last, indent + DisplayText.width(last) + 1 + DisplayText.width(word) <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(word)
            }
        }
        return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
    }
}
