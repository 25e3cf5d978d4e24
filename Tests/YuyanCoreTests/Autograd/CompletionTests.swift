import Testing
import YuyanBackend
import YuyanCore

@Suite struct CompletionTests {
    /// Two layers and a parameter that both use.
    private struct Network {
        let first = Parameter(Tensor([[1, 2], [3, 4]] as [[Float]]))
        let second = Parameter(Tensor([[2, 1], [0, 1]] as [[Float]]))
        let shared = Parameter(Tensor([0.5, -1] as [Float]))
        let unused = Parameter(.ones([2]))
        var parameters: [Parameter] { [unused, shared, first, second] }

        func loss(_ x: Tensor) -> Tensor {
            ((x.matmul(first) + shared).tanh().matmul(second) + shared).squared().mean()
        }
    }

    @Test func parametersCompleteFromTheLastLayerBack() {
        let network = Network()
        var order: [ObjectIdentifier] = []
        var seen: [Tensor] = []
        network.loss(Tensor([[0.3, -0.2]] as [[Float]])).backward(completing: network.parameters) {
            order.append(ObjectIdentifier($0))
            seen.append($0.gradient!)
        }
        #expect(order == [network.second, network.shared, network.first].map { ObjectIdentifier($0) })
        // Nothing is added after the call.
        expectClose(seen[0], network.second.gradient!, tolerance: 0)
        expectClose(seen[1], network.shared.gradient!, tolerance: 0)
        expectClose(seen[2], network.first.gradient!, tolerance: 0)
        #expect(network.unused.gradient == nil)
    }

    @Test func earlierLayersAreStillToCome() {
        let network = Network()
        network.loss(Tensor([[0.3, -0.2]] as [[Float]])).backward(completing: [network.second]) { _ in
            #expect(network.first.gradient == nil)
        }
        #expect(network.first.gradient != nil)
    }

    /// Two ranks, each with half of a batch, average each gradient when it is complete on both: what one process computes
    /// on the whole batch.
    @Test func twoRanksThatAverageEqualOne() {
        let batch = Tensor([[0.3, -0.2], [1, 0.5], [-0.7, 0.1], [0.2, 0.9]] as [[Float]])
        let whole = Network()
        whole.loss(batch).backward()

        let ranks = [Network(), Network()]
        var waiting: [Int: Tensor] = [:]
        var averaged = 0
        for (rank, network) in ranks.enumerated() {
            network.loss(batch[2 * rank..<2 * rank + 2]).backward(completing: network.parameters) { parameter in
                let place = network.parameters.firstIndex { $0 === parameter }!
                guard let other = waiting[place] else {
                    waiting[place] = parameter.gradient!
                    return
                }
                let mean = (other + parameter.gradient!) / 2
                for network in ranks { network.parameters[place].gradient = mean }
                averaged += 1
            }
        }
        #expect(averaged == 3)
        for network in ranks {
            for (mine, expected) in zip(network.parameters, whole.parameters).dropFirst() {
                expectClose(mine.gradient!, expected.gradient!, tolerance: 1e-6)
            }
        }
    }
}

@Suite struct GradientProbeTests {
    @Test func collectsTheGradientOfAnIntermediateValue() {
        let w = Parameter(Tensor([1, 2, 3] as [Float]))
        let hidden = w.tensor.squared()
        let probe = GradientProbe(hidden)
        (hidden * Tensor([2, 3, 4] as [Float])).sum().backward(retainGraph: true)
        expectElements(probe.gradient!, [3], [2, 3, 4] as [Float])
        #expect(!probe.gradient!.isRecorded)
        (hidden * 1).sum().backward()
        expectElements(probe.gradient!, [3], [3, 4, 5] as [Float])
        expectElements(w.gradient!, [3], [6, 16, 30] as [Float])
    }

    @Test func aRecordedGradientCanBeDifferentiated() {
        let w = Parameter(Tensor(3 as Float))
        let hidden = w.tensor.squared()
        let probe = GradientProbe(hidden)
        hidden.pow(2).backward(recordGraph: true)
        w.gradient = nil
        probe.gradient!.backward()
        // ∂L/∂h = 2 h = 2 w², and its gradient is 4 w.
        #expect(w.gradient!.item() == 12)
    }

    @Test func functionalGradientsLeaveItAlone() {
        let w = Parameter(Tensor(3 as Float))
        var probe: GradientProbe?
        _ = gradient(
            of: { x in
                let hidden = x * w
                probe = GradientProbe(hidden)
                return hidden.squared()
            }, at: Tensor(2 as Float))
        #expect(probe!.gradient == nil)
    }

    @Test func valuesWithoutHistoryTrap() async {
        let constant = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = GradientProbe(.ones([2]))
        }
        expectText(constant, "GradientProbe: the tensor has no recorded history")
        let parameter = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = GradientProbe(Parameter(.ones([2])).tensor)
        }
        expectText(parameter, "GradientProbe: this is a parameter's value")
    }
}
