import Testing
import Yuyan

/// Modules, their names and their parts. CURRICULUM module-init-forward, sequential-vs-module.
@Suite struct ModuleTests {
    final class Perceptron: Layer {
        let hidden = Linear(inputSize: 20, outputSize: 256)
        let output = Linear(inputSize: 256, outputSize: 10)
        override func forward(_ x: Tensor) -> Tensor { output(hidden(x).relu()) }
    }

    final class MySequential: Layer {
        let modules: [Layer]
        init(_ modules: Layer...) { self.modules = modules }
        override func forward(_ x: Tensor) -> Tensor { modules.reduce(x) { $1($0) } }
    }

    /// A constant weight, a layer used twice, control flow, a scalar result.
    final class FixedHiddenMLP: Layer {
        let fixed = Tensor.uniform([20, 20])
        let shared = Linear(inputSize: 20, outputSize: 20)
        override func forward(_ x: Tensor) -> Tensor {
            var x = shared(x)
            x = shared((x.matmul(fixed) + 1).relu())
            while x.detached().abs().sum().item() > 1 { x = x / 2 }
            return x.sum()
        }
    }

    final class Nested: Layer {
        var optional: Linear? = Linear(inputSize: 2, outputSize: 2)
        var missing: Linear?
        let layers = [Linear(inputSize: 2, outputSize: 3), Linear(inputSize: 3, outputSize: 2, hasBias: false)]
        let heads = ["b": Linear(inputSize: 2, outputSize: 1), "a": Linear(inputSize: 2, outputSize: 1)]
        let scale = Parameter(.ones([1]))
        let mean = Buffer(.zeros([2]))
        weak var parent: Module?
        override func forward(_ x: Tensor) -> Tensor { x }
    }

    @Test func parametersAreNamedByPropertyPath() {
        let names = Nested().namedParameters().map(\.name)
        #expect(
            names == [
                "optional.weight", "optional.bias", "layers.0.weight", "layers.0.bias", "layers.1.weight",
                "heads.a.weight", "heads.a.bias", "heads.b.weight", "heads.b.bias", "scale",
            ])
        #expect(Nested().namedBuffers().map(\.name) == ["mean"])
    }

    @Test func subclassesKeepTheirSuperclassesParts() {
        class Base: Layer { let first = Parameter(.zeros([1])) }
        final class Derived: Base { let second = Parameter(.zeros([1])) }
        #expect(Derived().namedParameters().map(\.name) == ["first", "second"])
    }

    @Test func cyclesEnd() {
        let outer = Nested()
        outer.parent = outer
        #expect(outer.parameters().count == 10)
    }

    @Test func outputShapes() {
        #expect(Perceptron()(Tensor.uniform([2, 20])).shape == [2, 10])
        #expect(FixedHiddenMLP()(Tensor.uniform([2, 20])).shape == [])
        let chimera = Sequential(
            MySequential(Linear(inputSize: 20, outputSize: 64), ReLU()), Linear(inputSize: 64, outputSize: 20),
            FixedHiddenMLP())
        #expect(chimera(Tensor.uniform([2, 20])).shape == [])
    }

    @Test func handWrittenSequentialEqualsTheBuiltIn() {
        let layers: [Layer] = [Linear(inputSize: 20, outputSize: 8), Tanh(), Linear(inputSize: 8, outputSize: 3)]
        let x = Tensor.uniform([4, 20])
        let mine = MySequential(layers[0], layers[1], layers[2])(x)
        #expect(mine.array(of: Float.self) == Sequential(layers)(x).array(of: Float.self))
    }

    @Test func sharedLayerCountsOnceAndItsGradientsAdd() {
        let shared = Linear(inputSize: 2, outputSize: 2, hasBias: false)
        let twice = Sequential(shared, shared)
        #expect(twice.namedParameters().map(\.name) == ["0.weight"])
        let x = Tensor([[1.0, 2]] as [[Float]])
        twice(x).sum().backward()
        // y = x Wᵀ Wᵀ: the gradient by hand, from both uses.
        let w = shared.weight.value
        let ones = Tensor.ones([1, 2])
        let fromSecond = ones.transposed().matmul(x.matmul(w.transposed()))
        let fromFirst = ones.matmul(w).transposed().matmul(x)
        expectClose(shared.weight.gradient!, fromSecond + fromFirst, 1e-6)
        let before = twice(x).array(of: Float.self)
        shared.weight.value[0, 0] = 5
        #expect(twice(x).array(of: Float.self) != before)
    }

    @Test func applyVisitsChildrenBeforeTheirParents() {
        var order: [String] = []
        Sequential(Sequential(ReLU()), Flatten()).apply { order.append("\(type(of: $0))") }
        #expect(order.last == "Sequential")
        #expect(order.firstIndex(of: "ReLU")! < order.firstIndex(of: "Sequential")!)
    }

    @Test func trainingModeReachesAllParts() {
        let net = Sequential(Sequential(Dropout()), Dropout())
        net.eval()
        #expect(net.namedModules().allSatisfy { !$0.module.isTraining })
        net.train()
        #expect(net.namedModules().allSatisfy { $0.module.isTraining })
    }

    @Test func sequentialIsACollectionWithNames() {
        let net = Sequential {
            Flatten()
            if true { ReLU() }
            for size in [4, 2] { Linear(inputSize: size, outputSize: size / 2) }
        }
        #expect(net.count == 4)
        #expect(net.map { "\(type(of: $0))" } == ["Flatten", "ReLU", "Linear", "Linear"])
        net.append(Identity(), named: "end")
        #expect(net.names == ["0", "1", "2", "3", "end"])
        #expect(net["end"] is Identity)
        #expect((net[2] as? Linear)?.weight.shape == [2, 4])
    }

    @Test func ownLayers() {
        final class CenteredLayer: Layer {
            override func forward(_ x: Tensor) -> Tensor { x - x.mean() }
        }
        final class MyLinear: Layer {
            let weight = Parameter(.normal([5, 3]))
            let bias = Parameter(.normal([3]))
            override func forward(_ x: Tensor) -> Tensor { (x.matmul(weight) + bias).relu() }
        }
        expectClose(CenteredLayer()(Tensor([1, 2, 3, 4, 5])), Tensor([-2.0, -1, 0, 1, 2] as [Float]), 0)
        let net = Sequential(Linear(inputSize: 8, outputSize: 128), CenteredLayer())
        #expect(abs(net(Tensor.uniform([4, 8])).mean().item()) < 1e-6)
        #expect(MyLinear()(Tensor.uniform([2, 5])).shape == [2, 3])
    }

    @Test func tuplesOfModulesAreRefused() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            final class Paired: Layer {
                let pair = (Linear(inputSize: 1, outputSize: 1), ReLU())
            }
            _ = Paired().parameters()
        }
        expect(result, "Paired.pair: modules or parameters in a tuple")
    }

    @Test func modulesInValuesAreRefused() async {
        let structure = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            struct Pair {
                let names = ["a"]
                let layers = [Linear(inputSize: 1, outputSize: 1)]
            }
            final class Held: Layer { let pair = Pair() }
            _ = Held().parameters()
        }
        expect(structure, "Held.pair: modules or parameters in a structure", "in an array or a dictionary")
        let enumeration = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            enum Choice { case one(Parameter) }
            final class Chosen: Layer { let choices = ["a": Choice.one(Parameter(.zeros([1])))] }
            _ = Chosen().namedParameters()
        }
        expect(enumeration, "Chosen.choices.a: modules or parameters in an enumeration")
        let set = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            final class Part: Layer, Hashable {
                static func == (a: Part, b: Part) -> Bool { a === b }
                func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
            }
            final class Collected: Layer { let parts: Set = [Part()] }
            _ = Collected().namedModules()
        }
        expect(set, "Collected.parts: modules or parameters in a set")
    }

    @Test func valuesWithoutModulesArePassedOver() {
        struct Settings {
            var sizes = [1, 2]
            var name: String? = "a"
            var range = 0..<3
            var constant = Tensor.zeros([2])
        }
        final class Plain: Layer {
            let settings = Settings()
            let pair = (1, "b")
            let numbers: Set = [1, 2]
            let function: (Tensor) -> Tensor = { $0 }
            let weight = Parameter(.zeros([1]))
        }
        #expect(Plain().namedParameters().map(\.name) == ["weight"])
    }

    /// As `Parameter.value`: a running mean does not lead back to all steps before.
    @Test func buffersKeepNoHistory() {
        let mean = Buffer(.zeros([2])), w = Parameter(.ones([2]))
        for _ in 0..<3 {
            mean.value = mean.value * 0.5 + w * 0.5
            #expect(!mean.value.isRecorded)
            w.gradient = nil
            (mean.value * w).sum().backward()
        }
        expectClose(w.gradient!, Tensor([0.875, 0.875] as [Float]), 0)
        #expect(!Buffer(w * 2).value.isRecorded)
    }

    @Test func evaluationRestoresTheModeOfEachPart() {
        let net = Sequential(Sequential(Dropout()), Dropout())
        net[0].eval()
        let modes = net.evaluating { net.namedModules().map(\.module.isTraining) }
        #expect(modes == [false, false, false, false])
        #expect(net.namedModules().map(\.module.isTraining) == [true, false, false, true])
    }

    @Test func operatorsInALayerNameTheLayer() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            final class Adder: Layer {
                override func forward(_ x: Tensor) -> Tensor { x + Tensor.zeros([2]) }
            }
            final class Holder: Layer {
                let adder = Adder()
                override func forward(_ x: Tensor) -> Tensor { adder(x) }
            }
            _ = Holder()(Tensor.zeros([3]))
        }
        expect(result, "add: shapes must broadcast", "in Holder.adder (Adder)")
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(!text.contains("YuyanCore/") && !text.contains("YuyanNN/"))
    }

    @Test func lazyModulesAreRefused() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            final class Late: Layer {
                lazy var layer = Linear(inputSize: 1, outputSize: 1)
            }
            _ = Late().parameters()
        }
        #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains("Late.layer: a lazy module"))
    }

    @Test func shapeMistakesNameTheLayer() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let net = Sequential(Flatten(), Sequential(Linear(inputSize: 784, outputSize: 10)))
            _ = net(Tensor.zeros([2, 1, 14, 14]))
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains("linear: the input's last axis must equal the weight's inputs"))
        #expect(text.contains("input […, in]    = [2, 196]     in = 196"))
        #expect(text.contains("weight [out, in] = [10, 784]    in = 784"))
        #expect(text.contains("in Sequential.1.0 (Linear)"))
    }
}
