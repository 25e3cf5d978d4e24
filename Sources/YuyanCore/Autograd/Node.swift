import Synchronization
import YuyanBackend

/// A recorded operation: where its inputs came from, and what their gradients need.
///
/// Nodes are numbered in order of creation, so a node's inputs always have smaller numbers: the backward sweep takes
/// the largest pending number next and needs no visit beforehand.
package class Node {
    package let sequence: UInt64
    // A graph belongs to one task and its properties are read and set at once, never held: what the run-time check for
    // overlapping access would cost is a twentieth of a small step.
    /// The sum of the contributions that have arrived in the sweep under way.
    @exclusivity(unchecked) package var pending: Tensor?
    /// True once a sweep has given up what this node had saved.
    @exclusivity(unchecked) package var isReleased = false
    /// Whether this is a `LeafNode`: asked for every contribution, so not by a cast.
    package let isLeaf: Bool

    /// Who wants to see the gradient.
    @exclusivity(unchecked) final var probes: [GradientProbe] = []

    private static let counter = Atomic<UInt64>(0)

    package init(isLeaf: Bool = false) {
        self.isLeaf = isLeaf
        sequence = Node.counter.wrappingAdd(1, ordering: .relaxed).oldValue
        if let recorder = Recorder.current { recorder.noteNode(sequence) }
    }

    /// The name of the operation, for messages.
    package var name: String { "" }

    /// The name with what is computed in the same pass, for pictures.
    package var fullName: String { name }

    /// Where the operands came from, in order. Meaningless once released.
    package var operands: [Edge] { [] }

    /// Passes the gradient of the output, which is pending, on to the inputs.
    package func propagate(_ sweep: inout Sweep) {}

    /// The pending gradient, which the node lets go of.
    package final func takeGradient() -> Tensor {
        guard let gradient = pending.take() else { failure("backward: \"\(name)\" has no gradient") }
        return gradient
    }

    /// Drops saved values and inputs, moving the input nodes to `nodes`.
    package func release(into nodes: inout [Node]) {}

    deinit {
        var inputs: [Node] = []
        release(into: &inputs)
        drain(&inputs)
    }
}

extension Edge {
    /// Moves the node out, if there is one. A leaf has no inputs that would have to be let go of.
    package mutating func release(into nodes: inout [Node]) {
        if let node = node.take(), !node.isLeaf { nodes.append(node) }
    }
}

/// An input of a recorded operation: the node that computed it (nil if not recorded), and what its gradient must be.
package struct Edge {
    package var node: Node?
    package let shape: Shape
    package let dtype: DType
    package let device: Device

    package init(_ x: Tensor) {
        node = x.node
        shape = x.shape
        dtype = x.dtype
        device = x.device
    }
}

/// Lets go of nodes with an explicit stack: a chain of a million is torn down without recursion.
package func drain(_ stack: inout [Node]) {
    while var node = stack.popLast() {
        if isKnownUniquelyReferenced(&node) { node.release(into: &stack) }
    }
}

/// Where gradients end: the leaf of a `Parameter`, which collects them.
package final class LeafNode: Node {
    @exclusivity(unchecked) package var gradient: Tensor?
    /// The type of the parameter's value and of its gradient. Where layers compute with less, contributions have less.
    @exclusivity(unchecked) package var dtype = DType.float32

    package init() { super.init(isLeaf: true) }

    override package var name: String { "parameter" }
}
