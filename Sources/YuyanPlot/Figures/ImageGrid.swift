import YuyanCore
import YuyanData

/// Pixels with a caption, gray or in color.
public struct CaptionedImage: Sendable, Hashable {
    /// Brightnesses of the channels, row by row: `[channels, height, width]`.
    public let pixels: [Double]
    /// 1 (gray) or 3 (red, green, blue).
    public let channelCount: Int
    /// Rows of pixels.
    public let height: Int
    /// Pixels in a row.
    public let width: Int
    /// Lines under the image; may be empty.
    public var caption: String

    /// - Parameter pixels: `[H, W]`, `[1, H, W]` or `[3, H, W]`. Traps for other shapes and for images without pixels.
    public init(_ pixels: Tensor, caption: String = "") {
        let shape = pixels.rank == 2 ? [1] + Array(pixels.shape) : Array(pixels.shape)
        guard shape.count == 3, shape[0] == 1 || shape[0] == 3, shape[1] > 0, shape[2] > 0 else {
            failure("CaptionedImage: pixels must be [H, W], [1, H, W] or [3, H, W], got \(pixels.shape)")
        }
        self.pixels = pixels.array(of: Double.self)
        channelCount = shape[0]
        height = shape[1]
        width = shape[2]
        self.caption = caption
    }
}

extension Figure {
    /// Images side by side and below each other, each with its caption.
    ///
    /// - Parameters:
    ///   - images: in reading order.
    ///   - columns: images in a row; nil chooses.
    ///   - range: the values that are black and white; nil takes the least and the greatest of all images.
    public static func images(
        _ title: String = "", _ images: [CaptionedImage], columns: Int? = nil, range: ClosedRange<Double>? = 0...1
    ) -> Figure {
        if let columns, columns < 1 { failure("images: columns must be above 0, not \(columns)") }
        return Figure(title, ImageGrid(images: images, chosenColumns: columns, range: range, title: title))
    }

    /// A batch of images `[N, H, W]`, `[N, 1, H, W]` or `[N, 3, H, W]`.
    ///
    /// - Parameter captions: one for each, or none.
    public static func images(
        _ title: String = "", _ batch: Tensor, captions: [String] = [], columns: Int? = nil,
        range: ClosedRange<Double>? = 0...1
    ) -> Figure {
        guard batch.rank == 3 || batch.rank == 4 else {
            failure("images: a batch must be [N, H, W], [N, 1, H, W] or [N, 3, H, W], got \(batch.shape)")
        }
        guard captions.isEmpty || captions.count == batch.count else {
            failure("images: \(captions.count) captions for \(batch.count) images")
        }
        let batch = batch.detached()
        let list = (0..<batch.count).map { CaptionedImage(batch[$0], caption: captions.isEmpty ? "" : captions[$0]) }
        return images(title, list, columns: columns, range: range)
    }
}

struct ImageGrid: FigureContent {
    let images: [CaptionedImage]
    let chosenColumns: Int?
    let range: ClosedRange<Double>?
    let title: String

    private static let gap = 8.0
    private static let captionHeight = 14.0

    var texts: [String] { images.map(\.caption) }
    /// As chosen, or four to six with the fewest empty places in the last row.
    private var columns: Int {
        if let chosenColumns { return max(1, min(chosenColumns, images.count)) }
        guard images.count > 6 else { return max(1, images.count) }
        return [6, 5, 4].min { empty($0) < empty($1) } ?? 6
    }
    private func empty(_ columns: Int) -> Int { (columns - images.count % columns) % columns }
    private var rowCount: Int { (images.count + columns - 1) / columns }
    private var captionLines: Int { images.map { ImageGrid.lines($0.caption).count }.max() ?? 0 }
    private static func lines(_ caption: String) -> [Substring] { caption.split(whereSeparator: \.isNewline) }

    /// Width and height of a place for an image, without its caption, in a figure of a width.
    private func place(in width: Int) -> (width: Double, height: Double) {
        let side = (Double(width) - ImageGrid.gap) / Double(columns) - ImageGrid.gap
        let tallest = images.map { Double($0.height) / Double($0.width) }.max() ?? 1
        return (side, side * min(tallest, 4))
    }

    private var titleHeight: Double { title.isEmpty ? ImageGrid.gap : 34 }

    var preferredSize: FigureSize {
        guard !images.isEmpty else { return .standard }
        let width = max(160, min(480, 128 * columns))
        let step = place(in: width).height + ImageGrid.captionHeight * Double(captionLines) + ImageGrid.gap
        return FigureSize(width: width, height: max(50, min(10_000, Int(titleHeight + step * Double(rowCount)))))
    }

    /// One row for each image: caption, sizes, and its pixels.
    var table: CSVTable {
        let most = images.map(\.pixels.count).max() ?? 0
        let header = ["caption", "channels", "height", "width"] + (0..<most).map { "pixel \($0)" }
        let rows = images.map { image in
            [image.caption, "\(image.channelCount)", "\(image.height)", "\(image.width)"]
                + image.pixels.map { "\(Float($0))" }
                + Array(repeating: "", count: most - image.pixels.count)
        }
        return CSVTable(header: header, rows: rows)
    }

    private var brightness: ClosedRange<Double> {
        if let range { return range }
        let finite = images.lazy.flatMap(\.pixels).filter(\.isDrawable)
        guard let low = finite.min(), let high = finite.max(), low < high else { return 0...1 }
        return low...high
    }

    func drawing(_ title: String, _ size: FigureSize) -> Drawing {
        var script = GnuplotScript()
        guard !images.isEmpty else {
            script.plotNothing()
            return .gnuplot(script, size)
        }
        // One unit is one pixel of the page, from the top left.
        script.add("unset border; unset tics; unset grid")
        script.add("set lmargin at screen 0; set rmargin at screen 1; set bmargin at screen 0")
        script.add("set tmargin at screen \(title.isEmpty ? 1 : 1 - 4 / Double(size.height))")
        script.add("set xrange [0:\(size.width)]; set yrange [\(size.height):0]")
        if !title.isEmpty {
            script.add(
                "set label \(GnuplotScript.quoted(title)) at \(Double(size.width) / 2),16 center "
                    + "textcolor rgb '#111111'")
        }
        let place = place(in: size.width)
        let step = place.height + ImageGrid.captionHeight * Double(captionLines) + ImageGrid.gap
        let shades = brightness
        for (index, image) in images.enumerated() {
            let left = ImageGrid.gap + Double(index % columns) * (place.width + ImageGrid.gap)
            let top = titleHeight + Double(index / columns) * step
            // As large as fits, in the middle at the bottom of its place.
            let scale = min(place.width / Double(image.width), place.height / Double(image.height))
            let x = left + (place.width - scale * Double(image.width)) / 2
            let y = top + place.height - scale * Double(image.height)
            let (pixels, part) = ImagePixels.enlarged(image.rows(shades))
            let data = script.addData(
                pixels.enumerated().flatMap { row, line in
                    line.enumerated().map { column, color in [Double(column), Double(row)] + color }
                })
            let pixel = scale * part
            script.plot(
                "\(data) using (\(x)+($1+0.5)*\(pixel)):(\(y)+($2+0.5)*\(pixel)):3:4:5 with rgbimage")
            for (line, text) in ImageGrid.lines(image.caption).enumerated() {
                let shown = DisplayText.shortened(String(text), to: Int(place.width / 5.6), TextStyle())
                let height = top + place.height + ImageGrid.captionHeight * (Double(line) + 0.6)
                script.add(
                    "set label \(GnuplotScript.quoted(shown)) at \(left + place.width / 2),\(height) center front "
                        + "font ',10' textcolor rgb '#222222'")
            }
        }
        return .gnuplot(script, size)
    }

    func text(_ style: TextStyle) -> [String] {
        guard !images.isEmpty else { return ["no images"] }
        return ImageText(images: images, columns: chosenColumns, brightness: brightness).lines(style)
    }
}

extension CaptionedImage {
    /// Rows of red, green and blue from 0 to 255.
    fileprivate func rows(_ shades: ClosedRange<Double>) -> [[[Double]]] {
        (0..<height).map { y in
            (0..<width).map { x in
                (0..<3).map { channel in
                    let value = pixels[((channelCount == 3 ? channel : 0) * height + y) * width + x]
                    return (CaptionedImage.part(value, shades) * 255).rounded()
                }
            }
        }
    }

    /// 0 for black to 1 for white; what is not a number is black.
    static func part(_ value: Double, _ shades: ClosedRange<Double>) -> Double {
        let part = (value - shades.lowerBound) / (shades.upperBound - shades.lowerBound)
        return part.isNaN ? 0 : min(max(part, 0), 1)
    }
}
