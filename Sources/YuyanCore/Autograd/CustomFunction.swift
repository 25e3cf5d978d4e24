import YuyanBackend

/// A differentiable function with a gradient of your own.
///
/// The function itself lives across calls and holds options; everything that belongs to one call goes through its
/// `FunctionContext`. Gradients of gradients work where `backward` computes with tensor operations on the gradient, saved
/// inputs and the saved result; other saved tensors count as constants.
///
///     struct Cube: DifferentiableFunction {
///         func forward(_ inputs: [Tensor], _ context: FunctionContext) -> Tensor {
///             context.save(inputs[0])
///             return inputs[0].pow(3)
///         }
///         func backward(_ gradient: Tensor, _ context: FunctionContext) -> [Tensor?] {
///             [gradient * 3 * context.saved[0].squared()]
///         }
///     }
///     let y = Cube()(x)
public protocol DifferentiableFunction {
    /// The value. Nothing inside is recorded. Integers and bool have no gradient, as `markNotDifferentiable` says of
    /// other values.
    func forward(_ inputs: [Tensor], _ context: FunctionContext) -> Tensor
    /// One gradient for each input, from that of the result; nil for an input that has none. Traps, when it returns,
    /// unless there are as many as inputs, each with its input's shape, element type and device.
    func backward(_ gradient: Tensor, _ context: FunctionContext) -> [Tensor?]
}

/// What one call of a `DifferentiableFunction` keeps between forward and backward.
public final class FunctionContext {
    /// Tensors kept by `save`.
    public private(set) var saved: [Tensor] = []
    /// Whether the gradient of each input is wanted.
    public let needsGradient: [Bool]
    /// Whether `markNotDifferentiable` was called.
    public private(set) var isDifferentiable = true

    fileprivate init(needsGradient: [Bool]) { self.needsGradient = needsGradient }

    /// Keeps tensors for `backward`: inputs, results, or anything computed in between.
    public func save(_ tensors: Tensor...) { saved += tensors }

    /// The result has no gradient: it is not recorded.
    public func markNotDifferentiable() { isDifferentiable = false }

    fileprivate func release() { saved = [] }

    /// Runs `body` with history for those saved tensors that are inputs or the result, so that what it computes from
    /// them can be differentiated. Not longer: a node that holds its own result would never be freed.
    fileprivate func withHistory<Result>(_ nodes: [ObjectIdentifier: Node], _ body: () -> Result) -> Result {
        let constants = saved
        defer { saved = constants }
        saved = constants.map { Tensor($0.buffer, node: nodes[ObjectIdentifier($0.buffer)]) }
        return body()
    }
}

extension DifferentiableFunction {
    /// Computes the function, and records it where an input is recorded.
    public func callAsFunction(
        _ inputs: any TensorConvertible..., file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let inputs = inputs.map(\.tensor)
        let context = FunctionContext(needsGradient: inputs.map(\.isRecorded))
        let result = withoutGradients { forward(inputs.map { $0.detached() }, context) }
        let hasGradient = context.isDifferentiable && result.dtype.isFloatingPoint
        guard hasGradient, isRecordingGradients, inputs.contains(where: \.isRecorded) else { return result.detached() }
        return Tensor(result.buffer, node: FunctionNode(self, inputs, result, context, "\(file):\(line)"))
    }
}

private final class FunctionNode<Function: DifferentiableFunction>: Node {
    private let function: Function
    private var inputs: [Edge]
    private var context: FunctionContext?
    /// Names of the inputs' elements and the result's, to know them among the saved tensors.
    private let inputBuffers: [ObjectIdentifier]
    private let resultBuffer: ObjectIdentifier
    private let place: String

    init(
        _ function: Function, _ inputs: [Tensor], _ result: Tensor, _ context: FunctionContext, _ place: String
    ) {
        self.function = function
        self.inputs = inputs.map(Edge.init)
        self.context = context
        inputBuffers = inputs.map { ObjectIdentifier($0.buffer) }
        resultBuffer = ObjectIdentifier(result.buffer)
        self.place = place
    }

    override var name: String { "\(Function.self)" }
    override var operands: [Edge] { inputs }

    override func propagate(_ sweep: inout Sweep) {
        let gradient = takeGradient()
        let context = context!
        let gradients =
            sweep.recordsGraph
            ? context.withHistory(history) { function.backward(gradient, context) }
            : withoutGradients { function.backward(gradient, context) }
        guard gradients.count == inputs.count else {
            failure("\(name): backward gave \(gradients.count) gradients for \(inputs.count) inputs\n  at \(place)")
        }
        for (input, gradient) in zip(inputs, gradients) {
            guard let gradient, input.node != nil else { continue }
            guard gradient.shape == input.shape, gradient.dtype == input.dtype, gradient.device == input.device else {
                refuse(gradient, for: input)
            }
            sweep.contribute(gradient, to: input)
        }
    }

    private func refuse(_ gradient: Tensor, for input: Edge) -> Never {
        shapeFailure(
            ShapeError(
                name, "backward must give each input a gradient of its shape, element type and device",
                [
                    .init("input", input.shape, dtype: input.dtype, note: "on \(input.device)"),
                    .init("gradient", of: gradient, note: "on \(gradient.device)"),
                ], hint: "called at \(place)"), #fileID, #line)
    }

    /// What computed the inputs and the result, by their elements. A result that hands on an input's elements is this
    /// node's.
    private var history: [ObjectIdentifier: Node] {
        var nodes: [ObjectIdentifier: Node] = [:]
        for (buffer, input) in zip(inputBuffers, inputs) where input.node != nil { nodes[buffer] = input.node }
        nodes[resultBuffer] = self
        return nodes
    }

    override func release(into nodes: inout [Node]) {
        context?.release()
        context = nil
        for index in inputs.indices { inputs[index].release(into: &nodes) }
    }
}
