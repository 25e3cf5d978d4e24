import YuyanCore
import YuyanNN

/// A number of channels or hidden units of a network whose hidden layers are `ratio` times narrower; at least 1.
func narrowed(_ width: Int, by ratio: Int) -> Int {
    guard ratio > 0 else { failure("widthRatio must be above 0, not \(ratio)") }
    return Swift.max(1, width / ratio)
}

extension Size2D {
    /// How many windows fit along each axis; 0 if the padded size is less than one.
    func windows(of kernel: Int, stride: Int = 1, padding: Int = 0) -> Size2D {
        func count(_ size: Int) -> Int {
            let room = size + 2 * padding - kernel
            return size > 0 && room >= 0 ? room / stride + 1 : 0
        }
        return Size2D(height: count(height), width: count(width))
    }

    var area: Int { height * width }
}

/// The mean of each channel over the rows and columns: `[N, C, H, W]` → `[N, C, 1, 1]`.
final class GlobalMean: Layer {
    override func forward(_ input: Tensor) -> Tensor { input.mean(axes: [2, 3], keepDimensions: true) }
}
