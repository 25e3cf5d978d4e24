/// Marks points and lines in a grid of characters: with braille, two by four dots in each, or in ASCII.
struct PointCanvas {
    let columns: Int
    let rows: Int
    private let usesUnicode: Bool
    private var cells: [Cell]

    private struct Cell {
        var dots: UInt8 = 0
        var mark: Character = " "
    }

    /// The marks of curves one after the other where braille cannot tell them apart.
    static let marks: [Character] = ["*", "+", "o", "x", "#", "@", "%", "&"]
    static func mark(_ index: Int) -> Character { marks[index % marks.count] }

    init(columns: Int, rows: Int, _ style: TextStyle) {
        self.columns = columns
        self.rows = rows
        usesUnicode = style.usesUnicode
        cells = Array(repeating: Cell(), count: columns * rows)
    }

    /// Points across and down.
    private var resolution: (x: Int, y: Int) { usesUnicode ? (columns * 2, rows * 4) : (columns, rows) }

    /// Marks a point; `x` and `y` run from 0 to 1, from left to right and from the bottom up. Others are left out.
    mutating func mark(_ x: Double, _ y: Double, _ mark: Character) {
        guard (0...1).contains(x), (0...1).contains(y) else { return }
        set(column(x), row(y), mark)
    }

    /// Marks the points between two; those outside are left out.
    mutating func connect(_ from: (x: Double, y: Double), _ to: (x: Double, y: Double), _ mark: Character) {
        let across = abs(to.x - from.x) * Double(resolution.x)
        let up = abs(to.y - from.y) * Double(resolution.y)
        // No more steps than there are points across a few canvases: the ends may be far outside.
        let steps = max(1, Int(min(max(across, up), 10_000).rounded(.up)))
        for step in 0...steps {
            let part = Double(step) / Double(steps)
            self.mark(from.x + part * (to.x - from.x), from.y + part * (to.y - from.y), mark)
        }
    }

    private func column(_ x: Double) -> Int { Int((x * Double(resolution.x - 1)).rounded()) }
    private func row(_ y: Double) -> Int { Int(((1 - y) * Double(resolution.y - 1)).rounded()) }

    private mutating func set(_ x: Int, _ y: Int, _ mark: Character) {
        guard usesUnicode else {
            cells[y * columns + x].mark = mark
            return
        }
        // The bits of a braille character's dots: 1 to 3 and 7 down the left, 4 to 6 and 8 down the right.
        let bits: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
        cells[y / 4 * columns + x / 2].dots |= bits[x % 2][y % 4]
    }

    func line(_ row: Int) -> String {
        String(
            cells[(row * columns)..<((row + 1) * columns)].map { cell in
                guard usesUnicode, cell.dots != 0 else { return cell.mark }
                return Character(Unicode.Scalar(0x2800 + UInt32(cell.dots))!)
            })
    }
}
