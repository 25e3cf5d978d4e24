import YuyanCore

/// An image `[N, C, H, W]` with more rows and columns, or other ones; see `resized(to:by:)`.
public final class Upsample: Layer {
    /// How many rows and columns there are in the result for each of the input; nil if the size is given.
    public let scale: Size2D?
    /// The rows and columns of the result; nil if the scale is given.
    public let size: Size2D?
    /// How elements between those of the input are made.
    public let interpolation: Interpolation

    /// A layer that makes images so many times as large. Traps unless the scale is above 0.
    public init(scale: Size2D, interpolation: Interpolation = .nearest) {
        guard min(scale.height, scale.width) > 0 else { failure("Upsample: the scale must be above 0, not \(scale)") }
        self.scale = scale
        size = nil
        self.interpolation = interpolation
    }

    /// A layer that gives all images one size. Traps unless it is above 0.
    public init(size: Size2D, interpolation: Interpolation = .nearest) {
        guard min(size.height, size.width) > 0 else { failure("Upsample: the size must be above 0, not \(size)") }
        scale = nil
        self.size = size
        self.interpolation = interpolation
    }

    /// Traps unless the input has four axes, with rows and columns.
    public override func forward(_ input: Tensor) -> Tensor {
        guard let scale, input.rank == 4 else { return input.resized(to: size ?? 1, by: interpolation) }
        let size = Size2D(height: input.shape[2] * scale.height, width: input.shape[3] * scale.width)
        return input.resized(to: size, by: interpolation)
    }

    public override var details: String {
        var text = "Upsample(" + (scale.map { "scale: \($0)" } ?? "size: \(size!)")
        switch interpolation {
        case .nearest: break
        case .bilinear(let alignsCorners):
            text += ", interpolation: .bilinear(" + (alignsCorners ? "alignsCorners: true)" : ")")
        }
        return text + ")"
    }
}
