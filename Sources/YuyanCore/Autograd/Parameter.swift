import YuyanBackend
import YuyanKernels

/// A trainable value that collects its gradient: the only leaf of a recorded graph.
///
/// Operations take a parameter wherever they take a tensor. `backward()` adds into `gradient`; optimizers,
/// initializers and loading write to `value`.
///
///     let w = Parameter(.zeros([2, 1]))
///     (x.matmul(w) - y).squared().sum().backward()
///     w.value -= 0.03 * w.gradient!
///     w.gradient = nil
public final class Parameter: TensorConvertible {
    /// The value, without history. Setting it keeps only the elements of what is assigned, whose shape, element type
    /// and device may be others. Traps unless it is of floating point.
    public var value: Tensor {
        didSet {
            value.node = nil
            shadow = nil
            leaf.dtype = value.dtype
            if !value.dtype.isFloatingPoint { refuseIntegers(#fileID, #line) }
        }
    }

    /// Its path in the model where that is known, for error texts: the longest by which a walk has found it.
    package var path = ""

    /// Whether operations on this parameter are recorded. Turn it off to freeze the parameter.
    @exclusivity(unchecked) public var requiresGradient = true

    let leaf = LeafNode()

    /// The value as bfloat16, once it has been asked for; nil when the value has changed.
    private var shadow: DeviceBuffer?

    /// Traps unless the value is of floating point.
    public init(_ value: Tensor, file: StaticString = #fileID, line: UInt = #line) {
        self.value = value.detached()
        leaf.dtype = value.dtype
        if !value.dtype.isFloatingPoint { refuseIntegers(file, line) }
    }

    /// The sum of the gradients that have arrived since it was last nil; nil at first.
    ///
    /// Setting it traps unless it has the value's shape, element type and device.
    public var gradient: Tensor? {
        get { leaf.gradient }
        set {
            if let newValue, !newValue.hasForm(of: value) { refuse(newValue) }
            leaf.gradient = newValue
        }
    }

    /// The value, recorded: gradients of what is computed from it arrive in `gradient`.
    ///
    /// Inside `withPrecision(.bfloat16)` it is the value rounded to bfloat16.
    public var tensor: Tensor {
        let buffer = yuyan_may_reduce_precision() ? reduced() : value.buffer
        return Tensor(buffer, node: requiresGradient ? leaf : nil)
    }

    /// The same as it is, in any precision.
    var unrounded: Tensor { Tensor(value.buffer, node: requiresGradient ? leaf : nil) }

    @inline(never)
    private func reduced() -> DeviceBuffer {
        guard value.dtype == .float32, ExecutionContext.current.precision == .bfloat16 else { return value.buffer }
        if let shadow { return shadow }
        let rounded = value.backend.cast(value.buffer, to: .bfloat16)
        shadow = rounded
        return rounded
    }

    /// Takes the shadow out, to be refreshed with the value and then put back: nil if there is none, or somebody else still
    /// reads it.
    func takeShadow() -> DeviceBuffer? {
        guard shadow != nil else { return nil }
        defer { shadow = nil }
        return isKnownUniquelyReferenced(&shadow) ? shadow : nil
    }

    func putShadow(_ refreshed: DeviceBuffer) { shadow = refreshed }

    /// The shape of the value.
    public var shape: Shape { value.shape }
    /// The element type of the value.
    public var dtype: DType { value.dtype }
    /// How many numbers are trained.
    public var elementCount: Int { value.elementCount }

    /// What error texts call it: `parameter 0.weight`.
    package var title: String { path.isEmpty ? "parameter" : "parameter \(path)" }

    @inline(never)
    private func refuse(_ gradient: Tensor) -> Never {
        shapeFailure(
            .ofForms(
                "gradient", "it must have its parameter's shape, element type and device", title, value, "gradient",
                gradient), #fileID, #line)
    }

    @inline(never)
    private func refuseIntegers(_ file: StaticString, _ line: UInt) -> Never {
        shapeFailure(
            ShapeError(
                "Parameter", "the value must be of floating point: gradients are",
                [.init(path.isEmpty ? "value" : path, of: value)],
                hint: "cast(to: .float32) makes it so"), file, line)
    }
}
