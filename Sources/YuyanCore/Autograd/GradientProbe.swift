import YuyanBackend

/// Collects the gradient of a value in the middle of a computation, which nobody keeps otherwise.
///
///     let hidden = network.hidden(x)
///     let probe = GradientProbe(hidden)
///     crossEntropy(network.output(hidden), y).backward()
///     print(probe.gradient!)
public final class GradientProbe {
    /// ∂L/∂x, the sum over all calls of `backward` since it was last nil; nil until one has reached the value. With
    /// `recordGraph`, it can be differentiated itself.
    public var gradient: Tensor?

    /// Traps unless `x` is recorded, and computed: a `Parameter` has its own `gradient`.
    public init(_ x: Tensor, file: StaticString = #fileID, line: UInt = #line) {
        guard let node = x.node else {
            failure(
                """
                GradientProbe: the tensor has no recorded history
                  compute it from a Parameter, outside withoutGradients { }
                """, file, line)
        }
        if node.isLeaf {
            failure("GradientProbe: this is a parameter's value\n  read the parameter's gradient", file, line)
        }
        node.probes.append(self)
    }

    func collect(_ gradient: Tensor, recordsGraph: Bool) {
        let new = recordsGraph ? gradient : gradient.detached()
        self.gradient = self.gradient.map { sum in recordsGraph ? sum + new : withoutGradients { sum + new } } ?? new
    }
}
