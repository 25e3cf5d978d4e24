import YuyanCore

/// What a terminal can show of a figure.
public struct TextStyle: Sendable, Hashable {
    /// Characters in a line.
    public var width: Int
    /// Lines of the drawing itself, where that is free to choose.
    public var height: Int
    /// Whether it shows more than ASCII.
    public var usesUnicode: Bool
    /// Whether images may be drawn in the terminal's 256 colors.
    public var usesColor: Bool

    /// Traps unless there is room: 20 characters, 4 lines.
    public init(width: Int = 72, height: Int = 14, usesUnicode: Bool = true, usesColor: Bool = false) {
        guard width >= 20, height >= 4 else { failure("TextStyle: a figure needs 20 × 4 characters") }
        self.width = width
        self.height = height
        self.usesUnicode = usesUnicode
        self.usesColor = usesColor
    }

    /// Shades from dark to light (on a dark terminal).
    var shades: [Character] { Array(usesUnicode ? " ░▒▓█" : " .:-=+*#%@") }

    /// The shade for a brightness of 0 to 1.
    func shade(_ brightness: Double) -> Character {
        let shades = shades
        return shades[min(Int(max(brightness, 0) * Double(shades.count)), shades.count - 1)]
    }
}
