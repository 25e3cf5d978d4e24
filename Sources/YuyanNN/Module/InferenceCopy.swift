import YuyanCore

extension Layer {
    /// A copy that only predicts, and predicts faster: batch normalisations are folded into the layers before them.
    ///
    ///     let quick = net.inferenceCopy(example: images) { makeResNet18() }
    ///     let logits = withoutGradients { quick(images) }
    ///
    /// In evaluation a `BatchNorm` multiplies each channel by a number and adds another. A `Conv2D`, `Conv1D`,
    /// `ConvTranspose2D` or `Linear` whose result goes there and nowhere else can do that by its own weight and bias:
    /// weight · s and (bias − μ) · s + offset with s = scale / √(σ² + ε), computed in float64. The normalisation then gives
    /// its input, and a `Sequential` computes the activation after it in the layer's pass. `summary` and `details` say what
    /// is folded into what. Results differ from the network's by rounding.
    ///
    /// The copy is in evaluation mode, and its parameters need no gradient. It shares nothing with the network: later
    /// training of the network does not change it. It cannot be trained itself or loaded with weights while anything is
    /// folded; copy the network anew.
    ///
    /// What goes where is seen by running `example`: modules may call their parts in any way, but must do so alike for all
    /// inputs. What is used twice, or whose folding would change the example's result by more than rounding, stays as it is;
    /// so does everything if that result is not finite.
    ///
    /// - Parameters:
    ///   - example: an input, such as one image `[1, 3, 224, 224]`.
    ///   - make: makes another network of the same kind, whose random weights are replaced.
    ///
    /// Traps if the other network has other names or shapes, shares a part with this one, or makes something else of the
    /// example, and if that makes nothing: of an empty batch.
    public final func inferenceCopy<Network: Layer>(
        example: some TensorConvertible, _ make: () -> Network
    ) -> Network {
        // The numbers that are drawn here count for nothing, and leave those of the program alone.
        let copy = withSeed(0, make)
        takeState(into: copy)
        copy.eval()
        let input = example.tensor.detached()
        withPrecision(.float32) {
            let expected = evaluating { withoutGradients { self(input) } }
            guard expected.elementCount > 0 else {
                failure(
                    "inferenceCopy: of the example the network makes nothing: \(input.shape) becomes \(expected.shape)")
            }
            // Not the other way round: NaN is not finite, either.
            guard expected.cast(to: .float64).abs().max().item().isFinite else { return }
            let (result, pairs) = copy.foldablePairs(input)
            guard isRounding(result, expected) else {
                failure(
                    """
                    inferenceCopy: the other network makes something else of the example
                      the closure must make the same \(type(of: self)), and it must compute alike each time
                    """)
            }
            func agrees() -> Bool { isRounding(withoutGradients { copy(input) }, expected) }
            for pair in pairs { pair.fold() }
            if !agrees() {
                // One by one, to keep those that change nothing.
                for pair in pairs { pair.unfold() }
                for pair in pairs {
                    pair.fold()
                    if !agrees() { pair.unfold() }
                }
            }
        }
        for parameter in copy.parameters() { parameter.requiresGradient = false }
        return copy
    }

    /// Gives a network that was made alike the values of this one's parameters and buffers.
    private func takeState(into copy: Layer) {
        if let name = namesOfFolded(namedModules()).first {
            failure(
                "inferenceCopy: the network is an inference copy itself; \(name) has a normalisation folded into it")
        }
        let own = Set(parts.map(\.identifier))
        if let shared = copy.parts.first(where: { own.contains($0.identifier) }) {
            let name = shared.name.isEmpty ? "the network itself" : shared.name
            failure("inferenceCopy: the closure must make a network of its own; it shares \(name) with this one")
        }
        let state = stateDictionary()
        do throws(StateError) {
            _ = try copy.match(state, renaming: .none, allowing: [])
        } catch {
            failure("inferenceCopy: the closure makes another network: \(error)")
        }
        // Not loaded: that would keep the other's element types and device.
        for (name, parameter) in copy.namedParameters() { parameter.value = state[name]! }
        for (name, buffer) in copy.namedBuffers() { buffer.value = state[name]! }
    }

    private var parts: [(name: String, identifier: ObjectIdentifier)] {
        namedModules().map { ($0.name, ObjectIdentifier($0.module)) }
            + namedParameters().map { ($0.name, ObjectIdentifier($0.parameter)) }
            + namedBuffers().map { ($0.name, ObjectIdentifier($0.buffer)) }
    }

    /// Runs the example, and finds the normalisations that take what one layer gave and nobody else does.
    private func foldablePairs(_ input: Tensor) -> (result: Tensor, pairs: [FoldablePair]) {
        var given: [(name: String, layer: any ChannelScaling, outputs: [Tensor])] = []
        var taken: [(name: String, norm: BatchNorm, inputs: [Tensor])] = []
        var handles: [HookHandle] = []
        for (name, module) in namedModules() {
            if let layer = module as? any ChannelScaling {
                let place = given.count
                given.append((name, layer, []))
                // They are kept: nobody can change them in place then, and none takes another's place in memory.
                handles.append(layer.addForwardHook { _, _, outputs in given[place].outputs += outputs })
            } else if let norm = module as? BatchNorm {
                let place = taken.count
                taken.append((name, norm, []))
                handles.append(norm.addForwardHook { _, inputs, _ in taken[place].inputs += inputs })
            }
        }
        // What is recorded tells who uses what.
        for parameter in parameters() { parameter.requiresGradient = true }
        let result = withGradients { self(input) }
        for handle in handles { handle.remove() }
        let uses = result.recordedUses()
        func isUsedOnce(_ node: Node?) -> Bool { node.map { uses[ObjectIdentifier($0)] == 1 } ?? false }

        let pairs = taken.compactMap { name, norm, inputs -> FoldablePair? in
            guard inputs.count == 1, norm.tracksRunningStatistics,
                let source = given.first(where: { $0.outputs.contains { $0.buffer === inputs[0].buffer } }),
                source.outputs.count == 1, isUsedOnce(source.outputs[0].node),
                isUsedOnce(source.layer.weight.tensor.node),
                source.layer.bias.map({ isUsedOnce($0.tensor.node) }) ?? true,
                [.float32, .float64].contains(source.layer.weight.value.dtype)
            else { return nil }
            // Of more axes the last are the layer's channels, and the second ones the normalisation's.
            if source.layer is Linear, inputs[0].rank != 2 { return nil }
            return FoldablePair(source.layer, source.name, norm, name)
        }
        return (result.detached(), pairs)
    }
}

/// Whether two results differ by no more than a thousand roundings of the largest number.
private func isRounding(_ result: Tensor, _ expected: Tensor) -> Bool {
    guard result.shape == expected.shape else { return false }
    let (a, b) = (result.cast(to: .float64), expected.cast(to: .float64))
    let rounding = expected.dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
    return (a - b).abs().max().item() <= 1000 * rounding * b.abs().max().item()
}
