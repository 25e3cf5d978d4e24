/// Says when the gradients of parameters are complete in a sweep.
///
/// A sweep takes nodes in reverse order of creation. So a parameter's gradient is complete once the sweep has come below
/// the first node that used the parameter.
struct Completions {
    private let body: (Parameter) -> Void
    /// The parameters by first use, the latest first.
    private var pending: [(firstUse: UInt64, parameter: Parameter)]
    private var next = 0

    /// Visits the graph from `root`.
    init(of parameters: [Parameter], from root: Node, _ body: @escaping (Parameter) -> Void) {
        self.body = body
        var firstUses: [ObjectIdentifier: UInt64] = [:]
        for parameter in parameters { firstUses[ObjectIdentifier(parameter.leaf)] = .max }
        var visited: Set<ObjectIdentifier> = [ObjectIdentifier(root)]
        var stack = [root]
        while let node = stack.popLast() {
            if node.isReleased { continue }
            for case let operand? in node.operands.map(\.node) {
                let identifier = ObjectIdentifier(operand)
                if operand.isLeaf {
                    if let known = firstUses[identifier] { firstUses[identifier] = Swift.min(known, node.sequence) }
                } else if visited.insert(identifier).inserted {
                    stack.append(operand)
                }
            }
        }
        // Sorting keeps the order of equals: a layer's weight and bias come as `parameters` has them.
        pending = parameters.compactMap { parameter in
            let firstUse = firstUses.removeValue(forKey: ObjectIdentifier(parameter.leaf)) ?? .max
            return firstUse == .max ? nil : (firstUse, parameter)
        }
        pending.sort { $0.firstUse > $1.firstUse }
    }

    /// Calls the body for parameters that no node up to `sequence` uses.
    mutating func report(above sequence: UInt64) {
        while next < pending.count, pending[next].firstUse > sequence {
            body(pending[next].parameter)
            next += 1
        }
    }
}
