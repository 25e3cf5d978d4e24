import YuyanBackend

extension OperationFamily {
    package static let resampling = OperationFamily("Resampling", [Op.Resize.entry])
}

/// How elements between those of an image are made.
public enum Interpolation: Sendable, Hashable {
    /// The element whose place holds the new one's first corner: row ⌊i · H / H'⌋ for row i, as PyTorch's `nearest`.
    case nearest
    /// The mean of the two nearest rows and columns, the nearer the more. Rows are at (i + ½) · H / H' − ½, so that outer edges
    /// meet, or at i · (H − 1) / (H' − 1) if corners are aligned, so that the centres of the corners do.
    case bilinear(alignsCorners: Bool = false)
}

extension Op {
    package enum Resize {
        package static let entry = OperationEntry(
            "resized", "the image with H' × W' elements, by the nearest one or by a mean of the nearest four",
            swift: ["x.resized(to size: Size2D, by interpolation: Interpolation = .nearest) -> Tensor"],
            [
                Sample([.real([2, 3, 2, 3])], torch: "\(torch)(a, scale_factor=2)") { $0[0].resized(to: [4, 6]) },
                Sample([.real([2, 3, 5, 4])], torch: "\(torch)(a, (3, 7))") { $0[0].resized(to: [3, 7]) },
                Sample([.real([2, 3, 3, 4])], torch: "\(torch)(a, (6, 8), mode='bilinear')") {
                    $0[0].resized(to: [6, 8], by: .bilinear())
                },
                Sample([.real([2, 3, 5, 4])], torch: "\(torch)(a, (3, 7), mode='bilinear')") {
                    $0[0].resized(to: [3, 7], by: .bilinear())
                },
                Sample([.real([1, 16, 3, 4])], torch: "\(torch)(a, (5, 4), mode='bilinear', align_corners=True)") {
                    $0[0].resized(to: [5, 4], by: .bilinear(alignsCorners: true))
                },
                Sample([.real([1, 2, 4, 1])], torch: "\(torch)(a, (1, 3), mode='bilinear', align_corners=True)") {
                    $0[0].resized(to: [1, 3], by: .bilinear(alignsCorners: true))
                },
            ])
        private static let torch = "torch.nn.functional.interpolate"
    }
}

extension Interpolation {
    /// For each of the new places the place whose element it gets.
    fileprivate static func nearestPlaces(_ old: Int, _ new: Int) -> [Int64] { (0..<new).map { Int64($0 * old / new) } }

    /// For each of the new places the two old ones that it lies between, and how far from the first, 0…1.
    fileprivate static func neighbours(
        _ old: Int, _ new: Int, alignsCorners: Bool
    ) -> (first: [Int64], second: [Int64], parts: [Double]) {
        var (first, second, parts): ([Int64], [Int64], [Double]) = ([], [], [])
        for place in 0..<new {
            var position = max((Double(place) + 0.5) * Double(old) / Double(new) - 0.5, 0)
            if alignsCorners { position = new == 1 ? 0 : Double(place * (old - 1)) / Double(new - 1) }
            let before = min(Int(position), old - 1)
            first.append(Int64(before))
            second.append(Int64(min(before + 1, old - 1)))
            parts.append(before == old - 1 ? 0 : position - Double(before))
        }
        return (first, second, parts)
    }
}

extension Tensor {
    /// `[N, C, H, W]` with `new` elements along axis 2 or 3, each a mean of the two that it lies between.
    fileprivate func interpolated(axis: Int, to new: Int, alignsCorners: Bool) -> Tensor {
        let places = Interpolation.neighbours(shape[axis], new, alignsCorners: alignsCorners)
        let form: Shape = axis == 2 ? [new, 1] : [new]
        func share(_ parts: [Double]) -> Tensor { Tensor(parts, shape: form, dtype: dtype, device: device) }
        func elements(_ places: [Int64]) -> Tensor { gathered(Tensor(places, device: device), axis: axis) }
        return elements(places.first) * share(places.parts.map { 1 - $0 }) + elements(places.second)
            * share(places.parts)
    }
}

extension TensorConvertible {
    /// An image `[N, C, H, W]` with another number of rows and columns.
    ///
    /// - Returns: `[N, C, H', W']` for a size of H' × W'. A smaller one is made of the same few elements, not of all: average
    ///   first what is to become much smaller.
    /// - Gradient: each element gets that of the places that it was read for, with its share.
    ///
    /// Traps unless x has four axes, with rows and columns, and the size is above 0.
    public func resized(
        to size: Size2D, by interpolation: Interpolation = .nearest, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let x = tensor.real()
        guard x.rank == 4, Swift.min(x.shape[2], x.shape[3]) > 0 else {
            shapeFailure(
                ShapeError(
                    "resized", "the input must have 4 axes, with rows and columns",
                    [.init("input", axes: "[N, C, H, W]", x.shape)]), file, line)
        }
        guard Swift.min(size.height, size.width) > 0 else {
            failure("resized: the size must be above 0, not \(size)", file, line)
        }
        let (height, width) = (x.shape[2], x.shape[3])
        var y = x
        switch interpolation {
        case .nearest:
            for (axis, old, new) in [(2, height, size.height), (3, width, size.width)] where old != new {
                y = y.gathered(Tensor(Interpolation.nearestPlaces(old, new), device: x.device), axis: axis)
            }
        case .bilinear(let alignsCorners):
            y = x.computedWide { x in
                var y = x
                for (axis, old, new) in [(2, height, size.height), (3, width, size.width)] where old != new {
                    y = y.interpolated(axis: axis, to: new, alignsCorners: alignsCorners)
                }
                return y
            }
        }
        return y
    }
}
