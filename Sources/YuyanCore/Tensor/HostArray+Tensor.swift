import YuyanBackend

extension Tensor {
    /// A tensor with the elements of `array`, on the current device.
    public init(_ array: HostArray) {
        let backend = Device.current.backend
        self.init(array.bytes.withUnsafeBytes { backend.upload($0, array.shape, array.dtype) })
    }

    /// A copy of the elements that any thread may read.
    public var hostArray: HostArray {
        var bytes = [UInt8](repeating: 0, count: elementCount * dtype.byteCount)
        bytes.withUnsafeMutableBytes { backend.download(buffer, into: $0) }
        return HostArray(bytes: bytes, shape: shape, dtype: dtype)
    }
}

extension HostArray {
    /// The arrays as slices of a new first axis: n arrays of shape `[…]` → `[n, …]`.
    ///
    /// Traps if there are none, or if shapes or element types differ.
    public static func stacked(_ arrays: [HostArray]) -> HostArray {
        guard let first = arrays.first else { failure("collate: a batch needs at least one sample") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(first.bytes.count * arrays.count)
        for (index, array) in arrays.enumerated() {
            guard array.shape == first.shape, array.dtype == first.dtype else {
                failure(
                    """
                    collate: samples of one batch must agree in shape and element type
                      sample 0: \(first.dtype) \(first.shape)
                      sample \(index): \(array.dtype) \(array.shape)
                      give the loader a collate function that makes them agree
                    """)
            }
            bytes.append(contentsOf: array.bytes)
        }
        return HostArray(bytes: bytes, shape: Shape([arrays.count] + first.shape), dtype: first.dtype)
    }
}
