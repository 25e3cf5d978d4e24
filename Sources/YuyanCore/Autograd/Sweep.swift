import YuyanBackend

/// One backward pass: a heap of nodes with pending gradients, taken in reverse order of creation.
package struct Sweep {
    /// Whether gradients are themselves recorded, so that they can be differentiated again.
    let recordsGraph: Bool
    let retainsGraph: Bool
    /// Set for a functional gradient: only what leads to these nodes is visited, and parameters are left alone.
    private let targets: [Node]
    private let oldestTarget: UInt64
    private var heap: [Node] = []
    private var completions: Completions?
    /// Nodes to let go of; kept so that its memory is used again.
    private var released: [Node] = []

    /// Sweeps from `root`, whose gradient is `seed`, into the parameters.
    static func accumulate(
        from root: Node, _ seed: Tensor, retainsGraph: Bool, recordsGraph: Bool, completions: Completions? = nil
    ) {
        var sweep = Sweep(recordsGraph: recordsGraph, retainsGraph: retainsGraph || recordsGraph, targets: [])
        sweep.completions = completions
        sweep.contribute(seed, to: root, seed.shape)
        sweep.run()
    }

    /// Sweeps from `root` and returns the gradients that arrive at `targets`; nil where none does.
    static func gradients(
        from root: Node, _ seed: Tensor, at targets: [Node], retainsGraph: Bool, recordsGraph: Bool
    ) -> [Tensor?] {
        var sweep = Sweep(recordsGraph: recordsGraph, retainsGraph: retainsGraph || recordsGraph, targets: targets)
        sweep.contribute(seed, to: root, seed.shape)
        sweep.run()
        return targets.map { target in
            defer { target.pending = nil }
            guard let leaf = target as? LeafNode else { return target.pending }
            return target.pending?.cast(to: leaf.dtype)
        }
    }

    private init(recordsGraph: Bool, retainsGraph: Bool, targets: [Node]) {
        self.recordsGraph = recordsGraph
        self.retainsGraph = retainsGraph
        self.targets = targets
        oldestTarget = targets.map(\.sequence).min() ?? 0
    }

    /// Adds `gradient` to what has arrived at an input. Broadcast axes are summed away.
    ///
    /// Traps unless it has the input's element type and device: what takes it from here reads it as such.
    package mutating func contribute(_ gradient: Tensor, to edge: Edge) {
        guard let node = edge.node else { return }
        if gradient.dtype != edge.dtype || gradient.device != edge.device { Sweep.refuse(gradient, edge) }
        contribute(gradient, to: node, edge.shape)
    }

    private mutating func contribute(_ gradient: Tensor, to node: Node, _ shape: Shape) {
        guard node.sequence >= oldestTarget else { return }
        if gradient.shape != shape { return contribute(gradient.summed(to: shape), to: node, shape) }
        if node.isLeaf && targets.isEmpty {
            let leaf = unsafeDowncast(node, to: LeafNode.self)
            add(gradient.dtype == leaf.dtype ? gradient : gradient.cast(to: leaf.dtype), to: &leaf.gradient)
        } else if node.pending == nil {
            node.pending = gradient
            push(node)
        } else {
            add(gradient, to: &node.pending)
        }
    }

    /// Adds `gradient` to what has arrived for one of several results of an operation, which is taken once all have.
    package mutating func contribute(_ gradient: Tensor, toResultOf operation: Node, _ arrived: inout Tensor?) {
        guard operation.sequence >= oldestTarget else { return }
        add(gradient, to: &arrived)
        guard operation.pending == nil else { return }
        operation.pending = gradient
        push(operation)
    }

    private func add(_ gradient: Tensor, to sum: inout Tensor?) {
        if sum == nil {
            sum = recordsGraph ? gradient : gradient.detached()
            return
        }
        if !gradient.hasForm(of: sum!) { Sweep.refuse(gradient, besides: sum!) }
        if recordsGraph {
            sum = sum! + gradient
        } else {
            sum!.accumulate(gradient)
        }
    }

    @inline(never)
    private static func refuse(_ gradient: Tensor, _ input: Edge) -> Never {
        let wanted = "\(input.dtype) on \(input.device)"
        failure(
            "backward: a gradient is \(gradient.dtype) on \(gradient.device), what it belongs to is \(wanted)")
    }

    /// Within one sweep all contributions to a node fit; what an earlier one left in a parameter may not.
    @inline(never)
    private static func refuse(_ gradient: Tensor, besides sum: Tensor) -> Never {
        shapeFailure(
            .ofForms(
                "backward", "a parameter's gradient cannot be added to the one it has", "it has", sum, "new", gradient,
                hint: "its value was replaced: call zeroGradients() first, or set gradient = nil"), #fileID, #line)
    }

    private mutating func run() {
        while let node = pop() {
            if !targets.isEmpty && targets.contains(where: { $0 === node }) { continue }
            guard node.pending != nil else { continue }
            if node.isReleased {
                failure(
                    """
                    backward: an earlier backward pass released what "\(node.name)" had saved
                      pass retainGraph: true to that call to go through the graph twice
                    """)
            }
            completions?.report(above: node.sequence)
            if !node.probes.isEmpty && targets.isEmpty, let gradient = node.pending {
                for probe in node.probes { probe.collect(gradient, recordsGraph: recordsGraph) }
            }
            if let recorder = Recorder.current { recorder.enterGradient(of: node.sequence) }
            node.propagate(&self)
            if !retainsGraph {
                node.isReleased = true
                node.release(into: &released)
                drain(&released)
            }
        }
        completions?.report(above: 0)
    }

    // MARK: Binary heap on sequence numbers, largest first

    private mutating func push(_ node: Node) {
        heap.append(node)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[parent].sequence < heap[child].sequence else { break }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    private mutating func pop() -> Node? {
        guard let last = heap.popLast() else { return nil }
        guard let top = heap.first else { return last }
        heap[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count && heap[child].sequence < heap[child + 1].sequence { child += 1 }
            guard heap[parent].sequence < heap[child].sequence else { break }
            heap.swapAt(parent, child)
            parent = child
        }
        return top
    }
}
