/// What gnuplot wants of an image.
enum ImagePixels {
    /// Rows that are at least two by two, which gnuplot needs: cells are doubled if they are not.
    ///
    /// - Returns: the rows, and the size of one of their cells as a part of the original's.
    static func enlarged<Pixel>(_ rows: [[Pixel]]) -> (rows: [[Pixel]], step: Double) {
        guard rows.count < 2 || rows[0].count < 2 else { return (rows, 1) }
        let doubled = rows.flatMap { row in
            let wide = row.flatMap { [$0, $0] }
            return [wide, wide]
        }
        return (doubled, 0.5)
    }
}
