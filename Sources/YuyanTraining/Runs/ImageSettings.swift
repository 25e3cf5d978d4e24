import YuyanCore
import YuyanData

/// The pictures that a run of `yuyan train` learns from, where they are not Fashion-MNIST's as they stand: what they show,
/// and how they are changed before the network sees them.
public struct ImageSettings: Sendable, Hashable, Codable {
    /// The classes, in the order of the network's outputs.
    public var classNames: [String]
    /// 1 for gray pictures, 3 for colors.
    public var channels: Int
    /// Height of a picture as the network sees it.
    public var height: Int
    /// Width of a picture as the network sees it.
    public var width: Int
    /// What changes the pictures that are trained on.
    public var training: ImageTransforms
    /// What changes all others: those to validate and test with, and those of `predict`.
    public var evaluation: ImageTransforms

    /// The pictures of a run. `shape` is `[C, H, W]`, after the transforms.
    public init(classNames: [String], shape: Shape, training: ImageTransforms, evaluation: ImageTransforms) {
        self.classNames = classNames
        (channels, height, width) = (shape[0], shape[1], shape[2])
        self.training = training
        self.evaluation = evaluation
    }

    /// `[C, H, W]`, after the transforms.
    public var shape: Shape { [channels, height, width] }

    /// As people read them.
    var rows: [(name: String, value: String)] {
        let changes = training.steps.filter(\.isRandom).map { $0.name.replacing("_", with: " ") }
        return [
            ("classes", "\(classNames.count)"), ("image shape", "\(shape)"),
            ("augmentation", changes.isEmpty ? "none" : changes.joined(separator: ", ")),
        ]
    }
}
