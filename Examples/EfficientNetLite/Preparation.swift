import Yuyan

extension EfficientNetLite0 {
    /// What the network must see: colors, 224 × 224 pixels, values of −127/128 to 1 as TensorFlow's training had them.
    static let preparation: ImageTransforms = [
        .resize(224), .normalize(mean: [127.0 / 255], standardDeviation: [128.0 / 255]),
    ]

    /// The name of what PyTorch's state calls `_blocks.3._depthwise_conv.weight`: `blocks.3.depthwiseConv.weight`.
    static func name(ofForeign name: String) -> String {
        let parts = name.split(separator: ".").map { part in
            // Without an underscore in front it is a number, or a name of PyTorch's own layers, which are Yuyan's, too.
            guard part.hasPrefix("_") else { return String(part) }
            let words = part.split(separator: "_").map(String.init)
            return words[0] + words.dropFirst().map(\.capitalized).joined()
        }
        return parts.joined(separator: ".")
    }
}
