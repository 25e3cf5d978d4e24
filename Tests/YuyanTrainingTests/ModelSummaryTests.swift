import Testing
import YuyanCore
import YuyanModels
import YuyanNN
import YuyanPlot
import YuyanTraining

@Suite struct ModelSummaryTests {
    @Test func describesLeNet() {
        let summary = ModelSummary(makeLeNet(), inputShape: [1, 1, 28, 28])
        let shapes: [Shape] = [
            [1, 6, 28, 28], [1, 6, 28, 28], [1, 6, 14, 14], [1, 16, 10, 10], [1, 16, 10, 10], [1, 16, 5, 5], [1, 400],
            [1, 120], [1, 120], [1, 84], [1, 84], [1, 10],
        ]
        #expect(summary.rows.map(\.outputShapes) == shapes.map { [$0] })
        #expect(summary.inputText == "[1, 1, 28, 28]" && summary.rows[0].outputText == "[1, 6, 28, 28]")
        #expect(
            summary.rows.map(\.layer) == [
                "Conv2D", "Sigmoid", "AvgPool2D", "Conv2D", "Sigmoid", "AvgPool2D", "Flatten", "Linear", "Sigmoid",
                "Linear", "Sigmoid", "Linear",
            ])
        #expect(summary.rows.map(\.parameterCount) == [156, 0, 0, 2416, 0, 0, 0, 48_120, 0, 10_164, 0, 850])
        #expect(summary.parameterCount == 61_706)
        #expect(summary.rows[0].settings == "inputChannels: 1, outputChannels: 6, kernelSize: 5, padding: 2")
        #expect(summary.rows[1].settings == "")
    }

    @Test func entersNetworksInNetworksAndKeepsTheMode() {
        let net = Sequential {
            Sequential {
                Linear(inputSize: 3, outputSize: 2)
                Dropout()
            }
            ReLU()
        }
        let summary = ModelSummary(net, inputShape: [5, 3])
        #expect(summary.rows.map(\.name) == ["0.0", "0.1", "1"])
        #expect(summary.rows.map(\.outputShapes) == [[[5, 2]], [[5, 2]], [[5, 2]]])
        #expect(net.isTraining && net[0].isTraining)
    }

    /// Two inputs, parameters of its own beside parts, a part that is used twice, one that is not used, and one that is
    /// called past its hooks.
    private final class Translator: Module {
        final class Encoder: Module {
            let embedding = Linear(inputSize: 3, outputSize: 4)
            let scale = Parameter(.ones([4]))
            func callAsFunction(_ x: Tensor) -> (Tensor, Tensor) {
                scope(inputs: [x]) {
                    let h = embedding(x) * scale
                    return (h, h.sum(axes: [1]))
                }
            }
        }
        final class Past: Module {
            let shift = Parameter(.zeros([4]))
            func callAsFunction(_ x: Tensor) -> Tensor { scope { x + shift } }
        }

        let layers = [Linear(inputSize: 4, outputSize: 4), Linear(inputSize: 4, outputSize: 2)]
        let encoder = Encoder()
        let past = Past()
        let unused = Linear(inputSize: 9, outputSize: 9, hasBias: false)

        func callAsFunction(_ source: Tensor, _ target: Tensor) -> Tensor {
            scope(inputs: [source, target]) {
                let (h, total) = encoder(source)
                let deep = layers[0](layers[0](past(h)).relu())
                return layers[1](deep) * target + total.expandingShape(at: 1)
            }
        }
    }

    @Test func tellsAnyModuleInTheOrderOfItsCalls() {
        let net = Translator()
        let (source, target) = (Tensor.ones([5, 3]), Tensor.ones([5, 2]))
        let summary = ModelSummary(net) { _ = net(source, target) }
        #expect(summary.inputShapes == [[5, 3], [5, 2]])
        #expect(summary.inputText == "[5, 3], [5, 2]")
        #expect(
            summary.rows.map(\.name) == [
                "encoder", "encoder.embedding", "layers.0", "layers.0", "layers.1", "past", "unused",
            ])
        #expect(
            summary.rows.map(\.outputText) == ["[5, 4], [5]", "[5, 4]", "[5, 4]", "[5, 4]", "[5, 2]", "", ""])
        // What a row before has counted is not counted again: the sum is that of the model.
        #expect(summary.rows.map(\.parameterCount) == [4, 16, 20, 0, 10, 4, 81])
        #expect(summary.parameterCount == 135 && net.parameterCount == 135)
        #expect(summary.rows[1].settings == "inputSize: 3, outputSize: 4")
        // The hooks are gone, and a picture can be drawn of it.
        #expect(ModelSummary(net) { _ = net(source, target) } == summary)
        let text = summary.figure("translator").text()
        #expect(text.contains("[5, 3], [5, 2]") && text.contains("encoder.embedding  Linear"))
    }

    @Test func sharedLayersAndErrors() {
        struct Failed: Error {}
        let shared = Linear(inputSize: 2, outputSize: 2)
        let net = Sequential(shared, ReLU(), shared)
        let summary = ModelSummary(net, inputShape: [1, 2])
        #expect(summary.rows.map(\.name) == ["0", "1", "0"])
        #expect(summary.rows.map(\.parameterCount) == [6, 0, 0])
        var calls = 0
        #expect(throws: Failed.self) {
            try ModelSummary(net) {
                _ = net(Tensor.ones([1, 2]))
                throw Failed()
            }
        }
        shared.addForwardHook { _, _, _ in calls += 1 }
        _ = net(Tensor.ones([1, 2]))
        #expect(calls == 2 && net.isTraining)
        // A layer alone.
        #expect(ModelSummary(shared, inputShape: [3, 2]).rows.map(\.name) == [""])
    }
}
