import YuyanBackend

/// What can stand in `x[…]`: integers, ranges, `stride(from:to:by:)`, `.slice(from:to:by:)`, `.all`, `.newAxis`,
/// `.ellipsis`, integer tensors and bool masks.
public protocol TensorIndex {
    /// What it picks.
    var tensorIndexElement: TensorIndexElement { get }
}

/// One position of `x[…]`, normalised.
public enum TensorIndexElement {
    /// One slice; the axis disappears. Negative numbers count from the end.
    case integer(Int)
    /// Every `step`-th slice from `start` up to, not including, `end`; negative numbers count from the end. nil stands for
    /// the first or the last slice, the side that the step comes from or goes to.
    case slice(start: Int?, end: Int?, step: Int)
    /// Slices at these positions, one by one.
    case positions([Int])
    /// A new axis of size 1.
    case newAxis
    /// As many whole axes as the other indices leave.
    case ellipsis
    /// An int64 tensor of positions, or a bool mask over one or more axes.
    case tensor(Tensor)
}

extension Int: TensorIndex {
    /// Picks one position and drops the axis.
    public var tensorIndexElement: TensorIndexElement { .integer(self) }
}
extension Range<Int>: TensorIndex {
    /// Picks the positions of the range.
    public var tensorIndexElement: TensorIndexElement { .slice(start: lowerBound, end: upperBound, step: 1) }
}
extension ClosedRange<Int>: TensorIndex {
    /// Picks the positions of the range, its end too.
    public var tensorIndexElement: TensorIndexElement {
        .slice(start: lowerBound, end: endAfter(upperBound), step: 1)
    }
}
extension PartialRangeFrom<Int>: TensorIndex {
    /// Picks the positions from the start of the range on.
    public var tensorIndexElement: TensorIndexElement { .slice(start: lowerBound, end: nil, step: 1) }
}
extension PartialRangeUpTo<Int>: TensorIndex {
    /// Picks the positions up to the end of the range, without it.
    public var tensorIndexElement: TensorIndexElement { .slice(start: nil, end: upperBound, step: 1) }
}
extension PartialRangeThrough<Int>: TensorIndex {
    /// Picks the positions up to the end of the range, and it.
    public var tensorIndexElement: TensorIndexElement { .slice(start: nil, end: endAfter(upperBound), step: 1) }
}

/// What follows −1, the last, is the end, and not 0.
private func endAfter(_ last: Int) -> Int? { last == -1 ? nil : last + 1 }

extension StrideTo<Int>: TensorIndex {
    /// Picks the positions of the steps, without the end.
    public var tensorIndexElement: TensorIndexElement { .positions(Array(self)) }
}
extension StrideThrough<Int>: TensorIndex {
    /// Picks the positions of the steps, and the end if it is one.
    public var tensorIndexElement: TensorIndexElement { .positions(Array(self)) }
}
extension Tensor: TensorIndex {
    /// Picks the positions that it holds, or where it is true.
    public var tensorIndexElement: TensorIndexElement { .tensor(self) }
}

/// `.all`, `.newAxis`, `.ellipsis` and `.slice(from:to:by:)` in `x[…]`.
public struct AxisIndex: TensorIndex {
    /// What it picks.
    public let tensorIndexElement: TensorIndexElement
}
extension TensorIndex where Self == AxisIndex {
    /// A new axis of size 1.
    public static var newAxis: AxisIndex { AxisIndex(tensorIndexElement: .newAxis) }
    /// All of an axis.
    public static var all: AxisIndex { AxisIndex(tensorIndexElement: .slice(start: nil, end: nil, step: 1)) }
    /// All axes that the other indices leave, whole: `x[.ellipsis, 0]` is the first along the last axis.
    public static var ellipsis: AxisIndex { AxisIndex(tensorIndexElement: .ellipsis) }

    /// Every `step`-th slice from `start` up to, not including, `end`; `start:end:step` in Python.
    ///
    /// Negative numbers count from the end, so that `.slice(from: 1, to: -1)` leaves out the first and the last. With a
    /// negative step the slices come in falling order: `.slice(by: -1)` reverses an axis. Traps if the step is 0.
    public static func slice(from start: Int? = nil, to end: Int? = nil, by step: Int = 1) -> AxisIndex {
        guard step != 0 else { failure("slice: the step must not be 0") }
        return AxisIndex(tensorIndexElement: .slice(start: start, end: end, step: step))
    }
}

extension Tensor {
    /// Part of a tensor, one index an axis; axes without one stay whole.
    ///
    /// Integers drop their axis, ranges give views; negative positions and bounds count from the end, as in `x[-1]` and
    /// `x[(-3)...]`. Integer tensors gather slices, with their own shape in place of
    /// the axis; several are broadcast together (first if they are not neighbours); a bool mask of rank r selects over
    /// r axes. Assignment through the same indices writes the value, cast and broadcast, and is recorded.
    /// Traps if an index is out of range, or there are more indices than axes.
    public subscript(_ indices: any TensorIndex...) -> Tensor {
        get { Indexer(self, indices.map(\.tensorIndexElement)).value(of: self) }
        set { Indexer(self, indices.map(\.tensorIndexElement)).assign(newValue, to: &self) }
    }
}

extension Parameter {
    /// Part of the value, recorded; see `Tensor`'s subscript.
    public subscript(_ indices: any TensorIndex...) -> Tensor {
        let x = tensor
        return Indexer(x, indices.map(\.tensorIndexElement)).value(of: x)
    }
}

/// `x[…]` in steps: a region of `x`; dropped and new axes; reversed axes; then at most one gather over merged axes.
private struct Indexer {
    private var region: Region
    /// The region's shape without dropped axes and with new ones.
    private var shape: [Int] = []
    /// Axes of `shape` whose slices are wanted in falling order.
    private var reversed: [Int] = []
    /// Axes of `shape` with the positions to gather from them.
    private var gathered: [(axis: Int, positions: Tensor)] = []
    private var mask: (axis: Int, mask: Tensor)?

    init(_ x: Tensor, _ elements: [TensorIndexElement]) {
        region = Region(all: x.shape)
        var axis = 0
        for element in elements {
            if case .newAxis = element {
                shape.append(1)
                continue
            }
            if case .ellipsis = element {
                let end = x.rank - Indexer.axisCount(elements) + axis
                while axis < end {
                    shape.append(x.shape[axis])
                    axis += 1
                }
                continue
            }
            guard axis < x.rank else {
                failure("subscript: \(elements.count) indices for shape \(x.shape), which has \(x.rank) axes")
            }
            let size = x.shape[axis]
            switch element {
            case .newAxis, .ellipsis: break
            case .integer(let index):
                let position = index < 0 ? index + size : index
                guard (0..<size).contains(position) else {
                    failure("subscript: index \(index) is outside axis \(axis) of shape \(x.shape)")
                }
                region.restrict(axis: axis, from: position, count: 1)
            case .slice(let start, let end, let step):
                if step > 0 {
                    let (first, last) = Indexer.bounds(start, end, size, axis, x)
                    let count = (last - first + step - 1) / step
                    region.restrict(axis: axis, from: first, count: count, step: step)
                    shape.append(count)
                } else {
                    restrict(axis, Indexer.falling(start, end, step, size, axis, x), x)
                }
            case .positions(let positions):
                restrict(axis, positions, x)
            case .tensor(let tensor):
                if tensor.dtype == .bool {
                    axis += addMask(tensor, axis, x) - 1
                } else {
                    gathered.append((shape.count, tensor))
                    shape.append(size)
                }
            }
            axis += 1
        }
        shape += x.shape.dropFirst(axis)
    }

    /// The number of axes that the indices take, without an ellipsis.
    private static func axisCount(_ elements: [TensorIndexElement]) -> Int {
        var (count, ellipses) = (0, 0)
        for element in elements {
            switch element {
            case .newAxis: break
            case .ellipsis: ellipses += 1
            case .tensor(let tensor) where tensor.dtype == .bool: count += tensor.rank
            default: count += 1
            }
        }
        guard ellipses == 1 else { failure("subscript: there can be one .ellipsis, not \(ellipses)") }
        return count
    }

    /// The bounds of rising slices, counted from the start.
    private static func bounds(
        _ start: Int?, _ end: Int?, _ size: Int, _ axis: Int, _ x: Tensor
    ) -> (first: Int, end: Int) {
        let (first, last) = (fromStart(start ?? 0, size), fromStart(end ?? size, size))
        guard 0 <= first, first <= last, last <= size else {
            let range = "\(start.map { "\($0)" } ?? "")..<\(end.map { "\($0)" } ?? "")"
            failure("subscript: range \(range) is outside axis \(axis) of shape \(x.shape)")
        }
        return (first, last)
    }

    /// The positions of falling slices.
    private static func falling(
        _ start: Int?, _ end: Int?, _ step: Int, _ size: Int, _ axis: Int, _ x: Tensor
    ) -> [Int] {
        let (first, last) = (start.map { fromStart($0, size) } ?? size - 1, end.map { fromStart($0, size) } ?? -1)
        guard first < size, last <= first, end == nil || last >= 0 else {
            failure(
                "subscript: slices from \(start ?? -1) down to \(end.map { "\($0)" } ?? "the first") are outside axis "
                    + "\(axis) of shape \(x.shape)")
        }
        return Array(stride(from: first, to: last, by: step))
    }

    private static func fromStart(_ position: Int, _ size: Int) -> Int { position < 0 ? position + size : position }

    /// Evenly rising positions are a view; falling ones are the same, reversed.
    private mutating func restrict(_ axis: Int, _ positions: [Int], _ x: Tensor) {
        guard positions.allSatisfy({ (0..<x.shape[axis]).contains($0) }) else {
            failure("subscript: positions \(positions) are outside axis \(axis) of shape \(x.shape)")
        }
        let step = positions.count > 1 ? positions[1] - positions[0] : 1
        if step < 0 { reversed.append(shape.count) }
        let first = (step > 0 ? positions.first : positions.last) ?? 0
        region.restrict(axis: axis, from: first, count: positions.count, step: Swift.abs(step))
        shape.append(positions.count)
    }

    /// Returns the number of axes that the mask covers.
    private mutating func addMask(_ mask: Tensor, _ axis: Int, _ x: Tensor) -> Int {
        guard mask.rank > 0, axis + mask.rank <= x.rank, Shape(x.shape[axis..<axis + mask.rank]) == mask.shape else {
            shapeFailure(
                ShapeError(
                    "subscript", "a mask must have the sizes of the axes that it selects from",
                    [.init("tensor", x.shape), .init("mask", mask.shape)]), #fileID, #line)
        }
        if mask.rank == 1 {
            gathered.append((shape.count, mask.nonzero()))
        } else {
            self.mask = (shape.count, mask)
        }
        shape += Array(mask.shape)
        return mask.rank
    }

    func value(of x: Tensor) -> Tensor {
        let part = apply(Op.Slice.self, x, region)
        let view = turned(Array(part.shape) == shape ? part : part.reshaped(shape))
        guard let plan = gatherPlan(view.shape, on: x.device) else { return view }
        let merged = view.permuted(plan.order).reshaped(plan.mergedShape)
        return applyForOne(Op.Gather.self, Few(merged, plan.indices), plan.indexedAxis)
            .reshaped(plan.resultShape)
    }

    func assign(_ value: Tensor, to x: inout Tensor) {
        let value = value.cast(to: x.dtype).to(x.device)
        guard let plan = gatherPlan(Shape(shape), on: x.device) else {
            checkRegion(value)
            assignRegion(reversed.isEmpty ? value : turned(value.broadcast(to: Shape(shape))), &x)
            return
        }
        let view = turned(apply(Op.Slice.self, x, region).reshaped(shape))
        let merged = view.permuted(plan.order).reshaped(plan.mergedShape)
        let resultShape = Shape(plan.resultShape)
        guard value.rank <= resultShape.rank, value.shape.broadcast(with: resultShape) == resultShape else {
            shapeFailure(
                ShapeError(
                    "assign", "the value must broadcast to what the indices select",
                    [.init("selected", resultShape), .init("value", value.shape)]), #fileID, #line)
        }
        var slices = merged.shape
        slices[plan.axis] = plan.indices.elementCount
        let values = value.broadcast(to: resultShape).reshaped(slices)
        let changed = applyForOne(Op.AssignScattered.self, Few(merged, values, plan.indices), plan.indexedAxis)
        var inverse = plan.order
        for (to, from) in plan.order.enumerated() { inverse[from] = to }
        let restored = changed.reshaped(plan.order.map { shape[$0] }).permuted(inverse)
        assignRegion(turned(restored), &x)
    }

    /// A tensor of the region's shape with the reversed axes turned round: back again by a second time.
    private func turned(_ x: Tensor) -> Tensor {
        reversed.reduce(x) { x, axis in
            let order = Tensor(Array((0..<x.shape[axis]).reversed()), device: x.device)
            return applyForOne(Op.Gather.self, Few(x, order), IndexedAxis(axis))
        }
    }

    private func checkRegion(_ value: Tensor) {
        let target = Shape(shape)
        guard value.rank <= target.rank, value.shape.broadcast(with: target) == target else {
            shapeFailure(
                ShapeError(
                    "assign", "the value must broadcast to the region",
                    [.init("region", target), .init("value", value.shape)]), #fileID, #line)
        }
    }

    private func assignRegion(_ value: Tensor, _ x: inout Tensor) {
        let target = Shape(shape)
        // Dropped and new axes have size 1, so row-major order is that of the region.
        let aligned = target == region.shape ? value : value.broadcast(to: target).reshaped(region.shape)
        if x.isRecorded || value.isRecorded {
            x = apply(Op.AssignSlice.self, x, aligned, region)
            return
        }
        // The value may be a view of x itself: a copy keeps what is read apart from what is written.
        let source = aligned.backend.contiguous(aligned.broadcast(to: region.shape).buffer)
        x.makeUnique()
        x.backend.replace(region, of: x.buffer, with: source)
    }

    /// How to bring the indexed axes together, merge them, and index the merged one.
    private struct Plan {
        var order: [Int]
        var mergedShape: [Int]
        var axis: Int
        /// int64 `[m]`
        var indices: Tensor
        var resultShape: [Int]
        /// For the text about an index that names nothing.
        var indexedAxis: IndexedAxis
    }

    private func gatherPlan(_ shape: Shape, on device: Device) -> Plan? {
        if let mask {
            guard gathered.isEmpty else {
                failure("subscript: a mask over several axes cannot stand beside other tensors")
            }
            let positions = mask.mask.nonzero().to(device)
            let before = Array(shape.prefix(mask.axis))
            let after = Array(shape.dropFirst(mask.axis + mask.mask.rank))
            return Plan(
                order: Array(0..<shape.rank), mergedShape: before + [mask.mask.elementCount] + after, axis: mask.axis,
                indices: positions, resultShape: before + [positions.elementCount] + after,
                indexedAxis: IndexedAxis(mask.axis, caller: "subscript"))
        }
        guard let first = gathered.first, let last = gathered.last else { return nil }
        let axes = gathered.map(\.axis)
        let areNeighbours = last.axis - first.axis == axes.count - 1
        let start = areNeighbours ? first.axis : 0
        let others = (0..<shape.rank).filter { !axes.contains($0) }
        let order = Array(others[..<start]) + axes + Array(others[start...])
        let common = gathered.dropFirst().reduce(first.positions.shape) { common, next in
            guard let shape = common.broadcast(with: next.positions.shape) else {
                failure("subscript: index tensors of shapes \(common) and \(next.positions.shape) do not broadcast")
            }
            return shape
        }
        var indices: Tensor?
        for (axis, index) in gathered {
            let positions = checkedIndices("subscript", index.detached(), #fileID, #line).to(device)
            // Of several axes, each is checked before they become one.
            let wide = (gathered.count > 1 ? resolved(positions, axis, shape[axis]) : positions).broadcast(to: common)
            indices = indices.map { $0 * shape[axis] + wide } ?? wide
        }
        let before = others[..<start].map { shape[$0] }
        let after = others[start...].map { shape[$0] }
        let merged = axes.reduce(1) { $0 * shape[$1] }
        return Plan(
            order: order, mergedShape: before + [merged] + after, axis: start, indices: indices!.reshaped([-1]),
            resultShape: before + Array(common) + after,
            indexedAxis: IndexedAxis(start, named: first.axis, indexShape: common, caller: "subscript"))
    }

    /// Indices that count from the start. Traps if one names nothing.
    private func resolved(_ indices: Tensor, _ axis: Int, _ size: Int) -> Tensor {
        do { return Tensor(try indices.backend.resolvedIndices(indices.buffer, count: size)) } catch {
            failure(IndexedAxis(axis, indexShape: indices.shape, caller: "subscript").text(of: error))
        }
    }
}
