import YuyanBackend

extension OperationFamily {
    package static let indexing = OperationFamily(
        "Indexing",
        [
            Op.Gather.entry, Op.ScatterAdd.entry, Op.AssignSlice.entry, Op.AssignScattered.entry,
            OperationEntry(
                "oneHot", "1 at the class index, else 0, on a new last axis",
                swift: ["oneHot(_ indices: Tensor, classCount: Int) -> Tensor"],
                gradient: .none("the operand is an index"),
                [
                    Sample([.integer([2, 3], 0..<4)], torch: "torch.nn.functional.one_hot(a, 4)") {
                        oneHot($0[0], classCount: 4)
                    }
                ]),
            OperationEntry(
                "nonzero", "the positions in row-major order of the elements that are not 0",
                swift: ["x.nonzero() -> Tensor"], gradient: .none("the result is an index"),
                [Sample([.integer([3, 4], 0..<2)], torch: "a.flatten().nonzero().squeeze(1)") { $0[0].nonzero() }]),
        ])
}

/// An axis, the indices that choose among its slices, and who asks, for the text about an index that names none.
package struct IndexedAxis {
    package var axis: Int
    /// What texts call the axis: where it was before others were moved.
    var name: Int
    /// How the indices stand where they were given.
    var indexShape: Shape?
    var caller: String

    package init(_ axis: Int, named name: Int? = nil, indexShape: Shape? = nil, caller: String = Op.Gather.name) {
        self.axis = axis
        self.name = name ?? axis
        self.indexShape = indexShape
        self.caller = caller
    }

    func text(of error: IndexError) -> String {
        let place = error.place(in: indexShape)
        return "\(caller): index \(error.index) at \(place) is outside axis \(name), which has \(error.count) elements"
    }
}

extension IndexError {
    /// The coordinates of its place in a shape: `[2, 0]`.
    func place(in shape: Shape?) -> [Int] {
        guard let shape, shape.rank > 0 else { return [place] }
        var (rest, position) = (place, Array(shape))
        for axis in shape.indices.reversed() {
            position[axis] = rest % shape[axis]
            rest /= shape[axis]
        }
        return position
    }
}

extension Op {
    /// Operands: x, indices.
    package enum Gather: GeneralRule {
        package static let name = "gathered"
        package static var types: OperandTypes { .indexed }
        package static func operandName(_ place: Int, _ options: IndexedAxis) -> String {
            place == 0 ? "input" : "indices"
        }
        package static func keeps(_ options: IndexedAxis) -> Kept { .second }
        package static func outputShapes(_ operands: Few<Shape?>, _ options: IndexedAxis) throws(ShapeError) -> Few<
            Shape
        > {
            let (x, indices) = (operands[0]!, operands[1]!)
            guard indices.rank == 1 else {
                throw ShapeError(name, "indices must have one axis", [.init("input", x), .init("indices", indices)])
            }
            var shape = x
            shape[options.axis] = indices[0]
            return Few(shape)
        }
        package static func forward(_ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ options: IndexedAxis)
            throws(IndexError) -> Computed
        {
            Computed(try operands[0]!.device.backend.gather(operands[0]!, axis: options.axis, indices: operands[1]!))
        }
        package static func text(of error: IndexError, _ options: IndexedAxis) -> String { options.text(of: error) }
        package static func gradients(_ gradients: Few<Tensor?>, _ saved: SavedValues, _ options: IndexedAxis) -> Few<
            Tensor?
        > {
            Few(
                applyForOne(
                    Op.ScatterAdd.self, Few(gradients[0]!, saved.operand(1)),
                    .init(axis: options.axis, size: saved.shape(0)[options.axis])))
        }
        package static let entry = OperationEntry(
            name, "slices of x along an axis in the order of the indices",
            swift: ["x.gathered(_ indices: Tensor, axis: Int) -> Tensor"],
            [
                Sample([.real([5, 3]), .integer([4], 0..<5)], torch: "a.index_select(0, b)") {
                    $0[0].gathered($0[1], axis: 0)
                },
                Sample([.real([2, 5, 3]), .integer([7], 0..<5)], torch: "a.index_select(1, b)") {
                    $0[0].gathered($0[1], axis: 1)
                },
                Sample([.real([5, 3]), .integer([2, 4], 0..<5)], torch: "a[b]") { $0[0][$0[1]] },
                Sample([.real([4, 5]), .integer([3], 0..<4), .integer([3], 0..<5)], torch: "a[b, c]") {
                    $0[0][$0[1], $0[2]]
                },
                Sample([.real([3, 4])], torch: "a[a > 0]") { $0[0][$0[0] .> 0] },
            ])
    }
}

extension Op {
    /// The gradient of `Gather`: slices are added where they came from. Operands: values, indices.
    package enum ScatterAdd: GeneralRule {
        package struct Options {
            var axis: Int
            var size: Int
        }
        package static let name = "scatterAdd"
        package static var types: OperandTypes { .indexed }
        package static func operandName(_ place: Int, _ options: Options) -> String {
            place == 0 ? "values" : "indices"
        }
        package static func keeps(_ options: Options) -> Kept { .second }
        package static func outputShapes(_ operands: Few<Shape?>, _ options: Options) -> Few<Shape> {
            var shape = operands[0]!
            shape[options.axis] = options.size
            return Few(shape)
        }
        package static func forward(_ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ options: Options)
            throws(IndexError) -> Computed
        {
            let values = operands[0]!
            return Computed(
                try values.device.backend.scatterAdd(
                    values, axis: options.axis, indices: operands[1]!, size: options.size))
        }
        package static func gradients(
            _ gradients: Few<Tensor?>, _ saved: SavedValues, _ options: Options
        ) -> Few<Tensor?> {
            Few(applyForOne(Op.Gather.self, Few(gradients[0]!, saved.operand(1)), IndexedAxis(options.axis)))
        }
        package static let entry = OperationEntry(
            name, "zeros to which slices are added at the indices; repeated ones add up",
            [
                Sample([.real([4, 3]), .integer([4], 0..<5)], torch: "torch.zeros(5, 3).to(a).index_add(0, b, a)") {
                    applyForOne(Op.ScatterAdd.self, Few($0[0], $0[1]), .init(axis: 0, size: 5))
                }
            ])
    }
}

extension Op {
    /// x with a region replaced: what `x[1..<3] = v` records.
    package enum AssignSlice: BinaryRule {
        package static let name = "assign"
        package static var operandNames: [String] { ["tensor", "value"] }
        package static func outputShape(_ x: Shape, _ value: Shape, _ region: Region) throws(ShapeError) -> Shape {
            guard value.rank <= region.shape.rank, value.broadcast(with: region.shape) == region.shape else {
                throw ShapeError(
                    name, "the value must broadcast to the region",
                    [.init("tensor", x), .init("region", region.shape), .init("value", value)])
            }
            return x
        }
        package static func forward(_ x: DeviceBuffer, _ value: DeviceBuffer, _ shape: Shape, _ region: Region)
            -> DeviceBuffer
        {
            let backend = x.device.backend
            let result = backend.duplicated(x)
            backend.replace(region, of: result, with: value)
            return result
        }
        package static func firstGradient(_ g: Tensor, _ saved: Saved, _ region: Region) -> Tensor {
            apply(Op.AssignSlice.self, g, .zeros([], dtype: g.dtype, device: g.device), region)
        }
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ region: Region) -> Tensor {
            apply(Op.Slice.self, g, region)
        }
        package static let entry = OperationEntry(
            name, "x with one region replaced: x[1..<3] = v",
            [
                Sample([.real([4, 3]), .real([2, 3])], torch: "torch.cat((a[:1], b, a[3:]))") { x in
                    var y = x[0]
                    y[1..<3] = x[1]
                    return y
                },
                Sample([.real([4, 3]), .real([])], torch: "torch.cat((a[:, :1], b.expand(4, 1), a[:, 2:]), 1)") { x in
                    var y = x[0]
                    y[0..., 1] = x[1]
                    return y
                },
            ])
    }
}

extension Op {
    /// x with slices replaced: what `x[indices] = v` records. Operands: x, values, indices.
    package enum AssignScattered: GeneralRule {
        package static let name = "assign at indices"
        package static var types: OperandTypes { .indexed }
        package static func operandName(_ place: Int, _ options: IndexedAxis) -> String {
            ["tensor", "values", "indices"][place]
        }
        package static func keeps(_ options: IndexedAxis) -> Kept { .third }
        package static func outputShapes(_ operands: Few<Shape?>, _ options: IndexedAxis) -> Few<Shape> {
            Few(operands[0]!)
        }
        package static func forward(_ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ options: IndexedAxis)
            throws(IndexError) -> Computed
        {
            let backend = operands[0]!.device.backend
            let result = backend.copied(operands[0]!)
            try backend.scatter(operands[1]!, into: result, axis: options.axis, indices: operands[2]!)
            return Computed(result)
        }
        package static func text(of error: IndexError, _ options: IndexedAxis) -> String { options.text(of: error) }
        package static func gradients(_ gradients: Few<Tensor?>, _ saved: SavedValues, _ options: IndexedAxis) -> Few<
            Tensor?
        > {
            let (g, indices) = (gradients[0]!, saved.operand(2))
            let zeros = Tensor.zeros(saved.shape(1), dtype: g.dtype, device: g.device)
            return Few(
                saved.needsGradient(0) ? applyForOne(Op.AssignScattered.self, Few(g, zeros, indices), options) : nil,
                saved.needsGradient(1) ? applyForOne(Op.Gather.self, Few(g, indices), options) : nil, nil)
        }
        package static let entry = OperationEntry(
            name, "x with the slices at the indices replaced: x[indices] = v",
            [
                Sample([.real([4, 3]), .real([2, 3])], torch: "torch.stack((b[1], a[1], b[0], a[3]))") { x in
                    var y = x[0]
                    y[Tensor([2, 0])] = x[1]
                    return y
                },
                Sample([.real([4, 3])], torch: "torch.where(a > 0, torch.zeros_like(a), a)") { x in
                    var y = x[0]
                    y[x[0] .> 0] = 0
                    return y
                },
            ])
    }
}

// MARK: - Public functions

extension TensorConvertible {
    /// Slices along `axis` in the order of `indices` (int64 `[m]`); negative indices count from the end. The gradient
    /// adds up at repeated indices. Traps if an index is out of range.
    public func gathered(
        _ indices: Tensor, axis: Int, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let x = tensor
        let axis = resolveAxis("gathered", axis, x.shape, file, line)
        let positions = checkedIndices("gathered", indices, file, line).to(x.device)
        return applyForOne(Op.Gather.self, Few(x, positions), IndexedAxis(axis, indexShape: indices.shape), file, line)
    }

    /// The positions `[k]` (int64, row-major) of the elements that are true, or not zero.
    public func nonzero() -> Tensor {
        let x = tensor.detached().cast(to: .bool)
        return Tensor(x.backend.nonzero(x.buffer))
    }
}

/// 1 at the class index, else 0, on a new last axis: `[…] → […, classCount]`, int64. Traps if an index is no class.
public func oneHot(
    _ indices: Tensor, classCount: Int, file: StaticString = #fileID, line: UInt = #line
) -> Tensor {
    let labels = indices.cast(to: .int64)
    do { return Tensor(try labels.backend.oneHot(labels.buffer, count: classCount)) } catch {
        failure(
            "oneHot: index \(error.index) at \(error.place(in: indices.shape)) is outside 0 ..< \(classCount) (\(classCount) classes)",
            file, line)
    }
}

/// Indices as int64. Traps unless they are integers.
func checkedIndices(_ name: String, _ indices: Tensor, _ file: StaticString, _ line: UInt) -> Tensor {
    guard !indices.dtype.isFloatingPoint, indices.dtype != .bool else {
        failure("\(name): indices must be integers, not \(indices.dtype)", file, line)
    }
    return indices.cast(to: .int64)
}
