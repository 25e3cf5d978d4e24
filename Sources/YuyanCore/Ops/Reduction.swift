import YuyanBackend

extension OperationFamily {
    package static let reduction = OperationFamily(
        "Reduction",
        [Op.Sum.entry, Op.Mean.entry, Op.Product.entry, Op.Largest.entry, Op.Smallest.entry, Op.CumulativeSum.entry]
            + Reduction.composedEntries)
}

/// Which axes to reduce, and whether they stay with size 1.
package struct ReductionOptions {
    package var axes: AxisSet
    package var keepsDimensions: Bool

    package init(axes: AxisSet, keepsDimensions: Bool) {
        self.axes = axes
        self.keepsDimensions = keepsDimensions
    }

    /// The shape with the reduced axes at size 1, or without them.
    package func shape(of x: Shape, keepingDimensions: Bool) -> Shape {
        var sizes: [Int] = []
        for axis in 0..<x.rank {
            if !axes.contains(axis: axis) { sizes.append(x[axis]) } else if keepingDimensions { sizes.append(1) }
        }
        return Shape(sizes)
    }

    /// The shape of the result.
    package func shape(of x: Shape) -> Shape { shape(of: x, keepingDimensions: keepsDimensions) }

    /// Whether there is nothing to fold.
    package func hasEmptyAxis(of x: Shape) -> Bool {
        (0..<x.rank).contains { axes.contains(axis: $0) && x[$0] == 0 }
    }
}

/// An operation that folds axes into one element.
package protocol ReductionRule: UnaryRule where Options == ReductionOptions {
    static var operation: ReductionOperation { get }
    /// Whether an empty axis has a result.
    static var acceptsEmpty: Bool { get }
}

extension ReductionRule {
    package static var acceptsEmpty: Bool { true }

    package static func outputShape(_ x: Shape, _ options: ReductionOptions) throws(ShapeError) -> Shape {
        if !acceptsEmpty, options.hasEmptyAxis(of: x) {
            throw ShapeError(name, "an empty axis has no \(name)", [.init("input", x)])
        }
        return options.shape(of: x, keepingDimensions: options.keepsDimensions)
    }

    package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: ReductionOptions) -> DeviceBuffer {
        let reduced = x.device.backend.reduce(operation, x, axes: options.axes)
        if options.keepsDimensions || options.axes.isEmpty { return reduced }
        return x.device.backend.reshaped(reduced, shape)
    }
}

extension Tensor {
    /// A reduced tensor with its axes of size 1 back, so that it broadcasts against the unreduced shape.
    func restored(_ options: ReductionOptions, _ shape: Shape) -> Tensor {
        options.keepsDimensions ? self : reshaped(options.shape(of: shape, keepingDimensions: true))
    }
}

extension Op {
    package enum Sum: ReductionRule {
        package static let name = "sum"
        package static let operation = ReductionOperation.sum
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: ReductionOptions) -> Tensor {
            g.restored(options, saved.firstShape).broadcast(to: saved.firstShape)
        }
        package static let entry = OperationEntry(
            name, "y = Σ x over some axes; bool and integers are counted as int64",
            swift: [
                "x.sum(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor",
                "x.sum(axis: Int, keepDimensions: Bool = false) -> Tensor",
            ],
            [
                Sample([.real([3, 4])], torch: "a.sum()") { $0[0].sum() },
                Sample([.real([2, 3, 4])], torch: "a.sum((0, 2), keepdim=True)") {
                    $0[0].sum(axes: [0, 2], keepDimensions: true)
                },
                Sample([.real([2, 3, 4])], torch: "a.sum(1)") { $0[0].sum(axis: 1) },
                Sample([.real([4, 3])], torch: "a.T.sum(0)") { $0[0].transposed().sum(axis: 0) },
                Sample([.real([0, 3])], torch: "a.sum(0)") { $0[0].sum(axis: 0) },
                Sample([.real([])], torch: "a.sum()") { $0[0].sum() },
                Sample([.boolean([9])], torch: "a.sum()") { $0[0].sum() },
            ])
    }
}

extension Op {
    package enum Mean: ReductionRule {
        package static let name = "mean"
        package static let operation = ReductionOperation.mean
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: ReductionOptions) -> Tensor {
            let shape = saved.firstShape
            let count =
                shape.elementCount / Swift.max(options.shape(of: shape, keepingDimensions: true).elementCount, 1)
            return (g / Double(Swift.max(count, 1))).restored(options, shape).broadcast(to: shape)
        }
        package static let entry = OperationEntry(
            name, "y = Σ x / n over some axes",
            swift: [
                "x.mean(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor",
                "x.mean(axis: Int, keepDimensions: Bool = false) -> Tensor",
            ],
            [
                Sample([.real([3, 4])], torch: "a.mean()") { $0[0].mean() },
                Sample([.real([2, 3, 4])], torch: "a.mean((0, 2))") { $0[0].mean(axes: [0, 2]) },
                Sample([.real([2, 3, 4])], torch: "a.mean(-1, keepdim=True)") {
                    $0[0].mean(axis: -1, keepDimensions: true)
                },
            ])
    }
}

extension Op {
    package enum Product: ReductionRule {
        package static let name = "product"
        package static let operation = ReductionOperation.product
        package static func keeps(_ options: ReductionOptions) -> Kept { .first }

        // ∂y/∂xᵢ is the product of the others: of those before times those behind, so that zeros are nothing special, and
        // not for gradients of the gradient either.
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: ReductionOptions) -> Tensor {
            let x = saved.first
            let axes = 0..<x.rank
            let order =
                axes.filter { options.axes.contains(axis: $0) } + axes.filter { !options.axes.contains(axis: $0) }
            if x.elementCount == 0 || order.isEmpty { return g.restored(options, x.shape).broadcast(to: x.shape) }
            let moved = x.permuted(order)
            let count = axes.reduce(1) { options.axes.contains(axis: $1) ? $0 * x.shape[$1] : $0 }
            let rows = moved.reshaped([count, -1])
            let others = neighbors(of: rows, behind: false) * neighbors(of: rows, behind: true)
            let places = axes.map { order.firstIndex(of: $0)! }
            return g.restored(options, x.shape) * others.reshaped(moved.shape).permuted(places)
        }

        /// For each row the product of all before it, or behind it, in log₂ n passes.
        private static func neighbors(of x: Tensor, behind: Bool) -> Tensor {
            let count = x.shape[0]
            func shifted(_ x: Tensor, by distance: Int) -> Tensor {
                let ones = Tensor.ones([distance, x.shape[1]], dtype: x.dtype, device: x.device)
                if distance == count { return ones }
                return concatenate(behind ? [x[distance..<count], ones] : [ones, x[0..<count - distance]])
            }
            var products = shifted(x, by: 1)
            var reach = 1
            while reach < count {
                products = products * shifted(products, by: reach)
                reach *= 2
            }
            return products
        }

        package static let entry = OperationEntry(
            name, "y = Π x over some axes; bool and integers are counted as int64",
            swift: [
                "x.product(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor",
                "x.product(axis: Int, keepDimensions: Bool = false) -> Tensor",
            ],
            [
                Sample([.real([3, 4], 0.5...2)], torch: "a.prod()") { $0[0].product() },
                Sample([.real([3, 4], 0.5...2)], torch: "a.prod(1, keepdim=True)") {
                    $0[0].product(axis: 1, keepDimensions: true)
                },
            ])
    }
}

extension Op {
    package enum Largest: ReductionRule {
        package static let name = "max"
        package static let operation = ReductionOperation.maximum
        package static let acceptsEmpty = false
        package static func keeps(_ options: ReductionOptions) -> Kept { [.first, .output] }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: ReductionOptions) -> Tensor {
            sharedGradient(g, saved, options)
        }

        /// The gradient, in equal parts to the elements that equal the result.
        fileprivate static func sharedGradient(_ g: Tensor, _ saved: Saved, _ options: ReductionOptions) -> Tensor {
            let x = saved.first
            let chosen = (x .== saved.output.restored(options, x.shape)).cast(to: g.dtype)
            let count = Tensor(
                chosen.backend.reduce(.sum, chosen.buffer, axes: options.axes))
            return g.restored(options, x.shape) * (chosen / count)
        }

        package static let entry = OperationEntry(
            name, "the largest element over some axes; equal ones share the gradient",
            swift: [
                "x.max(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor",
                "x.max(axis: Int, keepDimensions: Bool = false) -> Tensor",
            ],
            [
                Sample([.real([3, 4])], torch: "a.amax()") { $0[0].max() },
                Sample([.real([3, 4])], torch: "a.amax(1)") { $0[0].max(axis: 1) },
            ])
    }
}

extension Op {
    package enum Smallest: ReductionRule {
        package static let name = "min"
        package static let operation = ReductionOperation.minimum
        package static let acceptsEmpty = false
        package static func keeps(_ options: ReductionOptions) -> Kept { [.first, .output] }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: ReductionOptions) -> Tensor {
            Op.Largest.sharedGradient(g, saved, options)
        }
        package static let entry = OperationEntry(
            name, "the smallest element over some axes; equal ones share the gradient",
            swift: [
                "x.min(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor",
                "x.min(axis: Int, keepDimensions: Bool = false) -> Tensor",
            ],
            [
                Sample([.real([3, 4])], torch: "a.amin()") { $0[0].min() },
                Sample([.real([3, 4])], torch: "a.amin(0, keepdim=True)") { $0[0].min(axis: 0, keepDimensions: true) },
            ])
    }
}

extension Op {
    package enum CumulativeSum: UnaryRule {
        package struct Options {
            var axis: Int
            var isReversed: Bool
        }

        package static let name = "cumulativeSum"
        package static func outputShape(_ x: Shape, _ options: Options) -> Shape { x }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: Options) -> DeviceBuffer {
            x.device.backend.scan(.sum, x, axis: options.axis, isReversed: options.isReversed)
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Options) -> Tensor {
            apply(Op.CumulativeSum.self, g, .init(axis: options.axis, isReversed: !options.isReversed))
        }
        package static let entry = OperationEntry(
            name, "yᵢ = Σ xⱼ for j ≤ i along an axis",
            swift: ["x.cumulativeSum(axis: Int) -> Tensor"],
            [
                Sample([.real([3, 4])], torch: "a.cumsum(0)") { $0[0].cumulativeSum(axis: 0) },
                Sample([.real([3, 4])], torch: "a.cumsum(1)") { $0[0].cumulativeSum(axis: 1) },
            ])
    }
}

// MARK: - Public methods

enum Reduction {
    /// Reductions made of others, and those without a gradient.
    static let composedEntries: [OperationEntry] = [
        OperationEntry(
            "variance", "y = Σ (x − mean x)² / (n − correction)",
            swift: ["x.variance(axis: Int? = nil, correction: Int = 1, keepDimensions: Bool = false) -> Tensor"],
            [
                Sample([.real([3, 4])], torch: "a.var()") { $0[0].variance() },
                Sample([.real([3, 4])], torch: "a.var(1, correction=0)") { $0[0].variance(axis: 1, correction: 0) },
            ]),
        OperationEntry(
            "standardDeviation", "√variance",
            swift: [
                "x.standardDeviation(axis: Int? = nil, correction: Int = 1, keepDimensions: Bool = false) -> Tensor"
            ],
            [Sample([.real([3, 4])], torch: "a.std(0)") { $0[0].standardDeviation(axis: 0) }]),
        OperationEntry(
            "argmax", "the index of the first largest element, or of the first NaN",
            swift: ["x.argmax(axis: Int? = nil, keepDimensions: Bool = false) -> Tensor"],
            gradient: .none("the result is an index"),
            [
                Sample([.real([3, 4])], torch: "a.argmax()") { $0[0].argmax() },
                Sample([.real([3, 4])], torch: "a.argmax(1)") { $0[0].argmax(axis: 1) },
            ]),
        OperationEntry(
            "argmin", "the index of the first smallest element, or of the first NaN",
            swift: ["x.argmin(axis: Int? = nil, keepDimensions: Bool = false) -> Tensor"],
            gradient: .none("the result is an index"),
            [
                Sample([.real([3, 4])], torch: "a.argmin()") { $0[0].argmin() },
                Sample([.real([3, 4])], torch: "a.argmin(0, keepdim=True)") {
                    $0[0].argmin(axis: 0, keepDimensions: true)
                },
            ]),
    ]

    /// The axes as a set; negative ones count from the end. Traps if one does not exist or is named twice.
    static func options(
        _ name: String, _ x: Tensor, _ axes: [Int]?, _ keepsDimensions: Bool, _ file: StaticString, _ line: UInt
    ) -> ReductionOptions {
        guard let axes else { return .init(axes: .all(rank: x.rank), keepsDimensions: keepsDimensions) }
        if x.rank == 0, axes.count == 1 {
            _ = resolveAxis(name, axes[0], [1], file, line)
            return .init(axes: [], keepsDimensions: keepsDimensions)
        }
        let resolved = axes.map { resolveAxis(name, $0, x.shape, file, line) }
        guard Set(resolved).count == axes.count else {
            failure("\(name): axes \(axes) name one axis twice", file, line)
        }
        return .init(axes: AxisSet(axes: resolved), keepsDimensions: keepsDimensions)
    }
}

/// An axis in 0 ..< rank; negative ones count from the end.
package func resolveAxis(
    _ name: String, _ axis: Int, _ shape: Shape, _ file: StaticString, _ line: UInt
) -> Int {
    let resolved = axis < 0 ? axis + shape.rank : axis
    guard resolved >= 0, resolved < shape.rank else {
        shapeFailure(
            ShapeError(
                name, "axis \(axis) does not exist",
                [.init("input", shape, note: "axes \(-shape.rank) ..< \(shape.rank)")]), file, line)
    }
    return resolved
}

extension TensorConvertible {
    // Each method reduces the given axes, or all if they are nil. Reduced axes disappear, or stay with size 1 with
    // `keepDimensions`. Negative axes count from the end. A scalar counts as one axis. Traps if an axis does not exist.

    /// Σ x. Integers and bool are summed as int64.
    public func sum(
        axes: [Int]? = nil, keepDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        var x = tensor
        if !x.dtype.isFloatingPoint { x = x.cast(to: .int64) }
        return apply(
            Op.Sum.self, x.computable(), Reduction.options("sum", x, axes, keepDimensions, file, line), file, line)
    }

    /// Σ x / n. Integers become float32.
    public func mean(
        axes: [Int]? = nil, keepDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let x = tensor.real()
        return apply(Op.Mean.self, x, Reduction.options("mean", x, axes, keepDimensions, file, line), file, line)
    }

    /// Π x. Integers and bool are multiplied as int64. The gradient is the product of the other elements.
    public func product(
        axes: [Int]? = nil, keepDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let x = tensor.dtype.isFloatingPoint ? tensor : tensor.cast(to: .int64)
        return apply(Op.Product.self, x, Reduction.options("product", x, axes, keepDimensions, file, line), file, line)
    }

    /// The largest element; NaN if there is one. Traps if there are none.
    public func max(
        axes: [Int]? = nil, keepDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let x = tensor.computable()
        return apply(Op.Largest.self, x, Reduction.options("max", x, axes, keepDimensions, file, line), file, line)
    }

    /// The smallest element; NaN if there is one. Traps if there are none.
    public func min(
        axes: [Int]? = nil, keepDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let x = tensor.computable()
        return apply(Op.Smallest.self, x, Reduction.options("min", x, axes, keepDimensions, file, line), file, line)
    }

    /// The sum along one axis; see the function of several axes.
    public func sum(axis: Int, keepDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line) -> Tensor
    {
        sum(axes: [axis], keepDimensions: keepDimensions, file: file, line: line)
    }
    /// The mean along one axis; see the function of several axes.
    public func mean(axis: Int, keepDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line)
        -> Tensor
    {
        mean(axes: [axis], keepDimensions: keepDimensions, file: file, line: line)
    }
    /// The product along one axis; see the function of several axes.
    public func product(
        axis: Int, keepDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        product(axes: [axis], keepDimensions: keepDimensions, file: file, line: line)
    }
    /// The largest elements along one axis; see the function of several axes.
    public func max(axis: Int, keepDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line) -> Tensor
    {
        max(axes: [axis], keepDimensions: keepDimensions, file: file, line: line)
    }
    /// The smallest elements along one axis; see the function of several axes.
    public func min(axis: Int, keepDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line) -> Tensor
    {
        min(axes: [axis], keepDimensions: keepDimensions, file: file, line: line)
    }

    /// Σ (x − mean x)² / (n − correction); correction 1 gives the unbiased estimate. `axis` nil: all elements. NaN where
    /// there are no more elements than `correction`.
    public func variance(
        axis: Int? = nil, correction: Int = 1, keepDimensions: Bool = false, file: StaticString = #fileID,
        line: UInt = #line
    ) -> Tensor {
        let x = tensor.real()
        let axes = axis.map { [$0] }
        let squares = (x - x.mean(axes: axes, keepDimensions: true, file: file, line: line)).squared()
        let total = squares.sum(axes: axes, keepDimensions: keepDimensions)
        let count = x.elementCount / Swift.max(total.elementCount, 1)
        return total / Double(Swift.max(count - correction, 0))
    }

    /// √variance. The gradient where all elements are equal is 0.
    public func standardDeviation(
        axis: Int? = nil, correction: Int = 1, keepDimensions: Bool = false, file: StaticString = #fileID,
        line: UInt = #line
    ) -> Tensor {
        variance(axis: axis, correction: correction, keepDimensions: keepDimensions, file: file, line: line).length()
    }

    /// yᵢ = Σ xⱼ for j ≤ i along `axis`. Integers and bool are summed as int64; a scalar is its own sum.
    public func cumulativeSum(axis: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        let x = tensor.dtype.isFloatingPoint ? tensor : tensor.cast(to: .int64)
        if x.rank == 0 {
            _ = resolveAxis("cumulativeSum", axis, [1], file, line)
            return x
        }
        let axis = resolveAxis("cumulativeSum", axis, x.shape, file, line)
        return apply(Op.CumulativeSum.self, x, .init(axis: axis, isReversed: false), file, line)
    }

    /// The index, int64, of the first largest element along `axis`, or of the first NaN; `axis` nil: in row-major order of
    /// all.
    public func argmax(
        axis: Int? = nil, keepDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        argReduced("argmax", .largest, axis, keepDimensions, file, line)
    }

    /// The index, int64, of the first smallest element along `axis`, or of the first NaN; `axis` nil: in row-major order
    /// of all.
    public func argmin(
        axis: Int? = nil, keepDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        argReduced("argmin", .smallest, axis, keepDimensions, file, line)
    }

    private func argReduced(
        _ name: String, _ operation: ArgReductionOperation, _ axis: Int?, _ keepsDimensions: Bool,
        _ file: StaticString, _ line: UInt
    ) -> Tensor {
        var x = tensor.detached().computable()
        let isScalar = x.rank == 0
        if axis == nil || isScalar { x = x.reshaped([-1]) }
        let resolved = resolveAxis(name, axis ?? 0, x.shape, file, line)
        guard x.shape[resolved] > 0 else {
            shapeFailure(ShapeError(name, "an empty axis has no \(name)", [.init("input", x.shape)]), file, line)
        }
        let index = Tensor(x.backend.argReduce(operation, x.buffer, axis: resolved))
        return keepsDimensions && !isScalar ? index : index.squeezingShape(at: resolved)
    }

    /// Whether all elements are true, or not zero.
    public func all() -> Bool { tensor.detached().cast(to: .bool).sum().item() == Double(tensor.elementCount) }

    /// Whether any element is true, or not zero.
    public func any() -> Bool { tensor.detached().cast(to: .bool).sum().item() > 0 }
}
