/// Bars lying in lines of text, each with its label and value.
enum TextBars {
    static func lines(_ rows: [(label: String, value: Double)], _ style: TextStyle) -> [String] {
        let finite = rows.map(\.value).filter(\.isDrawable)
        let (low, high) = (min(finite.min() ?? 0, 0), max(finite.max() ?? 0, 0))
        let labelWidth = min(rows.map { DisplayText.width($0.label) }.max() ?? 0, style.width / 2)
        let numbers = rows.map { DisplayText.number($0.value) }
        let numberWidth = numbers.map(\.count).max() ?? 0
        let room = max(style.width - labelWidth - numberWidth - 4, 4)
        // Halves, because the two ends may be further apart than numbers go.
        let unit = Double(room) / max(high / 2 - low / 2, .leastNormalMagnitude) / 2
        let zero = Int((-low * unit).rounded())
        let wall = style.usesUnicode ? "│" : "|"
        return zip(rows, numbers).map { row, number in
            let label = DisplayText.shortened(row.label, to: labelWidth, style)
            let length = row.value.isDrawable ? row.value * unit : 0
            let bar: String
            if length < 0 {
                let cells = min(Int((-length).rounded()), zero)
                bar = String(repeating: " ", count: zero - cells) + String(repeating: full(style), count: cells)
            } else {
                bar = String(repeating: " ", count: zero) + part(length, style)
            }
            return "\(DisplayText.padded(label, to: labelWidth, isNumber: true)) \(wall)\(bar) \(number)"
        }
    }

    private static func full(_ style: TextStyle) -> Character { style.usesUnicode ? "█" : "#" }

    /// A bar of a length in characters, to the eighth of one where the terminal can.
    private static func part(_ length: Double, _ style: TextStyle) -> String {
        guard style.usesUnicode else { return String(repeating: "#", count: Int(length.rounded())) }
        let eighths = Int((length * 8).rounded())
        let rest: [String] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + rest[eighths % 8]
    }
}
