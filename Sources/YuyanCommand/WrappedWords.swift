import Yuyan

extension Terminal {
    /// Words in lines that fit, after a title of `indent` characters that the caller puts before the first. Between them
    /// are spaces, or nothing.
    func wrapped(_ words: [String], indent: Int, space: String = " ") -> String {
        var lines: [String] = []
        for word in words {
            if let last = lines.last, indent + DisplayText.width(last + space + word) <= width {
                lines[lines.count - 1] += space + word
            } else {
                lines.append(word)
            }
        }
        return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
    }
}
