import YuyanBackend

extension OperationFamily {
    package static let shape = OperationFamily(
        "Shape",
        [
            Op.Reshape.entry, Op.Permute.entry, Op.Broadcast.entry, Op.SumTo.entry, Op.Concatenate.entry,
            Op.Split.entry, Op.Slice.entry, Op.Place.entry,
        ] + ShapeOperations.composedEntries)
}

extension Op {
    package struct ReshapeOptions {
        package var shape: Shape
        /// How the result may lie, and how the input lay: its gradient is laid like it, so that what computed the input
        /// finds both in the same order.
        package var layout = Layout.contiguous
        package var inputLayout = Layout.contiguous

        package init(_ shape: Shape) { self.shape = shape }
    }

    package enum Reshape: UnaryRule {
        package static let name = "reshaped"
        package static func outputShape(_ x: Shape, _ options: ReshapeOptions) throws(ShapeError) -> Shape {
            guard x.elementCount == options.shape.elementCount else {
                throw ShapeError(
                    name, "both shapes must have the same number of elements",
                    [
                        .init("input", x, note: "\(x.elementCount) elements"),
                        .init("wanted", options.shape, note: "\(options.shape.elementCount) elements"),
                    ])
            }
            return options.shape
        }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: ReshapeOptions) -> DeviceBuffer {
            x.device.backend.reshaped(x, shape, layout: options.layout)
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: ReshapeOptions) -> Tensor {
            var back = ReshapeOptions(saved.firstShape)
            (back.layout, back.inputLayout) = (options.inputLayout, options.layout)
            return apply(Op.Reshape.self, g, back)
        }
        package static let entry = OperationEntry(
            name, "the same elements in row-major order under another shape",
            swift: ["x.reshaped(_ sizes: some Collection<Int>) -> Tensor"],
            [
                Sample([.real([3, 4])], torch: "a.reshape(2, 6)") { $0[0].reshaped([2, 6]) },
                Sample([.real([3, 4])], torch: "a.T.reshape(-1)") { $0[0].transposed().reshaped([-1]) },
                Sample([.real([0, 4])], torch: "a.reshape(2, 0)") { $0[0].reshaped([2, 0]) },
            ])
    }
}

extension Op {
    package enum Permute: UnaryRule {
        package static let name = "permuted"
        package static func outputShape(_ x: Shape, _ axes: [Int]) throws(ShapeError) -> Shape {
            guard axes.count == x.rank, axes.sorted() == Array(0..<x.rank) else {
                throw ShapeError(name, "axes \(axes) must name each axis once", [.init("input", x)])
            }
            return Shape(axes.map { x[$0] })
        }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ axes: [Int]) -> DeviceBuffer {
            x.device.backend.permuted(x, axes)
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ axes: [Int]) -> Tensor {
            var inverse = axes
            for (to, from) in axes.enumerated() { inverse[from] = to }
            return apply(Op.Permute.self, g, inverse)
        }
        package static let entry = OperationEntry(
            name, "the axes in another order",
            swift: ["x.permuted(_ axes: [Int]) -> Tensor"],
            [
                Sample([.real([2, 3, 4])], torch: "a.permute(2, 0, 1)") { $0[0].permuted([2, 0, 1]) },
                Sample([.real([2, 3, 4])], torch: "a.mT") { $0[0].transposed() },
                Sample([.real([2, 3, 4])], torch: "a.transpose(0, 2)") { $0[0].transposed(0, 2) },
            ])
    }
}

extension Op {
    package enum Broadcast: UnaryRule {
        package static let name = "broadcast"
        package static func outputShape(_ x: Shape, _ options: Shape) throws(ShapeError) -> Shape {
            guard x.rank <= options.rank, x.broadcast(with: options) == options else {
                throw ShapeError(
                    name, "sizes must agree with the wanted shape, aligned at the last axis, or be 1",
                    [.init("input", x), .init("wanted", options)])
            }
            return options
        }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: Shape) -> DeviceBuffer {
            x.device.backend.broadcast(x, to: shape)
        }
        // The sweep sums a contribution to its operand's shape.
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Shape) -> Tensor { g }
        package static let entry = OperationEntry(
            name, "the elements repeated along axes of size 1 and new leading axes, without a copy",
            swift: ["x.broadcast(to shape: Shape) -> Tensor"],
            [
                Sample([.real([3, 1])], torch: "a.expand(2, 3, 4)") { $0[0].broadcast(to: [2, 3, 4]) },
                Sample([.real([])], torch: "a.expand(3)") { $0[0].broadcast(to: [3]) },
            ])
    }
}

extension Op {
    package enum SumTo: UnaryRule {
        package static let name = "summed"
        package static func outputShape(_ x: Shape, _ options: Shape) throws(ShapeError) -> Shape {
            guard options.rank <= x.rank, options.broadcast(with: x) == x else {
                throw ShapeError(
                    name, "the wanted shape must broadcast to the input's",
                    [.init("input", x), .init("wanted", options)])
            }
            return options
        }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: Shape) -> DeviceBuffer {
            if x.shape == shape { return x }
            var axes = AxisSet()
            let extra = x.rank - shape.rank
            for axis in 0..<x.rank where axis < extra || (shape[axis - extra] == 1 && x.shape[axis] != 1) {
                axes.insert(axis: axis)
            }
            let backend = x.device.backend
            return backend.reshaped(backend.reduce(.sum, x, axes: axes), shape)
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Shape) -> Tensor {
            g.broadcast(to: saved.firstShape)
        }
        package static let entry = OperationEntry(
            name, "the sum over what broadcasting repeated: the gradient of broadcast",
            swift: ["x.summed(to shape: Shape) -> Tensor"],
            [
                Sample([.real([2, 3, 4])], torch: "a.sum_to_size(3, 1)") { $0[0].summed(to: [3, 1]) },
                Sample([.real([2, 3])], torch: "a.sum()") { $0[0].summed(to: []) },
            ])
    }
}

extension Op {
    package enum Concatenate: GeneralRule {
        package static let name = "concatenate"
        package static func outputShapes(_ operands: Few<Shape?>, _ axis: Int) throws(ShapeError) -> Few<Shape> {
            var shape = operands[0]!
            for (index, operand) in operands.enumerated().dropFirst() {
                let other = operand!
                var expected = shape
                if other.rank == shape.rank { expected[axis] = other[axis] }
                guard expected == other else {
                    throw ShapeError(
                        name, "shapes must agree on every axis but \(axis)",
                        [.init("tensor 0", operands[0]!), .init("tensor \(index)", other)])
                }
                shape[axis] += other[axis]
            }
            return Few(shape)
        }
        package static func forward(_ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ axis: Int) -> Computed {
            let operands = operands.compactMap { $0 }
            return Computed(operands[0].device.backend.concatenated(operands, axis: axis, shapes[0]))
        }
        package static func gradients(_ gradients: Few<Tensor?>, _ saved: SavedValues, _ axis: Int) -> Few<Tensor?> {
            let sizes = (0..<saved.operandCount).map { saved.shape($0)[axis] }
            return Few(contentsOf: gradients[0]!.split(sizes: sizes, axis: axis).map(Optional.init))
        }
        package static let entry = OperationEntry(
            name, "the tensors one after the other along an axis",
            swift: ["concatenate(_ tensors: [Tensor], axis: Int = 0) -> Tensor"],
            [
                Sample([.real([2, 3]), .real([1, 3])], torch: "torch.cat((a, b))") { concatenate([$0[0], $0[1]]) },
                Sample([.real([2, 3]), .real([2, 2]), .real([2, 0])], torch: "torch.cat((a, b, c), 1)") {
                    concatenate($0, axis: 1)
                },
            ])
    }
}

extension Op {
    /// Parts of a tensor along an axis, as views; their gradient is put together in one pass.
    package enum Split: GeneralRule {
        package struct Options {
            var axis: Int
            /// The parts' sizes.
            var sizes: [Int]
            /// Whether the parts, of one slice each, lose the axis.
            var dropsAxis = false
        }
        package static let name = "split"
        package static func operandName(_ place: Int, _ options: Options) -> String { "input" }

        package static func outputShapes(
            _ operands: Few<Shape?>, _ options: Options
        ) throws(ShapeError) -> Few<Shape> {
            let x = operands[0]!
            guard options.sizes.allSatisfy({ $0 >= 0 }), options.sizes.reduce(0, +) == x[options.axis] else {
                throw ShapeError(
                    name, "the sizes of the parts must add up to that of axis \(options.axis)",
                    [.init("input", x, note: "sizes = \(options.sizes)")])
            }
            if options.dropsAxis {
                return Few(repeating: x.removing(axis: options.axis), count: options.sizes.count)
            }
            var shapes = Few<Shape>()
            for size in options.sizes {
                var shape = x
                shape[options.axis] = size
                shapes.append(shape)
            }
            return shapes
        }

        package static func forward(_ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ options: Options)
            -> Computed
        {
            let (x, backend) = (operands[0]!, operands[0]!.device.backend)
            let parts = backend.split(x, axis: options.axis, sizes: options.sizes)
            if !options.dropsAxis { return Computed(Few(contentsOf: parts)) }
            return Computed(Few(contentsOf: zip(parts, shapes).map { backend.reshaped($0, $1) }))
        }

        package static func gradients(
            _ gradients: Few<Tensor?>, _ saved: SavedValues, _ options: Options
        ) -> Few<Tensor?> {
            let known = gradients.compactMap { $0 }[0]
            var parts = Few<Tensor?>()
            for (place, size) in options.sizes.enumerated() {
                var shape = saved.shape(0)
                shape[options.axis] = size
                let zeros = { Tensor.zeros([], dtype: known.dtype, device: known.device).broadcast(to: shape) }
                parts.append(gradients[place]?.reshaped(shape) ?? zeros())
            }
            return Few(applyForOne(Op.Concatenate.self, parts, options.axis))
        }

        package static let entry = OperationEntry(
            name, "parts of a tensor along an axis",
            swift: [
                "x.split(sizes: [Int], axis: Int = 0) -> [Tensor]", "x.split(count: Int, axis: Int = 0) -> [Tensor]",
            ],
            [
                Sample([.real([5, 3])], torch: "(lambda p: torch.cat((p[1] * p[1], p[0])))(a.split([2, 3]))") {
                    let parts = $0[0].split(sizes: [2, 3])
                    return concatenate([parts[1] * parts[1], parts[0]])
                },
                // A part that nothing depends on.
                Sample([.real([2, 6])], torch: "a.split([1, 4, 1], 1)[1]") {
                    $0[0].split(sizes: [1, 4, 1], axis: 1)[1]
                },
            ])
    }
}

// MARK: - Regions

extension Op {
    package enum Slice: UnaryRule {
        package static let name = "slice"
        package static func outputShape(_ x: Shape, _ region: Region) -> Shape { region.shape }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ region: Region) -> DeviceBuffer {
            x.device.backend.sliced(x, region)
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ region: Region) -> Tensor {
            apply(Op.Place.self, g, .init(region: region, shape: saved.firstShape))
        }
        package static let entry = OperationEntry(
            name, "part of a tensor: x[1..<3, 2]", swift: ["x[indices: any TensorIndex...] -> Tensor"],
            [
                Sample([.real([4, 5])], torch: "a[1:3]") { $0[0][1..<3] },
                Sample([.real([4, 5])], torch: "a[:, 2]") { $0[0][0..., 2] },
                Sample([.real([4, 5])], torch: "a[1::2, 0:5:3]") {
                    $0[0][stride(from: 1, to: 4, by: 2), stride(from: 0, to: 5, by: 3)]
                },
                Sample([.real([4, 5])], torch: "a[-1, None]") { $0[0][-1, .newAxis] },
            ])
    }
}

extension Op {
    /// Zeros with a tensor in one region: the gradient of a slice.
    package enum Place: UnaryRule {
        package struct Options {
            var region: Region
            var shape: Shape
        }
        package static let name = "place"
        package static func outputShape(_ x: Shape, _ options: Options) -> Shape { options.shape }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: Options) -> DeviceBuffer {
            x.device.backend.placed(x, in: options.region, of: shape)
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Options) -> Tensor {
            apply(Op.Slice.self, g, options.region)
        }
        package static let entry = OperationEntry(
            name, "zeros with x in one region: the gradient of slice",
            [
                Sample([.real([2, 3])], torch: "torch.nn.functional.pad(a, (0, 0, 1, 2))") {
                    apply(
                        Op.Place.self, $0[0],
                        .init(region: Region(of: [5, 3], axis: 0, from: 1, count: 2), shape: [5, 3]))
                }
            ])
    }
}

// MARK: - Public methods

private enum ShapeOperations {
    /// Operations made of others.
    static let composedEntries: [OperationEntry] = [
        OperationEntry(
            "viewed", "as reshaped, but never a copy: traps where one would be needed",
            swift: ["x.viewed(as sizes: some Collection<Int>) -> Tensor"],
            [Sample([.real([2, 6])], torch: "a.view(1, 2, 6)") { $0[0].viewed(as: [1, 2, 6]) }]),
        OperationEntry(
            "transposed", "two axes exchanged, the last two unless named",
            swift: ["x.transposed(_ first: Int = -2, _ second: Int = -1) -> Tensor"],
            [
                Sample([.real([2, 3, 4])], torch: "a.mT") { $0[0].transposed() },
                Sample([.real([2, 3, 4])], torch: "a.transpose(0, -1)") { $0[0].transposed(0, -1) },
            ]),
        OperationEntry(
            "expandingShape", "a new axis of size 1", swift: ["x.expandingShape(at axis: Int) -> Tensor"],
            [Sample([.real([2, 3])], torch: "a.unsqueeze(-1)") { $0[0].expandingShape(at: -1) }]),
        OperationEntry(
            "squeezingShape", "without an axis of size 1", swift: ["x.squeezingShape(at axis: Int) -> Tensor"],
            [Sample([.real([2, 1, 3])], torch: "a.squeeze(1)") { $0[0].squeezingShape(at: 1) }]),
        OperationEntry(
            "squeezed", "without all axes of size 1", swift: ["x.squeezed() -> Tensor"],
            [Sample([.real([1, 2, 1, 3])], torch: "a.squeeze()") { $0[0].squeezed() }]),
        OperationEntry(
            "unstacked", "the slices along an axis, without it", swift: ["x.unstacked(axis: Int = 0) -> [Tensor]"],
            [
                Sample([.real([4, 2, 3])], torch: "(lambda p: p[0] * p[3] + p[1])(a.unbind(0))") {
                    let slices = $0[0].unstacked()
                    return slices[0] * slices[3] + slices[1]
                },
                Sample([.real([2, 3])], torch: "a.unbind(1)[2]") { $0[0].unstacked(axis: -1)[2] },
            ]),
        OperationEntry(
            "stack", "the tensors side by side along a new axis",
            swift: ["stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor"],
            [Sample([.real([2, 3]), .real([2, 3])], torch: "torch.stack((a, b), 1)") { stack($0, axis: 1) }]),
        OperationEntry(
            "repeated", "the tensor several times along each axis",
            swift: ["x.repeated(_ counts: [Int]) -> Tensor"],
            [Sample([.real([2, 3])], torch: "a.repeat(2, 2)") { $0[0].repeated([2, 2]) }]),
        OperationEntry(
            "flattened", "axes from one on merged into one",
            swift: ["x.flattened(from axis: Int = 0) -> Tensor"],
            [Sample([.real([2, 3, 4])], torch: "a.flatten(1)") { $0[0].flattened(from: 1) }]),
    ]
}

private func reshape(_ x: Tensor, _ shape: Shape, _ file: StaticString, _ line: UInt) -> Tensor {
    var options = Op.ReshapeOptions(shape)
    options.inputLayout = x.buffer.layout
    return apply(Op.Reshape.self, x, options, file, line)
}

extension TensorConvertible {
    /// The same elements in row-major order under another shape; one size may be −1 and is inferred. Copies only if
    /// the strides do not allow a view. Traps if the numbers of elements differ.
    public func reshaped(
        _ sizes: some Collection<Int>, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let x = tensor
        return reshape(x, inferredShape("reshaped", sizes, x.shape, file, line), file, line)
    }

    /// As `reshaped`, but traps if it would have to copy.
    public func viewed(
        as sizes: some Collection<Int>, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let x = tensor
        let shape = inferredShape("viewed", sizes, x.shape, file, line)
        guard x.elementCount != shape.elementCount || x.buffer.reshapedView(shape) != nil else {
            shapeFailure(
                ShapeError(
                    "viewed", "the order of the elements in memory does not allow this view",
                    [.init("input", x.shape), .init("wanted", shape)], hint: "reshaped(_:) copies where it must"),
                file, line)
        }
        return reshape(x, shape, file, line)
    }

    private func inferredShape(
        _ name: String, _ sizes: some Collection<Int>, _ old: Shape, _ file: StaticString, _ line: UInt
    ) -> Shape {
        guard sizes.contains(-1) else { return Shape(sizes) }
        let known = sizes.filter { $0 != -1 }
        let product = known.reduce(1, *)
        guard known.count == sizes.count - 1, product > 0, old.elementCount % product == 0 else {
            shapeFailure(
                ShapeError(
                    name, "cannot infer −1 in \(Array(sizes))",
                    [.init("input", old, note: "\(old.elementCount) elements")]), file, line)
        }
        return Shape(sizes.map { $0 == -1 ? old.elementCount / product : $0 })
    }

    /// The axes in the given order. Traps unless each is named once; negative ones count from the end.
    public func permuted(_ axes: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        let x = tensor
        return apply(Op.Permute.self, x, axes.map { $0 < 0 ? $0 + x.rank : $0 }, file, line)
    }

    /// Two axes exchanged: the last two unless given.
    public func transposed(
        _ first: Int = -2, _ second: Int = -1, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let x = tensor
        var axes = Array(0..<x.rank)
        axes.swapAt(
            resolveAxis("transposed", first, x.shape, file, line),
            resolveAxis("transposed", second, x.shape, file, line))
        return apply(Op.Permute.self, x, axes, file, line)
    }

    /// A new axis of size 1 before `axis`; −1 adds it at the end.
    public func expandingShape(at axis: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        let x = tensor
        var sizes = Array(x.shape)
        let position = axis < 0 ? axis + x.rank + 1 : axis
        guard (0...x.rank).contains(position) else {
            failure("expandingShape: axis \(axis) is outside 0...\(x.rank) of shape \(x.shape)", file, line)
        }
        sizes.insert(1, at: position)
        return reshape(x, Shape(sizes), file, line)
    }

    /// Without an axis of size 1. Traps if it has another size.
    public func squeezingShape(at axis: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        let x = tensor
        let axis = resolveAxis("squeezingShape", axis, x.shape, file, line)
        var sizes = Array(x.shape)
        guard sizes.remove(at: axis) == 1 else {
            shapeFailure(
                ShapeError("squeezingShape", "axis \(axis) must have size 1", [.init("input", x.shape)]), file, line)
        }
        return reshape(x, Shape(sizes), file, line)
    }

    /// Without all axes of size 1.
    public func squeezed() -> Tensor {
        let x = tensor
        return reshape(x, Shape(x.shape.filter { $0 != 1 }), #fileID, #line)
    }

    /// Axes from `axis` on merged into one.
    public func flattened(from axis: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        let x = tensor
        if x.rank == 0 { return x.reshaped([1]) }
        let axis = resolveAxis("flattened", axis, x.shape, file, line)
        return reshape(x, x.shape.merging(from: axis), file, line)
    }

    /// The elements repeated along axes of size 1 and new leading axes, without a copy.
    public func broadcast(to shape: Shape, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        let x = tensor
        return x.shape == shape ? x : apply(Op.Broadcast.self, x, shape, file, line)
    }

    /// The sum over the axes that broadcasting from `shape` would repeat.
    public func summed(to shape: Shape, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        let x = tensor
        return x.shape == shape ? x : apply(Op.SumTo.self, x, shape, file, line)
    }

    /// The tensor `counts[i]` times along axis i; new axes come first.
    public func repeated(_ counts: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        let x = tensor
        guard counts.count >= x.rank, counts.allSatisfy({ $0 >= 0 }) else {
            failure("repeated: counts \(counts) must name each of \(x.rank) axes, 0 or more times", file, line)
        }
        var sizes = Array(repeating: 1, count: counts.count - x.rank) + Array(x.shape)
        var result = x.reshaped(sizes)
        // The last axis first, while there is little to copy: [a, b, c] → [a, 1, b · c] → [a, n, b · c] → [a, n · b, c]
        for axis in sizes.indices.reversed() where counts[axis] != 1 {
            let outer = sizes[..<axis].reduce(1, *)
            let inner = sizes[axis...].reduce(1, *)
            sizes[axis] *= counts[axis]
            let wide = result.reshaped([outer, 1, inner]).broadcast(to: [outer, counts[axis], inner])
            result = wide.reshaped(sizes)
        }
        return result
    }

    /// The tensor cut along `axis` into parts of the given sizes, as views. Traps unless they add up to the axis' size.
    public func split(
        sizes: [Int], axis: Int = 0, file: StaticString = #fileID, line: UInt = #line
    ) -> [Tensor] {
        let x = tensor
        let axis = resolveAxis("split", axis, x.shape, file, line)
        return Array(apply(Op.Split.self, Few(x), .init(axis: axis, sizes: sizes), file, line))
    }

    /// The tensor cut along `axis` into `count` parts of one size, as views; the inverse of `concatenate`. Traps unless
    /// `count` divides the axis' size.
    public func split(
        count: Int, axis: Int = 0, file: StaticString = #fileID, line: UInt = #line
    ) -> [Tensor] {
        let x = tensor
        let size = x.shape[resolveAxis("split", axis, x.shape, file, line)]
        guard count > 0, size % count == 0 else {
            failure("split: \(count) parts of one size cannot be made of axis \(axis) of shape \(x.shape)", file, line)
        }
        return x.split(sizes: Array(repeating: size / count, count: count), axis: axis, file: file, line: line)
    }

    /// The slices along `axis`, without that axis, as views: `[T, N, D]` becomes T tensors `[N, D]`. The inverse of
    /// `stack`.
    public func unstacked(axis: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> [Tensor] {
        let x = tensor
        let axis = resolveAxis("unstacked", axis, x.shape, file, line)
        let sizes = Array(repeating: 1, count: x.shape[axis])
        return Array(apply(Op.Split.self, Few(x), .init(axis: axis, sizes: sizes, dropsAxis: true), file, line))
    }
}

/// The tensors one after the other along `axis`. Traps if there are none or other axes differ.
public func concatenate(
    _ tensors: [Tensor], axis: Int = 0, file: StaticString = #fileID, line: UInt = #line
) -> Tensor {
    guard let first = tensors.first else { failure("concatenate: there are no tensors", file, line) }
    let dtype = tensors.reduce(first.dtype) { $0.promoted(with: $1.dtype) }
    let axis = resolveAxis("concatenate", axis, first.shape, file, line)
    return applyForOne(Op.Concatenate.self, Few(contentsOf: tensors.map { $0.cast(to: dtype) }), axis, file, line)
}

/// The tensors side by side along a new axis. Traps if there are none or shapes differ.
public func stack(
    _ tensors: [Tensor], axis: Int = 0, file: StaticString = #fileID, line: UInt = #line
) -> Tensor {
    guard let first = tensors.first else { failure("stack: there are no tensors", file, line) }
    for (index, other) in tensors.enumerated() where other.shape != first.shape {
        shapeFailure(
            ShapeError(
                "stack", "shapes must be equal",
                [.init("tensor 0", first.shape), .init("tensor \(index)", other.shape)]), file, line)
    }
    return concatenate(
        tensors.map { $0.expandingShape(at: axis, file: file, line: line) }, axis: axis, file: file, line: line)
}
