import YuyanBackend

extension TensorConvertible {
    /// The only element, as a number. Traps unless there is exactly one.
    public func item(file: StaticString = #fileID, line: UInt = #line) -> Double {
        item(as: Double.self, file: file, line: line)
    }

    /// The only element, cast to a Swift type; whole numbers keep all their digits. Traps unless there is exactly one.
    public func item<Element: TensorElement>(
        as type: Element.Type, file: StaticString = #fileID, line: UInt = #line
    ) -> Element {
        let x = tensor
        guard x.elementCount == 1 else {
            shapeFailure(
                ShapeError(
                    "item", "the tensor must have exactly one element", [.init("tensor", x.shape)],
                    hint: "array(of:) gives all elements"), file, line)
        }
        return x.array(of: type)[0]
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
