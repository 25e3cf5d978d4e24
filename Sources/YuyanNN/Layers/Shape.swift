import YuyanCore

/// Merges all axes after the first: `[N, C, H, W]` → `[N, C·H·W]`.
public final class Flatten: Layer {
    public override func forward(_ input: Tensor) -> Tensor { input.flattened(from: 1) }
}

/// The elements under another shape; one size may be −1 and is inferred.
public final class Reshape: Layer {
    /// The sizes of the result, where one may be −1.
    public let sizes: [Int]

    /// Reshapes to these sizes, of which one may be −1: what is left.
    public init(_ sizes: [Int]) { self.sizes = sizes }

    public override func forward(_ input: Tensor) -> Tensor { input.reshaped(sizes) }

    public override var details: String { "Reshape(\(sizes))" }
}

/// Its input, unchanged: a placeholder where a module is wanted.
public final class Identity: Layer {
    public override func forward(_ input: Tensor) -> Tensor { input }
}
