import Testing
import Yuyan

/// Hooks look on: forward at inputs and outputs, backward at the gradients of outputs.
@Suite struct HookTests {
    /// Two inputs, two outputs, a part that is used twice.
    private final class TwoWay: Module {
        let shared = Linear(inputSize: 3, outputSize: 3)
        let output = Linear(inputSize: 3, outputSize: 2)
        func callAsFunction(_ a: Tensor, _ b: Tensor) -> (Tensor, Tensor) {
            scope(inputs: [a, b]) {
                let hidden = shared(a) * shared(b)
                return (output(hidden), hidden)
            }
        }
    }

    private final class Listed: Module {
        let scale = Parameter(Tensor([2, 3] as [Float]))
        func callAsFunction(_ x: [Tensor]) -> [Tensor] { scope(inputs: x) { x.map { $0 * scale } } }
        func total(_ x: Tensor) -> Tensor { scope { (x * scale).sum() } }
    }

    private static func network() -> Sequential {
        withSeed(3) {
            Sequential {
                Conv2D(inputChannels: 2, outputChannels: 4, kernelSize: 3)
                ReLU()
                Flatten()
                Linear(inputSize: 64, outputSize: 7)
                Sigmoid()
                Sequential(Linear(inputSize: 7, outputSize: 5), Tanh())
                Linear(inputSize: 5, outputSize: 3)
            }
        }
    }

    private static func batch() -> Tensor { withSeed(4) { Tensor.normal([3, 2, 6, 6]) } }

    @Test func forwardHooksSeeInputsAndOutputsInTheOrderOfTheCalls() {
        let net = HookTests.network()
        let x = HookTests.batch()
        var events: [String] = []
        var last: Tensor?
        for (name, module) in net.namedModules() {
            module.addForwardPreHook { owner, inputs in
                #expect(owner === module)
                events.append("to \(name): \(inputs[0].shape)")
            }
            module.addForwardHook { owner, inputs, outputs in
                #expect(owner === module)
                #expect(inputs.count == 1 && outputs.count == 1)
                // What a layer is given is what the one before it gave.
                if let last, !name.isEmpty, name != "5", name != "5.0" {
                    #expect(inputs[0].array(of: Float.self) == last.array(of: Float.self), "\(name)")
                }
                last = outputs[0]
                events.append("from \(name): \(outputs[0].shape)")
            }
        }
        let y = net(x)
        #expect(
            events == [
                "to : [3, 2, 6, 6]", "to 0: [3, 2, 6, 6]", "from 0: [3, 4, 4, 4]", "to 1: [3, 4, 4, 4]",
                "from 1: [3, 4, 4, 4]", "to 2: [3, 4, 4, 4]", "from 2: [3, 64]", "to 3: [3, 64]", "from 3: [3, 7]",
                "to 4: [3, 7]", "from 4: [3, 7]", "to 5: [3, 7]", "to 5.0: [3, 7]", "from 5.0: [3, 5]",
                "to 5.1: [3, 5]", "from 5.1: [3, 5]", "from 5: [3, 5]", "to 6: [3, 5]", "from 6: [3, 3]",
                "from : [3, 3]",
            ])
        #expect(last!.array(of: Float.self) == y.array(of: Float.self))
    }

    /// A hook on a layer before an activation sees what the activation takes, and on the activation what it makes of it.
    @Test func fusedActivationsStepBack() {
        let net = Sequential(withSeed(1) { Linear(inputSize: 4, outputSize: 6) }, ReLU())
        let linearLayer = net[0] as! Linear
        let x = withSeed(2) { Tensor.normal([5, 4]) }
        let plain = linear(x, weight: linearLayer.weight, bias: linearLayer.bias).array(of: Float.self)
        #expect(plain.contains { $0 < 0 })

        var seen: Tensor?
        let handle = net[0].addForwardHook { _, _, outputs in seen = outputs[0] }
        _ = net(x)
        #expect(seen!.array(of: Float.self) == plain)
        handle.remove()

        let onNext = net[1].addForwardHook { _, inputs, outputs in
            #expect(inputs[0].array(of: Float.self) == plain)
            #expect(outputs[0].array(of: Float.self) == plain.map { max($0, 0) })
            seen = nil
        }
        _ = net(x)
        #expect(seen == nil)
        onNext.remove()
    }

    /// Hooks change no result and no gradient, whatever they hide from each other.
    @Test func hookedNetworksComputeTheSame() {
        let net = HookTests.network()
        let x = HookTests.batch()
        func run() -> [[Float]] {
            net.zeroGradients()
            let y = net(x)
            y.squared().sum().backward()
            return [y.array(of: Float.self)] + net.parameters().map { $0.gradient!.array(of: Float.self) }
        }
        let expected = run()
        var calls = 0
        let handles = net.namedModules().flatMap { _, module in
            [
                module.addForwardPreHook { _, _ in calls += 1 }, module.addForwardHook { _, _, _ in calls += 1 },
                module.addBackwardHook { _, _ in calls += 1 },
            ]
        }
        let hooked = run()
        #expect(calls == 3 * 10)
        for (a, b) in zip(hooked, expected) {
            #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) })
        }
        for handle in handles { handle.remove() }
        // The same path again, and so the same bits.
        #expect(run() == expected)
        #expect(calls == 3 * 10)
    }

    @Test func backwardHooksSeeTheGradientOfALayerInTheMiddle() {
        let first = withSeed(1) { Linear(inputSize: 3, outputSize: 4) }
        let last = withSeed(2) { Linear(inputSize: 4, outputSize: 2) }
        let net = Sequential(first, Tanh(), last)
        let x = withSeed(3) { Tensor.normal([5, 3]) }
        var gradients: [String: Tensor] = [:]
        var order: [String] = []
        for (name, module) in net.namedModules() {
            module.addBackwardHook { owner, arrived in
                #expect(owner === module && arrived.count == 1)
                // Those of its parameters are still to come.
                if module === first { #expect(first.weight.gradient == nil && last.weight.gradient != nil) }
                gradients[name] = arrived[0]
                order.append(name)
            }
        }
        net(x).squared().sum().backward()

        // The same by hand: z = x Wᵀ + b, h = tanh z, y = h Vᵀ + c, L = Σ y².
        let (w, v) = (first.weight.value, last.weight.value)
        let h = (x.matmul(w.transposed()) + first.bias!.value).tanh()
        let gy = 2 * (h.matmul(v.transposed()) + last.bias!.value)
        let gh = gy.matmul(v)
        let gz = gh * (1 - h.squared())
        #expect(order == ["", "2", "1", "0"])
        expectClose(gradients[""]!, gy, 1e-5)
        expectClose(gradients["2"]!, gy, 1e-5)
        expectClose(gradients["1"]!, gh, 1e-5)
        expectClose(gradients["0"]!, gz, 1e-5)
        expectClose(first.weight.gradient!, gz.transposed().matmul(x), 1e-5)
        #expect(gradients.values.allSatisfy { !$0.isRecorded })
    }

    /// What reaches a value past a module is none of the module's: an identity beside a shortcut has half.
    @Test func backwardHooksSeeTheModulesShareAlone() {
        let (identity, weight) = (Identity(), Parameter(Tensor([1, 2] as [Float])))
        var seen: [Float] = []
        identity.addBackwardHook { _, gradients in seen = gradients[0]!.array(of: Float.self) }
        let h = weight * 2
        (identity(h) * 3 + h * 4).sum().backward()
        #expect(seen == [3, 3])
        #expect(weight.gradient!.array(of: Float.self) == [14, 14])
        // A parameter's own value, which is a leaf.
        weight.gradient = nil
        (identity(weight) * 5).sum().backward()
        #expect(seen == [5, 5])
        #expect(weight.gradient!.array(of: Float.self) == [5, 5])
    }

    @Test func modulesWithSeveralInputsAndOutputs() {
        let net = withSeed(1) { TwoWay() }
        let (a, b) = withSeed(2) { (Tensor.normal([4, 3]), Tensor.normal([4, 3])) }
        var (ran, sharedRan) = (0, 0)
        var gradients: [[Tensor?]] = []
        net.addForwardHook { _, inputs, outputs in
            #expect(inputs.map { $0.array(of: Float.self) } == [a, b].map { $0.array(of: Float.self) })
            #expect(outputs.map(\.shape) == [[4, 2], [4, 3]])
            ran += 1
        }
        net.addBackwardHook { _, arrived in gradients.append(arrived) }
        net.shared.addForwardHook { _, _, _ in sharedRan += 1 }

        let (y, hidden) = net(a, b)
        (y.sum() + (hidden * 3).sum()).backward()
        #expect(ran == 1 && sharedRan == 2)
        #expect(gradients.count == 1)
        expectClose(gradients[0][0]!, .ones([4, 2]), 0)
        // Only what flows through the output itself, not what comes back from `y`.
        expectClose(gradients[0][1]!, .full([4, 3], 3), 0)

        // Nothing depends on one of them; the other is released unused.
        gradients = []
        net(a, b).0.sum().backward()
        #expect(gradients.count == 1 && gradients[0][0] != nil && gradients[0][1] == nil)
        net(a, b).1.sum().backward()
        #expect(gradients.count == 2 && gradients[1][0] == nil && gradients[1][1] != nil)
    }

    @Test func modulesThatGiveAList() {
        let module = Listed()
        var seen: [[Float]?] = []
        module.addBackwardHook { _, gradients in seen = gradients.map { $0?.array(of: Float.self) } }
        let outputs = module([.ones([2]), .ones([2]), .ones([2])])
        (outputs[0].sum() + 2 * outputs[2].sum()).backward()
        #expect(seen == [[1, 1], nil, [2, 2]])
        // Another computation of the module is no run of it.
        seen = []
        module.total(.ones([2])).backward()
        #expect(seen.isEmpty)
        #expect(module.scale.gradient!.array(of: Float.self) == [4, 4])
    }

    @Test func hooksAreCalledOnceForEachBackwardPass() {
        let layer = withSeed(1) { Linear(inputSize: 2, outputSize: 2) }
        var seen: [Double] = []
        layer.addBackwardHook { _, gradients in seen.append(gradients[0]!.sum().item()) }
        let loss = layer(Tensor.ones([3, 2])).sum()
        loss.backward(retainGraph: true)
        loss.backward(Tensor(2))
        #expect(seen == [6, 12])
        // Nothing is recorded, and nobody asks.
        withoutGradients { _ = layer(Tensor.ones([3, 2])) }
        _ = layer(Tensor.ones([3, 2]))
        #expect(seen == [6, 12])
    }

    @Test func gradientsOfGradientsGoThroughHooks() throws {
        let net = withSeed(5) {
            Sequential(Linear(inputSize: 3, outputSize: 4), Tanh(), Linear(inputSize: 4, outputSize: 1))
        }
        net.cast(to: .float64)
        var calls = 0
        for (_, module) in net.namedModules() { module.addBackwardHook { _, _ in calls += 1 } }
        let x = withSeed(6) { Tensor.normal([2, 3], dtype: .float64) }
        try checkGradients(of: { net($0[0]) }, at: [x], order: 2)
        #expect(calls > 0)
        var recorded: Tensor?
        net[0].addBackwardHook { _, gradients in recorded = gradients[0] }
        net(x).sum().backward(recordGraph: true)
        #expect(recorded!.isRecorded)
    }

    @Test func hooksMayRemoveThemselvesAndOthers() {
        let layer = ReLU()
        var calls: [String] = []
        var (own, other): (HookHandle?, HookHandle?)
        own = layer.addForwardHook { _, _, _ in
            calls.append("own")
            own?.remove()
            other?.remove()
        }
        other = layer.addForwardHook { _, _, _ in calls.append("other") }
        layer.addForwardHook { _, _, _ in calls.append("last") }
        _ = layer(Tensor.ones([2]))
        _ = layer(Tensor.ones([2]))
        #expect(calls == ["own", "last", "last"])
        own?.remove()
        _ = layer(Tensor.ones([2]))
        #expect(calls == ["own", "last", "last", "last"])
    }

    @Test func backwardHooksMayBeRemovedBetweenTheTwoPasses() {
        let layer = withSeed(1) { Linear(inputSize: 2, outputSize: 2) }
        var calls = 0
        var handle: HookHandle?
        handle = layer.addBackwardHook { _, _ in
            calls += 1
            handle?.remove()
        }
        let loss = layer(Tensor.ones([1, 2])).sum()
        loss.backward(retainGraph: true)
        loss.backward()
        #expect(calls == 1)
        let second = layer.addBackwardHook { _, _ in calls += 10 }
        let again = layer(Tensor.ones([1, 2])).sum()
        second.remove()
        again.backward()
        #expect(calls == 1)
    }

    /// Hooks look on in evaluation, too, and are no parts of a module: they are not counted, saved or copied.
    @Test func hooksAreNoParts() {
        let net = HookTests.network()
        let names = Set(net.stateDictionary().keys)
        let held = Linear(inputSize: 2, outputSize: 2)
        var calls = 0
        net[3].addForwardHook { module, _, _ in
            calls += 1
            #expect(!module.isTraining && held.weight.shape == [2, 2])
        }
        #expect(Set(net.stateDictionary().keys) == names)
        net.evaluating { withoutGradients { _ = net(HookTests.batch()) } }
        #expect(calls == 1)
    }

    @Test func aProbeInAHookSeesTheSame() {
        let layer = withSeed(1) { Linear(inputSize: 2, outputSize: 2) }
        var probe: GradientProbe?
        layer.addForwardHook { _, _, outputs in probe = GradientProbe(outputs[0]) }
        (layer(Tensor.ones([3, 2])) * 2).sum().backward()
        expectClose(probe!.gradient!, .full([3, 2], 2), 0)
    }
}
