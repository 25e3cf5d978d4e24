import YuyanBackend

extension TensorConvertible {
    /// The only element, as a number. Traps unless there is exactly one.
    public func item(file: StaticString = #fileID, line: UInt = #line) -> Double {
        let x = tensor
        guard x.elementCount == 1 else {
            shapeFailure(
                ShapeError(
                    "item", "the tensor must have exactly one element", [.init("tensor", x.shape)],
                    hint: "array(of:) gives all elements"), file, line)
        }
        return x.array(of: Double.self)[0]
    }

    /// The elements in row-major order, cast to a Swift type.
    public func array<Element: TensorElement>(of type: Element.Type = Element.self) -> [Element] {
        let x = tensor.detached().cast(to: Element.dtype)
        return [Element](unsafeUninitializedCapacity: x.elementCount) { bytes, count in
            x.backend.download(x.buffer, into: UnsafeMutableRawBufferPointer(bytes))
            count = x.elementCount
        }
    }
}

extension Double {
    /// The only element of a tensor. Traps unless there is exactly one.
    public init(_ tensor: some TensorConvertible) { self = tensor.item() }
}

extension Float {
    /// The only element of a tensor. Traps unless there is exactly one.
    public init(_ tensor: some TensorConvertible) { self = Float(tensor.item()) }
}
