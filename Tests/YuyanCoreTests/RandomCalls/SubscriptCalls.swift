import YuyanBackend
import YuyanCore

extension RandomOperation {
    /// `x[…]`, and assignments to it.
    static let subscripts: [RandomOperation] = [
        RandomOperation("slice", entries: ["slice", "gathered"], weight: 6) { draw in
            guard let x = draw.first(DType.allCases, 0...4) else { return nil }
            let indices = DrawnIndices(&draw, x.shape)
            return Call("x[\(indices.text)]", .exact) { subscripted($0[0], indices.onDevice()) }
        },
        RandomOperation("assignment", entries: [], weight: 6) { draw in
            guard let x = draw.first(DType.allCases, 1...4) else { return nil }
            let indices = DrawnIndices(&draw, x.shape)
            if indices.isEmpty { return nil }
            // What the indices select of as many zeros: the value's shape must broadcast to it.
            let selected = withDevice(.reference) {
                Array(subscripted(Tensor.zeros(Shape(x.shape), dtype: .uint8), indices.onDevice()).shape)
            }
            draw.operand(draw.broadcastable(to: selected), draw.chance(0.2) ? draw.dtype(DType.allCases) : x.dtype)
            return Call(several: "x[\(indices.text)] = value", .exact) { x in
                var changed = x[0]
                assign(x[1], to: &changed, indices.onDevice())
                return [changed, x[0]]
            }
        },
        RandomOperation("assignment of a part of itself", entries: []) { draw in
            guard let x = draw.first(DType.allCases, 1...4, where: { $0[0] > 2 }) else { return nil }
            let count = x.shape[0]
            return Call(several: "x[1...] = x[..<(-1)]", .exact) { x in
                var changed = x[0]
                changed[1..<count] = changed[0..<count - 1]
                return [changed, x[0]]
            }
        },
    ]
}

/// One index an axis, or fewer.
private struct DrawnIndices {
    private enum Part {
        case plain(any TensorIndex, String)
        case tensor(HostArray)
    }
    private var parts: [Part] = []

    init(_ draw: inout Draw, _ shape: [Int]) {
        var axis = 0
        // A mask counts as positions of its own number: others must be as many.
        var (takesTensors, takesMask) = (draw.chance(0.3), false)
        if !takesTensors { takesMask = draw.chance(0.2) }
        while axis < shape.count, draw.chance(0.85), parts.count < 6 {
            if draw.chance(0.08) {
                parts.append(.plain(AxisIndex.newAxis, ".newAxis"))
                continue
            }
            if draw.chance(0.06) {
                parts.append(.plain(AxisIndex.ellipsis, ".ellipsis"))
                // What follows would have to end at the last axis.
                break
            }
            if takesMask, draw.chance(0.4) {
                parts.append(.tensor(HostArray((0..<shape[axis]).map { _ in draw.chance(0.4) }, shape: [shape[axis]])))
                takesMask = false
            } else if takesTensors, shape[axis] > 0, draw.chance(0.5) {
                parts.append(DrawnIndices.positions(&draw, shape[axis]))
            } else {
                parts.append(DrawnIndices.plain(&draw, shape[axis]))
            }
            axis += 1
        }
    }

    private static func plain(_ draw: inout Draw, _ size: Int) -> Part {
        let first = draw.int(0...size)
        let last = draw.int(first...size)
        switch draw.int(0...6) {
        case 0, 1:
            guard size > 0 else { return .plain(AxisIndex.all, ".all") }
            let index = draw.int(-size...size - 1)
            return .plain(index, "\(index)")
        case 2: return .plain(first..<last, "\(first)..<\(last)")
        case 3:
            let step = draw.int(1...3)
            return .plain(
                AxisIndex.slice(from: first, to: last, by: step), ".slice(from: \(first), to: \(last), by: \(step))")
        case 4:
            let step = draw.int(-3 ... -1)
            return .plain(AxisIndex.slice(by: step), ".slice(by: \(step))")
        case 5: return .plain(first..., "\(first)...")
        default: return .plain(AxisIndex.all, ".all")
        }
    }

    /// Positions, whose shapes broadcast together.
    private static func positions(_ draw: inout Draw, _ size: Int) -> Part {
        let shape = draw.pick([[1], [3], [2, 1], [2, 3], []])
        let count = shape.reduce(1, *)
        if draw.chance(0.3) {
            return .tensor(HostArray((0..<count).map { _ in Int32(draw.int(-size...size - 1)) }, shape: Shape(shape)))
        }
        return .tensor(HostArray((0..<count).map { _ in draw.int(-size...size - 1) }, shape: Shape(shape)))
    }

    var isEmpty: Bool { parts.isEmpty }

    /// The indices, with tensors on the current device.
    func onDevice() -> [any TensorIndex] {
        parts.map {
            switch $0 {
            case .plain(let index, _): index
            case .tensor(let array): Tensor(array)
            }
        }
    }

    var text: String {
        parts.map {
            switch $0 {
            case .plain(_, let text): text
            case .tensor(let array):
                "\(array.dtype) \(array.shape) \(withDevice(.reference) { Tensor(array).array(of: Int.self) })"
            }
        }.joined(separator: ", ")
    }
}
