import YuyanCore

/// Images of one size in bytes, with a label each: what a data set of fixed files keeps.
struct LabeledImages: Sendable {
    private let pixels: HostArray  // uint8 [N, C, H, W]
    let labels: [UInt8]

    /// - Parameter shape: that of one image.
    init(pixels: [UInt8], shape: Shape, labels: [UInt8]) {
        self.pixels = HostArray(bytes: pixels, shape: Shape([labels.count] + Array(shape)), dtype: .uint8)
        self.labels = labels
    }

    /// The CRC-32 of all pixels and labels.
    var checksum: String { Checksum.text([pixels.bytes, labels]) }

    subscript(index: Int) -> (Tensor, Tensor) {
        let image = LabeledImages.scaled(pixels.row(at: index))
        return (image, Tensor([Int64(labels[index])], shape: .scalar))
    }

    func batch(at indices: ArraySlice<Int>) -> (Tensor, Tensor) {
        let images = LabeledImages.scaled(pixels.rows(at: indices))
        return (images, Tensor(indices.map { Int64(labels[$0]) }, shape: [indices.count]))
    }

    /// Bytes to 0…1.
    private static func scaled(_ pixels: HostArray) -> Tensor {
        let bytes = pixels.bytes
        // A plain loop into fresh memory is vectorized; `map` is not, and takes four times as long.
        let floats = [Float](unsafeUninitializedCapacity: bytes.count) { floats, count in
            for (index, byte) in bytes.enumerated() { floats[index] = Float(byte) / 255 }
            count = bytes.count
        }
        return Tensor(floats, shape: pixels.shape)
    }
}
