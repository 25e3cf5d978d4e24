import YuyanBackend

/// An n-dimensional array of numbers, with the history that gradients need.
///
/// A tensor is a value: no operation changes a tensor that somebody else can see. Mutating operations copy the
/// elements first if they are shared. Element type, device and rank are known at run time.
public struct Tensor {
    package var buffer: DeviceBuffer
    /// The operation that computed this tensor, if it was recorded.
    package var node: Node?

    @inline(__always)
    package init(_ buffer: DeviceBuffer, node: Node? = nil) {
        self.buffer = buffer
        self.node = node
    }

    /// The sizes of the axes.
    public var shape: Shape { buffer.shape }
    /// The type of the elements.
    public var dtype: DType { buffer.dtype }
    /// Where the elements live.
    public var device: Device { buffer.device }
    /// The number of axes.
    public var rank: Int { buffer.shape.rank }
    /// The number of elements.
    public var elementCount: Int { buffer.elementCount }

    /// The size of the first axis. Traps for a scalar.
    public var count: Int {
        guard rank > 0 else { failure("count: a scalar has no first axis") }
        return shape[0]
    }

    /// Whether gradients flow back through this tensor.
    public var isRecorded: Bool { node != nil }

    /// The same elements without history: gradients do not flow through the result.
    public func detached() -> Tensor { Tensor(buffer) }

    /// The backend of the tensor's device.
    package var backend: any Backend { buffer.device.backend }

    /// Makes `buffer` the only reference to its elements, so that they may be changed in place.
    package mutating func makeUnique() {
        if !isKnownUniquelyReferenced(&buffer) || buffer.owner != nil || !buffer.isDense {
            buffer = backend.copied(buffer)
        }
    }
}

/// What operations accept: a `Tensor`, or a `Parameter`, which stands for its value and collects the gradient.
public protocol TensorConvertible {
    /// The value as a tensor.
    var tensor: Tensor { get }
}

extension Tensor: TensorConvertible {
    /// The tensor itself.
    @inlinable
    public var tensor: Tensor { self }
}

/// A Swift number that can stand beside a tensor in arithmetic: `Int`, `Float` or `Double`.
///
/// It takes the tensor's element type, except that a floating-point number makes an integer tensor `float32`. Integers are
/// exact in int64 tensors.
public protocol TensorScalar: Sendable {
    /// Whether it has a fraction, so that tensors of whole numbers become float32 beside it.
    static var isFloatingPoint: Bool { get }
    /// The number as a `Double`.
    var doubleValue: Double { get }
    /// The number itself where it is an integer: beyond 2⁵³ a `Double` is not exact. nil for floating point.
    var exactInteger: Int? { get }
}

extension TensorScalar {
    public var exactInteger: Int? { nil }
}

extension Int: TensorScalar {
    /// False.
    public static var isFloatingPoint: Bool { false }
    /// The nearest `Double`.
    public var doubleValue: Double { Double(self) }
    public var exactInteger: Int? { self }
}

extension Float: TensorScalar {
    /// True.
    public static var isFloatingPoint: Bool { true }
    /// The same number.
    public var doubleValue: Double { Double(self) }
}

extension Double: TensorScalar {
    /// True.
    public static var isFloatingPoint: Bool { true }
    /// The number itself.
    public var doubleValue: Double { self }
}
