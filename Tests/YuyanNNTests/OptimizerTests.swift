import Foundation
import Testing
import Yuyan

/// The optimizers by the names that References/optimizers.py gives them.
private let names = ["sgd", "adam", "adamw", "rmsprop", "adagrad", "adadelta"]
/// These, and the one that PyTorch lacks.
private let allNames = names + ["yogi"]

/// An optimizer with the options of the references.
private func make(_ name: String, _ groups: [ParameterGroup], learningRate: Double, weightDecay: Double = 0)
    -> GroupedOptimizer
{
    switch name {
    case "sgd": SGD(groups: groups, learningRate: learningRate, momentum: 0.9, weightDecay: weightDecay)
    case "adam": Adam(groups: groups, learningRate: learningRate, weightDecay: weightDecay)
    case "adamw": AdamW(groups: groups, learningRate: learningRate, weightDecay: weightDecay)
    case "rmsprop": RMSprop(groups: groups, learningRate: learningRate, weightDecay: weightDecay)
    case "adagrad": Adagrad(groups: groups, learningRate: learningRate, weightDecay: weightDecay)
    case "yogi": Yogi(groups: groups, learningRate: learningRate, weightDecay: weightDecay)
    default: Adadelta(groups: groups, learningRate: learningRate, weightDecay: weightDecay)
    }
}

/// Ten steps of PyTorch with two parameters, `a` and `b`; see References/optimizers.py.
private struct Traces {
    private struct Options: Decodable {
        var lr: Double
        var weightDecay: Double
    }

    private let tensors: [String: Tensor]
    private let options: [String: Options]
    static let parameterNames = ["a", "b"]
    static let stepCount = 10

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../References/optimizers.safetensors")
        tensors = try Safetensors.load(from: file)
        let text = try #require(Safetensors.read(from: file).metadata["options"])
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        options = try decoder.decode([String: Options].self, from: Data(text.utf8))
    }

    func parameters(_ dtype: DType) -> [Parameter] {
        Traces.parameterNames.map { Parameter(tensors["start.\($0)"]!.cast(to: dtype)) }
    }

    func optimizer(_ name: String, _ parameters: [Parameter], decays: Bool) throws -> GroupedOptimizer {
        let options = try #require(options[name == "yogi" ? "adam" : name])
        return make(
            name, [ParameterGroup(parameters)], learningRate: options.lr, weightDecay: decays ? options.weightDecay : 0
        )
    }

    func setGradients(_ parameters: [Parameter], step: Int) {
        let absent = tensors["absent"]!.array(of: Int64.self)
        for (name, parameter) in zip(Traces.parameterNames, parameters) {
            let isAbsent = name == "b" && absent.contains(Int64(step))
            parameter.gradient = isAbsent ? nil : tensors["gradients.\(name)"]![step].cast(to: parameter.dtype)
        }
    }

    /// What PyTorch's parameter is after a step.
    func expected(_ optimizer: String, _ parameter: String, decays: Bool, _ dtype: DType, step: Int) throws -> Tensor {
        try #require(tensors["\(optimizer).\(decays ? "decay" : "plain").\(parameter).\(dtype)"])[step]
    }
}

@Suite struct OptimizerTests {
    /// `b` gets its first gradient at the third step and none at the sixth: its steps are counted by themselves.
    @Test(arguments: names, [DType.float32, .float64])
    func stepsArePyTorchs(name: String, dtype: DType) throws {
        let traces = try Traces()
        for decays in [false, true] {
            let parameters = traces.parameters(dtype)
            let optimizer = try traces.optimizer(name, parameters, decays: decays)
            for step in 0..<Traces.stepCount {
                traces.setGradients(parameters, step: step)
                optimizer.step()
                for (label, parameter) in zip(Traces.parameterNames, parameters) {
                    let expected = try traces.expected(name, label, decays: decays, dtype, step: step)
                    #expect(parameter.dtype == dtype)
                    expectClose(parameter.value, expected, dtype == .float64 ? 1e-13 : 1e-6)
                }
            }
        }
    }

    /// The formula, element by element in Double. β₂ is small, so that squares grow and shrink.
    @Test(arguments: [DType.float32, .float64], [0, 0.1])
    func yogiFollowsItsFormula(dtype: DType, weightDecay: Double) throws {
        let traces = try Traces()
        let parameters = traces.parameters(dtype)
        let (rate, beta1, beta2, epsilon) = (0.05, 0.8, 0.5, 1e-3)
        let optimizer = Yogi(
            parameters, learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
        var p = parameters.map { $0.value.array(of: Double.self) }
        var m = p.map { $0.map { _ in 0.0 } }
        var (s, t, signs) = (m, [0.0, 0], Set<Double>())
        for step in 0..<Traces.stepCount {
            traces.setGradients(parameters, step: step)
            optimizer.step()
            for (k, parameter) in parameters.enumerated() {
                if let gradients = parameter.gradient?.array(of: Double.self) {
                    t[k] += 1
                    for (i, gradient) in gradients.enumerated() {
                        let g = gradient + weightDecay * p[k][i]
                        let square = g * g
                        let sign: Double = square > s[k][i] ? 1 : square < s[k][i] ? -1 : 0
                        signs.insert(sign)
                        m[k][i] = beta1 * m[k][i] + (1 - beta1) * g
                        s[k][i] += (1 - beta2) * sign * square
                        let mean = m[k][i] / (1 - pow(beta1, t[k]))
                        let spread = s[k][i] / (1 - pow(beta2, t[k]))
                        p[k][i] -= rate * mean / (spread.squareRoot() + epsilon)
                    }
                }
                let expected = Tensor(p[k], shape: parameter.shape, dtype: .float64).cast(to: dtype)
                expectClose(parameter.value, expected, dtype == .float64 ? 1e-13 : 1e-6)
            }
        }
        #expect(signs.isSuperset(of: [-1, 1]))
        // b has no gradient at three steps.
        #expect(t == [10, 7])
    }

    @Test func yogisDefaultsAreTheBooks() {
        let optimizer = Yogi([Parameter([1.0])])
        #expect(
            [optimizer.learningRate, optimizer.beta1, optimizer.beta2, optimizer.epsilon, optimizer.weightDecay]
                == [0.01, 0.9, 0.999, 1e-3, 0])
    }

    /// Where a gradient is zero from the first step on, nothing moves and nothing becomes NaN.
    @Test(arguments: allNames) func zerosAsGradientsMoveNothing(name: String) throws {
        let traces = try Traces()
        let parameters = traces.parameters(.float32)
        let before = parameters[0].value[0..<2].array(of: Float.self)
        let optimizer = try traces.optimizer(name, parameters, decays: false)
        for step in 0..<Traces.stepCount {
            traces.setGradients(parameters, step: step)
            optimizer.step()
        }
        #expect(parameters[0].value[0..<2].array(of: Float.self) == before)
        let all = parameters[0].value.array(of: Float.self)
        #expect(all.allSatisfy { $0.isFinite })
    }

    /// Saved after any number of steps and restored in an optimizer with other options, the bits are the same.
    @Test(arguments: allNames, [DType.float32, .float64]) func resumesToTheBit(name: String, dtype: DType) throws {
        let traces = try Traces()
        func run(interruptedAt interruption: Int?) throws -> [[Double]] {
            let parameters = traces.parameters(dtype)
            var optimizer = try traces.optimizer(name, parameters, decays: true)
            for step in 0..<Traces.stepCount {
                if step == interruption {
                    let state = optimizer.savedState()
                    optimizer = make(name, [ParameterGroup(parameters)], learningRate: 7)
                    try optimizer.restore(state)
                }
                traces.setGradients(parameters, step: step)
                optimizer.step()
            }
            return parameters.map { $0.value.array(of: Double.self) }
        }
        let reference = try run(interruptedAt: nil)
        for step in [0, 1, 5, 9] { #expect(try run(interruptedAt: step) == reference, "at step \(step)") }
    }

    @Test func statesHavePyTorchsNames() throws {
        let expected = [
            "sgd": ["momentum_buffer"], "adam": ["exp_avg", "exp_avg_sq"], "adamw": ["exp_avg", "exp_avg_sq"],
            "rmsprop": ["square_avg"], "adagrad": ["sum"], "adadelta": ["acc_delta", "square_avg"],
            "yogi": ["exp_avg", "exp_avg_sq"],
        ]
        for name in allNames {
            let parameters = [Parameter([1.0, 2]), Parameter([1.0])]
            let optimizer = make(name, [ParameterGroup(parameters)], learningRate: 0.1)
            #expect(optimizer.savedState().tensors.isEmpty)
            // The second one only: states are made when they are needed.
            parameters[1].sum().backward()
            optimizer.step()
            let state = optimizer.savedState()
            #expect(state.tensors.keys.sorted() == expected[name]?.map { "1.\($0)" })
            #expect(state.numbers["1.step"] == (name.hasPrefix("adam") || name == "yogi" ? 1 : nil))
            #expect(state.numbers["0.step"] == nil)
        }
    }

    /// A saved state is a value: steps that follow do not change it.
    @Test(arguments: allNames) func laterStepsLeaveASavedStateAlone(name: String) {
        let p = Parameter([1.0, -2])
        let optimizer = make(name, [ParameterGroup([p])], learningRate: 0.1)
        p.squared().sum().backward()
        optimizer.step()
        let state = optimizer.savedState()
        let before = state.tensors.mapValues { $0.array(of: Float.self) }
        optimizer.step()
        #expect(state.tensors.mapValues { $0.array(of: Float.self) } == before)
        #expect(optimizer.savedState().tensors.mapValues { $0.array(of: Float.self) } != before)
    }

    /// While nobody else refers to them, parameter and states stay where they are.
    @Test(arguments: allNames) func stepsAreInPlace(name: String) {
        let p = Parameter(.ones([100]))
        let optimizer = make(name, [ParameterGroup([p])], learningRate: 0.1)
        p.squared().sum().backward()
        optimizer.step()
        func places() -> [UnsafeMutableRawPointer] {
            let states = optimizer.savedState().tensors.sorted { $0.key < $1.key }
            return [p.value.buffer.pointer] + states.map(\.value.buffer.pointer)
        }
        let before = places()
        optimizer.step()
        #expect(places() == before)
    }

    @Test func defaultsArePyTorchs() {
        let parameters = [Parameter([1.0])]
        let optimizers = [
            Adam(parameters), AdamW(parameters), RMSprop(parameters), Adagrad(parameters), Adadelta(parameters),
        ]
        #expect(optimizers.map(\.learningRate) == [0.001, 0.001, 0.01, 0.01, 1])
        #expect(optimizers.map(\.weightDecay) == [0, 0.01, 0, 0, 0])
    }

    /// The first step of Adam has the length of the learning rate, whatever the gradient.
    @Test func groupsHaveTheirOwnOptions() {
        let (a, b, c) = (Parameter([4.0]), Parameter([4.0]), Parameter([4.0]))
        let optimizer = AdamW(
            groups: [
                ParameterGroup([a]), ParameterGroup([b], learningRate: 0.25), ParameterGroup([c], weightDecay: 0.5),
            ], learningRate: 0.5, weightDecay: 0)
        (a + 100 * b + 0.01 * c).sum().backward()
        optimizer.step()
        expectClose(a.value, [3.5], 1e-6)
        expectClose(b.value, [3.75], 1e-6)
        expectClose(c.value, [2.5], 1e-5)  // 4 (1 − ½ · ½) − ½
        optimizer.learningRateFactor = 0.5
        optimizer.learningRate = 1
        optimizer.groups[1].learningRate = 0.5
        optimizer.step()
        expectClose(a.value, [3.0], 1e-6)
        expectClose(b.value, [3.5], 1e-6)
    }

    @Test func savedOptionsComeBack() throws {
        let p = Parameter([1.0])
        let first = Adam(
            groups: [ParameterGroup([p], weightDecay: 0.5)], learningRate: 0.3, beta1: 0.5, beta2: 0.75, epsilon: 1e-3)
        let second = Adam([p])
        try second.restore(first.savedState())
        #expect((second.learningRate, second.beta1, second.beta2, second.epsilon) == (0.3, 0.5, 0.75, 1e-3))
        #expect(second.groups[0].weightDecay == 0.5)
    }

    /// Also those of the same form, such as of Adam and AdamW, and those of optimizers that have not made a step.
    @Test(arguments: [0, 2]) func noOptimizerTakesTheStateOfAnother(stepCount: Int) throws {
        func optimizer(_ name: String) -> GroupedOptimizer {
            let p = Parameter([1.0, 2])
            let optimizer = make(name, [ParameterGroup([p])], learningRate: 0.1)
            for _ in 0..<stepCount {
                optimizer.zeroGradients()
                p.squared().sum().backward()
                optimizer.step()
            }
            return optimizer
        }
        for first in allNames {
            let state = optimizer(first).savedState()
            for second in allNames {
                let other = optimizer(second)
                if first == second {
                    try other.restore(state)
                    continue
                }
                other.learningRate = 7
                let error = #expect(throws: StateError.self, "\(first) into \(second)") { try other.restore(state) }
                #expect(error?.owners?.state.lowercased() == first && error?.owners?.expected.lowercased() == second)
                #expect(other.learningRate == 7)
            }
        }
        let error = #expect(throws: StateError.self) { try optimizer("adamw").restore(optimizer("adam").savedState()) }
        #expect(error?.description == "the state is that of Adam, not of AdamW")
    }

    @Test func statesThatDoNotFitChangeNothing() throws {
        let p = Parameter([1.0, 2])
        let optimizer = Adam([p], learningRate: 0.1)
        p.sum().backward()
        optimizer.step()
        let fitting = optimizer.savedState()
        func error(_ change: (inout SavedState) -> Void) -> StateError? {
            var state = fitting
            state.numbers["learning_rate"] = 7
            change(&state)
            let error = #expect(throws: StateError.self) { try optimizer.restore(state) }
            #expect(optimizer.learningRate == 0.1)
            #expect(optimizer.savedState().numbers == fitting.numbers)
            return error
        }
        #expect(error { $0.tensors["0.exp_avg"] = nil }?.missing == ["0.exp_avg"])
        #expect(error { $0.tensors = [:] }?.missing == ["0.exp_avg", "0.exp_avg_sq"])
        for step in [nil, 0, 1.5, -1] { #expect(error { $0.numbers["0.step"] = step }?.missing == ["0.step"]) }
        #expect(
            error { $0.tensors["0.exp_avg_sq"] = .zeros([3]) }?.mismatched
                == ["0.exp_avg_sq is [3], the parameter is [2]"])
        #expect(error { $0.tensors["1.exp_avg"] = .zeros([2]) }?.unexpected == ["1.exp_avg"])
        // Of another optimizer.
        let state = make("rmsprop", [ParameterGroup([p])], learningRate: 1).savedState()
        #expect(error { $0.numbers.merge(state.numbers) { own, _ in own } }?.unexpected == ["alpha"])
    }
}

/// Misuse ends the process, and the text says of which parameter.
@Suite struct OptimizerMisuseTests {
    private func expectText(
        _ result: ExitTest.Result?, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        for part in parts { #expect(text.contains(part), "\(part) in: \(text)", sourceLocation: sourceLocation) }
    }

    @Test func statesOfTheOldType() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let net = Sequential(Linear(inputSize: 64, outputSize: 64))
            let optimizer = Adam(net.parameters())
            net(Tensor.ones([2, 64])).sum().backward()
            optimizer.step()
            net.cast(to: .float64)
            net(Tensor.ones([2, 64], dtype: .float64)).sum().backward()
            optimizer.step()
        }
        expectText(
            result, "step: the optimizer's state must have its parameter's shape, element type and device",
            "parameter 0.weight = float64 [64, 64]", "exp_avg            = float32 [64, 64]", "restore(savedState())")
    }

    @Test(.enabled(if: Device.cpu.isAvailable)) func statesOnTheOldDevice() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let net = Sequential(Linear(inputSize: 2, outputSize: 3)).to(.cpu)
            let optimizer = Adadelta(net.parameters())
            net(Tensor.ones([2, 2]).to(.cpu)).sum().backward()
            optimizer.step()
            net.to(.reference)
            net(Tensor.ones([2, 2]).to(.reference)).sum().backward()
            optimizer.step()
        }
        expectText(
            result, "parameter 0.weight = float32 [3, 2]    on reference",
            "square_avg         = float32 [3, 2]    on cpu",
            "restore(savedState())")
    }

    /// Told to the optimizer, a move is no fault.
    @Test func statesFollowAMove() throws {
        let p = Parameter([1.0, 2])
        let optimizer = Adagrad([p], learningRate: 1)
        p.sum().backward()
        optimizer.step()
        p.value = p.value.to(.reference).cast(to: .float64)
        optimizer.zeroGradients()
        try optimizer.restore(optimizer.savedState())
        p.sum().backward()
        optimizer.step()
        // 1, then 1/√2.
        let last = Double(0.5).squareRoot()
        expectClose(p.value.to(.current), Tensor([-last, 1 - last], dtype: .float64), 1e-6)
    }

    @Test func gradientsOfAnotherShape() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let net = Sequential(Linear(inputSize: 2, outputSize: 2))
            let optimizer = RMSprop(net.parameters())
            net(Tensor.ones([1, 2])).sum().backward()
            net.parameters()[0].value = .zeros([500, 500])
            optimizer.step()
        }
        expectText(
            result, "step: a gradient must have", "parameter 0.weight = float32 [500, 500]",
            "gradient           = float32 [2, 2]")
    }

    @Test func optionsOutOfRange() async {
        let beta = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Adam([], beta2: 1)
        }
        expectText(beta, "Adam: beta2 must be 0 or more and below 1, not 1.0")
        let rate = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Adadelta(groups: [ParameterGroup([], learningRate: .nan)])
        }
        expectText(rate, "Adadelta: learningRate must be a number of 0 or more, not nan")
        let momentum = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = AdamW(groups: [ParameterGroup([], momentum: 0.9)])
        }
        expectText(momentum, "AdamW: a group has momentum, which only SGD takes")
        let twice = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let p = Parameter([1.0])
            _ = Adagrad([p, p])
        }
        expectText(twice, "Adagrad: a parameter stands in the groups twice")
    }
}
