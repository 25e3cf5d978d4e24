import YuyanBackend

/// The elements of a tensor as plain bytes in host memory, which any thread may read.
///
/// Data sets are made of these: a `Tensor` stays with the thread that made it, a host array does not.
public struct HostArray: Sendable, Hashable {
    /// The sizes of the axes.
    public let shape: Shape
    /// The type of the elements.
    public let dtype: DType
    /// The elements in row-major order and the machine's byte order.
    public let bytes: [UInt8]

    /// An array of bytes that hold elements of `dtype`. Traps unless there are as many as the shape needs, and those of
    /// a bool array are 0 or 1: Swift gives other bytes no meaning.
    public init(bytes: [UInt8], shape: Shape, dtype: DType) {
        guard bytes.count == shape.elementCount * dtype.byteCount else {
            failure(
                "host array: \(dtype) \(shape) needs \(shape.elementCount * dtype.byteCount) bytes, got \(bytes.count)")
        }
        if dtype == .bool, let odd = bytes.first(where: { $0 > 1 }) {
            failure("host array: bool elements are the bytes 0 and 1, not \(odd)")
        }
        self.shape = shape
        self.dtype = dtype
        self.bytes = bytes
    }

    /// An array of Swift values, `Double` as float64. Traps unless there are as many as the shape needs.
    public init<Element: TensorElement>(_ elements: [Element], shape: Shape) {
        self.init(bytes: elements.withUnsafeBytes { Array($0) }, shape: shape, dtype: Element.dtype)
    }

    /// The size of the first axis. Traps for a scalar, which has none.
    public var rowCount: Int { shape[0] }

    /// The slices along the first axis at `indices`, in that order: `[n, …]` → `[indices.count, …]`.
    public func rows(at indices: some Collection<Int>) -> HostArray {
        var shape = shape
        let byteCount = rowByteCount
        shape[0] = indices.count
        var gathered: [UInt8] = []
        gathered.reserveCapacity(indices.count * byteCount)
        for index in indices {
            checkRow(index)
            gathered.append(contentsOf: bytes[(index * byteCount)..<((index + 1) * byteCount)])
        }
        return HostArray(bytes: gathered, shape: shape, dtype: dtype)
    }

    /// One slice along the first axis: `[n, …]` → `[…]`.
    public func row(at index: Int) -> HostArray {
        checkRow(index)
        let byteCount = rowByteCount
        let slice = bytes[(index * byteCount)..<((index + 1) * byteCount)]
        return HostArray(bytes: Array(slice), shape: Shape(Array(shape.dropFirst())), dtype: dtype)
    }

    private var rowByteCount: Int { shape.dropFirst().reduce(dtype.byteCount, *) }

    private func checkRow(_ index: Int) {
        guard (0..<rowCount).contains(index) else {
            failure("data set: index \(index) is outside 0..<\(rowCount)")
        }
    }
}
