/// Images in characters. With colors a character shows two pixels, one above the other; without, it shows one shade for
/// the two.
struct ImageText {
    let images: [CaptionedImage]
    let columns: Int?
    let brightness: ClosedRange<Double>

    func lines(_ style: TextStyle) -> [String] {
        let widest = images.map(\.width).max() ?? 1
        // At most at their own size, at least so large that one can tell what they are.
        let wanted = columns ?? max(1, min(4, images.count, style.width / 16))
        let side = max(1, min(widest, style.width / wanted - 2))
        let perRow = max(1, min(columns ?? images.count, style.width / (side + 2)))
        var lines: [String] = []
        for start in stride(from: 0, to: images.count, by: perRow) {
            let row = images[start..<min(start + perRow, images.count)]
            if start > 0 { lines.append("") }
            let drawings = row.map { drawing($0, side, style) }
            let height = drawings.map(\.count).max() ?? 0
            let blank = String(repeating: " ", count: side)
            for line in 0..<height {
                lines.append(
                    drawings.map { line < height - $0.count ? blank : $0[line - (height - $0.count)] }
                        .joined(separator: "  "))
            }
            let captions = row.map { $0.caption.split(whereSeparator: \.isNewline).map(String.init) }
            for line in 0..<(captions.map(\.count).max() ?? 0) {
                lines.append(
                    captions.map { caption in
                        let text = line < caption.count ? caption[line] : ""
                        return DisplayText.centered(DisplayText.shortened(text, to: side, style), in: side)
                    }.joined(separator: "  "))
            }
        }
        return lines
    }

    /// The lines of an image, each `side` characters wide.
    private func drawing(_ image: CaptionedImage, _ side: Int, _ style: TextStyle) -> [String] {
        let width = min(side, image.width)
        let scale = Double(image.width) / Double(width)
        let height = max(1, Int((Double(image.height) / scale).rounded()))
        let padding = String(repeating: " ", count: side - width)
        return stride(from: 0, to: height, by: 2).map { y in
            var line = ""
            for x in 0..<width {
                let top = image.mean(x, y, width, height, brightness)
                let bottom = y + 1 < height ? image.mean(x, y + 1, width, height, brightness) : [0, 0, 0]
                if style.usesColor, style.usesUnicode {
                    line += "\u{1B}[38;5;\(ImageText.color(top));48;5;\(ImageText.color(bottom))m▀"
                } else {
                    line.append(style.shade((top + bottom).reduce(0, +) / 6))
                }
            }
            return line + (style.usesColor && style.usesUnicode ? "\u{1B}[0m" : "") + padding
        }
    }

    /// The number of a color among a terminal's 256: the ramp of grays, or the cube of 6 × 6 × 6.
    private static func color(_ channels: [Double]) -> Int {
        if channels[0] == channels[1], channels[1] == channels[2] {
            return 232 + min(23, Int(channels[0] * 24))
        }
        let steps = channels.map { min(5, Int($0 * 6)) }
        return 16 + 36 * steps[0] + 6 * steps[1] + steps[2]
    }
}

extension CaptionedImage {
    /// The mean brightness of red, green and blue, 0 to 1, in one cell of a grid of `columns` × `rows` on the image.
    fileprivate func mean(
        _ x: Int, _ y: Int, _ columns: Int, _ rows: Int, _ shades: ClosedRange<Double>
    ) -> [Double] {
        let across = (x * width / columns)..<max((x + 1) * width / columns, x * width / columns + 1)
        let down = (y * height / rows)..<max((y + 1) * height / rows, y * height / rows + 1)
        let means = (0..<channelCount).map { channel in
            var sum = 0.0
            for row in down {
                for column in across {
                    sum += CaptionedImage.part(pixels[(channel * height + row) * width + column], shades)
                }
            }
            return sum / Double(across.count * down.count)
        }
        return channelCount == 3 ? means : [means[0], means[0], means[0]]
    }
}
