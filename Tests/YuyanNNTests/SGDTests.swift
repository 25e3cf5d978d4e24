import Testing
import Yuyan

@Suite struct SGDTests {
    /// CURRICULUM momentum: f = 0.1 x₁² + 2 x₂² from (−5, −2), 20 steps of v ← βv + g; p ← p − ηv.
    @Test(arguments: [(0.5, 0.007188, 0.002553), (0.25, -0.126340, -0.186632)])
    func momentumOfTheBook(momentum: Double, x1: Double, x2: Double) {
        let x = Parameter(Tensor([-5.0, -2], dtype: .float64))
        let optimizer = SGD([x], learningRate: 0.6, momentum: momentum)
        let scale = Tensor([0.1, 2.0], dtype: .float64)
        for _ in 0..<20 {
            optimizer.zeroGradients()
            (x.squared() * scale).sum().backward()
            optimizer.step()
        }
        expectClose(x.value, Tensor([x1, x2], dtype: .float64), 1e-6)
    }

    /// CURRICULUM learning-rate-choice: f = x² from 10, 10 steps.
    @Test(arguments: [(0.05, 3.486784), (0.2, 0.060466), (1.1, 61.917364)])
    func plainDescent(learningRate: Double, expected: Double) {
        let x = Parameter(Tensor([10.0], dtype: .float64))
        let optimizer = SGD([x], learningRate: learningRate)
        for _ in 0..<10 {
            optimizer.zeroGradients()
            x.squared().sum().backward()
            optimizer.step()
        }
        #expect(abs(x.value.item() - expected) < 1e-6)
    }

    /// g ← g + λp for the weights' group only; (1 − ηλ)p − ηg.
    @Test func weightDecayByGroup() {
        let weight = Parameter([2.0, -4.0])
        let bias = Parameter([1.0])
        let optimizer = SGD(
            groups: [ParameterGroup([weight], weightDecay: 3), ParameterGroup([bias])], learningRate: 0.1)
        (weight.sum() + bias.sum()).backward()
        optimizer.step()
        expectClose(weight.value, [1.3, -2.9], 1e-6)
        expectClose(bias.value, [0.9], 1e-6)
    }

    @Test func learningRatesOfGroupsCanBeChanged() {
        let a = Parameter([0.0])
        let b = Parameter([0.0])
        let optimizer = SGD(groups: [ParameterGroup([a]), ParameterGroup([b], learningRate: 1)], learningRate: 0.5)
        (a + b).sum().backward()
        optimizer.step()
        optimizer.groups[1].learningRate = 2
        optimizer.learningRate = 0.25
        optimizer.step()
        expectClose(a.value, [-0.75], 1e-6)
        expectClose(b.value, [-3.0], 1e-6)
    }

    @Test func parametersWithoutGradientStay() {
        let used = Parameter([1.0])
        let unused = Parameter([1.0])
        let optimizer = SGD([used, unused], learningRate: 0.1, weightDecay: 1)
        used.sum().backward()
        optimizer.step()
        #expect(unused.value.item() == 1)
        #expect(used.value.item() != 1)
    }

    @Test func stepLeavesCopiesOfTheValueAlone() {
        let weight = Parameter([1.0])
        let before = weight.value
        weight.sum().backward()
        SGD([weight], learningRate: 0.5).step()
        #expect(before.item() == 1)
        #expect(weight.value.item() == 0.5)
    }

    @Test func savedVelocityContinuesToTheBit() throws {
        func run(interrupted: Bool) throws -> [Float] {
            let x = Parameter([3.0, -2.0])
            var optimizer = SGD([x], learningRate: 0.1, momentum: 0.9)
            for step in 0..<6 {
                if interrupted && step == 3 {
                    let state = optimizer.savedState()
                    optimizer = SGD([x], learningRate: 0.1, momentum: 0.9)
                    try optimizer.restore(state)
                }
                optimizer.zeroGradients()
                x.squared().sum().backward()
                optimizer.step()
            }
            return x.value.array(of: Float.self)
        }
        #expect(try run(interrupted: true) == run(interrupted: false))
    }

    @Test func savedOptionsComeBack() throws {
        let x = Parameter([1.0])
        func optimizer() -> SGD {
            SGD(groups: [ParameterGroup([x]), ParameterGroup([], momentum: 0.5)], learningRate: 0.1)
        }
        let first = optimizer()
        first.learningRate = 0.3
        first.learningRateFactor = 0.5
        first.groups[1].momentum = 0.25
        let second = optimizer()
        try second.restore(first.savedState())
        #expect(second.learningRate == 0.3 && second.learningRateFactor == 0.5)
        #expect(second.groups[0].momentum == nil && second.groups[1].momentum == 0.25)
    }

    @Test func aStateThatDoesNotFitChangesNothing() {
        let x = Parameter([1.0, 2])
        let optimizer = SGD([x], learningRate: 0.1, momentum: 0.9)
        var state = optimizer.savedState()
        state.numbers["learning_rate"] = 7
        state.tensors = ["0.momentum_buffer": .zeros([3]), "1.momentum_buffer": .zeros([1])]
        let error = #expect(throws: StateError.self) { try optimizer.restore(state) }
        #expect(error?.mismatched == ["0.momentum_buffer is [3], the parameter is [2]"])
        #expect(error?.unexpected == ["1.momentum_buffer"])
        #expect(optimizer.learningRate == 0.1)
    }
}
