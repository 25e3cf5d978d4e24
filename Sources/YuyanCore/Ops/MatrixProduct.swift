import YuyanBackend

extension OperationFamily {
    package static let matrixProduct = OperationFamily("MatrixProduct", [Op.MatrixProduct.entry, Op.Linear.entry])
}

extension Op {
    /// `A · B` of the last two axes, either transposed first; leading axes broadcast.
    package enum MatrixProduct: BinaryRule {
        package struct Options {
            var transposesFirst: Bool
            var transposesSecond: Bool

            package init(transposesFirst: Bool = false, transposesSecond: Bool = false) {
                self.transposesFirst = transposesFirst
                self.transposesSecond = transposesSecond
            }
        }

        package static let name = "matmul"
        package static var types: OperandTypes { .numbers }
        package static func keeps(_ options: Options) -> Kept { [.first, .second] }

        package static func outputShape(_ a: Shape, _ b: Shape, _ options: Options) throws(ShapeError) -> Shape {
            let (ra, rb) = (a.rank, b.rank)
            let (m, k) = options.transposesFirst ? (a[ra - 1], a[ra - 2]) : (a[ra - 2], a[ra - 1])
            let (l, n) = options.transposesSecond ? (b[rb - 1], b[rb - 2]) : (b[rb - 2], b[rb - 1])
            guard k == l else {
                throw ShapeError(
                    name, "the inner axes must agree",
                    [
                        .init("left", axes: options.transposesFirst ? "[…, k, m]" : "[…, m, k]", a, note: "k = \(k)"),
                        .init("right", axes: options.transposesSecond ? "[…, n, k]" : "[…, k, n]", b, note: "k = \(l)"),
                    ], hint: a[ra - 1] == b[rb - 1] && ra == 2 && rb == 2 ? "a.matmul(b.transposed()) would fit" : "")
            }
            if ra == 2 && rb == 2 { return Shape(rows: m, columns: n) }
            let batch = try broadcastShape("\(name) (leading axes)", Shape(a.dropLast(2)), Shape(b.dropLast(2)))
            return Shape(Array(batch) + [m, n])
        }

        package static func forward(_ a: DeviceBuffer, _ b: DeviceBuffer, _ shape: Shape, _ options: Options)
            -> DeviceBuffer
        {
            a.device.backend.matmul(
                a, b, transposeA: options.transposesFirst, transposeB: options.transposesSecond, bias: nil,
                activation: nil)
        }

        // Y = A B:  ∂A = G Bᵀ,  ∂B = Aᵀ G; a transposed operand transposes its gradient.
        package static func firstGradient(_ g: Tensor, _ saved: Saved, _ options: Options) -> Tensor {
            options.transposesFirst
                ? product(saved.second, g, options.transposesSecond, true)
                : product(g, saved.second, false, !options.transposesSecond)
        }
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ options: Options) -> Tensor {
            options.transposesSecond
                ? product(g, saved.first, true, options.transposesFirst)
                : product(saved.first, g, !options.transposesFirst, false)
        }

        static func product(_ a: Tensor, _ b: Tensor, _ transposesFirst: Bool, _ transposesSecond: Bool) -> Tensor {
            apply(
                Op.MatrixProduct.self, a, b, .init(transposesFirst: transposesFirst, transposesSecond: transposesSecond)
            )
        }

        package static let entry = OperationEntry(
            name, "Y = A · B over the last two axes; leading axes broadcast; vectors count as a row or a column",
            swift: ["x.matmul(_ other: some TensorConvertible) -> Tensor"],
            [
                Sample([.real([3, 4]), .real([4, 5])], torch: "a @ b") { $0[0].matmul($0[1]) },
                Sample([.real([4, 3]), .real([5, 4])], torch: "a.T @ b.T") {
                    $0[0].transposed().matmul($0[1].transposed())
                },
                Sample([.real([2, 3, 4]), .real([2, 4, 5])], torch: "a @ b") { $0[0].matmul($0[1]) },
                Sample([.real([2, 1, 3, 4]), .real([3, 4, 2])], torch: "a @ b") { $0[0].matmul($0[1]) },
                Sample([.real([2, 3, 4]), .real([4, 5])], torch: "a @ b") { $0[0].matmul($0[1]) },
                Sample([.real([4]), .real([4])], torch: "a @ b") { $0[0].matmul($0[1]) },
                Sample([.real([3, 4]), .real([4])], torch: "a @ b") { $0[0].matmul($0[1]) },
                Sample([.real([4]), .real([4, 3])], torch: "a @ b") { $0[0].matmul($0[1]) },
                Sample([.real([0, 4]), .real([4, 3])], torch: "a @ b") { $0[0].matmul($0[1]) },
                Sample([.real([3, 0]), .real([0, 2])], torch: "a @ b") { $0[0].matmul($0[1]) },
                Sample([.integer([2, 3], -4..<5), .integer([3, 2], -4..<5)], torch: "a @ b") { $0[0].matmul($0[1]) },
            ])
    }
}

extension Op {
    /// `x · Wᵀ + b` on the last axis, then an activation if there is one: a fully connected layer.
    package enum Linear: TernaryRule {
        package static let name = "linear"
        package static var types: OperandTypes { .numbers }
        package static var operandNames: [String] { ["input", "weight", "bias"] }
        package static func activation(_ activation: UnaryOperation?) -> UnaryOperation? { activation }

        package static func outputShape(
            _ x: Shape, _ weight: Shape, _ bias: Shape?, _ activation: UnaryOperation?
        ) throws(ShapeError) -> Shape {
            guard weight.rank == 2, x.rank >= 1, x[x.rank - 1] == weight[1] else {
                throw ShapeError(
                    name, "the input's last axis must equal the weight's inputs",
                    [
                        .init("input", axes: "[…, in]", x, note: x.rank > 0 ? "in = \(x[x.rank - 1])" : "no axis"),
                        .init(
                            "weight", axes: "[out, in]", weight,
                            note: weight.rank == 2 ? "in = \(weight[1])" : "not a matrix"),
                    ])
            }
            if let bias, bias.rank != 1 || bias[0] != weight[0] {
                throw ShapeError(
                    name, "the bias must have one element for each output",
                    [.init("weight", axes: "[out, in]", weight), .init("bias", axes: "[out]", bias)])
            }
            var shape = x
            shape[x.rank - 1] = weight[0]
            return shape
        }

        package static func forward(
            _ x: DeviceBuffer, _ weight: DeviceBuffer, _ bias: DeviceBuffer?, _ shape: Shape,
            _ activation: UnaryOperation?
        ) -> DeviceBuffer {
            x.device.backend.matmul(x, weight, transposeA: false, transposeB: true, bias: bias, activation: activation)
        }

        // Y = X Wᵀ + b:  ∂X = G W,  ∂W = Gᵀ X,  ∂b = Σ G over all rows.
        package static func gradients(
            _ g: Tensor, _ saved: Saved, _ activation: UnaryOperation?, needs: (Bool, Bool, Bool)
        ) -> (Tensor?, Tensor?, Tensor?) {
            // Not inferred: either size of the weight may be 0.
            let rowCount = saved.firstShape.dropLast().reduce(1, *)
            let rows = g.rank == 2 ? g : g.reshaped([rowCount, saved.secondShape[0]])
            let x = needs.0 ? Op.MatrixProduct.product(g, saved.second, false, false) : nil
            let weight =
                needs.1
                ? Op.MatrixProduct.product(
                    rows,
                    saved.firstShape.rank == 2 ? saved.first : saved.first.reshaped([rowCount, saved.secondShape[1]]),
                    true, false)
                : nil
            return (x, weight, needs.2 ? rows.summed(to: saved.thirdShape) : nil)
        }

        package static let entry = OperationEntry(
            name, "y = x · Wᵀ + b on the last axis; W is [out, in]",
            swift: [
                "linear(_ input: some TensorConvertible, weight: some TensorConvertible, bias: (some TensorConvertible)? = Tensor?.none) -> Tensor"
            ],
            [
                Sample([.real([3, 4]), .real([5, 4]), .real([5])], torch: "\(torch)(a, b, c)") {
                    linear($0[0], weight: $0[1], bias: $0[2])
                },
                Sample([.real([2, 3, 4]), .real([5, 4])], torch: "\(torch)(a, b)") {
                    linear($0[0], weight: $0[1])
                },
                Sample([.real([33, 70]), .real([17, 70]), .real([17])], torch: "\(torch)(a, b, c)") {
                    linear($0[0], weight: $0[1], bias: $0[2])
                },
                Sample([.real([3, 4]), .real([5, 4]), .real([5])], torch: "\(torch)(a, b, c).sigmoid()") {
                    linear($0[0], weight: $0[1], bias: $0[2], activation: .sigmoid)
                },
                Sample([.real([33, 70]), .real([17, 70]), .real([17])], torch: "\(torch)(a, b, c).tanh()") {
                    linear($0[0], weight: $0[1], bias: $0[2], activation: .tanh)
                },
                Sample([.real([2, 9, 5]), .real([7, 5])], torch: "\(torch)(a, b).relu()") {
                    linear($0[0], weight: $0[1], activation: .relu)
                },
            ])
        private static let torch = "torch.nn.functional.linear"
    }
}

extension TensorConvertible {
    /// The matrix product over the last two axes: `[…, m, k] · […, k, n] → […, m, n]`.
    ///
    /// Leading axes broadcast. A vector on the left counts as one row, on the right as one column, and that axis is
    /// dropped from the result; two vectors give their dot product. Traps if the inner sizes or the element types
    /// differ, or an operand is a scalar.
    public func matmul(
        _ other: some TensorConvertible, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        var (a, b) = (tensor.computable().inPrecision(), other.tensor.computable().inPrecision())
        guard a.rank > 0, b.rank > 0 else {
            shapeFailure(
                ShapeError(
                    "matmul", "operands need at least one axis", [.init("left", a.shape), .init("right", b.shape)],
                    hint: "use * for a scalar"), file, line)
        }
        let (leftIsVector, rightIsVector) = (a.rank == 1, b.rank == 1)
        if leftIsVector { a = a.expandingShape(at: 0) }
        if rightIsVector { b = b.expandingShape(at: 1) }
        var product = apply(Op.MatrixProduct.self, a, b, .init(), file, line)
        if rightIsVector { product = product.squeezingShape(at: -1) }
        if leftIsVector { product = product.squeezingShape(at: rightIsVector ? -1 : -2) }
        return product
    }
}

/// `x · Wᵀ + b` on the last axis.
///
/// - Parameters: input `[…, in]`, or a vector `[in]`; weight `[out, in]`; bias `[out]`.
/// - Returns: `[…, out]`. Traps if the sizes do not fit, or the element types differ.
public func linear(
    _ input: some TensorConvertible, weight: some TensorConvertible, bias: (some TensorConvertible)? = Tensor?.none,
    file: StaticString = #fileID, line: UInt = #line
) -> Tensor {
    linearMap(
        input.tensor.inPrecision(), weight.tensor.inPrecision(), bias?.tensor.inPrecision(), nil, file, line)
}

/// The same and an activation in one pass, for layers that follow each other.
package func linear(
    _ input: Tensor, weight: some TensorConvertible, bias: (some TensorConvertible)? = Tensor?.none,
    activation: UnaryOperation
) -> Tensor {
    linearMap(
        input.inPrecision(), weight.tensor.inPrecision(), bias?.tensor.inPrecision(), activation, #fileID, #line)
}

/// A vector counts as one row.
@inline(__always)
private func linearMap(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ activation: UnaryOperation?, _ file: StaticString, _ line: UInt
) -> Tensor {
    if x.rank == 1 {
        // Texts show the vector, not the row.
        do { _ = try Op.Linear.outputShape(x.shape, weight.shape, bias?.shape, activation) } catch {
            shapeFailure(error, file, line)
        }
        return apply(Op.Linear.self, x.reshaped([1, -1]), weight, bias, activation, file, line).squeezingShape(at: 0)
    }
    return apply(Op.Linear.self, x, weight, bias, activation, file, line)
}
