import Yuyan

/// A data set of images of one size, resized by bilinear interpolation between the centers of the pixels.
struct ResizedImages<Base: Dataset>: Dataset where Base.Sample == (Tensor, Tensor), Base.Batch == (Tensor, Tensor) {
    typealias Sample = (Tensor, Tensor)

    let base: Base
    private let resizing: Resizing

    init(_ base: Base, from old: Int, to new: Int) {
        self.base = base
        resizing = Resizing(from: old, to: new)
    }

    var count: Int { base.count }

    subscript(index: Int) -> (Tensor, Tensor) {
        get throws {
            let (image, label) = try base[index]
            return (resizing(image), label)
        }
    }

    func batch(at indices: ArraySlice<Int>) throws -> (Tensor, Tensor) {
        let (images, labels) = try base.batch(at: indices)
        return (resizing(images), labels)
    }
}

/// Square images `[…, old, old]` → `[…, new, new]`.
///
/// A new pixel i of an axis looks at s = (i + 0.5) · old / new − 0.5 and mixes the two pixels beside it: PyTorch's
/// `interpolate(mode="bilinear", align_corners=False)`.
struct Resizing: Sendable {
    /// What old pixels give to new ones, `[new, old]`.
    private let weights: [Float]
    private let shape: Shape

    init(from old: Int, to new: Int) {
        var weights = [Float](repeating: 0, count: new * old)
        for index in 0..<new {
            let place = min(max((Double(index) + 0.5) * Double(old) / Double(new) - 0.5, 0), Double(old - 1))
            let first = min(Int(place), max(old - 2, 0))
            let fraction = Float(place - Double(first))
            weights[index * old + first] += 1 - fraction
            if first + 1 < old { weights[index * old + first + 1] += fraction }
        }
        self.weights = weights
        shape = [new, old]
    }

    func callAsFunction(_ images: Tensor) -> Tensor {
        withoutGradients {
            let weights = Tensor(weights, shape: shape)
            return weights.matmul(images).matmul(weights.transposed())
        }
    }
}
