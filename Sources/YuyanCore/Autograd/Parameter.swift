import YuyanBackend

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
    /// The value, without history. Setting it keeps only the elements of what is assigned.
    public var value: Tensor {
        didSet { value.node = nil }
    }

    /// Whether operations on this parameter are recorded. Turn it off to freeze the parameter.
    public var requiresGradient = true

    private let leaf = LeafNode()

    public init(_ value: Tensor) { self.value = value.detached() }

    /// The sum of the gradients that have arrived since it was last nil; nil at first.
    public var gradient: Tensor? {
        get { leaf.gradient }
        set { leaf.gradient = newValue }
    }

    /// The value, recorded: gradients of what is computed from it arrive in `gradient`.
    public var tensor: Tensor { Tensor(value.buffer, node: requiresGradient ? leaf : nil) }

    public var shape: Shape { value.shape }
    public var dtype: DType { value.dtype }
    public var elementCount: Int { value.elementCount }
}
