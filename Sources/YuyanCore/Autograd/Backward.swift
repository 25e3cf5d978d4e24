import YuyanBackend

extension Tensor {
    /// Walks the recorded graph from this tensor in reverse, applying the chain rule, and adds ∂L/∂p to the `gradient`
    /// of every parameter p that it depends on.
    ///
    /// - Parameters:
    ///   - gradient: ∂L/∂self, of this tensor's shape. May be left out for a tensor of one element (1).
    ///   - retainGraph: Keeps what operations saved, so that `backward` can be called again.
    ///   - recordGraph: Records the gradients, so that they can be differentiated themselves; implies `retainGraph`.
    ///
    /// Traps if the tensor is not recorded, if `gradient` is missing, of another shape or on another device, or if an
    /// earlier call has already released the graph.
    public func backward(
        _ gradient: Tensor? = nil, retainGraph: Bool = false, recordGraph: Bool = false,
        file: StaticString = #fileID, line: UInt = #line
    ) {
        let node = recordedNode(file, line)
        let seed = seedGradient(gradient, file, line)
        if recordGraph {
            withGradients { Sweep.accumulate(from: node, seed, retainsGraph: true, recordsGraph: true) }
        } else {
            Sweep.accumulate(from: node, seed, retainsGraph: retainGraph, recordsGraph: false)
        }
    }

    /// As `backward`, and calls `body` with each of `parameters` that this tensor depends on as soon as its `gradient` is
    /// complete, while those of the layers before are still to come: what works on the gradients, as an average over
    /// machines does, need not wait for the last.
    ///
    /// The order is that of last use reversed: it is the same wherever the same is computed.
    public func backward(
        _ gradient: Tensor? = nil, retainGraph: Bool = false, completing parameters: [Parameter],
        file: StaticString = #fileID, line: UInt = #line, _ body: (Parameter) -> Void
    ) {
        let node = recordedNode(file, line)
        let seed = seedGradient(gradient, file, line)
        withoutActuallyEscaping(body) { body in
            Sweep.accumulate(
                from: node, seed, retainsGraph: retainGraph, recordsGraph: false,
                completions: Completions(of: parameters, from: node, body))
        }
    }

    private func recordedNode(_ file: StaticString, _ line: UInt) -> Node {
        if let node { return node }
        failure(
            """
            backward: the tensor has no recorded history
              compute it from a Parameter, outside withoutGradients { }
            """, file, line)
    }

    fileprivate func seedGradient(_ gradient: Tensor?, _ file: StaticString, _ line: UInt) -> Tensor {
        if let gradient {
            guard gradient.shape == shape else {
                shapeFailure(
                    ShapeError(
                        "backward", "the gradient must have the tensor's shape",
                        [.init("tensor", shape), .init("gradient", gradient.shape)]), file, line)
            }
            guard gradient.device == device else {
                failure(
                    "backward: the gradient is on \(gradient.device), the tensor on \(device)\n  move it with "
                        + "to(.\(device))", file, line)
            }
            return gradient.cast(to: dtype)
        }
        guard elementCount == 1 else {
            shapeFailure(
                ShapeError(
                    "backward", "a tensor of more than one element needs an explicit gradient",
                    [.init("tensor", shape)], hint: "call sum().backward(), or backward(.ones(like: self))"), file, line
            )
        }
        return .full(shape, 1, dtype: dtype, device: device)
    }
}

/// The gradients ∂f/∂xᵢ at `inputs`, for a function with a result of one element.
///
/// Parameters inside `function` do not collect anything. Where the inputs are themselves recorded (as in
/// `gradient(of: { gradient(of: f, at: $0).sum() }, at: x)`) or `recordGraph` is set, the result can be
/// differentiated again. Inputs that the result does not depend on, and integers, have gradient zero.
public func gradients(
    of function: ([Tensor]) -> Tensor, at inputs: [Tensor], recordGraph: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
) -> [Tensor] {
    let (_, gradients) = valueWithGradients(of: function, at: inputs, recordGraph: recordGraph, file: file, line: line)
    return gradients
}

/// The gradient ∂f/∂x at `input`, for a function with a result of one element; see `gradients(of:at:recordGraph:)`.
public func gradient(
    of function: (Tensor) -> Tensor, at input: some TensorConvertible, recordGraph: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
) -> Tensor {
    gradients(of: { function($0[0]) }, at: [input.tensor], recordGraph: recordGraph, file: file, line: line)[0]
}

/// The value f(x) and the gradients ∂f/∂xᵢ at `inputs`; see `gradients(of:at:recordGraph:)`.
public func valueWithGradients(
    of function: ([Tensor]) -> Tensor, at inputs: [Tensor], recordGraph: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
) -> (value: Tensor, gradients: [Tensor]) {
    withGradients {
        let targets = inputs.map { $0.isRecorded ? forwardingNode($0) : Node() }
        let arguments = zip(inputs, targets).map { Tensor($0.buffer, node: $0.dtype.isFloatingPoint ? $1 : nil) }
        let value = function(arguments)
        let zeros = { (x: Tensor) in Tensor.zeros(x.shape, dtype: x.dtype, device: x.device) }
        guard let root = value.node else { return (value, inputs.map(zeros)) }
        let records = recordGraph || inputs.contains { $0.isRecorded }
        let seed = value.seedGradient(nil, file, line)
        let found = Sweep.gradients(from: root, seed, at: targets, retainsGraph: records, recordsGraph: records)
        return (records ? value : value.detached(), zip(inputs, found).map { $1 ?? zeros($0) })
    }
}
