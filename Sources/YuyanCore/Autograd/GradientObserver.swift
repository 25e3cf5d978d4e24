import YuyanBackend

/// The same tensors; in a backward pass, `body` is called once when all their gradients are complete, with one for each,
/// nil where nothing depends on the tensor.
///
/// Nothing is copied and no gradient changes. Unlike a `GradientProbe`, this sees only what flows through the tensors that
/// it returns, not what reaches the values by other ways. Tensors without history have no gradient; if none has any,
/// `body` is never called.
package func observingGradients(of tensors: [Tensor], _ body: @escaping ([Tensor?]) -> Void) -> [Tensor] {
    guard isRecordingGradients, tensors.contains(where: \.isRecorded) else { return tensors }
    let observer = GradientObserver(count: tensors.count, body)
    return tensors.indices.map { place in
        guard tensors[place].isRecorded else { return tensors[place] }
        let node = forwardingNode(tensors[place]) { observer.collect($0, place) }
        observer.nodes[place].value = node
        return Tensor(tensors[place].buffer, node: node)
    }
}

/// What the nodes of several tensors have in common; they hold it, so it does not hold them.
private final class GradientObserver {
    struct WeakNode { weak var value: Node? }

    var nodes: [WeakNode]
    private var arrived: [Tensor?]
    private let body: ([Tensor?]) -> Void

    init(count: Int, _ body: @escaping ([Tensor?]) -> Void) {
        nodes = Array(repeating: WeakNode(), count: count)
        arrived = Array(repeating: nil, count: count)
        self.body = body
    }

    /// The nodes were made one after the other, and whatever depends on any of them later: a sweep comes to the last one
    /// first, when all have what they will get.
    func collect(_ gradient: Tensor, _ place: Int) {
        arrived[place] = gradient
        if nodes[..<place].contains(where: { $0.value?.pending != nil }) { return }
        let gradients = arrived
        for place in arrived.indices { arrived[place] = nil }
        body(gradients)
    }
}

/// A node for a value that has one: it hands the gradient on, and shows it on the way.
func forwardingNode(_ x: Tensor, observe: ((Tensor) -> Void)? = nil) -> Node { ForwardingNode(x, observe) }

private final class ForwardingNode: Node {
    private var input: Edge
    private let observe: ((Tensor) -> Void)?

    init(_ x: Tensor, _ observe: ((Tensor) -> Void)?) {
        input = Edge(x)
        self.observe = observe
    }

    override var name: String { observe == nil ? "gradient(of:at:)" : "backward hook" }
    override var operands: [Edge] { [input] }
    override func propagate(_ sweep: inout Sweep) {
        let gradient = takeGradient()
        observe?(sweep.recordsGraph ? gradient : gradient.detached())
        sweep.contribute(gradient, to: input)
    }
    override func release(into nodes: inout [Node]) { input.release(into: &nodes) }
}
