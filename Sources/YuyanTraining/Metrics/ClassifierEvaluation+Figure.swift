import YuyanCore
import YuyanPlot

extension ClassifierEvaluation {
    /// The first samples as pictures in rows of nine, each with its true class over the predicted one, as in d2l chapter 3.
    /// Samples that are no images `[1, H, W]` or `[3, H, W]` are left out.
    public func exampleFigure(_ title: String = "") -> Figure {
        let names = confusion.classNames
        let images = examples.compactMap { example in
            example.image.map { CaptionedImage($0, caption: "\(names[example.label])\n\(names[example.prediction])") }
        }
        let columns = 9
        var figure = Figure.images(title, images, columns: columns)
        // Wide enough for a name under each.
        let rows = (images.count + columns - 1) / columns
        let tallest = images.map { Double($0.height) / Double($0.width) }.max() ?? 1
        let place = (side: 64.0, gap: 8.0, caption: 28.0)
        let height = place.gap + Double(rows) * (place.side * min(tallest, 4) + place.caption + place.gap)
        if !images.isEmpty {
            figure.size = FigureSize(
                width: Int(place.gap) + min(columns, images.count) * Int(place.side + place.gap),
                height: Int(height) + (title.isEmpty ? 0 : 26))
        }
        return figure
    }
}

extension ClassifierEvaluation.Prediction {
    /// What can be shown of the sample as a picture.
    var image: Tensor? {
        guard let input, input.shape.rank == 3, [1, 3].contains(input.shape[0]), input.shape.elementCount > 0 else {
            return nil
        }
        return Tensor(input)
    }
}
